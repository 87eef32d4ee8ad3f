#include "lexical/bm25f.h"

#include <algorithm>
#include <cmath>

#include "base/checksum.h"
#include "text/identifiers.h"

namespace coderank {

double FieldFrequency(size_t field, uint32_t count, uint32_t length, float average) {
  if (count == 0) return 0;
  const FieldConstants& constants = kFieldConstants[field];
  const double relative = average > 0 ? static_cast<double>(length) / average : 1.0;
  return constants.weight * count / (1 - constants.b + constants.b * relative);
}

double Saturate(double frequency) { return frequency / (kSaturation + frequency); }

uint8_t QuantizeImpact(double impact) {
  const double scaled = std::round(impact * kImpactScale);
  return static_cast<uint8_t>(std::clamp(scaled, 1.0, double{kImpactScale}));
}

uint8_t Impact(const FieldCounts& counts, const FieldCounts& lengths,
               const FieldLengths& averages) {
  double frequency = 0;
  for (size_t f = 0; f < kLexicalFields; ++f) {
    frequency += FieldFrequency(f, counts[f], lengths[f], averages[f]);
  }
  return QuantizeImpact(Saturate(frequency));
}

double InverseDocumentFrequency(uint64_t documents, uint64_t with_term) {
  const auto n = static_cast<double>(std::min(with_term, documents));
  return std::log(1 + (static_cast<double>(documents) - n + 0.5) / (n + 0.5));
}

uint64_t LexicalConstantsVersion() {
  static const uint64_t version = [] {
    std::array<double, 2 * kLexicalFields + 2> all{};
    for (size_t f = 0; f < kLexicalFields; ++f) {
      all[2 * f] = kFieldConstants[f].weight;
      all[2 * f + 1] = kFieldConstants[f].b;
    }
    all[2 * kLexicalFields] = kSaturation;
    all[2 * kLexicalFields + 1] = kTokenVersion;
    return Checksum64(std::as_bytes(std::span(all)));
  }();
  return version;
}

}  // namespace coderank
