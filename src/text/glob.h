// Glob: one compiled wildcard pattern with the meaning git gives it in ignore files.
//
//   ?  one byte        *  any bytes         [a-z] [!a] [^a] [[:alpha:]]  one byte of a set
//   \x the byte x      ** at the start or after '/', before '/' or at the end: any folders
//
// Everything works on bytes and is case-sensitive, as in git. A pattern with an unfinished set, an
// unknown [:class:] or a final backslash matches nothing, also as in git. What a leading '/', '!'
// or a trailing '/' mean is the business of IgnoreRules.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace coderank {

// kPath: '/' is matched by '/' and by "**" only. kName: for texts without a '/', where "**" is "*".
enum class GlobMode { kName, kPath };

// Immutable, so thread-safe. Matching keeps one point of return per kind of star instead of
// recursing, so it needs no memory, and its time is polynomial (about pattern x text) even for
// patterns like "a*a*a*b".
class Glob {
 public:
  Glob() = default;  // matches the empty text only
  Glob(std::string_view pattern, GlobMode mode);

  bool Matches(std::string_view text) const;

  // Matches nothing, as it cannot be understood.
  bool malformed() const { return malformed_; }

 private:
  friend class GlobCompiler;

  enum class Op : uint8_t {
    kByte,
    kAnyByte,     // but '/'
    kSet,         // a byte of sets_[set]
    kStar,        // any bytes but '/'
    kAnything,    // any bytes
    kAnyFolders,  // nothing, or any bytes that end in '/'
  };
  struct Step {
    Op op;
    char byte = 0;
    uint32_t set = 0;
  };
  // The byte set of "[...]", indexed by the unsigned byte.
  using ByteSet = std::bitset<256>;

  bool MatchesOne(const Step& step, char byte) const;

  std::vector<Step> steps_;
  std::vector<ByteSet> sets_;
  bool malformed_ = false;
};

}  // namespace coderank
