// Writes GGUF files for tests, right or wrong ones: nothing that is asked for is checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coderank::testing {

class GgufWriter {
 public:
  // On-disk numbers of value types.
  static constexpr uint32_t kUint32 = 4;
  static constexpr uint32_t kInt32 = 5;
  static constexpr uint32_t kFloat32 = 6;
  static constexpr uint32_t kBool = 7;
  static constexpr uint32_t kString = 8;
  static constexpr uint32_t kArray = 9;
  // And of tensor types.
  static constexpr uint32_t kF32 = 0;
  static constexpr uint32_t kF16 = 1;

  uint32_t version = 3;
  uint64_t alignment = 32;  // of the tensors; write the key "general.alignment" for another one

  void Value(std::string_view key, uint32_t type, std::string_view bytes);
  void Uint(std::string_view key, uint32_t value) { Value(key, kUint32, Bytes(value)); }
  void Float(std::string_view key, float value) { Value(key, kFloat32, Bytes(value)); }
  void Flag(std::string_view key, bool value) { Value(key, kBool, std::string(1, value ? 1 : 0)); }
  void Text(std::string_view key, std::string_view value) { Value(key, kString, String(value)); }
  void Texts(std::string_view key, const std::vector<std::string>& values);
  void Ints(std::string_view key, const std::vector<int32_t>& values);

  // `shape` is row-major. The second form says where the data lies and writes none.
  void Tensor(std::string_view name, const std::vector<uint64_t>& shape, uint32_t type,
              std::string_view data);
  void TensorAt(std::string_view name, const std::vector<uint64_t>& shape, uint32_t type,
                uint64_t offset);
  void Data(std::string_view data) { data_ += data; }

  std::string File() const;

  // Parts of the format.
  static std::string String(std::string_view text);
  template <typename T>
  static std::string Bytes(T value) {
    return {reinterpret_cast<const char*>(&value), sizeof(value)};
  }

 private:
  uint64_t pairs_ = 0;
  uint64_t tensors_ = 0;
  std::string metadata_;
  std::string infos_;
  std::string data_;
};

}  // namespace coderank::testing
