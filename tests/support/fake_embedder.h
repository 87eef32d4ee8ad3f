// An embedding service on the loopback interface, which follows the published APIs and misbehaves
// as told. The vector of a text depends on its letters: texts of the same words are alike.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/http_server.h"

namespace coderank::testing {

class FakeEmbedder {
 public:
  // Answers one request in place of the service.
  using Script = std::function<void(const ServedRequest&, ServedConnection&)>;

  // What the service is and takes; may be changed while it runs.
  struct Settings {
    size_t dimension = 16;
    unsigned seed = 1;                 // another seed is another model
    std::string key;                   // "": none is asked for
    size_t most_texts = 1000;          // of a request
    size_t most_bytes = 1 << 20;       // of a text; a request of more is refused as too long
    bool base64 = true;                // where it is asked for
    bool reversed = false;             // vectors come in the opposite order
    std::vector<std::string> headers;  // sent along, "Name: value"
  };

  FakeEmbedder() : server_([this](const auto& r, auto& c) { Handle(r, c); }) {}

  std::string url() const { return server_.url(); }
  void Change(const std::function<void(Settings&)>& change);
  // The next requests for vectors go to these, one each, in order.
  void Next(Script script);
  // The bodies of the requests for vectors so far.
  std::vector<nlohmann::json> Bodies() const;
  // All texts that were sent, in order of arrival.
  std::vector<std::string> Texts() const;
  std::vector<ServedRequest> Requests() const { return server_.requests(); }

  static std::vector<float> VectorOf(const std::string& text, const Settings& settings);

 private:
  void Handle(const ServedRequest& request, ServedConnection& connection);
  void Answer(const nlohmann::json& body, const Settings& settings, bool tei,
              ServedConnection& connection);

  mutable std::mutex mutex_;
  Settings settings_;
  std::deque<Script> next_;
  std::vector<nlohmann::json> bodies_;
  HttpServer server_;  // last: its threads use the rest
};

}  // namespace coderank::testing
