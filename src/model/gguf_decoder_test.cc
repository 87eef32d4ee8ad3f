// Decoders from GGUF files: the same tensors as in a published folder, under the names and in the
// order of rows that the format has for them.
#include "model/gguf_decoder.h"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "model/generator.h"
#include "model/load_decoder.h"
#include "model/model_record.h"
#include "model/model_test_util.h"
#include "model/weight_files.h"
#include "support/gguf_writer.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using nlohmann::json;
using testing::GgufWriter;

constexpr std::pair<const char*, const char*> kLayerNames[] = {
    {"input_layernorm.weight", "attn_norm.weight"},
    {"self_attn.q_proj.weight", "attn_q.weight"},
    {"self_attn.k_proj.weight", "attn_k.weight"},
    {"self_attn.v_proj.weight", "attn_v.weight"},
    {"self_attn.o_proj.weight", "attn_output.weight"},
    {"post_attention_layernorm.weight", "ffn_norm.weight"},
    {"mlp.gate_proj.weight", "ffn_gate.weight"},
    {"mlp.up_proj.weight", "ffn_up.weight"},
    {"mlp.down_proj.weight", "ffn_down.weight"}};

// The small models of GgufDecoderTest as a converter writes them.
class Converter {
 public:
  explicit Converter(std::string_view name)
      : folder_(TestData() / "decoders" / name),
        config_(json::parse(*ReadFile(folder_ / "config.json", 1 << 20))),
        files_(*WeightFiles::Open(folder_)) {}

  // `pooling`: the format's number of an embedder's, which has no head; 0: none.
  std::string Convert(uint32_t pooling = 0) {
    const std::string architecture = config_["model_type"];
    const bool llama = architecture == "llama";
    writer_.Text("general.architecture", architecture);
    const auto number = [&](const char* key, const char* field) {
      writer_.Uint(architecture + "." + key, config_[field]);
    };
    number("embedding_length", "hidden_size");
    number("block_count", "num_hidden_layers");
    number("attention.head_count", "num_attention_heads");
    number("attention.head_count_kv", "num_key_value_heads");
    number("feed_forward_length", "intermediate_size");
    number("context_length", "max_position_embeddings");
    writer_.Float(architecture + ".attention.layer_norm_rms_epsilon", config_["rms_norm_eps"]);
    writer_.Float(architecture + ".rope.freq_base", 10000);
    if (config_.contains("rope_scaling") && config_["rope_scaling"].is_object()) {
      const json& scaling = config_["rope_scaling"];
      writer_.Text(architecture + ".rope.scaling.type", scaling["type"].get<std::string>());
      writer_.Float(architecture + ".rope.scaling.factor", scaling["factor"]);
    }
    const size_t hidden = Size("hidden_size");
    const size_t head = hidden / Size("num_attention_heads");
    const size_t keys = Size("num_key_value_heads") * head;
    const size_t inner = Size("intermediate_size");
    Add("model.embed_tokens.weight", "token_embd.weight", {Size("vocab_size"), hidden}, 0);
    Add("model.norm.weight", "output_norm.weight", {hidden}, 0);
    if (pooling == 0) Add("lm_head.weight", "output.weight", {Size("vocab_size"), hidden}, 0);
    if (pooling != 0) writer_.Uint(architecture + ".pooling_type", pooling);
    const std::vector<std::vector<uint64_t>> shapes = {
        {hidden}, {hidden, hidden}, {keys, hidden},  {keys, hidden}, {hidden, hidden},
        {hidden}, {inner, hidden},  {inner, hidden}, {hidden, inner}};
    for (size_t layer = 0; layer < Size("num_hidden_layers"); ++layer) {
      const std::string from = StrCat("model.layers.", layer, ".");
      const std::string to = StrCat("blk.", layer, ".");
      for (size_t i = 0; i < std::size(kLayerNames); ++i) {
        const bool interleave = llama && (i == 1 || i == 2);
        Add(from + kLayerNames[i].first, to + kLayerNames[i].second, shapes[i],
            interleave ? head : 0);
      }
      if (llama) continue;
      for (const char* part : {"q", "k", "v"}) {
        Add(from + "self_attn." + part + "_proj.bias", to + "attn_" + part + ".bias",
            {*part == 'q' ? hidden : keys}, 0);
      }
    }
    return writer_.File();
  }

 private:
  size_t Size(const char* field) const { return config_[field]; }

  // In every head of `head` rows (0: in none), row i of the first half and of the second come to
  // stand side by side.
  void Add(const std::string& name, const std::string& gguf, const std::vector<uint64_t>& shape,
           size_t head) {
    const auto read = files_.Read(name, shape);
    ASSERT_TRUE(read) << read.error().message();
    std::vector<float> values = *read;
    if (head != 0) {
      const size_t n = shape[1];
      for (size_t row = 0; row < shape[0]; ++row) {
        const size_t within = row % head;
        const size_t published = row - within + within / 2 + within % 2 * head / 2;
        std::copy_n(read->begin() + static_cast<ptrdiff_t>(published * n), n,
                    values.begin() + static_cast<ptrdiff_t>(row * n));
      }
    }
    writer_.Tensor(gguf, shape, GgufWriter::kF32, FloatBytes(values));
  }

  std::filesystem::path folder_;
  json config_;
  WeightFiles files_;
  GgufWriter writer_;
};

class GgufDecoderTest : public ::testing::TestWithParam<const char*> {
 protected:
  std::vector<float> Logits(const std::filesystem::path& path, DecoderPrecision precision) {
    const auto loaded =
        LoadDecoderWeights(path, {.precision = precision}, **kernels::ChooseKernels(), pool_);
    EXPECT_TRUE(loaded) << loaded.error().message();
    if (!loaded) return {};
    Generator text(*loaded, pool_, 64);
    const std::vector<int32_t> ids = {3, 1, 4, 1, 5, 9, 2, 6};
    const auto logits = text.Forward(ids);
    EXPECT_TRUE(logits) << logits.error().message();
    return {logits->begin(), logits->end()};
  }
  ThreadPool pool_{2};
  testing::TempDir dir_;
};

INSTANTIATE_TEST_SUITE_P(Models, GgufDecoderTest,
                         ::testing::Values("llama_plain", "llama_linear", "qwen2_sharded"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(GgufDecoderTest, GivesTheBitsOfThePublishedFolder) {
  dir_.Write("model.gguf", Converter(GetParam()).Convert());
  const std::filesystem::path folder = TestData() / "decoders" / GetParam();
  for (const DecoderPrecision precision :
       {DecoderPrecision::kFloat, DecoderPrecision::kInt8, DecoderPrecision::kInt4}) {
    EXPECT_EQ(Logits(dir_.path() / "model.gguf", precision), Logits(folder, precision));
  }
  EXPECT_EQ(Logits(dir_.path(), DecoderPrecision::kFloat),
            Logits(folder, DecoderPrecision::kFloat));
}

// What the format says about pooling makes an embedder of a decoder.
TEST(GgufDecoderRecordTest, IsAGeneratorOrAnEmbedder) {
  testing::TempDir dir;
  dir.Write("writer.gguf", Converter("qwen2_sharded").Convert());
  const auto writer = DeriveModelRecord(dir.path() / "writer.gguf", "writer");
  ASSERT_TRUE(writer) << writer.error().message();
  EXPECT_EQ(writer->kind, ModelKind::kGenerator);
  EXPECT_EQ(writer->architecture, "qwen2");
  EXPECT_GT(writer->max_length, 2U);
  const auto read = ReadModelRecord(WriteModelRecord(*writer), "record.json");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->kind, ModelKind::kGenerator);

  dir.Write("nomic-embed-code.gguf", Converter("qwen2_sharded").Convert(3));
  const auto file = dir.path() / "nomic-embed-code.gguf";
  const auto embedder = DeriveModelRecord(file, "mine");
  ASSERT_TRUE(embedder) << embedder.error().message();
  EXPECT_EQ(embedder->kind, ModelKind::kEmbedder);
  EXPECT_EQ(embedder->pooling, Pooling::kLast);
  EXPECT_EQ(embedder->query_prompt, "Represent this query for searching relevant code: ");
  EXPECT_EQ(ReadModelRecord(WriteModelRecord(*embedder), "record.json")->pooling, Pooling::kLast);
  ThreadPool pool(1);
  const auto decoder = LoadDecoderWeights(file, {.precision = DecoderPrecision::kFloat},
                                          **kernels::ChooseKernels(), pool);
  ASSERT_TRUE(decoder) << decoder.error().message();
  EXPECT_FALSE((*decoder)->has_head()) << "its embeddings are no head";
}

TEST(DecoderRecordTest, FoldersAreToldApartByTheirHeads) {
  testing::TempDir dir;
  const auto copy = [&](const char* architecture) {
    const std::filesystem::path from = TestData() / "decoders" / "qwen2_tied";
    auto config = json::parse(*ReadFile(from / "config.json", 1 << 20));
    config["architectures"] = {architecture};
    dir.Write("config.json", config.dump());
    dir.Write("model.safetensors", *ReadFile(from / "model.safetensors", 1 << 24));
    dir.Write("tokenizer.json", "{}");
    return DeriveModelRecord(dir.path(), "x");
  };
  const auto writer = copy("Qwen2ForCausalLM");
  ASSERT_TRUE(writer) << writer.error().message();
  EXPECT_EQ(writer->kind, ModelKind::kGenerator);
  EXPECT_EQ(writer->max_length, 256U);
  dir.Write("tokenizer_config.json", R"({"model_max_length": 99})");
  EXPECT_EQ(copy("Qwen2ForCausalLM")->max_length, 99U);
  EXPECT_EQ(copy("Qwen2Model")->kind, ModelKind::kEmbedder);
  dir.Write("modules.json", R"([{"type": "x.Transformer", "path": ""},
                                {"type": "x.Pooling", "path": "1_Pooling"}])");
  dir.Write("1_Pooling/config.json", R"({"pooling_mode_lasttoken": true})");
  const auto embedder = copy("Qwen2ForCausalLM");
  ASSERT_TRUE(embedder) << embedder.error().message();
  EXPECT_EQ(embedder->kind, ModelKind::kEmbedder);
  EXPECT_EQ(embedder->pooling, Pooling::kLast);
}

// Metadata that would need other equations, and metadata that is missing.
TEST(GgufDecoderConfigTest, RefusesOtherModels) {
  const auto config = [](const std::function<void(GgufWriter&)>& write) {
    GgufWriter writer;
    write(writer);
    writer.Tensor("token_embd.weight", {2, 4}, GgufWriter::kF32, std::string(32, '\0'));
    const std::string file = writer.File();
    const auto gguf = ParseGguf(std::as_bytes(std::span(file)), "x.gguf");
    EXPECT_TRUE(gguf) << gguf.error().message();
    return GgufDecoderConfig(*gguf);
  };
  const auto sizes = [](GgufWriter& writer) {
    writer.Text("general.architecture", "llama");
    for (const char* key : {"embedding_length", "block_count", "attention.head_count",
                            "feed_forward_length", "context_length"}) {
      writer.Uint(StrCat("llama.", key), 4);
    }
  };
  EXPECT_EQ(config([&](GgufWriter& w) { w.Text("general.architecture", "mamba"); }).error().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(config(sizes).error().code(), StatusCode::kCorrupt);  // no epsilon
  const auto whole = [&](GgufWriter& w) {
    sizes(w);
    w.Float("llama.attention.layer_norm_rms_epsilon", 1e-5F);
  };
  const auto good = config(whole);
  ASSERT_TRUE(good) << good.error().message();
  EXPECT_EQ(good->object()["vocab_size"], 2);
  EXPECT_EQ(good->object()["rope_theta"], 10000);
  EXPECT_EQ(good->object()["tie_word_embeddings"], true);
  const auto scaled = config([&](GgufWriter& w) {
    whole(w);
    w.Text("llama.rope.scaling.type", "yarn");
    w.Float("llama.rope.scaling.factor", 4);
    w.Uint("llama.rope.scaling.original_context_length", 32);
  });
  ASSERT_TRUE(scaled) << scaled.error().message();
  EXPECT_EQ(
      scaled->object()["rope_scaling"],
      nlohmann::json(
          {{"rope_type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 32.0}}));
  const auto refuse = [&](const std::function<void(GgufWriter&)>& more) {
    const auto refused = config([&](GgufWriter& w) {
      whole(w);
      more(w);
    });
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("llama."), std::string::npos)
        << refused.error().message();
  };
  refuse([](GgufWriter& w) { w.Uint("llama.expert_count", 8); });
  refuse([](GgufWriter& w) { w.Text("llama.rope.scaling.type", "longrope"); });
  refuse([](GgufWriter& w) {
    w.Text("llama.rope.scaling.type", "yarn");
    w.Float("llama.rope.scaling.attn_factor", 0.5F);
  });
  refuse([](GgufWriter& w) { w.Uint("llama.rope.dimension_count", 2); });
}

}  // namespace
}  // namespace coderank
