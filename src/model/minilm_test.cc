// all-MiniLM-L6-v2 on 200 pieces of source code against the vectors of the official
// implementation (scripts/generate_model_goldens.py minilm). Needs the model: set
// CODERANK_TEST_MODEL_DIR to its folder.
#include <gtest/gtest.h>
#include <zstd.h>

#include <cstdlib>

#include "base/byte_cursor.h"
#include "base/file.h"
#include "base/try.h"
#include "model/model_folder.h"
#include "model/model_test_util.h"
#include "model/pack_model.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

constexpr double kMaxDifference = 2e-5;
constexpr double kMinCosine = 0.99999;

struct Goldens {
  IdLists ids;
  std::vector<std::vector<float>> vectors;
};

Result<std::string> Decompress(std::string_view compressed) {
  const unsigned long long size = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (size > (1 << 24)) return Corrupt("goldens: not a zstd frame of known size");
  std::string bytes(static_cast<size_t>(size), '\0');
  const size_t got =
      ZSTD_decompress(bytes.data(), bytes.size(), compressed.data(), compressed.size());
  if (got != bytes.size()) return Corrupt("goldens: zstd");
  return bytes;
}

Result<Goldens> ReadGoldens() {
  CODERANK_ASSIGN(const std::string compressed,
                  ReadFile(TestData() / "minilm_goldens.bin.zst", 1 << 20));
  CODERANK_ASSIGN(const std::string bytes, Decompress(compressed));
  ByteCursor cursor(std::as_bytes(std::span(bytes)), "goldens");
  CODERANK_ASSIGN(const uint32_t count, cursor.Read<uint32_t>());
  CODERANK_ASSIGN(const uint32_t dimension, cursor.Read<uint32_t>());
  Goldens goldens;
  for (uint32_t i = 0; i < count; ++i) {
    CODERANK_ASSIGN(const uint32_t length, cursor.Read<uint32_t>());
    auto& ids = goldens.ids.emplace_back();
    for (uint32_t j = 0; j < length; ++j) {
      CODERANK_ASSIGN(const uint16_t id, cursor.Read<uint16_t>());
      ids.push_back(id);
    }
    auto& vector = goldens.vectors.emplace_back();
    for (uint32_t j = 0; j < dimension; ++j) {
      CODERANK_ASSIGN(const float value, cursor.Read<float>());
      vector.push_back(value);
    }
  }
  return goldens;
}

class MiniLmTest : public ::testing::TestWithParam<const kernels::KernelSet*> {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("CODERANK_TEST_MODEL_DIR");
    if (folder == nullptr || *folder == '\0') {
      GTEST_SKIP() << "set CODERANK_TEST_MODEL_DIR to the folder of all-MiniLM-L6-v2";
    }
    folder_ = folder;
    auto record = DeriveModelRecord(folder_, "all-MiniLM-L6-v2");
    ASSERT_TRUE(record) << record.error().message();
    record_ = *std::move(record);
    auto goldens = ReadGoldens();
    ASSERT_TRUE(goldens) << goldens.error().message();
    goldens_ = *std::move(goldens);
  }

  // The scalar reference needs minutes for all 200: it gets every twelfth.
  void KeepSomeForTheReference() {
    if (GetParam() != kernels::AllKernelSets().front()) return;
    Goldens some;
    for (size_t i = 0; i < goldens_.ids.size(); i += 12) {
      some.ids.push_back(goldens_.ids[i]);
      some.vectors.push_back(goldens_.vectors[i]);
    }
    goldens_ = std::move(some);
  }

  std::filesystem::path folder_;
  ModelRecord record_;
  Goldens goldens_;
};

INSTANTIATE_TEST_SUITE_P(Sets, MiniLmTest, ::testing::ValuesIn(AvailableKernelSets()),
                         [](const auto& info) { return std::string(info.param->name); });

TEST_P(MiniLmTest, RecordIsThePublishedModel) {
  EXPECT_EQ(record_.pooling, Pooling::kMean);
  EXPECT_TRUE(record_.normalize);
  EXPECT_EQ(record_.max_length, 256U);
  EXPECT_EQ(record_.dimension, 384U);
  EXPECT_EQ(record_.query_prompt, "");
  EXPECT_TRUE(VerifyModelFiles(folder_, record_).ok());
}

TEST_P(MiniLmTest, VectorsAreTheReferences) {
  KeepSomeForTheReference();
  ThreadPool pool(AvailableCores());
  const auto encoder = LoadSentenceEncoder(folder_, record_, *GetParam(), pool);
  ASSERT_TRUE(encoder) << encoder.error().message();
  const auto vectors = (*encoder)->Encode(Views(goldens_.ids));
  ASSERT_TRUE(vectors) << vectors.error().message();
  double worst = 0;
  double least = 1;
  for (size_t i = 0; i < vectors->size(); ++i) {
    worst = std::max(worst, MaxDifference((*vectors)[i], goldens_.vectors[i]));
    least = std::min(least, Cosine((*vectors)[i], goldens_.vectors[i]));
  }
  EXPECT_LE(worst, kMaxDifference);
  EXPECT_GE(least, kMinCosine);
  std::printf("%zu texts: largest difference %.3g, least cosine 1 - %.3g\n", vectors->size(), worst,
              1 - least);
}

// The figures that int8 has to keep: more for sets whose activations have 8 bits.
TEST_P(MiniLmTest, Int8IsNearF32) {
  KeepSomeForTheReference();
  const bool eight_bits = GetParam()->int8_levels == 255;
  const double least_mean = eight_bits ? 0.9995 : 0.999;
  const double least_worst = eight_bits ? 0.998 : 0.997;
  const testing::TempDir folder;
  const std::filesystem::path path = folder.path() / "int8.pack";
  record_.precision = kPrecisionInt8;
  ThreadPool pool(AvailableCores());
  const auto tokenizer = LoadModelTokenizer(folder_ / record_.transformer_folder);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message();
  const Status made =
      PackModel(folder_, record_, **tokenizer, *AvailableKernelSets().back(), pool, path);
  ASSERT_TRUE(made.ok()) << made.message();
  auto packed = PackedFile::Open(path, PackIdentity(record_));
  ASSERT_TRUE(packed) << packed.error().message();
  const auto encoder = LoadPackedEncoder(
      folder_, record_, std::make_shared<const PackedFile>(*std::move(packed)), *GetParam(), pool);
  ASSERT_TRUE(encoder) << encoder.error().message();
  const auto vectors = (*encoder)->Encode(Views(goldens_.ids));
  ASSERT_TRUE(vectors) << vectors.error().message();
  double sum = 0;
  double worst = 1;
  for (size_t i = 0; i < vectors->size(); ++i) {
    const double cosine = Cosine((*vectors)[i], goldens_.vectors[i]);
    sum += cosine;
    worst = std::min(worst, cosine);
  }
  const double mean = sum / static_cast<double>(vectors->size());
  EXPECT_GE(mean, least_mean);
  EXPECT_GE(worst, least_worst);
  std::printf("%s, %d levels, %zu texts: cosine mean %.6f worst %.6f\n", GetParam()->name,
              GetParam()->int8_levels, vectors->size(), mean, worst);
}

TEST_P(MiniLmTest, BatchingChangesNothing) {
  KeepSomeForTheReference();
  IdLists some;
  for (size_t i = 0; i < goldens_.ids.size(); i += 9) some.push_back(goldens_.ids[i]);
  ExpectBatchingChangesNothing(folder_, record_, *GetParam(), some);
}

}  // namespace
}  // namespace coderank
