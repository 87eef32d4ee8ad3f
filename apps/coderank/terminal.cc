#include "terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "text/utf8.h"

namespace coderank::cli {
namespace {

constexpr double kPlainInterval = 5.0;  // seconds between progress lines off a terminal

bool IsBidirectionalControl(char32_t c) {
  return c == 0x061C || (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

bool MustEscape(char32_t c, bool multiline) {
  if (c == '\t') return false;
  if (c == '\n') return !multiline;
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029 ||
         IsBidirectionalControl(c);
}

std::string Printf(const char* format, auto... values) {
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

std::string Duration(double seconds) {
  const auto whole = static_cast<long>(std::llround(seconds));
  if (whole < 60) return Printf("%ld s", whole);
  if (whole < 3600) return Printf("%ld min %02ld s", whole / 60, whole % 60);
  return Printf("%ld h %02ld min", whole / 3600, whole % 3600 / 60);
}

std::string Bar(double share) {
  constexpr int kWidth = 24;
  const int filled = static_cast<int>(share * kWidth);
  std::string bar = "[";
  for (int i = 0; i < kWidth; ++i) bar += i < filled ? '#' : '.';
  return bar + "]";
}

// Columns of the terminal on standard error; 80 when it does not say.
size_t TerminalColumns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string DescribeRanking(const IndexProgress& p, bool with_bar) {
  const double share = p.tokens_total == 0 ? 1.0
                                           : static_cast<double>(p.tokens_done) /
                                                 static_cast<double>(p.tokens_total);
  std::string line = "ranking ";
  if (with_bar) line += Bar(share) + " ";
  return line + Printf("%llu/%llu tokens, %s left", static_cast<unsigned long long>(p.tokens_done),
                       static_cast<unsigned long long>(p.tokens_total),
                       Duration(p.seconds_left).c_str());
}

std::string Describe(const IndexProgress& p, bool with_bar) {
  using Phase = IndexProgress::Phase;
  const auto count = [](uint64_t n) { return static_cast<unsigned long long>(n); };
  switch (p.phase) {
    case Phase::kWaiting:
      return "waiting for another coderank that writes this index";
    case Phase::kScanning:
      return Printf("scanning: %llu files", count(p.files_seen));
    case Phase::kFinishing:
      return "finishing";
    case Phase::kSending:
      return Printf("sending: %llu/%llu points", count(p.chunks_done), count(p.chunks_total));
    case Phase::kReranking:
      return DescribeRanking(p, with_bar);
    case Phase::kEmbedding:
      break;
  }
  const double share = p.chunks_total == 0 ? 1.0
                                           : static_cast<double>(p.chunks_done) /
                                                 static_cast<double>(p.chunks_total);
  std::string line = "embedding ";
  if (with_bar) line += Bar(share) + " ";
  line += Printf("%llu/%llu chunks", count(p.chunks_done), count(p.chunks_total));
  if (p.chunks_done > 0 && p.seconds > 0) {
    const double rate = static_cast<double>(p.chunks_done) / p.seconds;
    line += Printf(", %.1f/s, %.0f tokens/s, %s left", rate,
                   static_cast<double>(p.tokens_done) / p.seconds,
                   Duration(static_cast<double>(p.chunks_total - p.chunks_done) / rate).c_str());
  }
  return line;
}

std::string Describe(const CollectionProgress& p, bool with_bar) {
  const double share =
      p.total == 0 ? 1.0
                   : std::min(1.0, static_cast<double>(p.done) / static_cast<double>(p.total));
  std::string line = EscapeForTerminal(p.collection) + ": " + p.phase + " ";
  if (with_bar) line += Bar(share) + " ";
  line += std::to_string(p.done) + " of " + std::to_string(p.total) + " points";
  if (p.done == 0 || share == 1.0) return line;
  return line + ", " + Duration(p.seconds / share * (1 - share)) + " left";
}

std::string Describe(const ModelPullProgress& p, bool with_bar) {
  const double share = p.bytes_total == 0
                           ? 1.0
                           : static_cast<double>(p.bytes_done) / static_cast<double>(p.bytes_total);
  std::string line = "downloading ";
  if (with_bar) line += Bar(share) + " ";
  line += HumanBytes(p.bytes_done) + " of " + HumanBytes(p.bytes_total);
  if (p.bytes_fetched > 0 && p.seconds > 0) {
    const double rate = static_cast<double>(p.bytes_fetched) / p.seconds;
    line += ", " + HumanBytes(static_cast<uint64_t>(rate)) + "/s, " +
            Duration(static_cast<double>(p.bytes_total - p.bytes_done) / rate) + " left";
  }
  return line;
}

}  // namespace

std::string EscapeForTerminal(std::string_view text, bool multiline) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const DecodedCodePoint decoded = DecodeUtf8(text);
    if (!decoded.valid) {
      AppendUtf8(kReplacementCharacter, out);
    } else if (!MustEscape(decoded.code_point, multiline)) {
      out.append(text.substr(0, decoded.length));
    } else {
      const auto code = static_cast<unsigned>(decoded.code_point);
      out += code < 0x100 ? Printf("\\x%02x", code) : Printf("\\u%04x", code);
    }
    text.remove_prefix(decoded.length);
  }
  return out;
}

Styler::Styler() {
  const char* no_colour = std::getenv("NO_COLOR");
  colour_ = ::isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

std::string Styler::Wrap(std::string_view code, std::string_view text) const {
  if (!colour_) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string Styler::Path(std::string_view text) const { return Wrap("1;36", text); }
std::string Styler::Faint(std::string_view text) const { return Wrap("2", text); }

Console::Console(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

Console::~Console() { EndProgress(); }

void Console::Note(std::string_view text) {
  if (quiet_) return;
  EndProgress();
  std::fprintf(stderr, "coderank: %s\n", EscapeForTerminal(text).c_str());
}

void Console::Error(const Status& status) {
  EndProgress();
  std::fprintf(stderr, "coderank: error: %s\n", EscapeForTerminal(status.message()).c_str());
}

void Console::Progress(const IndexProgress& progress) {
  if (quiet_) return;
  if (terminal_) {
    Redraw(Describe(progress, true), Describe(progress, false));
    return;
  }
  const bool new_phase = progress.phase != last_phase_;
  if (new_phase) last_printed_ = 0;
  last_phase_ = progress.phase;
  if (progress.seconds - last_printed_ < kPlainInterval) return;
  last_printed_ = progress.seconds;
  std::fprintf(stderr, "coderank: %s\n", Describe(progress, false).c_str());
}

void Console::Show(double seconds, std::string full, std::string brief) {
  if (quiet_) return;
  if (terminal_) {
    Redraw(std::move(full), std::move(brief));
    return;
  }
  if (seconds < last_printed_) last_printed_ = 0;  // another phase
  if (seconds - std::max(last_printed_, 0.0) < kPlainInterval) return;
  last_printed_ = seconds;
  std::fprintf(stderr, "coderank: %s\n", brief.c_str());
}

void Console::Progress(const ModelPullProgress& progress) {
  Show(progress.seconds, Describe(progress, true), Describe(progress, false));
}

void Console::Progress(const CollectionProgress& progress) {
  Show(progress.seconds, Describe(progress, true), Describe(progress, false));
}

// A line that wraps could not be redrawn. All of it is ASCII.
void Console::Redraw(std::string full, std::string brief) {
  const size_t columns = TerminalColumns();
  std::string line = full.size() < columns ? std::move(full) : std::move(brief);
  if (line.size() >= columns) line.resize(columns - 1);
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  std::fflush(stderr);
  line_open_ = true;
}

void Console::EndProgress() {
  if (!line_open_) return;
  std::fputs("\r\x1b[K", stderr);
  line_open_ = false;
}

LogSink Console::log_sink() {
  return [this](LogLevel level, std::string_view text) {
    if (level != LogLevel::kDebug) Note(text);
  };
}

bool ReaderHasLeft() {
  pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

Status FlushOutput() {
  const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  // Asked of the descriptor: the write that failed may be long ago, and its errno with it.
  if (written || ReaderHasLeft()) return OkStatus();
  return Unavailable("standard output: cannot write all results");
}

std::string HumanBytes(uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  const auto value = static_cast<double>(bytes);
  if (bytes < uint64_t{1000} * 1000) return Printf("%.1f kB", value / 1e3);
  if (bytes < 1000ULL * 1000 * 1000) return Printf("%.1f MB", value / 1e6);
  return Printf("%.1f GB", value / 1e9);
}

}  // namespace coderank::cli
