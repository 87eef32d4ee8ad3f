// Text for messages.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <type_traits>

namespace coderank {

namespace internal {

template <typename T>
void AppendPiece(std::string& out, const T& piece) {
  if constexpr (std::is_same_v<T, std::filesystem::path>) {
    out += piece.native();
  } else if constexpr (std::is_same_v<T, char>) {
    out += piece;
  } else if constexpr (std::is_same_v<T, bool>) {
    out += piece ? "true" : "false";
  } else if constexpr (std::is_arithmetic_v<T>) {
    out += std::to_string(piece);
  } else {
    out += std::string_view(piece);
  }
}

}  // namespace internal

// The pieces in one string: numbers in decimal, paths as their bytes.
template <typename... Pieces>
std::string StrCat(const Pieces&... pieces) {
  std::string out;
  (internal::AppendPiece(out, pieces), ...);
  return out;
}

}  // namespace coderank
