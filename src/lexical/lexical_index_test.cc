#include "lexical/lexical_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "lexical/lexical_testing.h"
#include "support/temp_dir.h"

namespace coderank {
namespace {

using lexical_testing::ChunkIds;
using lexical_testing::OpenIndex;
using lexical_testing::OpenSegment;
using lexical_testing::TestDocument;
using lexical_testing::WriteBase;
using lexical_testing::WriteDelta;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LexicalIndexTest : public ::testing::Test {
 protected:
  std::filesystem::path Path(const char* name) const { return folder_.path() / name; }

  std::vector<int64_t> Find(const LexicalIndex& index, std::string_view query,
                            size_t count = 10) const {
    const auto hits = index.Search(MakeLexicalQuery(query), count, index.present());
    EXPECT_TRUE(hits.has_value());
    return ChunkIds(*hits);
  }

  testing::TempDir folder_;
};

TEST_F(LexicalIndexTest, FindsByWordsPartsPathAndSymbol) {
  WriteBase(Path("base"), {{1, "src/http/client.cc", "int ReadReply(int fd) { return fd; }"},
                           {2, "src/http/client.cc", "unrelated words", "connect_socket"},
                           {3, "src/json.cc", "parse a reply of the server", "", "JsonReader"}});
  const LexicalIndex index = OpenIndex(Path("base"));
  EXPECT_THAT(Find(index, "ReadReply"), ElementsAre(1, 3));
  EXPECT_THAT(Find(index, "reply"), ::testing::UnorderedElementsAre(1, 3));
  EXPECT_THAT(Find(index, "connectSocket"), ElementsAre(2));
  EXPECT_THAT(Find(index, "json"), ElementsAre(3));
  EXPECT_THAT(Find(index, "client"), ::testing::UnorderedElementsAre(1, 2));
  EXPECT_THAT(Find(index, "where is the nothing"), IsEmpty());
  EXPECT_THAT(Find(index, ""), IsEmpty());
}

TEST_F(LexicalIndexTest, KnowsDocumentsAndFiles) {
  WriteBase(Path("base"), {{5, "a.py", "one", "", "", "python"},
                           {6, "a.py", "two", "", "", "python"},
                           {7, "b.go", "three", "", "", "go"}});
  const LexicalIndex index = OpenIndex(Path("base"));
  ASSERT_EQ(index.document_count(), 3U);
  ASSERT_EQ(index.file_count(), 2U);
  EXPECT_EQ(index.file(0).path, "a.py");
  EXPECT_EQ(index.file(0).end_document, 2U);
  EXPECT_EQ(index.file(1).path, "b.go");
  EXPECT_EQ(index.file(1).language, "go");
  const LexicalHit hit = index.Describe(2);
  EXPECT_EQ(hit.chunk_id, 7);
  EXPECT_EQ(hit.text_id, 1007);
  EXPECT_EQ(hit.file, 1U);
}

TEST_F(LexicalIndexTest, FiltersBeforeTheBestAreTaken) {
  std::vector<TestDocument> documents;
  for (int64_t id = 0; id < 50; ++id) {
    documents.push_back({id, id < 49 ? "src/a.cc" : "test/b.cc", id < 49 ? "w w w w" : "w x y z"});
  }
  WriteBase(Path("base"), documents);
  const LexicalIndex index = OpenIndex(Path("base"));
  const DocumentSet tests =
      index.InFiles([](const LexicalFile& file) { return file.path.starts_with("test/"); });
  EXPECT_EQ(tests.Count(), 1U);
  const auto hits = index.Search(MakeLexicalQuery("w"), 1, tests);
  ASSERT_TRUE(hits.has_value());
  EXPECT_THAT(ChunkIds(*hits), ElementsAre(49));
}

TEST_F(LexicalIndexTest, AsksOnlyAboutWhatWouldGetIn) {
  std::vector<TestDocument> documents;
  for (int64_t id = 0; id < 1000; ++id) documents.push_back({id, "a.cc", "word"});
  WriteBase(Path("base"), documents);
  const LexicalIndex index = OpenIndex(Path("base"));
  int asked = 0;
  const auto hits =
      index.Search(MakeLexicalQuery("word"), 3, index.present(), [&](const LexicalHit& hit) {
        ++asked;
        return hit.chunk_id % 10 == 4;
      });
  ASSERT_TRUE(hits.has_value());
  // All scores are equal: nothing is asked once three were taken.
  EXPECT_THAT(ChunkIds(*hits), ElementsAre(4, 14, 24));
  EXPECT_EQ(asked, 25);
}

TEST_F(LexicalIndexTest, DeltaReplacesDocuments) {
  WriteBase(Path("base"), {{1, "a.cc", "alpha beta"}, {2, "a.cc", "alpha"}, {3, "b.cc", "alpha"}});
  WriteDelta(Path("delta"), {{4, "a.cc", "alpha gamma"}}, OpenSegment(Path("base")), {2, 1});
  const LexicalIndex index = OpenIndex(Path("base"), Path("delta"));
  EXPECT_EQ(index.present().Count(), 2U);
  EXPECT_THAT(Find(index, "alpha"), ::testing::UnorderedElementsAre(3, 4));
  EXPECT_THAT(Find(index, "beta"), IsEmpty());
  EXPECT_THAT(Find(index, "gamma"), ElementsAre(4));
  EXPECT_EQ(index.file(index.Describe(3).file).path, "a.cc");
  const DocumentSet in_a =
      index.InFiles([](const LexicalFile& file) { return file.path == "a.cc"; });
  EXPECT_EQ(in_a.Count(), 1U);
  EXPECT_TRUE(in_a.Contains(3));
}

TEST_F(LexicalIndexTest, RefusesADeltaToAnotherBase) {
  WriteBase(Path("old"), {{1, "a.cc", "alpha"}}, 1);
  WriteBase(Path("new"), {{1, "a.cc", "alpha"}}, 2);
  WriteDelta(Path("delta"), {{4, "a.cc", "alpha"}}, OpenSegment(Path("old")), {});
  const auto index = LexicalIndex::Create(OpenSegment(Path("new")), OpenSegment(Path("delta")));
  ASSERT_FALSE(index.has_value());
  EXPECT_EQ(index.error().code(), StatusCode::kFailedPrecondition);
}

TEST_F(LexicalIndexTest, FindsDefinitionsWhateverTheirStyle) {
  WriteBase(Path("base"), {{1, "a.cc", "x", "net::ServerPool Size"}, {2, "a.cc", "server_pool"}});
  const LexicalIndex index = OpenIndex(Path("base"));
  for (const char* name : {"server_pool", "ServerPool", "Net.serverPool"}) {
    const std::vector<std::string> term = {DefinitionTerm(name)};
    const auto found = index.Containing(term, index.present());
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->Count(), 1U) << name;
    EXPECT_TRUE(found->Contains(0)) << name;
  }
  EXPECT_EQ(DefinitionTerm("::"), "");
}

TEST_F(LexicalIndexTest, ContainingIsTheIntersection) {
  std::mt19937 random(5);
  std::vector<TestDocument> documents;
  for (int64_t id = 0; id < 3000; ++id) {
    std::string body;
    for (const char* word : {"aa", "bb", "cc"}) {
      if (random() % 3 != 0) body += std::string(word) + " ";
    }
    documents.push_back({id, "f.cc", body});
  }
  WriteBase(Path("base"), documents);
  const LexicalIndex index = OpenIndex(Path("base"));
  const std::vector<std::string> terms = {"aa", "bb", "cc"};
  const auto found = index.Containing(terms, index.present());
  ASSERT_TRUE(found.has_value());
  for (uint32_t i = 0; i < documents.size(); ++i) {
    EXPECT_EQ(found->Contains(i), documents[i].body == "aa bb cc ") << i;
  }
  const std::vector<std::string> unknown = {"aa", "zz"};
  EXPECT_EQ(index.Containing(unknown, index.present())->Count(), 0U);
}

TEST_F(LexicalIndexTest, ExplanationAddsUpToTheScore) {
  const std::vector<TestDocument> documents = {
      {1, "src/session.py", "def open(self): open session", "open", "Session"},
      {2, "src/other.py", "session of others"},
      {3, "src/more.py", "nothing"}};
  WriteBase(Path("base"), documents);
  const LexicalIndex index = OpenIndex(Path("base"));
  const LexicalQuery query = MakeLexicalQuery("open the session");
  const auto hits = index.Search(query, 1, index.present());
  ASSERT_TRUE(hits.has_value());
  ASSERT_EQ(hits->front().chunk_id, 1);
  const auto rows = index.Explain(query, documents[0].View());
  ASSERT_TRUE(rows.has_value());
  double sum = 0;
  double rounding = 0;
  for (const TermExplanation& row : *rows) {
    sum += row.score;
    // Half a step of the impact, and half a step of the weight, which is relative to the largest.
    rounding += row.weight * 0.5 / kImpactScale + 0.5 * rows->front().weight / 65'535;
    double fields = 0;
    for (const double part : row.by_field) fields += part;
    EXPECT_NEAR(fields, row.score, 1e-12);
  }
  EXPECT_NEAR(hits->front().score, sum, rounding);
  const auto session = std::find_if(rows->begin(), rows->end(),
                                    [](const auto& row) { return row.term == "session"; });
  ASSERT_NE(session, rows->end());
  EXPECT_EQ(session->documents, 2U);
  EXPECT_GT(session->by_field[static_cast<size_t>(LexicalField::kStem)], 0);
  EXPECT_GT(session->by_field[static_cast<size_t>(LexicalField::kScope)], 0);
  EXPECT_EQ(session->by_field[static_cast<size_t>(LexicalField::kDefinition)], 0);
}

TEST_F(LexicalIndexTest, RunsOfAnySizeGiveTheSameSegment) {
  std::mt19937 random(6);
  std::vector<TestDocument> documents;
  for (int64_t id = 0; id < 200; ++id) {
    std::string body;
    for (int i = 0; i < 30; ++i) body += "w" + std::to_string(random() % 100) + "x ";
    documents.push_back({id, "f" + std::to_string(id / 7) + ".cc", body});
  }
  WriteBase(Path("one"), documents);
  WriteBase(Path("many"), documents, 1, 100);
  EXPECT_EQ(*ReadFile(Path("one"), 1 << 20), *ReadFile(Path("many"), 1 << 20));
}

// --- The search is exact: it finds what scoring every document by its definition finds.

struct Corpus {
  std::vector<TestDocument> base;
  std::vector<TestDocument> delta;
  std::vector<int64_t> gone;
};

std::string RandomBody(std::mt19937& random) {
  std::string body;
  const size_t words = random() % 12;
  for (size_t i = 0; i < words; ++i) {
    // Few frequent and many rare words.
    const double u = static_cast<double>(random() % 10'000) / 10'000;
    body += "w" + std::to_string(static_cast<int>(std::pow(u, 3) * 60)) + "q ";
  }
  return body;
}

Corpus RandomCorpus(std::mt19937& random) {
  Corpus corpus;
  const size_t count = 1 + random() % 12'000;
  for (size_t i = 0; i < count; ++i) {
    const auto id = static_cast<int64_t>(i);
    corpus.base.push_back({id, "f" + std::to_string(i / 40) + ".cc", RandomBody(random)});
    if (random() % 9 == 0) corpus.gone.push_back(id);
  }
  const size_t more = random() % 300;
  for (size_t i = 0; i < more; ++i) {
    corpus.delta.push_back({static_cast<int64_t>(100'000 + i), "d.cc", RandomBody(random)});
  }
  return corpus;
}

// Scores every document from the posting lists, one by one, as bm25f.h defines it.
std::vector<std::pair<int64_t, double>> Exhaustive(
    const LexicalIndex& index, const std::vector<const LexicalSegment*>& segments,
    const LexicalQuery& query, size_t count, const DocumentSet& among) {
  std::map<std::string, uint64_t> families;
  std::map<std::string, int> members;
  for (const QueryTerm& term : query.terms) {
    const uint64_t with = *index.DocumentFrequency(term.term);
    families[term.family] += with;
    members[term.family] += with > 0 ? 1 : 0;
  }
  std::vector<double> weights(query.terms.size());
  double heaviest = 0;
  for (size_t t = 0; t < query.terms.size(); ++t) {
    const QueryTerm& term = query.terms[t];
    const uint64_t with = *index.DocumentFrequency(term.term);
    if (with == 0) continue;
    const uint64_t all = index.document_count();
    weights[t] = term.weight * InverseDocumentFrequency(all, with);
    if (members[term.family] > 1) {
      weights[t] += term.family_weight * InverseDocumentFrequency(all, families[term.family]);
    }
    heaviest = std::max(heaviest, weights[t]);
  }
  std::vector<uint64_t> scores(index.document_count());
  uint32_t first = 0;
  for (const LexicalSegment* segment : segments) {
    for (size_t t = 0; t < query.terms.size(); ++t) {
      const auto record = *segment->FindTerm(query.terms[t].term);
      if (!record) continue;
      const auto weight =
          static_cast<uint64_t>(std::max(1.0, std::round(weights[t] / heaviest * 65'535)));
      PostingCursor cursor = *segment->OpenPostings(*record);
      if (!cursor.Seek(0)) continue;
      cursor.VisitUntil(kNoDocument, [&](uint32_t document, uint8_t impact) {
        scores[first + document] += weight * impact;
      });
    }
    first += segment->document_count();
  }
  std::vector<uint32_t> order;
  for (uint32_t document = 0; document < scores.size(); ++document) {
    if (scores[document] > 0 && among.Contains(document)) order.push_back(document);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t left, uint32_t right) { return scores[left] > scores[right]; });
  order.resize(std::min(order.size(), count));
  std::vector<std::pair<int64_t, double>> best;
  for (const uint32_t document : order) {
    best.emplace_back(index.Describe(document).chunk_id,
                      static_cast<double>(scores[document]) * heaviest / (65'535.0 * 255));
  }
  return best;
}

TEST_F(LexicalIndexTest, SearchIsExact) {
  std::mt19937 random(4);
  for (int round = 0; round < 12; ++round) {
    const Corpus corpus = RandomCorpus(random);
    WriteBase(Path("base"), corpus.base);
    WriteDelta(Path("delta"), corpus.delta, OpenSegment(Path("base")), corpus.gone);
    const LexicalIndex index = OpenIndex(Path("base"), Path("delta"));
    const LexicalSegment base = OpenSegment(Path("base"));
    const LexicalSegment delta = OpenSegment(Path("delta"));
    for (int search = 0; search < 25; ++search) {
      LexicalQuery query;
      std::set<std::string> terms;
      const size_t words = 1 + random() % 9;
      for (size_t i = 0; i < words; ++i) terms.insert("w" + std::to_string(random() % 62) + "q");
      for (const std::string& term : terms) {
        query.terms.push_back({term, 0.1 + static_cast<double>(random() % 20) / 10});
        if (random() % 2 == 0) {
          query.terms.back().family = random() % 2 == 0 ? "some" : "others";
          query.terms.back().family_weight = static_cast<double>(random() % 5) / 10;
        }
      }
      const auto residue = static_cast<uint32_t>(random() % 5);
      DocumentSet among = index.present();
      if (residue < 3) {
        among = index.InFiles([residue](const LexicalFile& file) {
          return file.path[file.path.size() / 2] % 3 == static_cast<char>(residue);
        });
      }
      const size_t count = 1 + random() % 60;
      const auto hits = index.Search(query, count, among);
      ASSERT_TRUE(hits.has_value());
      const auto expected = Exhaustive(index, {&base, &delta}, query, count, among);
      ASSERT_EQ(hits->size(), expected.size());
      for (size_t i = 0; i < expected.size(); ++i) {
        ASSERT_EQ((*hits)[i].chunk_id, expected[i].first) << round << " " << search << " " << i;
        ASSERT_DOUBLE_EQ((*hits)[i].score, expected[i].second);
      }
    }
  }
}

TEST_F(LexicalIndexTest, KeepsTheHeaviestOfTooManyTerms) {
  std::vector<TestDocument> documents;
  LexicalQuery query;
  for (int64_t id = 0; id < 80; ++id) {
    const std::string word = "w" + std::to_string(id) + "q";
    documents.push_back({id, "a.cc", word});
    query.terms.push_back({word, id < 16 ? 0.5 : 1.0});
  }
  WriteBase(Path("base"), documents);
  const LexicalIndex index = OpenIndex(Path("base"));
  const auto hits = index.Search(query, 100, index.present());
  ASSERT_TRUE(hits.has_value());
  EXPECT_EQ(hits->size(), 64U);
  EXPECT_EQ(hits->front().chunk_id, 16);
}

}  // namespace
}  // namespace coderank
