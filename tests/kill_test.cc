// An indexing run killed at any instant loses nothing: the next run finishes, and the index is
// the one that an undisturbed run builds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cmath>
#include <map>
#include <random>
#include <thread>

#include "kernels/kernel_set.h"
#include "store/index_store.h"
#include "support/coderank_runner.h"

namespace coderank {
namespace {

using nlohmann::json;
using testing::CoderankRunner;
using testing::ProcessResult;

constexpr int kKills = 20;
constexpr size_t kDimension = 32;

// Every chunk with its vector, by place and text.
std::map<std::string, std::vector<float>> Content(const std::filesystem::path& folder) {
  const auto store = IndexStore::OpenForReading(folder);
  EXPECT_TRUE(store) << store.error().message();
  std::map<std::string, std::vector<float>> content;
  const kernels::KernelSet& kernels = **kernels::ChooseKernels();
  std::map<int64_t, std::vector<float>> vectors;
  EXPECT_TRUE(store
                  ->ScanVectors(kDimension,
                                [&](int64_t id, const uint16_t* row) {
                                  vectors[id].resize(kDimension);
                                  kernels.f16_to_f32(row, kDimension, vectors[id].data());
                                })
                  .ok());
  EXPECT_TRUE(store
                  ->ScanChunks([&](const StoredChunk& chunk) {
                    const auto text = *store->TextOf(chunk.text_id);
                    content[chunk.path + ":" + std::to_string(chunk.start_line) + ":" + text] =
                        vectors[chunk.text_id];
                  })
                  .ok());
  return content;
}

class KillTest : public ::testing::Test {
 protected:
  KillTest() {
    EXPECT_EQ(coderank_.AddTinyModel().exit_code, 0);
    // Vectors of the undisturbed run would make the others too short to be killed.
    coderank_.Write("../home/.config/coderank/config.toml", "[cache]\nmax_bytes = 0\n");
    std::mt19937 random(3);
    for (int file = 0; file < 400; ++file) {
      std::string text;
      for (int line = 0; line < 150; ++line) {
        text += "int value_" + std::to_string(random() % 10000) + " = Read(" +
                std::to_string(random() % 100) + ");\n";
      }
      coderank_.Write("d" + std::to_string(file % 7) + "/f" + std::to_string(file) + ".cc", text);
    }
  }

  void KillThenCompare(const std::vector<std::string>& arguments);

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

// `arguments`: of the run that is killed.
void KillTest::KillThenCompare(const std::vector<std::string>& arguments) {
  const auto undisturbed = coderank_.world() / "undisturbed";
  const auto start = std::chrono::steady_clock::now();
  const ProcessResult whole = coderank_.Run({"index", "--index", undisturbed.native()});
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  const auto duration = std::chrono::steady_clock::now() - start;

  // Instants are spread over a whole run; each run starts where the killed one stopped, so the
  // span shrinks with what is left and the early phases are hit often. A run that ended before its
  // instant, as on a machine whose speed varies, leaves nothing to do: the next one starts anew.
  std::mt19937 random(20);
  const auto span = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  int killed = 0;
  int since_start = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    const pid_t pid = coderank_.Start(arguments);
    const auto instant =
        static_cast<int64_t>(random() % static_cast<unsigned>(span / ++since_start));
    std::this_thread::sleep_for(std::chrono::microseconds(instant));
    ::kill(pid, SIGKILL);
    if (testing::WaitProcess(pid) == 128 + SIGKILL) {
      ++killed;
    } else {
      std::filesystem::remove_all(coderank_.tree() / ".coderank");
      since_start = 0;
    }
  }
  EXPECT_GE(killed, kKills / 2) << "most runs must have been cut short, or nothing was tested";

  const ProcessResult last = coderank_.Run({"index", "--json"});
  ASSERT_EQ(last.exit_code, 0) << last.err;
  EXPECT_EQ(json::parse(last.out)["coverage"]["complete"], true);
  const auto expected = Content(undisturbed);
  const auto found = Content(coderank_.tree() / ".coderank");
  ASSERT_EQ(found.size(), expected.size());
  ASSERT_GT(found.size(), 1000U);
  // Equal batches or not, a text's vector is computed alike; what is left is the rounding to f16,
  // 2^-11 relative to components of at most 1.
  constexpr float kTolerance = 1.0F / 2048;
  for (const auto& [place, vector] : expected) {
    const auto other = found.find(place);
    ASSERT_NE(other, found.end()) << place;
    ASSERT_EQ(other->second.size(), kDimension) << "no vector: " << place;
    for (size_t i = 0; i < kDimension; ++i) {
      ASSERT_NEAR(vector[i], other->second[i], kTolerance) << place;
    }
  }
}

TEST_F(KillTest, TwentyKillsThenTheNextRunBuildsTheSameIndex) { KillThenCompare({"index", "-q"}); }

TEST_F(KillTest, TwentyKilledWatchesThenTheNextRunBuildsTheSameIndex) {
  KillThenCompare({"watch", "-q"});
}

TEST_F(KillTest, InterruptKeepsWhatIsDoneAndSaysSo) {
  const pid_t pid = coderank_.Start({"index", "-q"});
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  ::kill(pid, SIGINT);
  const int exit_code = testing::WaitProcess(pid);
  EXPECT_TRUE(exit_code == 2 || exit_code == 0) << exit_code;
  EXPECT_EQ(coderank_.Run({"index"}).exit_code, 0);
}

TEST_F(KillTest, TwoRunsAtOnceTakeTurns) {
  const pid_t first = coderank_.Start({"index", "-q"});
  const pid_t second = coderank_.Start({"index", "-q"});
  EXPECT_EQ(testing::WaitProcess(first), 0);
  EXPECT_EQ(testing::WaitProcess(second), 0);
  EXPECT_EQ(coderank_.RunJson({"status", "--json"})["coverage"]["files"], 400);
}

TEST_F(KillTest, ClearBesideAWaitingRunDoesNotFailIt) {
  coderank_.Write("small/a.cc", "int a;\n");
  for (int round = 0; round < 20; ++round) {
    const pid_t first = coderank_.Start({"index", "-q", "small"});
    const pid_t second = coderank_.Start({"index", "-q", "small"});
    const pid_t clear = coderank_.Start({"clear", "-q", "small"});
    EXPECT_EQ(testing::WaitProcess(first), 0);
    EXPECT_EQ(testing::WaitProcess(second), 0);
    testing::WaitProcess(clear);  // refused or not: both are right
  }
}

TEST_F(KillTest, TwoFirstRunsAtOnceMakeOneIndex) {
  coderank_.Write("small/a.cc", "int a;\n");
  for (int round = 0; round < 15; ++round) {
    const pid_t first = coderank_.Start({"index", "-q", "small"});
    const pid_t second = coderank_.Start({"index", "-q", "small"});
    EXPECT_EQ(testing::WaitProcess(first), 0);
    EXPECT_EQ(testing::WaitProcess(second), 0);
    EXPECT_EQ(coderank_.Run({"search", "-q", "a", "small"}).exit_code, 0);
    std::filesystem::remove_all(coderank_.tree() / "small/.coderank");
  }
}

}  // namespace
}  // namespace coderank
