#include "qdrant/collection_info.h"

#include <gtest/gtest.h>

namespace coderank::qdrant {
namespace {

Json Described(const Json& vectors) {
  return {{"status", "green"},
          {"points_count", 3},
          {"indexed_vectors_count", 0},
          {"payload_schema",
           {{"type", {{"data_type", "keyword"}, {"points", 3}}},
            {"body", {{"data_type", "text"}, {"params", {{"tokenizer", "word"}}}, {"points", 1}}}}},
          {"config",
           {{"params", {{"vectors", vectors}, {"sparse_vectors", {{"bm25", Json::object()}}}}},
            {"optimizer_config", {{"indexing_threshold", 20000}}},
            {"quantization_config", {{"binary", {{"always_ram", true}}}}},
            {"metadata", {{"a", 1}}}}}};
}

TEST(CollectionInfoTest, ReadsOneUnnamedVector) {
  const auto info = CollectionInfoFrom(Described({{"size", 3584}, {"distance", "Cosine"}}));
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->points, 3U);
  ASSERT_NE(info->FindVector(""), nullptr);
  EXPECT_EQ(info->FindVector("")->size, 3584U);
  EXPECT_EQ(info->quantization.kind, "binary");
  EXPECT_EQ(info->indexing_threshold, 20000U);
  EXPECT_EQ(info->sparse_vectors, std::vector<std::string>{"bm25"});
  EXPECT_EQ(info->metadata, Json({{"a", 1}}));
}

TEST(CollectionInfoTest, ReadsNamedVectors) {
  const auto info = CollectionInfoFrom(Described(
      {{"fast", {{"size", 384}, {"distance", "Dot"}}},
       {"late", {{"size", 128}, {"distance", "Cosine"}, {"multivector_config", {{"c", "max"}}}}}}));
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->FindVector(""), nullptr);
  EXPECT_EQ(info->FindVector("fast")->distance, "Dot");
  EXPECT_TRUE(info->FindVector("late")->multiple);
}

TEST(CollectionInfoTest, AFieldsOwnQuantizationComesFirst) {
  const Json own = {{"scalar", {{"type", "int8"}}}};
  const auto info = CollectionInfoFrom(
      Described({{"a", {{"size", 4}, {"distance", "Dot"}, {"quantization_config", own}}},
                 {"b", {{"size", 4}, {"distance", "Dot"}}}}));
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->FindVector("a")->quantization.kind, "scalar");
  EXPECT_EQ(info->FindVector("b")->quantization.kind, "binary");
}

// Few candidates are enough only where the first look is known to be finer than one bit.
TEST(CollectionInfoTest, CoarseQuantizationNeedsMoreCandidates) {
  const auto oversampling = [](const char* kind, const char* encoding) {
    return Quantization{.kind = kind, .query_encoding = encoding}.Oversampling();
  };
  EXPECT_EQ(oversampling("binary", "scalar8bits"), kOversampling);
  EXPECT_EQ(oversampling("binary", "scalar4bits"), kOversampling);
  EXPECT_EQ(oversampling("scalar", ""), kOversampling);
  for (const char* encoding : {"", "default", "binary", "what comes next"}) {
    EXPECT_EQ(oversampling("binary", encoding), kOversamplingOfOneBit) << encoding;
  }
  EXPECT_EQ(oversampling("product", ""), kOversamplingOfOneBit);
  EXPECT_GT(kOversamplingOfOneBit, kOversampling);
}

TEST(CollectionInfoTest, AVectorMayBeNamedSize) {
  const auto info = CollectionInfoFrom(Described({{"size", {{"size", 4}, {"distance", "Dot"}}}}));
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->FindVector("size")->size, 4U);
}

TEST(CollectionInfoTest, PayloadIndexesCanBeMadeAgain) {
  const auto info = CollectionInfoFrom(Described(Json::object()));
  ASSERT_TRUE(info) << info.error().message();
  ASSERT_EQ(info->payload_indexes.size(), 2U);
  EXPECT_EQ(info->payload_indexes[0].schema, Json({{"tokenizer", "word"}, {"type", "text"}}));
  EXPECT_EQ(info->payload_indexes[1].schema, Json("keyword"));
}

TEST(CollectionInfoTest, RefusesWhatIsNoCollection) {
  EXPECT_FALSE(CollectionInfoFrom(Json::array()));
  EXPECT_FALSE(CollectionInfoFrom(Json::object()));
  EXPECT_FALSE(CollectionInfoFrom(Described({{"fast", 7}})));
}

}  // namespace
}  // namespace coderank::qdrant
