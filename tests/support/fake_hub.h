// A model hub on the loopback interface: serves folders as repositories, and misbehaves as told.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/http_server.h"

namespace coderank::testing {

class FakeHub {
 public:
  static constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";

  // Answers one request in place of the hub; `content` is the file's, or the listing.
  using Script = std::function<void(const ServedRequest&, ServedConnection&, const std::string&)>;

  // Serves every file below `folder` as `repository`.
  FakeHub(std::string repository, const std::filesystem::path& folder);

  std::string url() const { return server_.url(); }
  const std::string& repository() const { return repository_; }
  std::string File(const std::string& path) const;
  void SetFile(const std::string& path, std::string content);
  // Changes what is served without changing what is listed.
  void ServeInstead(const std::string& path, std::string content);
  void SetCommit(std::string commit);
  void EditListing(std::function<void(nlohmann::json&)> edit);

  // The next requests of a file ("" is the listing) go to these, one each, in order.
  void Next(const std::string& path, Script script);
  // All requests of a file go there.
  void Always(const std::string& path, Script script);

  // As the hub would: the whole file, or the rest that the request asks for.
  static void Serve(const ServedRequest& request, ServedConnection& connection,
                    const std::string& content);
  // Head of the whole file and the first `bytes` of it.
  static void ServeBeginning(ServedConnection& connection, const std::string& content,
                             size_t bytes);
  // Answers a request that came by another way, as through a proxy.
  void Handle(const ServedRequest& request, ServedConnection& connection);

  // What was asked of a file ("" is the listing), in order; of all files, in order.
  std::vector<ServedRequest> Requests(const std::string& path) const;
  std::vector<std::string> RequestedPaths() const;

 private:
  std::string PathOf(const ServedRequest& request) const;
  nlohmann::json Listing() const;

  std::string repository_;
  mutable std::mutex mutex_;
  std::string commit_ = kCommit;
  std::map<std::string, std::string> files_;
  std::map<std::string, std::string> served_instead_;
  std::function<void(nlohmann::json&)> edit_;
  std::map<std::string, std::deque<Script>> next_;
  std::map<std::string, Script> always_;
  std::vector<std::pair<std::string, ServedRequest>> requests_;
  HttpServer server_;  // last: its threads use the rest
};

}  // namespace coderank::testing
