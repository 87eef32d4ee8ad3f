#include "model/encoder_fit.h"

#include "base/strings.h"

namespace coderank {

Status CheckEncoderFits(const Encoder& encoder, const ModelRecord& record) {
  if (encoder.hidden_size() != record.dimension) {
    return Corrupt(StrCat("model ", record.name, ": expected dimension ", record.dimension,
                          ", found ", encoder.hidden_size(), "; install the model again"));
  }
  if (record.max_length > encoder.max_positions()) {
    return InvalidArgument(StrCat("model ", record.name, ": expected texts of at most ",
                                  encoder.max_positions(), " tokens (its positions), found ",
                                  record.max_length,
                                  "; set --max-tokens (CODERANK_MAX_TOKENS, max_tokens) to ",
                                  encoder.max_positions(), " or less"));
  }
  return OkStatus();
}

Status CheckTokenizerFits(const Tokenizer& tokenizer, size_t vocabulary, std::string_view model) {
  if (tokenizer.vocabulary_size() <= vocabulary) return OkStatus();
  return InvalidArgument(StrCat("model ", model, ": expected a tokenizer of at most ", vocabulary,
                                " ids (vocab_size), found ", tokenizer.vocabulary_size()));
}

}  // namespace coderank
