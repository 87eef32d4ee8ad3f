// A decoder's speed beside what the machine's memory allows, and its output for comparisons.
//
//   decoder_bench speed MODEL PRECISION [THREADS]     prefill and decode of a model's files
//   decoder_bench random SIZE PRECISION [THREADS]     the same of random weights: 7b or 0.5b
//   decoder_bench generate MODEL PRECISION TOKENS     continues each line, a string
//   decoder_bench tokenize MODEL                      ids of each line, a string
//   decoder_bench rank MODEL PRECISION constrained|free     ranks the list of each line
//   decoder_bench products                            the kernels alone
//
// Lines of standard input are JSON; of `rank` they are {"query": ..., "documents": [...]}, to which
// it says {"order": [...], "steps": n, "tokens": n, "seconds": s}. `generate` takes the likeliest
// token each time and gives {"ids": ..., "next": ...}. bench/decoder/run measures decoders beside
// llama.cpp, bench/rerank/listwise the rankings.
//
// MODEL is a GGUF file or a folder; PRECISION is f32, file, int8 or int4 (load_decoder.h); random
// weights have int8 or int4. A decode step reads every weight once, so its rate is the weights'
// bytes over the time, and its roof is the rate at which the memory can be read.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/elapsed.h"
#include "base/strings.h"
#include "base/try.h"
#include "machine_rates.h"
#include "model/generator.h"
#include "model/grouped_layers.h"
#include "model/llama.h"
#include "model/load_decoder.h"
#include "nn/grouped_linear.h"
#include "rerank/listwise_reranker.h"

namespace coderank::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kPromptTokens = 512;
constexpr size_t kNewTokens = 32;
// One window of the listwise reranker: ten passages of about 300 tokens and the instructions.
constexpr double kWindowTokens = 3400;
constexpr double kWindowSteps = 10;

// Resident memory of this process in bytes: the second field of statm, in pages.
double ResidentBytes() {
  size_t total = 0;
  size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double GroupedBytes(const kernels::GroupedWeights& w) {
  const auto bits = w.bits == 8 ? GroupBits::kEight : GroupBits::kFour;
  return static_cast<double>(GroupedValueBytes(w.columns, w.groups, bits) +
                             2 * GroupedScales(w.columns, w.groups, bits));
}

// Layers of random bytes with the shapes that are asked for.
class RandomLayers : public LayerSource {
 public:
  RandomLayers(const kernels::KernelSet& kernels, GroupBits bits)
      : kernels_(&kernels), bits_(bits) {}

  double bytes() const { return bytes_; }  // of all projections
  bool rounded() const override { return true; }
  bool Contains(std::string_view tensor) const override { return tensor == "lm_head.weight"; }

  Result<std::unique_ptr<nn::Projection>> Projection(const ProjectionSpec& spec) override {
    auto owned = std::make_shared<Owned>();
    kernels::GroupedWeights weights{.bits = static_cast<int>(bits_),
                                    .values = nullptr,
                                    .scales = nullptr,
                                    .bias = nullptr,
                                    .columns = PaddedColumns(spec.gated ? 2 * spec.out : spec.out),
                                    .groups = GroupsOf(spec.in)};
    const size_t bytes = GroupedValueBytes(weights.columns, weights.groups, bits_);
    uint8_t* values = owned->values.Reserve(bytes);
    for (size_t i = 0; i < bytes; i += sizeof(uint64_t)) {
      state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
      std::memcpy(values + i, &state_, sizeof(state_));
    }
    // f16 of about 0.0004: with bytes of +-127 the results keep their size from layer to layer.
    owned->scales.assign(GroupedScales(weights.columns, weights.groups, bits_), 0x0E00);
    weights.values = values;
    weights.scales = owned->scales.data();
    bytes_ += GroupedBytes(weights);
    return std::unique_ptr<nn::Projection>(
        std::make_unique<nn::GroupedLinear>(*kernels_, nn::GroupedParameters{.in = spec.in,
                                                                             .out = spec.out,
                                                                             .gated = spec.gated,
                                                                             .weights = weights,
                                                                             .owner = owned}));
  }
  Result<nn::LayerNorm> Norm(const NormSpec& spec) override {
    return InvalidArgument(StrCat("no norm with a bias: ", spec.gamma));
  }
  Result<std::vector<float>> Floats(const std::string&, std::span<const uint64_t> shape) override {
    return std::vector<float>(shape[0], 1);
  }
  Result<nn::Embedding> Embedding(const std::string&, size_t rows, size_t n) override {
    auto table = std::make_shared<std::vector<uint16_t>>(rows * n, 0x3000);  // 0.125
    return nn::Embedding(*kernels_, *table, n, table);
  }

 private:
  struct Owned {
    nn::ByteBuffer values;
    std::vector<uint16_t> scales;
  };
  const kernels::KernelSet* kernels_;
  GroupBits bits_;
  uint64_t state_ = 1;
  double bytes_ = 0;
};

// Sizes of the published Qwen2.5 models.
Result<JsonConfig> RandomConfig(const std::string& size) {
  static const std::map<std::string, std::string> kSizes = {
      {"7b", R"("hidden_size": 3584, "num_hidden_layers": 28, "num_attention_heads": 28,
               "num_key_value_heads": 4, "intermediate_size": 18944, "vocab_size": 152064)"},
      {"0.5b", R"("hidden_size": 896, "num_hidden_layers": 24, "num_attention_heads": 14,
                 "num_key_value_heads": 2, "intermediate_size": 4864, "vocab_size": 151936)"}};
  const auto found = kSizes.find(size);
  if (found == kSizes.end()) return InvalidArgument("expected the size 7b or 0.5b, found " + size);
  return JsonConfig::Parse(StrCat(R"({"model_type": "qwen2", "max_position_embeddings": 32768,
      "rope_theta": 1000000.0, "rms_norm_eps": 1e-6, )",
                                  found->second, "}"),
                           size);
}

Result<DecoderPrecision> FindPrecision(const std::string& name) {
  if (name == "f32") return DecoderPrecision::kFloat;
  if (name == "file") return DecoderPrecision::kFile;
  if (name == "int8") return DecoderPrecision::kInt8;
  if (name == "int4") return DecoderPrecision::kInt4;
  return InvalidArgument("expected the precision f32, file, int8 or int4, found " + name);
}

// The rate of a decode step is judged where `weight_bytes` is known.
Status Measure(std::shared_ptr<const Decoder> decoder, ThreadPool& pool, double weight_bytes) {
  Generator text(std::move(decoder), pool, kPromptTokens + kNewTokens);
  std::vector<int32_t> prompt;
  for (size_t i = 0; i < kPromptTokens; ++i) prompt.push_back(static_cast<int32_t>(i * 37 % 1000));
  CODERANK_TRY(text.Prefill(std::span(prompt).first(16)));  // allocates
  CODERANK_TRY(text.Rewind(0));
  auto start = Clock::now();
  CODERANK_TRY(text.Prefill(prompt));
  const double prefill = SecondsSince(start) / kPromptTokens;
  double best = 1e9;  // of single steps: others may run on this machine
  start = Clock::now();
  for (size_t i = 0; i < kNewTokens; ++i) {
    const auto step = Clock::now();
    CODERANK_ASSIGN(const auto logits, text.Forward(std::span(prompt).subspan(i, 1)));
    best = std::min(best, SecondsSince(step));
  }
  const double decode = SecondsSince(start) / kNewTokens;
  std::printf("prefill      %8.1f tokens/s (%zu tokens)\n", 1 / prefill, kPromptTokens);
  std::printf("decode       %8.1f tokens/s, best step %.1f (after %zu tokens)\n", 1 / decode,
              1 / best, kPromptTokens);
  if (weight_bytes > 0) {
    const double roof = ReadRate(pool.size(), LastLevelCacheBytes()).per_second;
    std::printf("weights      %8.2f GB, read at %.1f GB/s, best %.1f; memory %.1f GB/s: %.0f %%\n",
                weight_bytes / 1e9, weight_bytes / decode / 1e9, weight_bytes / best / 1e9,
                roof / 1e9, 100 * weight_bytes / decode / roof);
  }
  std::printf("resident     %8.2f GB\n", ResidentBytes() / 1e9);
  std::printf("window       %8.1f s for ten candidates (%.0f tokens, then %.0f steps)\n",
              kWindowTokens * prefill + kWindowSteps * decode, kWindowTokens, kWindowSteps);
  return OkStatus();
}

Status Random(const std::string& size, const std::string& precision,
              const kernels::KernelSet& kernels, ThreadPool& pool) {
  CODERANK_ASSIGN(const JsonConfig config, RandomConfig(size));
  RandomLayers layers(kernels, precision == "int4" ? GroupBits::kFour : GroupBits::kEight);
  CODERANK_ASSIGN(std::shared_ptr<const Decoder> decoder, LoadLlama(config, layers, kernels));
  return Measure(std::move(decoder), pool, layers.bytes());
}

Status Speed(const std::string& model, const std::string& precision,
             const kernels::KernelSet& kernels, ThreadPool& pool) {
  CODERANK_ASSIGN(const DecoderPrecision chosen, FindPrecision(precision));
  const auto start = Clock::now();
  CODERANK_ASSIGN(auto decoder, LoadDecoderWeights(model, {.precision = chosen}, kernels, pool));
  std::printf("load         %8.2f s\n", SecondsSince(start));
  return Measure(std::move(decoder), pool, 0);
}

// Short runs: one that nothing interrupted is among them even on a busy machine.
double BestSeconds(const std::function<void()>& run) {
  constexpr int kRuns = 200;
  double best = 1e9;
  for (int i = 0; i < kRuns; ++i) {
    const auto start = Clock::now();
    run();
    best = std::min(best, SecondsSince(start));
  }
  return best;
}

// One thread on the first panels of a layer, so that a run takes about a millisecond.
void MeasureProduct(const kernels::KernelSet& kernels, int bits, size_t rows, size_t panels) {
  constexpr size_t kGroups = 3584 / kernels::kGroupDepth;
  constexpr size_t kDepth = kGroups * kernels::kGroupDepth;
  const GroupBits group_bits = bits == 8 ? GroupBits::kEight : GroupBits::kFour;
  const size_t columns = panels * kernels::kGroupedPanel;
  nn::ByteBuffer values;
  const size_t bytes = GroupedValueBytes(columns, kGroups, group_bits);
  std::memset(values.Reserve(bytes), 0x35, bytes);
  const std::vector<uint16_t> scales(GroupedScales(columns, kGroups, group_bits), 0x0E00);
  const std::vector<int8_t> a(rows * kDepth, 7);
  const std::vector<float> scale(rows * kGroups, 0.01F);
  const std::vector<int32_t> sum(rows * kGroups, 224);
  std::vector<float> c(rows * columns);
  const kernels::GroupedWeights weights{.bits = bits,
                                        .values = values.data(),
                                        .scales = scales.data(),
                                        .bias = nullptr,
                                        .columns = columns,
                                        .groups = kGroups};
  const double seconds = BestSeconds([&] {
    kernels.gemm_grouped(
        {.values = a.data(), .scale = scale.data(), .offset = scale.data(), .sum = sum.data()},
        rows, weights,
        {.c = c.data(), .ldc = columns, .n = columns, .first_panel = 0, .last_panel = panels});
  });
  const double products = static_cast<double>(rows * columns * kDepth);
  std::printf("%d bits, %3zu rows, weights of %5.1f MB  %7.1f GMAC/s, weights at %5.1f GB/s\n",
              bits, rows, GroupedBytes(weights) / 1e6, products / seconds / 1e9,
              GroupedBytes(weights) / seconds / 1e9);
}

void Products(const kernels::KernelSet& kernels) {
  constexpr size_t kFewPanels = 4;     // in the second cache level
  constexpr size_t kManyPanels = 224;  // in the third or in memory
  std::printf("products, %s, one thread\n", kernels.name);
  for (const int bits : {8, 4}) {
    for (const size_t rows : {1U, 2U, 4U, 12U, 48U, 240U}) {
      MeasureProduct(kernels, bits, rows, kFewPanels);
    }
    MeasureProduct(kernels, bits, 1, kManyPanels);
  }
}

Status Generate(const std::string& model, const std::string& precision, size_t count,
                const kernels::KernelSet& kernels, ThreadPool& pool) {
  CODERANK_ASSIGN(const DecoderPrecision chosen, FindPrecision(precision));
  CODERANK_ASSIGN(const LoadedDecoder loaded,
                  LoadDecoder(model, {.precision = chosen}, kernels, pool));
  Generator text(loaded.decoder, pool, 4096);
  for (std::string line; std::getline(std::cin, line);) {
    std::vector<int32_t> ids;
    loaded.tokenizer->AppendTemplate(nlohmann::json::parse(line).get<std::string>(), ids);
    std::vector<int32_t> made;
    CODERANK_TRY(text.Rewind(0));
    std::vector<int32_t> next = ids;
    while (made.size() < count) {
      CODERANK_ASSIGN(const auto logits, text.Forward(next));
      made.push_back(
          static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin()));
      next = {made.back()};
    }
    std::cout << nlohmann::json{{"ids", ids}, {"next", made}} << "\n" << std::flush;
  }
  return OkStatus();
}

Status Rank(const std::string& model, const std::string& precision, const std::string& answers,
            const kernels::KernelSet& kernels, ThreadPool& pool) {
  CODERANK_ASSIGN(const DecoderPrecision chosen, FindPrecision(precision));
  CODERANK_ASSIGN(LoadedDecoder loaded, LoadDecoder(model, {.precision = chosen}, kernels, pool));
  CODERANK_ASSIGN(const auto ranker, ListwiseReranker::Make(std::move(loaded), SIZE_MAX, pool));
  for (std::string line; std::getline(std::cin, line);) {
    const auto list = nlohmann::json::parse(line);
    const std::vector<std::string> texts = list.at("documents");
    const std::vector<std::string_view> documents(texts.begin(), texts.end());
    CODERANK_ASSIGN(const ListwiseJudgement judgement,
                    ranker->Rank(list.at("query").get<std::string>(), documents,
                                 {.constrained = answers != "free"}));
    std::cout << nlohmann::json{{"order", judgement.order},
                                {"steps", judgement.steps},
                                {"tokens", judgement.tokens},
                                {"seconds", judgement.seconds}}
              << std::endl;
  }
  return OkStatus();
}

Status Tokenize(const std::string& model) {
  CODERANK_ASSIGN(const auto tokenizer, LoadDecoderTokenizer(model));
  for (std::string line; std::getline(std::cin, line);) {
    const auto text = nlohmann::json::parse(line).get<std::string>();
    std::cout << nlohmann::json(tokenizer->Encode(text, SIZE_MAX).ids) << '\n';
  }
  return OkStatus();
}

Status Run(const std::vector<std::string>& arguments) {
  CODERANK_ASSIGN(const kernels::KernelSet* kernels, kernels::ChooseKernels());
  const std::string verb = arguments.empty() ? "" : arguments[0];
  if (verb == "tokenize" && arguments.size() == 2) return Tokenize(arguments[1]);
  if (verb == "products") {
    Products(*kernels);
    return OkStatus();
  }
  if (arguments.size() < 3) {
    return InvalidArgument("expected speed, random, generate, rank or tokenize with its arguments");
  }
  if (verb == "rank" && arguments.size() == 4) {
    ThreadPool pool(std::thread::hardware_concurrency());
    return Rank(arguments[1], arguments[2], arguments[3], *kernels, pool);
  }
  const bool generate = verb == "generate";
  const unsigned long number = arguments.size() > 3 ? std::stoul(arguments[3]) : 0;
  ThreadPool pool(number == 0 || generate ? std::thread::hardware_concurrency() : number);
  if (generate) return Generate(arguments[1], arguments[2], number, *kernels, pool);
  std::printf("%s %s %s, %s, %zu threads\n", verb.c_str(), arguments[1].c_str(),
              arguments[2].c_str(), kernels->name, pool.size());
  if (verb == "random") return Random(arguments[1], arguments[2], *kernels, pool);
  return Speed(arguments[1], arguments[2], *kernels, pool);
}

}  // namespace
}  // namespace coderank::bench

int main(int argc, char** argv) {
  const coderank::Status status = coderank::bench::Run({argv + 1, argv + argc});
  if (status.ok()) return 0;
  std::fprintf(stderr, "decoder_bench: %s\n", status.message().c_str());
  return 2;
}
