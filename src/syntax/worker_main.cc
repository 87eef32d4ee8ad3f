#include "syntax/worker_main.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <tree_sitter/api.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <string>

#include "syntax/languages.h"
#include "syntax/outline_builder.h"
#include "syntax/worker_process.h"
#include "syntax/worker_protocol.h"

namespace coderank {
namespace {

void Limit(int resource, rlim_t value) {
  const rlimit limit{.rlim_cur = value, .rlim_max = value};
  (void)::setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

// Sanitizers reserve terabytes of addresses for their bookkeeping.
constexpr bool SanitizerNeedsAddresses() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#elif defined(__has_feature)
  return __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
  return false;
#endif
}

void LockDown(uint64_t memory_bytes) {
  // An interrupt is for the program, which then closes the socket.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  (void)::close_range(STDERR_FILENO + 1, ~0U, 0);
  (void)::prctl(PR_SET_DUMPABLE, 0);
  (void)::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_FSIZE, 0);
  Limit(RLIMIT_NOFILE, STDERR_FILENO + 1);
  if constexpr (!SanitizerNeedsAddresses()) Limit(RLIMIT_AS, memory_bytes);
}

// From now on, for the next text.
void LimitCpu(uint64_t seconds) {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return;
  rlimit limit{};
  if (::getrlimit(RLIMIT_CPU, &limit) != 0) return;
  const auto used = static_cast<rlim_t>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + 1);
  limit.rlim_cur = std::min(used + seconds, limit.rlim_max);
  (void)::setrlimit(RLIMIT_CPU, &limit);
}

[[noreturn]] void OutOfMemory() { ::_exit(kWorkerOutOfMemory); }

// tree-sitter's own reaction to a failed allocation is to abort, which would look like a crash.
void* Allocated(void* memory, size_t size) {
  if (memory == nullptr && size != 0) OutOfMemory();
  return memory;
}
void* Malloc(size_t size) { return Allocated(std::malloc(size), size); }
void* Calloc(size_t count, size_t size) {
  return Allocated(std::calloc(count, size), count * size);
}
void* Realloc(void* memory, size_t size) { return Allocated(std::realloc(memory, size), size); }

// False at the end of the stream.
bool ReadExactly(char* to, size_t count) {
  while (count > 0) {
    const ssize_t got = ::read(STDIN_FILENO, to, count);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    count -= static_cast<size_t>(got);
  }
  return true;
}

bool WriteExactly(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::write(STDIN_FILENO, bytes.data(), bytes.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

std::string Answer(ParseFunction parse, std::string_view body) {
  const auto request = DecodeRequest(body);
  if (!request) return EncodeFailure(request.error().message());
  const auto outline = parse(request->language, request->text);
  return outline ? EncodeOutline(*outline) : EncodeFailure(outline.error().message());
}

}  // namespace

int ServeSyntax() {
  ts_set_allocator(Malloc, Calloc, Realloc, std::free);
  OutlineBuilder builder;
  return ServeParser({}, [&](std::string_view name, std::string_view text) -> Result<Outline> {
    const Language* language = FindLanguage(name);
    if (language == nullptr) return InvalidArgument("its language has no grammar");
    return builder.Build(*language, text);
  });
}

int ServeParser(const WorkerLimits& limits, ParseFunction parse) {
  LockDown(limits.memory_bytes);
  std::set_new_handler(OutOfMemory);
  for (std::string body;;) {
    char header[kFrameHeaderBytes];
    if (!ReadExactly(header, sizeof(header))) return EXIT_SUCCESS;
    const auto length = DecodeFrameHeader({header, sizeof(header)});
    if (!length) return EXIT_FAILURE;
    body.resize(*length);
    if (!ReadExactly(body.data(), body.size())) return EXIT_FAILURE;
    LimitCpu(limits.cpu_seconds);
    if (!WriteExactly(Answer(parse, body))) return EXIT_FAILURE;
  }
}

}  // namespace coderank
