// Any bytes as a checkout's project file: settings or an error that names the file.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "engine/config.h"

namespace {

// One folder a process: libFuzzer may run several.
std::filesystem::path Folder() {
  const auto folder =
      std::filesystem::temp_directory_path() / ("coderank-fuzz-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::filesystem::path folder = Folder();
  const auto file = folder / coderank::kProjectFileName;
  std::ofstream(file, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  const coderank::UserFolders none{.config = folder / "none", .data = folder, .state = folder};
  const auto config = coderank::LoadConfig({}, none, folder);
  if (!config && config.error().message().find(file.native()) == std::string::npos) std::abort();
  return 0;
}
