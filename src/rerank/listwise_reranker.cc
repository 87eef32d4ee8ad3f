#include "rerank/listwise_reranker.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <new>
#include <numeric>
#include <string>
#include <utility>

#include "base/elapsed.h"
#include "base/strings.h"
#include "base/try.h"
#include "text/utf8.h"

namespace coderank {
namespace {

// Tokens between two reports of progress: a few seconds of a 7B model on two cores.
constexpr size_t kSlice = 256;
// Rates that are not known are measured on the beginning of the first prompt, which has to be read
// anyhow: a few tokens that bring the weights into memory, a block, and as many as an answer's step
// has.
constexpr size_t kProbeWarm = 4;
constexpr size_t kProbeBlock = 64;
constexpr size_t kProbeStep = 4;
// Of the time that is left, what is planned for: the rest is for what a rate cannot know.
constexpr double kPlanned = 0.9;
// Tokens of an answer beyond those counted, and of passages that become more tokens side by side
// than they are apart.
constexpr size_t kSlack = 64;

}  // namespace

// One list.
class ListwiseReranker::Ranking {
 public:
  Ranking(ListwiseReranker& owner, std::string_view query,
          std::span<const std::string_view> documents, const ListwiseOptions& options,
          const CancellationToken* cancel)
      : owner_(owner),
        query_(ToValidUtf8(query)),
        documents_(documents),
        options_(options),
        cancel_(cancel) {}

  Result<ListwiseJudgement> Run() {
    CODERANK_TRY(Prepare());
    if (documents_.size() > 1) {
      CODERANK_TRY(RankWindows());
    } else {
      judgement_.order.resize(documents_.size());  // the first, or none
    }
    judgement_.seconds = Now();
    return std::move(judgement_);
  }

 private:
  double Now() const { return SecondsSince(begin_); }

  Status Prepare() {
    for (const std::string_view document : documents_) {
      if (IsCancelled(cancel_)) return Cancelled("reranking was cancelled");
      const std::string text = ToValidUtf8(document);
      passages_.push_back(PreparePassage(owner_.tokenizer(), text, kPassageTokens));
      tokens_.push_back(passages_.back().tokens);
      judgement_.documents.push_back(
          {.tokens = passages_.back().tokens, .truncated = passages_.back().truncated});
    }
    const ListwisePrompt none = MakeListwisePrompt(options_.task, query_, {});
    overhead_ = owner_.chat_.Prompt(none.system, none.user).size();
    return OkStatus();
  }

  size_t AnswerTokens() const {
    return kListwiseWindow * (owner_.alphabet_.between().size() + 2) * 2;  // of a free one
  }
  // Of the longest prompt and its answer; so much memory is set aside.
  size_t Capacity() const {
    std::vector<size_t> largest = tokens_;
    std::sort(largest.begin(), largest.end(), std::greater<>());
    largest.resize(std::min(largest.size(), kListwiseWindow));
    const size_t prompt = WorkOfWindow(largest, overhead_).tokens;
    return std::min(owner_.most_tokens_, prompt + prompt / 8 + AnswerTokens() + kSlack);
  }

  // The prompt of a window, whose passages are shortened together until it fits.
  Result<std::vector<int32_t>> PromptOf(const Window& window) const {
    const size_t count = window.end - window.begin;
    for (size_t most = kPassageTokens;;) {
      std::vector<Passage> shortened;
      std::vector<std::string_view> texts;
      shortened.reserve(count);
      for (size_t i = window.begin; i < window.end; ++i) {
        const size_t document = judgement_.order[i];
        if (tokens_[document] > most) {
          shortened.push_back(PreparePassage(owner_.tokenizer(), passages_[document].text, most));
          texts.emplace_back(shortened.back().text);
        } else {
          texts.emplace_back(passages_[document].text);
        }
      }
      const ListwisePrompt prompt = MakeListwisePrompt(options_.task, query_, texts);
      std::vector<int32_t> ids = owner_.chat_.Prompt(prompt.system, prompt.user);
      const size_t needed = ids.size() + AnswerTokens();
      if (needed <= text_->capacity()) return ids;
      if (most == 0) {
        return InvalidArgument(StrCat("query: expected a text that leaves room for ", count,
                                      " passages within ", text_->capacity(),
                                      " tokens, found one that needs ", needed, "; shorten it"));
      }
      const size_t excess = needed - text_->capacity();
      most -= std::min(most, std::max<size_t>(excess / count, 1));
    }
  }

  Status RankWindows() {
    judgement_.order.resize(documents_.size());
    std::iota(judgement_.order.begin(), judgement_.order.end(), size_t{0});
    text_.emplace(owner_.model_.decoder, *owner_.pool_, Capacity());
    const bool too_late = options_.seconds && SecondsLeft() <= 0;
    if (!owner_.rates().known() && !too_late) CODERANK_TRY(Probe());
    if (owner_.rates().known()) {
      judgement_.predicted_seconds =
          Now() + owner_.rates().SecondsFor(WorkOfList(tokens_, overhead_));
    }
    if (options_.seconds) {
      judgement_.order.resize(
          AffordableDocuments(tokens_, overhead_, owner_.rates(), SecondsLeft()));
    }
    const size_t count = judgement_.order.size();
    left_ = WorkOfList(std::span(tokens_).first(count), overhead_);
    planned_tokens_ = left_.tokens;
    Report();
    for (const Window& window : BackToFront(count)) {
      const ListwiseWork work = WorkOf(window);
      // The machine may have become slower: what has come up by then is kept.
      if (options_.seconds && owner_.rates().SecondsFor(work) > SecondsLeft()) break;
      const ListwiseWork after = left_ - work;
      CODERANK_TRY(RankWindow(window));
      left_ = after;
      Report();
    }
    if (judgement_.windows == 0) judgement_.order.clear();
    for (const size_t document : judgement_.order) {
      judgement_.truncated += passages_[document].truncated ? 1U : 0U;
    }
    return OkStatus();
  }

  double SecondsLeft() const { return kPlanned * (*options_.seconds - Now()); }

  ListwiseWork WorkOf(const Window& window) const {
    std::vector<size_t> tokens;
    for (size_t i = window.begin; i < window.end; ++i) {
      tokens.push_back(tokens_[judgement_.order[i]]);
    }
    return WorkOfWindow(tokens, overhead_);
  }

  void Report() const {
    if (!options_.progress || left_.steps == 0) return;
    options_.progress({.documents = judgement_.order.size(),
                       .tokens_done = planned_tokens_ - left_.tokens,
                       .tokens_total = planned_tokens_,
                       .seconds = Now(),
                       .seconds_left = owner_.rates().SecondsFor(left_)});
  }

  // Appends to the text; `rate` may be null.
  Status Append(std::span<const int32_t> ids, RateMeter* rate) {
    const double before = Now();
    CODERANK_TRY(text_->Prefill(ids, cancel_));
    if (rate != nullptr) rate->Add(ids.size(), Now() - before);
    judgement_.tokens += ids.size();
    return OkStatus();
  }

  Status Probe() {
    CODERANK_ASSIGN(const std::vector<int32_t> prompt,
                    PromptOf(BackToFront(documents_.size()).front()));
    std::span<const int32_t> rest(prompt);
    const auto next = [&](size_t most) {
      const auto part = rest.first(std::min(most, rest.size()));
      rest = rest.subspan(part.size());
      return part;
    };
    CODERANK_TRY(Append(next(kProbeWarm), nullptr));
    CODERANK_TRY(Append(next(kProbeBlock), &owner_.prompts_));
    const double before = Now();
    CODERANK_TRY(Append(next(kProbeStep), nullptr));
    owner_.steps_.Add(1, Now() - before);
    return OkStatus();
  }

  // Reads all of a prompt but its last token, and nothing that stands in the text already.
  Status Read(std::span<const int32_t> prompt) {
    const size_t kept = text_->RewindToPrefixOf(prompt);
    auto rest = prompt.subspan(kept, prompt.size() - 1 - kept);
    while (!rest.empty()) {
      const auto slice = rest.first(std::min(rest.size(), kSlice));
      rest = rest.subspan(slice.size());
      CODERANK_TRY(Append(slice, &owner_.prompts_));
      left_ = left_ - ListwiseWork{.tokens = slice.size(), .steps = 0};
      Report();
    }
    return OkStatus();
  }

  Status RankWindow(const Window& window) {
    CODERANK_ASSIGN(const std::vector<int32_t> prompt, PromptOf(window));
    CODERANK_TRY(Read(prompt));
    const size_t count = window.end - window.begin;
    const auto last = std::span(prompt).last(1);
    const double before = Now();
    CODERANK_ASSIGN(const RankingAnswer answer,
                    options_.constrained
                        ? AnswerConstrained(owner_.alphabet_, count, last, *text_, cancel_)
                        : AnswerFreely(owner_.alphabet_, owner_.tokenizer(), owner_.chat_.end(),
                                       count, last, *text_, cancel_));
    owner_.steps_.Add(answer.steps + 1, Now() - before);
    judgement_.steps += answer.steps;
    judgement_.tokens += text_->tokens().size() - prompt.size() + 1;
    ++judgement_.windows;
    const auto first = judgement_.order.begin() + static_cast<std::ptrdiff_t>(window.begin);
    const std::vector<size_t> before_answer(first, first + static_cast<std::ptrdiff_t>(count));
    for (size_t i = 0; i < count; ++i) {
      first[static_cast<std::ptrdiff_t>(i)] = before_answer[answer.order[i]];
    }
    return OkStatus();
  }

  ListwiseReranker& owner_;
  std::string query_;
  std::span<const std::string_view> documents_;
  const ListwiseOptions& options_;
  const CancellationToken* cancel_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::vector<Passage> passages_;
  std::vector<size_t> tokens_;  // of each passage
  size_t overhead_ = 0;         // tokens of the instructions and the query
  std::optional<Generator> text_;
  ListwiseWork left_;  // of what is planned
  size_t planned_tokens_ = 0;
  ListwiseJudgement judgement_;
};

Result<std::unique_ptr<ListwiseReranker>> ListwiseReranker::Make(LoadedDecoder model,
                                                                 size_t most_tokens,
                                                                 ThreadPool& pool) {
  if (!model.decoder->has_head()) {
    return InvalidArgument(
        "the decoder: expected an output layer (lm_head or tied embeddings), found none; a model "
        "that embeds cannot rank");
  }
  CODERANK_ASSIGN(const ChatFormat chat, ChatFormat::Of(*model.tokenizer));
  CODERANK_ASSIGN(RankingAlphabet alphabet,
                  RankingAlphabet::Make(*model.tokenizer, kListwiseWindow));
  most_tokens = std::min(most_tokens, model.decoder->max_positions());
  return std::unique_ptr<ListwiseReranker>(
      new ListwiseReranker(std::move(model), chat, std::move(alphabet), most_tokens, pool));
}

Result<ListwiseJudgement> ListwiseReranker::Rank(std::string_view query,
                                                 std::span<const std::string_view> documents,
                                                 const ListwiseOptions& options,
                                                 const CancellationToken* cancel) {
  const std::lock_guard lock(ranking_);
  try {
    return Ranking(*this, query, documents, options, cancel).Run();
  } catch (const std::bad_alloc&) {
    return ResourceExhausted(
        StrCat("out of memory while ranking ", documents.size(), " documents"));
  }
}

}  // namespace coderank
