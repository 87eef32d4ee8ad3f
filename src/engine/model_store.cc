#include "engine/model_store.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/ascii.h"
#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/folder_lock.h"
#include "engine/model_folder.h"
#include "engine/model_registry.h"
#include "model/cross_encoder.h"
#include "model/llama_config.h"
#include "model/load_decoder.h"
#include "model/text_embedder.h"
#include "model/weight_files.h"
#include "rerank/listwise_reranker.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRecordName = "record.json";
constexpr uint64_t kMaxRecordBytes = uint64_t{4} << 20;
constexpr size_t kMaxNameLength = 128;

// Names become folder names and appear in commands.
Status CheckName(std::string_view name) {
  const auto allowed = [](char c) { return IsAsciiAlnum(c) || c == '-' || c == '_' || c == '.'; };
  if (!name.empty() && name.size() <= kMaxNameLength && name.front() != '.' &&
      name.front() != '-' && std::all_of(name.begin(), name.end(), allowed)) {
    return OkStatus();
  }
  return InvalidArgument(StrCat("model name: expected letters, digits, '-', '_' and '.' (at most ",
                                kMaxNameLength, "), found \"", name, "\""));
}

// A link where that is allowed and possible, else a copy.
Status PutFile(const fs::path& from, const fs::path& to, bool may_link,
               const CancellationToken* cancel) {
  if (may_link && ::link(from.c_str(), to.c_str()) == 0) return OkStatus();
  return CopyFile(from, to, cancel);
}

// The files of `record`, and their folders, are on disk when this returns.
Status PutFiles(const ModelStore::Request& request, const ModelRecord& record,
                const fs::path& target, const CancellationToken* cancel) {
  for (const ModelFile& file : record.files) {
    const fs::path to = target / file.path;
    CODERANK_TRY(CreatePrivateFolder(to.parent_path()));
    CODERANK_TRY(PutFile(request.source / file.path, to, request.take_files, cancel));
    CODERANK_TRY(SyncFolder(to.parent_path()));
  }
  return SyncFolder(target);
}

Result<RemoteInstallation> ReadRemote(const fs::path& folder, const ModelRecord& record) {
  const fs::path model_file = folder / kRemoteModelFile;
  const fs::path access_file = folder / kRemoteAccessFile;
  CODERANK_ASSIGN(const std::string model, ReadFile(model_file, kMaxRecordBytes));
  CODERANK_ASSIGN(const std::string access, ReadFile(access_file, kMaxRecordBytes));
  RemoteInstallation remote;
  CODERANK_ASSIGN(remote.model, ReadRemoteModel(model, model_file.native()));
  CODERANK_ASSIGN(remote.access, ReadRemoteAccess(access, access_file.native(), record.dimension));
  return remote;
}

Result<InstalledModel> ReadInstalled(const fs::path& folder) {
  const fs::path file = folder / kRecordName;
  CODERANK_ASSIGN(const std::string json, ReadFile(file, kMaxRecordBytes));
  CODERANK_ASSIGN(ModelRecord record, ReadModelRecord(json, file.native()));
  CODERANK_ASSIGN(auto origin, ReadModelOrigin(folder));
  InstalledModel model{
      .record = std::move(record), .folder = folder, .origin = std::move(origin), .remote = {}};
  if (model.record.architecture == kRemoteArchitecture) {
    CODERANK_ASSIGN(model.remote, ReadRemote(folder, model.record));
  }
  return model;
}

// An installed folder keeps the encoder's files but not those that tell of pooling and prompts:
// what it is stands in its own record.
Result<InstalledModel> Describe(const fs::path& source, const std::string& name,
                                const CancellationToken* cancel) {
  if (IsGgufPath(source)) {
    CODERANK_ASSIGN(ModelRecord record, DeriveModelRecord(source, name, cancel));
    return InstalledModel{std::move(record), source.parent_path(), std::nullopt};
  }
  auto installed = ReadInstalled(source);
  if (!installed && installed.error().code() == StatusCode::kNotFound) {
    auto derived = DeriveModelRecord(source, name, cancel);
    if (derived) return InstalledModel{*std::move(derived), source, std::nullopt};
    if (derived.error().code() != StatusCode::kNotFound) return derived.error();
    return NotFound(StrCat(derived.error().message(),
                           "; expected a GGUF file, or a folder in the Hugging Face layout: "
                           "config.json, tokenizer.json or vocab.txt, and safetensors"));
  }
  if (installed && installed->remote) {
    return InvalidArgument(StrCat(source, ": is a model of ", installed->remote->model.url,
                                  "; `coderank model connect` installs such"));
  }
  if (installed) installed->record.name = name;
  return installed;
}

// A decoder that writes has to be able to rank.
Status TryGenerator(const fs::path& folder, const ModelRecord& record,
                    const kernels::KernelSet& kernels, ThreadPool& pool) {
  CODERANK_ASSIGN(LoadedDecoder loaded, LoadGenerator(folder, record, kernels, pool, {}));
  const auto judge = ListwiseReranker::Make(std::move(loaded), record.max_length, pool);
  return judge ? OkStatus() : judge.error().WithContext(StrCat("model ", record.name));
}

// Loads a model once, which packs its weights too.
Status TryModel(const fs::path& folder, const ModelRecord& record, ThreadPool& pool) {
  if (record.kind == ModelKind::kGenerator) {
    CODERANK_ASSIGN(const kernels::KernelSet* kernels, kernels::ChooseKernels());
    return TryGenerator(folder, record, *kernels, pool);
  }
  if (record.kind == ModelKind::kCrossEncoder) {
    CODERANK_ASSIGN(const kernels::KernelSet* kernels, kernels::ChooseKernels());
    const auto judge = LoadCrossEncoder(folder, record, *kernels, pool, {});
    return judge ? OkStatus() : judge.error();
  }
  const auto embedder = LoadTextEmbedder(folder, record, pool, {});
  return embedder ? OkStatus() : embedder.error();
}

// A problem with the copies in `copies`, told of the files that the caller knows.
Status NamingSource(const Status& status, const fs::path& copies, const fs::path& source) {
  std::string message = status.message();
  for (size_t at = 0; (at = message.find(copies.native(), at)) != std::string::npos;) {
    message.replace(at, copies.native().size(), source.native());
    at += source.native().size();
  }
  return {status.code(), std::move(message)};
}

// Folders with a record, whether or not it can be read: sorted, as in "a, b", or "none".
std::string InstalledNames(const fs::path& folder) {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().native();
    if (name.front() != '.' && fs::exists(entry.path() / kRecordName, ignored)) {
      found.push_back(name);
    }
  }
  std::sort(found.begin(), found.end());
  std::string names;
  for (const std::string& name : found) names += StrCat(names.empty() ? "" : ", ", name);
  return names.empty() ? "none" : names;
}

uint64_t BytesIn(const fs::path& folder) {
  uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder, ignored)) {
    if (entry.is_symlink(ignored) || !entry.is_regular_file(ignored)) continue;
    const uint64_t size = entry.file_size(ignored);
    if (!ignored) bytes += size;
  }
  return bytes;
}

Status NotInstalled(std::string_view name, const fs::path& folder) {
  return NotFound(StrCat("model ", name, " is not installed (installed: ", InstalledNames(folder),
                         "); ",
                         FindKnownModel(name) == nullptr
                             ? ""
                             : StrCat("`coderank model pull ", name, "` downloads it, and "),
                         "`coderank model add ", name, " PATH` installs it from a folder"));
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
  return NotInstalled(name, folder_);
}

Result<ModelStore::Addition> ModelStore::Add(const Request& request, ThreadPool& pool,
                                             const CancellationToken* cancel) const {
  const bool is_file = IsGgufPath(request.source);
  std::error_code error;
  // A file keeps its own name: a download cache's is a link to one that says nothing.
  const fs::path folder =
      fs::canonical(is_file ? fs::absolute(request.source).parent_path() : request.source, error);
  if (error) return ErrnoStatus(error.value(), request.source, "cannot read the model");
  Request resolved = request;
  if (is_file) resolved.source = folder / request.source.filename();
  if (!is_file) resolved.source = folder;
  if (resolved.name.empty()) {
    resolved.name = (is_file ? resolved.source.stem() : folder.filename()).native();
  }
  const std::string& name = resolved.name;
  CODERANK_TRY(CheckName(name));
  CODERANK_ASSIGN(InstalledModel described, Describe(resolved.source, name, cancel));
  if (!resolved.origin) resolved.origin = std::move(described.origin);
  const ModelRecord& record = described.record;
  CODERANK_ASSIGN(const FolderLock lock, FolderLock::Acquire(folder_, cancel));
  const fs::path target = folder_ / name;
  const auto existing = ReadInstalled(target);
  if (existing) {
    const bool same = existing->record.Fingerprint() == record.Fingerprint();
    const bool whole = CheckModelFileSizes(existing->folder, existing->record).ok();
    if (same && whole && !request.replace) {
      return Addition{.model = UnderSettings(*existing), .already_installed = true};
    }
    if (!same && !request.replace) {
      return FailedPrecondition(
          StrCat("model ", name, ": another model of that name is installed (fingerprint ",
                 existing->record.Fingerprint().substr(0, 12), ", this one has ",
                 record.Fingerprint().substr(0, 12), "); choose another name, or use --replace"));
    }
  }
  if (!existing && !request.replace && fs::exists(fs::symlink_status(target, error))) {
    return FailedPrecondition(StrCat(target, ": is in the way and not a model that this coderank ",
                                     "reads (", existing.error().message(),
                                     "); choose another name, or use --replace"));
  }
  resolved.source = folder;
  return Install(resolved, record, pool, cancel);
}

Result<ModelStore::Addition> ModelStore::Install(const Request& request, const ModelRecord& record,
                                                 ThreadPool& pool,
                                                 const CancellationToken* cancel) const {
  CODERANK_ASSIGN(const ModelFolder fresh, ModelFolder::Begin(folder_));
  CODERANK_TRY(PutFiles(request, record, fresh.path(), cancel));
  // The copies are what was hashed, and they work.
  CODERANK_TRY(VerifyModelFiles(fresh.path(), record, cancel));
  const Status works = TryModel(fresh.path(), WithSettings(record, settings_), pool);
  if (!works.ok()) return NamingSource(works, fresh.path(), request.source);
  if (request.origin) CODERANK_TRY(WriteModelOrigin(fresh.path(), *request.origin));
  CODERANK_TRY(WriteFileAtomically(fresh.path() / kRecordName, WriteModelRecord(record)));
  if (IsCancelled(cancel)) return Cancelled("installing was cancelled");

  CODERANK_ASSIGN(const fs::path target, fresh.PutInPlace(record.name));
  return Addition{
      .model = UnderSettings({.record = record, .folder = target, .origin = request.origin}),
      .already_installed = false};
}

Result<ModelRemoval> ModelStore::Remove(std::string_view name,
                                        const CancellationToken* cancel) const {
  CODERANK_TRY(CheckName(name));
  const fs::path folder = folder_ / name;
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder, error))) {
    return NotFound(
        StrCat("model ", name, " is not installed (installed: ", InstalledNames(folder_), ")"));
  }
  CODERANK_ASSIGN(const FolderLock lock, FolderLock::Acquire(folder_, cancel));
  // Nothing that this program did not make.
  if (fs::is_symlink(folder, error) || !fs::exists(folder / kRecordName, error)) {
    return FailedPrecondition(StrCat(folder, ": expected the folder of an installed model, with ",
                                     kRecordName, "; remove it by hand"));
  }
  ModelRemoval removal{.name = std::string(name), .folder = folder, .bytes = BytesIn(folder)};
  // Removed with it, or where this run is killed by the next one that installs a model.
  CODERANK_ASSIGN(const ModelFolder removed, ModelFolder::Begin(folder_));
  fs::rename(folder, removed.path() / name, error);
  if (error) return ErrnoStatus(error.value(), folder, "cannot remove the model");
  CODERANK_TRY(SyncFolder(folder_));
  return removal;
}

InstalledModel ModelStore::UnderSettings(InstalledModel model) const {
  model.record = WithSettings(std::move(model.record), settings_);
  return model;
}

Result<ModelStore::Addition> ModelStore::Connect(const ModelRecord& record,
                                                 const RemoteInstallation& remote,
                                                 const CancellationToken* cancel) const {
  CODERANK_TRY(CheckName(record.name));
  CODERANK_ASSIGN(const FolderLock lock, FolderLock::Acquire(folder_, cancel));
  CODERANK_ASSIGN(const ModelFolder fresh, ModelFolder::Begin(folder_));
  CODERANK_TRY(
      WriteFileAtomically(fresh.path() / kRemoteModelFile, WriteRemoteModel(remote.model)));
  CODERANK_TRY(
      WriteFileAtomically(fresh.path() / kRemoteAccessFile, WriteRemoteAccess(remote.access)));
  CODERANK_TRY(VerifyModelFiles(fresh.path(), record, cancel));
  CODERANK_TRY(WriteFileAtomically(fresh.path() / kRecordName, WriteModelRecord(record)));
  CODERANK_ASSIGN(const fs::path target, fresh.PutInPlace(record.name));
  return Addition{
      .model = {.record = record, .folder = target, .origin = std::nullopt, .remote = remote}};
}

ModelRecord WithSettings(ModelRecord record, const ModelSettings& settings) {
  if (record.architecture == kRemoteArchitecture) return record;
  record.precision = settings.precision;
  if (settings.precision == kPrecisionInt4 && !IsDecoder(record.architecture)) {
    record.precision = kPrecisionInt8;
  }
  const bool makes_vectors = record.kind == ModelKind::kEmbedder;
  if (makes_vectors && settings.max_tokens != 0) record.max_length = settings.max_tokens;
  return record;
}

ModelSummary Summarise(const InstalledModel& model) {
  const ModelRecord& record = model.record;
  ModelSummary summary{.name = record.name,
                       .kind = std::string(ModelKindName(record.kind)),
                       .architecture = record.architecture,
                       .folder = model.folder,
                       .fingerprint = record.Fingerprint(),
                       .pooling = {},
                       .normalize = record.normalize,
                       .query_prompt = record.query_prompt,
                       .document_prompt = record.document_prompt,
                       .max_tokens = static_cast<uint32_t>(record.max_length),
                       .dimension = static_cast<uint32_t>(record.dimension)};
  if (record.kind == ModelKind::kEmbedder && !model.remote) {
    summary.pooling = PoolingName(record.pooling);
  }
  for (const ModelFile& file : record.files) summary.bytes += file.size;
  if (model.remote) {
    summary.api = EmbeddingApiName(model.remote->model.api);
    summary.url = model.remote->model.url;
    summary.remote_model = model.remote->model.model;
    summary.key_variable = model.remote->access.key_variable;
    summary.usd_per_million_tokens = model.remote->access.usd_per_million_tokens;
  }
  if (model.origin) {
    summary.repository = model.origin->repository;
    summary.revision = model.origin->revision;
    summary.licence = model.origin->licence;
  }
  return summary;
}

}  // namespace coderank
