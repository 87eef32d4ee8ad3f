// Reads the tokenizer.json of the reference tokenizer: one WordPiece model with BERT's
// normaliser, splitter and special tokens. Its truncation, padding and decoder are not used.
#include <optional>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "tokenizer/json_fields.h"
#include "tokenizer/tokenizer_spec.h"

namespace coderank {
namespace {

// Special tokens around a text, and around two: every caller of Encode allows for two, and of
// EncodePair for three.
constexpr size_t kMaxSpecialTokens = 2;
constexpr size_t kMaxPairTokens = 3;

Status WrongType(const JsonFields& part, std::string_view expected, std::string_view found) {
  return InvalidArgument(StrCat(part.where(), "type: expected ", expected, ", found ", found,
                                "; only BERT-like tokenizers are supported"));
}

Result<JsonFields> PresentPart(const JsonFields& root, const char* field) {
  if (root.Find(field) != nullptr) return root.Object(field);
  return InvalidArgument(StrCat(root.where(), field,
                                ": expected the one of a BERT-like tokenizer, ",
                                "found nothing; other tokenizers are not supported"));
}

// The part `field`, whose "type" must be `expected`.
Result<JsonFields> TypedPart(const JsonFields& root, const char* field, std::string_view expected) {
  CODERANK_ASSIGN(const JsonFields part, PresentPart(root, field));
  CODERANK_ASSIGN(const std::string type, part.Text("type"));
  if (type != expected) return WrongType(part, expected, type);
  return part;
}

Status ReadModel(const JsonFields& root, TokenizerSpec& spec) {
  CODERANK_ASSIGN(const JsonFields model, root.Object("model"));
  if (model.Find("type") != nullptr) {  // old files have none here
    CODERANK_ASSIGN(const std::string type, model.Text("type"));
    if (type != "WordPiece") return WrongType(model, "WordPiece", type);
  }
  CODERANK_ASSIGN(spec.unknown_token, model.Text("unk_token"));
  CODERANK_ASSIGN(spec.continuation_prefix, model.Text("continuing_subword_prefix"));
  const nlohmann::json* limit = model.Find("max_input_chars_per_word");
  if (limit == nullptr || !limit->is_number_unsigned()) {
    return model.Unexpected("max_input_chars_per_word", "a number >= 0");
  }
  spec.max_word_characters = limit->get<size_t>();
  CODERANK_ASSIGN(const JsonFields vocabulary, model.Object("vocab"));
  for (const auto& [piece, id] : model.Find("vocab")->items()) {
    CODERANK_ASSIGN(spec.vocabulary[piece],
                    ReadTokenId(id, StrCat(vocabulary.where(), "\"", piece, "\"")));
  }
  return OkStatus();
}

Status ReadNormalizer(const JsonFields& root, NormalizerOptions& options) {
  CODERANK_ASSIGN(const JsonFields fields, TypedPart(root, "normalizer", "BertNormalizer"));
  CODERANK_ASSIGN(options.clean_text, fields.Bool("clean_text"));
  CODERANK_ASSIGN(options.handle_chinese_chars, fields.Bool("handle_chinese_chars"));
  CODERANK_ASSIGN(options.lowercase, fields.Bool("lowercase"));
  CODERANK_ASSIGN(options.strip_accents, fields.BoolOr("strip_accents", options.lowercase));
  return OkStatus();
}

Result<AddedToken> ReadAddedToken(const JsonFields& fields) {
  AddedToken token;
  CODERANK_ASSIGN(token.content, fields.Text("content"));
  CODERANK_ASSIGN(token.id, fields.Id("id"));
  CODERANK_ASSIGN(token.single_word, fields.Bool("single_word"));
  CODERANK_ASSIGN(token.lstrip, fields.Bool("lstrip"));
  CODERANK_ASSIGN(token.rstrip, fields.Bool("rstrip"));
  CODERANK_ASSIGN(token.normalized, fields.Bool("normalized"));
  return token;
}

// The ids of one special token of a template.
Status ReadTemplateToken(const JsonFields& post_processor, const JsonFields& item,
                         std::vector<int32_t>& ids) {
  CODERANK_ASSIGN(const JsonFields token, item.Object("SpecialToken"));
  CODERANK_ASSIGN(const std::string name, token.Text("id"));
  CODERANK_ASSIGN(const JsonFields known, post_processor.Object("special_tokens"));
  CODERANK_ASSIGN(const JsonFields entry, known.Object(name.c_str()));
  CODERANK_ASSIGN(const nlohmann::json* values, entry.Array("ids"));
  for (const nlohmann::json& value : *values) {
    CODERANK_ASSIGN(const int32_t id, ReadTokenId(value, entry.where() + "ids"));
    ids.push_back(id);
  }
  return OkStatus();
}

// The parts of a pair's template in order: [CLS]:0 A:0 [SEP]:0 B:1 [SEP]:1, for one. Nothing where
// it is of another kind, which matters to models of pairs only.
std::optional<PairTemplate> ReadPairTemplate(const JsonFields& post_processor) {
  const auto items = post_processor.Array("pair");
  if (!items) return std::nullopt;
  PairTemplate pair;
  std::vector<int32_t>* const parts[] = {&pair.before, &pair.between, &pair.after};
  size_t texts = 0;
  for (const nlohmann::json& entry : **items) {
    if (!entry.is_object() || entry.size() != 1 || !entry.front().is_object()) return std::nullopt;
    const bool is_text = entry.contains("Sequence");
    const nlohmann::json& fields = entry.front();
    // The second text and what follows it have type 1.
    const int type = texts == 2 || (is_text && texts == 1) ? 1 : 0;
    if (fields.value("type_id", nlohmann::json()) != type) return std::nullopt;
    if (!is_text) {
      const JsonFields item(entry, post_processor.where());
      if (!ReadTemplateToken(post_processor, item, *parts[texts]).ok()) return std::nullopt;
      const size_t count = pair.before.size() + pair.between.size() + pair.after.size();
      if (count > kMaxPairTokens) return std::nullopt;
    } else if (texts == 2 || fields.value("id", nlohmann::json()) != (texts == 0 ? "A" : "B")) {
      return std::nullopt;
    } else {
      ++texts;
    }
  }
  if (texts != 2) return std::nullopt;
  return pair;
}

// kInvalidArgument unless a text gets as many special tokens as callers allow for.
Status CheckSpecialTokens(const JsonFields& post_processor, const TokenizerSpec& spec) {
  const size_t count = spec.before.size() + spec.after.size();
  if (count > 0 && count <= kMaxSpecialTokens) return OkStatus();
  return InvalidArgument(StrCat(post_processor.where(), "single: expected 1 or ", kMaxSpecialTokens,
                                " special tokens around the text, found ", count));
}

// "cls": ["[CLS]", 101]
Status ReadBertToken(const JsonFields& post_processor, const char* field,
                     std::vector<int32_t>& ids) {
  CODERANK_ASSIGN(const nlohmann::json* pair, post_processor.Array(field));
  if (pair->size() != 2) return post_processor.Unexpected(field, "a token and its id");
  CODERANK_ASSIGN(const int32_t id, ReadTokenId((*pair)[1], StrCat(post_processor.where(), field)));
  ids.push_back(id);
  return OkStatus();
}

Status ReadPostProcessor(const JsonFields& root, TokenizerSpec& spec) {
  CODERANK_ASSIGN(const JsonFields fields, PresentPart(root, "post_processor"));
  CODERANK_ASSIGN(const std::string type, fields.Text("type"));
  if (type == "TemplateProcessing") {
    CODERANK_TRY(ReadTemplate(fields, spec));
    spec.pair = ReadPairTemplate(fields);
  } else if (type == "BertProcessing") {
    CODERANK_TRY(ReadBertToken(fields, "cls", spec.before));
    CODERANK_TRY(ReadBertToken(fields, "sep", spec.after));
    spec.pair = BertPair(spec);
  } else {
    return WrongType(fields, "TemplateProcessing or BertProcessing", type);
  }
  return CheckSpecialTokens(fields, spec);
}

}  // namespace

Status ReadAddedTokens(const JsonFields& root, std::vector<AddedToken>& tokens) {
  if (root.Find("added_tokens") == nullptr) return OkStatus();
  CODERANK_ASSIGN(const nlohmann::json* list, root.Array("added_tokens"));
  for (const nlohmann::json& entry : *list) {
    const std::string where = StrCat(root.where(), "added_tokens[", tokens.size(), "]");
    if (!entry.is_object()) {
      return Corrupt(StrCat(where, ": expected an object, found ", entry.type_name()));
    }
    CODERANK_ASSIGN(AddedToken token, ReadAddedToken(JsonFields(entry, where + ".")));
    tokens.push_back(std::move(token));
  }
  return OkStatus();
}

Status ReadTemplate(const JsonFields& post_processor, TokenizerSpec& spec) {
  CODERANK_ASSIGN(const nlohmann::json* items, post_processor.Array("single"));
  size_t sequences = 0;
  for (const nlohmann::json& entry : *items) {
    if (!entry.is_object()) return post_processor.Unexpected("single", "an array of objects");
    const JsonFields item(entry, StrCat(post_processor.where(), "single."));
    if (item.Find("Sequence") != nullptr) {
      CODERANK_ASSIGN(const JsonFields sequence, item.Object("Sequence"));
      CODERANK_ASSIGN(const std::string id, sequence.Text("id"));
      if (id != "A") return sequence.Unexpected("id", "A");
      ++sequences;
    } else {
      CODERANK_TRY(
          ReadTemplateToken(post_processor, item, sequences == 0 ? spec.before : spec.after));
      // Here too: names that come again and again could make many ids of a small file.
      if (spec.before.size() + spec.after.size() > kMaxSpecialTokens) {
        return CheckSpecialTokens(post_processor, spec);
      }
    }
  }
  if (sequences == 1) return OkStatus();
  return Corrupt(StrCat(post_processor.where(), "single: expected the text once, found it ",
                        sequences, " times"));
}

Result<TokenizerSpec> ParseTokenizerJson(std::string_view json, std::string_view name) {
  CODERANK_ASSIGN(const nlohmann::json document, ParseJsonObject(json, name));
  const JsonFields root(document, StrCat(name, ": "));
  TokenizerSpec spec;
  CODERANK_TRY(ReadModel(root, spec));
  CODERANK_TRY(ReadNormalizer(root, spec.normalizer));
  const auto splitter = TypedPart(root, "pre_tokenizer", "BertPreTokenizer");
  if (!splitter) return splitter.error();
  CODERANK_TRY(ReadPostProcessor(root, spec));
  CODERANK_TRY(ReadAddedTokens(root, spec.added_tokens));
  AssignIds(spec.vocabulary, spec.added_tokens);
  return spec;
}

}  // namespace coderank
