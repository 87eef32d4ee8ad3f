// The key-value part of a GGUF file. Values are views into the file's bytes and are decoded when
// asked for, so a header costs memory for its keys only, whatever its arrays claim.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_cursor.h"
#include "coderank/result.h"

namespace coderank {

enum class GgufValueType : uint32_t {  // on disk
  kUint8 = 0,
  kInt8 = 1,
  kUint16 = 2,
  kInt16 = 3,
  kUint32 = 4,
  kInt32 = 5,
  kFloat32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kUint64 = 10,
  kInt64 = 11,
  kFloat64 = 12,
};

struct GgufValue {
  GgufValueType type;               // of the value, or of an array's elements
  std::optional<uint64_t> count;    // of an array; nullopt for a single value
  std::span<const std::byte> data;  // the value, or the elements one after another, checked
};

// Typed access. A missing key is nullopt; a value of another type or out of range is kCorrupt and
// names the file, the key, what was expected and what was found.
class GgufMetadata {
 public:
  // Reads `count` pairs. The bytes under the cursor must outlive the result.
  static Result<GgufMetadata> Read(ByteCursor& cursor, uint64_t count, std::string source);

  const std::string& source() const { return source_; }
  const GgufValue* Find(std::string_view key) const;

  // Any integer type.
  Result<std::optional<uint64_t>> Integer(std::string_view key, uint64_t least,
                                          uint64_t most) const;
  // Any number type.
  Result<std::optional<double>> Number(std::string_view key) const;
  Result<std::optional<bool>> Flag(std::string_view key) const;
  Result<std::optional<std::string_view>> Text(std::string_view key) const;
  // Arrays of at most `most` elements.
  Result<std::optional<std::vector<std::string_view>>> Texts(std::string_view key,
                                                             uint64_t most) const;
  Result<std::optional<std::vector<int64_t>>> Integers(std::string_view key, uint64_t most) const;
  // The same for a key that must be there.
  Result<uint64_t> RequiredInteger(std::string_view key, uint64_t least, uint64_t most) const;
  Result<std::string_view> RequiredText(std::string_view key) const;

  // "<file>: key "<key>": expected <expected>, found <value>".
  Status Unexpected(std::string_view key, std::string_view expected) const;

 private:
  explicit GgufMetadata(std::string source) : source_(std::move(source)) {}
  // Null without the key; otherwise an array of a fitting type and length.
  Result<const GgufValue*> Array(std::string_view key, bool strings, uint64_t most) const;

  std::string source_;
  std::map<std::string, GgufValue, std::less<>> values_;
};

// A string of the format: its length in 8 bytes, then well-formed UTF-8 that `what` names in
// messages, of at most `most` bytes.
Result<std::string_view> ReadGgufString(ByteCursor& cursor, std::string_view source,
                                        std::string_view what, uint64_t most);

}  // namespace coderank
