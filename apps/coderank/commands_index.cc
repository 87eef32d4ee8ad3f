// index, status, clear.
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
#include "index_notes.h"
#include "ops/requests.h"
#include "print_json.h"

namespace coderank::cli {
namespace {

constexpr size_t kSkippedShown = 20;  // lines of `status`; --json has all

unsigned long long Wide(uint64_t value) { return value; }

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

void NoteCollection(Console& console, const IndexReport& report) {
  if (!report.collection) return;
  const IndexCollection& collection = *report.collection;
  console.Note(StrCat("collection ", collection.name, " on ", collection.url, " has ",
                      Counted(collection.points, "point"), " (", collection.written, " written, ",
                      collection.removed, " removed)"));
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
  if (report.collection) {
    std::printf("vectors      in collection %s on %s\n",
                EscapeForTerminal(report.collection->name).c_str(),
                EscapeForTerminal(report.collection->url).c_str());
  }
  std::printf("files        %llu indexed, %llu left out\n", Wide(c.files), Wide(c.skipped_files));
  std::printf("chunks       %llu, %llu with a vector\n", Wide(c.chunks), Wide(c.embedded_chunks));
  if (report.truncated_chunks > 0) {
    std::printf("             %llu longer than the model reads; vectors do not see their ends\n",
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
  for (const char* name : {"collection", "url"}) {
    if (arguments.Has(name) && arguments.Text("store") != "qdrant") {
      return InvalidArgument(StrCat("--", name, " goes with --store qdrant"));
    }
  }
  const IndexRequest request = ops::IndexRequestFrom(context.operation, arguments);
  CODERANK_ASSIGN(const IndexReport report,
                  context.engine.Index(request, ProgressTo(context.console), &context.cancel));
  context.console.EndProgress();
  if (arguments.Flag("json")) {
    PrintJson(ToJson(report));
    return kExitFound;
  }
  PrintIndexReport(context.console, report);
  NoteCollection(context.console, report);
  return kExitFound;
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
  if (report.collection) {
    context.console.Note(StrCat("collection ", report.collection->name, " on ",
                                report.collection->url, " stays as it is"));
  }
  return kExitFound;
}

}  // namespace coderank::cli
