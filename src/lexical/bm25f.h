// BM25F: how much a word in a document is worth, by where it stands. All constants are here.
//
//   frequency(t, d)  = sum over fields f of  weight_f * count(t, f, d) / norm_f(d)
//   norm_f(d)        = 1 - b_f + b_f * length_f(d) / average length_f
//   impact(t, d)     = frequency / (k1 + frequency)                       in [0, 1)
//   score(q, d)      = sum over words t of  weight(t, q) * idf(t) * impact(t, d)
//   idf(t)           = ln(1 + (N - n_t + 0.5) / (n_t + 0.5))              N documents, n_t with t
//
// Lengths are counted in tokens. An impact is stored in 8 bits, so a word's part of a score is off
// by at most 1/510 of its idf times its weight; the factor k1 + 1 of other definitions is left out,
// as it changes no order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace coderank {

enum class LexicalField : uint8_t {
  kDefinition,  // names that are defined in the chunk
  kScope,       // names of what encloses it
  kStem,        // the file's name without folders and extension
  kFolders,     // the folders above it
  kBody,        // the text
};
inline constexpr size_t kLexicalFields = 5;
inline constexpr std::array<const char*, kLexicalFields> kLexicalFieldNames = {
    "definition", "scope", "stem", "folders", "body"};

struct FieldConstants {
  double weight;
  double b;  // 0: the field's length does not matter; 1: counts are relative to it
};

// By LexicalField.
inline constexpr std::array<FieldConstants, kLexicalFields> kFieldConstants = {{
    {.weight = 5.0, .b = 0.3},
    {.weight = 1.0, .b = 0.3},
    {.weight = 2.5, .b = 0.0},
    {.weight = 0.7, .b = 0.0},
    {.weight = 1.0, .b = 0.75},
}};
inline constexpr double kSaturation = 2.0;  // k1

using FieldCounts = std::array<uint32_t, kLexicalFields>;
using FieldLengths = std::array<float, kLexicalFields>;

// Impacts are stored as multiples of 1/255, rounded, and at least 1: a document with the word must
// not look like one without.
inline constexpr uint32_t kImpactScale = 255;

// `lengths`: tokens of the document's fields. `averages`: over all documents; a field that is empty
// everywhere has 0, and its norm is 1.
double FieldFrequency(size_t field, uint32_t count, uint32_t length, float average);
double Saturate(double frequency);
uint8_t QuantizeImpact(double impact);
uint8_t Impact(const FieldCounts& counts, const FieldCounts& lengths, const FieldLengths& averages);

double InverseDocumentFrequency(uint64_t documents, uint64_t with_term);

// Changes with every constant above: impacts of other constants are not comparable.
uint64_t LexicalConstantsVersion();

}  // namespace coderank
