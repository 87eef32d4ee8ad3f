// Any bytes as a GGUF file: an error or tensors that lie within the bytes and can be read; as an
// encoder or a decoder, an error or a configuration and a tokenizer that keeps its promises.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "model/dequantize.h"
#include "model/encoder_size.h"
#include "model/gguf.h"
#include "model/gguf_decoder.h"
#include "model/gguf_encoder.h"
#include "model/gguf_names.h"
#include "model/llama_config.h"

namespace {

// Elements of a tensor that is worth reading: the inputs are small.
constexpr uint64_t kMostElements = 1 << 16;

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckTensor(const coderank::GgufTensor& tensor, std::span<const std::byte> bytes) {
  Require(tensor.data.data() >= bytes.data() &&
          tensor.data.data() + tensor.data.size() <= bytes.data() + bytes.size());
  uint64_t elements = tensor.data.size() / tensor.type->bytes * tensor.type->elements;
  if (elements > kMostElements) return;
  const auto values = coderank::ToFloats(tensor.type->name, tensor.data);
  Require(!values || values->size() == elements);
  for (const uint64_t extent : tensor.shape) {
    if (extent == 0) return;
    Require(elements % extent == 0);
    elements /= extent;
  }
  Require(elements == 1);
}

void CheckTokenizer(const coderank::Tokenizer& tokenizer, size_t tokens) {
  const size_t size = tokenizer.vocabulary_size();
  Require(size <= tokens);
  for (const int32_t id : tokenizer.Encode("a [CLS] ab", 16).ids) {
    Require(id >= 0 && static_cast<size_t>(id) < size);
  }
}

void CheckDecoder(const coderank::Gguf& gguf) {
  if (const auto config = coderank::GgufDecoderConfig(gguf)) {
    if (const auto llama = coderank::ReadLlamaConfig(*config)) Require(llama->head_size > 0);
  }
  static_cast<void>(coderank::FindInterleavedHeads(gguf));
  const auto values = coderank::ReadGgufBytePairs(gguf);
  if (!values) return;
  const auto tokenizer = coderank::MakeGgufBytePairTokenizer(*values, "fuzz");
  if (tokenizer) CheckTokenizer(**tokenizer, values->tokens.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto gguf = coderank::ParseGguf(bytes, "fuzz");
  if (!gguf) return 0;
  const auto architecture = gguf->metadata.Text("general.architecture");
  for (const auto& [name, tensor] : gguf->tensors) {
    CheckTensor(tensor, bytes);
    if (architecture && *architecture) coderank::PublishedTensorName(**architecture, name);
  }
  if (const auto config = coderank::GgufEncoderConfig(*gguf)) {
    const auto type = config->RequiredText("model_type");
    if (const auto sizes = coderank::ReadEncoderSize(*config, *type)) Require(sizes->dimension > 0);
  }
  static_cast<void>(coderank::GgufPooling(*gguf));
  static_cast<void>(coderank::GgufContextLength(*gguf));
  if (const auto vocabulary = coderank::ReadGgufVocabulary(*gguf)) {
    const auto tokenizer = coderank::MakeGgufTokenizer(*vocabulary, "fuzz");
    if (tokenizer) CheckTokenizer(**tokenizer, vocabulary->tokens.size());
  }
  CheckDecoder(*gguf);
  return 0;
}
