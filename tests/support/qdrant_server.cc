#include "support/qdrant_server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "support/process.h"

namespace coderank::testing {
namespace {

using nlohmann::json;

constexpr const char* kPackage = "CODERANK_TEST_QDRANT_CLIENT_DIR";

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string QdrantServer::WhyNot() {
  if (!Variable("QDRANT_URL").empty() || !Variable(kPackage).empty()) return "";
  return std::string(kPackage) + " is not set: scripts/fetch-qdrant-client prints its value, " +
         "scripts/test sets it; QDRANT_URL may name a real server instead";
}

QdrantServer::QdrantServer(const std::vector<std::string>& arguments) {
  url_ = Variable("QDRANT_URL");
  if (!url_.empty()) {
    port_ = std::atoi(url_.substr(url_.rfind(':') + 1).c_str());
    prefix_ = "coderank-test-" + std::to_string(::getpid()) + "-";
    return;
  }
  std::vector<std::string> command = {
      "python3", std::string(CODERANK_SOURCE_DIR) + "/tests/support/qdrant_server.py"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  process_ = std::make_unique<LineProcess>(
      command, ProcessOptions{.input = {},
                              .environment = {{"PYTHONPATH", Variable(kPackage)},
                                              {"PYTHONDONTWRITEBYTECODE", "1"}},
                              .working_directory = {}});
  const std::string line = process_->Next().value_or("");
  const std::string listening = "listening ";
  if (line.starts_with(listening)) port_ = std::atoi(line.substr(listening.size()).c_str());
  EXPECT_NE(port_, 0) << "the Qdrant server of the tests does not start";
  url_ = "http://127.0.0.1:" + std::to_string(port_);
}

QdrantServer::~QdrantServer() {
  if (!real()) {
    process_->CloseInput();
    process_->Wait();
    return;
  }
  const json result = Result("GET", "/collections");
  for (const json& entry : result["collections"]) {
    const std::string name = entry["name"];
    if (name.starts_with(prefix_)) Call("DELETE", "/collections/" + name);
  }
}

HttpReply QdrantServer::Call(const std::string& method, const std::string& path,
                             const json& body) const {
  HttpConnection connection(port_);
  const std::string content = body.is_null() ? "" : body.dump();
  const std::string headers = content.empty() ? "" : "Content-Type: application/json\r\n";
  connection.Send(HttpText(method, path, headers, content));
  return connection.Read();
}

json QdrantServer::Result(const std::string& method, const std::string& path,
                          const json& body) const {
  const HttpReply reply = Call(method, path, body);
  const json answer = reply.Json();
  EXPECT_EQ(reply.status, 200) << method << " " << path << ": " << reply.body.substr(0, 500);
  return answer.is_object() && answer.contains("result") ? answer["result"] : json();
}

void QdrantServer::Create(const std::string& collection, const json& vectors,
                          const json& extra) const {
  json body = {{"vectors", vectors}};
  body.update(extra);
  Result("PUT", "/collections/" + collection, body);
}

void QdrantServer::Upsert(const std::string& collection, const json& points) const {
  Result("PUT", "/collections/" + collection + "/points?wait=true", {{"points", points}});
}

std::vector<json> QdrantServer::Points(const std::string& collection) const {
  const json page = Result("POST", "/collections/" + collection + "/points/scroll",
                           {{"limit", 100'000}, {"with_payload", true}, {"with_vector", true}});
  return page.is_object() ? page["points"].get<std::vector<json>>() : std::vector<json>();
}

std::map<std::string, std::string> QdrantServer::Aliases() const {
  std::map<std::string, std::string> aliases;
  const json result = Result("GET", "/aliases");
  for (const json& entry : result["aliases"]) {
    aliases[entry["alias_name"]] = entry["collection_name"];
  }
  return aliases;
}

bool QdrantServer::Has(const std::string& collection) const {
  const json result = Result("GET", "/collections");
  for (const json& entry : result["collections"]) {
    if (entry["name"] == collection) return true;
  }
  return false;
}

void QdrantServer::Fault(const json& rules) const { Call("POST", "/_test/faults", rules); }
void QdrantServer::ResetFaults() const { Call("POST", "/_test/reset", json::object()); }

void QdrantServer::AwaitHang(pid_t pid) const {
  for (;;) {
    const bool ended = HasEnded(pid);
    const json answer = Call("GET", "/_test/hang").Json();
    if (ended || !answer.is_object() || answer["hangs"] == true) return;
  }
}

std::vector<std::string> QdrantServer::Log() const {
  std::vector<std::string> requests;
  const json log = Call("GET", "/_test/log").Json();
  for (const json& entry : log) requests.push_back(entry["request"]);
  return requests;
}

json QdrantServer::LastSearch() const {
  json parameters;
  const json log = Call("GET", "/_test/log").Json();
  for (const json& entry : log) {
    if (entry.contains("params") && !entry["params"].is_null()) parameters = entry["params"];
  }
  return parameters;
}

}  // namespace coderank::testing
