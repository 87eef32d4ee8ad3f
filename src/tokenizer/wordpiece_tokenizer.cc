// The Tokenizer over a WordPieceModel, and how it is found in a folder.
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "text/utf8.h"
#include "tokenizer/tokenizer_spec.h"
#include "tokenizer/wordpiece.h"

namespace coderank {
namespace {

// The largest published WordPiece tokenizer.json (500,000 pieces) has 13 MB.
constexpr uint64_t kFileLimit = uint64_t{32} << 20;

class WordPieceTokenizer : public Tokenizer {
 public:
  explicit WordPieceTokenizer(const TokenizerSpec& spec)
      : normalizer_(spec.normalizer), before_(spec.before), after_(spec.after), pair_(spec.pair) {}

  Status Fill(const TokenizerSpec& spec, std::string_view name);

  Encoding Encode(std::string_view text, size_t max_tokens) const override;
  Result<PairEncoding> EncodePair(std::string_view first, std::string_view second,
                                  size_t max_tokens) const override;
  size_t vocabulary_size() const override { return vocabulary_size_; }

 private:
  Status FillModel(const TokenizerSpec& spec, std::string_view name);
  std::vector<int32_t> Pieces(std::string_view text, size_t enough) const;
  bool EncodePart(std::string_view text, WordPieceWriter& writer) const;
  void CountId(int32_t id) {
    vocabulary_size_ = std::max(vocabulary_size_, static_cast<size_t>(id) + 1);
  }

  Normalizer normalizer_;
  WordPieceModel model_;
  AddedTokenMatcher raw_tokens_;
  AddedTokenMatcher normalized_tokens_;
  std::vector<int32_t> before_;
  std::vector<int32_t> after_;
  std::optional<PairTemplate> pair_;
  size_t vocabulary_size_ = 0;
};

Status WordPieceTokenizer::Fill(const TokenizerSpec& spec, std::string_view name) {
  CODERANK_TRY(FillModel(spec, name));
  for (const AddedToken& token : spec.added_tokens) {
    const Status added = token.normalized
                             ? normalized_tokens_.Add(token, normalizer_.Normalize(token.content))
                             : raw_tokens_.Add(token, token.content);
    if (!added.ok()) return added.WithContext(name);
    CountId(token.id);
  }
  for (const int32_t id : before_) CountId(id);
  for (const int32_t id : after_) CountId(id);
  if (!pair_) return OkStatus();
  for (const auto* part : {&pair_->before, &pair_->between, &pair_->after}) {
    for (const int32_t id : *part) CountId(id);
  }
  return OkStatus();
}

Status WordPieceTokenizer::FillModel(const TokenizerSpec& spec, std::string_view name) {
  if (spec.max_word_characters > kLongestWord) {
    return InvalidArgument(StrCat(name, ": max_input_chars_per_word: expected at most ",
                                  kLongestWord, ", found ", spec.max_word_characters));
  }
  const auto unknown = spec.vocabulary.find(spec.unknown_token);
  if (unknown == spec.vocabulary.end()) {
    return Corrupt(StrCat(name, ": the vocabulary lacks its unknown token \"", spec.unknown_token,
                          "\"; take the file from the model's publisher again"));
  }
  for (const auto& [piece, id] : spec.vocabulary) {
    if (!model_.pieces.Insert(piece, id)) {
      return InvalidArgument(StrCat(name, ": the vocabulary has more than ", PieceTrie::kMaxNodes,
                                    " different prefixes"));
    }
    CountId(id);
  }
  model_.continuation = model_.pieces.Walk(PieceTrie::kRoot, spec.continuation_prefix);
  model_.unknown_id = unknown->second;
  model_.max_word_characters = spec.max_word_characters;
  return OkStatus();
}

// Without special tokens; all of them, or more than `enough`.
std::vector<int32_t> WordPieceTokenizer::Pieces(std::string_view text, size_t enough) const {
  std::string repaired;
  if (!IsValidUtf8(text)) text = repaired = ToValidUtf8(text);
  WordPieceWriter writer(model_, enough);
  raw_tokens_.Split(text, [&](std::string_view between, std::optional<int32_t> id) {
    return id ? writer.AddId(*id) : EncodePart(between, writer);
  });
  return std::move(writer.ids());
}

Encoding WordPieceTokenizer::Encode(std::string_view text, size_t max_tokens) const {
  const size_t room = max_tokens - std::min(max_tokens, before_.size() + after_.size());
  std::vector<int32_t> ids = Pieces(text, room);
  Encoding encoding;
  encoding.truncated = ids.size() > room;
  ids.resize(std::min(ids.size(), room));
  encoding.ids.reserve(before_.size() + ids.size() + after_.size());
  encoding.ids = before_;
  encoding.ids.insert(encoding.ids.end(), ids.begin(), ids.end());
  encoding.ids.insert(encoding.ids.end(), after_.begin(), after_.end());
  return encoding;
}

Result<PairEncoding> WordPieceTokenizer::EncodePair(std::string_view first, std::string_view second,
                                                    size_t max_tokens) const {
  if (!pair_) return Tokenizer::EncodePair(first, second, max_tokens);
  const size_t special = pair_->before.size() + pair_->between.size() + pair_->after.size();
  const size_t room = max_tokens - std::min(max_tokens, special);
  std::vector<int32_t> first_ids = Pieces(first, room);
  std::vector<int32_t> second_ids = Pieces(second, room);
  PairEncoding encoding;
  if (first_ids.size() + second_ids.size() > room) {
    encoding.truncated = true;
    // Of an odd number of tokens the longer text gets the odd one.
    const size_t half = first_ids.size() > second_ids.size() ? room - room / 2 : room / 2;
    const size_t first_kept =
        std::min(first_ids.size(), std::max(half, room - std::min(room, second_ids.size())));
    first_ids.resize(first_kept);
    second_ids.resize(room - first_kept);
  }
  const auto append = [&](const std::vector<int32_t>& ids) {
    encoding.ids.insert(encoding.ids.end(), ids.begin(), ids.end());
  };
  append(pair_->before);
  append(first_ids);
  append(pair_->between);
  encoding.second_begin = encoding.ids.size();
  append(second_ids);
  append(pair_->after);
  return encoding;
}

// Text between added tokens. Only added tokens that want normalised text need it as a whole.
bool WordPieceTokenizer::EncodePart(std::string_view text, WordPieceWriter& writer) const {
  NormalizedReader reader(normalizer_, text);
  std::string block;
  if (normalized_tokens_.empty()) {
    for (; reader.Read(block); block.clear()) {
      if (!writer.Feed(block)) return false;
    }
    return writer.EndWord();
  }
  while (reader.Read(block)) {
  }
  return normalized_tokens_.Split(block, [&](std::string_view between, std::optional<int32_t> id) {
    return id ? writer.AddId(*id) : writer.Feed(between) && writer.EndWord();
  });
}

Result<TokenizerSpec> LoadVocabulary(const std::filesystem::path& folder) {
  const auto vocabulary_path = folder / "vocab.txt";
  const auto config_path = folder / "tokenizer_config.json";
  CODERANK_ASSIGN(const std::string vocabulary, ReadFile(vocabulary_path, kFileLimit));
  CODERANK_ASSIGN(TokenizerSpec spec, ParseVocabulary(vocabulary, vocabulary_path.native()));
  auto config = ReadFile(config_path, kFileLimit);
  if (!config && config.error().code() != StatusCode::kNotFound) return config.error();
  CODERANK_TRY(ApplyTokenizerConfig(config ? *config : "{}", config_path.native(), spec));
  return spec;
}

}  // namespace

Result<PairEncoding> Tokenizer::EncodePair(std::string_view, std::string_view, size_t) const {
  return InvalidArgument(
      "the tokenizer has no form for pairs of texts: expected that of BERT, [CLS] A [SEP] B [SEP] "
      "with types 0 and 1 (post_processor.pair of tokenizer.json)");
}

PairTemplate BertPair(const TokenizerSpec& spec) {
  return {.before = spec.before, .between = spec.after, .after = spec.after};
}

void AssignIds(const std::unordered_map<std::string, int32_t>& vocabulary,
               std::vector<AddedToken>& added_tokens) {
  std::unordered_map<std::string, int32_t> added;
  std::map<int32_t, AddedToken> by_id;  // of several tokens with one id the last one counts
  auto next = static_cast<int32_t>(vocabulary.size());
  for (AddedToken& token : added_tokens) {
    if (token.content.empty()) continue;
    const auto known = vocabulary.find(token.content);
    if (known != vocabulary.end()) {
      token.id = known->second;
    } else {
      const auto [entry, is_new] = added.emplace(token.content, next);
      token.id = entry->second;
      next += is_new ? 1 : 0;
    }
    by_id[token.id] = std::move(token);
  }
  added_tokens.clear();
  for (auto& [id, token] : by_id) added_tokens.push_back(std::move(token));
}

Result<std::unique_ptr<Tokenizer>> BuildTokenizer(const TokenizerSpec& spec,
                                                  std::string_view name) {
  auto tokenizer = std::make_unique<WordPieceTokenizer>(spec);
  CODERANK_TRY(tokenizer->Fill(spec, name));
  return std::unique_ptr<Tokenizer>(std::move(tokenizer));
}

Result<std::unique_ptr<Tokenizer>> LoadTokenizer(const std::filesystem::path& folder) {
  const auto path = folder / "tokenizer.json";
  auto json = ReadFile(path, kFileLimit);
  if (json) {
    CODERANK_ASSIGN(const TokenizerSpec spec, ParseTokenizerJson(*json, path.native()));
    return BuildTokenizer(spec, path.native());
  }
  if (json.error().code() != StatusCode::kNotFound) return json.error();
  auto spec = LoadVocabulary(folder);
  if (!spec && spec.error().code() == StatusCode::kNotFound) {
    return NotFound(StrCat(folder, ": expected tokenizer.json or vocab.txt, found neither; ",
                           "name a folder with the files of a BERT-like model"));
  }
  if (!spec) return spec.error();
  return BuildTokenizer(*spec, (folder / "vocab.txt").native());
}

}  // namespace coderank
