#include "net/download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

constexpr uint64_t kMaxEtagBytes = 1024;
constexpr uint64_t kMaxIgnoredBody = 256 << 10;  // bytes of a page that explains an error

// Strong validators only: bytes of two states of a file must never be joined.
bool IsStrong(std::string_view etag) {
  return etag.size() >= 2 && etag.size() <= kMaxEtagBytes && etag.front() == '"' &&
         etag.back() == '"' &&
         std::all_of(etag.begin(), etag.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::optional<uint64_t> TakeNumber(std::string_view& text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

bool TakeText(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

// "bytes 100-999/1000" or "bytes 100-999/*": exactly the rest of the file.
bool IsRest(std::string_view range, uint64_t start, uint64_t size) {
  if (!TakeText(range, "bytes ")) return false;
  if (TakeNumber(range) != start || !TakeText(range, "-")) return false;
  if (TakeNumber(range) != size - 1 || !TakeText(range, "/")) return false;
  return range == "*" || (TakeNumber(range) == size && range.empty());
}

}  // namespace

DownloadHandler::DownloadHandler(const HttpDownload& download)
    : download_(download),
      part_(download.target.native() + ".part"),
      etag_(download.target.native() + ".etag") {}

Result<bool> DownloadHandler::Open() {
  constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  fd_ = UniqueFd(::open(part_.c_str(), kFlags, 0600));
  struct stat info {};
  if (!fd_.valid() || ::fstat(fd_.get(), &info) != 0) {
    return ErrnoStatus(errno, part_, "cannot open");
  }
  if (!S_ISREG(info.st_mode)) return InvalidArgument(StrCat(part_, ": not a regular file"));
  size_ = static_cast<uint64_t>(info.st_size);
  if (size_ > download_.size) CODERANK_TRY(Truncate());
  furthest_ = size_;
  return size_ == download_.size;
}

Status DownloadHandler::Truncate() {
  if (::ftruncate(fd_.get(), 0) != 0) return ErrnoStatus(errno, part_, "cannot empty");
  size_ = 0;
  return OkStatus();
}

Status DownloadHandler::Begin(std::vector<std::string>& headers) {
  keep_ = false;
  discard_ = false;
  ignored_ = 0;
  if (size_ == 0) return OkStatus();
  const auto etag = ReadFile(etag_, kMaxEtagBytes);
  if (!etag || !IsStrong(*etag)) return Truncate();
  headers.push_back(StrCat("Range: bytes=", size_, "-"));
  headers.push_back(StrCat("If-Range: ", *etag));
  return OkStatus();
}

// The part is emptied before the new name is written: a kill in between leaves nothing to resume.
Status DownloadHandler::StartOver(const std::string& etag) {
  CODERANK_TRY(Truncate());
  if (IsStrong(etag)) return WriteFileAtomically(etag_, etag);
  std::error_code ignored;
  std::filesystem::remove(etag_, ignored);
  return OkStatus();
}

Status DownloadHandler::CheckRange(const ResponseHead& head) {
  if (size_ > 0 && IsRest(head.content_range, size_, download_.size)) return OkStatus();
  discard_ = true;
  return Corrupt(StrCat("expected bytes ", size_, " to ", download_.size,
                        " of the file, found Content-Range \"", head.content_range, "\""));
}

Status DownloadHandler::OnHead(const ResponseHead& head) {
  if (head.status == 416) discard_ = true;
  keep_ = head.status == 200 || head.status == 206;
  if (head.status == 206) return CheckRange(head);
  if (head.status != 200) return OkStatus();
  if (head.content_length && *head.content_length != download_.size) {
    return Corrupt(StrCat(download_.target.filename(), ": expected ", download_.size,
                          " bytes, the server announces ", *head.content_length,
                          "; is a proxy or a login page in between?"));
  }
  return StartOver(head.etag);
}

Status DownloadHandler::OnBody(std::string_view piece) {
  if (!keep_) {
    ignored_ += piece.size();
    if (ignored_ <= kMaxIgnoredBody) return OkStatus();
    return ResourceExhausted(
        StrCat("an error's page is larger than the limit of ", kMaxIgnoredBody, " bytes"));
  }
  received_ += piece.size();
  if (piece.size() > download_.size - size_) {
    discard_ = true;
    return Corrupt(StrCat(download_.target.filename(), ": expected ", download_.size,
                          " bytes, the server sends more"));
  }
  while (!piece.empty()) {
    const ssize_t put = ::pwrite(fd_.get(), piece.data(), piece.size(), static_cast<off_t>(size_));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return ErrnoStatus(errno, part_, "cannot write");
    size_ += static_cast<uint64_t>(put);
    piece.remove_prefix(static_cast<size_t>(put));
  }
  furthest_ = std::max(furthest_, size_);
  if (download_.progress) download_.progress(size_, received_);
  return OkStatus();
}

TransferResult DownloadHandler::Finish(TransferResult result) {
  if (discard_) {
    // The next try asks for the whole file. Only bytes too many are no reason to try again.
    const bool too_many = keep_ && result.head.status == 200;
    if (Status emptied = Truncate(); !emptied.ok()) result.status = emptied;
    if (result.status.ok()) result.status = Unavailable("the server does not resume this file");
    result.failure = too_many ? Failure::kPermanent : Failure::kTransient;
    return result;
  }
  if (result.failure == Failure::kNone && keep_ && size_ < download_.size) {
    result.failure = Failure::kTransient;
    result.status = Unavailable(StrCat(download_.target.filename(), ": expected ", download_.size,
                                       " bytes, the server ended after ", size_));
  }
  return result;
}

Status DownloadHandler::Complete() {
  if (::fsync(fd_.get()) != 0) return ErrnoStatus(errno, part_, "cannot write");
  if (::rename(part_.c_str(), download_.target.c_str()) != 0) {
    return ErrnoStatus(errno, download_.target, "cannot put the download in place");
  }
  std::error_code ignored;
  std::filesystem::remove(etag_, ignored);
  return OkStatus();
}

}  // namespace coderank
