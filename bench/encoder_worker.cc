// The encoder as a process that bench/encoder/run measures beside its peers.
//
//   encoder_worker MODEL-FOLDER THREADS PRECISION   answers requests, see
//   bench/encoder/peer_protocol.py encoder_worker --machine THREADS                prints the
//   machine's rates as one JSON object
//
// CODERANK_FORCE_ISA chooses the kernels. It does nothing but embed: no tokenizer, no index.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/elapsed.h"
#include "base/strings.h"
#include "base/try.h"
#include "coderank/version.h"
#include "kernels/kernel_set.h"
#include "machine_rates.h"
#include "model/load_encoder.h"

namespace coderank::bench {
namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;
using Sequences = std::vector<std::vector<int32_t>>;

// Resident memory of this process in kB: the second field of statm, in pages.
size_t ResidentKb() {
  size_t total = 0;
  size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

Result<std::unique_ptr<SentenceEncoder>> Load(const char* folder, const std::string& precision,
                                              const kernels::KernelSet& kernels, ThreadPool& pool) {
  CODERANK_ASSIGN(ModelRecord record, DeriveModelRecord(folder, "bench"));
  record.precision = precision;
  if (precision == kPrecisionFloat) return LoadSentenceEncoder(folder, record, kernels, pool);
  if (precision != kPrecisionInt8) {
    return InvalidArgument(StrCat("precision ", precision, ": known are int8 and f32"));
  }
  // The first time this makes the packed file, beside the model.
  CODERANK_ASSIGN(const auto tokenizer, LoadTokenizer(folder));
  CODERANK_ASSIGN(auto packed, OpenPackedModel(folder, "", record, *tokenizer, kernels, pool));
  return LoadPackedEncoder(folder, record, std::move(packed), kernels, pool);
}

class Worker {
 public:
  explicit Worker(const SentenceEncoder& encoder) : encoder_(encoder) {}

  Result<Json> Answer(const Json& request) {
    const auto sequences = request.at("sequences").get<Sequences>();
    const std::vector<std::span<const int32_t>> views(sequences.begin(), sequences.end());
    if (request.value("vectors", false)) {
      CODERANK_ASSIGN(const auto vectors, encoder_.Encode(views, {.normalize = false}));
      return Json{{"vectors", vectors}};
    }
    return Measure(views, request.at("seconds"), request.at("cold"));
  }

 private:
  Result<Json> Measure(std::span<const std::span<const int32_t>> views, double seconds, bool cold) {
    std::vector<double> calls;
    std::clock_t cpu = 0;  // of all threads
    const auto begin = Clock::now();
    do {
      if (cold) Evict();
      const std::clock_t cpu_before = std::clock();
      const auto start = Clock::now();
      CODERANK_ASSIGN(const auto vectors, encoder_.Encode(views, {.normalize = false}));
      calls.push_back(SecondsSince(start));
      cpu += std::clock() - cpu_before;
    } while (SecondsSince(begin) < seconds);
    const size_t evictor_kb = evictor_ == nullptr ? 0 : evictor_->bytes() / 1024;
    return Json{{"seconds", calls},
                {"cpu_seconds", static_cast<double>(cpu) / CLOCKS_PER_SEC},
                {"group", views.size()},
                {"rss_kb", ResidentKb() - evictor_kb}};
  }

  void Evict() {
    if (evictor_ == nullptr) evictor_ = std::make_unique<CacheEvictor>();
    evictor_->Evict();
  }

  const SentenceEncoder& encoder_;
  std::unique_ptr<CacheEvictor> evictor_;
};

int Serve(const char* folder, size_t threads, const std::string& precision) {
  const auto kernels = kernels::ChooseKernels();
  ThreadPool pool(threads);
  const auto encoder = kernels ? Load(folder, precision, **kernels, pool) : kernels.error();
  if (!encoder) {
    std::cerr << encoder.error().message() << '\n';
    return 2;
  }
  std::cout << Json{{"versions", StrCat("coderank ", Version())},
                    {"settings", StrCat(precision, ", ", (*kernels)->name)}}
            << std::endl;
  Worker worker(**encoder);
  for (std::string line; std::getline(std::cin, line);) {
    const auto answer = worker.Answer(Json::parse(line));
    if (!answer) {
      std::cerr << answer.error().message() << '\n';
      return 2;
    }
    std::cout << *answer << std::endl;
  }
  return 0;
}

int PrintMachine(size_t threads) {
  std::vector<Rate> rates = Int8Peaks(threads);
  for (Rate& rate : Int8GemmRates(threads)) rates.push_back(std::move(rate));
  for (Rate& rate : F32GemmPeaks(threads)) rates.push_back(std::move(rate));
  rates.push_back(ReadRate(threads, LastLevelCacheBytes()));
  Json answer{{"cache_bytes", LastLevelCacheBytes()}};
  for (const Rate& rate : rates) answer["rates"][rate.name] = rate.per_second;
  std::cout << answer << std::endl;
  return 0;
}

size_t ThreadsOf(const char* text) {
  return std::max<size_t>(1, static_cast<size_t>(std::strtoul(text, nullptr, 10)));
}

}  // namespace
}  // namespace coderank::bench

int main(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  if (argc == 3 && first == "--machine") {
    return coderank::bench::PrintMachine(coderank::bench::ThreadsOf(argv[2]));
  }
  if (argc == 4) {
    return coderank::bench::Serve(argv[1], coderank::bench::ThreadsOf(argv[2]), argv[3]);
  }
  std::cerr << "usage: encoder_worker MODEL-FOLDER THREADS PRECISION | --machine THREADS\n";
  return 2;
}
