// search and find-related.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <string>
#include <system_error>

#include "ask_server.h"
#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "index_notes.h"
#include "ops/qualified_name.h"
#include "ops/requests.h"
#include "print_json.h"

namespace coderank::cli {
namespace {

constexpr size_t kSnippetLines = 8;
constexpr size_t kSnippetColumns = 160;  // characters of a line that are shown

// "  12  code": the first lines of a text with their numbers, which begin at `line`.
std::string NumberedLines(std::string_view rest, size_t line, size_t most, const Styler& styler) {
  std::string out;
  for (size_t shown = 0; shown < most && !rest.empty(); ++shown, ++line) {
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
    std::snprintf(number.data(), number.size(), "%6zu  ", line);
    out += styler.Faint(number.data()) + text + "\n";
  }
  return out;
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

// The chunk and the lines around it, which are faint.
std::string Text(const SearchResult& result, size_t most, const Styler& styler) {
  // The line end that the last one lacks: it may be all that there is of it.
  const auto around = [&styler](const std::string& lines, uint32_t count, size_t first) {
    return count == 0 ? "" : NumberedLines(lines + "\n", first, count, styler);
  };
  std::string text =
      around(result.before, result.before_lines, result.start_line - result.before_lines);
  text += NumberedLines(result.snippet, result.start_line, most, styler);
  if (result.snippet_cut) text += styler.Faint("        ...") + "\n";
  return text + around(result.after, result.after_lines, result.end_line + 1);
}

void PrintResults(const SearchReport& report, const ops::Arguments& arguments) {
  const Styler styler;
  // Who says how much text is wanted gets it.
  const bool whole = arguments.Integer("context") > 0 || arguments.Integer("max-tokens") > 0;
  for (const SearchResult& result : report.results) {
    const std::string path = EscapeForTerminal(result.path);
    if (arguments.Flag("files-only")) {
      Print(StrCat(path, ":", result.start_line, "\n"));
      continue;
    }
    std::array<char, 32> score{};
    std::snprintf(score.data(), score.size(), "%.3f", result.score);
    std::string head = styler.Path(StrCat(path, ":", result.start_line, "-", result.end_line));
    const std::string name = ops::QualifiedName(result);
    if (!name.empty()) head += StrCat("  ", EscapeForTerminal(name));
    Print(StrCat(head, "  ", styler.Faint(score.data()), "\n"));
    if (!result.terms.empty()) Print(StrCat("    ", Explanation(result), "\n"));
    Print(StrCat(Text(result, whole ? std::string::npos : kSnippetLines, styler), "\n"));
  }
}

void PrintJsonLines(const SearchReport& report, const Json& question) {
  for (const SearchResult& result : report.results) {
    Json line = {{"type", "result"}};
    line.update(ToJson(result));
    PrintJson(line);
  }
  Json last = {{"type", "answer"}};
  last.update(question);
  last["results"] = report.results.size();
  last.update(server::AboutAnswer(report));
  PrintJson(last);
}

void NoteNothingFound(Console& console, const SearchReport& report) {
  if (!report.results.empty()) return;
  if (report.coverage.chunks == 0) {
    console.Note(StrCat("nothing found: the index of ", report.root, " is empty; ",
                        "`coderank status` says what was left out"));
  } else {
    console.Note(StrCat("nothing found: ", report.nothing_found));
  }
}

void NoteReranking(Console& console, const SearchReport& report) {
  if (!report.rerank) return;
  const RerankReport& done = *report.rerank;
  const auto rounded = [](double milliseconds) { return std::lround(milliseconds); };
  std::string text =
      StrCat(done.model, " judged ", done.judged, " of ", Counted(done.candidates, "candidate"),
             " in ", rounded(done.taken_ms), " ms");
  if (done.shortened() && done.budget_ms) {
    text += StrCat("; the budget is ", rounded(*done.budget_ms), " ms");
    if (done.predicted_ms) {
      text += StrCat(", and all of them would take ", rounded(*done.predicted_ms));
    }
  }
  if (done.truncated > 0) {
    text += StrCat("; ", done.truncated, " of them longer than it reads");
  }
  console.Note(text);
}

// Of two forms of output one would be passed over.
Status CheckOneForm(const ops::Arguments& arguments) {
  std::string given;
  for (const std::string_view form : {"json", "jsonl", "files-only"}) {
    if (!arguments.Flag(form)) continue;
    if (!given.empty()) {
      return InvalidArgument(StrCat("--", given, " and --", form, " do not go together"));
    }
    given = form;
  }
  return OkStatus();
}

int ShowAnswer(const CommandContext& context, const SearchReport& report, const Json& question) {
  const ops::Arguments& arguments = context.arguments;
  context.console.EndProgress();
  for (const SearchedTree& tree : report.trees) {
    NoteCoverage(context.console, tree, arguments.Text("mode") == "lexical");
    NoteFreshness(context.console, tree);
  }
  NoteReranking(context.console, report);
  if (arguments.Flag("json")) {
    PrintJson(ToJson(report, question));
  } else if (arguments.Flag("jsonl")) {
    PrintJsonLines(report, question);
  } else {
    PrintResults(report, arguments);
    NoteNothingFound(context.console, report);
  }
  return report.results.empty() ? kExitNothingFound : kExitFound;
}

}  // namespace

Result<int> RunSearch(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  CODERANK_TRY(CheckOneForm(arguments));
  if (arguments.Has("collection")) return RunCollectionSearch(context);
  if (arguments.Has("snapshot") && arguments.Has("directory")) {
    return InvalidArgument("--snapshot: searches the file and no folder; --path narrows it");
  }
  for (const std::string& directory : arguments.List("directory")) {
    if (std::error_code error; !std::filesystem::exists(directory, error)) {
      return NotFound(StrCat(directory, ": no such folder (a question of several words has to be ",
                             "in quotes)"));
    }
  }
  const SearchRequest request = ops::SearchRequestFrom(context.operation, arguments);
  const ProgressSink progress = ProgressTo(context.console);
  // A server answers about trees.
  auto report = request.snapshot.empty() ? AskServer(context, request, progress) : std::nullopt;
  if (!report) {
    CODERANK_ASSIGN(report, context.engine.Search(request, progress, &context.cancel));
  }
  return ShowAnswer(context, *report, {{"query", arguments.Text("query")}});
}

Result<int> RunFindRelated(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  CODERANK_TRY(CheckOneForm(arguments));
  CODERANK_ASSIGN(const RelatedRequest request,
                  ops::RelatedRequestFrom(context.operation, arguments));
  const ProgressSink progress = ProgressTo(context.console);
  auto report = AskServer(context, request, progress);
  if (!report) {
    CODERANK_ASSIGN(report, context.engine.FindRelated(request, progress, &context.cancel));
  }
  return ShowAnswer(context, *report, {{"place", arguments.Text("place")}});
}

}  // namespace coderank::cli
