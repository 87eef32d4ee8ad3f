// Counters and times of requests, in the text format of Prometheus.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace coderank::server {

// A number that is read when metrics are asked for.
struct Gauge {
  std::string name;
  std::string help;
  double value = 0;
};

// Thread-safe. Labels come from the route table, so their number is bounded.
class Metrics {
 public:
  // `route` empty: no route matched. `status` 0: the client left before its answer.
  void Observe(const std::string& route, int status, double seconds);
  std::string Text(const std::vector<Gauge>& gauges) const;

 private:
  // Upper bounds in seconds; a search takes milliseconds, a first index a minute.
  static constexpr std::array<double, 13> kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                     0.25,  0.5,    1,     5,    15,    60};
  struct Times {
    std::array<uint64_t, kBounds.size() + 1> buckets{};  // the last: beyond all bounds
    double sum = 0;
    uint64_t count = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, uint64_t> requests_;  // guarded by mutex_
  std::map<std::string, Times> times_;                        // guarded by mutex_
};

}  // namespace coderank::server
