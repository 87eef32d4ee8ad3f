// Texts that a model is calibrated with before its weights are quantised (pack_model.h).
#pragma once

#include <span>
#include <string_view>

namespace coderank {

// Code, comments, configuration, prose and questions, as an index meets them.
std::span<const std::string_view> CalibrationTexts();

}  // namespace coderank
