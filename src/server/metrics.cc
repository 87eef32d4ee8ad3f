#include "server/metrics.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/strings.h"
#include "coderank/version.h"

namespace coderank::server {
namespace {

std::string Number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  return text.data();
}

void Describe(std::string_view name, std::string_view help, std::string_view type,
              std::string& out) {
  out += StrCat("# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
}

std::string RouteLabel(const std::string& route) {
  return StrCat("route=\"", route.empty() ? "none" : route, "\"");
}

}  // namespace

void Metrics::Observe(const std::string& route, int status, double seconds) {
  const std::lock_guard lock(mutex_);
  ++requests_[{route, status}];
  Times& times = times_[route];
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++times.buckets[static_cast<size_t>(bound - kBounds.begin())];
  times.sum += seconds;
  ++times.count;
}

std::string Metrics::Text(const std::vector<Gauge>& gauges) const {
  std::string out;
  Describe("coderank_build_info", "The version that runs.", "gauge", out);
  out += StrCat("coderank_build_info{version=\"", Version(), "\"} 1\n");
  for (const Gauge& gauge : gauges) {
    Describe(gauge.name, gauge.help, "gauge", out);
    out += StrCat(gauge.name, " ", Number(gauge.value), "\n");
  }
  const std::lock_guard lock(mutex_);
  Describe("coderank_http_requests_total", "Requests; status 0: the client left.", "counter", out);
  for (const auto& [key, count] : requests_) {
    out += StrCat("coderank_http_requests_total{", RouteLabel(key.first), ",status=\"", key.second,
                  "\"} ", count, "\n");
  }
  constexpr std::string_view kTimes = "coderank_http_request_seconds";
  Describe(kTimes, "From a request's headers to the end of its answer.", "histogram", out);
  for (const auto& [route, times] : times_) {
    uint64_t below = 0;
    for (size_t i = 0; i < times.buckets.size(); ++i) {
      below += times.buckets[i];
      out += StrCat(kTimes, "_bucket{", RouteLabel(route), ",le=\"",
                    i < kBounds.size() ? Number(kBounds[i]) : "+Inf", "\"} ", below, "\n");
    }
    out += StrCat(kTimes, "_sum{", RouteLabel(route), "} ", Number(times.sum), "\n");
    out += StrCat(kTimes, "_count{", RouteLabel(route), "} ", times.count, "\n");
  }
  return out;
}

}  // namespace coderank::server
