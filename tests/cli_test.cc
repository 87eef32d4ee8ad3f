// The command line as a script sees it: streams, exit statuses and the JSON contract.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <sstream>

#include "support/coderank_runner.h"
#include "support/tiny_model.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using testing::CoderankRunner;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::ProcessResult;
using ::testing::StartsWith;

class CliTest : public ::testing::Test {
 protected:
  CliTest() {
    const ProcessResult added = coderank_.AddTinyModel();
    EXPECT_EQ(added.exit_code, 0) << added.err;
  }

  void WriteSources() const {
    coderank_.Write("src/read.cc", "int ReadFile(const char* path) {\n  return Open(path);\n}\n");
    coderank_.Write("src/deep/write.py", "def write_file(path):\n    return open(path, 'w')\n");
    coderank_.Write("docs/guide.md", "# Guide\n\nHow to read the index.\n");
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

TEST_F(CliTest, HelpAndVersionGoToStandardOutput) {
  const ProcessResult help = coderank_.Run({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* verb : {"index", "search", "status", "embed", "model", "doctor", "clear"}) {
    EXPECT_THAT(help.out, HasSubstr(verb));
  }
  EXPECT_THAT(help.err, IsEmpty());
  for (const char* version : {"--version", "-V", "version"}) {
    EXPECT_THAT(coderank_.Run({version}).out, StartsWith("coderank 0.")) << version;
  }
  EXPECT_EQ(coderank_.Run({"help"}).out, help.out);
  EXPECT_EQ(coderank_.Run({"help", "model", "pull"}).out,
            coderank_.Run({"model", "pull", "--help"}).out);
  EXPECT_THAT(coderank_.Run({"search", "--help"}).out,
              AllOf(HasSubstr("--limit"), HasSubstr("QUERY")));
}

TEST_F(CliTest, WrongUseIsExit2WithAMessageOnStandardError) {
  const std::vector<std::vector<std::string>> wrong = {{},
                                                       {"serch"},
                                                       {"search"},
                                                       {"search", "x", "--no-such-flag"},
                                                       {"search", "x", "-k", "0"},
                                                       {"search", "x", "-k", "ten"},
                                                       {"search", "x", "-k", "1", "-k", "2"},
                                                       {"search", "  "},
                                                       {"model"},
                                                       {"model", "add"},
                                                       {"model", "add", "a", "b", "c"},
                                                       {"embed"},
                                                       {"embed", "x", "--jsonl"},
                                                       {"embed", "x", "--precision", "int3"},
                                                       {"index", "no/such/dir"}};
  for (const auto& arguments : wrong) {
    const ProcessResult result = coderank_.Run(arguments);
    EXPECT_EQ(result.exit_code, 2) << ::testing::PrintToString(arguments);
    EXPECT_THAT(result.err, StartsWith("coderank: error: "));
    EXPECT_THAT(result.out, IsEmpty());
  }
}

TEST_F(CliTest, MessagesUseTheWordsOfTheCommandLine) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"serach", "x"}, "\"serach\": unknown command; did you mean `coderank search`?"},
      {{"frobnicate"}, "\"frobnicate\": unknown command; known: index, search, "},
      {{"model", "pul"}, "\"model pul\": unknown command; did you mean `coderank model pull`?"},
      {{"model", "frob"}, "\"model frob\": unknown command; known: model add, model pull, "},
      {{"search", "x", "--jsn"}, "--jsn: unknown option of search; did you mean --json?"},
      {{"search", "x", "--top-k", "3"}, "--top-k: unknown option of search; did you mean -k?"},
      {{"search", "x", "--frob=3"}, "--frob: unknown option of search; see `coderank search --h"},
      {{"model", "list", "--frob"}, "--frob: unknown option of model list; see"},
      {{"search", "-timeout"}, "stands behind --: coderank search [OPTIONS] -- \"-timeout\""},
      {{"search", "-path:src timeout"}, "-- \"-path:src timeout\""},
      {{"search", "-lang:go timeout"}, "-- \"-lang:go timeout\""},
      {{"search", "x", "--json", "--jsonl"}, "--json and --jsonl do not go together"},
      {{"search", "x", "--json", "-l"}, "--json and --files-only do not go together"},
      {{"model"}, "model: expected a command; see `coderank model --help`"},
      {{"model", "add"}, "[NAME] PATH: is required"},
      {{"search"}, "QUERY: is required; see `coderank search --help`"},
      {{"search", "x", "-k", "0"}, "--limit: expected a whole number from 1"},
      {{"search", "how", "are", "files", "read"}, "has to be in quotes"},
      {{"search", "read", "file"}, "file: no such folder (a question of several words has to be"}};
  for (const auto& [arguments, message] : cases) {
    EXPECT_THAT(coderank_.Run(arguments).err, HasSubstr(message))
        << ::testing::PrintToString(arguments);
  }
}

TEST_F(CliTest, UsageSaysWhatMayBeLeftOut) {
  EXPECT_THAT(coderank_.Run({"search", "--help"}).out,
              HasSubstr("Usage: coderank search QUERY [DIR...] [OPTIONS]\n"));
  EXPECT_THAT(coderank_.Run({"model", "add", "--help"}).out,
              HasSubstr("Usage: coderank model add [NAME] PATH [OPTIONS]\n"));
}

TEST_F(CliTest, SearchIndexesOnFirstUseAndFollowsTheContract) {
  WriteSources();
  const ProcessResult first = coderank_.Run({"search", "--json", "-k", "2", "read a file"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  const json answer = json::parse(first.out);
  EXPECT_EQ(answer["query"], "read a file");
  ASSERT_EQ(answer["results"].size(), 2U);
  const json& result = answer["results"][0];
  EXPECT_TRUE(result["path"].is_string());
  EXPECT_GE(result["start_line"], 1);
  EXPECT_GE(result["end_line"], result["start_line"]);
  EXPECT_GT(result["score"], 0);
  EXPECT_GE(result["score"], answer["results"][1]["score"]);
  EXPECT_THAT(result["snippet"].get<std::string>(), Not(IsEmpty()));
  EXPECT_EQ(answer["coverage"]["files"], 3);
  EXPECT_EQ(answer["coverage"]["chunks"], answer["coverage"]["embedded_chunks"]);
  EXPECT_EQ(answer["coverage"]["complete"], true);
  EXPECT_TRUE(answer["timings_ms"]["total"].is_number());
}

TEST_F(CliTest, NothingFoundIsExit1WithTheSameJson) {
  const ProcessResult empty = coderank_.Run({"search", "--json", "anything"});
  EXPECT_EQ(empty.exit_code, 1) << empty.err;
  const json answer = json::parse(empty.out);
  EXPECT_THAT(answer["results"], IsEmpty());
  EXPECT_EQ(answer["coverage"]["chunks"], 0);
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  for (const char* language : {"Python", "py"}) {
    EXPECT_EQ(coderank_.Run({"search", "x", "--lang", language}).exit_code, 0) << language;
  }
}

TEST_F(CliTest, NothingFoundSaysWhichFilterLeftNothing) {
  WriteSources();
  coderank_.Write("empty/.keep", "");
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"\"no such phrase at all\""}, "nothing indexed matches \"no such phrase at all\""},
      {{"lang:go file"}, "nothing indexed matches lang:go"},
      {{"file", "--lang", "golang"}, "nothing indexed matches lang:golang"},
      {{"file path:lib -lang:python", "--path", "./x/**"},
       "nothing indexed matches path:./x/** or path:lib and -lang:python"},
      {{"file", "empty"}, "no file is indexed in empty"},
      {{"file", "--offset", "9"}, "offset leaves out all 3 results"},
      {{"zebra", "--mode", "lexical"}, "nothing indexed has a word of the query"}};
  for (const auto& [arguments, reason] : cases) {
    std::vector<std::string> command = {"search"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const ProcessResult none = coderank_.Run(command);
    EXPECT_EQ(none.exit_code, 1) << ::testing::PrintToString(arguments);
    EXPECT_EQ(none.err, "coderank: nothing found: " + reason + "\n");
    command.emplace_back("--json");
    EXPECT_EQ(coderank_.RunJson(command)["nothing_found"], reason);
  }
}

TEST_F(CliTest, FiltersThatCannotBeMeantAreErrors) {
  WriteSources();
  const std::string outside = coderank_.world().native() + "/elsewhere/**";
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"x", "--lang", "pyhton"}, "--lang: \"pyhton\" is no language that is known; did you mean"},
      {{"x lang:pyhton"}, "QUERY: lang:pyhton is no language that is known; did you mean python?"},
      {{"x", "--lang", "klingon"}, "known: ada, asciidoc, "},
      {{"x", "--path", "["}, "--path: \"[\" is no glob"},
      {{"x", "--exclude", "a["}, "--exclude: \"a[\" is no glob"},
      {{"x", "--path", outside}, "--path: \"" + outside + "\" lies outside of the folder"}};
  for (const auto& [arguments, message] : cases) {
    std::vector<std::string> command = {"search"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const ProcessResult refused = coderank_.Run(command);
    EXPECT_EQ(refused.exit_code, 2) << ::testing::PrintToString(arguments);
    EXPECT_THAT(refused.err, HasSubstr(message));
  }
  EXPECT_FALSE(std::filesystem::exists(coderank_.tree() / ".coderank")) << "nothing is indexed";
}

std::vector<std::string> Paths(const json& answer) {
  std::vector<std::string> paths;
  for (const json& result : answer["results"]) paths.push_back(result["path"]);
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST_F(CliTest, FolderInsideAnIndexedTreeIsAFilterWithRelativePaths) {
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  EXPECT_THAT(Paths(coderank_.RunJson({"search", "--json", "file", "src"})),
              ElementsAre("deep/write.py", "read.cc"));
  EXPECT_THAT(Paths(coderank_.RunJson({"search", "--json", "file", "src/deep"})),
              ElementsAre("write.py"));
  EXPECT_THAT(Paths(coderank_.RunJson({"search", "--json", "file", "src/read.cc"})),
              ElementsAre("read.cc"));
  EXPECT_FALSE(std::filesystem::exists(coderank_.tree() / "src/.coderank"));
}

// What a run leaves that is killed before its first commit.
TEST_F(CliTest, SearchAndIndexGoOnWhereAnIndexWasOnlyBegun) {
  WriteSources();
  const auto database = coderank_.tree() / ".coderank/index.db";
  for (const bool empty_file : {false, true}) {
    ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
    for (const char* end : {"", "-wal", "-shm"}) {
      std::filesystem::remove(database.native() + end);
    }
    if (empty_file) std::ofstream(database).close();
    const ProcessResult status = coderank_.Run({"status"});
    EXPECT_EQ(status.exit_code, 2);
    EXPECT_THAT(status.err, HasSubstr("run `coderank index`"));
    const ProcessResult found = coderank_.Run({"search", "file", "src", "-l"});
    EXPECT_EQ(found.exit_code, 0) << found.err;
    EXPECT_THAT(found.out, HasSubstr("read.cc:1\n")) << "still relative to src";
    EXPECT_FALSE(std::filesystem::exists(coderank_.tree() / "src/.coderank"));
  }
}

TEST_F(CliTest, ClearRemovesWhatAKilledWriteLeft) {
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  for (const char* name : {"root.Ab12cd", "id.Ab12cd", ".gitignore.Ab12cd"}) {
    coderank_.Write(std::filesystem::path(".coderank") / name, "half");
  }
  ASSERT_EQ(coderank_.Run({"clear"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(coderank_.tree() / ".coderank"));
}

TEST_F(CliTest, FiltersApplyBeforeTheBestAreChosen) {
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  // One result is wanted: had the filter come last, at most one of these could succeed.
  for (const auto& [filter, value, path] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"--lang", "python", "src/deep/write.py"},
           {"--lang", "cpp", "src/read.cc"},
           {"--path", "docs/", "docs/guide.md"},
           {"--path", "*.py", "src/deep/write.py"}}) {
    EXPECT_THAT(Paths(coderank_.RunJson({"search", "--json", "-k", "1", filter, value, "file"})),
                ElementsAre(path));
  }
  EXPECT_THAT(Paths(coderank_.RunJson({"search", "--json", "file", "--exclude", "src/"})),
              ElementsAre("docs/guide.md"));
  EXPECT_EQ(coderank_.Run({"search", "file", "--path", "#none"}).exit_code, 1)
      << "a glob is not a comment";
}

TEST_F(CliTest, FiltersAloneAreAQuestion) {
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  for (const char* mode : {"lexical", "hybrid"}) {
    EXPECT_THAT(Paths(coderank_.RunJson({"search", "--json", "--mode", mode, "lang:cpp"})),
                ElementsAre("src/read.cc"))
        << mode;
  }
}

TEST_F(CliTest, OffsetContinuesTheList) {
  WriteSources();
  const json all = coderank_.RunJson({"search", "--json", "-k", "3", "file"});
  const json rest = coderank_.RunJson({"search", "--json", "-k", "2", "--offset", "1", "file"});
  ASSERT_EQ(rest["results"].size(), 2U);
  EXPECT_EQ(rest["results"][0], all["results"][1]);
  EXPECT_EQ(rest["results"][1], all["results"][2]);
}

TEST_F(CliTest, HumanOutputIsGrepLike) {
  WriteSources();
  EXPECT_THAT(coderank_.Run({"search", "file", "-l", "--path", "*.cc"}).out,
              ::testing::StrEq("src/read.cc:1\n"));
  const ProcessResult shown = coderank_.Run({"search", "file", "--path", "*.cc"});
  EXPECT_THAT(shown.out, AllOf(StartsWith("src/read.cc:1-3  "), HasSubstr("return Open(path)"),
                               Not(HasSubstr("\x1b"))));
  EXPECT_THAT(coderank_.Run({"search", "file", "-q"}).err, IsEmpty());
}

double SquaredLength(const json& vector) {
  double square = 0;
  for (const json& value : vector) square += std::pow(value.get<double>(), 2);
  return square;
}

TEST_F(CliTest, EmbedKeepsOrderAndGivesIdsAndRawVectors) {
  const std::string input =
      "{\"text\": \"int a\"}\n\n{\"text\": \"\"}\n{\"text\": \"return the file\"}\n";
  const ProcessResult result =
      coderank_.Run({"embed", "--model", "tiny", "--jsonl", "--token-ids"}, input);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::vector<json> lines;
  std::istringstream stream(result.out);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  ASSERT_EQ(lines.size(), 3U);
  for (const json& line : lines) {
    EXPECT_EQ(line["vector"].size(), 32U);
    EXPECT_EQ(line["tokens"], line["ids"].size());
    EXPECT_NEAR(SquaredLength(line["vector"]), 1, 1e-5);
  }
  EXPECT_THAT(lines[1]["ids"], ElementsAre(2, 3)) << "[CLS] [SEP]";
  EXPECT_EQ(lines[2]["tokens"], 5);
  const json raw =
      json::parse(coderank_.Run({"embed", "--model", "tiny", "--no-normalize", "int a"}).out);
  EXPECT_GT(std::abs(SquaredLength(raw["vector"]) - 1), 1e-3);
  EXPECT_FALSE(raw.contains("ids"));
}

TEST_F(CliTest, EmbedTakesIllFormedBytesAsReplacementCharacters) {
  const auto embed = [&](const std::string& text) {
    return coderank_.Run({"embed", "--jsonl", "--token-ids"}, "{\"text\": \"" + text + "\"}\r\n")
        .out;
  };
  EXPECT_THAT(embed("a\xff b"), StartsWith("{\"vector\":"));
  EXPECT_EQ(embed("a\xff b"), embed("a\xef\xbf\xbd b"));
  EXPECT_EQ(coderank_.Run({"embed", "--jsonl"}, "").exit_code, 0) << "no line, no vector";
}

TEST_F(CliTest, EmbedReadsNoMoreOfALineThanItsLimit) {
  const ProcessResult result =
      coderank_.Run({"embed", "--jsonl"}, "{\"text\": \"a\"}\n" + std::string(70 << 20, 'x'));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("standard input, line 2: longer than"));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1);
}

TEST_F(CliTest, EmbedAnswersALineBeforeTheNextIsWritten) {
  const std::string script = "coproc P { " CODERANK_PROGRAM
                             " embed --jsonl; }\n"
                             "for i in 1 2 3; do\n"
                             "  echo '{\"text\": \"int a\"}' >&${P[1]}\n"
                             "  read -t 30 -r line <&${P[0]} || exit 8\n"
                             "  [[ $line == '{\"vector\":'* ]] || exit 9\n"
                             "done\n";
  EXPECT_EQ(
      testing::RunProcess({"/bin/bash", "-c", script}, {.input = {},
                                                        .environment = coderank_.environment(),
                                                        .working_directory = coderank_.tree()})
          .exit_code,
      0);
}

TEST_F(CliTest, OutputThatCannotBeWrittenIsAnError) {
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  const std::string program = CODERANK_PROGRAM;
  const auto shell = [&](const std::string& command) {
    return testing::RunProcess({"/bin/bash", "-c", "exec 2>&1; " + command},
                               {.input = "{\"text\": \"a\"}\n",
                                .environment = coderank_.environment(),
                                .working_directory = coderank_.tree()});
  };
  for (const char* command :
       {" search -q file >/dev/full", " --help >/dev/full", " search -q file --json >&-",
        " embed --jsonl >/dev/full", " status >&-"}) {
    const ProcessResult result = shell(program + command);
    EXPECT_EQ(result.exit_code, 2) << command;
    EXPECT_THAT(result.out, HasSubstr("standard output")) << command;
  }
}

// As with other tools: `coderank search ... | head -1` is no error.
TEST_F(CliTest, AReaderThatLeftIsNoError) {
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  // Descriptor 4 is a pipe that nobody has open for reading.
  const auto unread = [&](const std::string& arguments, const std::string& before = "") {
    return testing::RunProcess(
        {"/bin/bash", "-c",
         "mkfifo pipe; exec 3<>pipe 4>pipe 3>&-; rm pipe; " + before +
             "env --default-signal=PIPE timeout 20 " + CODERANK_PROGRAM + arguments + " >&4"},
        {.input = {},
         .environment = coderank_.environment(),
         .working_directory = coderank_.world()});
  };
  for (const char* arguments : {" search -q file tree", " search -q file tree --json", " --help"}) {
    const ProcessResult result = unread(arguments);
    EXPECT_EQ(result.exit_code, 0) << arguments;
    EXPECT_EQ(result.err, "") << arguments;
  }
  // Its input has no end: what follows the first answer is not embedded.
  const ProcessResult embedded =
      unread(" embed --jsonl", "yes '{\"text\": \"int a\"}' 2>/dev/null | ");
  EXPECT_EQ(embedded.exit_code, 0);
  EXPECT_EQ(embedded.err, "");
}

// Two folders that differ only in the Normalize module: the same vectors, the same search.
TEST_F(CliTest, ModelWithoutNormalizeModuleStillGivesUnitVectors) {
  const auto folder = coderank_.world() / "raw-model";
  testing::WriteTinyModel(folder, {.normalize = false});
  ASSERT_EQ(coderank_.Run({"model", "add", "raw", folder.native()}).exit_code, 0);
  EXPECT_EQ(coderank_.RunJson({"model", "info", "raw", "--json"})["normalize"], false);

  const auto embed = [this](const std::string& model, const std::string& flag) {
    return coderank_.RunJson({"embed", "--model", model, flag, "return the file"})["vector"];
  };
  EXPECT_NEAR(SquaredLength(embed("raw", "--quiet")), 1, 1e-5);
  EXPECT_EQ(embed("raw", "--quiet"), embed("tiny", "--quiet"));
  EXPECT_GT(std::abs(SquaredLength(embed("raw", "--no-normalize")) - 1), 1e-3);
  EXPECT_EQ(embed("raw", "--no-normalize"), embed("tiny", "--no-normalize"));

  WriteSources();
  const std::string text = "int ReadFile(const char* path) {\n  return Open(path);\n}\n";
  const json answer = coderank_.RunJson(
      {"search", "--json", "--mode", "semantic", "--model", "raw", "-k", "3", text});
  ASSERT_EQ(answer["results"].size(), 3U);
  EXPECT_EQ(answer["results"][0]["path"], "src/read.cc") << "a text is nearest to itself";
}

TEST_F(CliTest, EmbedNamesTheBadLineAfterAnsweringTheOthers) {
  for (const char* bad :
       {"{\"text\": 5}", "{\"txt\": \"a\"}", "nonsense", "[]", "{\"text\": \"a\""}) {
    const ProcessResult result = coderank_.Run(
        {"embed", "--jsonl"}, "{\"text\": \"a\"}\n" + std::string(bad) + "\n{\"text\": \"b\"}\n");
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("standard input, line 2: expected {\"text\""));
    EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1);
  }
}

TEST_F(CliTest, ModelsAreAddedOnceListedShownAndVerified) {
  EXPECT_THAT(coderank_.AddTinyModel().out, StartsWith("already installed: tiny"));
  const json info = coderank_.RunJson({"model", "info", "tiny", "--json"});
  EXPECT_EQ(info["dimension"], 32);
  EXPECT_EQ(info["pooling"], "mean");
  EXPECT_EQ(info["normalize"], true);
  EXPECT_EQ(coderank_.RunJson({"model", "list", "--json"})["models"].size(), 1U);
  EXPECT_EQ(coderank_.Run({"model", "verify", "tiny"}).exit_code, 0);

  const ProcessResult other = coderank_.AddTinyModel(2);
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, AllOf(HasSubstr("another model of that name"), HasSubstr("--replace")));
  EXPECT_EQ(coderank_.Run({"model", "add", "tiny", "../model-2", "--replace"}).exit_code, 0);
  const json replaced = coderank_.RunJson({"model", "info", "tiny", "--json"});
  EXPECT_NE(replaced["fingerprint"], info["fingerprint"]);

  const auto weights =
      std::filesystem::path(replaced["folder"].get<std::string>()) / "model.safetensors";
  std::fstream file(weights, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-1, std::ios::end);
  file.put('\x3c');
  file.close();
  const ProcessResult damaged = coderank_.Run({"model", "verify", "tiny"});
  EXPECT_EQ(damaged.exit_code, 2);
  EXPECT_THAT(damaged.err, HasSubstr("model.safetensors"));
}

TEST_F(CliTest, AModelIsRemovedAndNothingBesideIt) {
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  ASSERT_EQ(coderank_.AddTinyModel(2, "other").exit_code, 0);
  const json models = coderank_.RunJson({"model", "list", "--json"})["models"];
  const std::filesystem::path folder = models[1]["folder"].get<std::string>();
  ASSERT_EQ(folder.filename(), "tiny");
  const ProcessResult unknown = coderank_.Run({"model", "remove", "tyni"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("tyni is not installed (installed: other, tiny)"));
  for (const char* outside : {"../models", "..", "."}) {
    EXPECT_EQ(coderank_.Run({"model", "remove", outside}).exit_code, 2) << outside;
  }
  // A link is the user's own, and so is what it leads to.
  const std::filesystem::path kept = coderank_.world() / "kept";
  std::filesystem::copy(folder, kept, std::filesystem::copy_options::recursive);
  std::filesystem::create_directory_symlink(kept, folder.parent_path() / "linked");
  EXPECT_EQ(coderank_.Run({"model", "remove", "linked"}).exit_code, 2);
  EXPECT_TRUE(std::filesystem::exists(kept / "record.json"));

  const json removed = coderank_.RunJson({"model", "remove", "tiny", "--json"});
  EXPECT_EQ(removed["name"], "tiny");
  EXPECT_GT(removed["bytes"], models[1]["bytes"]) << "with its record";
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_TRUE(std::filesystem::exists(folder.parent_path() / "other"));
  EXPECT_EQ(coderank_.Run({"model", "remove", "tiny"}).exit_code, 2) << "again";
  const ProcessResult search = coderank_.Run({"search", "file"});
  EXPECT_EQ(search.exit_code, 0) << search.err;
  EXPECT_THAT(search.err, HasSubstr("tiny is not installed"));
  // What cannot be read can be removed.
  std::ofstream(folder.parent_path() / "other" / "record.json") << "{";
  EXPECT_EQ(coderank_.Run({"model", "remove", "other"}).exit_code, 0);
}

TEST_F(CliTest, DamagedModelIsMendedByAddingItAgain) {
  const auto models = coderank_.world() / "home/.local/share/coderank/models";
  const auto weights = models / "tiny/model.safetensors";
  std::filesystem::resize_file(weights, 100);
  EXPECT_THAT(coderank_.AddTinyModel().out, StartsWith("installed tiny")) << "its size is wrong";
  EXPECT_EQ(coderank_.Run({"model", "verify", "tiny"}).exit_code, 0);

  std::fstream(weights, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(-1, std::ios::end)
      .put('\x3c');
  EXPECT_EQ(coderank_.Run({"model", "verify", "tiny"}).exit_code, 2);
  EXPECT_EQ(coderank_.Run({"model", "add", "tiny", "../model-1", "--replace"}).exit_code, 0);
  EXPECT_EQ(coderank_.Run({"model", "verify", "tiny"}).exit_code, 0);
}

TEST_F(CliTest, ModelAddedFromAnInstalledFolderIsTheSameModel) {
  std::ofstream(coderank_.world() / "model-1/1_Pooling/config.json")
      << R"({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false})";
  ASSERT_EQ(coderank_.Run({"model", "add", "cls", "../model-1"}).exit_code, 0);
  const json info = coderank_.RunJson({"model", "info", "cls", "--json"});
  ASSERT_EQ(info["pooling"], "cls");
  ASSERT_EQ(coderank_.Run({"model", "add", "copy", info["folder"]}).exit_code, 0);
  const json copy = coderank_.RunJson({"model", "info", "copy", "--json"});
  EXPECT_EQ(copy["pooling"], "cls");
  EXPECT_EQ(copy["fingerprint"], info["fingerprint"]);
  EXPECT_THAT(coderank_.Run({"model", "add", "cls", info["folder"]}).out,
              StartsWith("already installed"));
}

TEST_F(CliTest, LeftoversOfAKilledAdditionAreRemovedAndForeignFoldersAreNot) {
  const auto models = coderank_.world() / "home/.local/share/coderank/models";
  std::filesystem::create_directories(models / ".adding-a1b2c3/tiny");
  std::filesystem::create_directories(models / "mine/precious");
  const ProcessResult refused = coderank_.Run({"model", "add", "mine", "../model-1"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("models/mine"), HasSubstr("--replace")));
  EXPECT_TRUE(std::filesystem::exists(models / "mine/precious"));
  EXPECT_EQ(coderank_.Run({"model", "add", "other", "../model-1"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(models / ".adding-a1b2c3"));
}

TEST_F(CliTest, SameModelAddedByTwoRunsAtOnce) {
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    const pid_t first = coderank_.Start({"model", "add", name, "../model-1"});
    const pid_t second = coderank_.Start({"model", "add", name, "../model-1"});
    EXPECT_EQ(testing::WaitProcess(first), 0);
    EXPECT_EQ(testing::WaitProcess(second), 0);
  }
}

TEST_F(CliTest, ModelNamesCannotLeaveTheFolder) {
  for (const char* name : {"../x", "a/b", ".hidden", "", "-x"}) {
    EXPECT_EQ(coderank_.Run({"model", "add", "--", name, "../model-1"}).exit_code,
              *name == '\0' ? 0 : 2)
        << name;
  }
  EXPECT_EQ(coderank_.Run({"embed", "--model", "../../etc", "x"}).exit_code, 2);
}

TEST_F(CliTest, VectorsOfDifferentModelsNeverMeet) {
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  ASSERT_EQ(coderank_.AddTinyModel(2, "other").exit_code, 0);
  EXPECT_EQ(coderank_.Run({"search", "file"}).exit_code, 0) << "the index's model is used";
  for (const char* verb : {"search", "index"}) {
    std::vector<std::string> arguments = {verb, "--model", "other"};
    if (std::string(verb) == "search") arguments.emplace_back("file");
    const ProcessResult mixed = coderank_.Run(arguments);
    EXPECT_EQ(mixed.exit_code, 2);
    EXPECT_THAT(mixed.err, AllOf(HasSubstr("fingerprint"), HasSubstr("coderank clear")));
  }
  ASSERT_EQ(coderank_.Run({"model", "add", "tiny", "../model-2", "--replace"}).exit_code, 0);
  EXPECT_EQ(coderank_.Run({"search", "file"}).exit_code, 2) << "same name, other weights";
  ASSERT_EQ(coderank_.Run({"clear"}).exit_code, 0);
  EXPECT_EQ(coderank_.Run({"search", "file", "--model", "other"}).exit_code, 0);
}

TEST_F(CliTest, WithoutAModelTheMessageSaysHowToGetOne) {
  CoderankRunner bare(CODERANK_PROGRAM);
  bare.Write("a.cc", "int a;\n");
  EXPECT_THAT(bare.Run({"model", "info"}).err, HasSubstr("coderank model add"));
  const ProcessResult indexed = bare.Run({"index"});
  EXPECT_EQ(indexed.exit_code, 0) << "files are cut for lexical search";
  EXPECT_THAT(indexed.err,
              AllOf(HasSubstr("lexical search only"), HasSubstr("coderank model add")));
}

TEST_F(CliTest, ModelThatWasAskedForAndIsMissingIsAnErrorBeforeAnIndexIsBegun) {
  CoderankRunner bare(CODERANK_PROGRAM);
  bare.Write("a.cc", "int a;\n");
  EXPECT_EQ(bare.Run({"index", "--model", "other"}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(bare.tree() / ".coderank")) << "nothing is left behind";
}

TEST_F(CliTest, StatusCountsAndExplains) {
  WriteSources();
  coderank_.Write(".gitignore", "*.log\n");
  coderank_.Write("a.log", "x\n");
  coderank_.Write("data.bin", std::string_view("a\0b", 3));
  EXPECT_EQ(coderank_.Run({"status"}).exit_code, 2) << "no index yet";
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  const json status = coderank_.RunJson({"status", "--json"});
  EXPECT_EQ(status["coverage"]["files"], 3);
  EXPECT_EQ(status["model"], "tiny");
  const json why = coderank_.RunJson({"status", "--json", "--why", "a.log"})["why"];
  EXPECT_EQ(why["indexed"], false);
  EXPECT_EQ(why["skipped"]["reason"], "ignored");
  EXPECT_THAT(why["skipped"]["detail"].get<std::string>(), HasSubstr(".gitignore:1: *.log"));
  EXPECT_THAT(coderank_.Run({"status", "--why", "data.bin"}).out, HasSubstr("binary"));
  EXPECT_THAT(coderank_.Run({"status", "--why", "src/read.cc"}).out, HasSubstr("is indexed"));
  EXPECT_THAT(coderank_.Run({"status", "src", "--why", "read.cc"}).out, HasSubstr("is indexed"));
  coderank_.Write("new.cc", "int x;\n");
  EXPECT_THAT(coderank_.Run({"status", "--why", "new.cc"}).out, HasSubstr("not indexed yet"));
  EXPECT_EQ(coderank_.Run({"status", "--why", "../outside"}).exit_code, 2);
  for (const char* folder : {"src", "src/", "src/deep", ".", ""}) {
    EXPECT_THAT(coderank_.Run({"status", "--why", folder}).out, HasSubstr("is indexed")) << folder;
  }
  const auto link = coderank_.world() / "link";
  std::filesystem::create_directory_symlink(coderank_.tree(), link);
  for (const auto& path : {coderank_.tree() / "src/read.cc", link / "src/read.cc", link / "src/"}) {
    EXPECT_THAT(coderank_.Run({"status", "--why", path.native()}).out, HasSubstr("is indexed"));
  }
  std::filesystem::create_directories(coderank_.tree() / "sr");
  EXPECT_THAT(coderank_.Run({"status", "--why", "sr"}).out, HasSubstr("not indexed yet"));
}

TEST_F(CliTest, StatusSaysWhatVectorsDoNotSee) {
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index", "--max-tokens", "3"}).exit_code, 0);
  EXPECT_THAT(coderank_.Run({"status"}).out,
              HasSubstr("3 longer than the model reads; vectors do not see their ends"));
}

TEST_F(CliTest, StatusStaysShortWhereMuchIsLeftOut) {
  for (int i = 0; i < 30; ++i) coderank_.Write("b" + std::to_string(i), std::string_view("\0", 1));
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  EXPECT_THAT(coderank_.Run({"status"}).out, HasSubstr("  and 10 more; --json lists them all\n"));
  EXPECT_GE(coderank_.RunJson({"status", "--json"})["skipped"].size(), 30U);
}

TEST_F(CliTest, RefreshTouchesOnlyWhatChanged) {
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  coderank_.Write("src/read.cc", "int ReadFile(const char* path) {\n  return Other(path);\n}\n");
  std::filesystem::remove(coderank_.tree() / "docs/guide.md");
  std::filesystem::rename(coderank_.tree() / "src/deep/write.py", coderank_.tree() / "w.py");
  const json report = coderank_.RunJson({"index", "--json"});
  EXPECT_EQ(report["files_added"], 1);
  EXPECT_EQ(report["files_changed"], 1);
  EXPECT_EQ(report["files_removed"], 2);
  EXPECT_EQ(report["chunks_embedded"], 1) << "a renamed file keeps its vectors";
  EXPECT_EQ(report["coverage"]["files"], 2);
}

TEST_F(CliTest, TouchedFileIsUnchanged) {
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  for (const char* name : {"src/read.cc", "docs/guide.md"}) {
    std::filesystem::last_write_time(
        coderank_.tree() / name,
        std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  }
  const json report = coderank_.RunJson({"index", "--json"});
  EXPECT_EQ(report["files_changed"], 0);
  EXPECT_EQ(report["files_unchanged"], 3);
}

TEST_F(CliTest, DoctorShowsSettingsAndTheirOrigin) {
  coderank_.environment()["CODERANK_THREADS"] = "1";
  const json report = coderank_.RunJson({"doctor", "--json"});
  EXPECT_EQ(report["threads"], 1);
  bool found = false;
  for (const json& setting : report["settings"]) {
    if (setting["key"] != "threads") continue;
    found = true;
    EXPECT_EQ(setting["origin"], "environment CODERANK_THREADS");
  }
  EXPECT_TRUE(found);
  coderank_.environment()["CODERANK_FORCE_ISA"] = "scalar";
  EXPECT_EQ(coderank_.RunJson({"doctor", "--json"})["kernels"], "scalar");
  coderank_.environment()["CODERANK_FORCE_ISA"] = "sse9";
  EXPECT_EQ(coderank_.Run({"doctor"}).exit_code, 2);
}

TEST_F(CliTest, DoctorDoesNotCallAModelGoodThatIsNotThere) {
  coderank_.environment()["CODERANK_MODEL"] = "none-such";
  const json report = coderank_.RunJson({"doctor", "--json"});
  for (const json& check : report["checks"]) {
    if (!check["name"].get<std::string>().starts_with("model")) continue;
    EXPECT_EQ(check["ok"], false) << check;
    EXPECT_THAT(check["detail"].get<std::string>(), HasSubstr("none-such is not installed"));
  }
}

TEST_F(CliTest, ClearRemovesTheIndexAndNothingElse) {
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  coderank_.Write(".coderank/mine.txt", "kept");
  ASSERT_EQ(coderank_.Run({"clear"}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(coderank_.tree() / ".coderank/mine.txt"));
  EXPECT_FALSE(std::filesystem::exists(coderank_.tree() / ".coderank/index.db"));
  EXPECT_EQ(coderank_.Run({"clear"}).exit_code, 2) << "nothing to remove";
  EXPECT_TRUE(std::filesystem::exists(coderank_.tree() / "src/read.cc"));
}

TEST_F(CliTest, ClearRemovesWhatAKilledRunLeft) {
  WriteSources();
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  for (const char* left : {"index.db-journal", "words.base.Xy12ab", "words.delta.Xy12ab",
                           "vectors.base.Xy12ab", "vectors.delta.Xy12ab", "run.Xy12ab"}) {
    coderank_.Write(std::string(".coderank/") + left, "cut short");
  }
  ASSERT_EQ(coderank_.Run({"clear"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(coderank_.tree() / ".coderank"));
  // A folder that stayed would be taken for somebody else's.
  const json index = coderank_.RunJson({"index", "--json"});
  EXPECT_EQ(index["index"], (coderank_.tree() / ".coderank").native());
}

TEST_F(CliTest, IndexElsewhereLeavesTheTreeAlone) {
  WriteSources();
  const std::string folder = (coderank_.world() / "elsewhere").native();
  ASSERT_EQ(coderank_.Run({"index", "--index", folder}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(coderank_.tree() / ".coderank"));
  EXPECT_EQ(coderank_.Run({"search", "file", "--index", folder}).exit_code, 0);
  EXPECT_EQ(coderank_.Run({"search", "file", "..", "--index", folder}).exit_code, 2);
}

}  // namespace
}  // namespace coderank
