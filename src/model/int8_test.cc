// Whole models in int8: near their f32 vectors, the same bits however they are run, and packed
// files that are made, kept, and made again when they have to be.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>
#include <tuple>

#include "base/file.h"
#include "kernels/kernel_test_util.h"
#include "model/model_folder.h"
#include "model/model_test_util.h"
#include "model/pack_model.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::TempDir;

constexpr const char* kModels[] = {"mean_gelu",  "cls_gelu_new", "mean_relu_sharded",
                                   "plain_silu", "nomic_cls",    "nomic_mean"};

// The relative error of one projection: a uniform error of a step, step / sqrt(12), in weights
// whose largest is about three times their root mean square (of 32 to 64 of them: the small models'
// sizes) in 127 steps, and in activations of a range of six in `levels` steps. Independent errors
// of the four projections of each layer add up in squares, and half the square is what a cosine
// loses: `share` of it. Gates multiply two errors, hence 4 for the mean of some texts; the mean of
// random states is short while their errors have much in common, hence 16 for the worst of them.
double LeastCosine(size_t layers, int levels, double share) {
  const double of_weights = 3.0 / 127 / std::sqrt(12.0);
  const double of_activations = 6.0 / levels / std::sqrt(12.0);
  const double squares = of_weights * of_weights + of_activations * of_activations;
  return 1 - share * 0.5 * 4 * static_cast<double>(layers) * squares;
}

constexpr size_t kLayers = 3;  // of the deepest model

// A copy of a small model, to be packed, damaged and protected.
class Installed {
 public:
  explicit Installed(const char* name) {
    fs::copy(SmallModel(name), folder(), fs::copy_options::recursive);
    record_ = *DeriveModelRecord(folder(), name);
    record_.precision = kPrecisionInt8;
    tokenizer_ = *LoadModelTokenizer(folder() / record_.transformer_folder);
    const json goldens = json::parse(*ReadFile(folder() / "goldens.json", 1 << 20));
    for (const json& one : goldens["cases"]) ids_.push_back(one["ids"]);
  }

  Result<std::shared_ptr<const PackedFile>> Open(const kernels::KernelSet& kernels,
                                                 ThreadPool& pool,
                                                 const fs::path& other = {}) const {
    return OpenPackedModel(folder(), other, record_, *tokenizer_, kernels, pool);
  }
  // The vectors of the goldens' cases.
  std::vector<std::vector<float>> Vectors(const kernels::KernelSet& kernels,
                                          const fs::path& other = {}) const {
    ThreadPool pool(2);
    auto packed = Open(kernels, pool, other);
    if (!packed) {
      ADD_FAILURE() << packed.error().message();
      return {};
    }
    const auto encoder = LoadPackedEncoder(folder(), record_, *std::move(packed), kernels, pool);
    EXPECT_TRUE(encoder);
    return encoder ? *(*encoder)->Encode(Views(ids_)) : std::vector<std::vector<float>>();
  }

  fs::path folder() const { return world_.path() / "model"; }
  fs::path pack() const { return PackedPath(folder()); }
  fs::path world() const { return world_.path(); }
  ModelRecord& record() { return record_; }
  const IdLists& ids() const { return ids_; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }

 private:
  TempDir world_;
  ModelRecord record_;
  std::unique_ptr<Tokenizer> tokenizer_;
  IdLists ids_;
};

class Int8ModelTest
    : public ::testing::TestWithParam<std::tuple<const char*, const kernels::KernelSet*>> {
 protected:
  const kernels::KernelSet& kernels() const { return *std::get<1>(GetParam()); }
  Installed model_{std::get<0>(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(Models, Int8ModelTest,
                         ::testing::Combine(::testing::ValuesIn(kModels),
                                            ::testing::ValuesIn(AvailableKernelSets())),
                         [](const auto& info) {
                           return StrCat(std::get<0>(info.param), "_",
                                         std::get<1>(info.param)->name);
                         });

TEST_P(Int8ModelTest, VectorsAreNearThoseOfF32) {
  ThreadPool pool(2);
  const auto exact = LoadSentenceEncoder(model_.folder(), model_.record(), kernels(), pool);
  ASSERT_TRUE(exact) << exact.error().message();
  const auto expected = (*exact)->Encode(Views(model_.ids()));
  ASSERT_TRUE(expected);
  const auto found = model_.Vectors(kernels());
  ASSERT_EQ(found.size(), expected->size());
  double least = 1;
  double sum = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    const double cosine = Cosine(found[i], (*expected)[i]);
    least = std::min(least, cosine);
    sum += cosine;
  }
  const int levels = kernels().int8_levels;
  EXPECT_GE(sum / static_cast<double>(found.size()), LeastCosine(kLayers, levels, 4));
  EXPECT_GE(least, LeastCosine(kLayers, levels, 16));
  EXPECT_LT(least, 1 - 1e-9) << "these are the f32 vectors";
  RecordProperty("least_cosine", std::to_string(least));
}

// What 8 bits in attention take from a cosine, in the terms of LeastCosine: the values' step of a
// range of six, the steps of a query and a key in a score of deviation 1, and the roundings of 64
// probabilities of up to 255.
double AttentionLoss(size_t layers) {
  const double step = 6.0 / 255 / std::sqrt(12.0);
  const double probabilities = std::sqrt(64.0) / 255 / std::sqrt(12.0);
  const double squares = step * step + 2 * step * step + probabilities * probabilities;
  return 16 * 0.5 * static_cast<double>(layers) * squares;
}

// A set with 7 bits loses what 7 bits lose and no more: it is near the reference with so many. The
// reference does not round attention. In 16 bits, with 7 elsewhere, that moves an activation to the
// next step here and there: of 32 to 64 of them, one in eight by a step of 6 / levels deviations,
// in each of twelve projections. In 8 bits it costs as much as a layer's projections.
TEST_P(Int8ModelTest, KernelSetsDifferByTheirBitsOnly) {
  kernels::KernelSet reference = *kernels::AllKernelSets().front();
  reference.int8_levels = kernels().int8_levels;
  const auto expected = model_.Vectors(reference);
  const auto found = model_.Vectors(kernels());
  ASSERT_EQ(found.size(), expected.size());
  const double step = 6.0 / kernels().int8_levels;
  const double attention = kernels().int8_levels == 255 ? AttentionLoss(kLayers) : 0;
  const double least = 1 - 12 * step * step / 8 - attention;
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_GE(Cosine(found[i], expected[i]), least) << i;
  }
}

TEST_P(Int8ModelTest, BatchingAndThreadsChangeNothing) {
  ThreadPool serial(1);
  ThreadPool parallel(3);
  const auto packed = model_.Open(kernels(), serial);
  ASSERT_TRUE(packed) << packed.error().message();
  const auto first =
      LoadPackedEncoder(model_.folder(), model_.record(), *packed, kernels(), serial);
  const auto second =
      LoadPackedEncoder(model_.folder(), model_.record(), *packed, kernels(), parallel);
  ASSERT_TRUE(first && second);
  // Enough rows that the threads get blocks of their own.
  IdLists lists;
  for (int i = 0; i < 8; ++i) lists.insert(lists.end(), model_.ids().begin(), model_.ids().end());
  const auto together = (*first)->Encode(Views(lists));
  const auto threaded = (*second)->Encode(Views(lists));
  ASSERT_TRUE(together && threaded);
  EXPECT_EQ(*together, *threaded);
  for (size_t i = 0; i < model_.ids().size(); ++i) {
    const auto alone = (*second)->Encode(Views({lists[i]}));
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->front(), (*together)[i]) << "sequence " << i;
  }
}

TEST_P(Int8ModelTest, ReopeningGivesTheSameVectors) {
  const auto first = model_.Vectors(kernels());
  const auto written = fs::last_write_time(model_.pack());
  EXPECT_EQ(model_.Vectors(kernels()), first);
  EXPECT_EQ(fs::last_write_time(model_.pack()), written) << "it was made again";
}

class PackTest : public ::testing::Test {
 protected:
  PackTest() : before_(model_.Vectors(kernels_)), content_(Content()) {}

  std::string Content() const { return *ReadFile(model_.pack(), 1 << 24); }
  // True when `content` is not what using the model leaves there: it was made again, as it was.
  void ExpectMadeAgain() const {
    EXPECT_EQ(model_.Vectors(kernels_), before_);
    const std::string now = Content();
    ASSERT_EQ(now.size(), content_.size());
    // But for the time of writing, which is in the header and its checksum.
    EXPECT_EQ(now.substr(144), content_.substr(144));
    const std::filesystem::directory_iterator files(model_.folder());
    for (const auto& file : files) {
      EXPECT_EQ(file.path().filename().native().find(".pack."), std::string::npos) << file.path();
    }
  }
  void Overwrite(const std::string& content) const {
    std::ofstream(model_.pack(), std::ios::binary) << content;
  }

  const kernels::KernelSet& kernels_ = *AvailableKernelSets().back();
  Installed model_{"nomic_cls"};
  std::vector<std::vector<float>> before_;
  std::string content_;
};

TEST_F(PackTest, PackingTwiceGivesTheSameBytes) {
  fs::remove(model_.pack());
  ExpectMadeAgain();
}

TEST_F(PackTest, ADamagedPackIsMadeAgain) {
  for (const size_t at : {size_t{0}, size_t{9}, size_t{20}, size_t{60}, size_t{1000},
                          content_.size() / 2, content_.size() - 1}) {
    std::string damaged = content_;
    damaged[at] = static_cast<char>(damaged[at] ^ 16);
    Overwrite(damaged);
    // The content is hashed only when the time is not the one written.
    const timespec times[] = {{.tv_sec = 1000, .tv_nsec = 0}, {.tv_sec = 1000, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, model_.pack().c_str(), times, 0), 0);
    ExpectMadeAgain();
  }
  for (const size_t length : {size_t{0}, size_t{100}, content_.size() / 2}) {
    Overwrite(content_.substr(0, length));
    ExpectMadeAgain();
  }
}

TEST_F(PackTest, APackOfAnotherModelIsMadeAgain) {
  Installed other("nomic_mean");
  other.Vectors(kernels_);
  fs::copy_file(other.pack(), model_.pack(), fs::copy_options::overwrite_existing);
  ExpectMadeAgain();
}

TEST_F(PackTest, TheIdentityIsTheWeightsAndNotTheLongestText) {
  ModelRecord record = model_.record();
  record.max_length = 17;
  EXPECT_EQ(PackIdentity(record), PackIdentity(model_.record()));
  record.files.front().sha256.front() ^= 1;
  EXPECT_NE(PackIdentity(record), PackIdentity(model_.record()));
  const auto written = fs::last_write_time(model_.pack());
  model_.record().max_length = 17;
  model_.Vectors(kernels_);
  EXPECT_EQ(fs::last_write_time(model_.pack()), written) << "it was made again";
}

TEST_F(PackTest, VerifyFindsAndRemovesADamagedPack) {
  EXPECT_TRUE(VerifyPackedModel(model_.folder(), {}, model_.record()).ok());
  std::string damaged = content_;
  damaged[content_.size() / 2] = static_cast<char>(damaged[content_.size() / 2] ^ 1);
  Overwrite(damaged);
  const Status found = VerifyPackedModel(model_.folder(), {}, model_.record());
  EXPECT_EQ(found.code(), StatusCode::kCorrupt);
  EXPECT_THAT(found.message(), HasSubstr("have been removed; the next use makes them again"));
  EXPECT_FALSE(fs::exists(model_.pack()));
  EXPECT_TRUE(VerifyPackedModel(model_.folder(), {}, model_.record()).ok()) << "there is none";
  ExpectMadeAgain();
}

TEST_F(PackTest, VerifyLooksInTheOtherFolderToo) {
  const fs::path other = model_.world() / "cache";
  fs::create_directory(other);
  const fs::path pack = PackedPath(other, model_.record());
  fs::rename(model_.pack(), pack);
  EXPECT_TRUE(VerifyPackedModel(model_.folder(), other, model_.record()).ok());
  std::ofstream(pack, std::ios::binary) << content_.substr(0, 200);
  EXPECT_EQ(VerifyPackedModel(model_.folder(), other, model_.record()).code(),
            StatusCode::kCorrupt);
  EXPECT_FALSE(fs::exists(pack));
}

TEST_F(PackTest, SeveralPackAtOnce) {
  fs::remove(model_.pack());
  std::vector<std::vector<std::vector<float>>> vectors(4);
  std::vector<std::thread> threads;
  for (auto& mine : vectors) {
    threads.emplace_back([&] { mine = model_.Vectors(kernels_); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& mine : vectors) EXPECT_EQ(mine, before_);
  ExpectMadeAgain();
}

// Root may write anywhere: as nobody for a while, which needs the files open to all.
class Unprivileged {
 public:
  explicit Unprivileged(const fs::path& world) {
    fs::permissions(world, fs::perms(0755));
    was_root_ = ::geteuid() == 0 && ::seteuid(65534) == 0;
  }
  ~Unprivileged() {
    if (was_root_ && ::seteuid(0) != 0) ADD_FAILURE() << "cannot be root again";
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;

 private:
  bool was_root_ = false;
};

void OpenToAll(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    fs::permissions(entry.path(), entry.is_directory() ? fs::perms(0755) : fs::perms(0644));
  }
}

TEST_F(PackTest, AReadOnlyModelIsPackedElsewhere) {
  fs::remove(model_.pack());
  const fs::path writable = model_.world() / "writable";
  fs::create_directory(writable);
  fs::permissions(writable, fs::perms(0777));
  OpenToAll(model_.folder());
  fs::permissions(model_.folder(), fs::perms(0555));
  const fs::path other = writable / "deep" / "cache";
  {
    const Unprivileged unprivileged(model_.world());
    EXPECT_EQ(model_.Vectors(kernels_, other), before_);
    EXPECT_FALSE(fs::exists(model_.pack()));
    const fs::path pack = PackedPath(other, model_.record());
    ASSERT_TRUE(fs::exists(pack));
    const auto written = fs::last_write_time(pack);
    EXPECT_EQ(model_.Vectors(kernels_, other), before_);
    EXPECT_EQ(fs::last_write_time(pack), written) << "it was made again";
  }
  fs::permissions(model_.folder(), fs::perms(0755));
}

TEST_F(PackTest, NowhereToPackIsAnErrorWithAWayOut) {
  fs::remove(model_.pack());
  OpenToAll(model_.folder());
  const fs::path other = model_.world() / "closed";
  fs::create_directory(other);
  fs::permissions(model_.folder(), fs::perms(0555));
  fs::permissions(other, fs::perms(0555));
  {
    const Unprivileged unprivileged(model_.world());
    ThreadPool pool(1);
    for (const fs::path& place : {other, other / "below"}) {
      const auto packed = model_.Open(kernels_, pool, place);
      ASSERT_FALSE(packed);
      EXPECT_EQ(packed.error().code(), StatusCode::kPermissionDenied);
      EXPECT_THAT(packed.error().message(),
                  AllOf(HasSubstr("model nomic_cls"), HasSubstr("--precision f32")));
    }
  }
  fs::permissions(model_.folder(), fs::perms(0755));
}

// A record says more positions than there are, or the tokenizer more ids: not a byte is read
// beyond the model's tables.
TEST_F(PackTest, AModelThatDoesNotFitIsNotCalibrated) {
  ThreadPool pool(1);
  model_.record().max_length = 8193;
  fs::remove(model_.pack());
  const auto long_texts = model_.Open(kernels_, pool);
  ASSERT_FALSE(long_texts);
  EXPECT_EQ(long_texts.error().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(long_texts.error().message(),
              AllOf(HasSubstr("at most 8192 tokens"), HasSubstr("--max-tokens")));
  model_.record().max_length = 128;
  const Status ids = PackModel(model_.folder(), model_.record(), WordTokenizer(100000), kernels_,
                               pool, model_.pack());
  EXPECT_EQ(ids.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(ids.message(), HasSubstr("found 100000"));
  EXPECT_FALSE(fs::exists(model_.pack()));
}

TEST_F(PackTest, WeightsThatOverflowAreAnError) {
  const Installed model("mean_gelu");  // in f32
  const fs::path file = model.folder() / "model.safetensors";
  std::string weights = *ReadFile(file, 1 << 24);
  uint64_t header = 0;
  std::memcpy(&header, weights.data(), sizeof(header));
  const float large = std::numeric_limits<float>::max();
  for (size_t at = sizeof(header) + header; at + 4 <= weights.size(); at += 4) {
    std::memcpy(weights.data() + at, &large, 4);
  }
  std::ofstream(file, std::ios::binary) << weights;
  ThreadPool pool(1);
  const auto packed = model.Open(kernels_, pool);
  ASSERT_FALSE(packed);
  EXPECT_EQ(packed.error().code(), StatusCode::kCorrupt);
  EXPECT_THAT(packed.error().message(), HasSubstr("the weights overflow f32"));
  EXPECT_FALSE(fs::exists(model.pack()));
}

}  // namespace
}  // namespace coderank
