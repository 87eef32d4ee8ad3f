// A real decoder, SmolLM2-135M-Instruct as GGUF, against transformers
// (scripts/generate_decoder_goldens.py smollm2).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "model/chat_format.h"
#include "model/generator.h"
#include "model/load_decoder.h"
#include "model/model_test_util.h"

namespace coderank {
namespace {

using nlohmann::json;

const json& Goldens() {
  static const json goldens = json::parse(*ReadFile(TestData() / "smollm2_goldens.json", 1 << 20));
  return goldens;
}
const json& Cases() { return Goldens()["cases"]; }

class SmolLm2Test : public ::testing::TestWithParam<const kernels::KernelSet*> {
 protected:
  void SetUp() override {
    if (std::getenv("CODERANK_TEST_DECODER_DIR") == nullptr) {
      GTEST_SKIP() << "CODERANK_TEST_DECODER_DIR does not name a folder with SmolLM2-135M-Instruct";
    }
  }
  LoadedDecoder Load(DecoderPrecision precision) {
    auto loaded = LoadDecoder(std::getenv("CODERANK_TEST_DECODER_DIR"), {.precision = precision},
                              *GetParam(), pool_);
    EXPECT_TRUE(loaded) << loaded.error().message();
    return *std::move(loaded);
  }
  ThreadPool pool_{2};
};

// The scalar set computes the same in minutes.
std::vector<const kernels::KernelSet*> FastSets() {
  std::vector<const kernels::KernelSet*> sets = AvailableKernelSets();
  std::erase(sets, kernels::AllKernelSets().front());
  return sets;
}

INSTANTIATE_TEST_SUITE_P(Sets, SmolLm2Test, ::testing::ValuesIn(FastSets()),
                         [](const auto& info) { return std::string(info.param->name); });

// `count` tokens, each the likeliest.
std::vector<int32_t> Continue(Generator& text, const std::vector<int32_t>& prompt, size_t count) {
  std::vector<int32_t> made;
  std::vector<int32_t> ids = prompt;
  while (made.size() < count) {
    const auto logits = text.Forward(ids);
    EXPECT_TRUE(logits) << logits.error().message();
    if (!logits) return made;
    const auto best = std::max_element(logits->begin(), logits->end());
    made.push_back(static_cast<int32_t>(best - logits->begin()));
    ids = {made.back()};
  }
  return made;
}

TEST_P(SmolLm2Test, PromptsBecomeTheReferencesTokens) {
  const auto tokenizer = LoadDecoderTokenizer(std::getenv("CODERANK_TEST_DECODER_DIR"));
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  for (const json& one : Cases()) {
    const std::string prompt = one["prompt"];
    std::vector<int32_t> ids;
    (*tokenizer)->AppendText(prompt, ids);
    EXPECT_EQ(ids, one["ids"].get<std::vector<int32_t>>()) << prompt;
    EXPECT_EQ((*tokenizer)->Decode(ids), prompt);
  }
}

TEST_P(SmolLm2Test, ChatsAreThoseOfTheModelsTemplate) {
  const auto tokenizer = LoadDecoderTokenizer(std::getenv("CODERANK_TEST_DECODER_DIR"));
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  const auto chat = ChatFormat::Of(**tokenizer);
  ASSERT_TRUE(chat) << chat.error().message();
  for (const json& one : Goldens()["chats"]) {
    EXPECT_EQ(chat->Prompt(one["system"].get<std::string>(), one["user"].get<std::string>()),
              one["ids"].get<std::vector<int32_t>>())
        << one["user"];
  }
}

TEST_P(SmolLm2Test, GreedyTextIsTheReferences) {
  const LoadedDecoder loaded = Load(DecoderPrecision::kFloat);
  Generator text(loaded.decoder, pool_, 256);
  for (const json& one : Cases()) {
    ASSERT_TRUE(text.Rewind(0).ok());
    const std::vector<int32_t> expected = one["next"];
    EXPECT_EQ(Continue(text, one["ids"], expected.size()), expected) << one["prompt"];
  }
}

// Activations of 8 bits move logits by about 1 %, so where two tokens are close the other one may
// come first, and texts go apart from there. So each step is judged after the reference's own text.
TEST_P(SmolLm2Test, QuantisedWeightsChooseTheReferencesTokens) {
  const LoadedDecoder loaded = Load(DecoderPrecision::kFile);
  Generator text(loaded.decoder, pool_, 256);
  const size_t vocabulary = loaded.decoder->vocabulary_size();
  size_t equal = 0;
  size_t all = 0;
  for (const json& one : Cases()) {
    ASSERT_TRUE(text.Rewind(0).ok());
    std::vector<int32_t> ids = one["ids"];
    const std::vector<int32_t> next = one["next"];
    ids.insert(ids.end(), next.begin(), next.end() - 1);
    const auto logits = text.Forward(ids, next.size());
    ASSERT_TRUE(logits) << logits.error().message();
    for (size_t i = 0; i < next.size(); ++i) {
      const auto row = logits->subspan(i * vocabulary, vocabulary);
      const auto best = std::max_element(row.begin(), row.end()) - row.begin();
      equal += best == next[i] ? 1U : 0U;
      ++all;
    }
  }
  RecordProperty("equal_tokens", static_cast<int>(equal));
  RecordProperty("all_tokens", static_cast<int>(all));
  EXPECT_GE(static_cast<double>(equal), 0.97 * static_cast<double>(all));
}

}  // namespace
}  // namespace coderank
