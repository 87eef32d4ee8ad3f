// texts export, vectors import.
#include <cstdio>

#include "base/try.h"
#include "commands.h"
#include "print_json.h"

namespace coderank::cli {

Result<int> RunTextsExport(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  CODERANK_ASSIGN(const ExportReport report,
                  context.engine.ExportTexts(arguments.Text("directory"), arguments.Text("file"),
                                             &context.cancel));
  if (arguments.Flag("json")) {
    PrintJson({{"file", report.file.native()}, {"model", report.model}, {"texts", report.texts}});
  } else {
    std::printf("%llu texts for %s in %s\n", static_cast<unsigned long long>(report.texts),
                EscapeForTerminal(report.model).c_str(),
                EscapeForTerminal(report.file.native()).c_str());
  }
  return kExitFound;
}

Result<int> RunVectorsImport(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  CODERANK_ASSIGN(const ImportReport report,
                  context.engine.ImportVectors(arguments.Text("directory"), arguments.Text("file"),
                                               &context.cancel));
  if (arguments.Flag("json")) {
    PrintJson({{"model", report.model},
               {"vectors", report.vectors},
               {"stored", report.stored},
               {"coverage", ToJson(report.coverage)}});
  } else {
    std::printf("%llu vectors of %s, %llu of them for this index: %llu of %llu chunks have one\n",
                static_cast<unsigned long long>(report.vectors),
                EscapeForTerminal(report.model).c_str(),
                static_cast<unsigned long long>(report.stored),
                static_cast<unsigned long long>(report.coverage.embedded_chunks),
                static_cast<unsigned long long>(report.coverage.chunks));
  }
  return kExitFound;
}

}  // namespace coderank::cli
