#include "model/encoder_size.h"

#include <algorithm>

#include "base/try.h"
#include "model/nomic_bert_config.h"

namespace coderank {
namespace {

constexpr uint64_t kMaxPositions = 1 << 24;
constexpr uint64_t kMaxHidden = 1 << 16;
// Texts for a NomicBERT model are cut here although it takes more: CodeRankEmbed's published
// evaluation (CoIR) cuts here, and attention costs grow with the square of the length.
constexpr uint64_t kNomicBertMaxLength = 512;

}  // namespace

Result<EncoderSize> ReadEncoderSize(const JsonConfig& config, std::string_view architecture) {
  EncoderSize size;
  if (architecture == "nomic_bert") {
    CODERANK_ASSIGN(const JsonConfig published, PublishedNomicBertConfig(config));
    CODERANK_ASSIGN(size.dimension, published.RequiredInteger("n_embd", 1, kMaxHidden));
    CODERANK_ASSIGN(const uint64_t positions,
                    published.RequiredInteger("n_positions", 2, kMaxPositions));
    CODERANK_ASSIGN(const std::optional<uint64_t> trained,
                    published.Integer("max_trained_positions", 2, UINT64_MAX));
    size.max_length = std::min({positions, trained.value_or(positions), kNomicBertMaxLength});
    return size;
  }
  CODERANK_ASSIGN(size.dimension, config.RequiredInteger("hidden_size", 1, kMaxHidden));
  CODERANK_ASSIGN(const auto positions,
                  config.Integer("max_position_embeddings", 2, kMaxPositions));
  if (!positions && architecture != "bert") {
    return config.Unexpected("max_position_embeddings", "a number of tokens");
  }
  size.max_length = positions.value_or(kDefaultBertPositions);
  return size;
}

}  // namespace coderank
