// What the client of Qdrant costs beside the server: points a second, and the time of searches in
// the client less the time that the server says it took.
//
//   qdrant_worker URL [POINTS] [DIMENSION]
//
// Makes the collection coderank-bench and deletes it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/elapsed.h"
#include "base/try.h"
#include "qdrant/client.h"

namespace coderank {
namespace {

using Clock = std::chrono::steady_clock;
using qdrant::Client;
using qdrant::Point;
using qdrant::PointId;

constexpr const char* kCollection = "coderank-bench";
constexpr int kSearches = 500;
constexpr uint32_t kWanted = 100;  // as `search --collection` asks for

std::vector<float> RandomVector(size_t dimension, std::minstd_rand& random) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(dimension);
  for (float& value : vector) value = normal(random);
  return vector;
}

// With a text of 1.5 kB, as a chunk of code has.
Point MakePoint(size_t number, size_t dimension, std::minstd_rand& random) {
  std::string text;
  while (text.size() < 1500) text += "int value" + std::to_string(random() % 100'000) + " = 0;\n";
  return {.id = PointId(number),
          .payload = {{"codeChunk", text}, {"filePath", "src/file.cc"}, {"startLine", number}},
          .vector = RandomVector(dimension, random)};
}

double Percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

Status MeasureUpserts(Client& client, size_t count, size_t dimension, std::minstd_rand& random) {
  std::vector<Point> points;
  for (size_t i = 0; i < count; ++i) points.push_back(MakePoint(i, dimension, random));
  auto start = Clock::now();
  size_t bytes = 0;
  for (const Point& point : points) bytes += UpsertText(point, "").size();
  const double written_ms = MillisecondsSince(start);
  start = Clock::now();
  CODERANK_TRY(client.Upsert(kCollection, points));
  const double milliseconds = MillisecondsSince(start);
  std::printf(
      "upsert   %zu points of %zu numbers, %.1f MB: %.0f points/s; writing their JSON alone "
      "%.0f points/s\n",
      count, dimension, static_cast<double>(bytes) / 1e6,
      1000 * static_cast<double>(count) / milliseconds,
      1000 * static_cast<double>(count) / written_ms);
  return OkStatus();
}

Status MeasureSearches(Client& client, size_t dimension, std::minstd_rand& random) {
  std::vector<double> whole;
  std::vector<double> own;
  for (int i = 0; i < kSearches; ++i) {
    const std::vector<float> query = RandomVector(dimension, random);
    const auto start = Clock::now();
    CODERANK_ASSIGN(
        const qdrant::SearchReply reply,
        client.Search(kCollection,
                      {.vector = query, .vector_name = {}, .limit = kWanted, .filter = {}}));
    whole.push_back(MillisecondsSince(start));
    own.push_back(whole.back() - 1000 * reply.seconds);
  }
  std::printf(
      "search   %d of %u points each: p50 %.2f ms, p95 %.2f ms; less the server's time: p50 "
      "%.2f ms, p95 %.2f ms\n",
      kSearches, kWanted, Percentile(whole, 0.5), Percentile(whole, 0.95), Percentile(own, 0.5),
      Percentile(own, 0.95));
  return OkStatus();
}

Status Run(const std::string& url, size_t count, size_t dimension) {
  qdrant::Options options;
  options.url = url;
  CODERANK_ASSIGN(Client client, Client::Open(std::move(options)));
  CODERANK_TRY(client.Delete(kCollection));
  CODERANK_TRY(client.Create(kCollection, {.size = dimension}));
  std::minstd_rand random(1);
  CODERANK_TRY(MeasureUpserts(client, count, dimension, random));
  CODERANK_TRY(MeasureSearches(client, dimension, random));
  return client.Delete(kCollection);
}

}  // namespace
}  // namespace coderank

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: qdrant_worker URL [POINTS] [DIMENSION]\n", stderr);
    return 2;
  }
  const size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 5000;
  const size_t dimension = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 768;
  const coderank::Status status = coderank::Run(argv[1], count, dimension);
  if (status.ok()) return 0;
  std::fprintf(stderr, "qdrant_worker: %s\n", status.message().c_str());
  return 1;
}
