// A Qdrant server for tests: tests/support/qdrant_server.py, or the real one that QDRANT_URL names.
//
// The same tests run against both. On a real server, which has to be one for tests on a port of
// this machine, collections get a prefix of their own and are removed at the end, and tests that
// inject faults are skipped.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/http_client.h"
#include "support/line_process.h"

namespace coderank::testing {

class QdrantServer {
 public:
  // Why there is none: the Python package is not there; "" where there is one.
  static std::string WhyNot();

  // `arguments` are of the Python server.
  explicit QdrantServer(const std::vector<std::string>& arguments = {});
  ~QdrantServer();

  const std::string& url() const { return url_; }
  bool real() const { return process_ == nullptr; }
  // A collection's name, unlike those of other tests.
  std::string Name(const std::string& name) const { return prefix_ + name; }

  HttpReply Call(const std::string& method, const std::string& path,
                 const nlohmann::json& body = nullptr) const;
  // Its "result"; a test failure where there is none.
  nlohmann::json Result(const std::string& method, const std::string& path,
                        const nlohmann::json& body = nullptr) const;
  // With the unnamed vector of these parameters, or named ones; `extra` goes into the body.
  void Create(const std::string& collection, const nlohmann::json& vectors,
              const nlohmann::json& extra = nlohmann::json::object()) const;
  void Upsert(const std::string& collection, const nlohmann::json& points) const;
  // All points of a collection by id, with vectors.
  std::vector<nlohmann::json> Points(const std::string& collection) const;
  std::map<std::string, std::string> Aliases() const;
  bool Has(const std::string& collection) const;

  // See qdrant_server.py.
  void Fault(const nlohmann::json& rules) const;
  void ResetFaults() const;
  // Until a request hangs, or the process has ended.
  void AwaitHang(pid_t pid) const;
  // "METHOD /path" of all requests since the last reset.
  std::vector<std::string> Log() const;
  // "params" of the last search; null where there was none.
  nlohmann::json LastSearch() const;

 private:
  std::unique_ptr<LineProcess> process_;
  std::string url_;
  std::string prefix_;
  int port_ = 0;
};

}  // namespace coderank::testing
