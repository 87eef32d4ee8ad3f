#include "search/name_signals.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "search/word_match.h"
#include "text/identifiers.h"

namespace coderank {
namespace {

// The file's name without folders and extensions: "session" of "http/session.test.py".
std::string_view StemOf(std::string_view path) {
  const std::string_view file = path.substr(path.rfind('/') + 1);
  return file.substr(0, file.find('.', 1));
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
  if (!joined.empty() && JoinIdentifier(StemOf(chunk.path)) == joined) {
    signals.file_has_name = 1;
  }
}

void FindDescribed(const QueryAnalysis& query, const StoredChunk& chunk, NameSignals& signals) {
  VisitNames(chunk.definitions, [&](std::string_view name) {
    if (std::find(query.mentioned.begin(), query.mentioned.end(), name) != query.mentioned.end()) {
      signals.defines_mentioned = 1;
    }
  });
  const std::vector<std::string> stem = SplitIdentifier(StemOf(chunk.path));
  signals.stem_words = MatchedShare(query.words, stem);
  if (signals.stem_words > 0) signals.stem_covered = MatchedShare(stem, query.words);
}

}  // namespace

bool EndsWithPath(std::string_view path, std::string_view end) {
  if (!path.ends_with(end)) return false;
  return path.size() == end.size() || path[path.size() - end.size() - 1] == '/';
}

NameSignals FindNameSignals(const QueryAnalysis& query, const StoredChunk& chunk) {
  NameSignals signals;
  if (query.shape == QueryShape::kName) FindNamed(query, chunk, signals);
  if (query.shape == QueryShape::kSentence) FindDescribed(query, chunk, signals);
  if (!query.path.empty() && EndsWithPath(chunk.path, query.path)) {
    signals.is_path = 1;
    const bool covers = chunk.start_line <= query.line && query.line <= chunk.end_line;
    signals.covers_line = covers ? 1 : 0;
  }
  return signals;
}

}  // namespace coderank
