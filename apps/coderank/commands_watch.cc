// watch: an index that follows its tree until it is told to stop.
#include <array>
#include <cstdio>
#include <string>

#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "ops/requests.h"
#include "print_json.h"

namespace coderank::cli {
namespace {

std::string Described(const WatchUpdate& update) {
  const IndexReport& report = update.report;
  const Coverage& coverage = report.coverage;
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%.2f s", report.seconds);
  std::string text =
      update.first ? StrCat("watching ", report.root, " (", update.watcher, "): ") : std::string();
  text += StrCat(report.files_added, " new, ", report.files_changed, " changed, ",
                 report.files_removed, " removed, ", report.chunks_embedded, " embedded in ",
                 seconds.data(), "; ", coverage.files, " files");
  if (coverage.embedded_chunks < coverage.chunks) {
    text +=
        StrCat(", ", coverage.embedded_chunks, " of ", coverage.chunks, " chunks have a vector");
  }
  if (report.collection_behind) {
    text += "; the collection could not be brought up to date, which is tried again";
  } else if (report.collection) {
    text += StrCat("; collection ", report.collection->name, " has ", report.collection->points,
                   " points");
  }
  return text;
}

Json ToJson(const WatchUpdate& update) {
  Json json = {{"event", update.first ? "watching" : "refreshed"}, {"watcher", update.watcher}};
  json.update(cli::ToJson(update.report));
  return json;
}

}  // namespace

Result<int> RunWatch(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  const bool as_json = arguments.Flag("json");
  const auto tell = [&context, as_json](const WatchUpdate& update) {
    if (!as_json) return context.console.Note(Described(update));
    context.console.EndProgress();
    PrintJson(ToJson(update));
    std::fflush(stdout);  // who reads it waits for it; an error shows at the end
  };
  CODERANK_TRY(context.engine.Watch(
      ops::IndexRequestFrom(context.operation, arguments), tell,
      [&context](const IndexProgress& progress) { context.console.Progress(progress); },
      &context.cancel));
  context.console.Note("stopped watching");
  return kExitFound;
}

}  // namespace coderank::cli
