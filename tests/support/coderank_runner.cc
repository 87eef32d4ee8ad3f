#include "support/coderank_runner.h"

#include <gtest/gtest.h>

#include <sstream>

#include "support/tiny_model.h"

namespace coderank::testing {

CoderankRunner::CoderankRunner(std::string program)
    : program_(std::move(program)), tree_(world_.path() / "tree") {
  std::filesystem::create_directories(tree_);
  environment_ = {{"HOME", (world_.path() / "home").native()},
                  {"GIT_CEILING_DIRECTORIES", world_.path().native()}};
  for (const char* name :
       {"XDG_CONFIG_HOME", "XDG_DATA_HOME",    "XDG_STATE_HOME",     "CODERANK_MODEL",
        "CODERANK_MODELS", "CODERANK_INDEX",   "CODERANK_PRECISION", "CODERANK_MAX_TOKENS",
        "XDG_CACHE_HOME",  "CODERANK_THREADS", "CODERANK_FORCE_ISA", "HF_ENDPOINT",
        "HF_TOKEN",        "http_proxy",       "https_proxy",        "HTTPS_PROXY",
        "all_proxy",       "ALL_PROXY",        "no_proxy",           "NO_PROXY",
        "CURL_CA_BUNDLE",  "SSL_CERT_FILE",    "XDG_RUNTIME_DIR",    "QDRANT_URL",
        "QDRANT_API_KEY"}) {
    environment_[name] = "";
  }
}

ProcessResult CoderankRunner::Run(std::vector<std::string> arguments, std::string input) const {
  arguments.insert(arguments.begin(), program_);
  return RunProcess(
      arguments,
      {.input = std::move(input), .environment = environment_, .working_directory = tree_});
}

nlohmann::json CoderankRunner::RunJson(std::vector<std::string> arguments) const {
  return nlohmann::json::parse(Run(std::move(arguments)).out, nullptr, false);
}

std::vector<nlohmann::json> CoderankRunner::VectorsOf(const std::vector<std::string>& texts,
                                                      std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), {"embed", "--jsonl"});
  std::string input;
  for (const std::string& text : texts) input += nlohmann::json{{"text", text}}.dump() + "\n";
  const ProcessResult embedded = Run(std::move(arguments), std::move(input));
  std::vector<nlohmann::json> vectors;
  std::istringstream lines(embedded.out);
  for (std::string line; std::getline(lines, line);) {
    vectors.push_back(nlohmann::json::parse(line)["vector"]);
  }
  EXPECT_EQ(vectors.size(), texts.size()) << embedded.err;
  vectors.resize(texts.size());
  return vectors;
}

pid_t CoderankRunner::Start(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), program_);
  return StartProcess(arguments,
                      {.input = {}, .environment = environment_, .working_directory = tree_});
}

ProcessResult CoderankRunner::AddTinyModel(unsigned seed, const std::string& name) const {
  const auto folder = world_.path() / ("model-" + std::to_string(seed));
  WriteTinyModel(folder, {.seed = seed});
  return Run({"model", "add", name, folder.native()});
}

}  // namespace coderank::testing
