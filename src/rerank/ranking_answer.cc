#include "rerank/ranking_answer.h"

#include <algorithm>
#include <string>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

std::vector<int32_t> TokensOf(const BytePairTokenizer& tokenizer, std::string_view text) {
  std::vector<int32_t> ids;
  tokenizer.AppendText(text, ids);
  return ids;
}

void Append(const std::vector<int32_t>& from, size_t begin, std::vector<int32_t>& to) {
  to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(begin), from.end());
}

// One constrained answer as it grows.
class ConstrainedAnswer {
 public:
  ConstrainedAnswer(const RankingAlphabet& alphabet, size_t passages, Generator& text,
                    const CancellationToken* cancel)
      : alphabet_(alphabet), text_(text), cancel_(cancel) {
    for (size_t i = 0; i < passages; ++i) left_.push_back(i);
  }

  Result<RankingAnswer> Write(std::span<const int32_t> rest) {
    std::vector<int32_t> input(rest.begin(), rest.end());
    Append(alphabet_.open(), 0, input);
    while (left_.size() > 1) {
      CODERANK_ASSIGN(const auto logits, text_.Forward(input, 1, cancel_));
      answer_.steps += answer_.order.empty() ? 0U : 1U;  // the first belongs to the prompt
      CODERANK_ASSIGN(input, Choose(logits));
    }
    answer_.order.push_back(left_.front());
    return std::move(answer_);
  }

 private:
  // The token of a name at `place`; behind its end, that of what stands between names.
  int32_t TokenAt(size_t index, size_t place) const {
    const std::vector<int32_t>& name = alphabet_.name(index);
    return place < name.size() ? name[place] : alphabet_.between().front();
  }

  // Takes the likeliest name token by token, as far as several are possible. What is to be read
  // before the next.
  Result<std::vector<int32_t>> Choose(std::span<const float> logits) {
    std::vector<size_t> possible = left_;
    size_t place = 0;
    for (;; ++place) {
      const auto logit = [&](size_t index) {
        return logits[static_cast<size_t>(TokenAt(index, place))];
      };
      const size_t best =
          *std::max_element(possible.begin(), possible.end(),
                            [&](size_t a, size_t b) { return logit(a) < logit(b); });
      const int32_t token = TokenAt(best, place);
      std::erase_if(possible, [&](size_t index) { return TokenAt(index, place) != token; });
      if (possible.size() == 1) break;
      CODERANK_ASSIGN(logits, text_.Forward({&token, 1}, 1, cancel_));
      ++answer_.steps;
    }
    const size_t chosen = possible.front();
    answer_.order.push_back(chosen);
    std::erase(left_, chosen);
    std::vector<int32_t> input;
    const std::vector<int32_t>& name = alphabet_.name(chosen);
    Append(name, std::min(place, name.size()), input);
    Append(alphabet_.between(), 0, input);
    return input;
  }

  const RankingAlphabet& alphabet_;
  Generator& text_;
  const CancellationToken* cancel_;
  std::vector<size_t> left_;
  RankingAnswer answer_;
};

}  // namespace

Result<RankingAlphabet> RankingAlphabet::Make(const BytePairTokenizer& tokenizer, size_t names) {
  RankingAlphabet alphabet;
  alphabet.open_ = TokensOf(tokenizer, "[");
  alphabet.between_ = TokensOf(tokenizer, "] > [");
  std::string text = "[";
  std::vector<int32_t> pieces = alphabet.open_;
  for (size_t name = 1; name <= names; ++name) {
    alphabet.names_.push_back(TokensOf(tokenizer, std::to_string(name)));
    text += StrCat(name == 1 ? "" : "] > [", name);
    if (name > 1) Append(alphabet.between_, 0, pieces);
    Append(alphabet.names_.back(), 0, pieces);
  }
  if (pieces == TokensOf(tokenizer, text) && alphabet.IsUnambiguous()) return alphabet;
  return InvalidArgument(
      "the tokenizer: expected tokens that keep the numbers of \"[1] > [2]\" apart from what "
      "stands "
      "between them, found others; this decoder cannot rank");
}

// Names differ, and none has a token that could end it: reading on always tells two apart.
bool RankingAlphabet::IsUnambiguous() const {
  if (open_.empty() || between_.empty()) return false;
  for (const std::vector<int32_t>& name : names_) {
    const bool ends = std::find(name.begin(), name.end(), between_.front()) != name.end();
    if (name.empty() || ends || std::count(names_.begin(), names_.end(), name) > 1) return false;
  }
  return true;
}

Result<RankingAnswer> AnswerConstrained(const RankingAlphabet& alphabet, size_t passages,
                                        std::span<const int32_t> rest, Generator& text,
                                        const CancellationToken* cancel) {
  return ConstrainedAnswer(alphabet, passages, text, cancel).Write(rest);
}

Result<RankingAnswer> AnswerFreely(const RankingAlphabet& alphabet,
                                   const BytePairTokenizer& tokenizer, int32_t end, size_t passages,
                                   std::span<const int32_t> rest, Generator& text,
                                   const CancellationToken* cancel) {
  size_t whole = alphabet.open().size();
  for (size_t i = 0; i < passages; ++i) {
    whole += alphabet.name(i).size() + alphabet.between().size();
  }
  RankingAnswer answer;
  std::vector<int32_t> written;
  std::vector<int32_t> input(rest.begin(), rest.end());
  while (written.size() < 2 * whole) {
    CODERANK_ASSIGN(const auto logits, text.Forward(input, 1, cancel));
    answer.steps += written.empty() ? 0U : 1U;
    const auto best = std::max_element(logits.begin(), logits.end()) - logits.begin();
    if (best == end) break;
    written.push_back(static_cast<int32_t>(best));
    input = {written.back()};
  }
  answer.order = ParseOrder(tokenizer.Decode(written), passages);
  return answer;
}

std::vector<size_t> ParseOrder(std::string_view answer, size_t passages) {
  std::vector<size_t> order;
  std::vector<bool> used(passages, false);
  const auto take = [&](size_t index) {
    if (index >= passages || used[index]) return;
    used[index] = true;
    order.push_back(index);
  };
  size_t number = 0;  // of the digits before; more than `passages` stays so
  for (const char c : StrCat(answer, " ")) {
    if (c >= '0' && c <= '9') {
      number = std::min(10 * number + static_cast<size_t>(c - '0'), passages + 1);
      continue;
    }
    if (number > 0) take(number - 1);
    number = 0;
  }
  for (size_t i = 0; i < passages; ++i) take(i);
  return order;
}

}  // namespace coderank
