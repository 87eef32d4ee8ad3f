// Engine: what this installation is and whether it is fit.
#include <fstream>
#include <string>
#include <system_error>

#include "base/strings.h"
#include "base/try.h"
#include "coderank/version.h"
#include "engine/engine_state.h"
#include "engine/index_access.h"

namespace coderank {
namespace {

std::string CpuName() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown";
}

DoctorCheck Check(std::string name, const Status& status, const std::string& when_ok) {
  return {.name = std::move(name),
          .ok = status.ok(),
          .detail = status.ok() ? when_ok : status.message()};
}

}  // namespace

Result<DoctorReport> Engine::Doctor(const std::filesystem::path& directory) {
  CODERANK_ASSIGN(const auto location, state_->FindIndex(directory));
  std::error_code ignored;
  CODERANK_ASSIGN(const Config config,
                  state_->ConfigFor(location ? location->root
                                             : std::filesystem::canonical(directory, ignored)));
  state_->Note(config.notes);
  DoctorReport report{.version = std::string(Version()),
                      .cpu = CpuName(),
                      .kernels = state_->kernels->name,
                      .threads = state_->Pool(config).size(),
                      .settings = Describe(config),
                      .checks = {}};
  const auto name = state_->ChooseModel(config, "");
  // A name alone may be one of the settings that no model has.
  const auto installed = name ? state_->FindEmbedder(config, *name) : name.error();
  report.checks.push_back(Check("model", installed ? OkStatus() : installed.error(),
                                installed ? installed->record.name : ""));
  if (installed) {
    const auto loaded = state_->Load(config, *name);
    report.checks.push_back(
        Check("model loads", loaded ? OkStatus() : loaded.error(),
              loaded ? StrCat((*loaded)->embedder->dimension(), " dimensions") : ""));
  }
  if (!location) {
    report.checks.push_back({.name = "index",
                             .ok = false,
                             .detail = StrCat("none covers ", directory, "; `coderank index ",
                                              directory, "` makes one")});
    return report;
  }
  const auto store = OpenIndexForReading(*location);
  report.checks.push_back(
      Check("index", store ? OkStatus() : store.error(), location->folder.native()));
  return report;
}

}  // namespace coderank
