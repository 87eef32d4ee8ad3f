#include "evaluation/trec_run.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"
#include "evaluation/json_input.h"

namespace coderank::evaluation {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";
constexpr unsigned kReadableByAll = 0644;
constexpr size_t kFields = 6;

// -1 for no digit.
int HexValue(char c) {
  const size_t value = kHexDigits.find(c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c);
  return value == std::string_view::npos ? -1 : static_cast<int>(value);
}

std::string DocumentId(const RankedResult& result) {
  std::string id = TrecId(result.path);
  if (result.lines.first > 0) id += StrCat(":", result.lines.first, "-", result.lines.last);
  return id;
}

bool ParseNumber(std::string_view text, uint32_t& value) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && stop == text.data() + text.size();
}

// "src/a.cc:3-17"; without lines the result is the whole file's.
RankedResult ParseChunkId(std::string_view id) {
  const size_t colon = id.rfind(':');
  const size_t dash = id.find('-', colon == std::string_view::npos ? id.size() : colon);
  LineSpan lines;
  if (dash != std::string_view::npos &&
      ParseNumber(id.substr(colon + 1, dash - colon - 1), lines.first) &&
      ParseNumber(id.substr(dash + 1), lines.last)) {
    return {.path = FromTrecId(id.substr(0, colon)), .lines = lines};
  }
  return {.path = FromTrecId(id), .lines = {}};
}

// The fields between blanks; empty if there are not exactly six.
std::vector<std::string_view> Split(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const size_t end = std::min(line.find_first_of(" \t"), line.size());
    fields.push_back(line.substr(0, end));
    line.remove_prefix(end);
    if (fields.size() > kFields) break;
  }
  if (fields.size() != kFields) fields.clear();
  return fields;
}

struct Entry {
  std::string document;  // as written
  double score = 0;
};

bool Before(const Entry& a, const Entry& b) {
  return a.score != b.score ? a.score > b.score : a.document > b.document;
}

}  // namespace

std::string TrecId(std::string_view id) {
  std::string out;
  for (const char c : id) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '%') {
      out += c;
    } else {
      out += {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
    }
  }
  return out;
}

std::string FromTrecId(std::string_view id) {
  std::string out;
  for (size_t i = 0; i < id.size(); ++i) {
    const int high = id[i] == '%' && i + 2 < id.size() ? HexValue(id[i + 1]) : -1;
    const int low = high >= 0 ? HexValue(id[i + 2]) : -1;
    if (low < 0) {
      out += id[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

Status WriteTrecRun(const EvaluationRun& run, std::string_view tag,
                    const std::filesystem::path& file) {
  std::string text;
  for (const RepositoryRun& repository : run.repositories) {
    for (const QueryRun& query : repository.queries) {
      for (size_t i = 0; i < query.results.size(); ++i) {
        text += StrCat(TrecId(query.id), " Q0 ", DocumentId(query.results[i]), " ", i + 1, " ",
                       query.results.size() - i, " ", TrecId(tag), "\n");
      }
    }
  }
  return WriteFileAtomically(file, text, kReadableByAll);
}

Result<ResultsByQuery> ReadTrecRun(const std::filesystem::path& file, Layout layout) {
  CODERANK_ASSIGN(LineReader lines, LineReader::Open(file));
  std::map<std::string, std::vector<Entry>> entries;
  for (;;) {
    CODERANK_ASSIGN(const auto line, lines.Next());
    if (!line) break;
    if (line->find_first_not_of(" \t") == std::string::npos) continue;
    const auto fields = Split(*line);
    double score = 0;
    if (!fields.empty()) {
      const std::string_view text = fields[4];
      const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), score);
      if (error == std::errc() && stop == text.data() + text.size() && std::isfinite(score)) {
        entries[FromTrecId(fields[0])].push_back({std::string(fields[2]), score});
        continue;
      }
    }
    return Corrupt(StrCat(lines.place(), ": expected \"query Q0 document rank score tag\", found ",
                          line->substr(0, 80)));
  }
  ResultsByQuery results;
  for (auto& [query, found] : entries) {
    std::sort(found.begin(), found.end(), Before);
    for (const Entry& entry : found) {
      RankedResult result = layout == Layout::kAnnotatedTrees
                                ? ParseChunkId(entry.document)
                                : RankedResult{.path = FromTrecId(entry.document), .lines = {}};
      result.score = entry.score;
      results[query].push_back(std::move(result));
    }
  }
  return results;
}

}  // namespace coderank::evaluation
