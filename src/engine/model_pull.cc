#include "engine/model_pull.h"

#include <system_error>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/folder_lock.h"
#include "engine/model_download.h"
#include "engine/model_files.h"
#include "engine/model_registry.h"

namespace coderank {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStagingFolder = ".pulling";
constexpr std::string_view kModules = "modules.json";

class Pull {
 public:
  Pull(const ModelPullContext& context, const ModelPullRequest& request, ModelSource source,
       const ModelPullProgressSink& progress, const CancellationToken* cancel)
      : context_(context),
        request_(request),
        source_(std::move(source)),
        progress_(progress),
        cancel_(cancel) {}

  Result<ModelPullReport> Run();

 private:
  Result<std::optional<InstalledModel>> Installed() const;
  Result<ModelPullReport> Answer(const InstalledModel& installed, uint64_t fetched) const;
  Status OtherRevision(const InstalledModel& installed, const std::string& wanted) const;
  Result<ModelPullReport> Download(const HubListing& listing);
  Result<std::vector<std::string>> PlanFiles(ModelDownload& download, const HubListing& listing);
  Result<ModelPullReport> Install(const ModelDownload& download, const HubListing& listing);
  std::string LicenceOf(const HubListing& listing) const;
  void Announce(const ModelDownload& download, const HubListing& listing, size_t files) const;
  void Say(const std::string& text) const {
    if (context_.log) context_.log(LogLevel::kInfo, text);
  }

  // "nomic-ai--CodeRankEmbed@": what the names of its staging folders begin with.
  std::string StagingPrefix() const {
    std::string name = source_.repository;
    name.replace(name.find('/'), 1, "--");
    return name + "@";
  }
  fs::path StagingParent() const { return context_.store.folder() / kStagingFolder; }
  void RemoveStaging(const fs::path& ours) const;

  const ModelPullContext& context_;
  const ModelPullRequest& request_;
  ModelSource source_;
  const ModelPullProgressSink& progress_;
  const CancellationToken* cancel_;
};

// The model that has the name already and is whole. An error when it is not from this repository:
// which of the two is meant, only the user knows.
Result<std::optional<InstalledModel>> Pull::Installed() const {
  if (request_.replace) return std::optional<InstalledModel>();
  auto found = context_.store.Find(source_.name);
  if (!found) {
    if (found.error().code() == StatusCode::kNotFound) return std::optional<InstalledModel>();
    return found.error();
  }
  if (!found->origin || found->origin->repository != source_.repository) {
    return FailedPrecondition(
        StrCat("model ", source_.name, ": is installed already, ",
               found->origin ? StrCat("from ", found->origin->repository) : "from a folder",
               "; use it as it is, or put this one in its place with --replace, or beside it "
               "with --name"));
  }
  if (!CheckModelFileSizes(found->folder, found->record).ok()) {
    return std::optional<InstalledModel>();
  }
  return std::optional(*std::move(found));
}

Result<ModelPullReport> Pull::Answer(const InstalledModel& installed, uint64_t fetched) const {
  return ModelPullReport{
      .model = Summarise(installed), .already_installed = true, .bytes_fetched = fetched};
}

Status Pull::OtherRevision(const InstalledModel& installed, const std::string& wanted) const {
  return FailedPrecondition(StrCat("model ", source_.name, ": is installed at revision ",
                                   installed.origin->revision, ", not ", wanted,
                                   "; put it in its place with --replace, or beside it with "
                                   "--name"));
}

Result<ModelPullReport> Pull::Run() {
  CODERANK_ASSIGN(const auto installed, Installed());
  if (installed) {
    const std::string& revision = installed->origin->revision;
    // Without a network, too: a build script may pull what it needs every time.
    if (source_.revision.empty() || source_.revision == revision) return Answer(*installed, 0);
    if (IsCommit(source_.revision)) return OtherRevision(*installed, source_.revision);
  }
  CODERANK_ASSIGN(const HubListing listing,
                  context_.hub.List(source_.repository, source_.revision, cancel_));
  if (installed) {
    if (installed->origin->revision == listing.commit) return Answer(*installed, 0);
    return OtherRevision(*installed, listing.commit);
  }
  return Download(listing);
}

std::string Pull::LicenceOf(const HubListing& listing) const {
  if (!listing.licence.empty()) return listing.licence;
  if (source_.known != nullptr && !source_.known->licence.empty()) {
    return std::string(source_.known->licence);
  }
  return "not stated";
}

void Pull::Announce(const ModelDownload& download, const HubListing& listing, size_t files) const {
  std::string text = StrCat(source_.name, ": ", context_.hub.endpoint(), "/", source_.repository,
                            " at ", listing.commit, ", licence: ", LicenceOf(listing), ", ", files,
                            " files, ", MegabytesText(download.bytes_total()));
  if (download.resumes()) {
    text += StrCat(", ", MegabytesText(download.bytes_missing()), " of them still to come");
  }
  Say(text);
}

// Fetches the few small files that say which others are needed.
Result<std::vector<std::string>> Pull::PlanFiles(ModelDownload& download,
                                                 const HubListing& listing) {
  std::vector<std::string> folders{""};
  if (listing.files.find(kModules) != listing.files.end()) {
    CODERANK_TRY(download.Plan({std::string(kModules)}));
    CODERANK_TRY(download.Fetch(std::string(kModules)));
    CODERANK_ASSIGN(folders, ModuleFolders(download.folder() / kModules));
  }
  CODERANK_ASSIGN(WantedFiles wanted, ChooseFiles(listing, folders));
  if (!wanted.shard_index.empty()) {
    CODERANK_TRY(download.Plan({wanted.shard_index}));
    CODERANK_TRY(download.Fetch(wanted.shard_index));
    CODERANK_ASSIGN(const auto shards,
                    ChooseShards(listing, download.folder(), wanted.shard_index));
    wanted.paths.insert(wanted.paths.end(), shards.begin(), shards.end());
  }
  return std::move(wanted.paths);
}

Result<ModelPullReport> Pull::Download(const HubListing& listing) {
  const fs::path staging = StagingParent() / (StagingPrefix() + listing.commit);
  bool waited = false;
  CODERANK_ASSIGN(const FolderLock lock, FolderLock::Acquire(staging, cancel_, [&] {
                    waited = true;
                    Say(StrCat("another coderank is pulling ", source_.name, "; waiting for it"));
                  }));
  if (waited) {
    CODERANK_ASSIGN(const auto installed, Installed());
    if (installed && installed->origin->revision == listing.commit) return Answer(*installed, 0);
  }
  CODERANK_ASSIGN(auto known, context_.pins.Of(source_.repository, listing.commit));
  ModelDownload download(context_.hub, source_, listing, staging, std::move(known), progress_,
                         cancel_);
  CODERANK_ASSIGN(const auto paths, PlanFiles(download, listing));
  CODERANK_TRY(download.Plan(paths));
  Announce(download, listing, paths.size());
  for (const std::string& path : paths) CODERANK_TRY(download.Fetch(path));
  return Install(download, listing);
}

Result<ModelPullReport> Pull::Install(const ModelDownload& download, const HubListing& listing) {
  CODERANK_TRY(
      context_.pins.Record(source_.repository, listing.commit, download.hashes(), cancel_));
  const ModelStore::Request addition{.source = download.folder(),
                                     .name = source_.name,
                                     .replace = request_.replace,
                                     .take_files = true,
                                     .origin = ModelOrigin{.endpoint = context_.hub.endpoint(),
                                                           .repository = source_.repository,
                                                           .revision = listing.commit,
                                                           .licence = LicenceOf(listing)}};
  CODERANK_ASSIGN(const auto added, context_.store.Add(addition, context_.pool, cancel_));
  RemoveStaging(download.folder());
  return ModelPullReport{.model = Summarise(added.model),
                         .already_installed = added.already_installed,
                         .bytes_fetched = download.bytes_fetched()};
}

// Ours, which this process holds, and what stopped pulls of other commits left.
void Pull::RemoveStaging(const fs::path& ours) const {
  std::error_code ignored;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(StagingParent(), ignored)) {
    if (entry.path().filename().native().starts_with(StagingPrefix())) {
      found.push_back(entry.path());
    }
  }
  for (const fs::path& folder : found) {
    const auto lock = folder == ours ? std::nullopt : FolderLock::TryAcquire(folder);
    if (folder == ours || lock) fs::remove_all(folder, ignored);
  }
  fs::remove(StagingParent(), ignored);  // unless other models are under way
}

}  // namespace

Result<ModelPullReport> PullModel(const ModelPullContext& context, const ModelPullRequest& request,
                                  const ModelPullProgressSink& progress,
                                  const CancellationToken* cancel) {
  CODERANK_ASSIGN(ModelSource source, ParseModelSource(request.source));
  if (!request.name.empty()) source.name = request.name;
  return Pull(context, request, std::move(source), progress, cancel).Run();
}

}  // namespace coderank
