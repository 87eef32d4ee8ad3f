// A GGUF file through the real program: the twin of a safetensors model gives the same answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "base/file.h"
#include "model/safetensors.h"
#include "support/coderank_runner.h"
#include "support/gguf_writer.h"
#include "support/tiny_model.h"

namespace coderank {
namespace {

using nlohmann::json;
using testing::CoderankRunner;
using testing::GgufWriter;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ProcessResult;
using ::testing::StartsWith;

enum class Spelling { kPlain, kPhantom };

constexpr size_t kSpecialTokens = 5;  // the first ones of the tiny model's vocabulary

std::string GgufName(const std::string& published) {
  static const std::map<std::string, std::string> names = {
      {"embeddings.word_embeddings", "token_embd"},
      {"embeddings.position_embeddings", "position_embd"},
      {"embeddings.token_type_embeddings", "token_types"},
      {"embeddings.LayerNorm", "token_embd_norm"},
      {"encoder.layer.0.attention.self.query", "blk.0.attn_q"},
      {"encoder.layer.0.attention.self.key", "blk.0.attn_k"},
      {"encoder.layer.0.attention.self.value", "blk.0.attn_v"},
      {"encoder.layer.0.attention.output.dense", "blk.0.attn_output"},
      {"encoder.layer.0.attention.output.LayerNorm", "blk.0.attn_output_norm"},
      {"encoder.layer.0.intermediate.dense", "blk.0.ffn_up"},
      {"encoder.layer.0.output.dense", "blk.0.ffn_down"},
      {"encoder.layer.0.output.LayerNorm", "blk.0.layer_output_norm"}};
  const size_t dot = published.rfind('.');
  return names.at(published.substr(0, dot)) + published.substr(dot);
}

void WriteVocabulary(const std::filesystem::path& folder, Spelling spelling, GgufWriter& writer) {
  std::ifstream in(folder / "vocab.txt");
  std::vector<std::string> tokens;
  std::vector<int32_t> types;
  for (std::string line; std::getline(in, line);) {
    const bool special = tokens.size() < kSpecialTokens;
    types.push_back(special ? 3 : 1);
    if (spelling == Spelling::kPhantom && !special) {
      line = line.starts_with("##") ? line.substr(2) : "\xe2\x96\x81" + line;
    }
    tokens.push_back(line);
  }
  writer.Text("tokenizer.ggml.model", "bert");
  writer.Texts("tokenizer.ggml.tokens", tokens);
  writer.Ints("tokenizer.ggml.token_type", types);
  writer.Uint("tokenizer.ggml.padding_token_id", 0);
  writer.Uint("tokenizer.ggml.unknown_token_id", 1);
  writer.Uint("tokenizer.ggml.cls_token_id", 2);
  writer.Uint("tokenizer.ggml.seperator_token_id", 3);
}

// The GGUF twin of a folder that WriteTinyModel made.
std::string TwinOf(const std::filesystem::path& folder, Spelling spelling) {
  const auto config = json::parse(std::ifstream(folder / "config.json"));
  GgufWriter writer;
  writer.Text("general.architecture", "bert");
  writer.Uint("bert.context_length", config["max_position_embeddings"]);
  writer.Uint("bert.embedding_length", config["hidden_size"]);
  writer.Uint("bert.feed_forward_length", config["intermediate_size"]);
  writer.Uint("bert.block_count", config["num_hidden_layers"]);
  writer.Uint("bert.attention.head_count", config["num_attention_heads"]);
  writer.Float("bert.attention.layer_norm_epsilon", config["layer_norm_eps"]);
  writer.Uint("bert.pooling_type", 1);
  WriteVocabulary(folder, spelling, writer);
  const auto file = MappedFile::Open(folder / "model.safetensors");
  const auto tensors = ParseSafetensors(file->bytes(), "tiny");
  for (const auto& [name, tensor] : *tensors) {
    writer.Tensor(GgufName(name), tensor.shape, GgufWriter::kF32,
                  {reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size()});
  }
  return writer.File();
}

class GgufProgramTest : public ::testing::Test {
 protected:
  GgufProgramTest() {
    const ProcessResult added = coderank_.AddTinyModel();
    EXPECT_EQ(added.exit_code, 0) << added.err;
  }

  // Writes the twin beside the tree; its path as seen from there.
  std::string WriteTwin(const std::string& name, Spelling spelling) const {
    std::ofstream(coderank_.world() / name, std::ios::binary)
        << TwinOf(coderank_.world() / "model-1", spelling);
    return "../" + name;
  }

  CoderankRunner coderank_{CODERANK_PROGRAM};
};

TEST_F(GgufProgramTest, TwinEmbedsIndexesAndSearchesAsItsOriginal) {
  coderank_.Write("read.cc", "int ReadFile(const char* path) {\n  return Open(path);\n}\n");
  coderank_.Write("write.py", "def write_file(path):\n    return open(path, 'w')\n");
  const std::vector<std::string> embed = {"embed", "--token-ids", "--jsonl", "--model"};
  const std::string lines = "{\"text\": \"Read the FILE\"}\n{\"text\": \"[SEP] w_1 \\u00e9\"}\n";
  const auto with = [](std::vector<std::string> arguments, const std::string& last) {
    arguments.push_back(last);
    return arguments;
  };
  const std::string expected = coderank_.Run(with(embed, "tiny"), lines).out;
  ASSERT_THAT(expected, HasSubstr("ids"));
  const json original = coderank_.RunJson({"search", "--json", "read a file", "--model", "tiny"});
  for (const Spelling spelling : {Spelling::kPlain, Spelling::kPhantom}) {
    const std::string name = spelling == Spelling::kPlain ? "plain" : "phantom";
    const ProcessResult added =
        coderank_.Run({"model", "add", name, WriteTwin(name + "-f32.gguf", spelling)});
    ASSERT_EQ(added.exit_code, 0) << added.err;
    EXPECT_THAT(added.out, StartsWith("installed " + name + " (32 dimensions)"));
    EXPECT_THAT(added.err, HasSubstr("carries no prompts"));
    EXPECT_EQ(coderank_.Run(with(embed, name), lines).out, expected) << name;
    ASSERT_EQ(coderank_.Run({"clear"}).exit_code, 0);
    ASSERT_EQ(coderank_.Run({"index", "--model", name}).exit_code, 0);
    const json found = coderank_.RunJson({"search", "--json", "read a file"});
    EXPECT_EQ(found["results"], original["results"]) << name;
    EXPECT_EQ(found["model"], name);
  }
}

TEST_F(GgufProgramTest, InstalledFileIsListedVerifiedAndAddedAgain) {
  const std::string path = WriteTwin("CodeRankEmbed.f32.gguf", Spelling::kPhantom);
  const ProcessResult added = coderank_.Run({"model", "add", path});
  ASSERT_EQ(added.exit_code, 0) << added.err;
  EXPECT_THAT(added.err, IsEmpty()) << "a known model's prompt";
  const json info = coderank_.RunJson({"model", "info", "CodeRankEmbed.f32", "--json"});
  EXPECT_EQ(info["architecture"], "bert");
  EXPECT_EQ(info["pooling"], "mean");
  EXPECT_EQ(info["query_prompt"], "Represent this query for searching relevant code: ");
  const std::filesystem::path folder = info["folder"].get<std::string>();
  EXPECT_TRUE(std::filesystem::exists(folder / "CodeRankEmbed.f32.gguf"));
  EXPECT_EQ(coderank_.Run({"model", "verify", "CodeRankEmbed.f32"}).exit_code, 0);
  EXPECT_THAT(coderank_.Run({"model", "add", path}).out, StartsWith("already installed"));
  EXPECT_THAT(coderank_.Run({"model", "add", "CodeRankEmbed.f32", folder.native()}).out,
              StartsWith("already installed"));
}

TEST_F(GgufProgramTest, LinkToAFileInstallsTheFileUnderTheLinksName) {
  WriteTwin("0a1b2c", Spelling::kPlain);
  std::filesystem::create_symlink("0a1b2c", coderank_.world() / "linked.gguf");
  const ProcessResult added = coderank_.Run({"model", "add", "../linked.gguf"});
  ASSERT_EQ(added.exit_code, 0) << added.err;
  const json info = coderank_.RunJson({"model", "info", "linked", "--json"});
  const auto file = std::filesystem::path(info["folder"].get<std::string>()) / "linked.gguf";
  EXPECT_FALSE(std::filesystem::is_symlink(file));
  EXPECT_TRUE(std::filesystem::is_regular_file(file));
}

TEST_F(GgufProgramTest, BrokenFilesAreNotInstalledAndNameTheFile) {
  const std::string whole = TwinOf(coderank_.world() / "model-1", Spelling::kPlain);
  std::string not_finite = whole;
  not_finite.replace(not_finite.size() - 4, 4, "\xff\xff\xff\x7f");
  for (const std::string& bytes :
       {std::string(), std::string("GGUF"), whole.substr(0, 100), whole.substr(0, 4000),
        whole.substr(0, whole.size() - 1), not_finite}) {
    std::ofstream(coderank_.world() / "broken.gguf", std::ios::binary) << bytes;
    const ProcessResult result = coderank_.Run({"model", "add", "broken", "../broken.gguf"});
    EXPECT_EQ(result.exit_code, 2) << bytes.size();
    EXPECT_THAT(result.err, HasSubstr("broken.gguf: ")) << bytes.size();
  }
  EXPECT_EQ(coderank_.RunJson({"model", "list", "--json"})["models"].size(), 1U);
}

}  // namespace
}  // namespace coderank
