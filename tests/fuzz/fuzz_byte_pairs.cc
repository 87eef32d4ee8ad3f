// Any tokenizer.json of a byte-level BPE tokenizer and any text: no crash, and what the interface
// promises holds. The first byte says how long the JSON is, in 256ths of the rest; without a usable
// tokenizer in the input the text goes through a fixed one that knows every byte.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/utf8.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/byte_pair_spec.h"

namespace {

using TokenizerResult = coderank::Result<std::unique_ptr<coderank::BytePairTokenizer>>;

void Require(bool condition) {
  if (!condition) std::abort();
}

coderank::BytePairSpec FixedSpec() {
  coderank::BytePairSpec spec;
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::string spelling;
    coderank::AppendUtf8(coderank::SpellingOfByte(static_cast<uint8_t>(byte)), spelling);
    spec.vocabulary[spelling] = static_cast<int32_t>(byte);
  }
  spec.vocabulary["aa"] = 256;
  spec.vocabulary["aaa"] = 257;
  spec.merges = {{"a", "a"}, {"aa", "a"}};
  spec.split = *coderank::FindSplitName("qwen2");
  return spec;
}

TokenizerResult Parse(std::string_view json) {
  const auto spec = coderank::ParseBytePairJson(json, "fuzz");
  if (!spec) return spec.error();
  return coderank::BuildBytePairTokenizer(*spec, "fuzz");
}

void CheckEncode(const coderank::BytePairTokenizer& tokenizer, std::string_view text) {
  constexpr size_t kLimit = 8;
  const auto full = tokenizer.Encode(text, size_t{1} << 30);
  const auto cut = tokenizer.Encode(text, kLimit);
  Require(cut.truncated || cut.ids == full.ids);
  for (const int32_t id : full.ids) {
    Require(id >= 0 && static_cast<size_t>(id) < tokenizer.vocabulary_size());
  }
  static_cast<void>(tokenizer.Decode(full.ids));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const TokenizerResult fixed = coderank::BuildBytePairTokenizer(FixedSpec(), "fixed");
  if (size == 0) return 0;
  std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string_view json = input.substr(0, input.size() * data[0] / 256);
  input.remove_prefix(json.size());
  if (const TokenizerResult parsed = Parse(json)) CheckEncode(**parsed, input);
  CheckEncode(**fixed, input);
  // What knows every byte gives back every text.
  std::vector<int32_t> ids;
  (*fixed)->AppendText(input, ids);
  Require((*fixed)->Decode(ids) == coderank::ToValidUtf8(input));
  return 0;
}
