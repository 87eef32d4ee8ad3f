// The world of the tests of `model pull`: the real program, and a hub on this machine.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/coderank_runner.h"
#include "support/fake_hub.h"

namespace coderank::testing {

inline constexpr const char* kWeights = "model.safetensors";

// Waits for something that another process does; false after a minute.
inline bool Eventually(const std::function<bool()>& happened) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!happened()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

inline std::string FileText(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

class ModelPullTest : public ::testing::Test {
 protected:
  explicit ModelPullTest(const std::string& repository = "someone/a-model",
                         const std::string& folder = "mean_gelu")
      : hub_(repository,
             std::filesystem::path(CODERANK_SOURCE_DIR) / "tests/data/models" / folder) {
    coderank_.environment()["HF_ENDPOINT"] = hub_.url();
  }

  ProcessResult Pull(std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"model", "pull", source_});
    return coderank_.Run(options);
  }

  // A program in the background whose standard error can be read while it runs.
  struct Running {
    pid_t pid;
    std::filesystem::path log;
    int Wait() const { return WaitProcess(pid); }
    std::string Log() const { return FileText(log); }
  };
  Running Start(const std::vector<std::string>& arguments) {
    const auto log = coderank_.world() / ("log-" + std::to_string(++started_));
    std::vector<std::string> command = {"/bin/sh", "-c", "exec \"$0\" \"$@\" 2>" + log.native(),
                                        CODERANK_PROGRAM};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const pid_t pid = StartProcess(command, {.input = {},
                                             .environment = coderank_.environment(),
                                             .working_directory = coderank_.tree()});
    return {pid, log};
  }
  Running StartPull() { return Start({"model", "pull", source_}); }

  // Where the files of the pull under way lie.
  std::filesystem::path Staging() const {
    std::string name = hub_.repository();
    name.replace(name.find('/'), 1, "--");
    return Models() / ".pulling" / (name + "@" + FakeHub::kCommit);
  }
  std::filesystem::path Models() const {
    return coderank_.world() / "home/.local/share/coderank/models";
  }
  std::filesystem::path PinsFile() const {
    return coderank_.world() / "home/.local/state/coderank/model-hashes.json";
  }
  bool PartHas(uint64_t bytes) const {
    std::error_code error;
    const auto size =
        std::filesystem::file_size(Staging() / (std::string(kWeights) + ".part"), error);
    return !error && size == bytes;
  }
  bool NothingInstalled() const {
    return coderank_.RunJson({"model", "list", "--json"})["models"].empty();
  }
  bool Installed() const {
    const ProcessResult verified = coderank_.Run({"model", "verify", Name()});
    EXPECT_EQ(verified.exit_code, 0) << verified.err;
    return verified.exit_code == 0;
  }
  std::string Name() const { return hub_.repository().substr(hub_.repository().find('/') + 1); }

  FakeHub hub_;
  std::string source_ = "hf:" + hub_.repository();
  CoderankRunner coderank_{CODERANK_PROGRAM};

 private:
  int started_ = 0;
};

}  // namespace coderank::testing
