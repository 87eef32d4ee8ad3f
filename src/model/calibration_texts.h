// The text on which a model is calibrated before it is quantised.
//
// Packing to int8 has to know which input channels of each linear layer are large. They belong to
// the model more than to the text, so a few thousand tokens of varied code and prose show them;
// the texts ship with the program so that packing the same weights gives the same file everywhere.
#pragma once

#include <span>
#include <string_view>

namespace coderank {

// Changes with any change of the texts: packed files made from others are not the same packing.
inline constexpr int kCalibrationTextsVersion = 1;

// Documents in many programming languages, data files, prose and short queries, in UTF-8. About
// 6,200 tokens in sum for an English WordPiece vocabulary, at most 171 in one text.
std::span<const std::string_view> CalibrationTexts();

}  // namespace coderank
