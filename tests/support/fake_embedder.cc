#include "support/fake_embedder.h"

#include <cmath>
#include <cstring>

#include "base/base64.h"

namespace coderank::testing {
namespace {

using nlohmann::json;

std::string Base64Of(const std::vector<float>& numbers) {
  std::string bytes(numbers.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return ToBase64(bytes);
}

void Refuse(int status, const std::string& message, ServedConnection& connection) {
  connection.Reply(
      status, {"Content-Type: application/json"},
      json{{"error", {{"message", message}, {"type", "invalid_request_error"}}}}.dump());
}

}  // namespace

void FakeEmbedder::Change(const std::function<void(Settings&)>& change) {
  const std::lock_guard lock(mutex_);
  change(settings_);
}

void FakeEmbedder::Next(Script script) {
  const std::lock_guard lock(mutex_);
  next_.push_back(std::move(script));
}

std::vector<json> FakeEmbedder::Bodies() const {
  const std::lock_guard lock(mutex_);
  return bodies_;
}

std::vector<std::string> FakeEmbedder::Texts() const {
  std::vector<std::string> texts;
  for (const json& body : Bodies()) {
    for (const json& text : body.contains("inputs") ? body["inputs"] : body["input"]) {
      texts.push_back(text);
    }
  }
  return texts;
}

// How often words of each hash occur, and a little of everything.
std::vector<float> FakeEmbedder::VectorOf(const std::string& text, const Settings& settings) {
  std::vector<float> vector(settings.dimension, 0.01F);
  unsigned word = settings.seed;
  for (const char c : text + " ") {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) {
      word = word * 31 + static_cast<unsigned char>(c);
    } else if (word != settings.seed) {
      vector[(word ^ word >> 7U) % settings.dimension] += 1;
      word = settings.seed;
    }
  }
  return vector;
}

void FakeEmbedder::Handle(const ServedRequest& request, ServedConnection& connection) {
  const bool tei = request.target.ends_with("/embed");
  Settings settings;
  Script script;
  {
    const std::lock_guard lock(mutex_);
    settings = settings_;
    if (request.method == "POST") bodies_.push_back(json::parse(request.body, nullptr, false));
    if (request.method == "POST" && !next_.empty()) {
      script = std::move(next_.front());
      next_.pop_front();
    }
  }
  if (script) return script(request, connection);
  if (!settings.key.empty() && request.Header("authorization") != "Bearer " + settings.key) {
    return Refuse(401, "Incorrect API key provided: " + request.Header("authorization"),
                  connection);
  }
  if (request.target.ends_with("/info")) {
    return connection.Reply(200, {},
                            json{{"model_id", "nomic-ai/CodeRankEmbed"},
                                 {"max_input_length", 512},
                                 {"max_client_batch_size", 8}}
                                .dump());
  }
  if (!tei && !request.target.ends_with("/embeddings")) return Refuse(404, "no route", connection);
  Answer(json::parse(request.body, nullptr, false), settings, tei, connection);
}

void FakeEmbedder::Answer(const json& body, const Settings& settings, bool tei,
                          ServedConnection& connection) {
  const json& texts = tei ? body["inputs"] : body["input"];
  if (texts.size() > settings.most_texts) {
    return Refuse(tei ? 413 : 400, "batch size is too large", connection);
  }
  json data = json::array();
  size_t bytes = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string text = texts[i];
    if (text.empty()) return Refuse(400, "input cannot be an empty string", connection);
    if (text.size() > settings.most_bytes) {
      return Refuse(400, "This model's maximum context length is 8192 tokens", connection);
    }
    bytes += text.size();
    const auto vector = VectorOf(text, settings);
    const bool base64 = settings.base64 && body.value("encoding_format", "") == "base64";
    const json embedding = base64 ? json(Base64Of(vector)) : json(vector);
    const json item = tei ? embedding : json{{"index", i}, {"embedding", embedding}};
    data.insert(settings.reversed && !tei ? data.begin() : data.end(), item);
  }
  const json reply =
      tei ? data : json{{"data", data}, {"model", "m"}, {"usage", {{"total_tokens", bytes / 4}}}};
  connection.Reply(200, settings.headers, reply.dump());
}

}  // namespace coderank::testing
