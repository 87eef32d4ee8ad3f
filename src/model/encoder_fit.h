// Whether an encoder is the one that a record and a tokenizer were made for: a model's files come
// from elsewhere and need not agree. To be checked before the first forward pass.
#pragma once

#include <string_view>

#include "coderank/result.h"
#include "model/encoder.h"
#include "model/model_record.h"
#include "tokenizer/tokenizer.h"

namespace coderank {

// kInvalidArgument where texts are to be longer than the encoder has positions.
Status CheckEncoderFits(const Encoder& encoder, const ModelRecord& record);

// Every id of the tokenizer is one of the `vocabulary` that the encoder has.
Status CheckTokenizerFits(const Tokenizer& tokenizer, size_t vocabulary, std::string_view model);

}  // namespace coderank
