// index, search, status, clear.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "ops/requests.h"
#include "print_json.h"

namespace coderank::cli {
namespace {

constexpr int kSnippetLines = 8;
constexpr size_t kSnippetColumns = 160;  // characters of a line that are shown
constexpr size_t kSkippedShown = 20;     // lines of `status`; --json has all

ProgressSink ProgressTo(Console& console) {
  return [&console](const IndexProgress& progress) { console.Progress(progress); };
}

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

unsigned long long Wide(uint64_t value) { return value; }

// "  12  code": the first lines of a snippet with their numbers.
std::string NumberedLines(const SearchResult& result, const Styler& styler) {
  std::string out;
  std::string_view rest = result.snippet;
  uint32_t line = result.start_line;
  for (int shown = 0; shown < kSnippetLines && !rest.empty(); ++shown, ++line) {
    const size_t end = rest.find('\n');
    std::string text =
        EscapeForTerminal(rest.substr(0, end == std::string_view::npos ? rest.size() : end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (text.ends_with("\\x0d")) text.resize(text.size() - 4);  // CRLF
    if (text.size() > kSnippetColumns) {
      size_t cut = kSnippetColumns;
      while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
      text = text.substr(0, cut) + "...";
    }
    std::array<char, 16> number{};
    std::snprintf(number.data(), number.size(), "%6u  ", line);
    out += styler.Faint(number.data()) + text + "\n";
  }
  return out;
}

// "1 file", "2 files".
std::string Counted(uint64_t count, std::string_view noun) {
  return StrCat(count, " ", noun, count == 1 ? "" : "s");
}

std::string SymbolOf(const SearchResult& result) {
  return result.scope.empty() ? result.symbol : StrCat(result.scope, ".", result.symbol);
}

// "lexical 0.80 + definition 3.00 + file 0.20, x 0.30 test file".
std::string Explanation(const SearchResult& result) {
  std::string text;
  for (const ScoreTerm& term : result.terms) {
    std::array<char, 32> value{};
    std::snprintf(value.data(), value.size(), "%.2f", term.value);
    if (term.is_factor) {
      text += StrCat(", x ", value.data(), " ", term.name);
    } else {
      text += StrCat(text.empty() ? "" : " + ", term.name, " ", value.data());
    }
  }
  return text;
}

void PrintResults(const SearchReport& report, bool files_only) {
  const Styler styler;
  for (const SearchResult& result : report.results) {
    const std::string path = EscapeForTerminal(result.path);
    if (files_only) {
      Print(StrCat(path, ":", result.start_line, "\n"));
      continue;
    }
    std::array<char, 32> score{};
    std::snprintf(score.data(), score.size(), "%.3f", result.score);
    std::string head = styler.Path(StrCat(path, ":", result.start_line, "-", result.end_line));
    if (!result.symbol.empty()) head += StrCat("  ", EscapeForTerminal(SymbolOf(result)));
    Print(StrCat(head, "  ", styler.Faint(score.data()), "\n"));
    if (!result.terms.empty()) Print(StrCat("    ", Explanation(result), "\n"));
    Print(StrCat(NumberedLines(result, styler), "\n"));
  }
}

// The command that refreshes the index of a tree, from wherever the user is, to paste into a shell.
std::string IndexCommand(const std::filesystem::path& root) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("/._-+@").find(c) != std::string_view::npos;
  };
  const std::string& path = root.native();
  if (std::all_of(path.begin(), path.end(), plain)) return StrCat("`coderank index ", path, "`");
  std::string quoted;
  for (const char c : path) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return StrCat("`coderank index '", quoted, "'`");
}

void NoteCoverage(Console& console, const SearchReport& report, bool words_wanted) {
  const Coverage& coverage = report.coverage;
  const bool embedded = words_wanted || coverage.embedded_chunks == coverage.chunks;
  if (embedded && coverage.complete) return;
  if (coverage.complete && coverage.embedded_chunks == 0) {
    console.Note(StrCat("answered by words alone, as no chunk has a vector yet; ",
                        IndexCommand(report.root), " makes them where a model is installed"));
    return;
  }
  console.Note(StrCat("the index is incomplete: ", coverage.embedded_chunks, " of ",
                      coverage.chunks, " chunks have a vector; run ", IndexCommand(report.root),
                      " to go on"));
}

// What a refresh could not take in before the answer.
void NoteFreshness(Console& console, const SearchReport& report) {
  const Freshness& f = report.freshness;
  const uint64_t behind = f.new_files + f.changed_files + f.removed_files;
  if (f.refreshed || behind == 0) return;
  console.Note(StrCat("the index is ", f.known ? "" : "at least ", Counted(behind, "file"),
                      " behind the tree; run ", IndexCommand(report.root)));
}

// Every chunk has some score, so there is a reason when none is shown.
void NoteNothingFound(Console& console, const SearchReport& report,
                      const ops::Arguments& arguments) {
  if (!report.results.empty()) return;
  if (report.coverage.chunks == 0) {
    console.Note(StrCat("nothing found: the index of ", report.root, " is empty; ",
                        "`coderank status` says what was left out"));
  } else if (arguments.Has("path") || arguments.Has("exclude") || arguments.Has("lang")) {
    console.Note("nothing found: no indexed file passes --path, --exclude and --lang");
  } else {
    console.Note("nothing found: no indexed file in this folder, or --offset is beyond the last");
  }
}

void PrintIndexReport(Console& console, const IndexReport& report) {
  const Coverage& coverage = report.coverage;
  std::string vectors = "no vectors";
  if (!report.model.empty()) {
    vectors = StrCat(
        report.chunks_embedded, " embedded now", report.chunks_from_cache == 0 ? "" : ", ",
        report.chunks_from_cache == 0 ? ""
                                      : StrCat(report.chunks_from_cache, " known from before"));
  }
  std::printf(
      "%s (%llu new, %llu changed, %llu removed), %s (%s) in %.1f s%s\n",
      Counted(coverage.files, "file").c_str(), Wide(report.files_added), Wide(report.files_changed),
      Wide(report.files_removed), Counted(coverage.chunks, "chunk").c_str(), vectors.c_str(),
      report.seconds,
      report.model.empty() ? "" : StrCat(" with ", EscapeForTerminal(report.model)).c_str());
  if (report.model.empty() || coverage.embedded_chunks == coverage.chunks) return;
  console.Note(StrCat(coverage.embedded_chunks, " of ", coverage.chunks, " chunks have a vector; ",
                      IndexCommand(report.root), " goes on, with --budget 0 to the end"));
}

void PrintExplanation(const PathExplanation& why, const std::filesystem::path& root) {
  const std::string path = why.path.empty() ? "." : EscapeForTerminal(why.path);
  if (why.indexed) Print(StrCat(path, ": is indexed\n"));
  if (!why.would_be) {
    const std::string detail =
        why.skipped.detail.empty() ? "" : StrCat(": ", EscapeForTerminal(why.skipped.detail));
    Print(StrCat(path, why.indexed ? ": would now be left out: " : ": left out: ",
                 EscapeForTerminal(why.skipped.reason), detail,
                 why.skipped.path == why.path
                     ? ""
                     : StrCat(" (by ", EscapeForTerminal(why.skipped.path), ")"),
                 "\n"));
  } else if (!why.indexed) {
    Print(StrCat(path, ": not indexed yet; no rule leaves it out. Run ",
                 EscapeForTerminal(IndexCommand(root)), "\n"));
  }
}

void PrintWithoutSyntax(const std::vector<SkippedFile>& files) {
  if (files.empty()) return;
  std::printf("by lines     %s that could not be cut by syntax\n",
              Counted(files.size(), "file").c_str());
  for (size_t i = 0; i < std::min(files.size(), kSkippedShown); ++i) {
    std::printf("  %s: %s\n", EscapeForTerminal(files[i].path).c_str(),
                EscapeForTerminal(files[i].detail).c_str());
  }
  if (files.size() > kSkippedShown) {
    std::printf("  and %zu more; --json lists them all\n", files.size() - kSkippedShown);
  }
}

void PrintStatus(const StatusReport& report) {
  const Coverage& c = report.coverage;
  std::printf("tree         %s\n", EscapeForTerminal(report.root.native()).c_str());
  std::printf("index        %s (%s)\n", EscapeForTerminal(report.index_folder.native()).c_str(),
              HumanBytes(report.index_bytes).c_str());
  std::printf("model        %s\n", EscapeForTerminal(report.model).c_str());
  std::printf("files        %llu indexed, %llu left out\n", Wide(c.files), Wide(c.skipped_files));
  std::printf("chunks       %llu, %llu with a vector\n", Wide(c.chunks), Wide(c.embedded_chunks));
  if (report.truncated_chunks > 0) {
    std::printf("             %llu longer than the model reads; their ends are not searched\n",
                Wide(report.truncated_chunks));
  }
  if (report.cut_chunks > 0) {
    std::printf("             %llu from lines longer than a chunk\n", Wide(report.cut_chunks));
  }
  std::printf(
      "last run     %s\n",
      report.indexed_at.empty()
          ? StrCat("not finished; run ", EscapeForTerminal(IndexCommand(report.root))).c_str()
          : EscapeForTerminal(report.indexed_at).c_str());
  std::map<std::string, uint64_t> reasons;
  for (const SkippedFile& file : report.skipped) ++reasons[file.reason];
  for (const auto& [reason, count] : reasons) {
    std::printf("left out     %llu %s\n", Wide(count), EscapeForTerminal(reason).c_str());
  }
  // What a rule leaves out is expected; what could not be read is not.
  size_t shown = 0;
  for (const SkippedFile& file : report.skipped) {
    if (file.reason == "ignored" || file.reason == "hidden") continue;
    if (++shown > kSkippedShown) continue;
    std::printf("  %s: %s%s%s\n", EscapeForTerminal(file.path).c_str(),
                EscapeForTerminal(file.reason).c_str(), file.detail.empty() ? "" : ": ",
                EscapeForTerminal(file.detail).c_str());
  }
  if (shown > kSkippedShown) {
    std::printf("  and %zu more; --json lists them all\n", shown - kSkippedShown);
  }
  PrintWithoutSyntax(report.without_syntax);
}

}  // namespace

Result<int> RunIndex(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  const IndexRequest request = ops::IndexRequestFrom(context.operation, arguments);
  CODERANK_ASSIGN(const IndexReport report,
                  context.engine.Index(request, ProgressTo(context.console), &context.cancel));
  context.console.EndProgress();
  if (arguments.Flag("json")) {
    PrintJson(ToJson(report));
    return kExitFound;
  }
  PrintIndexReport(context.console, report);
  return kExitFound;
}

Result<int> RunSearch(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  const std::string& query = arguments.Text("query");
  const std::string& directory = arguments.Text("directory");
  if (std::error_code error; !std::filesystem::exists(directory, error)) {
    return NotFound(StrCat(directory, ": no such folder (a question of several words has to be in ",
                           "quotes)"));
  }
  CODERANK_ASSIGN(const SearchReport report,
                  context.engine.Search(ops::SearchRequestFrom(context.operation, arguments),
                                        ProgressTo(context.console), &context.cancel));
  context.console.EndProgress();
  NoteCoverage(context.console, report, arguments.Text("mode") == "lexical");
  NoteFreshness(context.console, report);
  if (arguments.Flag("json")) {
    PrintJson(ToJson(report, query));
  } else {
    PrintResults(report, arguments.Flag("files-only"));
    NoteNothingFound(context.console, report, arguments);
  }
  return report.results.empty() ? kExitNothingFound : kExitFound;
}

Result<int> RunStatus(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  const StatusRequest request = ops::StatusRequestFrom(context.operation, arguments);
  CODERANK_ASSIGN(const StatusReport report, context.engine.IndexStatus(request));
  if (arguments.Flag("json")) {
    PrintJson(ToJson(report));
  } else if (report.explanation) {
    PrintExplanation(*report.explanation, report.root);
  } else {
    PrintStatus(report);
  }
  return kExitFound;
}

Result<int> RunClear(const CommandContext& context) {
  CODERANK_ASSIGN(const ClearReport report,
                  context.engine.Clear(context.arguments.Text("directory")));
  if (context.arguments.Flag("json")) {
    PrintJson({{"index", report.index_folder.native()}, {"bytes_freed", report.bytes_freed}});
  } else {
    std::printf("removed %s, %s\n", EscapeForTerminal(report.index_folder.native()).c_str(),
                HumanBytes(report.bytes_freed).c_str());
  }
  return kExitFound;
}

}  // namespace coderank::cli
