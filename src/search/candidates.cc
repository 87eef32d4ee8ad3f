#include "search/candidates.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "base/try.h"
#include "lexical/lexical_document.h"
#include "lexical/lexical_query.h"
#include "search/name_signals.h"
#include "text/language_kind.h"

namespace coderank {
namespace {

// From each side. Fewer leave good files out of the file coherence, more change nothing that can be
// seen among the first results.
constexpr size_t kCandidates = 100;
// And at least so many times what will be shown, since further chunks of a file step back.
constexpr size_t kCandidatesPerResult = 4;
// Chunks that define a name of the query and rank low by words. Names defined more often, like
// "run" or "get", say little.
constexpr size_t kDefinitions = 50;
// A tree whose chunks are prose (or data) to this share is searched for it.
constexpr double kCommonShare = 0.8;

bool Contains(const std::string& text, const std::vector<std::string>& phrases) {
  return std::all_of(phrases.begin(), phrases.end(), [&text](const std::string& phrase) {
    return text.find(phrase) != std::string::npos;
  });
}

class Finder {
 public:
  Finder(const IndexStore& store, const LexicalIndex& lexical, const kernels::KernelSet& kernels,
         const CandidateRequest& request)
      : store_(store),
        lexical_(lexical),
        dense_(request.query_vector.empty() ? nullptr : request.dense),
        kernels_(kernels),
        request_(request),
        words_(MakeLexicalQuery(request.text)) {}

  Result<CandidateSet> Run() {
    CODERANK_TRY(FindAmong());
    const size_t count = std::max(kCandidates, kCandidatesPerResult * request_.wanted);
    if (request_.mode != SearchMode::kSemantic) {
      CODERANK_TRY(AddLexical(count));
    }
    if (request_.mode != SearchMode::kLexical && dense_ != nullptr) {
      CODERANK_TRY(AddVectors(count));
    }
    CODERANK_TRY(AddDefinitions());
    CODERANK_TRY(AddPlaces());
    return Describe();
  }

 private:
  // The documents that every filter lets through.
  Status FindAmong() {
    size_t prose = 0;
    size_t data = 0;
    size_t all = 0;
    among_ = lexical_.InFiles([&](const LexicalFile& file) {
      if (!request_.filter.Passes(file.path, file.language)) return false;
      const size_t chunks = file.end_document - file.first_document;
      const LanguageKind kind = KindOfLanguage(file.language);
      all += chunks;
      prose += kind == LanguageKind::kProse ? chunks : 0;
      data += kind == LanguageKind::kData ? chunks : 0;
      return true;
    });
    const double enough = kCommonShare * static_cast<double>(all);
    if (static_cast<double>(prose) >= enough) common_traits_ |= kTraitProse | kTraitDocs;
    if (static_cast<double>(data) >= enough) common_traits_ |= kTraitData;
    restricted_ = !request_.filter.passes_everything();
    CODERANK_TRY(KeepSymbols());
    return KeepPhrases();
  }

  Status KeepSymbols() {
    if (request_.symbols.empty()) return OkStatus();
    restricted_ = true;
    DocumentSet kept(among_.size());
    for (const std::string& symbol : request_.symbols) {
      CODERANK_ASSIGN(const DocumentSet defining, Defining(symbol));
      defining.ForEach([&kept](uint32_t document) { kept.Insert(document); });
    }
    among_ = std::move(kept);
    return OkStatus();
  }

  Status KeepPhrases() {
    if (request_.phrases.empty()) return OkStatus();
    restricted_ = true;
    for (const std::string& phrase : request_.phrases) {
      CODERANK_ASSIGN(among_, lexical_.Containing(PhraseTerms(phrase), among_));
    }
    Status status;
    DocumentSet kept(among_.size());
    among_.ForEach([&](uint32_t document) {
      if (!status.ok()) return;
      const auto text = store_.TextOf(lexical_.Describe(document).text_id);
      if (!text) {
        status = text.error();
      } else if (Contains(*text, request_.phrases)) {
        kept.Insert(document);
      }
    });
    among_ = std::move(kept);
    return status;
  }

  Result<DocumentSet> Defining(const std::string& name) const {
    const std::string term = DefinitionTerm(name);
    if (term.empty()) return DocumentSet(among_.size());
    return lexical_.Containing(std::vector<std::string>{term}, among_);
  }

  Status AddLexical(size_t count) {
    // Without words of its own, as in `symbol:close`, everything that passes is equally good.
    if (words_.terms.empty() && restricted_) {
      among_.ForEach([&](uint32_t document) {
        if (documents_.size() < count) documents_.insert(document);
      });
      return OkStatus();
    }
    CODERANK_ASSIGN(const auto hits, lexical_.Search(words_, count, among_));
    for (const LexicalHit& hit : hits) documents_.insert(hit.document);
    return OkStatus();
  }

  Status AddVectors(size_t count) {
    const auto texts = dense_->BestTexts({.query = request_.query_vector,
                                          .count = count,
                                          .documents = lexical_,
                                          .among = restricted_ ? &among_ : nullptr});
    if (!texts) {
      const bool words_remain = request_.mode == SearchMode::kHybrid;
      if (!words_remain || texts.error().code() != StatusCode::kUnavailable) return texts.error();
      dense_failure_ = texts.error();
      return OkStatus();
    }
    return store_.ChunkIdsOfTexts(*texts, [this](int64_t chunk) { AddChunk(chunk); });
  }

  // Ids ascend with the documents' numbers: a delta holds only chunks that are newer than its base.
  void AddChunk(int64_t chunk_id) {
    uint32_t first = 0;
    uint32_t end = lexical_.document_count();
    while (first < end) {
      const uint32_t middle = first + (end - first) / 2;
      if (lexical_.Describe(middle).chunk_id < chunk_id) {
        first = middle + 1;
      } else {
        end = middle;
      }
    }
    const bool found = first < lexical_.document_count() &&
                       lexical_.Describe(first).chunk_id == chunk_id && among_.Contains(first);
    if (found) documents_.insert(first);
  }

  Status AddDefinitions() {
    std::vector<std::string> names = request_.analysis.mentioned;
    if (!request_.analysis.name.empty()) names.push_back(request_.analysis.name);
    for (const std::string& name : names) {
      CODERANK_ASSIGN(const DocumentSet defining, Defining(name));
      CODERANK_ASSIGN(const auto hits, lexical_.Search(words_, kDefinitions, defining));
      for (const LexicalHit& hit : hits) documents_.insert(hit.document);
    }
    return OkStatus();
  }

  // What stands at the line of a file that the query names, whatever its words are.
  Status AddPlaces() {
    if (request_.analysis.line == 0) return OkStatus();
    std::vector<std::string> paths;
    lexical_.InFiles([&](const LexicalFile& file) {
      if (EndsWithPath(file.path, request_.analysis.path)) paths.emplace_back(file.path);
      return false;
    });
    for (const std::string& path : paths) {
      CODERANK_ASSIGN(const auto chunk, store_.ChunkAt(path, request_.analysis.line));
      if (chunk) AddChunk(chunk->id);
    }
    return OkStatus();
  }

  // Both scores of every candidate, whichever side found it.
  Result<CandidateSet> Describe() {
    CandidateSet set;
    DocumentSet chosen(lexical_.document_count());
    std::vector<int64_t> chunk_ids;
    for (const uint32_t document : documents_) {
      chosen.Insert(document);
      chunk_ids.push_back(lexical_.Describe(document).chunk_id);
    }
    std::sort(chunk_ids.begin(), chunk_ids.end());
    std::unordered_map<int64_t, double> lexical;
    if (words_.terms.empty()) {  // filters alone: whatever passes them is as good as the rest
      for (const int64_t id : chunk_ids) lexical[id] = 1;
    } else if (request_.mode != SearchMode::kSemantic) {
      CODERANK_ASSIGN(const auto hits, lexical_.Search(words_, chunk_ids.size(), chosen));
      for (const LexicalHit& hit : hits) lexical[hit.chunk_id] = hit.score;
    }
    CODERANK_ASSIGN(auto chunks, store_.ChunksById(chunk_ids));
    set.candidates.reserve(chunks.size());
    for (StoredChunk& chunk : chunks) {
      const auto score = lexical.find(chunk.id);
      set.candidates.push_back({.chunk = std::move(chunk),
                                .lexical = score == lexical.end() ? 0 : score->second,
                                .cosine = std::nullopt});
    }
    CODERANK_TRY(AddCosines(set));
    set.context.common_traits = common_traits_;
    set.dense_failure = dense_failure_;
    return set;
  }

  Status AddCosines(CandidateSet& set) const {
    if (request_.mode == SearchMode::kLexical || dense_ == nullptr) return OkStatus();
    const std::span<const float> query = request_.query_vector;
    std::vector<int64_t> texts;
    for (const Candidate& candidate : set.candidates) texts.push_back(candidate.chunk.text_id);
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    std::unordered_map<int64_t, float> cosines;
    CODERANK_TRY(
        store_.VectorsOf(texts, query.size(), [&](int64_t id, std::span<const uint16_t> row) {
          const float cosine = kernels_.dot_f16(query.data(), row.data(), row.size());
          // A damaged row can hold infinities or NaN, which would break the order.
          if (std::isfinite(cosine)) cosines[id] = cosine;
        }));
    for (Candidate& candidate : set.candidates) {
      const auto found = cosines.find(candidate.chunk.text_id);
      if (found != cosines.end()) candidate.cosine = found->second;
    }
    const float mean_cosine = dense_->MeanScore(query);
    if (std::isfinite(mean_cosine)) set.context.mean_cosine = mean_cosine;
    return OkStatus();
  }

  const IndexStore& store_;
  const LexicalIndex& lexical_;
  DenseSource* dense_;
  const kernels::KernelSet& kernels_;
  const CandidateRequest& request_;
  LexicalQuery words_;
  DocumentSet among_;
  bool restricted_ = false;  // among_ lacks documents that are present
  FileTraits common_traits_ = 0;
  Status dense_failure_;
  std::unordered_set<uint32_t> documents_;
};

}  // namespace

Result<CandidateSet> FindCandidates(const IndexStore& store, const LexicalIndex& lexical,
                                    const kernels::KernelSet& kernels,
                                    const CandidateRequest& request) {
  return Finder(store, lexical, kernels, request).Run();
}

}  // namespace coderank
