// Result<T>: a value or a Status. The used part of std::expected's interface, so that it can
// become an alias for std::expected<T, Status> when the project moves to C++23.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "coderank/status.h"

namespace coderank {

template <typename T>
class [[nodiscard]] Result {
  static_assert(!std::is_same_v<std::remove_cvref_t<T>, Status>, "Result<Status> is a Status");

 public:
  using value_type = T;

  // Implicit, so that functions can `return value;` and `return NotFound(...);`.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Status error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // Precondition: has_value().
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  // Precondition: !has_value().
  const Status& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Status> state_;
};

}  // namespace coderank
