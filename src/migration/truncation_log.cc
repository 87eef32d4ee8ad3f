#include "migration/truncation_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

constexpr uint64_t kMaxFile = uint64_t{1} << 30;  // bytes; 20 million points

}  // namespace

Result<TruncationLog> TruncationLog::Open(std::filesystem::path file) {
  TruncationLog log(std::move(file));
  const auto content = ReadFile(log.file_, kMaxFile);
  if (!content && content.error().code() == StatusCode::kNotFound) return log;
  if (!content) return content.error();
  std::string_view rest = *content;
  for (size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (line.starts_with('+')) log.cut_.emplace(line.substr(1));
    if (line.starts_with('-')) log.cut_.erase(std::string(line.substr(1)));
  }
  return log;
}

Status TruncationLog::Note(std::span<const qdrant::PointId> whole,
                           std::span<const qdrant::PointId> cut) {
  std::string lines;
  for (const qdrant::PointId& id : whole) {
    if (cut_.erase(id.text()) > 0) lines += StrCat("-", id.text(), "\n");
  }
  for (const qdrant::PointId& id : cut) {
    if (cut_.insert(id.text()).second) lines += StrCat("+", id.text(), "\n");
  }
  if (lines.empty()) return OkStatus();
  CODERANK_TRY(CreatePrivateFolder(file_.parent_path()));
  const UniqueFd fd(::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!fd.valid()) return ErrnoStatus(errno, file_, "cannot write");
  // A line that a kill cut short must not become the beginning of this one.
  lines.insert(0, "\n");
  if (::write(fd.get(), lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) {
    return ErrnoStatus(errno, file_, "cannot write");
  }
  return OkStatus();
}

Status TruncationLog::Clear() {
  cut_.clear();
  std::error_code error;
  std::filesystem::remove(file_, error);
  return error ? ErrnoStatus(error.value(), file_, "cannot remove") : OkStatus();
}

}  // namespace coderank
