#include "model/model_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "model/model_test_util.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::HasSubstr;
using testing::TempDir;

constexpr char kConfig[] = R"({"model_type":"bert","hidden_size":8,"max_position_embeddings":64})";
constexpr char kModules[] = R"([
  {"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},
  {"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}])";

// A folder whose files are as small as DeriveModelRecord accepts.
class DeriveTest : public ::testing::Test {
 protected:
  DeriveTest() {
    folder_.Write("config.json", kConfig);
    folder_.Write("tokenizer.json", "{}");
    folder_.Write("model.safetensors", "weights");
  }
  void WritePooling(std::string_view config) {
    folder_.Write("modules.json", kModules);
    folder_.Write("1_Pooling/config.json", config);
  }
  Result<ModelRecord> Derive() const { return DeriveModelRecord(folder_.path(), "m"); }
  void ExpectInvalid(std::string_view file, std::string_view field) {
    const auto record = Derive();
    ASSERT_FALSE(record);
    EXPECT_EQ(record.error().code(), StatusCode::kInvalidArgument) << record.error().message();
    EXPECT_THAT(record.error().message(), HasSubstr(std::string(file)));
    EXPECT_THAT(record.error().message(), HasSubstr(std::string(field)));
  }
  TempDir folder_;
};

TEST_F(DeriveTest, PlainFolderIsMeanAndNormalised) {
  const auto record = Derive();
  ASSERT_TRUE(record) << record.error().message();
  EXPECT_EQ(record->pooling, Pooling::kMean);
  EXPECT_TRUE(record->normalize);
  EXPECT_EQ(record->max_length, 64U);
  EXPECT_EQ(record->dimension, 8U);
  ASSERT_EQ(record->files.size(), 3U);
  EXPECT_EQ(record->files[2].path, "model.safetensors");
  EXPECT_EQ(record->files[2].size, 7U);
}

TEST_F(DeriveTest, RecordSaysThatTheModulesDoNotNormalise) {
  WritePooling(R"({"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":false})");
  const auto record = Derive();
  ASSERT_TRUE(record) << record.error().message();
  EXPECT_EQ(record->pooling, Pooling::kCls);
  EXPECT_FALSE(record->normalize);
}

TEST_F(DeriveTest, PoolingMustBeExactlyOneSupportedMode) {
  for (const char* config :
       {R"({"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":true})",
        R"({"pooling_mode_cls_token":false})", R"({"pooling_mode_max_tokens":true})",
        R"({"pooling_mode":"weightedmean"})", R"({"pooling_mode_mean_tokens":1})"}) {
    WritePooling(config);
    ExpectInvalid("1_Pooling/config.json", "pooling_mode");
  }
  WritePooling(R"({"pooling_mode_mean_tokens":true,"include_prompt":false})");
  ExpectInvalid("1_Pooling/config.json", "include_prompt");
  WritePooling(R"({"pooling_mode_mean_tokens":true,"word_embedding_dimension":9})");
  ExpectInvalid("1_Pooling/config.json", "word_embedding_dimension");
}

TEST_F(DeriveTest, UnknownModulesAreRefused) {
  WritePooling(R"({"pooling_mode_mean_tokens":true})");
  folder_.Write("modules.json", R"([{"path":"","type":"x.Transformer"},
      {"path":"1_Pooling","type":"x.Pooling"},{"path":"2_Dense","type":"x.Dense"}])");
  ExpectInvalid("modules.json", "Dense");
  folder_.Write("modules.json", R"([{"path":"1_Pooling","type":"x.Pooling"},
      {"path":"","type":"x.Transformer"}])");
  ExpectInvalid("modules.json", "in this order");
  folder_.Write("modules.json", R"([{"path":"../other","type":"x.Transformer"},
      {"path":"1_Pooling","type":"x.Pooling"}])");
  ExpectInvalid("modules.json", "within the model's folder");
  folder_.Write("modules.json", "[]");
  ExpectInvalid("modules.json", "Transformer and Pooling");
}

TEST_F(DeriveTest, NomicBertHasItsOwnNamesAndADefaultLength) {
  const auto length = [this](std::string_view rest) {
    folder_.Write("config.json", StrCat(R"({"model_type":"nomic_bert","n_embd":8,)", rest, "}"));
    const auto record = Derive();
    return record ? record->max_length : 0;
  };
  // What CodeRankEmbed says, and what is made of it.
  folder_.Write("sentence_bert_config.json", R"({"max_seq_length":8192})");
  EXPECT_EQ(length(R"("n_positions":8192,"max_trained_positions":2048)"), 512U);
  EXPECT_EQ(Derive()->dimension, 8U);
  EXPECT_EQ(Derive()->architecture, "nomic_bert");
  EXPECT_EQ(length(R"("n_positions":8192,"max_trained_positions":100)"), 100U);
  EXPECT_EQ(length(R"("n_positions":90,"max_trained_positions":100)"), 90U);
  EXPECT_EQ(length(R"("n_positions":8192)"), 512U);
  folder_.Write("sentence_bert_config.json", R"({"max_seq_length":128})");
  EXPECT_EQ(length(R"("n_positions":8192)"), 128U);
  folder_.Write("config.json", R"({"model_type":"nomic_bert","n_positions":9})");
  ExpectInvalid("config.json", "n_embd");
  folder_.Write("config.json", R"({"model_type":"nomic_bert","n_embd":8})");
  ExpectInvalid("config.json", "n_positions");
  // The names of transformers' own class.
  folder_.Write("config.json", R"({"model_type":"nomic_bert","hidden_size":8,
      "num_attention_heads":2,"max_position_embeddings":70})");
  ASSERT_TRUE(Derive());
  EXPECT_EQ(Derive()->dimension, 8U);
  EXPECT_EQ(Derive()->max_length, 70U);
}

TEST_F(DeriveTest, MaxLengthIsTheFirstLimitCappedByThePositions) {
  const auto length = [this] {
    const auto record = Derive();
    return record ? record->max_length : 0;
  };
  folder_.Write("tokenizer_config.json", R"({"model_max_length":1000000000000000019884624838656})");
  EXPECT_EQ(length(), 64U);
  folder_.Write("tokenizer_config.json", R"({"model_max_length":40})");
  EXPECT_EQ(length(), 40U);
  folder_.Write("sentence_bert_config.json", R"({"max_seq_length":30})");
  EXPECT_EQ(length(), 30U);
  folder_.Write("sentence_bert_config.json", R"({"max_seq_length":512})");
  EXPECT_EQ(length(), 64U);
  folder_.Write("sentence_bert_config.json", R"({"max_seq_length":null})");
  EXPECT_EQ(length(), 40U);
  folder_.Write("sentence_bert_config.json", R"({"max_seq_length":1})");
  ExpectInvalid("sentence_bert_config.json", "max_seq_length");
}

TEST_F(DeriveTest, WrapperThatLowersForACasedTokenizerIsRefused) {
  folder_.Write("sentence_bert_config.json", R"({"do_lower_case":true})");
  folder_.Write("tokenizer_config.json", R"({"do_lower_case":true})");
  EXPECT_TRUE(Derive());
  folder_.Write("tokenizer_config.json", R"({"do_lower_case":false})");
  ExpectInvalid("sentence_bert_config.json", "do_lower_case");
}

TEST_F(DeriveTest, PromptsByTheirUsualNames) {
  const auto prompts = [this](std::string_view json) {
    folder_.Write("config_sentence_transformers.json", json);
    const auto record = Derive();
    return record ? StrCat(record->query_prompt, "|", record->document_prompt)
                  : record.error().message();
  };
  EXPECT_EQ(prompts(R"({"prompts":{"query":"q: ","passage":"p: "}})"), "q: |p: ");
  EXPECT_EQ(prompts(R"({"prompts":{"query":"q: ","corpus":"c: "}})"), "q: |c: ");
  EXPECT_EQ(prompts(R"({"prompts":{"query":"q: ","document":""}})"), "q: |");
  EXPECT_EQ(prompts(R"({"prompts":{"query":"q: ","x":"x: "},"default_prompt_name":"x"})"),
            "q: |x: ");
  EXPECT_EQ(prompts(R"({"prompts":{}})"), "|");
  EXPECT_THAT(prompts(R"({"prompts":{},"default_prompt_name":"x"})"),
              HasSubstr("default_prompt_name"));
  EXPECT_THAT(prompts(R"({"prompts":{"query":5}})"), HasSubstr("\"query\": expected a string"));
}

TEST_F(DeriveTest, KnownModelWithoutAPromptsFileHasItsPrompt) {
  const auto known = DeriveModelRecord(folder_.path(), "coderankembed");
  ASSERT_TRUE(known) << known.error().message();
  EXPECT_EQ(known->query_prompt, "Represent this query for searching relevant code: ");
  EXPECT_EQ(known->document_prompt, "");
  folder_.Write("config_sentence_transformers.json", R"({"prompts": {}})");
  EXPECT_EQ(DeriveModelRecord(folder_.path(), "coderankembed")->query_prompt, "");
}

TEST_F(DeriveTest, BadJsonNamesTheFile) {
  for (const char* text :
       {"", "{", "[1]", "{\"model_type\":\"bert\",\"model_type\":\"x\"}", "{\"hidden_size\":-3}"}) {
    folder_.Write("config.json", text);
    const auto record = Derive();
    ASSERT_FALSE(record) << text;
    EXPECT_THAT(record.error().message(), HasSubstr("config.json"));
  }
  folder_.Write("config.json", std::string(100000, '['));
  EXPECT_THAT(Derive().error().message(), HasSubstr("deeper than"));
}

TEST_F(DeriveTest, TokenizerAndWeightsMustBeThere) {
  std::filesystem::remove(folder_.path() / "tokenizer.json");
  EXPECT_EQ(Derive().error().code(), StatusCode::kNotFound);
  folder_.Write("vocab.txt", "[PAD]\n");
  EXPECT_TRUE(Derive());
  std::filesystem::remove(folder_.path() / "model.safetensors");
  EXPECT_EQ(Derive().error().code(), StatusCode::kNotFound);
}

TEST_F(DeriveTest, FingerprintCoversWhatDecidesAVector) {
  const ModelRecord record = *Derive();
  const std::string fingerprint = record.Fingerprint();
  EXPECT_EQ(fingerprint.size(), 64U);
  const auto differs = [&](auto change) {
    ModelRecord other = record;
    change(other);
    return other.Fingerprint() != fingerprint;
  };
  EXPECT_TRUE(differs([](ModelRecord& r) { r.files[2].sha256[0] ^= 1; }));
  EXPECT_TRUE(differs([](ModelRecord& r) { r.files[1].sha256[0] ^= 1; }));
  EXPECT_TRUE(differs([](ModelRecord& r) { r.files[0].sha256[0] ^= 1; }));
  EXPECT_TRUE(differs([](ModelRecord& r) { r.pooling = Pooling::kCls; }));
  EXPECT_TRUE(differs([](ModelRecord& r) { r.query_prompt = "q"; }));
  EXPECT_TRUE(differs([](ModelRecord& r) { r.document_prompt = "q"; }));
  EXPECT_TRUE(differs([](ModelRecord& r) { r.max_length = 63; }));
  EXPECT_TRUE(differs([](ModelRecord& r) { r.precision = "int8"; }));
  EXPECT_FALSE(differs([](ModelRecord& r) { r.name = "other"; }));
  EXPECT_FALSE(differs([](ModelRecord& r) { r.normalize = false; })) << "vectors are unit length";
}

TEST_F(DeriveTest, ChangedFilesAreFound) {
  const ModelRecord record = *Derive();
  EXPECT_TRUE(CheckModelFileSizes(folder_.path(), record).ok());
  EXPECT_TRUE(VerifyModelFiles(folder_.path(), record).ok());
  folder_.Write("model.safetensors", "Weights");
  EXPECT_TRUE(CheckModelFileSizes(folder_.path(), record).ok());
  const Status changed = VerifyModelFiles(folder_.path(), record);
  EXPECT_EQ(changed.code(), StatusCode::kCorrupt);
  EXPECT_THAT(changed.message(), HasSubstr("model.safetensors: model m: expected SHA-256"));
  folder_.Write("model.safetensors", "longer weights");
  EXPECT_THAT(CheckModelFileSizes(folder_.path(), record).message(),
              HasSubstr("expected 7 bytes, found 14"));
  std::filesystem::remove(folder_.path() / "model.safetensors");
  EXPECT_EQ(CheckModelFileSizes(folder_.path(), record).code(), StatusCode::kNotFound);
}

TEST_F(DeriveTest, RecordSurvivesItsJson) {
  ModelRecord record = *Derive();
  record.query_prompt = "Represent \"this\": \n";
  const auto read = ReadModelRecord(WriteModelRecord(record), "record.json");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(WriteModelRecord(*read), WriteModelRecord(record));
  EXPECT_EQ(read->Fingerprint(), record.Fingerprint());
  EXPECT_EQ(read->files.size(), 3U);
}

TEST_F(DeriveTest, BadRecordsAreErrors) {
  const std::string good = WriteModelRecord(*Derive());
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return ReadModelRecord(text, "record.json");
  };
  EXPECT_EQ(with("\"format_version\": 1", "\"format_version\": 2").error().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_THAT(with("\"mean\"", "\"max\"").error().message(), HasSubstr("\"pooling\""));
  EXPECT_THAT(with("\"config.json\"", "\"../config.json\"").error().message(),
              HasSubstr("within the model's folder"));
  EXPECT_THAT(with("\"max_length\": 64", "\"max_length\": 1").error().message(),
              HasSubstr("\"max_length\""));
  EXPECT_THAT(with("\"max_length\": 64", "\"max_length\": 63").error().message(),
              HasSubstr("fingerprint"));
  for (size_t length = 0; length + 2 < good.size(); length += 7) {
    EXPECT_FALSE(ReadModelRecord(good.substr(0, length), "record.json")) << length;
  }
}

}  // namespace
}  // namespace coderank
