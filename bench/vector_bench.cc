// Search over many vectors: the time of each way, and how much of the exact answer it finds.
//
//   vector_bench [--rows N] [--dimension N] [--clusters N] [--queries N] [--threads N]
//   vector_bench --index FOLDER [...]      vectors of an index; every 20th is a query instead
//
// The vectors that are made up lie in clusters within groups of clusters, with coordinates of
// unequal weight about a direction that all share, because those of text models do; the noise in a
// cluster is such that the ten best of a query score about what they do for real code. The answer
// to compare with is exact: f32, over the vectors before any rounding. All ways take turns query
// by query, and the machine's own rate of reading is measured in the same run.
//
// Needs memory for the f16 rows and the segment: 2.4 GB for a million rows of 768. Prints a table.
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/strings.h"
#include "base/thread_pool.h"
#include "base/try.h"
#include "kernels/kernel_set.h"
#include "machine_rates.h"
#include "store/index_store.h"
#include "vectors/segment_writer.h"
#include "vectors/vector_index.h"

namespace coderank::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Vector = std::vector<float>;

constexpr size_t kWanted = 10;    // recall@10
constexpr size_t kFetched = 100;  // candidates whose scores are computed again from f16 rows
constexpr size_t kQueryStep = 20;

struct Options {
  size_t rows = 1'000'000;
  size_t dimension = 768;
  size_t clusters = 4000;
  size_t queries = 50;
  size_t threads = 2;
  std::string index;
};

// Normal enough and fast: the sum of four 16-bit uniforms (xorshift64*).
class Noise {
 public:
  explicit Noise(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
  uint64_t Bits() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1DULL;
  }
  float Next() {
    const uint64_t bits = Bits();
    const auto sum = static_cast<float>((bits & 0xffff) + (bits >> 16 & 0xffff) +
                                        (bits >> 32 & 0xffff) + (bits >> 48));
    return (sum - 131070.0F) * (1.0F / 37837.0F);
  }

 private:
  uint64_t state_;
};

class Clusters {
 public:
  explicit Clusters(const Options& options) : noise_(7), weight_(options.dimension) {
    constexpr size_t kGroups = 64;
    for (size_t i = 0; i < weight_.size(); ++i) {
      weight_[i] = std::pow(static_cast<float>(i + 1), -0.25F);
    }
    const Vector shared = Around(Vector(weight_.size()), 0.5F);
    std::vector<Vector> groups;
    for (size_t i = 0; i < kGroups; ++i) groups.push_back(Around(shared, 0.5F));
    for (size_t i = 0; i < options.clusters; ++i) {
      centres_.push_back(Around(groups[i % kGroups], 0.7F));
    }
  }

  Vector Next() {
    Vector v = Around(centres_[noise_.Bits() % centres_.size()], 0.9F);
    double squares = 0;
    for (const float x : v) squares += static_cast<double>(x) * x;
    for (float& x : v) x = static_cast<float>(x / std::sqrt(squares));
    return v;
  }

 private:
  Vector Around(const Vector& centre, float deviation) {
    Vector v(centre);
    for (size_t i = 0; i < v.size(); ++i) v[i] += deviation * weight_[i] * noise_.Next();
    return v;
  }

  Noise noise_;
  Vector weight_;
  std::vector<Vector> centres_;
};

struct Scored {
  float score;
  size_t row;
  bool operator<(const Scored& other) const {
    return score != other.score ? score > other.score : row < other.row;
  }
};

void Keep(std::vector<Scored>& best, Scored scored, size_t count) {
  if (best.size() == count && !(scored < best.back())) return;
  best.insert(std::upper_bound(best.begin(), best.end(), scored), scored);
  if (best.size() > count) best.pop_back();
}

// The queries, the rows in f16, and the exact answers, which are found while the rows are made.
struct Data {
  size_t dimension = 0;
  std::vector<Vector> queries;
  std::vector<uint16_t> rows;
  std::vector<std::vector<Scored>> exact;  // of each query, kFetched
  size_t count() const { return rows.size() / dimension; }

  void Add(const Vector& row, const kernels::KernelSet& kernels) {
    const size_t at = count();
    rows.resize(rows.size() + dimension);
    kernels.f32_to_f16(row.data(), dimension, rows.data() + at * dimension);
    for (size_t q = 0; q < queries.size(); ++q) {
      Keep(exact[q], {kernels.dot(queries[q].data(), row.data(), dimension), at}, kFetched);
    }
  }
};

Data MakeUp(const Options& options, const kernels::KernelSet& kernels) {
  Clusters clusters(options);
  Data data{.dimension = options.dimension, .exact = {}};
  data.rows.reserve(options.rows * options.dimension);
  for (size_t q = 0; q < options.queries; ++q) data.queries.push_back(clusters.Next());
  data.exact.resize(options.queries);
  for (size_t i = 0; i < options.rows; ++i) data.Add(clusters.Next(), kernels);
  return data;
}

Result<Data> FromIndex(const Options& options, const kernels::KernelSet& kernels) {
  CODERANK_ASSIGN(const IndexStore store, IndexStore::OpenForReading(options.index));
  CODERANK_ASSIGN(const size_t dimension, store.VectorDimension());
  std::vector<Vector> rows;
  Data data{.dimension = dimension, .exact = {}};
  size_t seen = 0;
  CODERANK_TRY(store.ScanVectors(dimension, [&](int64_t, const uint16_t* row) {
    Vector v(dimension);
    kernels.f16_to_f32(row, dimension, v.data());
    const bool query = seen++ % kQueryStep == 0 && data.queries.size() < options.queries;
    (query ? data.queries : rows).push_back(std::move(v));
  }));
  data.exact.resize(data.queries.size());
  for (const Vector& row : rows) data.Add(row, kernels);
  return data;
}

Result<VectorIndex> MakeIndex(const Data& data, const kernels::KernelSet& kernels) {
  std::string folder = (std::filesystem::temp_directory_path() / "vector_bench.XXXXXX").native();
  if (::mkdtemp(folder.data()) == nullptr) return Unavailable("cannot make a temporary folder");
  const Sha256Digest identity = VectorIdentity("bench", "");
  const auto write = [&]() -> Result<VectorIndex> {
    CODERANK_ASSIGN(
        auto writer,
        VectorSegmentWriter::Create(
            std::filesystem::path(folder) / VectorIndex::kBaseName,
            {.identity = identity, .dimension = data.dimension, .row_count = data.count()},
            kernels));
    for (size_t row = 0; row < data.count(); ++row) {
      CODERANK_TRY(writer.Add(static_cast<int64_t>(row),
                              std::span(data.rows).subspan(row * data.dimension, data.dimension)));
    }
    CODERANK_TRY(writer.Finish());
    return VectorIndex::Open(folder, identity);
  };
  auto index = write();
  std::filesystem::remove_all(folder);  // a mapped file lives on
  return index;
}

struct Way {
  std::string name;
  double bytes;  // read from memory, about
  std::function<std::vector<size_t>(const Vector&)> search;
  std::vector<double> seconds;
  size_t found = 0;  // of the exact answers
};

class Bench {
 public:
  Bench(const Data& data, const VectorIndex& index, const kernels::KernelSet& kernels,
        ThreadPool& pool)
      : data_(data), index_(index), kernels_(kernels), pool_(pool) {
    const auto rows = static_cast<double>(data.count());
    const VectorSegment& base = index.segments().front();
    const auto exact_bytes = rows * static_cast<double>(base.depth());
    const auto sign_bytes = rows * static_cast<double>(base.words()) * 8;
    AddIndexWay("chosen", 0, ScanMethod::kByCost);
    AddIndexWay("signs", sign_bytes, ScanMethod::kSigns);
    AddIndexWay("int8", exact_bytes, ScanMethod::kExact);
    ways_.push_back({"f16",
                     rows * static_cast<double>(data.dimension) * 2,
                     [this](const Vector& query) { return ScanHalves(query); },
                     {}});
  }

  void Run() {
    for (size_t q = 0; q < data_.queries.size(); ++q) {
      for (size_t i = 0; i < ways_.size(); ++i) {
        Way& way = ways_[(q + i) % ways_.size()];
        const auto start = Clock::now();
        const auto rows = way.search(data_.queries[q]);
        way.seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
        for (size_t best = 0; best < kWanted; ++best) {
          way.found +=
              static_cast<size_t>(std::count(rows.begin(), rows.end(), data_.exact[q][best].row));
        }
      }
    }
  }

  void Print(double read_rate) {
    std::printf("%-8s %9s %9s %9s %9s %9s %9s\n", "way", "least ms", "p50 ms", "p95 ms", "x chosen",
                "recall@10", "of read");
    double chosen = 0;
    for (Way& way : ways_) {
      std::sort(way.seconds.begin(), way.seconds.end());
      const double p50 = way.seconds[way.seconds.size() / 2];
      const double p95 = way.seconds[way.seconds.size() * 95 / 100];
      if (chosen == 0) chosen = p50;
      std::printf(
          "%-8s %9.2f %9.2f %9.2f %9.2f %9.4f %8.0f%%\n", way.name.c_str(),
          way.seconds.front() * 1e3, p50 * 1e3, p95 * 1e3, p50 / chosen,
          static_cast<double>(way.found) / static_cast<double>(kWanted * data_.queries.size()),
          100 * way.bytes / way.seconds.front() / read_rate);
    }
  }

 private:
  void AddIndexWay(std::string name, double bytes, ScanMethod method) {
    ways_.push_back({std::move(name),
                     bytes,
                     [this, method](const Vector& query) { return SearchIndex(query, method); },
                     {}});
  }

  // As a search does it: int8 scores choose candidates, f16 rows order them.
  std::vector<size_t> SearchIndex(const Vector& query, ScanMethod method) const {
    const auto hits = index_.Search(query, kFetched, nullptr, {kernels_, pool_}, method);
    std::vector<Scored> best;
    for (const VectorHit& hit : *hits) {
      const auto row = static_cast<size_t>(hit.text_id);
      Keep(best, {Half(query, row), row}, kWanted);
    }
    return RowsOf(best);
  }

  std::vector<size_t> ScanHalves(const Vector& query) const {
    std::vector<std::vector<Scored>> parts(pool_.size());
    pool_.ParallelFor(parts.size(), [&](size_t part) {
      const size_t end = data_.count() * (part + 1) / parts.size();
      for (size_t row = data_.count() * part / parts.size(); row < end; ++row) {
        Keep(parts[part], {Half(query, row), row}, kWanted);
      }
    });
    for (size_t i = 1; i < parts.size(); ++i) {
      for (const Scored& scored : parts[i]) Keep(parts[0], scored, kWanted);
    }
    return RowsOf(parts[0]);
  }

  float Half(const Vector& query, size_t row) const {
    return kernels_.dot_f16(query.data(), data_.rows.data() + row * data_.dimension,
                            data_.dimension);
  }
  static std::vector<size_t> RowsOf(const std::vector<Scored>& best) {
    std::vector<size_t> rows;
    for (const Scored& scored : best) rows.push_back(scored.row);
    return rows;
  }

  const Data& data_;
  const VectorIndex& index_;
  const kernels::KernelSet& kernels_;
  ThreadPool& pool_;
  std::vector<Way> ways_;
};

void PrintSimilarities(const Data& data) {
  double sums[3] = {};
  for (const auto& best : data.exact) {
    sums[0] += best[0].score;
    sums[1] += best[kWanted - 1].score;
    sums[2] += best[kFetched - 1].score;
  }
  const auto count = static_cast<double>(data.queries.size());
  std::printf("%zu rows of %zu, %zu queries; mean cosine of the 1st, 10th, 100th: %.3f %.3f %.3f\n",
              data.count(), data.dimension, data.queries.size(), sums[0] / count, sums[1] / count,
              sums[2] / count);
}

Status RunBench(const Options& options) {
  CODERANK_ASSIGN(const kernels::KernelSet* kernels, kernels::ChooseKernels());
  ThreadPool pool(options.threads);
  Data data;
  if (options.index.empty()) {
    data = MakeUp(options, *kernels);
  } else {
    CODERANK_ASSIGN(data, FromIndex(options, *kernels));
  }
  if (data.queries.empty() || data.count() < kFetched) {
    return InvalidArgument("too few vectors to measure");
  }
  PrintSimilarities(data);
  const auto start = Clock::now();
  CODERANK_ASSIGN(const VectorIndex index, MakeIndex(data, *kernels));
  std::printf("segment written in %.1f s\n",
              std::chrono::duration<double>(Clock::now() - start).count());
  const Rate read = ReadRate(options.threads, LastLevelCacheBytes());
  std::printf("kernels %s, %zu threads, memory read at %.1f GB/s\n", kernels->name, options.threads,
              read.per_second / 1e9);
  Bench bench(data, index, *kernels, pool);
  bench.Run();
  bench.Print(read.per_second);
  return OkStatus();
}

bool ParseOptions(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const size_t number = std::strtoul(argv[i + 1], nullptr, 10);
    if (name == "--rows")
      options.rows = number;
    else if (name == "--dimension")
      options.dimension = number;
    else if (name == "--clusters")
      options.clusters = number;
    else if (name == "--queries")
      options.queries = number;
    else if (name == "--threads")
      options.threads = number;
    else if (name == "--index")
      options.index = argv[i + 1];
    else
      return false;
  }
  return argc % 2 == 1 && options.dimension > 0 && options.clusters > 0 && options.threads > 0;
}

}  // namespace
}  // namespace coderank::bench

int main(int argc, char** argv) {
  coderank::bench::Options options;
  if (!coderank::bench::ParseOptions(argc, argv, options)) {
    std::fprintf(stderr,
                 "usage: vector_bench [--rows N] [--dimension N] [--clusters N] "
                 "[--queries N] [--threads N] [--index FOLDER]\n");
    return 2;
  }
  const coderank::Status status = coderank::bench::RunBench(options);
  if (status.ok()) return 0;
  std::fprintf(stderr, "vector_bench: %s\n", status.message().c_str());
  return 2;
}
