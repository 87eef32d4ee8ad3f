#include "net/http_client.h"

#include "base/strings.h"
#include "base/try.h"
#include "net/download.h"
#include "net/fetcher.h"

namespace coderank {
namespace {

class BodyInMemory : public FetchHandler {
 public:
  explicit BodyInMemory(uint64_t limit) : limit_(limit) {}

  Status Begin(std::vector<std::string>& /*headers*/) override {
    body_.clear();
    return OkStatus();
  }
  Status OnHead(const ResponseHead& head) override {
    return head.content_length.value_or(0) > limit_ ? TooLarge() : OkStatus();
  }
  Status OnBody(std::string_view piece) override {
    if (piece.size() > limit_ - body_.size()) return TooLarge();
    body_ += piece;
    return OkStatus();
  }
  uint64_t furthest() const override { return 0; }  // begins anew each time
  std::string TakeBody() { return std::move(body_); }

 private:
  Status TooLarge() const {
    return ResourceExhausted(StrCat("the reply is larger than the limit of ", limit_, " bytes"));
  }
  uint64_t limit_;
  std::string body_;
};

}  // namespace

class HttpClient::Impl {
 public:
  explicit Impl(const HttpOptions& options) : fetcher(options) {}
  Fetcher fetcher;
};

HttpClient::HttpClient(HttpOptions options) : impl_(std::make_unique<Impl>(options)) {}
HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::Send(const HttpRequest& request, uint64_t max_bytes,
                                      const CancellationToken* cancel) {
  BodyInMemory handler(max_bytes);
  CODERANK_ASSIGN(FetchResult fetched, impl_->fetcher.Fetch(request, handler, cancel));
  return HttpResponse{.status = fetched.head.status,
                      .url = std::move(fetched.url.text),
                      .body = handler.TakeBody(),
                      .rate_limit = std::move(fetched.head.rate_limit)};
}

Result<HttpDownloadResult> HttpClient::Download(const HttpDownload& download,
                                                const CancellationToken* cancel) {
  DownloadHandler handler(download);
  CODERANK_ASSIGN(const bool complete, handler.Open());
  HttpDownloadResult result{.status = 200, .received = 0};
  if (!complete) {
    CODERANK_ASSIGN(const FetchResult fetched,
                    impl_->fetcher.Fetch(download.request, handler, cancel));
    result.status = fetched.head.status == 206 ? 200 : fetched.head.status;
    result.received = handler.received();
    if (result.status != 200) return result;
  }
  CODERANK_TRY(handler.Complete());
  return result;
}

}  // namespace coderank
