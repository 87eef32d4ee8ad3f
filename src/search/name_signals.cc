#include "search/name_signals.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "search/word_match.h"
#include "text/identifiers.h"

namespace coderank {
namespace {

// Fewer letters match too easily: "a", "to", "id".
constexpr size_t kShortestPart = 3;
// Parts of one name that have to be said before the name counts as said: one word, like "get" or
// "request", is in half of all names.
constexpr double kPartsForAll = 2;

struct PathNames {
  std::string_view stem;    // of the file: "session" of "http/session.py"
  std::string_view folder;  // that holds it: "http"
};

PathNames NamesOf(std::string_view path) {
  PathNames names;
  const size_t slash = path.rfind('/');
  const std::string_view file = path.substr(slash + 1);
  names.stem = file.substr(0, file.find('.', 1));
  if (slash != std::string_view::npos) {
    const std::string_view folders = path.substr(0, slash);
    names.folder = folders.substr(folders.rfind('/') + 1);
  }
  return names;
}

// visit(name) for each of names with blanks between them.
template <typename Visit>
void VisitNames(std::string_view names, Visit visit) {
  while (!names.empty()) {
    const size_t end = std::min(names.find(' '), names.size());
    if (end > 0) visit(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
}

std::vector<std::string> LongParts(std::string_view name) {
  std::vector<std::string> parts = SplitIdentifier(name);
  std::erase_if(parts, [](const std::string& part) { return part.size() < kShortestPart; });
  return parts;
}

// The last component of a scope: "b" of "a.b".
std::string_view Innermost(std::string_view scope) { return scope.substr(scope.rfind('.') + 1); }

void FindNamed(const QueryAnalysis& query, const StoredChunk& chunk, NameSignals& signals) {
  const std::string joined = JoinIdentifier(query.name);
  VisitNames(chunk.definitions, [&](std::string_view name) {
    if (name == query.name) signals.defines_name = 1;
    if (JoinIdentifier(name) == joined) signals.defines_similar_name = 1;
  });
  if (signals.defines_name > 0) signals.defines_similar_name = 0;
  const bool defines = signals.defines_name + signals.defines_similar_name > 0;
  if (defines && !query.qualifier.empty() &&
      JoinIdentifier(Innermost(chunk.scope)) == JoinIdentifier(query.qualifier)) {
    signals.defines_in_scope = 1;
  }
  if (!joined.empty() && JoinIdentifier(NamesOf(chunk.path).stem) == joined) {
    signals.file_has_name = 1;
  }
}

// How far the words say the name: the share of its parts, less when that is a single word.
double ShareSaid(std::string_view name, const std::vector<std::string>& words) {
  const std::vector<std::string> parts = LongParts(name);
  if (parts.empty()) return 0;
  const double said = static_cast<double>(
      std::count_if(parts.begin(), parts.end(), [&words](const std::string& part) {
        return std::any_of(words.begin(), words.end(), [&part](const std::string& word) {
          return word == part || Stem(word) == Stem(part);
        });
      }));
  return said / static_cast<double>(parts.size()) * std::min(1.0, said / kPartsForAll);
}

void FindDescribed(const QueryAnalysis& query, const StoredChunk& chunk, NameSignals& signals) {
  VisitNames(chunk.definitions, [&](std::string_view name) {
    if (std::find(query.mentioned.begin(), query.mentioned.end(), name) != query.mentioned.end()) {
      signals.defines_mentioned = 1;
    }
    signals.defines_words = std::max(signals.defines_words, ShareSaid(name, query.words));
  });
  const PathNames names = NamesOf(chunk.path);
  const std::vector<std::string> stem = SplitIdentifier(names.stem);
  signals.stem_words = MatchedShare(query.words, stem);
  signals.folder_words = MatchedShare(query.words, SplitIdentifier(names.folder));
  if (signals.stem_words > 0) signals.stem_covered = MatchedShare(stem, query.words);
}

bool EndsWithPath(std::string_view path, std::string_view end) {
  if (!path.ends_with(end)) return false;
  return path.size() == end.size() || path[path.size() - end.size() - 1] == '/';
}

}  // namespace

NameSignals FindNameSignals(const QueryAnalysis& query, const StoredChunk& chunk) {
  NameSignals signals;
  if (query.shape == QueryShape::kName) FindNamed(query, chunk, signals);
  if (query.shape == QueryShape::kSentence) FindDescribed(query, chunk, signals);
  if (!query.path.empty() && EndsWithPath(chunk.path, query.path)) signals.is_path = 1;
  return signals;
}

}  // namespace coderank
