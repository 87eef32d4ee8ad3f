// The formulas of transformers' modeling_rope_utils: linear (kaiokendev, 2023), llama3 (Dubey et
// al., 2024) and YaRN (Peng et al., 2023).
#include "model/rotary_scaling.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

constexpr double kMaxFactor = 1e6;
constexpr double kMaxPositions = 1e9;

Result<float> RequiredNumber(const JsonConfig& json, const char* key, double most) {
  CODERANK_ASSIGN(const std::optional<double> value, json.Number(key, 1e-6, most));
  if (!value) return json.Unexpected(key, "a number");
  return static_cast<float>(*value);
}

Result<float> NumberOr(const JsonConfig& json, const char* key, double otherwise) {
  CODERANK_ASSIGN(const std::optional<double> value, json.Number(key, 0, kMaxFactor));
  return static_cast<float>(value.value_or(0) != 0 ? *value : otherwise);  // 0 is "not given"
}

Result<std::string> ReadType(const JsonConfig& rotary) {
  CODERANK_ASSIGN(std::optional<std::string> type, rotary.Text("rope_type"));
  if (!type) {
    CODERANK_ASSIGN(type, rotary.Text("type"));  // its older name
  }
  return std::move(type).value_or("default");
}

Status ReadLlama3(const JsonConfig& rotary, RotaryScaling& scaling) {
  scaling.kind = RotaryScaling::Kind::kLlama3;
  CODERANK_ASSIGN(scaling.low, RequiredNumber(rotary, "low_freq_factor", kMaxFactor));
  CODERANK_ASSIGN(scaling.high, RequiredNumber(rotary, "high_freq_factor", kMaxFactor));
  CODERANK_ASSIGN(scaling.trained_positions,
                  RequiredNumber(rotary, "original_max_position_embeddings", kMaxPositions));
  return OkStatus();
}

// YaRN's magnitude for positions stretched by `factor`.
double Magnitude(double factor, double weight) {
  return factor <= 1 ? 1 : 0.1 * weight * std::log(factor) + 1;
}

Result<float> ReadMagnitude(const JsonConfig& rotary, double factor) {
  CODERANK_ASSIGN(const auto given, rotary.Number("attention_factor", 0, kMaxFactor));
  if (given) return static_cast<float>(*given);
  CODERANK_ASSIGN(const auto weight, rotary.Number("mscale", 0, kMaxFactor));
  CODERANK_ASSIGN(const auto divisor, rotary.Number("mscale_all_dim", 0, kMaxFactor));
  if (weight.value_or(0) != 0 && divisor.value_or(0) != 0) {
    return static_cast<float>(Magnitude(factor, *weight) / Magnitude(factor, *divisor));
  }
  return static_cast<float>(Magnitude(factor, 1));
}

Status ReadYarn(const JsonConfig& rotary, size_t positions, RotaryScaling& scaling) {
  scaling.kind = RotaryScaling::Kind::kYarn;
  CODERANK_ASSIGN(scaling.high, NumberOr(rotary, "beta_fast", 32));
  CODERANK_ASSIGN(scaling.low, NumberOr(rotary, "beta_slow", 1));
  CODERANK_ASSIGN(const auto trained,
                  rotary.Number("original_max_position_embeddings", 1, kMaxPositions));
  scaling.trained_positions = static_cast<float>(trained.value_or(static_cast<double>(positions)));
  CODERANK_ASSIGN(const auto truncate, rotary.Flag("truncate"));
  scaling.whole_dimensions = truncate.value_or(true);
  CODERANK_ASSIGN(scaling.magnitude, ReadMagnitude(rotary, scaling.factor));
  return OkStatus();
}

void ScaleLlama3(const RotaryScaling& scaling, std::span<float> frequencies) {
  const float longest_kept = scaling.trained_positions / scaling.high;
  const float shortest_divided = scaling.trained_positions / scaling.low;
  for (float& frequency : frequencies) {
    const float wave = 2 * std::numbers::pi_v<float> / frequency;  // positions
    if (wave < longest_kept) continue;
    const float divided = frequency / scaling.factor;
    if (wave > shortest_divided) {
      frequency = divided;
    } else {
      const float kept =
          (scaling.trained_positions / wave - scaling.low) / (scaling.high - scaling.low);
      frequency = (1 - kept) * divided + kept * frequency;
    }
  }
}

void ScaleYarn(const RotaryScaling& scaling, double base, std::span<float> frequencies) {
  const auto size = static_cast<double>(2 * frequencies.size());
  // The dimension (of half the head) that turns so often within the trained length.
  const auto dimension_of = [&](double turns) {
    return size * std::log(scaling.trained_positions / (turns * 2 * std::numbers::pi)) /
           (2 * std::log(base));
  };
  double first = dimension_of(scaling.high);
  double last = dimension_of(scaling.low);
  if (scaling.whole_dimensions) {
    first = std::floor(first);
    last = std::ceil(last);
  }
  first = std::max(first, 0.0);
  last = std::min(last, size - 1);
  if (first == last) last += 0.001;  // as the reference does
  for (size_t i = 0; i < frequencies.size(); ++i) {
    const double ramp = (static_cast<double>(i) - first) / (last - first);
    const auto divided = static_cast<float>(std::clamp(ramp, 0.0, 1.0));
    frequencies[i] = frequencies[i] / scaling.factor * divided + frequencies[i] * (1 - divided);
  }
}

}  // namespace

Result<std::optional<RotaryScaling>> ReadRotaryScaling(const JsonConfig& rotary, size_t positions) {
  CODERANK_ASSIGN(const std::string type, ReadType(rotary));
  if (type == "default" || type == "dynamic") return std::optional<RotaryScaling>();
  RotaryScaling scaling{.kind = RotaryScaling::Kind::kLinear,
                        .factor = 1,
                        .trained_positions = 0,
                        .low = 0,
                        .high = 0,
                        .whole_dimensions = false,
                        .magnitude = 1};
  if (type != "linear" && type != "llama3" && type != "yarn") {
    return InvalidArgument(StrCat(rotary.source(),
                                  ": rope_type: expected default, linear, dynamic, llama3 or yarn, "
                                  "found \"",
                                  type, "\"; other scalings of positions are not supported"));
  }
  CODERANK_ASSIGN(scaling.factor, RequiredNumber(rotary, "factor", kMaxFactor));
  if (type == "llama3") CODERANK_TRY(ReadLlama3(rotary, scaling));
  if (type == "yarn") CODERANK_TRY(ReadYarn(rotary, positions, scaling));
  return std::optional(scaling);
}

void ScaleFrequencies(const RotaryScaling& scaling, float base, std::span<float> frequencies) {
  switch (scaling.kind) {
    case RotaryScaling::Kind::kLinear:
      for (float& frequency : frequencies) frequency /= scaling.factor;
      break;
    case RotaryScaling::Kind::kLlama3:
      ScaleLlama3(scaling, frequencies);
      break;
    case RotaryScaling::Kind::kYarn:
      ScaleYarn(scaling, base, frequencies);
      break;
  }
}

}  // namespace coderank
