// Reads a vocab.txt (one piece a line, the id is the line) and the tokenizer_config.json beside
// it, as the reference implementation of BERT's tokenizer does.
#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "text/utf8.h"
#include "tokenizer/json_fields.h"
#include "tokenizer/tokenizer_spec.h"

namespace coderank {
namespace {

// Without white space at its end. Precondition: well-formed UTF-8.
std::string_view TrimEnd(std::string_view line) {
  const CharacterTable& table = CharacterTable::Get();
  while (!line.empty()) {
    size_t last = line.size() - 1;
    while (last > 0 && (static_cast<uint8_t>(line[last]) & 0xC0) == 0x80) --last;
    if (!table.Has(DecodeUtf8(line.substr(last)).code_point, kSpaceFlag)) break;
    line.remove_suffix(line.size() - last);
  }
  return line;
}

// A token of the configuration: its text, or an object with its text and flags.
Result<AddedToken> ReadToken(const JsonFields& config, const char* field, const char* fallback) {
  AddedToken token;
  token.content = fallback;
  const nlohmann::json* value = config.Find(field);
  if (value == nullptr) return token;
  if (!value->is_object()) {
    CODERANK_ASSIGN(token.content, config.Text(field));
    return token;
  }
  CODERANK_ASSIGN(const JsonFields fields, config.Object(field));
  CODERANK_ASSIGN(token.content, fields.Text("content"));
  CODERANK_ASSIGN(token.single_word, fields.BoolOr("single_word", false));
  CODERANK_ASSIGN(token.lstrip, fields.BoolOr("lstrip", false));
  CODERANK_ASSIGN(token.rstrip, fields.BoolOr("rstrip", false));
  CODERANK_ASSIGN(const bool special, fields.BoolOr("special", false));
  CODERANK_ASSIGN(token.normalized, fields.BoolOr("normalized", !special));
  return token;
}

// "added_tokens_decoder": {"<id>": {"content": ...}}, in the order of the ids.
Status ReadDecoder(const JsonFields& config, std::vector<AddedToken>& tokens) {
  if (config.Find("added_tokens_decoder") == nullptr) return OkStatus();
  CODERANK_ASSIGN(const JsonFields decoder, config.Object("added_tokens_decoder"));
  std::map<int32_t, AddedToken> by_id;
  for (const auto& [key, value] : config.Find("added_tokens_decoder")->items()) {
    int32_t id = 0;
    const char* end = key.data() + key.size();
    const auto [stop, error] = std::from_chars(key.data(), end, id);
    if (error != std::errc() || stop != end || id < 0 || !value.is_object()) {
      return decoder.Unexpected(key, "an object under a token id");
    }
    CODERANK_ASSIGN(by_id[id], ReadToken(decoder, key.c_str(), ""));
  }
  for (auto& [id, token] : by_id) tokens.push_back(std::move(token));
  return OkStatus();
}

Status ReadNormalizer(const JsonFields& config, NormalizerOptions& options) {
  CODERANK_ASSIGN(options.lowercase, config.BoolOr("do_lower_case", true));
  CODERANK_ASSIGN(options.handle_chinese_chars, config.BoolOr("tokenize_chinese_chars", true));
  CODERANK_ASSIGN(options.strip_accents, config.BoolOr("strip_accents", options.lowercase));
  return OkStatus();
}

bool IsListed(const std::vector<AddedToken>& tokens, const std::string& content) {
  return std::any_of(tokens.begin(), tokens.end(),
                     [&](const AddedToken& token) { return token.content == content; });
}

// A token with a role, unless the decoder, which says more about it, has it already.
Status ReadRole(const JsonFields& config, const char* field, const char* fallback,
                TokenizerSpec& spec, std::string& content) {
  CODERANK_ASSIGN(AddedToken token, ReadToken(config, field, fallback));
  content = token.content;
  const bool known = spec.vocabulary.contains(content);
  if (known && !IsListed(spec.added_tokens, content)) spec.added_tokens.push_back(std::move(token));
  return OkStatus();
}

// The same for a token that the model cannot do without; gives its id.
Result<int32_t> ReadRequiredRole(const JsonFields& config, const char* field, const char* fallback,
                                 TokenizerSpec& spec) {
  std::string content;
  CODERANK_TRY(ReadRole(config, field, fallback, spec, content));
  const auto found = spec.vocabulary.find(content);
  if (found != spec.vocabulary.end()) return found->second;
  return Corrupt(StrCat(config.where(), field, ": expected a token of vocab.txt, found \"", content,
                        "\", which is not in it"));
}

// The reference implementation also adds [PAD] and [MASK] where the vocabulary lacks them. Their
// ids would lie outside the model's embedding table, so here they stay ordinary text.
Status ReadRoles(const JsonFields& config, TokenizerSpec& spec) {
  CODERANK_TRY(ReadRole(config, "unk_token", "[UNK]", spec, spec.unknown_token));
  CODERANK_ASSIGN(const int32_t cls, ReadRequiredRole(config, "cls_token", "[CLS]", spec));
  CODERANK_ASSIGN(const int32_t sep, ReadRequiredRole(config, "sep_token", "[SEP]", spec));
  spec.before = {cls};
  spec.after = {sep};
  spec.pair = BertPair(spec);
  std::string ignored;
  CODERANK_TRY(ReadRole(config, "pad_token", "[PAD]", spec, ignored));
  return ReadRole(config, "mask_token", "[MASK]", spec, ignored);
}

}  // namespace

Result<TokenizerSpec> ParseVocabulary(std::string_view vocabulary, std::string_view name) {
  if (!IsValidUtf8(vocabulary)) {
    return Corrupt(StrCat(name, ": expected UTF-8 text, found bytes that are not"));
  }
  TokenizerSpec spec;
  for (int32_t id = 0; !vocabulary.empty(); ++id) {
    const size_t end = std::min(vocabulary.find('\n'), vocabulary.size());
    // Of equal lines the last one counts; an empty line takes an id too.
    spec.vocabulary[std::string(TrimEnd(vocabulary.substr(0, end)))] = id;
    vocabulary.remove_prefix(std::min(end + 1, vocabulary.size()));
  }
  return spec;
}

Status ApplyTokenizerConfig(std::string_view json, std::string_view name, TokenizerSpec& spec) {
  CODERANK_ASSIGN(const nlohmann::json document, ParseJsonObject(json, name));
  const JsonFields config(document, StrCat(name, ": "));
  CODERANK_TRY(ReadNormalizer(config, spec.normalizer));
  CODERANK_TRY(ReadDecoder(config, spec.added_tokens));
  CODERANK_TRY(ReadRoles(config, spec));
  AssignIds(spec.vocabulary, spec.added_tokens);
  return OkStatus();
}

}  // namespace coderank
