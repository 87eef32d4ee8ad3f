#include "engine/model_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "model/text_embedder.h"
#include "model/weight_files.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRecordName = "record.json";
constexpr std::string_view kTemporaryPrefix = ".adding-";
constexpr uint64_t kMaxRecordBytes = uint64_t{4} << 20;
constexpr size_t kMaxNameLength = 128;

// Names become folder names and appear in commands.
Status CheckName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (!name.empty() && name.size() <= kMaxNameLength && name.front() != '.' &&
      name.front() != '-' && std::all_of(name.begin(), name.end(), allowed)) {
    return OkStatus();
  }
  return InvalidArgument(StrCat("model name: expected letters, digits, '-', '_' and '.' (at most ",
                                kMaxNameLength, "), found \"", name, "\""));
}

// A folder for a new model inside the models' folder, so that it can be renamed into place.
// Removed at the end unless it was.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> Create(const fs::path& parent) {
    std::string name = (parent / StrCat(kTemporaryPrefix, "XXXXXX")).native();
    if (::mkdtemp(name.data()) == nullptr) {
      return ErrnoStatus(errno, parent, "cannot create a folder");
    }
    return TemporaryFolder(name);
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  explicit TemporaryFolder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

// Held while a model is added: two runs that add the same install it once.
class AdditionLock {
 public:
  static Result<AdditionLock> Acquire(const fs::path& folder) {
    CODERANK_TRY(CreatePrivateFolder(folder));
    UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid()) return ErrnoStatus(errno, folder, "cannot open the models' folder");
    while (::flock(fd.get(), LOCK_EX) != 0) {
      if (errno != EINTR) return ErrnoStatus(errno, folder, "cannot lock the models' folder");
    }
    return AdditionLock(std::move(fd));
  }

 private:
  explicit AdditionLock(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

// What additions that were killed left behind. The caller holds the lock, so none is in use.
void RemoveAbandoned(const fs::path& models) {
  std::error_code ignored;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(models, ignored)) {
    if (entry.path().filename().native().starts_with(kTemporaryPrefix)) {
      found.push_back(entry.path());
    }
  }
  for (const fs::path& folder : found) fs::remove_all(folder, ignored);
}

// Puts `fresh` in place of `target` in one step, so that a kill leaves one of the two models
// there. What stood at `target` is then at `fresh`.
Status PutInPlace(const fs::path& fresh, const fs::path& target) {
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) {
    return OkStatus();
  }
  // Nothing to exchange with, or a file system that cannot.
  if (errno != ENOENT) {
    std::error_code ignored;
    fs::remove_all(target, ignored);
  }
  if (::rename(fresh.c_str(), target.c_str()) == 0) return OkStatus();
  return ErrnoStatus(errno, target, "cannot install the model");
}

Status CopyFiles(const fs::path& source, const ModelRecord& record, const fs::path& target) {
  for (const ModelFile& file : record.files) {
    const fs::path to = target / file.path;
    CODERANK_TRY(CreatePrivateFolder(to.parent_path()));
    std::error_code error;
    fs::copy_file(source / file.path, to, error);
    if (error) {
      return ErrnoStatus(error.value(), to, StrCat("cannot copy ", source / file.path, " here"));
    }
  }
  return OkStatus();
}

Result<InstalledModel> ReadInstalled(const fs::path& folder) {
  const fs::path file = folder / kRecordName;
  CODERANK_ASSIGN(const std::string json, ReadFile(file, kMaxRecordBytes));
  CODERANK_ASSIGN(ModelRecord record, ReadModelRecord(json, file.native()));
  return InstalledModel{.record = std::move(record), .folder = folder};
}

// An installed folder keeps the encoder's files but not those that tell of pooling and prompts:
// what it is stands in its own record.
Result<ModelRecord> RecordFor(const fs::path& source, const std::string& name) {
  if (IsGgufPath(source)) return DeriveModelRecord(source, name);
  auto installed = ReadInstalled(source);
  if (!installed && installed.error().code() == StatusCode::kNotFound) {
    auto derived = DeriveModelRecord(source, name);
    if (derived || derived.error().code() != StatusCode::kNotFound) return derived;
    return NotFound(StrCat(derived.error().message(),
                           "; expected a GGUF file, or a folder in the Hugging Face layout: "
                           "config.json, tokenizer.json or vocab.txt, and safetensors"));
  }
  if (!installed) return installed.error();
  installed->record.name = name;
  return std::move(installed->record);
}

Status NotInstalled(std::string_view name, const std::vector<InstalledModel>& installed) {
  std::string names;
  for (const InstalledModel& model : installed) {
    names += StrCat(names.empty() ? "" : ", ", model.record.name);
  }
  return NotFound(StrCat("model ", name,
                         " is not installed (installed: ", names.empty() ? "none" : names,
                         "); `coderank model add ", name, " PATH` installs it from a folder"));
}

}  // namespace

Result<std::vector<InstalledModel>> ModelStore::List() const {
  std::vector<InstalledModel> models;
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    const bool is_folder = entry->is_directory(ignored);
    if (!is_folder || entry->path().filename().native().front() == '.') continue;
    CODERANK_ASSIGN(InstalledModel model, ReadInstalled(entry->path()));
    models.push_back(UnderSettings(std::move(model)));
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return ErrnoStatus(error.value(), folder_, "cannot list the models");
  }
  std::sort(models.begin(), models.end(),
            [](const auto& a, const auto& b) { return a.record.name < b.record.name; });
  return models;
}

Result<InstalledModel> ModelStore::Find(std::string_view name) const {
  CODERANK_TRY(CheckName(name));
  const fs::path folder = folder_ / name;
  std::error_code ignored;
  if (fs::exists(folder, ignored)) {
    CODERANK_ASSIGN(InstalledModel model, ReadInstalled(folder));
    return UnderSettings(std::move(model));
  }
  CODERANK_ASSIGN(const auto installed, List());
  return NotInstalled(name, installed);
}

Result<ModelStore::Addition> ModelStore::Add(const fs::path& source, std::string name, bool replace,
                                             ThreadPool& pool) const {
  const bool is_file = IsGgufPath(source);
  std::error_code error;
  // A file keeps its own name: a download cache's is a link to one that says nothing.
  const fs::path folder =
      fs::canonical(is_file ? fs::absolute(source).parent_path() : source, error);
  if (error) return ErrnoStatus(error.value(), source, "cannot read the model");
  const fs::path canonical = is_file ? folder / source.filename() : folder;
  if (name.empty()) name = (is_file ? source.stem() : folder.filename()).native();
  CODERANK_TRY(CheckName(name));
  CODERANK_ASSIGN(const ModelRecord record, RecordFor(canonical, name));
  CODERANK_ASSIGN(const AdditionLock lock, AdditionLock::Acquire(folder_));
  const fs::path target = folder_ / name;
  const auto existing = ReadInstalled(target);
  if (existing) {
    const bool same = existing->record.Fingerprint() == record.Fingerprint();
    const bool whole = CheckModelFileSizes(existing->folder, existing->record).ok();
    if (same && whole && !replace) {
      return Addition{.model = UnderSettings(*existing), .already_installed = true};
    }
    if (!same && !replace) {
      return FailedPrecondition(
          StrCat("model ", name, ": another model of that name is installed (fingerprint ",
                 existing->record.Fingerprint().substr(0, 12), ", this one has ",
                 record.Fingerprint().substr(0, 12), "); choose another name, or use --replace"));
    }
  }
  if (!existing && !replace && fs::exists(fs::symlink_status(target, error))) {
    return FailedPrecondition(StrCat(target, ": is in the way and not a model that this coderank ",
                                     "reads (", existing.error().message(),
                                     "); choose another name, or use --replace"));
  }
  return Install(folder, record, pool);
}

Result<ModelStore::Addition> ModelStore::Install(const fs::path& source, const ModelRecord& record,
                                                 ThreadPool& pool) const {
  RemoveAbandoned(folder_);
  CODERANK_ASSIGN(const TemporaryFolder fresh, TemporaryFolder::Create(folder_));
  CODERANK_TRY(CopyFiles(source, record, fresh.path()));
  // The copies are what was hashed, and they work.
  CODERANK_TRY(VerifyModelFiles(fresh.path(), record));
  const auto loaded =
      LoadTextEmbedder(fresh.path(), WithSettings(record, settings_), pool, fs::path());
  if (!loaded) return loaded.error();
  CODERANK_TRY(WriteFileAtomically(fresh.path() / kRecordName, WriteModelRecord(record)));

  const fs::path target = folder_ / record.name;
  CODERANK_TRY(PutInPlace(fresh.path(), target));
  return Addition{.model = UnderSettings({.record = record, .folder = target}),
                  .already_installed = false};
}

InstalledModel ModelStore::UnderSettings(InstalledModel model) const {
  model.record = WithSettings(std::move(model.record), settings_);
  return model;
}

ModelRecord WithSettings(ModelRecord record, const ModelSettings& settings) {
  record.precision = settings.precision;
  if (settings.max_tokens != 0) record.max_length = settings.max_tokens;
  return record;
}

ModelSummary Summarise(const InstalledModel& model) {
  const ModelRecord& record = model.record;
  ModelSummary summary{.name = record.name,
                       .architecture = record.architecture,
                       .folder = model.folder,
                       .fingerprint = record.Fingerprint(),
                       .pooling = std::string(PoolingName(record.pooling)),
                       .normalize = record.normalize,
                       .query_prompt = record.query_prompt,
                       .document_prompt = record.document_prompt,
                       .max_tokens = static_cast<uint32_t>(record.max_length),
                       .dimension = static_cast<uint32_t>(record.dimension)};
  for (const ModelFile& file : record.files) summary.bytes += file.size;
  return summary;
}

}  // namespace coderank
