#include "support/gguf_writer.h"

namespace coderank::testing {
namespace {

void Pad(std::string& bytes, uint64_t alignment) {
  bytes.append((alignment - bytes.size() % alignment) % alignment, '\0');
}

}  // namespace

std::string GgufWriter::String(std::string_view text) {
  return Bytes(uint64_t{text.size()}).append(text);
}

void GgufWriter::Value(std::string_view key, uint32_t type, std::string_view bytes) {
  ++pairs_;
  metadata_ += String(key) + Bytes(type);
  metadata_ += bytes;
}

void GgufWriter::Texts(std::string_view key, const std::vector<std::string>& values) {
  std::string bytes = Bytes(kString) + Bytes(uint64_t{values.size()});
  for (const std::string& value : values) bytes += String(value);
  Value(key, kArray, bytes);
}

void GgufWriter::Ints(std::string_view key, const std::vector<int32_t>& values) {
  std::string bytes = Bytes(kInt32) + Bytes(uint64_t{values.size()});
  for (const int32_t value : values) bytes += Bytes(value);
  Value(key, kArray, bytes);
}

void GgufWriter::Tensor(std::string_view name, const std::vector<uint64_t>& shape, uint32_t type,
                        std::string_view data) {
  Pad(data_, alignment);
  TensorAt(name, shape, type, data_.size());
  data_ += data;
}

void GgufWriter::TensorAt(std::string_view name, const std::vector<uint64_t>& shape, uint32_t type,
                          uint64_t offset) {
  ++tensors_;
  infos_ += String(name) + Bytes(static_cast<uint32_t>(shape.size()));
  for (auto extent = shape.rbegin(); extent != shape.rend(); ++extent) infos_ += Bytes(*extent);
  infos_ += Bytes(type) + Bytes(offset);
}

std::string GgufWriter::File() const {
  std::string file = "GGUF" + Bytes(version) + Bytes(tensors_) + Bytes(pairs_);
  file += metadata_ + infos_;
  Pad(file, alignment);
  return file + data_;
}

}  // namespace coderank::testing
