#include "lexical/stop_words.h"

#include <algorithm>
#include <array>

namespace coderank {
namespace {

// Sorted. Words that name things in programs are not here, though questions hold them too: find,
// search, show, get, set, file, function. Where they are frequent their idf is low, and where they
// are rare they are meant.
constexpr auto kStopWords = std::to_array<std::string_view>({
    "a",           "about",
    "an",          "and",
    "are",         "aren",
    "as",          "at",
    "be",          "been",
    "being",       "but",
    "by",          "can",
    "code",        "codebase",
    "could",       "couldn",
    "d",           "did",
    "didn",        "do",
    "does",        "doesn",
    "doing",       "don",
    "done",        "for",
    "from",        "had",
    "handled",     "handles",
    "happen",      "happens",
    "has",         "have",
    "having",      "he",
    "her",         "here",
    "his",         "how",
    "i",           "if",
    "implement",   "implementation",
    "implemented", "implementing",
    "implements",  "in",
    "into",        "is",
    "isn",         "it",
    "its",         "ll",
    "m",           "may",
    "me",          "might",
    "must",        "my",
    "no",          "nor",
    "not",         "of",
    "on",          "onto",
    "or",          "our",
    "please",      "project",
    "re",          "repo",
    "repository",  "responsible",
    "s",           "shall",
    "she",         "should",
    "shouldn",     "so",
    "such",        "t",
    "than",        "that",
    "the",         "their",
    "them",        "then",
    "there",       "these",
    "they",        "this",
    "those",       "to",
    "us",          "use",
    "used",        "uses",
    "using",       "ve",
    "was",         "wasn",
    "we",          "were",
    "weren",       "what",
    "when",        "where",
    "which",       "who",
    "whom",        "whose",
    "why",         "will",
    "with",        "won",
    "work",        "working",
    "works",       "would",
    "wouldn",      "you",
    "your",
});
static_assert(std::is_sorted(kStopWords.begin(), kStopWords.end()));

}  // namespace

bool IsStopWord(std::string_view word) {
  return std::binary_search(kStopWords.begin(), kStopWords.end(), word);
}

}  // namespace coderank
