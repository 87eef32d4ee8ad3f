#include "rerank/listwise_prompt.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/ascii.h"
#include "base/strings.h"
#include "text/utf8.h"

namespace coderank {
namespace {

// Of a text, what is looked at: no tokenizer has tokens so long that a passage needs more.
constexpr size_t kMostBytes = size_t{1} << 20;

std::string WithoutIdentifiers(std::string_view text) {
  std::string result(text);
  for (size_t open = 0; open < result.size(); ++open) {
    if (result[open] != '[') continue;
    size_t close = open + 1;
    while (close < result.size() && IsAsciiDigit(result[close])) ++close;
    if (close == open + 1 || close == result.size() || result[close] != ']') continue;
    result[open] = '(';
    result[close] = ')';
  }
  return result;
}

// Tokens are bytes, so the last may have cut a character.
void DropCutCharacter(std::string& text) {
  constexpr size_t kLongestCharacter = 4;
  for (size_t tail = 1; tail <= std::min(kLongestCharacter, text.size()); ++tail) {
    const auto lead = static_cast<unsigned char>(text[text.size() - tail]);
    if ((lead & 0xC0U) == 0x80U) continue;  // not the first byte of a character
    if (!DecodeUtf8(std::string_view(text).substr(text.size() - tail)).valid) {
      text.resize(text.size() - tail);
    }
    return;
  }
}

std::string Numbered(std::span<const std::string_view> passages) {
  std::string text;
  for (size_t i = 0; i < passages.size(); ++i) {
    text += StrCat("[", i + 1, "] ", passages[i], "\n");
  }
  return text;
}

// The line end behind an issue is a space and a line end.
ListwisePrompt DescriptionPrompt(std::string_view query,
                                 std::span<const std::string_view> passages) {
  return {.system =
              "You are CodeRanker, an intelligent code reviewer that can analyze doc strings and "
              "rank code snippets based on their relevance to the doc string.",
          .user = StrCat(
              "I will provide you with ", passages.size(),
              " code snippets, each indicated by a numerical identifier []. Rank the code snippets "
              "based on their relevance to the functionality described by the following doc "
              "string: ",
              query, ".\n\n", Numbered(passages), "Doc String: ", query, ".\nRank the ",
              passages.size(),
              " code snippets above based on their relevance to the functionality described by the "
              "doc string. All the code snippets should be included and listed using identifiers, "
              "in descending order of relevance. The output format should be [] > [], e.g., [2] > "
              "[1]. Only respond with the ranking results, do not say any word or explain.")};
}

ListwisePrompt IssuePrompt(std::string_view query, std::span<const std::string_view> passages) {
  return {.system =
              "You are CodeRanker, an intelligent code reviewer that can analyze GitHub issues and "
              "rank code functions based on their relevance to contain the faults causing the "
              "GitHub issue.",
          .user = StrCat(
              "I will provide you with ", passages.size(),
              " code functions, each indicated by a numerical identifier []. Rank the code "
              "functions based on their relevance to contain the faults causing the GitHub "
              "issue: ",
              query, ".\n\n", Numbered(passages), "GitHub Issue: ", query, ". \nRank the ",
              passages.size(),
              " code functions above based on their relevance to contain the faults causing the "
              "GitHub issue. All the code functions should be included and listed using "
              "identifiers, in descending order of relevance. The output format should be [] > [], "
              "e.g., [2] > [1]. Only respond with the ranking results, do not say any word or "
              "explain.")};
}

}  // namespace

ListwisePrompt MakeListwisePrompt(ListwiseTask task, std::string_view query,
                                  std::span<const std::string_view> passages) {
  return task == ListwiseTask::kIssue ? IssuePrompt(query, passages)
                                      : DescriptionPrompt(query, passages);
}

Passage PreparePassage(const BytePairTokenizer& tokenizer, std::string_view text, size_t most) {
  std::string beginning(text.substr(0, kMostBytes));
  std::vector<int32_t> ids;
  tokenizer.AppendText(beginning, ids);
  const bool truncated = ids.size() > most || text.size() > kMostBytes;
  if (ids.size() > most) beginning = tokenizer.Decode(std::span(ids).first(most));
  if (truncated) DropCutCharacter(beginning);
  return {.text = WithoutIdentifiers(beginning),
          .tokens = std::min(ids.size(), most),
          .truncated = truncated};
}

}  // namespace coderank
