// The cross-encoder as a process that bench/rerank/run measures beside its peers.
//
//   rerank_worker MODEL-FOLDER THREADS PRECISION   answers requests, see
//                                                  bench/encoder/peer_protocol.py
//
// The sequences of a request are pairs whose second text begins at the 16th token (bench/rerank/
// pairs.py). CODERANK_FORCE_ISA chooses the kernels. Texts are not tokenised here.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/elapsed.h"
#include "base/strings.h"
#include "base/try.h"
#include "coderank/version.h"
#include "kernels/kernel_set.h"
#include "model/cross_encoder.h"

namespace coderank::bench {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr size_t kSecondBegin = 16;

size_t ResidentKb() {
  size_t total = 0;
  size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

std::vector<PairEncoding> PairsOf(const Json& request) {
  std::vector<PairEncoding> pairs;
  for (const Json& ids : request.at("sequences")) {
    pairs.push_back({.ids = ids, .second_begin = kSecondBegin, .truncated = false});
  }
  return pairs;
}

Result<Json> Measure(const CrossEncoder& model, const std::vector<PairEncoding>& pairs,
                     double seconds) {
  std::vector<double> calls;
  const std::clock_t cpu_before = std::clock();
  const auto begin = Clock::now();
  do {
    const auto start = Clock::now();
    CODERANK_ASSIGN(const auto logits, model.Score(pairs));
    calls.push_back(SecondsSince(start));
  } while (SecondsSince(begin) < seconds);
  return Json{{"seconds", calls},
              {"cpu_seconds", static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC},
              {"group", pairs.size()},
              {"rss_kb", ResidentKb()}};
}

Result<Json> Answer(const CrossEncoder& model, const Json& request) {
  const std::vector<PairEncoding> pairs = PairsOf(request);
  if (!request.value("vectors", false)) return Measure(model, pairs, request.at("seconds"));
  CODERANK_ASSIGN(const auto logits, model.Score(pairs));
  Json vectors = Json::array();
  for (const float logit : logits) vectors.push_back({logit});
  return Json{{"vectors", vectors}};
}

Status Serve(const char* folder, size_t threads, const std::string& precision) {
  CODERANK_ASSIGN(const kernels::KernelSet* kernels, kernels::ChooseKernels());
  ThreadPool pool(threads);
  CODERANK_ASSIGN(ModelRecord record, DeriveModelRecord(folder, "bench"));
  record.precision = precision;
  CODERANK_ASSIGN(const auto model, LoadCrossEncoder(folder, record, *kernels, pool, {}));
  std::cout << Json{{"versions", StrCat("coderank ", Version())},
                    {"settings", StrCat(precision, ", ", kernels->name)}}
            << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    CODERANK_ASSIGN(const Json answer, Answer(*model, Json::parse(line)));
    std::cout << answer << std::endl;
  }
  return OkStatus();
}

}  // namespace
}  // namespace coderank::bench

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: rerank_worker MODEL-FOLDER THREADS PRECISION\n";
    return 2;
  }
  const size_t threads = std::max<size_t>(1, std::strtoul(argv[2], nullptr, 10));
  const coderank::Status served = coderank::bench::Serve(argv[1], threads, argv[3]);
  if (served.ok()) return 0;
  std::cerr << served.message() << '\n';
  return 2;
}
