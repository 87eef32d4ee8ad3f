#include "line_reader.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/strings.h"
#include "base/try.h"
#include "print_json.h"
#include "text/utf8.h"

namespace coderank::cli {
namespace {

constexpr size_t kMaxLineBytes = size_t{64} << 20;

}  // namespace

Result<std::optional<std::string>> LineReader::Next() {
  for (size_t searched = 0;;) {
    const size_t end = buffer_.find('\n', start_ + searched);
    if (end != std::string::npos) return Take(end - start_, 1);
    searched = buffer_.size() - start_;
    if (searched > kMaxLineBytes) {
      return ResourceExhausted(StrCat("longer than ", kMaxLineBytes, " bytes"));
    }
    CODERANK_ASSIGN(const bool more, Fill());
    if (more) continue;
    if (searched == 0) return std::optional<std::string>();
    return Take(searched, 0);
  }
}

bool LineReader::WouldWait() const {
  if (buffer_.find('\n', start_) != std::string::npos) return false;
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return ::poll(&input, 1, 0) == 0;
}

Result<bool> LineReader::Fill() {
  constexpr size_t kBlock = size_t{64} << 10;
  buffer_.erase(0, start_);
  start_ = 0;
  const size_t have = buffer_.size();
  buffer_.resize(have + kBlock);
  ssize_t got = 0;
  do {
    got = ::read(STDIN_FILENO, buffer_.data() + have, kBlock);
  } while (got < 0 && errno == EINTR);
  buffer_.resize(have + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) return Unavailable(StrCat("cannot read: ", std::strerror(errno)));
  return got > 0;
}

std::optional<std::string> LineReader::Take(size_t length, size_t terminator) {
  std::string line = buffer_.substr(start_, length);
  start_ += length + terminator;
  return line;
}

Result<std::string> TextOfLine(const std::string& line, uint64_t number) {
  // Nested values are not kept: they could take many times the memory of their line.
  const auto keep = [](int depth, Json::parse_event_t, const Json&) { return depth <= 1; };
  Json json = Json::parse(ToValidUtf8(line), keep, /*allow_exceptions=*/false);
  if (json.is_object() && json.contains("text") && json["text"].is_string()) {
    return json["text"].get<std::string>();
  }
  return InvalidArgument(StrCat("standard input, line ", number,
                                ": expected {\"text\": \"...\"}, found ",
                                json.is_discarded() ? "no valid JSON" : json.type_name()));
}

}  // namespace coderank::cli
