// A decoder's answer to a listwise prompt, "[2] > [1] > [3]", to an order.
//
// Two ways. Constrained: of the next token only those count that go on with the name of a passage
// that is not in the order yet, and what stands between two names is not asked for, but put in with
// the name before it; whatever the model, the result is an order of all passages. Free: the model
// writes what it likes, and the text is read for what it may say; for comparisons.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "model/generator.h"
#include "tokenizer/byte_pair_tokenizer.h"

namespace coderank {

// The tokens that an answer is made of.
class RankingAlphabet {
 public:
  // Names of 1 to `names`. kInvalidArgument for a tokenizer that does not keep numbers and what
  // stands between them apart, or cannot spell them.
  static Result<RankingAlphabet> Make(const BytePairTokenizer& tokenizer, size_t names);

  size_t names() const { return names_.size(); }
  const std::vector<int32_t>& open() const { return open_; }        // "["
  const std::vector<int32_t>& between() const { return between_; }  // "] > ["
  // Of passage `index`, which is named index + 1.
  const std::vector<int32_t>& name(size_t index) const { return names_[index]; }

 private:
  bool IsUnambiguous() const;

  std::vector<int32_t> open_;
  std::vector<int32_t> between_;
  std::vector<std::vector<int32_t>> names_;
};

struct RankingAnswer {
  std::vector<size_t> order;  // all indices of the passages, the best first
  size_t steps = 0;           // forward passes after the prompt's
};

// Both append to `text`, whose tokens so far are the prompt but for `rest`, its end, which is not
// empty. The errors of Generator::Forward.
//
// `passages` is from 2 to alphabet.names(). No more than `passages` steps, if no more than one name
// begins with the whole of another, as among 1 to 10.
Result<RankingAnswer> AnswerConstrained(const RankingAlphabet& alphabet, size_t passages,
                                        std::span<const int32_t> rest, Generator& text,
                                        const CancellationToken* cancel = nullptr);
// Ends with the token `end`, or when twice as much is written as a whole order needs.
Result<RankingAnswer> AnswerFreely(const RankingAlphabet& alphabet,
                                   const BytePairTokenizer& tokenizer, int32_t end, size_t passages,
                                   std::span<const int32_t> rest, Generator& text,
                                   const CancellationToken* cancel = nullptr);

// The order that `answer` tells: its numbers from 1 to `passages`, the first of equal ones, and
// then the indices that it leaves out, in their order. Any bytes are accepted.
std::vector<size_t> ParseOrder(std::string_view answer, size_t passages);

}  // namespace coderank
