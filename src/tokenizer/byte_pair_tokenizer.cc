#include "tokenizer/byte_pair_tokenizer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "text/composition.h"
#include "text/utf8.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/byte_pair.h"
#include "tokenizer/byte_pair_spec.h"

namespace coderank {
namespace {

// The largest published tokenizer.json of this kind (Llama 3: 128,000 tokens) has 17 MB.
constexpr uint64_t kFileLimit = uint64_t{64} << 20;
// Ids are indexes of a table of texts; real vocabularies stay below 300,000.
constexpr size_t kMaxVocabulary = size_t{1} << 22;

class Implementation : public BytePairTokenizer {
 public:
  explicit Implementation(const BytePairSpec& spec)
      : split_(spec.split),
        compose_(spec.compose),
        ignore_merges_(spec.ignore_merges),
        unknown_(spec.unknown.value_or(kNoToken)),
        merges_(spec.merges.size()),
        before_(spec.before),
        after_(spec.after) {}

  Status Fill(const BytePairSpec& spec, std::string_view name);

  Encoding Encode(std::string_view text, size_t max_tokens) const override {
    return Surrounded(text, max_tokens, &Implementation::EncodeAll);
  }
  Encoding EncodeText(std::string_view text, size_t max_tokens) const override {
    return Surrounded(text, max_tokens, &Implementation::EncodePlain);
  }
  size_t vocabulary_size() const override { return texts_.size(); }
  void AppendText(std::string_view text, std::vector<int32_t>& ids) const override;
  void AppendTemplate(std::string_view text, std::vector<int32_t>& ids) const override;
  std::optional<int32_t> FindAdded(std::string_view name) const override;
  std::string Decode(std::span<const int32_t> ids) const override;

 private:
  // Ids are appended until there are more than `enough`; false then.
  struct Output {
    std::vector<int32_t>& ids;
    size_t enough;
    BytePairScratch scratch{};

    bool Add(int32_t id) {
      ids.push_back(id);
      return ids.size() <= enough;
    }
  };

  Status FillVocabulary(const BytePairSpec& spec, std::string_view name);
  Status FillMerges(const BytePairSpec& spec, std::string_view name);
  Status FillAddedTokens(const BytePairSpec& spec, std::string_view name);
  Status SetText(int32_t id, std::string text, std::string_view name);
  std::string Normalized(std::string_view text) const {
    return compose_ ? ComposeText(text) : std::string(text);
  }
  using Reading = bool (Implementation::*)(std::string_view text, Output& output) const;
  Encoding Surrounded(std::string_view text, size_t max_tokens, Reading read) const;
  bool EncodeAll(std::string_view text, Output& output) const;
  bool EncodePlain(std::string_view text, Output& output) const;
  bool EncodePart(std::string_view text, Output& output) const;
  bool EncodeWords(std::string_view text, Output& output) const;

  SplitRules split_;
  bool compose_;
  bool ignore_merges_;
  int32_t unknown_;
  MergeTable merges_;
  std::array<int32_t, 256> byte_ids_{};
  std::unordered_map<std::string, int32_t> whole_words_;  // by their bytes; with ignore_merges
  std::unordered_map<std::string, int32_t> added_;
  AddedTokenMatcher raw_tokens_;
  AddedTokenMatcher normalized_tokens_;
  std::vector<std::string> texts_;  // of each id
  std::vector<int32_t> before_;
  std::vector<int32_t> after_;
};

Status Implementation::Fill(const BytePairSpec& spec, std::string_view name) {
  CODERANK_TRY(FillVocabulary(spec, name));
  CODERANK_TRY(FillMerges(spec, name));
  CODERANK_TRY(FillAddedTokens(spec, name));
  for (const std::vector<int32_t>* around : {&before_, &after_}) {
    for (const int32_t id : *around) {
      if (static_cast<size_t>(id) < texts_.size()) continue;
      return Corrupt(StrCat(name, ": expected special tokens of the vocabulary, found id ", id));
    }
  }
  return OkStatus();
}

Status Implementation::SetText(int32_t id, std::string text, std::string_view name) {
  if (static_cast<size_t>(id) >= kMaxVocabulary) {
    return InvalidArgument(
        StrCat(name, ": expected token ids below ", kMaxVocabulary, ", found ", id));
  }
  if (texts_.size() <= static_cast<size_t>(id)) texts_.resize(static_cast<size_t>(id) + 1);
  texts_[static_cast<size_t>(id)] = std::move(text);
  return OkStatus();
}

Status Implementation::FillVocabulary(const BytePairSpec& spec, std::string_view name) {
  for (const auto& [token, id] : spec.vocabulary) {
    // A token that spells no bytes, such as an added one, stands for itself.
    std::string bytes = SpelledBytes(token).value_or(token);
    if (ignore_merges_) whole_words_.emplace(bytes, id);
    CODERANK_TRY(SetText(id, std::move(bytes), name));
  }
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::string spelling;
    AppendUtf8(SpellingOfByte(static_cast<uint8_t>(byte)), spelling);
    const auto found = spec.vocabulary.find(spelling);
    byte_ids_[byte] = found == spec.vocabulary.end() ? kNoToken : found->second;
  }
  return OkStatus();
}

Status Implementation::FillMerges(const BytePairSpec& spec, std::string_view name) {
  uint32_t rank = 0;
  for (const auto& [left, right] : spec.merges) {
    int32_t ids[3];
    size_t i = 0;
    for (const std::string& token : {left, right, left + right}) {
      const auto found = spec.vocabulary.find(token);
      if (found == spec.vocabulary.end()) {
        return Corrupt(StrCat(name, ": merge ", rank, ": expected tokens of the vocabulary, found ",
                              "\"", token.substr(0, 40), "\""));
      }
      ids[i++] = found->second;
    }
    merges_.Insert(ids[0], ids[1], {rank++, ids[2]});
  }
  return OkStatus();
}

Status Implementation::FillAddedTokens(const BytePairSpec& spec, std::string_view name) {
  for (const AddedToken& token : spec.added_tokens) {
    const Status added = token.normalized ? normalized_tokens_.Add(token, Normalized(token.content))
                                          : raw_tokens_.Add(token, token.content);
    if (!added.ok()) return added.WithContext(name);
    added_.emplace(token.content, token.id);
    CODERANK_TRY(SetText(token.id, token.content, name));
  }
  return OkStatus();
}

// Added tokens are cut out first.
bool Implementation::EncodeAll(std::string_view text, Output& output) const {
  return raw_tokens_.Split(text, [&](std::string_view between, std::optional<int32_t> id) {
    return id ? output.Add(*id) : EncodePart(between, output);
  });
}

bool Implementation::EncodePart(std::string_view text, Output& output) const {
  std::string composed;
  if (compose_ && !IsSurelyComposed(text)) text = composed = ComposeText(text);
  return normalized_tokens_.Split(text, [&](std::string_view between, std::optional<int32_t> id) {
    return id ? output.Add(*id) : EncodeWords(between, output);
  });
}

bool Implementation::EncodeWords(std::string_view text, Output& output) const {
  return SplitWords(split_, text, [&](std::string_view word) {
    if (ignore_merges_) {
      const auto whole = whole_words_.find(std::string(word));
      if (whole != whole_words_.end()) return output.Add(whole->second);
    }
    output.scratch.Encode(merges_, byte_ids_, unknown_, word, output.ids);
    return output.ids.size() <= output.enough;
  });
}

bool Implementation::EncodePlain(std::string_view text, Output& output) const {
  std::string composed;
  if (compose_ && !IsSurelyComposed(text)) text = composed = ComposeText(text);
  return EncodeWords(text, output);
}

void Implementation::AppendText(std::string_view text, std::vector<int32_t>& ids) const {
  std::string repaired;
  if (!IsValidUtf8(text)) text = repaired = ToValidUtf8(text);
  Output output{.ids = ids, .enough = SIZE_MAX};
  EncodePlain(text, output);
}

void Implementation::AppendTemplate(std::string_view text, std::vector<int32_t>& ids) const {
  std::string repaired;
  if (!IsValidUtf8(text)) text = repaired = ToValidUtf8(text);
  Output output{.ids = ids, .enough = SIZE_MAX};
  EncodeAll(text, output);
}

Encoding Implementation::Surrounded(std::string_view text, size_t max_tokens, Reading read) const {
  std::string repaired;
  if (!IsValidUtf8(text)) text = repaired = ToValidUtf8(text);
  const size_t room = max_tokens - std::min(max_tokens, before_.size() + after_.size());
  std::vector<int32_t> ids;
  Output output{.ids = ids, .enough = room};
  (this->*read)(text, output);
  Encoding encoding;
  encoding.truncated = ids.size() > room;
  ids.resize(std::min(ids.size(), room));
  encoding.ids = before_;
  encoding.ids.insert(encoding.ids.end(), ids.begin(), ids.end());
  encoding.ids.insert(encoding.ids.end(), after_.begin(), after_.end());
  return encoding;
}

std::optional<int32_t> Implementation::FindAdded(std::string_view name) const {
  const auto found = added_.find(std::string(name));
  return found == added_.end() ? std::nullopt : std::optional(found->second);
}

std::string Implementation::Decode(std::span<const int32_t> ids) const {
  std::string text;
  for (const int32_t id : ids) {
    const auto at = static_cast<size_t>(id);  // negative ones become large
    if (at < texts_.size()) text += texts_[at];
  }
  return text;
}

class TextTokenizer : public Tokenizer {
 public:
  explicit TextTokenizer(std::unique_ptr<BytePairTokenizer> tokenizer)
      : tokenizer_(std::move(tokenizer)) {}

  Encoding Encode(std::string_view text, size_t max_tokens) const override {
    return tokenizer_->EncodeText(text, max_tokens);
  }
  size_t vocabulary_size() const override { return tokenizer_->vocabulary_size(); }

 private:
  std::unique_ptr<BytePairTokenizer> tokenizer_;
};

}  // namespace

std::unique_ptr<Tokenizer> AsTextTokenizer(std::unique_ptr<BytePairTokenizer> tokenizer) {
  return std::make_unique<TextTokenizer>(std::move(tokenizer));
}

Result<std::unique_ptr<BytePairTokenizer>> BuildBytePairTokenizer(const BytePairSpec& spec,
                                                                  std::string_view name) {
  auto tokenizer = std::make_unique<Implementation>(spec);
  CODERANK_TRY(tokenizer->Fill(spec, name));
  return std::unique_ptr<BytePairTokenizer>(std::move(tokenizer));
}

Result<std::unique_ptr<BytePairTokenizer>> LoadBytePairTokenizer(
    const std::filesystem::path& folder) {
  const auto path = folder / "tokenizer.json";
  CODERANK_ASSIGN(const std::string json, ReadFile(path, kFileLimit));
  CODERANK_ASSIGN(const BytePairSpec spec, ParseBytePairJson(json, path.native()));
  return BuildBytePairTokenizer(spec, path.native());
}

}  // namespace coderank
