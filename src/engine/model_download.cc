#include "engine/model_download.h"

#include <algorithm>
#include <system_error>

#include "base/file.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/model_files.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

// A 7B model in f32 has 28 GB; nothing that this program runs is larger.
constexpr uint64_t kMaxTotal = uint64_t{64} << 30;
// What is neither weights nor a sharded model's: vocabularies and configurations.
constexpr uint64_t kMaxSmallFile = uint64_t{64} << 20;
constexpr std::chrono::milliseconds kTellInterval{100};

bool IsWeights(std::string_view path) {
  return path.ends_with(".safetensors") || path.ends_with(".gguf");
}

}  // namespace

std::string MegabytesText(uint64_t bytes) {
  const uint64_t tenths = (bytes + 50'000) / 100'000;
  return StrCat(tenths / 10, ".", tenths % 10, " MB");
}

ModelDownload::ModelDownload(ModelHub& hub, const ModelSource& source, const HubListing& listing,
                             fs::path folder, ModelPins::Hashes known,
                             const ModelPullProgressSink& progress, const CancellationToken* cancel)
    : hub_(hub),
      source_(source),
      listing_(listing),
      folder_(std::move(folder)),
      known_(std::move(known)),
      progress_(progress),
      cancel_(cancel) {}

uint64_t ModelDownload::BytesHere(const std::string& path) const {
  for (const char* end : {"", ".part"}) {
    std::error_code error;
    const uint64_t size = fs::file_size(folder_ / (path + end), error);
    if (!error) return size;
  }
  return 0;
}

Status ModelDownload::Plan(const std::vector<std::string>& paths) {
  bytes_total_ = 0;
  bytes_missing_ = 0;
  for (const std::string& path : paths) {
    const auto listed = listing_.files.find(path);
    if (listed == listing_.files.end() || !listed->second.size) {
      return Corrupt(StrCat(source_.repository, ": ", path, ": the server does not say its size"));
    }
    const uint64_t size = *listed->second.size;
    if (size > kMaxTotal - bytes_total_ || (size > kMaxSmallFile && !IsWeights(path))) {
      return ResourceExhausted(StrCat(source_.repository, ": ", path, ": ", MegabytesText(size),
                                      " are more than any model of this program needs"));
    }
    bytes_total_ += size;
    bytes_missing_ += size - std::min(size, BytesHere(path));
  }
  std::error_code error;
  const fs::space_info space = fs::space(folder_, error);
  if (error || space.available >= bytes_missing_) return OkStatus();
  return ResourceExhausted(StrCat(folder_, ": ", MegabytesText(bytes_missing_),
                                  " are still to come and ", MegabytesText(space.available),
                                  " are free on this disk; make room, or choose another place "
                                  "with --models or CODERANK_MODELS"));
}

void ModelDownload::Tell(const std::string& path, uint64_t bytes_of_file, bool always) {
  const auto now = std::chrono::steady_clock::now();
  if (!progress_ || (!always && now - told_ < kTellInterval)) return;
  told_ = now;
  progress_({.file = path,
             .bytes_done = bytes_done_ + bytes_of_file,
             .bytes_total = std::max(bytes_total_, bytes_done_ + bytes_of_file),
             .bytes_fetched = bytes_fetched_,
             .seconds = std::chrono::duration<double>(now - start_).count()});
}

Status ModelDownload::Fetch(const std::string& path) {
  const auto listed = listing_.files.find(path);
  if (listed == listing_.files.end() || !listed->second.size || !IsPlainPath(path)) {
    return Corrupt(StrCat(source_.repository, ": \"", path, "\": not a file of this repository"));
  }
  if (hashes_.find(path) != hashes_.end()) return OkStatus();
  const fs::path target = folder_ / path;
  CODERANK_TRY(CreatePrivateFolder(target.parent_path()));
  const uint64_t size = *listed->second.size;
  std::error_code error;
  if (fs::file_size(target, error) != size || error) {
    fs::remove(target, error);
    const uint64_t before = bytes_fetched_;
    CODERANK_ASSIGN(const uint64_t fetched, hub_.Fetch({.repository = source_.repository,
                                                        .commit = listing_.commit,
                                                        .path = path,
                                                        .size = size,
                                                        .target = target,
                                                        .progress =
                                                            [&](uint64_t here, uint64_t received) {
                                                              bytes_fetched_ = before + received;
                                                              Tell(path, here, false);
                                                            }},
                                                       cancel_));
    bytes_fetched_ = before + fetched;
  }
  CODERANK_TRY(CheckHash(path, listed->second));
  bytes_done_ += size;
  Tell(path, 0, true);
  return OkStatus();
}

Status ModelDownload::Refuse(const std::string& path, const std::string& expected,
                             const std::string& found, std::string_view authority,
                             std::string_view way_out) const {
  std::error_code ignored;
  fs::remove(folder_ / path, ignored);
  return Corrupt(StrCat(source_.repository, "@", listing_.commit, ": ", path, ": expected SHA-256 ",
                        expected, " (", authority, "), found ", found, "; nothing was installed. ",
                        way_out));
}

Status ModelDownload::CheckHash(const std::string& path, const HubFile& listed) {
  CODERANK_ASSIGN(const Sha256Digest digest, Sha256OfFile(folder_ / path, cancel_));
  const std::string found = ToHex(digest);
  if (!listed.sha256.empty() && listed.sha256 != found) {
    return Refuse(path, listed.sha256, found, "as the server lists it",
                  "The file was damaged on its way: try again, or another HF_ENDPOINT");
  }
  if (const auto known = known_.find(path); known != known_.end() && known->second != found) {
    return Refuse(path, known->second, found, "as recorded when it was first downloaded",
                  "A commit's files never change, so do not trust what this server sends; try "
                  "another HF_ENDPOINT. `coderank model pull --help` says where hashes are "
                  "recorded");
  }
  if (source_.known != nullptr) {
    for (const KnownFile& known : source_.known->files) {
      if (known.path == path && known.sha256 != found) {
        return Refuse(path, std::string(known.sha256), found, "known to this program",
                      StrCat("hf:", source_.repository,
                             "@REVISION with another revision, or "
                             "`coderank model add`, installs other files"));
      }
    }
  }
  hashes_[path] = found;
  return OkStatus();
}

}  // namespace coderank
