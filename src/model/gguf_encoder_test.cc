// GGUF encoders: what their metadata gives, and twins of the small safetensors models
// (scripts/generate_gguf_goldens.py twins).
#include "model/gguf_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "model/gguf_names.h"
#include "model/model_folder.h"
#include "model/model_test_util.h"
#include "model/weight_files.h"
#include "support/gguf_writer.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using testing::GgufWriter;
using ::testing::HasSubstr;
using Shape = std::vector<uint64_t>;

std::filesystem::path Twin(std::string_view name) { return TestData() / "gguf" / name; }

std::string Zeros(size_t floats) { return std::string(floats * sizeof(float), '\0'); }

// A nomic-bert without most of its weights, as far as the configuration goes.
GgufWriter NomicFile() {
  GgufWriter writer;
  writer.Text("general.architecture", "nomic-bert");
  writer.Uint("nomic-bert.context_length", 2048);
  writer.Uint("nomic-bert.embedding_length", 8);
  writer.Uint("nomic-bert.feed_forward_length", 12);
  writer.Uint("nomic-bert.block_count", 1);
  writer.Uint("nomic-bert.attention.head_count", 2);
  writer.Float("nomic-bert.attention.layer_norm_epsilon", 1e-12F);
  writer.Uint("nomic-bert.pooling_type", 2);
  writer.Float("nomic-bert.rope.freq_base", 1000);
  writer.Tensor("token_embd.weight", {3, 8}, GgufWriter::kF32, Zeros(24));
  writer.Tensor("blk.0.ffn_gate.weight", {12, 8}, GgufWriter::kF32, Zeros(96));
  return writer;
}

// The error of DeriveModelRecord for the file.
std::string RecordError(const GgufWriter& writer) {
  const testing::TempDir folder;
  folder.Write("x.gguf", writer.File());
  const auto record = DeriveModelRecord(folder.path() / "x.gguf", "x");
  EXPECT_FALSE(record);
  return record ? "" : record.error().message();
}

TEST(GgufNamesTest, TensorsGoByTheirPublishedNames) {
  EXPECT_EQ(PublishedTensorName("nomic-bert", "token_embd.weight"),
            "embeddings.word_embeddings.weight");
  EXPECT_EQ(PublishedTensorName("nomic-bert", "blk.11.ffn_gate.weight"),
            "encoder.layers.11.mlp.fc12.weight");
  EXPECT_EQ(PublishedTensorName("bert", "blk.0.attn_output_norm.bias"),
            "encoder.layer.0.attention.output.LayerNorm.bias");
  EXPECT_EQ(PublishedTensorName("bert", "position_embd.weight"),
            "embeddings.position_embeddings.weight");
  for (const char* same : {"", ".", "blk.", "blk.0", "blk.attn_q.weight", "blk.0.other.weight",
                           "token_embd", "output.weight", "blk.0.attn_q"}) {
    const std::string name = PublishedTensorName("bert", same);
    EXPECT_TRUE(name == same || name == "embeddings.word_embeddings") << name;
  }
  EXPECT_EQ(PublishedTensorName("qwen2", "blk.0.attn_q.weight"),
            "model.layers.0.self_attn.q_proj.weight");
  EXPECT_EQ(PublishedTensorName("llama", "output.weight"), "lm_head.weight");
  EXPECT_EQ(PublishedTensorName("mamba", "blk.0.attn_q.weight"), "blk.0.attn_q.weight");
}

TEST(GgufEncoderTest, RecordComesFromTheMetadata) {
  const testing::TempDir folder;
  folder.Write("x.gguf", NomicFile().File());
  const auto record = DeriveModelRecord(folder.path() / "x.gguf", "mine");
  ASSERT_TRUE(record) << record.error().message();
  EXPECT_EQ(record->name, "mine");
  EXPECT_EQ(record->architecture, "nomic_bert");
  EXPECT_EQ(record->transformer_folder, "");
  EXPECT_EQ(record->pooling, Pooling::kCls);
  EXPECT_EQ(record->dimension, 8U);
  EXPECT_EQ(record->max_length, 512U);
  EXPECT_EQ(record->query_prompt, "");
  ASSERT_EQ(record->files.size(), 1U);
  EXPECT_EQ(record->files.front().path, "x.gguf");
  EXPECT_EQ(record->files.front().sha256.size(), 64U);
  const auto same = DeriveModelRecord(folder.path(), "mine");
  ASSERT_TRUE(same) << same.error().message();
  EXPECT_EQ(same->Fingerprint(), record->Fingerprint()) << "the folder of one file";
}

TEST(GgufEncoderTest, KnownModelsHaveTheirPrompt) {
  constexpr const char* kPrompt = "Represent this query for searching relevant code: ";
  const testing::TempDir folder;
  folder.Write("x.gguf", NomicFile().File());
  EXPECT_EQ(DeriveModelRecord(folder.path() / "x.gguf", "CodeRankEmbed")->query_prompt, kPrompt);
  folder.Write("coderankembed.f16.gguf", NomicFile().File());
  EXPECT_EQ(DeriveModelRecord(folder.path() / "coderankembed.f16.gguf", "x")->query_prompt,
            kPrompt);
  GgufWriter named = NomicFile();
  named.Text("general.name", "CodeRankEmbed");
  folder.Write("x.gguf", named.File());
  EXPECT_EQ(DeriveModelRecord(folder.path() / "x.gguf", "x")->query_prompt, kPrompt);
}

TEST(GgufEncoderTest, PromptsFileBesideTheFileCountsMore) {
  const testing::TempDir folder;
  folder.Write("coderankembed.gguf", NomicFile().File());
  folder.Write("config_sentence_transformers.json", R"({"prompts": {"document": "d: "}})");
  const auto record = DeriveModelRecord(folder.path(), "x");
  ASSERT_TRUE(record) << record.error().message();
  EXPECT_EQ(record->query_prompt, "");
  EXPECT_EQ(record->document_prompt, "d: ");
}

TEST(GgufEncoderTest, WhatIsNotSupportedIsNamed) {
  GgufWriter other;
  other.Text("general.architecture", "mamba");
  EXPECT_THAT(RecordError(other),
              HasSubstr("expected bert, nomic-bert, qwen2 or llama, found \"mamba\""));
  EXPECT_THAT(RecordError(GgufWriter()), HasSubstr("key \"general.architecture\""));
  GgufWriter scaled = NomicFile();
  scaled.Text("nomic-bert.rope.scaling.type", "yarn");
  EXPECT_THAT(RecordError(scaled), HasSubstr("rope.scaling.type\": expected none"));
  GgufWriter causal = NomicFile();
  causal.Flag("nomic-bert.attention.causal", true);
  EXPECT_THAT(RecordError(causal), HasSubstr("attention.causal\": expected false"));
  GgufWriter partial = NomicFile();
  partial.Uint("nomic-bert.rope.dimension_count", 2);
  EXPECT_THAT(RecordError(partial), HasSubstr("expected the head's size, 4, found 2"));
  GgufWriter split = NomicFile();
  split.Uint("split.count", 3);
  EXPECT_THAT(RecordError(split), HasSubstr("split.count"));
}

TEST(GgufEncoderTest, PoolingHasToBeSaid) {
  for (const uint32_t type : {0U, 4U}) {
    GgufWriter writer;
    writer.Text("general.architecture", "bert");
    writer.Uint("bert.pooling_type", type);
    const std::string file = writer.File();
    const auto gguf = ParseGguf(std::as_bytes(std::span(file)), "x.gguf");
    ASSERT_TRUE(gguf);
    EXPECT_THAT(GgufPooling(*gguf).error().message(),
                HasSubstr("expected 1 (mean), 2 (cls) or 3 (last)"));
  }
  GgufWriter none;
  none.Text("general.architecture", "bert");
  const std::string file = none.File();
  EXPECT_THAT(GgufPooling(*ParseGguf(std::as_bytes(std::span(file)), "x")).error().message(),
              HasSubstr("found nothing"));
}

TEST(GgufWeightsTest, UnreadableTypesAndShapesNameTheTensor) {
  const testing::TempDir folder;
  GgufWriter writer;
  writer.Text("general.architecture", "bert");
  writer.Tensor("token_embd.weight", {1, 256}, 10, std::string(84, '\0'));
  writer.Tensor("token_types.weight", {2, 3}, GgufWriter::kF32, Zeros(6));
  folder.Write("x.gguf", writer.File());
  const auto weights = WeightFiles::Open(folder.path());
  ASSERT_TRUE(weights) << weights.error().message();
  EXPECT_THAT(weights->Read("embeddings.word_embeddings.weight", Shape{1, 256}).error().message(),
              HasSubstr("x.gguf: tensor \"embeddings.word_embeddings.weight\": expected F32, F16, "
                        "BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K or Q6_K, found Q2_K"));
  EXPECT_THAT(
      weights->Read("embeddings.token_type_embeddings.weight", Shape{3, 2}).error().message(),
      HasSubstr("expected shape [3, 2], found [2, 3]"));
}

TEST(GgufWeightsTest, SafetensorsComeFirstAndSeveralFilesAreAnError) {
  const testing::TempDir folder;
  folder.Write("a.gguf", NomicFile().File());
  EXPECT_TRUE(WeightFiles::Open(folder.path()));
  folder.Write("b.gguf", NomicFile().File());
  EXPECT_THAT(WeightFiles::Open(folder.path()).error().message(),
              HasSubstr("expected one .gguf file, found"));
  folder.Write("model.safetensors",
               SafetensorsBytes("{" + TensorJson("a", "F32", "[1]", 0, 4) + "}", Zeros(1)));
  const auto weights = WeightFiles::Open(folder.path());
  ASSERT_TRUE(weights) << weights.error().message();
  EXPECT_TRUE(weights->Contains("a"));
}

using Vectors = std::vector<std::vector<float>>;

// Vectors of the goldens' token ids, not normalised.
Result<Vectors> Encode(const std::filesystem::path& folder, std::string_view model) {
  static ThreadPool pool(2);
  const auto record = DeriveModelRecord(folder, "twin");
  if (!record) return record.error();
  const auto encoder = LoadSentenceEncoder(folder, *record, *AvailableKernelSets().back(), pool);
  if (!encoder) return encoder.error();
  const auto text = ReadFile(SmallModel(model) / "goldens.json", 1 << 20);
  const auto goldens = nlohmann::json::parse(*text);
  IdLists lists;
  for (const auto& one : goldens["cases"]) lists.push_back(one["ids"]);
  return (*encoder)->Encode(Views(lists), {.normalize = false});
}

struct TwinCase {
  const char* twin;
  const char* model;
};

class GgufTwinTest : public ::testing::TestWithParam<TwinCase> {};

// F32 in the plain spelling and F16 in the one with phantom spaces.
INSTANTIATE_TEST_SUITE_P(Twins, GgufTwinTest,
                         ::testing::Values(TwinCase{"mean_gelu", "mean_gelu"},
                                           TwinCase{"nomic_cls", "nomic_cls"}),
                         [](const auto& info) { return std::string(info.param.twin); });

TEST_P(GgufTwinTest, VectorsAreEqualBitForBit) {
  const auto twin = Encode(Twin(GetParam().twin), GetParam().model);
  ASSERT_TRUE(twin) << twin.error().message();
  const auto original = Encode(SmallModel(GetParam().model), GetParam().model);
  ASSERT_TRUE(original) << original.error().message();
  EXPECT_EQ(*twin, *original);
}

TEST_P(GgufTwinTest, TokenIdsAreEqual) {
  const auto twin = LoadModelTokenizer(Twin(GetParam().twin));
  ASSERT_TRUE(twin) << twin.error().message();
  const auto original = LoadTokenizer(SmallModel(GetParam().model));
  ASSERT_TRUE(original) << original.error().message();
  EXPECT_EQ((*twin)->vocabulary_size(), (*original)->vocabulary_size());
  for (const char* text : {"", "w0 w1 W7", "w61w2", "[SEP] w3 [mask]", "x", "w1-w2"}) {
    EXPECT_EQ((*twin)->Encode(text, 99).ids, (*original)->Encode(text, 99).ids) << text;
  }
}

TEST_P(GgufTwinTest, RecordDiffersOnlyInWhatTheFormatCannotSay) {
  const auto twin = DeriveModelRecord(Twin(GetParam().twin), "twin");
  const auto original = DeriveModelRecord(SmallModel(GetParam().model), "twin");
  ASSERT_TRUE(twin && original);
  EXPECT_EQ(twin->architecture, original->architecture);
  EXPECT_EQ(twin->pooling, original->pooling);
  EXPECT_EQ(twin->dimension, original->dimension);
  EXPECT_EQ(twin->query_prompt, "");
}

// A Q8_0 weight is off by at most half a step of (largest of 32) / 127; for normally distributed
// weights that is 0.5 % of their deviation in the mean. Errors of products add up independently:
// 0.5 % for a layer, 1.7 % for the 5 quantised products of each of 2 layers and the embedding.
// Three times that for what attention and the norms make of it. Measured: 2.4 %.
TEST(GgufQuantisedTest, VectorsAreNearTheOriginals) {
  const auto twin = Encode(Twin("mean_gelu_q8_0"), "mean_gelu");
  ASSERT_TRUE(twin) << twin.error().message();
  const auto original = Encode(SmallModel("mean_gelu"), "mean_gelu");
  ASSERT_TRUE(original) << original.error().message();
  double worst = 0;
  for (size_t i = 0; i < original->size(); ++i) {
    double difference = 0;
    double length = 0;
    for (size_t j = 0; j < (*original)[i].size(); ++j) {
      difference += std::pow((*twin)[i][j] - (*original)[i][j], 2);
      length += std::pow((*original)[i][j], 2);
    }
    worst = std::max(worst, std::sqrt(difference / length));
  }
  EXPECT_LE(worst, 0.05);
  EXPECT_GT(worst, 0) << "it is quantised";
  RecordProperty("difference", std::to_string(worst));
}

}  // namespace
}  // namespace coderank
