// Compares IgnoreRules with the installed git on random rule files and paths.
//
// Each random rule file becomes "<n>/.gitignore" of one repository, so that a single run of
// "git check-ignore" answers for all of them. Nothing but those files exists there: git takes the
// last part of a path that does not exist for a file, and the parts before it for folders.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/strings.h"
#include "support/process.h"
#include "support/temp_dir.h"
#include "text/ignore_rules.h"

namespace coderank {
namespace {

using testing::TempDir;

class GitRepository {
 public:
  GitRepository() { Run({"git", "init", "-q", "."}, {}); }

  void Write(const std::string& path, std::string_view text) const { folder_.Write(path, text); }

  // Per path the line of the rule that decided, or 0.
  std::map<std::string, uint32_t> DecidingLines(const std::vector<std::string>& paths) const {
    std::string input;
    for (const std::string& path : paths) input.append(path).push_back('\0');
    const std::string out =
        Run({"git", "check-ignore", "--no-index", "-z", "-v", "-n", "--stdin"}, input);
    std::vector<std::string> fields;
    for (size_t at = 0; at < out.size(); at += fields.back().size() + 1) {
      fields.push_back(out.substr(at, out.find('\0', at) - at));
    }
    std::map<std::string, uint32_t> lines;
    for (size_t i = 0; i + 3 < fields.size(); i += 4) {
      lines[fields[i + 3]] = static_cast<uint32_t>(std::atoi(fields[i + 1].c_str()));
    }
    return lines;
  }

 private:
  std::string Run(const std::vector<std::string>& command, const std::string& input) const {
    testing::ProcessOptions options;
    options.input = input;
    options.working_directory = folder_.path();
    options.environment = {{"HOME", folder_.path().native()},
                           {"GIT_CONFIG_NOSYSTEM", "1"},
                           {"XDG_CONFIG_HOME", ""},
                           {"GIT_DIR", ""},
                           {"GIT_CONFIG_GLOBAL", ""}};
    const testing::ProcessResult result = testing::RunProcess(command, options);
    EXPECT_LE(result.exit_code, 1) << result.err;
    return result.out;
  }

  TempDir folder_;
};

// What git does with one rule file: the folders from the top, then the path itself; the first
// excluded folder ends it.
uint32_t DecidingLine(const IgnoreRules& rules, std::string_view path) {
  const IgnoreRule* rule = nullptr;
  for (size_t end = 0; end != path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    rule = rules.LastMatch(path.substr(0, end), end != path.size());
    if (rule != nullptr && !rule->negated) break;
  }
  return rule == nullptr ? 0 : rule->line;
}

class Generator {
 public:
  size_t Below(size_t limit) { return random_() % limit; }

  std::string Path() {
    const bool plain = Below(2) == 0;
    std::string path;
    for (size_t parts = 1 + Below(4); parts > 0; --parts) {
      if (plain) {
        path += Pick({"a", "b", "ab", "foo", "foobar"});
        if (parts > 1) path += '/';
        continue;
      }
      path += Pick({"a", "b", "ab", "a.c", "foo", ".x", "a b", "[a]", "a*", "-", "]", "\\", "#a",
                    "!a", "a ", "\xC3\xA9", "x\ny", "foobar", "b^"});
      if (parts > 1) path += '/';
    }
    return path;
  }

  // Half of the patterns are plain enough to match often.
  std::string Pattern() {
    if (Below(2) == 0) {
      std::string pattern = Pick({"", "!", "/"});
      for (size_t parts = 1 + Below(3); parts > 0; --parts) {
        pattern += Pick({"a", "b", "*", "?", "foo", "**/", "/**", "/", "/**/", "[ab]", "*b"});
      }
      return pattern + Pick({"", "", "/"});
    }
    std::string pattern = Pick({"", "", "", "!", "/", "!/", "\\", "#"});
    for (size_t parts = 1 + Below(6); parts > 0; --parts) {
      pattern +=
          Pick({"a",    "b",      "*",           "*",       "**",       "?",      "/",
                "/",    "/**/",   "**/",         "foo",     ".",        "[ab]",   "[!a]",
                "[^a]", "[]a]",   "[a-c]",       "[",       "]",        "\\",     "\\*",
                "-",    "[a",     "[[:alpha:]]", "[[:x:]]", "\xC3\xA9", " ",      "\\ ",
                "!",    "[\\]]",  "[a-]",        "[--0]",   "[[:]",     "[[:]:]", "***",
                "bar",  "[^]-a]", "[!-~]",       "x",       "c",        "#",      "[b-\\a]"});
    }
    return pattern + Pick({"", "", "", "/", "  ", "\t", "\\ ", "/ ", "\r"});
  }

 private:
  std::string Pick(const std::vector<std::string>& from) { return from[Below(from.size())]; }

  std::mt19937 random_{20240607};
};

TEST(IgnoreRulesGitTest, RandomRulesDecideAsInGit) {
  constexpr size_t kFiles = 400;
  constexpr size_t kPathsPerFile = 100;
  const GitRepository repository;
  Generator generator;
  std::vector<std::string> texts(kFiles);
  std::vector<std::string> queries;
  for (size_t file = 0; file < kFiles; ++file) {
    for (size_t lines = 1 + generator.Below(4); lines > 0; --lines) {
      texts[file] += generator.Pattern() + "\n";
    }
    repository.Write(StrCat(file, "/.gitignore"), texts[file]);
    for (size_t i = 0; i < kPathsPerFile; ++i) {
      queries.push_back(StrCat(file, "/", generator.Path()));
    }
  }
  size_t decided = 0;
  const auto answers = repository.DecidingLines(queries);
  for (const auto& [query, line] : answers) {
    const size_t slash = query.find('/');
    const std::string& text = texts[std::stoul(query.substr(0, slash))];
    const IgnoreRules rules = IgnoreRules::Parse(text, "f");
    EXPECT_EQ(DecidingLine(rules, std::string_view(query).substr(slash + 1)), line)
        << "path <" << query << ">, rules:\n"
        << text;
    decided += line != 0 ? 1 : 0;
  }
  EXPECT_GT(answers.size(), kFiles * kPathsPerFile / 4);
  EXPECT_GT(decided, 5'000U);
}

TEST(IgnoreRulesGitTest, EveryByteInEveryNamedClass) {
  const std::vector<std::string> classes{"alnum", "alpha", "blank", "cntrl", "digit", "graph",
                                         "lower", "print", "punct", "space", "upper", "xdigit"};
  const GitRepository repository;
  std::vector<std::string> queries;
  for (const std::string& name : classes) {
    repository.Write(name + "/.gitignore", "x[[:" + name + ":]]y\n");
    for (int byte = 1; byte < 256; ++byte) {
      if (byte != '/') queries.push_back(name + "/x" + static_cast<char>(byte) + "y");
    }
  }
  const auto answers = repository.DecidingLines(queries);
  ASSERT_EQ(answers.size(), queries.size());
  for (const auto& [query, line] : answers) {
    const std::string name = query.substr(0, query.find('/'));
    const IgnoreRules rules = IgnoreRules::Parse("x[[:" + name + ":]]y", "f");
    EXPECT_EQ(DecidingLine(rules, query.substr(name.size() + 1)), line) << query;
  }
}

TEST(IgnoreRulesGitTest, WholeFilesReadAsInGit) {
  const std::vector<std::string> texts{
      "\xEF\xBB\xBF"
      "a\nb",
      "\xEF\xBB\xBF#a\r\nb\r\n",
      "a\r",
      "\r\n\na \r\n",
      "\n\n\n!b\na",
      std::string("a\0b\nfoo", 7),
      "\xEF\xBB\xBF\xEF\xBB\xBF"
      "a",
      "a \\\nb \\ \n"};
  const GitRepository repository;
  std::vector<std::string> queries;
  for (size_t i = 0; i < texts.size(); ++i) {
    repository.Write(StrCat(i, "/.gitignore"), texts[i]);
    for (const char* path : {"a", "b", "foo", "a\r", "#a", "b \\", "a \\", "b  "}) {
      queries.push_back(StrCat(i, "/", path));
    }
  }
  const auto answers = repository.DecidingLines(queries);
  ASSERT_EQ(answers.size(), queries.size());
  for (const auto& [query, line] : answers) {
    const IgnoreRules rules = IgnoreRules::Parse(texts[std::stoul(query)], "f");
    EXPECT_EQ(DecidingLine(rules, query.substr(query.find('/') + 1)), line) << query;
  }
}

}  // namespace
}  // namespace coderank
