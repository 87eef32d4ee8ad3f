// search --collection.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>

#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "index_notes.h"
#include "ops/place_of.h"
#include "ops/requests.h"
#include "print_json.h"

namespace coderank::cli {
namespace {

constexpr size_t kLines = 8;      // of a text that are shown
constexpr size_t kColumns = 160;  // bytes of a line

Result<CollectionSearchRequest> RequestFrom(const ops::Arguments& arguments) {
  // What holds for files of a tree means nothing here; ignoring it would look like an answer.
  for (const char* name : {"directory", "path", "exclude", "lang", "content", "mode", "offset",
                           "context", "jsonl", "budget", "explain"}) {
    if (arguments.Has(name)) {
      return InvalidArgument(StrCat("--", name, " does not go with --collection"));
    }
  }
  return ops::CollectionSearchRequestFrom(*ops::FindOperation("search"), arguments);
}

std::string FirstLines(std::string_view text) {
  std::string out;
  for (size_t line = 0; line < kLines && !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string shown(text.substr(0, std::min(end, kColumns)));
    if (end > kColumns) shown += "...";
    out += StrCat("    ", EscapeForTerminal(shown), "\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return text.empty() ? out : out + "    ...\n";
}

void PrintHit(const CollectionHit& hit, bool brief, bool several) {
  const Styler styler;
  std::array<char, 32> score{};
  std::snprintf(score.data(), score.size(), "%.3f", hit.score);
  std::string head = styler.Path(EscapeForTerminal(ops::PlaceOf(hit)));
  if (several) head += StrCat("  ", EscapeForTerminal(hit.collection));
  Print(StrCat(head, "  ", styler.Faint(score.data()), "\n"));
  if (!brief) Print(StrCat(FirstLines(hit.text), "\n"));
}

void NoteTimings(Console& console, const CollectionSearchReport& report) {
  const auto rounded = [](double milliseconds) { return std::lround(milliseconds); };
  std::string text = StrCat("embedded in ", rounded(report.timings.embed), " ms");
  for (const SearchedCollection& collection : report.collections) {
    text += StrCat("; ", collection.name, ": ", rounded(collection.query_ms), " ms, ",
                   rounded(collection.server_ms), " of it in the server");
  }
  if (report.rerank) text += StrCat("; judged in ", rounded(report.rerank->taken_ms), " ms");
  if (report.by_rank) text += "; several models: merged by rank";
  console.Note(text);
}

}  // namespace

Result<int> RunCollectionSearch(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  CODERANK_ASSIGN(const CollectionSearchRequest request, RequestFrom(arguments));
  CODERANK_ASSIGN(const CollectionSearchReport report,
                  context.engine.SearchCollections(request, &context.cancel));
  if (arguments.Flag("json")) {
    PrintJson(ToJson(report, request.query));
  } else {
    for (const CollectionHit& hit : report.hits) {
      PrintHit(hit, arguments.Flag("files-only"), request.names.size() > 1);
    }
    NoteTimings(context.console, report);
  }
  return report.hits.empty() ? kExitNothingFound : kExitFound;
}

}  // namespace coderank::cli
