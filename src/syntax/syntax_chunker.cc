#include "syntax/syntax_chunker.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "source/line_window_chunker.h"
#include "syntax/chunk_former.h"
#include "syntax/generated_queries.h"
#include "syntax/languages.h"
#include "syntax/worker_process.h"
#include "syntax/worker_protocol.h"

namespace coderank {
namespace {

using Clock = std::chrono::steady_clock;

// Raise it when the same outline gives other chunks.
constexpr int kFormingVersion = 2;
constexpr size_t kReceiveBytes = size_t{64} << 10;
// A worker that dies this often in a row without an answer in between is not started again.
constexpr int kMostFailures = 20;

// One worker and the text it is at.
class Desk {
 public:
  bool busy() const { return file_.has_value(); }
  size_t file() const { return *file_; }
  Clock::time_point deadline() const { return deadline_; }
  pollfd Poll() const {
    const int events = POLLIN | (unsent().empty() ? 0 : POLLOUT);
    return {.fd = worker_->socket(), .events = static_cast<short>(events), .revents = 0};
  }

  Status Begin(size_t file, const SourceText& text, const SyntaxOptions& options) {
    // One that ended while it had nothing to do is no fault of this text.
    if (std::array<char, 1> none; worker_ && !worker_->Receive(none)) Abandon();
    if (!worker_) {
      auto started = WorkerProcess::Start(options.command);
      if (!started) return started.error();
      worker_ = *std::move(started);
    }
    file_ = file;
    request_ = EncodeRequest({text.language, text.content});
    sent_ = 0;
    reply_.clear();
    deadline_ = Clock::now() + options.deadline;
    return OkStatus();
  }

  // Moves what can be moved now; a reply when it is complete.
  Result<std::optional<ParseReply>> Go() {
    if (!unsent().empty()) {
      auto sent = worker_->Send(unsent());
      if (!sent) return sent.error();
      sent_ += *sent;
    }
    std::array<char, kReceiveBytes> buffer;
    for (;;) {
      auto received = worker_->Receive(buffer);
      if (!received) return received.error();
      if (*received == 0) return std::optional<ParseReply>();
      reply_.append(buffer.data(), *received);
      if (reply_.size() < kFrameHeaderBytes) continue;
      const std::string_view frame = reply_;
      const auto length = DecodeFrameHeader(frame.substr(0, kFrameHeaderBytes));
      if (!length) return length.error();
      const std::string_view body = frame.substr(kFrameHeaderBytes);
      if (body.size() < *length) continue;
      if (body.size() > *length) return Corrupt("parser process: bytes behind a reply");
      auto reply = DecodeReply(body);
      if (!reply) return reply.error();
      file_.reset();
      return std::optional<ParseReply>(*std::move(reply));
    }
  }

  // Ends the worker; says why it had ended by itself.
  std::string Abandon() {
    file_.reset();
    std::string reason = worker_ ? worker_->Stop() : "";
    worker_.reset();
    return reason;
  }

 private:
  std::string_view unsent() const { return std::string_view(request_).substr(sent_); }

  std::optional<WorkerProcess> worker_;
  std::optional<size_t> file_;
  std::string request_;
  size_t sent_ = 0;
  std::string reply_;
  Clock::time_point deadline_;
};

}  // namespace

class SyntaxChunker::Pool {
 public:
  Pool(ChunkLimits limits, SyntaxOptions options)
      : limits_(limits),
        options_(std::move(options)),
        windows_(limits),
        desks_(std::max<size_t>(options_.workers, 1)) {}

  std::string Version() const {
    return StrCat("syntax ", kFormingVersion, " ", kSyntaxHash, " ", windows_.Version());
  }

  std::vector<CutFile> CutAll(std::span<const SourceText> files) {
    const std::lock_guard lock(mutex_);
    files_ = files;
    cut_.assign(files.size(), {});
    next_ = 0;
    for (Desk& desk : desks_) BeginNext(desk);
    while (std::any_of(desks_.begin(), desks_.end(), [](const Desk& d) { return d.busy(); })) {
      Wait();
    }
    return std::move(cut_);
  }

 private:
  // Gives the desk the next file that has a grammar; cuts those on the way that have none.
  void BeginNext(Desk& desk) {
    for (; next_ < files_.size(); ++next_) {
      const SourceText& file = files_[next_];
      if (FindLanguage(file.language) == nullptr) {
        CutByLines(next_, {});
      } else if (file.content.size() > kMaximumParsedBytes) {
        CutByLines(next_, "it is too large to be parsed");
      } else if (failures_ >= kMostFailures) {
        CutByLines(next_, "its parser fails too often");
      } else if (const Status begun = desk.Begin(next_, file, options_); !begun.ok()) {
        failures_ = kMostFailures;
        CutByLines(next_, begun.message());
      } else {
        ++next_;
        return;
      }
    }
  }

  // Until some worker has something to say, or one is late.
  void Wait() {
    std::vector<pollfd> polls;
    std::vector<Desk*> polled;
    auto first = Clock::time_point::max();
    for (Desk& desk : desks_) {
      if (!desk.busy()) continue;
      polls.push_back(desk.Poll());
      polled.push_back(&desk);
      first = std::min(first, desk.deadline());
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - Clock::now()).count();
    (void)::poll(polls.data(), polls.size(), static_cast<int>(std::max<int64_t>(left, 0)));
    const auto now = Clock::now();
    for (size_t i = 0; i < polls.size(); ++i) {
      if (polls[i].revents != 0) {
        Serve(*polled[i]);
      } else if (polled[i]->deadline() <= now) {
        Lose(*polled[i], "its parser did not answer in time");
      }
    }
  }

  void Serve(Desk& desk) {
    const size_t file = desk.file();
    auto reply = desk.Go();
    if (!reply) {
      Lose(desk, reply.error().code() == StatusCode::kUnavailable ? "its parser ended"
                                                                  : reply.error().message());
    } else if (*reply) {
      failures_ = 0;
      BeginNext(desk);  // before the work of this process, so that the other one has some
      if (!(*reply)->failure.empty()) {
        CutByLines(file, (*reply)->failure);
      } else {
        cut_[file].chunks = FormChunks(files_[file].content, (*reply)->outline, limits_);
      }
    }
  }

  // The worker is at fault or gone: the file loses its syntax.
  void Lose(Desk& desk, std::string reason) {
    const size_t file = desk.file();
    const std::string own = desk.Abandon();
    ++failures_;
    BeginNext(desk);
    CutByLines(file, own.empty() ? std::move(reason) : own);
  }

  void CutByLines(size_t file, std::string reason) {
    cut_[file] = {.chunks = windows_.Cut(files_[file].content, files_[file].language),
                  .lost_syntax = std::move(reason)};
  }

  const ChunkLimits limits_;
  const SyntaxOptions options_;
  const LineWindowChunker windows_;
  std::mutex mutex_;
  std::vector<Desk> desks_;
  int failures_ = 0;
  std::span<const SourceText> files_;
  std::vector<CutFile> cut_;
  size_t next_ = 0;
};

SyntaxChunker::SyntaxChunker(ChunkLimits limits, SyntaxOptions options)
    : pool_(std::make_unique<Pool>(limits, std::move(options))) {}
SyntaxChunker::~SyntaxChunker() = default;

std::string SyntaxChunker::Version() const { return pool_->Version(); }

std::vector<Chunk> SyntaxChunker::Cut(std::string_view content, std::string_view language) const {
  const SourceText file{.content = content, .language = language};
  return std::move(pool_->CutAll({&file, 1}).front().chunks);
}

std::vector<CutFile> SyntaxChunker::CutAll(std::span<const SourceText> files) const {
  return pool_->CutAll(files);
}

}  // namespace coderank
