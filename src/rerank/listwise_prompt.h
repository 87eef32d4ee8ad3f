// The instructions that CodeRankLLM was trained with, to the letter: gangiswag/llm-reranker, commit
// 2d7cba4, scripts/utils/rank_listwise_os_llm.py and llm_util.py. A text that reads better is a
// text that the model does not know.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "tokenizer/byte_pair_tokenizer.h"

namespace coderank {

// What the passages are ranked for.
enum class ListwiseTask {
  kDescription,  // does what the query, a doc string or a question, says
  kIssue,        // is where the fault lies that the query, an issue's text, reports
};

struct ListwisePrompt {
  std::string system;
  std::string user;
};

// `passages` as PreparePassage gives them; they are numbered from 1.
ListwisePrompt MakeListwisePrompt(ListwiseTask task, std::string_view query,
                                  std::span<const std::string_view> passages);

struct Passage {
  std::string text;
  size_t tokens = 0;
  bool truncated = false;
};

// A text as a passage: its first `most` tokens, and "[12]" written as "(12)", because numbers in
// brackets are the passages' names. `text` is valid UTF-8, and so is the result.
Passage PreparePassage(const BytePairTokenizer& tokenizer, std::string_view text, size_t most);

}  // namespace coderank
