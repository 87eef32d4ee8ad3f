#include "server/mcp/tool_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string_view>

#include "base/strings.h"
#include "ops/place_of.h"
#include "ops/qualified_name.h"
#include "ops/requests.h"

namespace coderank::server::mcp {
namespace {

// "1 file", "2 files".
std::string Counted(uint64_t count, std::string_view noun) {
  return StrCat(count, " ", noun, count == 1 ? "" : "s");
}

// Control characters of a file name would break the line that names it, or fake another one.
std::string OneLine(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      out += c;
      continue;
    }
    std::array<char, 8> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "\\x%02x", byte);
    out += escaped.data();
  }
  return out;
}

std::string Heading(const SearchResult& result) {
  std::string line = StrCat(OneLine(result.path), ":", result.start_line, "-", result.end_line);
  if (!result.kind.empty()) line += StrCat(" ", result.kind);
  const std::string name = ops::QualifiedName(result);
  if (!name.empty()) line += StrCat(" ", OneLine(name));
  return line;
}

std::string Terms(const SearchResult& result) {
  std::string text;
  for (const ScoreTerm& term : result.terms) {
    std::array<char, 32> value{};
    std::snprintf(value.data(), value.size(), "%.2f", term.value);
    text += term.is_factor ? StrCat(", x ", value.data(), " ", term.name)
                           : StrCat(text.empty() ? "" : " + ", term.name, " ", value.data());
  }
  return text;
}

// As it is, ended.
std::string Lines(std::string_view text) {
  return text.empty() || text.back() == '\n' ? std::string(text) : StrCat(text, "\n");
}

std::string ResultText(const SearchResult& result) {
  std::string text = Heading(result);
  if (result.before_lines + result.after_lines > 0) {
    text += StrCat(" (lines ", result.start_line - result.before_lines, "-",
                   result.end_line + result.after_lines, " are shown)");
  }
  text += "\n";
  if (!result.terms.empty()) text += StrCat("score ", Terms(result), "\n");
  if (result.before_lines > 0) text += result.before + "\n";
  text += Lines(result.snippet);
  if (result.after_lines > 0) text += result.after + "\n";
  if (result.snippet_cut) text += "...\n";
  return text;
}

std::string Notes(const std::vector<std::string>& said) {
  std::string notes;
  for (const std::string& note : said) notes += StrCat("note: ", OneLine(note), "\n");
  return notes;
}

// What an answer lacks, and what to do about it. Empty when it lacks nothing.
std::string Notes(const SearchReport& report) {
  const Coverage& coverage = report.coverage;
  const Freshness& f = report.freshness;
  std::string notes;
  if (report.mode == SearchMode::kLexical && report.model.empty()) {
    notes += "note: found by words alone, without vectors: words of the code count\n";
  } else if (coverage.embedded_chunks < coverage.chunks) {
    notes += StrCat("note: ", coverage.embedded_chunks, " of ", coverage.chunks,
                    " chunks have a vector yet; refresh_index makes more\n");
  }
  if (!coverage.complete) notes += "note: the index is incomplete; refresh_index goes on\n";
  const uint64_t behind = f.new_files + f.changed_files + f.removed_files;
  if (!f.refreshed && behind > 0) {
    notes += StrCat("note: the index is ", f.known ? "" : "at least ", Counted(behind, "file"),
                    " behind the tree; refresh_index takes them in\n");
  }
  return notes + Notes(report.notes);
}

std::string HitText(const CollectionHit& hit) {
  std::array<char, 32> score{};
  std::snprintf(score.data(), score.size(), "%.3f", hit.score);
  std::string text = StrCat(OneLine(ops::PlaceOf(hit)), " (", OneLine(hit.collection), ", ",
                            score.data(), ")\n", Lines(hit.text));
  return hit.text_cut ? text + "...\n" : text;
}

std::string CoverageText(const Coverage& coverage) {
  return StrCat(Counted(coverage.files, "file"), ", ", Counted(coverage.chunks, "chunk"), ", ",
                coverage.embedded_chunks, " with a vector",
                coverage.complete ? "" : "; incomplete: refresh_index goes on");
}

// "binary 3, too_large 1": how many files each rule left out, of those that are listed.
std::string ByReason(const std::vector<SkippedFile>& files) {
  std::map<std::string_view, uint64_t> counts;
  for (const SkippedFile& file : files) ++counts[file.reason];
  std::string text;
  for (const auto& [reason, count] : counts) {
    text += StrCat(text.empty() ? "" : ", ", reason, " ", count);
  }
  return text;
}

}  // namespace

std::string SearchText(const SearchReport& report, std::string_view asked) {
  std::string text;
  if (report.results.empty()) {
    text = StrCat("nothing found for ", asked, report.nothing_found.empty() ? "" : ": ",
                  OneLine(report.nothing_found), "\n");
    if (report.coverage.chunks == 0) text += "note: the index is empty; see index_status\n";
  }
  for (const SearchResult& result : report.results) {
    if (!text.empty()) text += "\n";
    text += ResultText(result);
  }
  const std::string notes = Notes(report);
  if (!notes.empty()) text += "\n" + notes;
  return text;
}

std::string StatusText(const StatusReport& report, const Readiness& readiness) {
  std::string text = StrCat(
      "index of ", report.root, ": ", CoverageText(report.coverage),
      "\nmodel: ", report.model.empty() ? "none, search is by words alone" : report.model, "\n");
  if (!readiness.ready) text += StrCat("this server is ", readiness.activity, "\n");
  if (readiness.error) text += StrCat("a model failed to load: ", readiness.error->message(), "\n");
  if (!report.indexed_at.empty()) text += StrCat("indexed at ", report.indexed_at, "\n");
  if (report.coverage.skipped_files > 0) {
    text += StrCat("left out: ", Counted(report.coverage.skipped_files, "file"), " (",
                   ByReason(report.skipped), "); ask with `why` for the rule\n");
  }
  if (report.explanation) {
    const PathExplanation& why = *report.explanation;
    text += StrCat(OneLine(why.path), why.indexed ? ": is indexed" : ": is not indexed");
    if (!why.would_be) {
      text += StrCat("; left out: ", why.skipped.reason, why.skipped.detail.empty() ? "" : ", ",
                     OneLine(why.skipped.detail));
    } else if (!why.indexed) {
      text += "; refresh_index would take it in";
    }
    text += "\n";
  }
  return text;
}

std::string RefreshText(const IndexReport& report) {
  std::string text =
      StrCat("index of ", report.root, ": ", report.files_added, " new, ", report.files_changed,
             " changed, ", report.files_removed, " removed, ", report.files_unchanged,
             " unchanged; now ", CoverageText(report.coverage), "\n");
  if (report.seconds_left > 0) {
    text += StrCat("the vectors that are missing would take ",
                   static_cast<uint64_t>(report.seconds_left), " seconds; call again to go on\n");
  }
  return text + Notes(report.notes);
}

std::string CollectionsText(const CollectionSearchReport& report, std::string_view asked) {
  if (report.hits.empty()) return StrCat("nothing found for ", asked, "\n");
  std::string text;
  for (const CollectionHit& hit : report.hits) {
    text += StrCat(text.empty() ? "" : "\n", HitText(hit));
  }
  return text;
}

}  // namespace coderank::server::mcp
