// cache status, cache clear, cache trim.
#include <cstdio>

#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "print_json.h"

namespace coderank::cli {
namespace {

int Print(const CommandContext& context, const CacheReport& report, std::string_view what) {
  if (context.arguments.Flag("json")) {
    PrintJson(ToJson(report));
    return kExitFound;
  }
  std::printf("%.*s%s: %llu vectors of %llu model%s, %s%s\n", static_cast<int>(what.size()),
              what.data(), EscapeForTerminal(report.folder.native()).c_str(),
              static_cast<unsigned long long>(report.vectors),
              static_cast<unsigned long long>(report.models), report.models == 1 ? "" : "s",
              HumanBytes(report.bytes).c_str(),
              report.max_bytes == 0 ? "; switched off"
                                    : StrCat(" of at most ", HumanBytes(report.max_bytes)).c_str());
  return kExitFound;
}

}  // namespace

Result<int> RunCacheStatus(const CommandContext& context) {
  CODERANK_ASSIGN(const CacheReport report, context.engine.DescribeCache());
  return Print(context, report, "");
}

Result<int> RunCacheClear(const CommandContext& context) {
  CODERANK_ASSIGN(const CacheReport report, context.engine.ClearCache());
  return Print(context, report, StrCat("removed ", HumanBytes(report.bytes_freed), "; "));
}

Result<int> RunCacheTrim(const CommandContext& context) {
  CODERANK_ASSIGN(const CacheReport report, context.engine.TrimCache());
  return Print(context, report, StrCat("freed ", HumanBytes(report.bytes_freed), "; "));
}

}  // namespace coderank::cli
