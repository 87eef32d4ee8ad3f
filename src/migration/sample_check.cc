#include "migration/sample_check.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "migration/text_key.h"

namespace coderank {
namespace {

constexpr uint32_t kSample = 20;

// 0 where one of them is all zeros.
double Cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double product = 0;
  double square_a = 0;
  double square_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    product += static_cast<double>(a[i]) * b[i];
    square_a += static_cast<double>(a[i]) * a[i];
    square_b += static_cast<double>(b[i]) * b[i];
  }
  return square_a == 0 || square_b == 0 ? 0 : product / std::sqrt(square_a * square_b);
}

}  // namespace

Result<SampleCheck> CheckSample(qdrant::Client& client, const DocumentVectors& vectors,
                                const std::string& collection, const std::string& vector_name,
                                const std::string& text_key, const CancellationToken* cancel) {
  CODERANK_ASSIGN(std::vector<qdrant::Point> points,
                  client.Sample(collection, kSample, vector_name));
  std::erase_if(points, [&](const auto& point) { return TextOf(point, text_key).empty(); });
  SampleCheck check{.points = points.size(), .worst = {}};
  if (points.empty()) return check;
  std::vector<std::string> texts;
  texts.reserve(points.size());
  for (const qdrant::Point& point : points) texts.push_back(TextOf(point, text_key));
  CODERANK_ASSIGN(const std::vector<DocumentVector> made, vectors.Computed(texts, cancel));
  std::vector<std::pair<double, size_t>> cosines;
  for (size_t i = 0; i < points.size(); ++i) {
    if (points[i].vector.size() != made[i].vector.size()) {
      return FailedPrecondition(StrCat(collection, ": point ", points[i].id.text(),
                                       ": expected a vector of ", made[i].vector.size(),
                                       " numbers, found ", points[i].vector.size()));
    }
    cosines.emplace_back(Cosine(points[i].vector, made[i].vector), i);
  }
  std::sort(cosines.begin(), cosines.end());
  check.least_cosine = cosines.front().first;
  check.worst = points[cosines.front().second].id.text();
  check.median_cosine = cosines[cosines.size() / 2].first;
  return check;
}

}  // namespace coderank
