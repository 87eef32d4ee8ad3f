// What the model tests share: weight files made by hand, the small committed models, a tokenizer
// of plain words.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "kernels/kernel_set.h"
#include "model/load_encoder.h"
#include "tokenizer/tokenizer.h"

namespace coderank {

inline std::filesystem::path TestData() { return CODERANK_SOURCE_DIR "/tests/data"; }
inline std::filesystem::path SmallModel(std::string_view name) {
  return TestData() / "models" / name;
}

inline std::vector<const kernels::KernelSet*> AvailableKernelSets() {
  std::vector<const kernels::KernelSet*> sets;
  for (const kernels::KernelSet* set : kernels::AllKernelSets()) {
    if (kernels::DetectCpuFeatures().Includes(set->required)) sets.push_back(set);
  }
  return sets;
}

// The bytes of a safetensors file: header length, header, data.
inline std::string SafetensorsBytes(std::string_view header, std::string_view data) {
  const uint64_t size = header.size();
  std::string bytes(sizeof(size), '\0');
  std::memcpy(bytes.data(), &size, sizeof(size));
  return bytes.append(header).append(data);
}

inline std::string TensorJson(std::string_view name, std::string_view dtype, std::string_view shape,
                              size_t begin, size_t end) {
  return StrCat("\"", name, "\":{\"dtype\":\"", dtype, "\",\"shape\":", shape,
                ",\"data_offsets\":[", begin, ",", end, "]}");
}

inline std::string FloatBytes(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

// Whole words only, split at spaces: "w3" is 3 + 5, anything else [UNK] = 1; [CLS] = 2, [SEP] = 3.
class WordTokenizer : public Tokenizer {
 public:
  explicit WordTokenizer(size_t vocabulary) : vocabulary_(vocabulary) {}

  Encoding Encode(std::string_view text, size_t max_tokens) const override {
    Encoding encoding;
    encoding.ids.push_back(2);
    std::istringstream words{std::string(text)};
    for (std::string word; words >> word;) {
      if (encoding.ids.size() + 1 == max_tokens) {
        encoding.truncated = true;
        break;
      }
      encoding.ids.push_back(word[0] == 'w' ? std::stoi(word.substr(1)) + 5 : 1);
    }
    encoding.ids.push_back(3);
    return encoding;
  }
  size_t vocabulary_size() const override { return vocabulary_; }

 private:
  size_t vocabulary_;
};

using IdLists = std::vector<std::vector<int32_t>>;

inline std::vector<std::span<const int32_t>> Views(const IdLists& lists) {
  return {lists.begin(), lists.end()};
}

inline double MaxDifference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::fabs(static_cast<double>(a[i]) - b[i]));
  }
  return largest;
}

inline double Cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += static_cast<double>(a[i]) * b[i];
    aa += static_cast<double>(a[i]) * a[i];
    bb += static_cast<double>(b[i]) * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

// Every sequence alone, all together, and all together in the opposite order, on one and on three
// threads, give the same bits.
inline void ExpectBatchingChangesNothing(const std::filesystem::path& folder,
                                         const ModelRecord& record,
                                         const kernels::KernelSet& kernels, const IdLists& lists) {
  ThreadPool serial(1);
  ThreadPool parallel(3);
  const auto first = LoadSentenceEncoder(folder, record, kernels, serial);
  const auto second = LoadSentenceEncoder(folder, record, kernels, parallel);
  ASSERT_TRUE(first && second);
  const auto together = (*first)->Encode(Views(lists));
  ASSERT_TRUE(together) << together.error().message();
  const auto threaded = (*second)->Encode(Views(lists));
  ASSERT_TRUE(threaded);
  EXPECT_EQ(*together, *threaded);
  const auto backwards = (*second)->Encode(Views(IdLists(lists.rbegin(), lists.rend())));
  ASSERT_TRUE(backwards);
  for (size_t i = 0; i < lists.size(); ++i) {
    EXPECT_EQ((*backwards)[lists.size() - 1 - i], (*together)[i]) << "sequence " << i;
    const auto alone = (*second)->Encode(Views({lists[i]}));
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->front(), (*together)[i]) << "sequence " << i;
  }
}

}  // namespace coderank
