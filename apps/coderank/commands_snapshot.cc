// snapshot export, import, info.
#include <string>

#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "index_notes.h"
#include "ops/requests.h"
#include "print_json.h"

namespace coderank::cli {
namespace {

std::string Contents(const SnapshotSummary& snapshot) {
  std::string text =
      StrCat(Counted(snapshot.files, "file"), ", ", Counted(snapshot.chunks, "chunk"), ", ",
             snapshot.embedded_chunks, " of them with a vector");
  if (!snapshot.model.empty()) text += StrCat(" of ", EscapeForTerminal(snapshot.model));
  return text;
}

}  // namespace

Result<int> RunSnapshotExport(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  CODERANK_ASSIGN(const SnapshotSummary snapshot,
                  context.engine.ExportSnapshot({.file = arguments.Text("file"),
                                                 .directory = arguments.Text("directory"),
                                                 .replace = arguments.Flag("replace")},
                                                &context.cancel));
  if (arguments.Flag("json")) {
    PrintJson(ToJson(snapshot));
  } else {
    Print(StrCat(EscapeForTerminal(snapshot.file.native()), ": ", Contents(snapshot), "; ",
                 HumanBytes(snapshot.file_bytes), "\n"));
  }
  return kExitFound;
}

Result<int> RunSnapshotImport(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  CODERANK_ASSIGN(
      const SnapshotImportReport report,
      context.engine.ImportSnapshot({.file = arguments.Text("file"),
                                     .replace = arguments.Flag("replace"),
                                     .index = ops::IndexRequestFrom(context.operation, arguments)},
                                    ProgressTo(context.console), &context.cancel));
  context.console.EndProgress();
  const IndexReport& index = report.index;
  if (arguments.Flag("json")) {
    PrintJson({{"snapshot", ToJson(report.snapshot)}, {"index", ToJson(index)}});
    return kExitFound;
  }
  Print(StrCat(EscapeForTerminal(index.root.native()), ": ", Contents(report.snapshot), "; here ",
               index.files_unchanged, " of the files are the same, ", index.files_added, " new, ",
               index.files_changed, " changed, ", index.files_removed, " gone (",
               Counted(index.chunks_embedded, "chunk"), " embedded now)\n"));
  return kExitFound;
}

Result<int> RunSnapshotInfo(const CommandContext& context) {
  CODERANK_ASSIGN(const SnapshotSummary snapshot,
                  context.engine.DescribeSnapshot(context.arguments.Text("file")));
  if (context.arguments.Flag("json")) {
    PrintJson(ToJson(snapshot));
    return kExitFound;
  }
  const auto line = [](const char* name, const std::string& value) {
    Print(StrCat(name, EscapeForTerminal(value), "\n"));
  };
  line("of           ", snapshot.name);
  line("exported at  ", StrCat(snapshot.exported_at, ", by coderank ", snapshot.made_by));
  line("indexed at   ", snapshot.indexed_at.empty() ? "a run was under way" : snapshot.indexed_at);
  line("holds        ", Contents(snapshot));
  if (!snapshot.fingerprint.empty()) {
    line("model        ", StrCat(snapshot.model, ", ", snapshot.dimension, " numbers, fingerprint ",
                                 snapshot.fingerprint));
  }
  line("bytes        ", StrCat(snapshot.file_bytes, ", unpacked ", snapshot.database_bytes));
  line("SHA-256      ", snapshot.sha256);
  return kExitFound;
}

}  // namespace coderank::cli
