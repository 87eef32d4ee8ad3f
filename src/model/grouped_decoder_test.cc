// Decoders with weights of 8 and 4 bits: near the f32 ones, the same bits however a text is cut,
// and the same from a packed file as from memory.
#include <gtest/gtest.h>

#include <filesystem>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "model/generator.h"
#include "model/load_decoder.h"
#include "model/model_test_util.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

std::filesystem::path SmallDecoder(std::string_view name) { return TestData() / "decoders" / name; }

std::vector<int32_t> Ids() {
  std::vector<int32_t> ids;
  for (int32_t i = 0; i < 60; ++i) ids.push_back((7 * i * i + i) % 47);
  return ids;
}

class GroupedDecoderTest
    : public ::testing::TestWithParam<std::tuple<const char*, const kernels::KernelSet*>> {
 protected:
  std::shared_ptr<const Decoder> Load(const DecoderOptions& options) {
    auto loaded = LoadDecoderWeights(SmallDecoder(std::get<0>(GetParam())), options,
                                     *std::get<1>(GetParam()), pool_);
    EXPECT_TRUE(loaded) << loaded.error().message();
    return loaded ? *loaded : nullptr;
  }
  // The logits of the last position after `ids` in steps of `step`.
  std::vector<float> Logits(const std::shared_ptr<const Decoder>& decoder, size_t step) {
    Generator text(decoder, pool_, 128);
    const std::vector<int32_t> ids = Ids();
    std::span<const int32_t> rest(ids);
    for (; rest.size() > step; rest = rest.subspan(step)) {
      EXPECT_TRUE(text.Prefill(rest.first(step)).ok());
    }
    const auto logits = text.Forward(rest);
    EXPECT_TRUE(logits) << logits.error().message();
    return {logits->begin(), logits->end()};
  }
  ThreadPool pool_{3};
};

INSTANTIATE_TEST_SUITE_P(Models, GroupedDecoderTest,
                         ::testing::Combine(::testing::Values("qwen2_tied", "qwen2_sharded",
                                                              "llama_plain", "llama_scaled"),
                                            ::testing::ValuesIn(AvailableKernelSets())),
                         [](const auto& info) {
                           return StrCat(std::get<0>(info.param), "_",
                                         std::get<1>(info.param)->name);
                         });

// Small random models show rounding more than real ones: their weights are large, so that softmax
// is steep, and 32 of their 56 activations share a scale. Worst cosines measured: 0.998 and 0.936.
TEST_P(GroupedDecoderTest, LogitsAreNearTheOnesInFloat) {
  const std::vector<float> expected = Logits(Load({.precision = DecoderPrecision::kFloat}), 60);
  EXPECT_GE(Cosine(Logits(Load({.precision = DecoderPrecision::kInt8}), 60), expected), 0.995);
  EXPECT_GE(Cosine(Logits(Load({.precision = DecoderPrecision::kInt4}), 60), expected), 0.9);
}

TEST_P(GroupedDecoderTest, TokenByTokenAndInChunksGiveTheBitsOfTheWhole) {
  for (const DecoderPrecision precision : {DecoderPrecision::kInt8, DecoderPrecision::kInt4}) {
    const auto decoder = Load({.precision = precision});
    const std::vector<float> whole = Logits(decoder, 60);
    for (const size_t step : {1U, 3U, 13U, 59U}) {
      EXPECT_EQ(Logits(decoder, step), whole) << "steps of " << step;
    }
  }
}

TEST_P(GroupedDecoderTest, PackedWeightsGiveTheSameBits) {
  const testing::TempDir folder;
  const DecoderOptions packed{.precision = DecoderPrecision::kFile, .pack_folder = folder.path()};
  const std::vector<float> expected = Logits(Load({}), 60);
  EXPECT_EQ(Logits(Load(packed), 60), expected);  // makes the file
  std::vector<std::filesystem::path> files(std::filesystem::directory_iterator(folder.path()), {});
  ASSERT_EQ(files.size(), 1U);
  const auto made = std::filesystem::last_write_time(files.front());
  EXPECT_EQ(Logits(Load(packed), 60), expected);  // uses it
  EXPECT_EQ(std::filesystem::last_write_time(files.front()), made);
  // A damaged file is made again.
  std::filesystem::resize_file(files.front(), 1000);
  EXPECT_EQ(Logits(Load(packed), 60), expected);
  EXPECT_GT(std::filesystem::file_size(files.front()), 1000U);
}

}  // namespace
}  // namespace coderank
