#include "lexical/query_syntax.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

struct Key {
  std::string_view name;
  std::vector<std::string> ParsedSearch::*values;
  std::vector<std::string> ParsedSearch::*excluded;  // null: cannot be negated
};

constexpr auto kKeys = std::to_array<Key>({
    {"symbol", &ParsedSearch::symbols, nullptr},
    {"path", &ParsedSearch::paths, &ParsedSearch::excluded_paths},
    {"lang", &ParsedSearch::languages, &ParsedSearch::excluded_languages},
});

class Parser {
 public:
  explicit Parser(std::string_view query) : query_(query) {}

  Result<ParsedSearch> Parse() {
    while (position_ < query_.size()) {
      if (IsAsciiSpace(query_[position_])) {
        ++position_;
        continue;
      }
      CODERANK_ASSIGN(const bool filter, TakeFilter());
      if (!filter && !TakePhrase()) TakeWord();
    }
    return std::move(request_);
  }

 private:
  std::string_view Rest() const { return query_.substr(position_); }

  // A filter at the start of a word. False if there is none.
  Result<bool> TakeFilter() {
    const bool negated = Rest().starts_with('-');
    const std::string_view word = Rest().substr(negated ? 1 : 0);
    const auto key = std::find_if(kKeys.begin(), kKeys.end(), [word](const Key& candidate) {
      return word.starts_with(candidate.name) &&
             word.substr(candidate.name.size()).starts_with(':');
    });
    if (key == kKeys.end()) return false;
    const std::string_view value = word.substr(key->name.size() + 1);
    if (value.empty() || IsAsciiSpace(value.front()) || value.starts_with(':') ||
        value.starts_with("//")) {
      return false;
    }
    if (negated && key->excluded == nullptr) {
      return Error(StrCat("-", key->name, ": is not known; leave chunks out by -path: or -lang:"));
    }
    const size_t value_at = query_.size() - value.size();
    auto& values = request_.*(negated ? key->excluded : key->values);
    if (value.front() != '"') {
      position_ = value_at;
      values.emplace_back(TakeToBlank());
      return true;
    }
    std::optional<Quoted> quoted = ReadQuoted(value_at);
    if (!quoted || quoted->text.empty()) {
      return Error(StrCat(key->name, ": expected a value in quotes and a blank after it"));
    }
    values.push_back(std::move(quoted->text));
    position_ = quoted->end;
    return true;
  }

  bool TakePhrase() {
    if (query_[position_] != '"') return false;
    std::optional<Quoted> quoted = ReadQuoted(position_);
    if (!quoted || quoted->text.find_first_not_of(" \t\r\n\v\f") == std::string::npos) return false;
    AppendText(quoted->text);
    request_.phrases.push_back(std::move(quoted->text));
    position_ = quoted->end;
    return true;
  }

  void TakeWord() { AppendText(TakeToBlank()); }

  std::string_view TakeToBlank() {
    const auto* begin = query_.data() + position_;
    const auto* end = std::find_if(begin, query_.data() + query_.size(), IsAsciiSpace);
    position_ += static_cast<size_t>(end - begin);
    return {begin, static_cast<size_t>(end - begin)};
  }

  void AppendText(std::string_view text) {
    if (!request_.text.empty()) request_.text += ' ';
    request_.text += text;
  }

  struct Quoted {
    std::string text;
    size_t end;  // after the closing quote
  };

  // What stands in quotes from `start` on, if they are closed at the end of a word.
  std::optional<Quoted> ReadQuoted(size_t start) const {
    Quoted quoted{};
    for (size_t i = start + 1; i < query_.size(); ++i) {
      if (query_.substr(i).starts_with("\\\"")) {
        quoted.text += '"';
        ++i;
      } else if (query_[i] != '"') {
        quoted.text += query_[i];
      } else {
        quoted.end = i + 1;
        if (quoted.end < query_.size() && !IsAsciiSpace(query_[quoted.end])) return std::nullopt;
        return quoted;
      }
    }
    return std::nullopt;
  }

  Status Error(std::string_view what) const {
    return InvalidArgument(StrCat("query, column ", position_ + 1, ": ", what));
  }

  std::string_view query_;
  size_t position_ = 0;
  ParsedSearch request_;
};

}  // namespace

Result<ParsedSearch> ParseSearch(std::string_view query) { return Parser(query).Parse(); }

}  // namespace coderank
