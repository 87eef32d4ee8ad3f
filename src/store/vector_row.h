// Vectors as they are stored: rows of IEEE binary16.
#pragma once

#include <cstdint>
#include <span>

namespace coderank {

// Finite and of length 1 within what rounding can change. For rows that come from a file.
bool IsUnitRow(std::span<const uint16_t> row);

}  // namespace coderank
