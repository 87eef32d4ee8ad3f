#include "base/bounded_lines.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {

Result<std::optional<std::string>> BoundedLines::Next() {
  for (size_t searched = 0;;) {
    const size_t end = buffer_.find('\n', begin_ + searched);
    const size_t length = (end == std::string::npos ? buffer_.size() : end) - begin_;
    if (length > most_bytes_) {
      return ResourceExhausted(StrCat("longer than ", most_bytes_, " bytes"));
    }
    if (end != std::string::npos) return std::optional(Take(length, 1));
    searched = length;
    CODERANK_ASSIGN(const bool more, Fill());
    if (more) continue;
    if (searched == 0) return std::optional<std::string>();
    return std::optional(Take(searched, 0));
  }
}

Result<bool> BoundedLines::Fill() {
  constexpr size_t kBlock = size_t{64} << 10;
  buffer_.erase(0, begin_);
  begin_ = 0;
  const size_t have = buffer_.size();
  buffer_.resize(have + kBlock);
  ssize_t got = 0;
  do {
    got = ::read(fd_, buffer_.data() + have, kBlock);
  } while (got < 0 && errno == EINTR);
  const int error = errno;
  buffer_.resize(have + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) return Unavailable(StrCat("cannot read: ", std::strerror(error)));
  return got > 0;
}

std::string BoundedLines::Take(size_t length, size_t terminator) {
  std::string line = buffer_.substr(begin_, length);
  begin_ += length + terminator;
  return line;
}

}  // namespace coderank
