// Text to token ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "coderank/result.h"

namespace coderank {

struct Encoding {
  std::vector<int32_t> ids;  // special tokens included
  bool truncated = false;    // pieces were dropped to stay within the limit
};

// Two texts as one sequence, for models that judge pairs.
struct PairEncoding {
  std::vector<int32_t> ids;  // special tokens included
  size_t second_begin = 0;   // from here on a token belongs to the second text: its type is 1
  bool truncated = false;
};

// Immutable after loading, so thread-safe.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Ids of one text between its special tokens ([CLS] ... [SEP]). At most `max_tokens` ids come
  // back, special tokens included; the first pieces are kept. Any bytes are accepted: ill-formed
  // UTF-8 is read as U+FFFD. Precondition: max_tokens >= 2.
  virtual Encoding Encode(std::string_view text, size_t max_tokens) const = 0;

  // Ids of two texts with the special tokens that the model wants ([CLS] first [SEP] second [SEP]),
  // at most `max_tokens` of them. Where that is too few the longer text loses its end, until both
  // are equally long: the second one, unless the first fills more than half. kInvalidArgument for a
  // tokenizer that has no form for pairs. Precondition: max_tokens >= 3.
  virtual Result<PairEncoding> EncodePair(std::string_view first, std::string_view second,
                                          size_t max_tokens) const;

  // One more than the largest id that the two can give.
  virtual size_t vocabulary_size() const = 0;
};

// Loads `tokenizer.json`, or `vocab.txt` (+ `tokenizer_config.json`) where there is none, from a
// folder in the Hugging Face layout. kNotFound without either, kCorrupt for a malformed file,
// kInvalidArgument for a tokenizer type that is not supported.
Result<std::unique_ptr<Tokenizer>> LoadTokenizer(const std::filesystem::path& folder);

}  // namespace coderank
