#include "engine/model_hub.h"

#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/model_registry.h"
#include "json/json.h"
#include "model/json_config.h"
#include "net/url.h"

namespace coderank {
namespace {

constexpr uint64_t kMaxListing = uint64_t{8} << 20;  // bytes; model cards are part of it
constexpr size_t kMaxFiles = 10'000;
constexpr uint64_t kMaxFileBytes = uint64_t{1} << 40;
constexpr size_t kMaxLicence = 100;
constexpr std::string_view kNewest = "main";

std::string TextOf(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>().substr(0, kMaxLicence) : std::string();
}

// The model card's field, else the tag made of it. "other" has its name elsewhere.
std::string LicenceOf(const nlohmann::json& model) {
  const nlohmann::json& card = Member(model, "cardData");
  std::string licence = TextOf(Member(card, "license"));
  if (licence == "other" && Member(card, "license_name").is_string()) {
    return TextOf(Member(card, "license_name"));
  }
  constexpr std::string_view kTag = "license:";
  const nlohmann::json& tags = Member(model, "tags");
  for (size_t i = 0; licence.empty() && tags.is_array() && i < tags.size(); ++i) {
    const std::string tag = TextOf(tags[i]);
    if (tag.starts_with(kTag)) licence = tag.substr(kTag.size());
  }
  return licence;
}

Status AddFile(const JsonConfig& entry, HubListing& listing) {
  CODERANK_ASSIGN(const std::string path, entry.RequiredText("rfilename"));
  HubFile file;
  CODERANK_ASSIGN(file.size, entry.Integer("size", 0, kMaxFileBytes));
  const nlohmann::json& lfs = Member(entry.object(), "lfs");
  if (lfs.is_object()) {
    file.sha256 = TextOf(Member(lfs, "sha256"));
    if (!DigestFromHex(file.sha256)) {
      return Corrupt(StrCat(entry.source(), ": lfs: expected a sha256 of 64 hex digits"));
    }
  }
  if (!listing.files.emplace(path, std::move(file)).second) {
    return Corrupt(StrCat(entry.source(), ": rfilename: \"", path, "\" is listed twice"));
  }
  return OkStatus();
}

Result<HubListing> ParseListing(const std::string& body, const std::string& source) {
  CODERANK_ASSIGN(const JsonConfig model, JsonConfig::Parse(body, source));
  HubListing listing;
  CODERANK_ASSIGN(listing.commit, model.RequiredText("sha"));
  if (!IsCommit(listing.commit)) return model.Unexpected("sha", "a commit of 40 hex digits");
  listing.licence = LicenceOf(model.object());
  const nlohmann::json& files = Member(model.object(), "siblings");
  if (!files.is_array() || files.size() > kMaxFiles) {
    return model.Unexpected("siblings", StrCat("a list of at most ", kMaxFiles, " files"));
  }
  for (size_t i = 0; i < files.size(); ++i) {
    CODERANK_ASSIGN(const JsonConfig entry,
                    JsonConfig::FromObject(files[i], StrCat(source, ": siblings ", i)));
    CODERANK_TRY(AddFile(entry, listing));
  }
  return listing;
}

// Slashes stay, everything else that is not plain is encoded.
std::string EncodePath(std::string_view path) {
  std::string out;
  while (true) {
    const size_t slash = path.find('/');
    out += PercentEncode(path.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    out += '/';
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

ModelHub::ModelHub(std::string endpoint, std::string token, const LogSink& log)
    : endpoint_(std::move(endpoint)), token_(std::move(token)) {
  HttpOptions options;
  options.log = log;
  client_ = std::make_unique<HttpClient>(std::move(options));
}

Result<ModelHub> ModelHub::Open(std::string endpoint, std::string_view endpoint_origin,
                                std::string token, const LogSink& log) {
  while (endpoint.ends_with('/')) endpoint.pop_back();
  const auto url = ParseUrl(endpoint);
  if (!url) return url.error().WithContext(endpoint_origin);
  if (endpoint.find_first_of("?#") != std::string::npos) {
    return InvalidArgument(
        StrCat(endpoint_origin, ": expected a URL without query, found \"", endpoint, "\""));
  }
  if (log && url->scheme == "http" && !IsLoopback(*url)) {
    log(LogLevel::kWarning,
        StrCat(endpoint,
               " is plain http: others on the way can change what comes, and a token "
               "is not sent"));
  }
  return ModelHub(std::move(endpoint), std::move(token), log);
}

HttpRequest ModelHub::Request(const std::string& path) const {
  return {.url = endpoint_ + path, .bearer_token = token_};
}

Status ModelHub::Unreachable(const Status& error) const {
  if (error.code() != StatusCode::kUnavailable) return error;
  return Unavailable(
      StrCat("cannot reach ", endpoint_, ": ", error.message(),
             "; what arrived is kept for the next try. HTTPS_PROXY names a proxy and HF_ENDPOINT a "
             "mirror; without a network, copy the model's folder here and run `coderank model add "
             "[NAME] PATH`"));
}

Status ModelHub::Refusal(int status, const std::string& repository, std::string_view what) const {
  const std::string subject = StrCat(endpoint_, "/", repository, ": ", what);
  switch (status) {
    case 401:
    case 403:
      return PermissionDenied(StrCat(
          subject, ": refused (HTTP ", status,
          "): no such model, or one that is private or gated; ",
          token_.empty() ? "accept its terms on its page and set HF_TOKEN to your access token"
                         : "HF_TOKEN was sent, but may not read it: accept the model's terms on "
                           "its page, or use another token"));
    case 404:
      return NotFound(StrCat(subject, ": no such model or revision (HTTP 404)"));
    case 408:
    case 429:
      return Unavailable(StrCat(subject, ": the server asks to wait (HTTP ", status,
                                "); try again later, what arrived is kept"));
    default:
      return Unavailable(StrCat(subject, ": unexpected answer (HTTP ", status,
                                "); try again later, or name a mirror in HF_ENDPOINT"));
  }
}

Result<HubListing> ModelHub::List(const std::string& repository, const std::string& revision,
                                  const CancellationToken* cancel) {
  const std::string path =
      StrCat("/api/models/", repository, "/revision/",
             PercentEncode(revision.empty() ? kNewest : revision), "?blobs=true");
  const auto reply = client_->Send(Request(path), kMaxListing, cancel);
  if (!reply) return Unreachable(reply.error());
  if (reply->status != 200) {
    return Refusal(reply->status, repository,
                   StrCat("revision ", revision.empty() ? kNewest : revision));
  }
  CODERANK_ASSIGN(HubListing listing, ParseListing(reply->body, StrCat(endpoint_, path)));
  if (IsCommit(revision) && listing.commit != revision) {
    return Corrupt(
        StrCat(endpoint_, path, ": sha: expected ", revision, ", found ", listing.commit));
  }
  return listing;
}

Result<uint64_t> ModelHub::Fetch(const Download& download, const CancellationToken* cancel) {
  const std::string path = StrCat("/", download.repository, "/resolve/", download.commit, "/",
                                  EncodePath(download.path));
  const auto result = client_->Download({.request = Request(path),
                                         .target = download.target,
                                         .size = download.size,
                                         .progress = download.progress},
                                        cancel);
  if (!result) return Unreachable(result.error());
  if (result->status != 200) return Refusal(result->status, download.repository, download.path);
  return result->received;
}

}  // namespace coderank
