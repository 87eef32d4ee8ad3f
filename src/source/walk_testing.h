// What the tests of the walk share: a tree in a folder of its own, a home folder of its own, and
// a visitor that writes down what it is told.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/strings.h"
#include "source/walker.h"
#include "support/temp_dir.h"

namespace coderank {

struct WalkedTree {
  std::vector<std::string> files;
  std::map<std::string, std::string> skipped;  // path -> "<reason> <detail>"
  std::vector<std::string> problems;           // details of rule files that could not be read
};

class CollectingVisitor : public WalkVisitor {
 public:
  Status OnFile(const WalkedFile& file) override {
    if (file.path == fail_at) return Unavailable("as asked");
    walked.files.push_back(file.path);
    return OkStatus();
  }
  void OnSkipped(const SkippedEntry& entry) override {
    if (entry.detail.starts_with("its ignore rules")) {
      walked.problems.push_back(entry.detail);
      return;
    }
    const bool fresh =
        walked.skipped.emplace(entry.path, StrCat(SkipReasonName(entry.reason), " ", entry.detail))
            .second;
    EXPECT_TRUE(fresh) << entry.path << " reported twice";
  }

  WalkedTree walked;
  std::string fail_at;
};

class IsolatedWalkTest : public ::testing::Test {
 protected:
  IsolatedWalkTest() {
    ::setenv("HOME", home_.path().c_str(), 1);
    ::unsetenv("XDG_CONFIG_HOME");
  }

  void Write(const std::string& path, std::string_view text = "x\n") const {
    tree_.Write(path, text);
  }
  void WriteHome(const std::string& path, std::string_view text) const { home_.Write(path, text); }
  const std::filesystem::path& root() const { return tree_.path(); }
  const std::filesystem::path& home() const { return home_.path(); }

  WalkedTree Walked(const WalkOptions& options = {}, const std::string& below = "") const {
    CollectingVisitor visitor;
    const Status status = Walk(root() / below, options, visitor);
    EXPECT_TRUE(status.ok()) << status.message();
    return visitor.walked;
  }

 private:
  testing::TempDir home_;
  testing::TempDir tree_;
};

}  // namespace coderank
