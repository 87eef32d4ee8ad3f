// A model hub that speaks Hugging Face's protocol: what a repository holds, and its files.
// Everything it says is untrusted until its hash has been checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "coderank/cancellation.h"
#include "coderank/result.h"
#include "net/http_client.h"

namespace coderank {

struct HubFile {
  std::optional<uint64_t> size;  // needed of every file that is to be fetched
  std::string sha256;            // hex; "" where the hub does not say (small files)
};

struct HubListing {
  std::string commit;                                 // 40 hex digits
  std::string licence;                                // "" when not said
  std::map<std::string, HubFile, std::less<>> files;  // by path; names as the server gave them
};

// Not thread-safe.
class ModelHub {
 public:
  // `endpoint`: http or https URL. kInvalidArgument names `endpoint_origin`.
  static Result<ModelHub> Open(std::string endpoint, std::string_view endpoint_origin,
                               std::string token, const LogSink& log);

  // The files of `repository` at `revision` ("": the newest).
  Result<HubListing> List(const std::string& repository, const std::string& revision,
                          const CancellationToken* cancel);

  struct Download {
    std::string repository;
    std::string commit;
    std::string path;
    uint64_t size = 0;
    std::filesystem::path target;
    std::function<void(uint64_t, uint64_t)> progress;  // as in HttpDownload
  };
  // The bytes that came over the network. What arrived stays for the next call when it fails.
  Result<uint64_t> Fetch(const Download& download, const CancellationToken* cancel);

  const std::string& endpoint() const { return endpoint_; }

 private:
  ModelHub(std::string endpoint, std::string token, const LogSink& log);

  HttpRequest Request(const std::string& path) const;
  Status Refusal(int status, const std::string& repository, std::string_view what) const;
  Status Unreachable(const Status& error) const;

  std::string endpoint_;
  std::string token_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace coderank
