#include "agents/jsonc_scanner.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "base/try.h"

namespace coderank::agents {
namespace {

constexpr size_t kMostDepth = 100;  // of settings; the scanner calls itself for each level

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Scanner {
 public:
  Scanner(std::string_view text, size_t at) : text_(text), at_(at) {}

  bool AtEnd() const { return at_ >= text_.size(); }

  Status Fail(std::string_view expected) const {
    const std::string_view before = text_.substr(0, at_);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    return Corrupt(StrCat("line ", lines + 1, ": expected ", expected));
  }

  // Passes over blanks and comments.
  Status Blank() {
    for (;;) {
      while (!AtEnd() && IsBlank(text_[at_])) ++at_;
      if (StartsWith("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (StartsWith("/*")) {
        const size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return Fail("the end of the comment");
        at_ = end + 2;
      } else {
        return OkStatus();
      }
    }
  }

  // From its '{' to behind its '}'.
  Result<JsoncObject> Object(size_t depth) {
    JsoncObject object{.begin = at_, .end = 0, .members = {}, .content_end = at_ + 1};
    if (depth > kMostDepth || !Take('{')) return Fail("an object");
    for (;;) {
      CODERANK_TRY(Blank());
      if (!AtEnd() && text_[at_] == '}') break;
      if (!object.members.empty() && object.members.back().comma == std::string_view::npos) {
        return Fail("',' or '}'");
      }
      CODERANK_ASSIGN(JsoncMember member, Member(depth));
      object.members.push_back(std::move(member));
      CODERANK_TRY(Blank());
      if (Take(',')) object.members.back().comma = at_ - 1;
    }
    object.end = at_++;
    size_t end = object.end;
    while (end > object.begin + 1 && IsBlank(text_[end - 1])) --end;
    object.content_end = end;
    return object;
  }

 private:
  bool StartsWith(std::string_view prefix) const {
    return !AtEnd() && text_.substr(at_).starts_with(prefix);
  }
  bool Take(char c) {
    if (AtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  Result<JsoncMember> Member(size_t depth) {
    JsoncMember member{.key = {}, .begin = at_};
    CODERANK_ASSIGN(member.key, String());
    CODERANK_TRY(Blank());
    if (!Take(':')) return Fail("':'");
    CODERANK_TRY(Blank());
    member.value_begin = at_;
    CODERANK_TRY(Value(depth + 1));
    member.value_end = at_;
    return member;
  }

  Status Value(size_t depth) {
    if (AtEnd()) return Fail("a value");
    if (text_[at_] == '{') {
      const auto object = Object(depth);
      return object ? OkStatus() : object.error();
    }
    if (text_[at_] == '[') return Array(depth);
    if (text_[at_] == '"') {
      const auto string = String();
      return string ? OkStatus() : string.error();
    }
    return Word();
  }

  Status Array(size_t depth) {
    if (depth > kMostDepth) return Fail("fewer levels");
    ++at_;
    bool may_have_value = true;
    for (;;) {
      CODERANK_TRY(Blank());
      if (Take(']')) return OkStatus();
      if (!may_have_value) return Fail("',' or ']'");
      CODERANK_TRY(Value(depth + 1));
      CODERANK_TRY(Blank());
      may_have_value = Take(',');
    }
  }

  Result<std::string> String() {
    const size_t begin = at_;
    if (!Take('"')) return Fail("'\"'");
    while (!AtEnd() && text_[at_] != '"') at_ += text_[at_] == '\\' ? size_t{2} : size_t{1};
    if (AtEnd()) return Fail("the end of the string");
    ++at_;
    const auto value = nlohmann::json::parse(text_.substr(begin, at_ - begin), nullptr, false);
    if (!value.is_string()) return Fail("a JSON string");
    return value.get<std::string>();
  }

  // A number, true, false or null.
  Status Word() {
    const size_t begin = at_;
    while (!AtEnd() && !IsBlank(text_[at_]) &&
           std::string_view(",]}/:").find(text_[at_]) == std::string_view::npos) {
      ++at_;
    }
    const auto value = nlohmann::json::parse(text_.substr(begin, at_ - begin), nullptr, false);
    return value.is_primitive() && !value.is_discarded() ? OkStatus() : Fail("a JSON value");
  }

  const std::string_view text_;
  size_t at_;
};

}  // namespace

Result<JsoncObject> ScanDocument(std::string_view text) {
  Scanner scanner(text, 0);
  CODERANK_TRY(scanner.Blank());
  CODERANK_ASSIGN(JsoncObject object, scanner.Object(0));
  CODERANK_TRY(scanner.Blank());
  if (!scanner.AtEnd()) return scanner.Fail("nothing more");
  return object;
}

Result<JsoncObject> ScanObject(std::string_view text, size_t begin) {
  return Scanner(text, begin).Object(0);
}

std::string PlainJson(std::string_view text) {
  std::string out;
  bool in_string = false;
  bool comma = false;  // seen, and kept back until it is known what follows
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (in_string) {
      in_string = text[i] != '"';
      out += text[i];
      if (text[i] == '\\' && i + 1 < text.size()) out += text[++i];
    } else if (rest.starts_with("//")) {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (rest.starts_with("/*")) {
      i = std::min(text.find("*/", i + 2), text.size() - 2) + 1;
    } else if (text[i] == ',') {
      comma = true;
    } else if (!IsBlank(text[i])) {
      if (comma && text[i] != '}' && text[i] != ']') out += ',';
      comma = false;
      in_string = text[i] == '"';
      out += text[i];
    }
  }
  return out;
}

}  // namespace coderank::agents
