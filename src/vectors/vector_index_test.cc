// Search: equal to brute force for every kernel set and number of threads, with filters, deltas,
// texts that are gone, and ties; and what a scan of signs may miss.
#include "vectors/vector_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "base/try.h"
#include "support/temp_dir.h"
#include "vectors/int8_row.h"
#include "vectors/vectors_test_util.h"

namespace coderank {

bool operator==(const VectorHit& a, const VectorHit& b) {
  return a.text_id == b.text_id && a.score == b.score;
}
void PrintTo(const VectorHit& hit, std::ostream* out) {
  *out << "{" << hit.text_id << ", " << hit.score << "}";
}

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TempDir;

std::vector<TextVector> RandomTexts(size_t count, size_t dimension, uint64_t seed,
                                    int64_t first_id = 10) {
  RandomVectors random(seed);
  std::vector<TextVector> texts;
  for (size_t i = 0; i < count; ++i) {
    texts.push_back(
        {.id = first_id + static_cast<int64_t>(2 * i), .vector = random.Unit(dimension)});
  }
  return texts;
}

// The int8 score in the plainest way.
float Int8Score(const Vector& query, const Vector& text) {
  const Vector row = RotatedRow(text);
  Vector rotated(query);
  Rotation(query.size()).Apply(rotated);
  std::vector<int8_t> a(query.size());
  std::vector<int8_t> b(query.size());
  const float query_scale = QuantizeSymmetric(rotated, a);
  const float row_scale = QuantizeSymmetric(row, b);
  int32_t dot = 0;
  for (size_t i = 0; i < a.size(); ++i) dot += a[i] * b[i];
  return static_cast<float>(dot) * (row_scale * query_scale);
}

std::vector<VectorHit> BruteForce(const std::vector<TextVector>& texts, const Vector& query,
                                  size_t count, FunctionRef<bool(int64_t)> passes) {
  std::vector<VectorHit> hits;
  for (const TextVector& text : texts) {
    if (passes(text.id)) hits.push_back({text.id, Int8Score(query, text.vector)});
  }
  std::sort(hits.begin(), hits.end(), [](const VectorHit& a, const VectorHit& b) {
    return a.score != b.score ? a.score > b.score : a.text_id < b.text_id;
  });
  if (hits.size() > count) hits.resize(count);
  return hits;
}

const auto kEverything = [](int64_t) { return true; };

Result<VectorIndex> IndexOf(const TempDir& folder, const std::vector<TextVector>& base) {
  const auto path = folder.path() / VectorIndex::kBaseName;
  CODERANK_TRY(WriteSegment(path, {.generation = 1}, base));
  return VectorIndex::Open(folder.path(), kTestIdentity);
}

class VectorIndexTest : public ::testing::TestWithParam<const kernels::KernelSet*> {
 protected:
  std::vector<VectorHit> Search(const VectorIndex& index, const Vector& query, size_t count,
                                const VectorIndex::Selection* selection = nullptr,
                                ScanMethod method = ScanMethod::kExact, size_t threads = 1) {
    ThreadPool pool(threads);
    auto hits = index.Search(query, count, selection, {*GetParam(), pool}, method);
    EXPECT_TRUE(hits) << hits.error().message();
    return hits ? *hits : std::vector<VectorHit>{};
  }

  TempDir folder_;
};
INSTANTIATE_TEST_SUITE_P(Sets, VectorIndexTest, ::testing::ValuesIn(AvailableKernels()),
                         [](const auto& info) { return std::string(info.param->name); });

TEST_P(VectorIndexTest, ExactScanIsBruteForce) {
  for (const size_t dimension : {size_t{1}, size_t{63}, size_t{64}, size_t{130}, size_t{384}}) {
    const auto texts = RandomTexts(700, dimension, dimension);
    const auto index = IndexOf(folder_, texts);
    ASSERT_TRUE(index) << index.error().message();
    const Vector query = RandomVectors(99).Unit(dimension);
    for (const size_t count : {size_t{0}, size_t{1}, size_t{10}, size_t{699}, size_t{5000}}) {
      EXPECT_EQ(Search(*index, query, count), BruteForce(texts, query, count, kEverything))
          << "dimension " << dimension << ", count " << count;
    }
  }
}

double Largest(const Vector& v) {
  double largest = 0;
  for (const float x : v) largest = std::max(largest, std::fabs(static_cast<double>(x)));
  return largest;
}
double SumOfMagnitudes(const Vector& v) {
  double sum = 0;
  for (const float x : v) sum += std::fabs(static_cast<double>(x));
  return sum;
}

// Every coordinate of the rotated query and row is off by half a step at most, so a score by
// (query step * |row|_1 + row step * |query as bytes|_1) / 2; f16 adds 2^-11 of each product, and
// the rotation, whose sums of 256 terms are off by less than 10 units each, less than 1e-5.
TEST_P(VectorIndexTest, ScoresAreNearTheCosine) {
  constexpr size_t kDimension = 384;
  const auto texts = RandomTexts(50, kDimension, 1);
  const auto index = IndexOf(folder_, texts);
  ASSERT_TRUE(index);
  const Vector query = RandomVectors(3).Unit(kDimension);
  const Vector rotated = RotatedRow(query);
  const double query_step = Largest(rotated) / 127;
  std::map<int64_t, float> scores;
  for (const VectorHit& hit : Search(*index, query, 50)) scores[hit.text_id] = hit.score;
  for (const TextVector& text : texts) {
    double cosine = 0;
    for (size_t i = 0; i < kDimension; ++i) {
      cosine += static_cast<double>(query[i]) * text.vector[i];
    }
    const Vector row = RotatedRow(text.vector);
    const double query_bytes = SumOfMagnitudes(rotated) + kDimension * query_step / 2;
    const double bound = (query_step * SumOfMagnitudes(row) + Largest(row) / 127 * query_bytes) / 2;
    EXPECT_NEAR(scores[text.id], cosine, bound + 0x1p-11 + 1e-5) << text.id;
  }
}

// Rounding to f16 moves each product by 2^-11 of itself, the rotation all of them by 1e-5.
TEST_P(VectorIndexTest, TheMeanScoreIsTheMeanOfAllCosines) {
  const auto texts = RandomTexts(50, 130, 1);
  const auto index = IndexOf(folder_, texts);
  ASSERT_TRUE(index);
  const Vector query = RandomVectors(3).Unit(130);
  double mean = 0;
  for (const TextVector& text : texts) {
    for (size_t i = 0; i < 130; ++i) mean += static_cast<double>(query[i]) * text.vector[i] / 50;
  }
  EXPECT_NEAR(index->MeanScore(query, *GetParam()), mean, 0x1p-11 + 1e-5);
}

TEST_P(VectorIndexTest, FiltersActBeforeTheBestAreChosen) {
  const auto texts = RandomTexts(900, 64, 2);
  const auto index = IndexOf(folder_, texts);
  ASSERT_TRUE(index);
  const Vector query = RandomVectors(4).Unit(64);
  // Dense, in runs, sparse, one, none.
  const auto third = [](int64_t id) { return id % 3 == 0; };
  const auto runs = [](int64_t id) { return id / 300 % 2 == 1; };
  const auto sparse = [](int64_t id) { return id % 190 == 0; };
  const auto one = [](int64_t id) { return id == 10 + 2 * 899; };
  const auto none = [](int64_t) { return false; };
  for (const FunctionRef<bool(int64_t)> passes :
       {FunctionRef<bool(int64_t)>(third), FunctionRef<bool(int64_t)>(runs),
        FunctionRef<bool(int64_t)>(sparse), FunctionRef<bool(int64_t)>(one),
        FunctionRef<bool(int64_t)>(none)}) {
    const auto selection = index->Select(passes);
    EXPECT_EQ(Search(*index, query, 12, &selection), BruteForce(texts, query, 12, passes));
    // So few rows that all of them are candidates: the scan of signs finds the same.
    EXPECT_EQ(Search(*index, query, 45, &selection, ScanMethod::kSigns),
              BruteForce(texts, query, 45, passes));
  }
}

TEST_P(VectorIndexTest, TiesAreInTheOrderOfTextIds) {
  auto texts = RandomTexts(600, 64, 3);
  RandomVectors random(8);
  const Vector twin = random.Unit(64);
  for (size_t i = 100; i < 500; ++i) texts[i].vector = twin;
  const auto index = IndexOf(folder_, texts);
  ASSERT_TRUE(index);
  for (const ScanMethod method : {ScanMethod::kExact, ScanMethod::kSigns}) {
    for (const size_t threads : {size_t{1}, size_t{3}}) {
      const auto hits = Search(*index, twin, 7, nullptr, method, threads);
      ASSERT_EQ(hits.size(), 7U);
      for (size_t i = 0; i < 7; ++i) {
        EXPECT_EQ(hits[i].text_id, texts[100 + i].id) << threads << " threads";
      }
    }
  }
}

TEST_P(VectorIndexTest, ThreadsDoNotChangeTheResult) {
  const auto texts = RandomTexts(20000, 64, 5);  // several parts for each thread
  const auto index = IndexOf(folder_, texts);
  ASSERT_TRUE(index);
  const Vector query = RandomVectors(6).Unit(64);
  for (const ScanMethod method : {ScanMethod::kExact, ScanMethod::kSigns}) {
    const auto alone = Search(*index, query, 200, nullptr, method, 1);
    EXPECT_EQ(alone.size(), 200U);
    for (const size_t threads : {size_t{2}, size_t{5}}) {
      EXPECT_EQ(Search(*index, query, 200, nullptr, method, threads), alone);
    }
  }
}

TEST_P(VectorIndexTest, ADeltaAddsReplacesAndRemoves) {
  const auto base = RandomTexts(300, 96, 10);
  auto delta = RandomTexts(100, 96, 11, 10 + 2 * 250);    // the base's last fifty are the delta's
  const std::vector<int64_t> gone{10, 14, 15, 100, 400};  // 15 is nowhere
  const auto base_path = folder_.path() / VectorIndex::kBaseName;
  const auto delta_path = folder_.path() / VectorIndex::kDeltaName;
  ASSERT_TRUE(WriteSegment(base_path, {.generation = 4}, base).ok());
  ASSERT_TRUE(
      WriteSegment(delta_path, {.generation = 6, .base_generation = 4, .gone = gone}, delta).ok());
  const auto index = VectorIndex::Open(folder_.path(), kTestIdentity);
  ASSERT_TRUE(index) << index.error().message();
  EXPECT_EQ(index->generation(), 6U);
  EXPECT_EQ(index->live_count(), 300U - 4 - 50 + 100);
  std::vector<TextVector> live(delta);
  for (size_t i = 0; i < 250; ++i) {
    if (std::find(gone.begin(), gone.end(), base[i].id) == gone.end()) live.push_back(base[i]);
  }
  const Vector query = RandomVectors(12).Unit(96);
  EXPECT_EQ(Search(*index, query, 400), BruteForce(live, query, 400, kEverything));
  const auto passes = [](int64_t id) { return id % 4 == 2; };
  const auto selection = index->Select(passes);
  EXPECT_EQ(Search(*index, query, 25, &selection), BruteForce(live, query, 25, passes));
}

TEST_P(VectorIndexTest, ADeltaOfAnotherBaseIsPassedOver) {
  const auto base = RandomTexts(20, 64, 10);
  ASSERT_TRUE(WriteSegment(folder_.path() / VectorIndex::kBaseName, {.generation = 7}, base).ok());
  ASSERT_TRUE(WriteSegment(folder_.path() / VectorIndex::kDeltaName,
                           {.generation = 6, .base_generation = 4, .gone = {base[0].id}},
                           RandomTexts(3, 64, 11, 900))
                  .ok());
  const auto index = VectorIndex::Open(folder_.path(), kTestIdentity);
  ASSERT_TRUE(index);
  EXPECT_EQ(index->generation(), 7U);
  const Vector query = RandomVectors(12).Unit(64);
  EXPECT_EQ(Search(*index, query, 30), BruteForce(base, query, 30, kEverything));
}

TEST_P(VectorIndexTest, EmptySegmentsFindNothing) {
  ASSERT_TRUE(WriteSegment(folder_.path() / VectorIndex::kBaseName, {.dimension = 64}, {}).ok());
  const auto index = VectorIndex::Open(folder_.path(), kTestIdentity);
  ASSERT_TRUE(index);
  EXPECT_THAT(Search(*index, RandomVectors(1).Unit(64), 5), IsEmpty());
  EXPECT_THAT(Search(*index, RandomVectors(1).Unit(64), 5, nullptr, ScanMethod::kSigns), IsEmpty());
}

// Texts in clusters of ten about random centres. Noise of half the centre's length a text makes the
// cosine of two texts of a cluster 1 / (1 + 0.25) = 0.8 and of others about 0 (deviation 1 / 16).
// A sign differs with probability angle / pi: 0.205 within a cluster and 0.5 outside, +- 0.02. The
// number of 256 signs that differ stays on its side of 0.35 * 256 but for a chance of
// exp(-2 * 256 * 0.13^2) = 2e-4 (Hoeffding). So of 4000 texts one strays below on average, 200
// candidates have room for far more, and a true neighbour is lost with 2e-4: the expected recall is
// above 0.999. The bound leaves three lost of the 300 neighbours of 30 queries.
TEST_P(VectorIndexTest, SignsFindTheNeighboursOfClusters) {
  constexpr size_t kDimension = 256;
  RandomVectors random(21);
  std::vector<TextVector> texts;
  std::vector<Vector> centres;
  for (int i = 0; i < 400; ++i) centres.push_back(random.Unit(kDimension));
  for (size_t i = 0; i < 4000; ++i) {
    texts.push_back({static_cast<int64_t>(i), random.Around(centres[i % 400], 0.5F / 16)});
  }
  const auto index = IndexOf(folder_, texts);
  ASSERT_TRUE(index);
  size_t found = 0;
  for (size_t i = 0; i < 30; ++i) {
    const Vector query = random.Around(centres[i], 0.5F / 16);
    const auto exact = Search(*index, query, 10);
    std::set<int64_t> by_signs;
    for (const VectorHit& hit : Search(*index, query, 10, nullptr, ScanMethod::kSigns)) {
      by_signs.insert(hit.text_id);
    }
    for (const VectorHit& hit : exact) found += by_signs.count(hit.text_id);
  }
  EXPECT_GE(found, 297U);
}

// A direction that all vectors share must not drown what tells them apart: without the mean, all
// signs of these would be equal.
TEST_P(VectorIndexTest, SignsAreFreeOfWhatAllVectorsShare) {
  constexpr size_t kDimension = 256;
  RandomVectors random(22);
  const Vector shared(kDimension, 1.0F / 16);
  std::vector<TextVector> texts;
  for (int64_t i = 0; i < 3000; ++i) {
    texts.push_back({.id = i, .vector = random.Around(shared, 0.2F / 16)});
  }
  const auto index = IndexOf(folder_, texts);
  ASSERT_TRUE(index);
  for (size_t i = 0; i < 3000; i += 100) {
    const auto hits = Search(*index, texts[i].vector, 1, nullptr, ScanMethod::kSigns);
    ASSERT_EQ(hits.size(), 1U);
    EXPECT_EQ(hits[0].text_id, texts[i].id);
  }
}

TEST_P(VectorIndexTest, RefusesQueriesThatAreNoVectorsOfTheIndex) {
  const auto index = IndexOf(folder_, RandomTexts(5, 64, 1));
  ASSERT_TRUE(index);
  ThreadPool pool(1);
  Vector query(63, 0.1F);
  const auto shorter = index->Search(query, 3, nullptr, {*GetParam(), pool});
  ASSERT_FALSE(shorter);
  EXPECT_THAT(shorter.error().message(), HasSubstr("expected a query of dimension 64, found 63"));
  query = Vector(64, 0.1F);
  query[60] = std::numeric_limits<float>::quiet_NaN();
  const auto nan = index->Search(query, 3, nullptr, {*GetParam(), pool});
  ASSERT_FALSE(nan);
  EXPECT_EQ(nan.error().code(), StatusCode::kInvalidArgument);
}

TEST(ScanCostTest, SmallAndSparseScansAreExact) {
  const ScanSize million{
      .rows = 1'000'000, .selected = 1'000'000, .depth = 768, .words = 12, .count = 100};
  EXPECT_EQ(CheaperScan(million, 2), ScanMethod::kSigns);
  ScanSize small = million;
  small.rows = small.selected = 5000;
  EXPECT_EQ(CheaperScan(small, 2), ScanMethod::kExact);
  ScanSize sparse = million;
  sparse.selected = 20'000;
  EXPECT_EQ(CheaperScan(sparse, 2), ScanMethod::kExact);
  // So many results that most rows would be candidates.
  ScanSize all = million;
  all.count = 1'000'000;
  EXPECT_EQ(CheaperScan(all, 2), ScanMethod::kExact);
}

TEST(SegmentChangesTest, NamesWhatCameAndWent) {
  const std::vector<int64_t> segment{1, 2, 5, 9};
  const std::vector<int64_t> current{2, 3, 9, 11};
  const SegmentChanges changes = ChangesSince(segment, current);
  EXPECT_THAT(changes.added, ElementsAre(3, 11));
  EXPECT_THAT(changes.gone, ElementsAre(1, 5));
}

}  // namespace
}  // namespace coderank
