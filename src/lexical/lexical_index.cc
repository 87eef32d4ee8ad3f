#include "lexical/lexical_index.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "lexical/window_search.h"

namespace coderank {
namespace {

// What a document of the base must not be, by its chunk's id; ascending.
DocumentSet PresentDocuments(uint32_t count, const LexicalSegment& base,
                             std::span<const int64_t> gone) {
  DocumentSet present(count);
  present.InsertRange(0, count);
  if (gone.empty()) return present;
  for (uint32_t document = 0; document < base.document_count(); ++document) {
    if (std::binary_search(gone.begin(), gone.end(), base.chunk_id(document))) {
      present.Erase(document);
    }
  }
  return present;
}

}  // namespace

Result<LexicalIndex> LexicalIndex::Create(LexicalSegment base,
                                          std::optional<LexicalSegment> delta) {
  std::vector<Segment> segments;
  const uint32_t documents = base.document_count();
  const uint32_t files = base.file_count();
  segments.push_back({.segment = std::move(base), .first_document = 0, .first_file = 0});
  if (delta.has_value()) {
    if (delta->base_generation() != segments.front().segment.generation()) {
      return FailedPrecondition(StrCat(delta->source(), ": expected a delta to generation ",
                                       segments.front().segment.generation(), ", found one to ",
                                       delta->base_generation()));
    }
    if (delta->document_count() >= kNoDocument - documents) {
      return ResourceExhausted(StrCat(delta->source(), ": the lexical index is full"));
    }
    segments.push_back(
        {.segment = *std::move(delta), .first_document = documents, .first_file = files});
  }
  LexicalIndex index(std::move(segments));
  index.present_ = PresentDocuments(index.document_count(), index.segments_.front().segment,
                                    index.segments_.back().segment.gone());
  return index;
}

uint32_t LexicalIndex::document_count() const {
  return segments_.back().first_document + segments_.back().segment.document_count();
}

uint32_t LexicalIndex::file_count() const {
  return segments_.back().first_file + segments_.back().segment.file_count();
}

const LexicalIndex::Segment& LexicalIndex::SegmentOf(uint32_t document) const {
  return document < segments_.back().first_document ? segments_.front() : segments_.back();
}

LexicalFile LexicalIndex::file(uint32_t number) const {
  const Segment& of = number < segments_.back().first_file ? segments_.front() : segments_.back();
  LexicalFile file = of.segment.file(number - of.first_file);
  file.first_document += of.first_document;
  file.end_document += of.first_document;
  return file;
}

LexicalHit LexicalIndex::Describe(uint32_t document) const {
  const Segment& of = SegmentOf(document);
  const uint32_t inside = document - of.first_document;
  return {.document = document,
          .chunk_id = of.segment.chunk_id(inside),
          .text_id = of.segment.text_id(inside),
          .file = of.first_file + of.segment.FileOf(inside)};
}

DocumentSet LexicalIndex::InFiles(FunctionRef<bool(const LexicalFile&)> wanted) const {
  DocumentSet found(document_count());
  for (uint32_t number = 0; number < file_count(); ++number) {
    const LexicalFile one = file(number);
    if (wanted(one)) found.InsertRange(one.first_document, one.end_document);
  }
  found.IntersectWith(present_);
  return found;
}

Result<LexicalIndex::ListedTerm> LexicalIndex::Lookup(std::string_view term) const {
  ListedTerm listed{.term = term, .documents = 0, .weight = 0, .records = {}};
  for (const Segment& of : segments_) {
    CODERANK_ASSIGN(auto record, of.segment.FindTerm(term));
    listed.documents += record ? record->documents : 0;
    listed.records.push_back(record);
  }
  return listed;
}

// The known terms of positive weight, at most kMaximumLists.
Result<std::vector<LexicalIndex::ListedTerm>> LexicalIndex::LookupAll(
    const LexicalQuery& query) const {
  std::vector<ListedTerm> terms;
  struct Family {
    uint64_t documents = 0;  // one with two of its terms counts twice
    uint32_t terms = 0;      // that are in a document
  };
  std::unordered_map<std::string_view, Family> families;
  for (const QueryTerm& term : query.terms) {
    CODERANK_ASSIGN(terms.emplace_back(), Lookup(term.term));
    Family& family = families[term.family];
    family.documents += terms.back().documents;
    family.terms += terms.back().documents > 0 ? 1U : 0U;
  }
  for (size_t i = 0; i < terms.size(); ++i) {
    const QueryTerm& term = query.terms[i];
    const Family& family = families[term.family];
    const uint64_t all = document_count();
    terms[i].weight = term.weight * InverseDocumentFrequency(all, terms[i].documents);
    if (term.weight == 0 || family.terms > 1) {
      terms[i].weight += term.family_weight * InverseDocumentFrequency(all, family.documents);
    }
  }
  std::erase_if(terms, [](const ListedTerm& term) {
    return term.documents == 0 || !std::isfinite(term.weight) || term.weight <= 0;
  });
  if (terms.size() > kMaximumLists) {
    std::stable_sort(terms.begin(), terms.end(), [](const auto& left, const auto& right) {
      return left.weight > right.weight;
    });
    terms.resize(kMaximumLists);
  }
  return terms;
}

Result<std::vector<LexicalHit>> LexicalIndex::Search(const LexicalQuery& query, size_t count,
                                                     const DocumentSet& among) const {
  return Search(query, count, among, [](const LexicalHit&) { return true; });
}

Result<std::vector<LexicalHit>> LexicalIndex::Search(
    const LexicalQuery& query, size_t count, const DocumentSet& among,
    FunctionRef<bool(const LexicalHit&)> accept) const {
  CODERANK_ASSIGN(const std::vector<ListedTerm> terms, LookupAll(query));
  double heaviest = 0;
  for (const ListedTerm& term : terms) heaviest = std::max(heaviest, term.weight);
  if (terms.empty() || count == 0) return std::vector<LexicalHit>();

  // A score is a whole number of these.
  const double unit = heaviest / (double{kMaximumListWeight} * kImpactScale);
  const auto describe = [&](ScoredDocument scored) {
    LexicalHit hit = Describe(scored.document);
    hit.score = scored.score * unit;
    return hit;
  };
  TopDocuments top(count);
  for (size_t s = 0; s < segments_.size(); ++s) {
    const Segment& of = segments_[s];
    std::vector<WeightedList> lists;
    for (const ListedTerm& term : terms) {
      if (!term.records[s]) continue;
      CODERANK_ASSIGN(PostingCursor postings, of.segment.OpenPostings(*term.records[s]));
      const double weight = term.weight / heaviest * kMaximumListWeight;
      lists.push_back({.postings = postings,
                       .weight = static_cast<uint32_t>(std::max(1.0, std::round(weight)))});
    }
    SearchWindows(
        lists, of.segment.document_count(), of.first_document, among,
        [&](ScoredDocument scored) { return accept(describe(scored)); }, top);
    for (const WeightedList& list : lists) {
      if (list.postings.damaged()) return of.segment.DamagedPostings();
    }
  }
  std::vector<LexicalHit> hits;
  for (const ScoredDocument& scored : top.Take()) hits.push_back(describe(scored));
  return hits;
}

Result<DocumentSet> LexicalIndex::Containing(std::span<const std::string> terms,
                                             const DocumentSet& among) const {
  std::vector<ListedTerm> listed;
  for (const std::string& term : terms) {
    CODERANK_ASSIGN(listed.emplace_back(), Lookup(term));
  }
  if (listed.empty()) return among;
  DocumentSet found(document_count());
  for (size_t s = 0; s < segments_.size(); ++s) {
    CODERANK_TRY(IntersectSegment(s, listed, among, found));
  }
  return found;
}

// Adds the documents of a segment that hold all terms to `found`.
Status LexicalIndex::IntersectSegment(size_t s, std::span<const ListedTerm> terms,
                                      const DocumentSet& among, DocumentSet& found) const {
  const Segment& of = segments_[s];
  std::vector<PostingCursor> lists;
  for (const ListedTerm& term : terms) {
    if (!term.records[s]) return OkStatus();
    CODERANK_ASSIGN(PostingCursor postings, of.segment.OpenPostings(*term.records[s]));
    lists.push_back(postings);
  }
  // The rarest term leads.
  std::sort(lists.begin(), lists.end(),
            [](const auto& left, const auto& right) { return left.count() < right.count(); });
  uint32_t document = 0;
  size_t agreeing = 0;
  for (size_t i = 0; lists[i].Seek(document); i = (i + 1) % lists.size()) {
    agreeing = lists[i].document() == document ? agreeing + 1 : 1;
    document = lists[i].document();
    if (agreeing < lists.size()) continue;
    if (among.Contains(of.first_document + document)) found.Insert(of.first_document + document);
    agreeing = 0;
    ++document;
  }
  for (const PostingCursor& list : lists) {
    if (list.damaged()) return of.segment.DamagedPostings();
  }
  return OkStatus();
}

Result<uint64_t> LexicalIndex::DocumentFrequency(std::string_view term) const {
  CODERANK_ASSIGN(const ListedTerm listed, Lookup(term));
  return listed.documents;
}

Result<std::vector<TermExplanation>> LexicalIndex::Explain(const LexicalQuery& query,
                                                           const LexicalDocument& document) const {
  CODERANK_ASSIGN(const std::vector<ListedTerm> terms, LookupAll(query));
  std::vector<FieldCounts> counts(terms.size());
  FieldCounts lengths{};
  VisitTokens(document, [&](LexicalField field, std::string_view token, bool counts_length) {
    const auto f = static_cast<size_t>(field);
    if (counts_length) ++lengths[f];
    for (size_t i = 0; i < terms.size(); ++i) {
      if (terms[i].term == token) ++counts[i][f];
    }
  });
  const FieldLengths& averages = segments_.front().segment.average_lengths();
  std::vector<TermExplanation> rows;
  for (size_t i = 0; i < terms.size(); ++i) {
    TermExplanation row{.term = std::string(terms[i].term),
                        .documents = terms[i].documents,
                        .weight = terms[i].weight};
    double frequency = 0;
    for (size_t f = 0; f < kLexicalFields; ++f) {
      row.by_field[f] = FieldFrequency(f, counts[i][f], lengths[f], averages[f]);
      frequency += row.by_field[f];
    }
    row.impact = Saturate(frequency);
    row.score = row.weight * row.impact;
    for (double& part : row.by_field) part *= frequency > 0 ? row.score / frequency : 0;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace coderank
