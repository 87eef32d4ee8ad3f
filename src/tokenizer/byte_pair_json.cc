// Reads the tokenizer.json of a byte-level BPE tokenizer. What it says about truncation, padding
// and decoding is not used.
#include <utility>

#include "base/function_ref.h"
#include "base/strings.h"
#include "base/try.h"
#include "tokenizer/byte_pair_spec.h"
#include "tokenizer/json_fields.h"
#include "tokenizer/tokenizer_spec.h"

namespace coderank {
namespace {

// The text of a field, "" where it is missing.
Result<std::string> TextOr(const JsonFields& fields, const char* field) {
  return fields.Find(field) == nullptr ? Result<std::string>(std::string()) : fields.Text(field);
}

Status NotSupported(const JsonFields& part, std::string_view field, std::string_view expected,
                    std::string_view found) {
  return InvalidArgument(
      StrCat(part.where(), field, ": expected ", expected, ", found ", found, "; ",
             "only byte-level BPE tokenizers as GPT-2, Llama 3, Qwen2 and SmolLM2 have them are ",
             "supported"));
}

// The variants that give other ids.
Status CheckVariant(const JsonFields& model) {
  CODERANK_ASSIGN(const std::string type, TextOr(model, "type"));
  if (!type.empty() && type != "BPE") return NotSupported(model, "type", "BPE", type);
  for (const char* field : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    CODERANK_ASSIGN(const std::string affix, TextOr(model, field));
    if (!affix.empty()) return NotSupported(model, field, "none", affix);
  }
  for (const char* field : {"byte_fallback", "fuse_unk"}) {
    CODERANK_ASSIGN(const bool on, model.BoolOr(field, false));
    if (on) return NotSupported(model, field, "false", "true");
  }
  if (const nlohmann::json* dropout = model.Find("dropout"); dropout != nullptr && *dropout != 0) {
    return model.Unexpected("dropout", "null");
  }
  return OkStatus();
}

// "left right", or ["left", "right"].
Result<std::pair<std::string, std::string>> ReadMerge(const JsonFields& model,
                                                      const nlohmann::json& entry) {
  if (entry.is_string()) {
    const auto& both = entry.get_ref<const std::string&>();
    const size_t space = both.find(' ');
    if (space != std::string::npos && both.find(' ', space + 1) == std::string::npos) {
      return std::pair(both.substr(0, space), both.substr(space + 1));
    }
  } else if (entry.is_array() && entry.size() == 2 && entry[0].is_string() &&
             entry[1].is_string()) {
    return std::pair(entry[0].get<std::string>(), entry[1].get<std::string>());
  }
  return Corrupt(StrCat(model.where(), "merges: expected pairs of tokens, found ",
                        entry.is_string() ? entry.get<std::string>() : entry.type_name()));
}

Status ReadModel(const JsonFields& root, BytePairSpec& spec) {
  CODERANK_ASSIGN(const JsonFields model, root.Object("model"));
  CODERANK_TRY(CheckVariant(model));
  CODERANK_ASSIGN(const JsonFields vocabulary, model.Object("vocab"));
  const nlohmann::json& tokens = *model.Find("vocab");
  spec.vocabulary.reserve(tokens.size());
  for (const auto& [token, id] : tokens.items()) {
    CODERANK_ASSIGN(spec.vocabulary[token],
                    ReadTokenId(id, StrCat(vocabulary.where(), "\"", token, "\"")));
  }
  CODERANK_ASSIGN(const nlohmann::json* merges, model.Array("merges"));
  spec.merges.reserve(merges->size());
  for (const nlohmann::json& entry : *merges) {
    CODERANK_ASSIGN(auto merge, ReadMerge(model, entry));
    spec.merges.push_back(std::move(merge));
  }
  CODERANK_ASSIGN(spec.ignore_merges, model.BoolOr("ignore_merges", false));
  CODERANK_ASSIGN(const std::string unknown, TextOr(model, "unk_token"));
  const auto found = spec.vocabulary.find(unknown);
  if (found != spec.vocabulary.end() && !unknown.empty()) spec.unknown = found->second;
  return OkStatus();
}

using PartReader = FunctionRef<Status(const JsonFields& part, std::string_view type)>;

// Reads the part `field` of the file with `read`: nothing, one part, or a "Sequence" of them in
// the field `list`.
Status ReadParts(const JsonFields& root, const char* field, const char* list, PartReader read) {
  if (root.Find(field) == nullptr) return OkStatus();
  CODERANK_ASSIGN(const JsonFields part, root.Object(field));
  CODERANK_ASSIGN(const std::string type, part.Text("type"));
  if (type != "Sequence") return read(part, type);
  CODERANK_ASSIGN(const nlohmann::json* entries, part.Array(list));
  for (const nlohmann::json& entry : *entries) {
    if (!entry.is_object()) return part.Unexpected(list, "an array of objects");
    const JsonFields one(entry, StrCat(part.where(), list, "."));
    CODERANK_ASSIGN(const std::string type_of_one, one.Text("type"));
    CODERANK_TRY(read(one, type_of_one));
  }
  return OkStatus();
}

Status ReadNormalizer(const JsonFields& root, BytePairSpec& spec) {
  return ReadParts(root, "normalizer", "normalizers",
                   [&](const JsonFields& part, std::string_view type) {
                     if (type != "NFC") return NotSupported(part, "type", "NFC", type);
                     spec.compose = true;
                     return OkStatus();
                   });
}

Status ReadSplit(const JsonFields& part, BytePairSpec& spec) {
  CODERANK_ASSIGN(const JsonFields pattern, part.Object("pattern"));
  CODERANK_ASSIGN(const std::string expression, TextOr(pattern, "Regex"));
  CODERANK_ASSIGN(const std::string behavior, part.Text("behavior"));
  CODERANK_ASSIGN(const bool invert, part.BoolOr("invert", false));
  const std::optional<SplitRules> rules = FindSplitExpression(expression);
  if (!rules) return NotSupported(pattern, "Regex", "a known expression", expression);
  if (behavior != "Isolated" || invert) {
    return NotSupported(part, "behavior", "Isolated", invert ? "invert" : behavior);
  }
  const bool isolate_numeric = spec.split.isolate_numeric;
  spec.split = *rules;
  spec.split.isolate_numeric = isolate_numeric;
  return OkStatus();
}

// Digits, a splitting expression and ByteLevel, which by itself is GPT-2's expression.
class PreTokenizerReader {
 public:
  explicit PreTokenizerReader(BytePairSpec& spec) : spec_(spec) {}

  Status Read(const JsonFields& root) {
    CODERANK_TRY(ReadParts(
        root, "pre_tokenizer", "pretokenizers",
        [&](const JsonFields& part, std::string_view type) { return ReadPart(part, type); }));
    if (expressions_ == 1 && byte_levels_ == 1) return OkStatus();
    return NotSupported(root, "pre_tokenizer", "one splitting expression and ByteLevel",
                        StrCat(expressions_, " and ", byte_levels_));
  }

 private:
  Status ReadPart(const JsonFields& part, std::string_view type) {
    if (type == "Split") {
      ++expressions_;
      return ReadSplit(part, spec_);
    }
    if (type == "Digits") {
      CODERANK_ASSIGN(const bool each, part.BoolOr("individual_digits", false));
      if (!each) return NotSupported(part, "individual_digits", "true", "false");
      spec_.split.isolate_numeric = true;
      return OkStatus();
    }
    if (type != "ByteLevel") return NotSupported(part, "type", "ByteLevel", type);
    CODERANK_ASSIGN(const bool prefix, part.BoolOr("add_prefix_space", true));
    if (prefix) return NotSupported(part, "add_prefix_space", "false", "true");
    CODERANK_ASSIGN(const bool splits, part.BoolOr("use_regex", true));
    expressions_ += splits ? 1U : 0U;
    ++byte_levels_;
    return OkStatus();
  }

  BytePairSpec& spec_;
  size_t expressions_ = 0;
  size_t byte_levels_ = 0;
};

Status ReadPostProcessor(const JsonFields& root, BytePairSpec& spec) {
  return ReadParts(root, "post_processor", "processors",
                   [&](const JsonFields& part, std::string_view type) {
                     if (type == "ByteLevel") return OkStatus();  // about offsets only
                     if (type != "TemplateProcessing") {
                       return NotSupported(part, "type", "ByteLevel or TemplateProcessing", type);
                     }
                     TokenizerSpec around;
                     CODERANK_TRY(ReadTemplate(part, around));
                     spec.before = std::move(around.before);
                     spec.after = std::move(around.after);
                     return OkStatus();
                   });
}

}  // namespace

Result<BytePairSpec> ParseBytePairJson(std::string_view json, std::string_view name) {
  CODERANK_ASSIGN(const nlohmann::json document, ParseJsonObject(json, name));
  const JsonFields root(document, StrCat(name, ": "));
  BytePairSpec spec;
  CODERANK_TRY(ReadModel(root, spec));
  CODERANK_TRY(ReadNormalizer(root, spec));
  CODERANK_TRY(PreTokenizerReader(spec).Read(root));
  CODERANK_TRY(ReadPostProcessor(root, spec));
  CODERANK_TRY(ReadAddedTokens(root, spec.added_tokens));
  AssignIds(spec.vocabulary, spec.added_tokens);
  return spec;
}

}  // namespace coderank
