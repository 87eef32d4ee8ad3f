// Small random decoders against transformers (scripts/generate_decoder_goldens.py small), with
// every kernel set of this machine, and what a growing text must keep.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "base/file.h"
#include "model/generator.h"
#include "model/load_decoder.h"
#include "model/model_test_util.h"

namespace coderank {
namespace {

using nlohmann::json;

// f32 against f32 with another order of additions. Relative to the largest value; measured: 2e-6.
constexpr double kMaxDifference = 2e-5;

constexpr size_t kCapacity = 256;

std::filesystem::path SmallDecoder(std::string_view name) { return TestData() / "decoders" / name; }

json Goldens(std::string_view name) {
  return json::parse(*ReadFile(SmallDecoder(name) / "goldens.json", 1 << 20));
}

double Largest(const std::vector<float>& values) {
  double largest = 0;
  for (const float v : values) largest = std::max(largest, std::fabs(static_cast<double>(v)));
  return largest;
}

std::vector<float> Copy(std::span<const float> values) { return {values.begin(), values.end()}; }

class DecoderTest
    : public ::testing::TestWithParam<std::tuple<const char*, const kernels::KernelSet*>> {
 protected:
  void SetUp() override {
    const auto [name, kernels] = GetParam();
    auto loaded = LoadDecoderWeights(SmallDecoder(name), {.precision = DecoderPrecision::kFloat},
                                     *kernels, pool_);
    ASSERT_TRUE(loaded) << loaded.error().message();
    decoder_ = *std::move(loaded);
    goldens_ = Goldens(name);
  }
  Generator Text() { return {decoder_, pool_, kCapacity}; }
  std::vector<int32_t> LongestIds() const { return goldens_["cases"].back()["ids"]; }

  // Every number a text can give: logits, or the state where there is no head.
  std::vector<float> Output(Generator& text, std::span<const int32_t> ids, size_t last) {
    const auto output = decoder_->has_head() ? text.Forward(ids, last) : text.ForwardState(ids);
    EXPECT_TRUE(output) << output.error().message();
    return Copy(*output);
  }

  ThreadPool pool_{3};
  std::shared_ptr<const Decoder> decoder_;
  json goldens_;
};

INSTANTIATE_TEST_SUITE_P(Models, DecoderTest,
                         ::testing::Combine(::testing::Values("qwen2_tied", "qwen2_sharded",
                                                              "llama_plain", "llama_scaled",
                                                              "qwen2_headless", "qwen2_yarn",
                                                              "llama_linear"),
                                            ::testing::ValuesIn(AvailableKernelSets())),
                         [](const auto& info) {
                           return StrCat(std::get<0>(info.param), "_",
                                         std::get<1>(info.param)->name);
                         });

TEST_P(DecoderTest, LogitsAndStatesAreTheReferences) {
  for (const json& one : goldens_["cases"]) {
    const std::vector<int32_t> ids = one["ids"];
    Generator text = Text();
    const auto state = text.ForwardState(ids);
    ASSERT_TRUE(state) << state.error().message();
    const std::vector<float> expected_state = one["state"];
    EXPECT_LE(MaxDifference(Copy(*state), expected_state), kMaxDifference * Largest(expected_state))
        << ids.size() << " tokens";
    EXPECT_EQ(decoder_->has_head(), one.contains("logits"));
    if (!decoder_->has_head()) continue;
    ASSERT_TRUE(text.Rewind(0).ok());
    const std::vector<float> expected = one["logits"];
    const size_t last = expected.size() / decoder_->vocabulary_size();
    const std::vector<float> logits = Output(text, ids, last);
    ASSERT_EQ(logits.size(), expected.size());
    EXPECT_LE(MaxDifference(logits, expected), kMaxDifference * Largest(expected))
        << ids.size() << " tokens";
  }
}

TEST_P(DecoderTest, TokenByTokenAndInChunksGiveTheBitsOfTheWhole) {
  const std::vector<int32_t> ids = LongestIds();
  Generator whole = Text();
  const std::vector<float> expected = Output(whole, ids, 1);
  for (const size_t step : {1U, 2U, 5U, 32U, 74U}) {
    Generator text = Text();
    std::span<const int32_t> rest(ids);
    while (rest.size() > step) {
      ASSERT_TRUE(text.Prefill(rest.first(step)).ok());
      rest = rest.subspan(step);
    }
    EXPECT_EQ(Output(text, rest, 1), expected) << "steps of " << step;
    EXPECT_EQ(text.tokens(), ids);
  }
}

TEST_P(DecoderTest, PositionsBeforeTheLastGiveWhatTheyGiveAlone) {
  if (!decoder_->has_head()) return;  // the states are compared above
  const std::vector<int32_t> ids = LongestIds();
  Generator text = Text();
  const std::vector<float> all = Output(text, ids, ids.size());
  const size_t vocabulary = decoder_->vocabulary_size();
  for (const size_t length : {size_t{1}, size_t{17}, ids.size()}) {
    Generator part = Text();
    const std::vector<float> alone = Output(part, std::span(ids).first(length), 1);
    const auto at = all.begin() + static_cast<ptrdiff_t>((length - 1) * vocabulary);
    EXPECT_EQ(alone, std::vector<float>(at, at + static_cast<ptrdiff_t>(vocabulary))) << length;
  }
}

TEST_P(DecoderTest, RewoundTextGivesTheBitsOfAFreshOne) {
  const std::vector<int32_t> ids = LongestIds();
  std::vector<int32_t> other(ids);
  std::reverse(other.begin() + 20, other.end());
  Generator fresh = Text();
  const std::vector<float> expected = Output(fresh, other, 1);
  Generator text = Text();
  Output(text, ids, 1);
  const size_t kept = text.RewindToPrefixOf(other);
  EXPECT_GE(kept, 20U);
  EXPECT_EQ(Output(text, std::span(other).subspan(kept), 1), expected);
  // All of it again: the last token is left to run.
  EXPECT_EQ(text.RewindToPrefixOf(other), other.size() - 1);
  EXPECT_EQ(Output(text, std::span(other).last(1), 1), expected);
}

class GeneratorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto loaded =
        LoadDecoderWeights(SmallDecoder("qwen2_tied"), {.precision = DecoderPrecision::kFloat},
                           **kernels::ChooseKernels(), pool_);
    ASSERT_TRUE(loaded) << loaded.error().message();
    decoder_ = *loaded;
  }
  ThreadPool pool_{1};
  std::shared_ptr<const Decoder> decoder_;
};

TEST_F(GeneratorTest, RefusesWhatItCannotRun) {
  Generator text(decoder_, pool_, 4);
  for (const int32_t bad : {-1, 61, INT32_MAX}) {
    const std::vector<int32_t> ids = {1, bad};
    EXPECT_EQ(text.Prefill(ids).code(), StatusCode::kInvalidArgument) << bad;
  }
  EXPECT_TRUE(text.tokens().empty());
  const std::vector<int32_t> five = {1, 2, 3, 4, 5};
  EXPECT_EQ(text.Prefill(five).code(), StatusCode::kResourceExhausted);
  ASSERT_TRUE(text.Prefill(std::span(five).first(4)).ok());
  EXPECT_EQ(text.Prefill(std::span(five).first(1)).code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(text.Rewind(5).code(), StatusCode::kInvalidArgument);
  ASSERT_TRUE(text.Rewind(3).ok());
  EXPECT_TRUE(text.Prefill(std::span(five).first(1)).ok());
}

TEST_F(GeneratorTest, CapacityIsLimitedByThePositions) {
  EXPECT_EQ(Generator(decoder_, pool_, 1 << 20).capacity(), decoder_->max_positions());
}

TEST_F(GeneratorTest, StopsWhenCancelled) {
  Generator text(decoder_, pool_, 64);
  CancellationToken cancel;
  cancel.Cancel();
  const std::vector<int32_t> ids = {1, 2};
  EXPECT_EQ(text.Prefill(ids, &cancel).code(), StatusCode::kCancelled);
  EXPECT_EQ(text.Forward(ids, 1, &cancel).error().code(), StatusCode::kCancelled);
}

}  // namespace
}  // namespace coderank
