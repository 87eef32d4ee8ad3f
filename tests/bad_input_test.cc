// Damaged files, full disks and trees that change underfoot give a clear error that names the
// file, or leave that file out and say so. Nothing is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "support/coderank_runner.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using testing::CoderankRunner;
using ::testing::HasSubstr;
using testing::ProcessResult;

class BadInputTest : public ::testing::Test {
 protected:
  BadInputTest() {
    EXPECT_EQ(coderank_.AddTinyModel().exit_code, 0);
    coderank_.Write("a.cc", "int real_source;\n");
  }

  json Coverage() const { return coderank_.RunJson({"status", "--json"})["coverage"]; }
  std::filesystem::path database() const { return coderank_.tree() / ".coderank/index.db"; }

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

TEST_F(BadInputTest, CorruptDatabaseNamesTheFileAndTheWayOut) {
  for (int file = 0; file < 50; ++file) {
    coderank_.Write("f" + std::to_string(file) + ".cc", "int v" + std::to_string(file) + ";\n");
  }
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  const auto size = std::filesystem::file_size(database());
  const auto pristine = coderank_.world() / "pristine.db";
  std::filesystem::copy_file(database(), pristine);
  int refused = 0;
  for (uintmax_t offset = 0; offset < size; offset += 4096) {
    std::filesystem::copy_file(pristine, database(),
                               std::filesystem::copy_options::overwrite_existing);
    std::fstream file(database(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file << std::string(2048, '\xa5');
    file.close();
    const ProcessResult result = coderank_.Run({"search", "source", "-k", "100"});
    ASSERT_LE(result.exit_code, 2) << "page at " << offset << ": " << result.err;
    if (result.exit_code != 2) continue;  // a page that this search did not need
    ++refused;
    EXPECT_THAT(result.err, HasSubstr("index.db"));
  }
  EXPECT_GE(refused, 3);
  std::filesystem::resize_file(database(), size / 2);
  const ProcessResult truncated = coderank_.Run({"index"});
  EXPECT_EQ(truncated.exit_code, 2);
  EXPECT_THAT(truncated.err, AllOf(HasSubstr("index.db"), HasSubstr("coderank clear")));
  ASSERT_EQ(coderank_.Run({"clear"}).exit_code, 0);
  EXPECT_EQ(coderank_.Run({"search", "source"}).exit_code, 0);
}

TEST_F(BadInputTest, BadWeightsNameTheFile) {
  const json info = coderank_.RunJson({"model", "info", "--json"});
  const std::filesystem::path weights =
      std::filesystem::path(info["folder"].get<std::string>()) / "model.safetensors";
  const auto size = std::filesystem::file_size(weights);
  for (const uintmax_t cut : {uintmax_t{0}, uintmax_t{4}, uintmax_t{100}, size - 1}) {
    std::filesystem::resize_file(weights, cut);
    const ProcessResult result = coderank_.Run({"embed", "x"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("model.safetensors"));
  }
  std::filesystem::remove(weights);
  EXPECT_THAT(coderank_.Run({"embed", "x"}).err, HasSubstr("model.safetensors"));
}

TEST_F(BadInputTest, BadModelFoldersAreNotInstalled) {
  const auto source = coderank_.world() / "model-1";
  const auto overwrite = [&](const char* name, std::string_view text) {
    const auto copy = coderank_.world() / "bad-model";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(source, copy, std::filesystem::copy_options::recursive);
    std::ofstream(copy / name, std::ios::binary) << text;
    const ProcessResult result = coderank_.Run({"model", "add", "bad", copy.native()});
    EXPECT_EQ(result.exit_code, 2) << name;
    // The user's file, not the copy that was tried.
    EXPECT_THAT(result.err, AllOf(HasSubstr(name), HasSubstr((copy / "").native()))) << text;
  };
  overwrite("config.json", "{");
  overwrite("config.json", "{\"model_type\": \"gpt2\"}");
  EXPECT_THAT(coderank_.Run({"model", "add", (coderank_.world() / "bad-model").native()}).err,
              HasSubstr("expected one of bert, nomic_bert, qwen2, llama, found \"gpt2\""));
  overwrite("modules.json", "[]");
  overwrite("1_Pooling/config.json", "{\"pooling_mode_max_tokens\": true}");
  overwrite("vocab.txt", "a\nb\n");
  overwrite("model.safetensors", std::string("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10));
  EXPECT_EQ(coderank_.RunJson({"model", "list", "--json"})["models"].size(), 1U);
  EXPECT_EQ(coderank_.Run({"model", "add", "none", "no/such/folder"}).exit_code, 2);
}

TEST_F(BadInputTest, OddFilesAreLeftOutAndStatusSaysSo) {
  {
    std::ofstream huge(coderank_.tree() / "huge.txt", std::ios::binary);
    const std::string block(1 << 20, 'x');
    for (int i = 0; i < 200; ++i) huge << block;  // one line of 200 MB
  }
  coderank_.Write("bad\xff name.cc", "int x;\n");
  coderank_.Write("latin1.cc", "// caf\xe9\nint source;\n");
  ASSERT_EQ(::mkfifo((coderank_.tree() / "pipe").c_str(), 0600), 0);
  const ProcessResult indexed = coderank_.Run({"index"});
  ASSERT_EQ(indexed.exit_code, 0) << indexed.err;
  const json status = coderank_.RunJson({"status", "--json"});
  EXPECT_EQ(status["coverage"]["files"], 2);
  std::map<std::string, std::string> reasons;
  for (const json& file : status["skipped"]) reasons[file["path"]] = file["reason"];
  EXPECT_EQ(reasons["huge.txt"], "too_large");
  EXPECT_EQ(reasons["bad\xef\xbf\xbd name.cc"], "not_utf8_name");
  EXPECT_EQ(reasons["pipe"], "not_regular");
  const json found = coderank_.RunJson({"search", "--json", "source", "--path", "latin1.cc"});
  EXPECT_THAT(found["results"][0]["snippet"].get<std::string>(), HasSubstr("caf\xef\xbf\xbd"));
}

TEST_F(BadInputTest, HugeLineIsCutWhenItsFileIsAllowed) {
  std::filesystem::create_directories(coderank_.world() / "home/.config/coderank");
  std::ofstream(coderank_.world() / "home/.config/coderank/config.toml")
      << "[index]\nmax_file_bytes = 300000000\n";
  std::string line;
  for (int i = 0; i < 20000; ++i) line += "word ";
  coderank_.Write("long.txt", line);
  ASSERT_EQ(coderank_.Run({"index"}).exit_code, 0);
  const json status = coderank_.RunJson({"status", "--json"});
  EXPECT_GT(status["cut_chunks"], 30);
  EXPECT_EQ(status["coverage"]["files"], 2);
}

TEST_F(BadInputTest, MegabytesOfBlanksDoNotStopARun) {
  std::filesystem::create_directories(coderank_.world() / "home/.config/coderank");
  std::ofstream(coderank_.world() / "home/.config/coderank/config.toml")
      << "[index]\nmax_file_bytes = 300000000\n";
  coderank_.Write("blank.txt", "a" + std::string(20 << 20, ' ') + "b\n");
  const ProcessResult indexed = coderank_.Run({"index"});
  ASSERT_EQ(indexed.exit_code, 0) << indexed.err;
  const json status = coderank_.RunJson({"status", "--json"});
  EXPECT_EQ(status["coverage"]["embedded_chunks"], 2);
  EXPECT_EQ(status["cut_chunks"], 1);
}

TEST_F(BadInputTest, FilesThatChangeAndVanishMeanwhile) {
  for (int file = 0; file < 200; ++file) {
    coderank_.Write("d/f" + std::to_string(file) + ".cc", std::string(20000, 'a') + "\n");
  }
  std::atomic<bool> stop{false};
  std::thread churn([&] {
    for (unsigned round = 0; !stop; ++round) {
      const std::string name = "d/f" + std::to_string(round * 7 % 200) + ".cc";
      if (round % 3 == 0) {
        std::error_code ignored;
        std::filesystem::remove(coderank_.tree() / name, ignored);
      } else {
        coderank_.Write(name, std::string(round % 30000, 'b') + "\n");
      }
    }
  });
  for (int run = 0; run < 3; ++run) {
    const ProcessResult result = coderank_.Run({"index", "-q"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
  }
  stop = true;
  churn.join();
  ASSERT_EQ(coderank_.Run({"index", "-q"}).exit_code, 0);
  uint64_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(coderank_.tree() / "d")) {
    if (entry.is_regular_file()) ++files;
  }
  EXPECT_EQ(Coverage()["files"], files + 1) << "the last run sees the tree as it is";
}

// A tmpfs of a given size over `folder`, where the test may mount one.
class SmallDisk {
 public:
  SmallDisk(const std::filesystem::path& folder, const char* options) : folder_(folder) {
    std::filesystem::create_directories(folder);
    mounted_ = ::mount("tmpfs", folder.c_str(), "tmpfs", 0, options) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  void MakeReadOnly() const {
    ASSERT_EQ(::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr), 0);
  }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

TEST_F(BadInputTest, FullDiskKeepsWhatWasCommitted) {
  const auto folder = coderank_.world() / "small";
  const SmallDisk disk(folder, "size=1m");
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs";
  std::mt19937 random(1);  // text that does not compress
  for (int file = 0; file < 8; ++file) {
    std::string text;
    for (int i = 0; i < 200000; ++i)
      text += i % 60 == 59 ? '\n' : static_cast<char>('!' + random() % 90);
    coderank_.Write("big" + std::to_string(file) + ".cc", text);
  }
  const ProcessResult full = coderank_.Run({"index", "--index", folder.native()});
  EXPECT_EQ(full.exit_code, 2);
  EXPECT_THAT(full.err, HasSubstr(folder.native()));
  ASSERT_EQ(::mount("tmpfs", folder.c_str(), "tmpfs", MS_REMOUNT, "size=200m"), 0);
  const ProcessResult again = coderank_.Run({"index", "--index", folder.native()});
  EXPECT_EQ(again.exit_code, 0) << again.err;
}

TEST_F(BadInputTest, ReadOnlyFolderIsIndexedElsewhereAndAReadOnlyIndexIsSearched) {
  const SmallDisk disk(coderank_.tree() / "ro", "size=8m");
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a tmpfs";
  coderank_.Write("ro/indexed/a.cc", "int source;\n");
  coderank_.Write("ro/fresh/b.cc", "int other;\n");
  ASSERT_EQ(coderank_.Run({"index", "ro/indexed"}).exit_code, 0);
  disk.MakeReadOnly();
  const ProcessResult elsewhere = coderank_.Run({"index", "ro/fresh"});
  EXPECT_EQ(elsewhere.exit_code, 0) << elsewhere.err;
  EXPECT_THAT(elsewhere.err, AllOf(HasSubstr("ro/fresh"), HasSubstr("its index is kept in")));
  EXPECT_EQ(coderank_.Run({"search", "other", "ro/fresh"}).exit_code, 0);
  const ProcessResult found = coderank_.Run({"search", "source", "ro/indexed"});
  EXPECT_EQ(found.exit_code, 0) << found.err;
  EXPECT_EQ(coderank_.Run({"index", "ro/indexed"}).exit_code, 2);
}

}  // namespace
}  // namespace coderank
