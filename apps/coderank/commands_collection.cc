// collection list|info|verify|migrate|rollback|export|import|push.
#include <array>
#include <cmath>
#include <cstdio>
#include <string>

#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "index_notes.h"
#include "print_json.h"

namespace coderank::cli {
namespace {

// "768 Cosine", "fast-bge 384 Cosine".
std::string VectorsOf(const CollectionSummary& collection) {
  std::string text;
  for (const CollectionVector& vector : collection.vectors) {
    text += StrCat(text.empty() ? "" : ", ", vector.name, vector.name.empty() ? "" : " ",
                   vector.size, " ", vector.distance);
  }
  for (const std::string& name : collection.sparse_vectors) {
    text += StrCat(text.empty() ? "" : ", ", name, " sparse");
  }
  return text.empty() ? "no vectors" : text;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += StrCat(text.empty() ? "" : ", ", word);
  return text;
}

void Line(const char* label, const std::string& value) {
  if (value.empty()) return;
  std::printf("%-16s %s\n", label, EscapeForTerminal(value).c_str());
}

void PrintSummary(const CollectionSummary& collection) {
  Line("name", collection.name);
  Line("aliases", Joined(collection.aliases));
  Line("status", collection.status);
  Line("points", std::to_string(collection.points));
  Line("vectors", VectorsOf(collection));
  Line("quantization", collection.quantization.empty() ? "none" : collection.quantization);
  Line("model", collection.model);
  Line("fingerprint", collection.fingerprint);
  Line("made from", collection.source);
  Line("state", collection.state);
}

std::string Rounded(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4f", value);
  return text.data();
}

std::string Dollars(double amount) {
  if (amount < 0.01) return "less than $0.01";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "about $%.2f", amount);
  return text.data();
}

void PrintMigration(const MigrationReport& report) {
  const std::string source = EscapeForTerminal(report.source);
  const std::string target = EscapeForTerminal(report.target);
  if (report.dry_run) {
    std::string line = StrCat(source, " -> ", target, ": ", Counted(report.points, "point"),
                              ", texts at ", EscapeForTerminal(report.text_key));
    if (report.estimated_tokens > 0) line += StrCat(", about ", report.estimated_tokens, " tokens");
    if (report.estimated_usd > 0) line += ", " + Dollars(report.estimated_usd);
    if (report.estimated_seconds > 0) {
      line += StrCat(", about ", std::lround(std::ceil(report.estimated_seconds)), " s to embed");
    }
    Print(line + "\n");
    return;
  }
  Print(StrCat(source, " -> ", target, ": ", Counted(report.points, "point"), ", ", report.written,
               " written, ", report.embedded, " embedded, ", report.from_cache,
               " from the cache; nothing differs after ", Counted(report.passes, "comparison"),
               ", ", Counted(report.verified, "vector"), " made again (cosine at least ",
               Rounded(report.least_cosine), ")\n"));
  if (report.without_text > 0) {
    Print(StrCat("  ", Counted(report.without_text, "point"), " without a text, kept\n"));
  }
  if (report.truncated > 0) {
    Print(StrCat("  ", Counted(report.truncated, "text"), " longer than the model reads",
                 report.parts == 0 ? "" : StrCat("; ", Counted(report.parts, "further point")),
                 "\n"));
  }
  if (!report.took_name) return;
  Print(StrCat("  ", source, " is now an alias of it"));
  if (!report.snapshot.empty()) {
    Print(StrCat("; for ", std::lround(report.gap_seconds * 1000),
                 " ms it led nowhere, and what it was is saved in ",
                 EscapeForTerminal(report.snapshot.native())));
  }
  Print("\n");
}

}  // namespace

Result<int> RunCollectionList(const CommandContext& context) {
  CODERANK_ASSIGN(const CollectionList list, context.engine.ListCollections(&context.cancel));
  if (context.arguments.Flag("json")) {
    PrintJson(ToJson(list));
  } else {
    for (const CollectionSummary& collection : list.collections) {
      std::string line =
          StrCat(EscapeForTerminal(collection.name), "  ", Counted(collection.points, "point"),
                 "  ", EscapeForTerminal(VectorsOf(collection)));
      if (!collection.model.empty()) line += StrCat("  ", EscapeForTerminal(collection.model));
      if (!collection.aliases.empty()) {
        line += StrCat("  = ", EscapeForTerminal(Joined(collection.aliases)));
      }
      Print(line + "\n");
    }
    if (list.collections.empty()) {
      context.console.Note(StrCat(list.url, " has no collections"));
    }
  }
  return list.collections.empty() ? kExitNothingFound : kExitFound;
}

Result<int> RunCollectionInfo(const CommandContext& context) {
  CODERANK_ASSIGN(
      const CollectionDetails details,
      context.engine.DescribeCollection(context.arguments.Text("name"), &context.cancel));
  if (context.arguments.Flag("json")) {
    PrintJson(ToJson(details));
    return kExitFound;
  }
  PrintSummary(details.summary);
  Line("payload indexes", Joined(details.payload_indexes));
  Line("models that fit", Joined(details.models));
  for (const PayloadText& text : details.texts) {
    Line("texts at", StrCat(text.key, " (", std::lround(text.share * 100), " % of ",
                            details.sampled, ", ", std::lround(text.mean_bytes), " bytes)"));
  }
  return kExitFound;
}

Result<int> RunCollectionVerify(const CommandContext& context) {
  CODERANK_ASSIGN(const CollectionVerification report,
                  context.engine.VerifyCollection({.name = context.arguments.Text("name"),
                                                   .text_key = context.arguments.Text("text-key")},
                                                  &context.cancel));
  if (context.arguments.Flag("json")) {
    PrintJson(ToJson(report));
  } else {
    PrintSummary(report.summary);
    Line("compared",
         StrCat(Counted(report.sampled, "point"), ", texts at ", report.text_key, ", with ",
                report.model, ": cosine at least ", Rounded(report.least_cosine)));
    for (const std::string& fault : report.faults) Line("--", fault);
  }
  return report.faults.empty() ? kExitFound : kExitNothingFound;
}

Result<int> RunCollectionMigrate(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  const auto progress = [&](const CollectionProgress& p) { context.console.Progress(p); };
  Json reports = Json::array();
  for (const std::string& name : arguments.List("names")) {
    MigrationRequest request{.source = name,
                             .text_key = arguments.Text("text-key"),
                             .dry_run = arguments.Flag("dry-run"),
                             .take_name = arguments.Flag("take-name"),
                             .split = arguments.Flag("split"),
                             .prune = arguments.Flag("prune"),
                             .agreed = arguments.Flag("yes"),
                             .snapshot_folder = {}};
    if (arguments.Has("snapshots")) request.snapshot_folder = arguments.Text("snapshots");
    const auto report = context.engine.MigrateCollection(request, progress, &context.cancel);
    context.console.EndProgress();
    if (!report) return report.error().WithContext(name);
    if (arguments.Flag("json")) {
      reports.push_back(ToJson(*report));
    } else {
      PrintMigration(*report);
    }
  }
  if (arguments.Flag("json")) PrintJson({{"migrations", std::move(reports)}});
  return kExitFound;
}

Result<int> RunCollectionRollback(const CommandContext& context) {
  CODERANK_ASSIGN(
      const RollbackReport report,
      context.engine.RollBackCollection(context.arguments.Text("name"), &context.cancel));
  if (context.arguments.Flag("json")) {
    PrintJson(ToJson(report));
  } else {
    Print(StrCat(EscapeForTerminal(report.name), " is ",
                 report.to == report.name ? "the collection it was"
                                          : StrCat("an alias of ", EscapeForTerminal(report.to)),
                 " again (", Counted(report.points, "point"), "); ", EscapeForTerminal(report.from),
                 " stays\n"));
  }
  return kExitFound;
}

Result<int> RunCollectionExport(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  CODERANK_ASSIGN(
      const CollectionExportReport report,
      context.engine.ExportCollection(arguments.Text("name"), arguments.Text("text-key"),
                                      arguments.Text("file"), &context.cancel));
  if (arguments.Flag("json")) {
    PrintJson(ToJson(report));
  } else {
    Print(StrCat(Counted(report.texts, "text"), " at ", EscapeForTerminal(report.text_key), " of ",
                 Counted(report.points, "point"), " in ", EscapeForTerminal(report.file.native()),
                 ", for model ", EscapeForTerminal(report.model), "\n"));
  }
  return kExitFound;
}

Result<int> RunCollectionImport(const CommandContext& context) {
  CODERANK_ASSIGN(const VectorsCachedReport report,
                  context.engine.CacheVectors(context.arguments.Text("file"), &context.cancel));
  if (context.arguments.Flag("json")) {
    PrintJson({{"model", report.model}, {"vectors", report.vectors}});
  } else {
    Print(StrCat(Counted(report.vectors, "vector"), " of model ", EscapeForTerminal(report.model),
                 " kept; `coderank collection migrate NAME --precision f32` uses them\n"));
  }
  return kExitFound;
}

Result<int> RunCollectionPush(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  CODERANK_ASSIGN(const IndexPushReport report,
                  context.engine.PushIndex({.directory = arguments.Text("directory"),
                                            .collection = arguments.Text("name"),
                                            .agreed = arguments.Flag("yes")},
                                           &context.cancel));
  if (arguments.Flag("json")) {
    PrintJson(ToJson(report));
    return kExitFound;
  }
  Print(StrCat(EscapeForTerminal(report.collection), ": ", Counted(report.points, "point"), " of ",
               EscapeForTerminal(report.root.native()), " (", report.written, " written, ",
               report.removed, " removed)\n"));
  if (report.pending > 0) {
    context.console.Note(StrCat(Counted(report.pending, "chunk"), " without a vector left out; ",
                                IndexCommand(report.root), " goes on making them"));
  }
  return kExitFound;
}

Result<int> RunCollectionPull(const CommandContext& context) {
  CODERANK_ASSIGN(const VectorPullReport report,
                  context.engine.PullVectors(context.arguments.Text("name"), &context.cancel));
  if (context.arguments.Flag("json")) {
    PrintJson({{"collection", report.collection},
               {"model", report.model},
               {"points", report.points},
               {"vectors", report.vectors}});
  } else {
    Print(StrCat(Counted(report.vectors, "vector"), " of model ", EscapeForTerminal(report.model),
                 ", of ", Counted(report.points, "point"), ", kept; `coderank index` uses them\n"));
  }
  return kExitFound;
}

}  // namespace coderank::cli
