#include "net/transfer.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "base/ascii.h"
#include "base/strings.h"
#include "coderank/version.h"

namespace coderank {
namespace {

constexpr int kPollInterval = 100;           // ms between looks at the cancellation token
constexpr size_t kMaxHeadBytes = 256 << 10;  // all header lines of a reply together
constexpr long kReceiveBuffer = 256L << 10;  // bytes

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

struct FormDeleter {
  void operator()(curl_mime* form) const { curl_mime_free(form); }
};
using Form = std::unique_ptr<curl_mime, FormDeleter>;

// What the callbacks of one exchange share.
struct Exchange {
  BodySink* sink = nullptr;
  CURL* easy = nullptr;
  ResponseHead head;
  size_t head_bytes = 0;
  bool head_given = false;
  Status error;  // of the sink
};

void KeepRateLimit(std::string_view name, std::string_view value, ResponseHead& head) {
  const std::string lower = AsciiLower(name);
  for (const std::string_view prefix : {"x-ratelimit-", "ratelimit-"}) {
    if (!lower.starts_with(prefix)) continue;
    head.rate_limit.emplace(lower.substr(prefix.size()), value);
    return;
  }
}

void KeepHeader(std::string_view line, ResponseHead& head) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trimmed(line.substr(colon + 1));
  if (EqualIgnoringCase(name, "content-length")) {
    uint64_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (error == std::errc() && end == value.data() + value.size()) head.content_length = length;
  } else if (EqualIgnoringCase(name, "content-range")) {
    head.content_range = value;
  } else if (EqualIgnoringCase(name, "etag")) {
    head.etag = value;
  } else if (EqualIgnoringCase(name, "location")) {
    head.location = value;
  } else {
    KeepRateLimit(name, value, head);
  }
}

// The blank line after the headers: the head is complete, unless it is an interim one (1xx).
bool EndHead(Exchange& exchange) {
  long status = 0;
  curl_off_t wait = 0;
  curl_easy_getinfo(exchange.easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(exchange.easy, CURLINFO_RETRY_AFTER, &wait);
  if (status < 200) return true;
  exchange.head.status = static_cast<int>(status);
  exchange.head.retry_after = std::chrono::seconds(std::max<curl_off_t>(wait, 0));
  exchange.head_given = true;
  exchange.error = exchange.sink->OnHead(exchange.head);
  return exchange.error.ok();
}

size_t OnHeaderLine(char* data, size_t size, size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const std::string_view line(data, size * count);
  if (exchange.head_given) return line.size();  // a trailer after the body
  exchange.head_bytes += line.size();
  if (exchange.head_bytes > kMaxHeadBytes) {
    exchange.error = ResourceExhausted(
        StrCat("the reply's headers are larger than the limit of ", kMaxHeadBytes, " bytes"));
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    exchange.head = {};
  } else if (!IsBlank(line)) {
    KeepHeader(line, exchange.head);
  } else if (!EndHead(exchange)) {
    return 0;
  }
  return line.size();
}

size_t OnBodyPiece(char* data, size_t size, size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const std::string_view piece(data, size * count);
  exchange.error = exchange.sink->OnBody(piece);
  return exchange.error.ok() ? piece.size() : 0;
}

Failure FailureOf(CURLcode code, bool connected) {
  switch (code) {
    case CURLE_OK:
      return Failure::kNone;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return Failure::kUnreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return connected ? Failure::kTransient : Failure::kUnreachable;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SSL_CONNECT_ERROR:
      return Failure::kTransient;
    default:
      return Failure::kPermanent;
  }
}

// CURL_CA_BUNDLE is read by curl's command line only, SSL_CERT_FILE by OpenSSL only where the
// library was built without a place of its own: both are what people set, so both are honoured.
const char* CaBundle() {
  for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return nullptr;
}

std::string UserAgent() { return StrCat("coderank/", Version()); }

void SetPolicy(CURL* easy, const HttpOptions& options) {
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // do not wait for a name server when cancelled
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(options.stall_bytes));
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kReceiveBuffer);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, UserAgent().c_str());
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (const char* bundle = CaBundle(); bundle != nullptr) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, bundle);
  }
}

// Without "Expect", which costs a round trip and which not every server answers.
void SetMethod(CURL* easy, const TransferRequest& request, HeaderList& headers, Form& form) {
  if (request.method == "GET" && request.body.empty()) return;
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.body.empty() && request.file.empty()) return;
  headers.reset(curl_slist_append(headers.release(), "Expect:"));
  if (!request.file.empty()) {
    form.reset(curl_mime_init(easy));
    curl_mimepart* part = curl_mime_addpart(form.get());
    curl_mime_name(part, request.file_field.c_str());
    curl_mime_filedata(part, request.file.c_str());
    curl_easy_setopt(easy, CURLOPT_MIMEPOST, form.get());
    return;
  }
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
}

Status FailureStatus(CURLcode code, const Url& url, const char* detail) {
  const std::string_view reason = *detail != '\0' ? detail : curl_easy_strerror(code);
  const std::string message = StrCat(url.scheme, "://", url.host, ":", url.port, ": ", reason);
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
    return PermissionDenied(StrCat(
        message, "; CURL_CA_BUNDLE names a file with the certificates to trust, if that is meant"));
  }
  return Unavailable(message);
}

}  // namespace

class TransferEngine::Impl {
 public:
  explicit Impl(const HttpOptions& options) : options_(options) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialised == CURLE_OK) multi_ = curl_multi_init();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { curl_multi_cleanup(multi_); }

  TransferResult Run(const TransferRequest& request, BodySink& sink,
                     const CancellationToken* cancel) {
    const Easy easy(curl_easy_init());
    if (multi_ == nullptr || easy == nullptr) {
      return {.failure = Failure::kPermanent,
              .status = ResourceExhausted("the HTTP library cannot be initialised"),
              .head = {}};
    }
    HeaderList headers;
    Form form;
    for (const std::string& line : request.headers) {
      headers.reset(curl_slist_append(headers.release(), line.c_str()));
    }
    Exchange exchange{.sink = &sink, .easy = easy.get(), .head = {}, .error = {}};
    std::array<char, CURL_ERROR_SIZE> detail{};
    SetPolicy(easy.get(), options_);
    SetMethod(easy.get(), request, headers, form);
    curl_easy_setopt(easy.get(), CURLOPT_URL, request.url.text.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, OnHeaderLine);
    curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, OnBodyPiece);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, detail.data());
    curl_multi_add_handle(multi_, easy.get());
    const CURLcode code = Drive(cancel);
    curl_multi_remove_handle(multi_, easy.get());
    return ResultOf(code, request.url, std::move(exchange), detail.data());
  }

 private:
  // CURLE_ABORTED_BY_CALLBACK when cancelled.
  CURLcode Drive(const CancellationToken* cancel) {
    for (int running = 1;;) {
      if (curl_multi_perform(multi_, &running) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
      if (running == 0) break;
      if (IsCancelled(cancel)) return CURLE_ABORTED_BY_CALLBACK;
      curl_multi_poll(multi_, nullptr, 0, kPollInterval, nullptr);
    }
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi_, &left);
    return message == nullptr ? CURLE_OUT_OF_MEMORY : message->data.result;
  }

  static TransferResult ResultOf(CURLcode code, const Url& url, Exchange exchange,
                                 const char* detail) {
    TransferResult result{
        .failure = Failure::kNone, .status = {}, .head = std::move(exchange.head)};
    if (code == CURLE_ABORTED_BY_CALLBACK) {
      result.failure = Failure::kPermanent;
      result.status = Cancelled(StrCat(url.host, ": the transfer was cancelled"));
    } else if (!exchange.error.ok()) {
      result.failure = Failure::kPermanent;
      result.status = exchange.error.WithContext(url.host);
    } else if (code != CURLE_OK) {
      curl_off_t connected = 0;  // microseconds until the connection stood
      curl_easy_getinfo(exchange.easy, CURLINFO_CONNECT_TIME_T, &connected);
      result.failure = FailureOf(code, connected > 0);
      result.status = FailureStatus(code, url, detail);
    }
    return result;
  }

  HttpOptions options_;
  CURLM* multi_ = nullptr;
};

TransferEngine::TransferEngine(const HttpOptions& options)
    : impl_(std::make_unique<Impl>(options)) {}
TransferEngine::~TransferEngine() = default;

TransferResult TransferEngine::Run(const TransferRequest& request, BodySink& sink,
                                   const CancellationToken* cancel) {
  return impl_->Run(request, sink, cancel);
}

}  // namespace coderank
