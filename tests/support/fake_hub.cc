#include "support/fake_hub.h"

#include <fstream>
#include <sstream>

#include "base/sha256.h"

namespace coderank::testing {
namespace {

std::string ReadAll(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

std::string EtagOf(const std::string& content) {
  return "ETag: \"" + ToHex(Sha256Of(content)) + "\"";
}

}  // namespace

FakeHub::FakeHub(std::string repository, const std::filesystem::path& folder)
    : repository_(std::move(repository)),
      server_([this](const ServedRequest& request, ServedConnection& connection) {
        Handle(request, connection);
      }) {
  const std::lock_guard lock(mutex_);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files_[entry.path().lexically_relative(folder).generic_string()] = ReadAll(entry.path());
  }
}

std::string FakeHub::File(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return files_.at(path);
}

void FakeHub::SetFile(const std::string& path, std::string content) {
  const std::lock_guard lock(mutex_);
  files_[path] = std::move(content);
}

void FakeHub::ServeInstead(const std::string& path, std::string content) {
  const std::lock_guard lock(mutex_);
  served_instead_[path] = std::move(content);
}

void FakeHub::SetCommit(std::string commit) {
  const std::lock_guard lock(mutex_);
  commit_ = std::move(commit);
}

void FakeHub::EditListing(std::function<void(nlohmann::json&)> edit) {
  const std::lock_guard lock(mutex_);
  edit_ = std::move(edit);
}

void FakeHub::Next(const std::string& path, Script script) {
  const std::lock_guard lock(mutex_);
  next_[path].push_back(std::move(script));
}

void FakeHub::Always(const std::string& path, Script script) {
  const std::lock_guard lock(mutex_);
  always_[path] = std::move(script);
}

// Files of some size have a hash in the listing, as those that the real hub keeps in LFS.
nlohmann::json FakeHub::Listing() const {
  nlohmann::json siblings = nlohmann::json::array();
  for (const auto& [path, content] : files_) {
    nlohmann::json file = {{"rfilename", path}, {"size", content.size()}, {"blobId", "0"}};
    if (path.ends_with(".safetensors")) {
      file["lfs"] = {
          {"sha256", ToHex(Sha256Of(content))}, {"size", content.size()}, {"pointerSize", 134}};
    }
    siblings.push_back(file);
  }
  nlohmann::json listing = {{"id", repository_},       {"sha", commit_},
                            {"private", false},        {"cardData", {{"license", "mit"}}},
                            {"tags", {"license:mit"}}, {"siblings", siblings}};
  if (edit_) edit_(listing);
  return listing;
}

// The file that a request asks for, "" for the listing, "?" for what the hub does not know.
std::string FakeHub::PathOf(const ServedRequest& request) const {
  const std::string resolve = "/" + repository_ + "/resolve/" + commit_ + "/";
  if (request.target.starts_with(resolve)) return request.target.substr(resolve.size());
  if (request.target.starts_with("/api/models/" + repository_ + "/revision/")) return "";
  return "?";
}

void FakeHub::Handle(const ServedRequest& request, ServedConnection& connection) {
  Script script = [](const ServedRequest& r, ServedConnection& c, const std::string& content) {
    Serve(r, c, content);
  };
  std::string content;
  {
    const std::lock_guard lock(mutex_);
    const std::string path = PathOf(request);
    requests_.emplace_back(path, request);
    if (path.empty()) {
      content = Listing().dump();
    } else if (served_instead_.count(path) != 0) {
      content = served_instead_[path];
    } else if (files_.count(path) != 0) {
      content = files_[path];
    } else {
      script = [](const ServedRequest&, ServedConnection& c, const std::string&) {
        c.Reply(404, {}, "Entry not found");
      };
    }
    if (const auto always = always_.find(path); always != always_.end()) script = always->second;
    if (auto& waiting = next_[path]; !waiting.empty()) {
      script = waiting.front();
      waiting.pop_front();
    }
  }
  script(request, connection, content);
}

void FakeHub::Serve(const ServedRequest& request, ServedConnection& connection,
                    const std::string& content) {
  const std::string range = request.Header("range");
  const std::string etag = EtagOf(content);
  if (range.empty() || "ETag: " + request.Header("if-range") != etag) {
    connection.Reply(200, {etag}, content);
    return;
  }
  const size_t start = std::stoul(range.substr(range.find('=') + 1));
  connection.Reply(
      206,
      {etag, "Content-Range: bytes " + std::to_string(start) + "-" +
                 std::to_string(content.size() - 1) + "/" + std::to_string(content.size())},
      std::string_view(content).substr(start));
}

void FakeHub::ServeBeginning(ServedConnection& connection, const std::string& content,
                             size_t bytes) {
  connection.Send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(content.size()) + "\r\n" +
                  EtagOf(content) + "\r\n\r\n" + content.substr(0, bytes));
}

std::vector<ServedRequest> FakeHub::Requests(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  std::vector<ServedRequest> found;
  for (const auto& [asked, request] : requests_) {
    if (asked == path) found.push_back(request);
  }
  return found;
}

std::vector<std::string> FakeHub::RequestedPaths() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, request] : requests_) paths.push_back(path);
  return paths;
}

}  // namespace coderank::testing
