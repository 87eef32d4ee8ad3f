#include "text/glob.h"

#include <array>
#include <optional>
#include <string_view>

namespace coderank {
namespace {

constexpr size_t kNone = static_cast<size_t>(-1);

constexpr bool InRange(unsigned byte, unsigned low, unsigned high) {
  return byte >= low && byte <= high;
}
constexpr bool IsDigit(unsigned c) { return InRange(c, '0', '9'); }
constexpr bool IsLower(unsigned c) { return InRange(c, 'a', 'z'); }
constexpr bool IsUpper(unsigned c) { return InRange(c, 'A', 'Z'); }
constexpr bool IsAlpha(unsigned c) { return IsLower(c) || IsUpper(c); }
constexpr bool IsAlnum(unsigned c) { return IsAlpha(c) || IsDigit(c); }
constexpr bool IsGraph(unsigned c) { return InRange(c, '!', '~'); }

struct NamedClass {
  std::string_view name;
  bool (*contains)(unsigned byte);
};

// ASCII only and independent of the locale. As in git, "space" lacks vertical tab and form feed.
constexpr std::array<NamedClass, 12> kNamedClasses{{
    {"alnum", IsAlnum},
    {"alpha", IsAlpha},
    {"blank", [](unsigned c) { return c == ' ' || c == '\t'; }},
    {"cntrl", [](unsigned c) { return c < 0x20 || c == 0x7F; }},
    {"digit", IsDigit},
    {"graph", IsGraph},
    {"lower", IsLower},
    {"print", [](unsigned c) { return c == ' ' || IsGraph(c); }},
    {"punct", [](unsigned c) { return IsGraph(c) && !IsAlnum(c); }},
    {"space", [](unsigned c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }},
    {"upper", IsUpper},
    {"xdigit", [](unsigned c) { return IsDigit(c) || InRange(c | 0x20U, 'a', 'f'); }},
}};

const NamedClass* FindNamedClass(std::string_view name) {
  for (const NamedClass& named : kNamedClasses) {
    if (named.name == name) return &named;
  }
  return nullptr;
}

// Parses what stands between '[' and ']'. Mirrors the order of git's tests, because it decides
// the corner cases: a first ']' is a member, a range needs a plain byte before its '-', and "[:"
// without ":]" is two members.
class SetParser {
 public:
  // `rest` starts after the '['.
  explicit SetParser(std::string_view rest) : rest_(rest) {}

  // No value when malformed. `consumed` is then not set.
  std::optional<std::bitset<256>> Parse(size_t& consumed) {
    const bool negated = Peek() == '!' || Peek() == '^';
    if (negated) ++at_;
    unsigned previous = 0;  // 0: no range can start here
    do {
      if (!ParseMember(previous)) return std::nullopt;
      ++at_;
    } while (Peek() != ']');
    consumed = at_ + 1;
    if (negated) set_.flip();
    return set_;
  }

 private:
  // 0 at the end: patterns hold no NUL.
  unsigned Peek(size_t ahead = 0) const {
    return at_ + ahead < rest_.size() ? static_cast<unsigned char>(rest_[at_ + ahead]) : 0;
  }

  // One member; leaves `at_` on its last byte and sets `previous`.
  bool ParseMember(unsigned& previous) {
    const unsigned byte = Peek();
    if (byte == 0) return false;
    if (byte == '-' && previous != 0 && Peek(1) != 0 && Peek(1) != ']') {
      ++at_;
      const bool whole = ParseRangeEnd(previous);
      previous = 0;
      return whole;
    }
    if (byte == '[' && Peek(1) == ':') return ParseNamedClass(previous);
    if (byte == '\\') ++at_;
    previous = Peek();
    set_.set(previous);
    return previous != 0;
  }

  bool ParseRangeEnd(unsigned first) {
    if (Peek() == '\\') ++at_;
    const unsigned last = Peek();
    for (unsigned byte = first; byte <= last; ++byte) set_.set(byte);
    return last != 0;
  }

  bool ParseNamedClass(unsigned& previous) {
    const size_t name_start = at_ + 2;
    const size_t close = rest_.find(']', name_start);
    if (close == std::string_view::npos) return false;
    if (close == name_start || rest_[close - 1] != ':') {
      previous = '[';
      set_.set(previous);
      return true;
    }
    const NamedClass* named = FindNamedClass(rest_.substr(name_start, close - 1 - name_start));
    if (named == nullptr) return false;
    for (unsigned byte = 0; byte < 0x80; ++byte) {
      if (named->contains(byte)) set_.set(byte);
    }
    at_ = close;
    previous = 0;
    return true;
  }

  std::string_view rest_;
  size_t at_ = 0;
  std::bitset<256> set_;
};

}  // namespace

class GlobCompiler {
 public:
  GlobCompiler(Glob& glob, std::string_view pattern, GlobMode mode)
      : glob_(glob), pattern_(pattern), mode_(mode) {}

  void Run() {
    while (at_ < pattern_.size() && !glob_.malformed_) {
      switch (pattern_[at_]) {
        case '*':
          AddStars();
          break;
        case '?':
          ++at_;
          Add({Glob::Op::kAnyByte});
          break;
        case '[':
          AddSet();
          break;
        case '\\':
          ++at_;
          glob_.malformed_ = at_ == pattern_.size();
          [[fallthrough]];
        default:
          if (at_ < pattern_.size()) Add({Glob::Op::kByte, pattern_[at_++]});
      }
    }
  }

 private:
  void Add(Glob::Step step) { glob_.steps_.push_back(step); }

  bool StartsAt(size_t at, std::string_view text) const {
    return pattern_.substr(at).substr(0, text.size()) == text;
  }

  void AddStars() {
    const size_t first = at_;
    while (at_ < pattern_.size() && pattern_[at_] == '*') ++at_;
    const bool folder_start = first == 0 || pattern_[first - 1] == '/';
    const bool folder_end = at_ == pattern_.size() || StartsAt(at_, "/") || StartsAt(at_, "\\/");
    const bool any_folders = at_ - first >= 2 && folder_start && folder_end;
    if (mode_ == GlobMode::kPath && !any_folders) {
      Add({Glob::Op::kStar});
    } else if (mode_ == GlobMode::kPath && StartsAt(at_, "/")) {
      ++at_;
      Add({Glob::Op::kAnyFolders});
    } else {
      Add({Glob::Op::kAnything});
    }
  }

  void AddSet() {
    size_t consumed = 0;
    auto set = SetParser(pattern_.substr(at_ + 1)).Parse(consumed);
    if (!set) {
      glob_.malformed_ = true;
      return;
    }
    set->reset('/');
    at_ += 1 + consumed;
    Add({Glob::Op::kSet, 0, static_cast<uint32_t>(glob_.sets_.size())});
    glob_.sets_.push_back(*set);
  }

  Glob& glob_;
  std::string_view pattern_;
  GlobMode mode_;
  size_t at_ = 0;
};

Glob::Glob(std::string_view pattern, GlobMode mode) { GlobCompiler(*this, pattern, mode).Run(); }

bool Glob::MatchesOne(const Step& step, char byte) const {
  switch (step.op) {
    case Op::kByte:
      return byte == step.byte;
    case Op::kAnyByte:
      return byte != '/';
    case Op::kSet:
      return sets_[step.set].test(static_cast<unsigned char>(byte));
    default:
      return false;
  }
}

// What follows a star is matched as early as possible, which leaves the most for the next star.
// So only the last star of each kind is ever extended: first the one that stays in its folder,
// then, when that one meets a '/', the one that crosses folders.
bool Glob::Matches(std::string_view text) const {
  if (malformed_) return false;
  size_t step = 0;
  size_t at = 0;
  size_t star_step = kNone;  // the step after the last kStar, and where its text ends
  size_t star_at = 0;
  size_t wide_step = kNone;  // the same for the last kAnything or kAnyFolders
  size_t wide_at = 0;
  for (;;) {
    if (step < steps_.size() && steps_[step].op >= Op::kStar) {
      if (steps_[step].op == Op::kStar) {
        star_step = ++step;
        star_at = at;
      } else {
        wide_step = ++step;
        wide_at = at;
        star_step = kNone;
      }
      continue;
    }
    if (step == steps_.size() && at == text.size()) return true;
    if (step < steps_.size() && at < text.size() && MatchesOne(steps_[step], text[at])) {
      ++step;
      ++at;
      continue;
    }
    // A star that takes more leaves less for the steps that lack a byte already.
    if (at == text.size()) return false;
    if (star_step != kNone && star_at < text.size() && text[star_at] != '/') {
      step = star_step;
      at = ++star_at;
      continue;
    }
    if (wide_step == kNone || wide_at >= text.size()) return false;
    if (steps_[wide_step - 1].op == Op::kAnyFolders) {
      const size_t slash = text.find('/', wide_at);
      if (slash == std::string_view::npos) return false;
      wide_at = slash;
    }
    step = wide_step;
    at = ++wide_at;
    star_step = kNone;
  }
}

}  // namespace coderank
