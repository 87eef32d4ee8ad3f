#include "net/fetcher.h"

#include <algorithm>
#include <random>

#include "base/cancellable_sleep.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

using std::chrono::milliseconds;

constexpr uint64_t kMaxIgnoredBody = 256 << 10;  // bytes of a redirect's page

bool IsRedirect(const ResponseHead& head) {
  const int s = head.status;
  return (s == 301 || s == 302 || s == 303 || s == 307 || s == 308) && !head.location.empty();
}

// Of the server's making and likely to pass. 501 and 505 say that it cannot, ever.
bool MayPass(int status) {
  return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
}

// Keeps the pages of redirects away from the handler.
class FinalReply : public BodySink {
 public:
  explicit FinalReply(BodySink& inner) : inner_(inner) {}

  Status OnHead(const ResponseHead& head) override {
    redirect_ = IsRedirect(head);
    return redirect_ ? OkStatus() : inner_.OnHead(head);
  }
  Status OnBody(std::string_view piece) override {
    if (!redirect_) return inner_.OnBody(piece);
    ignored_ += piece.size();
    if (ignored_ <= kMaxIgnoredBody) return OkStatus();
    return ResourceExhausted(
        StrCat("a redirect's page is larger than the limit of ", kMaxIgnoredBody, " bytes"));
  }

 private:
  BodySink& inner_;
  bool redirect_ = false;
  uint64_t ignored_ = 0;
};

// How many tries failed since there was progress, and what that means for the next.
class Patience {
 public:
  explicit Patience(const HttpOptions& options) : options_(options) {}

  void Note(Failure failure, uint64_t furthest) {
    if (furthest >= mark_ + kProgressBytes) {
      mark_ = furthest;
      failures_ = 0;
      unreachable_ = 0;
    }
    ++failures_;
    if (failure == Failure::kUnreachable) ++unreachable_;
  }
  bool exhausted() const {
    return failures_ >= options_.max_attempts || unreachable_ >= options_.max_unreachable;
  }
  int failures() const { return failures_; }

  // Doubled with each failure; at random, so that clients that failed together come back apart.
  milliseconds Pause() {
    const int doublings = std::min(failures_ - 1, 20);
    const auto full =
        std::min(options_.first_pause * (int64_t{1} << doublings), options_.longest_pause);
    std::uniform_real_distribution<double> share(0.5, 1.0);
    return milliseconds(static_cast<int64_t>(static_cast<double>(full.count()) * share(random_)));
  }

 private:
  const HttpOptions& options_;
  std::minstd_rand random_{std::random_device{}()};
  uint64_t mark_ = 0;
  int failures_ = 0;
  int unreachable_ = 0;
};

Status CheckToken(std::string_view token) {
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (plain) return OkStatus();
  return InvalidArgument("access token: expected printable ASCII characters without spaces");
}

TransferResult Permanent(Status status) {
  return {.failure = Failure::kPermanent, .status = std::move(status), .head = {}};
}

// What only the origin of the request's URL may see.
void AddOwnHeaders(const HttpRequest& request, const Url& url, std::vector<std::string>& headers) {
  headers.insert(headers.end(), request.headers.begin(), request.headers.end());
  const bool private_way = url.scheme == "https" || IsLoopback(url);
  if (!request.bearer_token.empty() && private_way) {
    headers.push_back(StrCat("Authorization: Bearer ", request.bearer_token));
  }
}

Status NotFollowed(const HttpRequest& request, const Url& url) {
  return Unavailable(StrCat(url.host, ": answers ", request.method,
                            " with a redirect, which is not followed; name the URL it leads to"));
}

// Whether the request can be sent again: what may not happen twice only where it did not happen.
bool MayRepeat(const HttpRequest& request, const TransferResult& result) {
  if (request.repeatable || result.failure == Failure::kUnreachable) return true;
  return result.failure == Failure::kNone && result.head.status == 429;
}

std::string Seconds(milliseconds duration) {
  const auto tenths = (duration.count() + 99) / 100;
  return StrCat(tenths / 10, ".", tenths % 10, " s");
}

}  // namespace

Fetcher::Try Fetcher::FollowRedirects(const Url& first, const HttpRequest& asked,
                                      const std::vector<std::string>& headers,
                                      FetchHandler& handler, const CancellationToken* cancel) {
  Url url = first;
  for (int redirects = 0; redirects <= options_.max_redirects; ++redirects) {
    TransferRequest request{.url = url,
                            .headers = headers,
                            .method = asked.method,
                            .body = asked.body,
                            .file = asked.file.native(),
                            .file_field = asked.file_field};
    if (SameOrigin(url, first)) AddOwnHeaders(asked, url, request.headers);
    FinalReply reply(handler);
    TransferResult result = engine_.Run(request, reply, cancel);
    if (result.failure != Failure::kNone || !IsRedirect(result.head)) {
      return {.result = std::move(result), .url = std::move(url)};
    }
    if (asked.method != "GET") return {.result = Permanent(NotFollowed(asked, url)), .url = url};
    auto target = RedirectTarget(url, result.head.location);
    if (!target) return {.result = Permanent(target.error()), .url = std::move(url)};
    url = *std::move(target);
  }
  Status lost = Unavailable(StrCat(first.host, ": more than ", options_.max_redirects,
                                   " redirects, the last to ", url.host));
  return {.result = Permanent(std::move(lost)), .url = std::move(url)};
}

Fetcher::Try Fetcher::RunOnce(const Url& first, const HttpRequest& request, FetchHandler& handler,
                              const CancellationToken* cancel) {
  std::vector<std::string> headers;
  if (Status begun = handler.Begin(headers); !begun.ok()) {
    return {.result = Permanent(std::move(begun)), .url = first};
  }
  Try made = FollowRedirects(first, request, headers, handler, cancel);
  made.result = handler.Finish(std::move(made.result));
  return made;
}

Result<FetchResult> Fetcher::Fetch(const HttpRequest& request, FetchHandler& handler,
                                   const CancellationToken* cancel) {
  CODERANK_ASSIGN(const Url first, ParseUrl(request.url));
  CODERANK_TRY(CheckToken(request.bearer_token));
  for (Patience patience(options_);;) {
    auto [result, url] = RunOnce(first, request, handler, cancel);
    const bool answered = result.failure == Failure::kNone;
    if (answered && !MayPass(result.head.status)) return FetchResult{result.head, url};
    if (result.failure == Failure::kPermanent) return result.status;
    patience.Note(result.failure, handler.furthest());
    const auto pause = std::max<milliseconds>(patience.Pause(), result.head.retry_after);
    if (patience.exhausted() || pause > options_.longest_pause || !MayRepeat(request, result)) {
      if (answered) return FetchResult{result.head, url};
      return result.status.WithContext(
          StrCat("after ", patience.failures(), patience.failures() == 1 ? " try" : " tries"));
    }
    if (options_.log) {
      const std::string what = answered ? StrCat(url.host, ": HTTP status ", result.head.status)
                                        : result.status.message();
      options_.log(LogLevel::kInfo, StrCat(what, "; next try in ", Seconds(pause)));
    }
    if (!SleepUnlessCancelled(pause, cancel))
      return Cancelled(StrCat(url.host, ": the transfer was cancelled"));
  }
}

}  // namespace coderank
