// Both layouts, well formed and not: every error names its file and line.
#include "evaluation/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "evaluation/document_collection.h"
#include "evaluation/json_input.h"
#include "support/temp_dir.h"

namespace coderank::evaluation {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TempDir;

class DatasetTest : public ::testing::Test {
 protected:
  std::string ErrorOf(const DatasetOptions& options = {}) const {
    const auto dataset = ReadDataset(folder_.path(), options);
    return dataset ? "no error" : dataset.error().message();
  }
  // An annotated set of one repository.
  std::string AnnotationError(const std::string& annotations) const {
    folder_.Write("repos.json", R"([{"name": "one"}])");
    folder_.Write("one/annotations.json", annotations);
    return ErrorOf();
  }
  TempDir folder_;
};

TEST_F(DatasetTest, ReadsAnnotatedTrees) {
  folder_.Write("repos.json", R"([
    {"name": "one", "language": "go", "benchmark_root": null, "n_queries": 2},
    {"name": "two", "language": "lua", "benchmark_root": "lua/src"}])");
  folder_.Write("one/annotations.json", R"([
    {"query": "first", "relevant": ["a.go"], "secondary": ["b.go"], "category": "semantic"},
    {"query": "second", "relevant": [{"path": "c.go", "start_line": 3, "end_line": 9},
                                     {"path": "d.go", "start_line": 3, "end_line": null}]}])");
  folder_.Write("two/annotations.json", "[]");
  const auto dataset = ReadDataset(folder_.path(), {.sources = "/sources"});
  ASSERT_TRUE(dataset) << dataset.error().message();
  ASSERT_EQ(dataset->repositories.size(), 2U);
  const Repository& one = dataset->repositories[0];
  EXPECT_EQ(one.root, "/sources/one/source");
  EXPECT_EQ(dataset->repositories[1].root, "/sources/two/source/lua/src");
  ASSERT_EQ(one.queries.size(), 2U);
  EXPECT_EQ(one.queries[0].id, "one/1");
  EXPECT_EQ(one.queries[0].category, "semantic");
  ASSERT_EQ(one.queries[0].targets.size(), 2U) << "secondary targets count as well";
  EXPECT_EQ(one.queries[0].targets[1].path, "b.go");
  EXPECT_EQ(one.queries[1].category, "unknown");
  EXPECT_EQ(one.queries[1].targets[0].lines->last, 9U);
  EXPECT_FALSE(one.queries[1].targets[1].lines) << "lines need both ends";
}

TEST_F(DatasetTest, TakesOnlyTheRepositoriesAskedFor) {
  folder_.Write("repos.json", R"([{"name": "one"}, {"name": "two"}])");
  folder_.Write("two/annotations.json", "[]");
  const auto dataset = ReadDataset(folder_.path(), {.repositories = {"two"}});
  ASSERT_TRUE(dataset) << dataset.error().message();
  ASSERT_EQ(dataset->repositories.size(), 1U);
  EXPECT_THAT(ErrorOf({.repositories = {"three"}}), HasSubstr("\"three\"; known: one, two"));
}

TEST_F(DatasetTest, RepositoriesStayBelowTheSources) {
  for (const char* bad :
       {R"({"name": ".."})", R"({"name": "a/b"})", R"({"name": "/etc"})", R"({"name": ""})",
        R"({"name": "a", "benchmark_root": "../b"})", R"({"name": "a", "benchmark_root": "/b"})",
        R"({"name": "a", "benchmark_root": 3})", R"({"name": "a\u0000"})"}) {
    folder_.Write("repos.json", std::string("[\n") + bad + "]");
    EXPECT_THAT(ErrorOf(), HasSubstr("repos.json:2")) << bad;
  }
  folder_.Write("repos.json", "[{\"name\": \"a\"},\n{\"name\": \"a\"}]");
  EXPECT_THAT(ErrorOf(), AllOf(HasSubstr("repos.json:2"), HasSubstr("of its own")));
}

TEST_F(DatasetTest, BadAnnotationsNameFileAndLine) {
  EXPECT_THAT(AnnotationError("[\n{\"query\": \"x\"},\n\n{\"query\": \"y\",\n}]"),
              AllOf(HasSubstr("annotations.json:5"), HasSubstr("expected JSON")));
  EXPECT_THAT(AnnotationError("[{\"query\": \"x, [\\\"\"},\n{\"relevant\": []}]"),
              AllOf(HasSubstr("annotations.json:2"), HasSubstr("\"query\": expected a text")));
  EXPECT_THAT(AnnotationError("[{\"query\": \"x\",\n\"relevant\": \"a\"}]"),
              HasSubstr("annotations.json:1: \"relevant\": expected an array of targets"));
  EXPECT_THAT(AnnotationError("[{\"query\": \"x\", \"relevant\": [{\"path\": 1}]}]"),
              HasSubstr("annotations.json:1: a target: \"path\""));
  EXPECT_THAT(AnnotationError("[{\"query\": \"x\", \"relevant\": [{\"path\": \"a\", "
                              "\"start_line\": -1, \"end_line\": 2}]}]"),
              HasSubstr("\"start_line\": expected a whole number"));
  EXPECT_THAT(AnnotationError("[3]"), HasSubstr("annotations.json:1: expected an object"));
  EXPECT_THAT(AnnotationError("{}"), HasSubstr("expected an array"));
  EXPECT_THAT(AnnotationError(""), HasSubstr("annotations.json:1: expected JSON"));
  EXPECT_THAT(AnnotationError("[{\"query\": \"\xff\"}]"), HasSubstr("annotations.json:1"));
  EXPECT_THAT(AnnotationError(std::string(100'000, '[') + std::string(100'000, ']')),
              HasSubstr("levels"));
}

TEST_F(DatasetTest, SaysWhatADataSetIs) {
  EXPECT_THAT(ErrorOf(), AllOf(HasSubstr("repos.json"), HasSubstr("queries.jsonl")));
}

class CollectionTest : public DatasetTest {
 protected:
  void WriteCollection(const std::string& corpus, const std::string& queries,
                       const std::string& judgements) const {
    folder_.Write("corpus.jsonl", corpus);
    folder_.Write("queries.jsonl", queries);
    folder_.Write("qrels/test.tsv", judgements);
  }
  std::string CorpusError(const std::string& corpus) const {
    folder_.Write("corpus.jsonl", corpus);
    const auto tree = WriteDocuments(folder_.path(), folder_.path() / "tree");
    return tree ? "no error" : tree.error().message();
  }
};

TEST_F(CollectionTest, ReadsQueriesAndGrades) {
  WriteCollection("",
                  "{\"_id\": \"q1\", \"text\": \"one\"}\r\n\n{\"_id\": \"q2\", \"text\": \"t\"}",
                  "query-id\tcorpus-id\tscore\nq1\td1\t2\r\nq1\td2\t0\nq2\td1\t-1\n");
  const auto dataset = ReadDataset(folder_.path(), {});
  ASSERT_TRUE(dataset) << dataset.error().message();
  EXPECT_EQ(dataset->layout, Layout::kDocumentCollection);
  const auto& queries = dataset->repositories.at(0).queries;
  ASSERT_EQ(queries.size(), 1U) << "q2 has no relevant document";
  EXPECT_EQ(queries[0].text, "one");
  ASSERT_EQ(queries[0].targets.size(), 1U);
  EXPECT_EQ(queries[0].targets[0].grade, 2);
}

TEST_F(CollectionTest, BadJudgementsNameFileAndLine) {
  const std::string queries = "{\"_id\": \"q\", \"text\": \"t\"}\n";
  for (const char* bad :
       {"q\td", "q\td\tx", "q\td\t1.5", "q\td\t1\t2", "q\td\t99999999999999999999"}) {
    WriteCollection("", queries, std::string("query-id\tcorpus-id\tscore\n") + bad);
    EXPECT_THAT(ErrorOf(), HasSubstr("test.tsv:2: expected query id")) << bad;
  }
  WriteCollection("", queries, "q\td\t1\nq\td\t1\n");
  EXPECT_THAT(ErrorOf(), AllOf(HasSubstr("test.tsv:2"), HasSubstr("a second time")));
  WriteCollection("", queries, "q\td\t1\nnone\td\t1\n");
  EXPECT_THAT(ErrorOf(), AllOf(HasSubstr("test.tsv"), HasSubstr("\"none\"")));
  EXPECT_THAT(ErrorOf({.split = "dev"}), HasSubstr("dev.tsv"));
}

TEST_F(CollectionTest, BadQueriesNameFileAndLine) {
  const std::string good = "{\"_id\": \"q\", \"text\": \"t\"}\n";
  for (const char* bad : {"{", "[]", "{\"_id\": 1}", "{\"_id\": \"q\", \"text\": \"again\"}",
                          "{\"_id\": \"r\", \"text\": 5}"}) {
    WriteCollection("", good + bad, "r\td\t1\nq\td\t1\n");
    EXPECT_THAT(ErrorOf(), HasSubstr("queries.jsonl:2: ")) << bad;
  }
}

TEST_F(CollectionTest, WritesDocumentsUnderNumbers) {
  folder_.Write("corpus.jsonl",
                "{\"_id\": \"../up\", \"title\": \"T\", \"text\": \"a\\nb\"}\n"
                "{\"_id\": \"d 2\", \"text\": \"def f(): pass\", \"language\": \"Python\"}\n"
                "{\"_id\": \"d3\", \"title\": null, \"text\": \"\", \"language\": \"../x\"}\n");
  for (int run = 0; run < 2; ++run) {
    const auto tree = WriteDocuments(folder_.path(), folder_.path() / "made");
    ASSERT_TRUE(tree) << tree.error().message();
    EXPECT_THAT(tree->ids, ElementsAre("../up", "d 2", "d3"));
    EXPECT_EQ(*ReadFile(tree->root / "000/000000.txt", 100), "T\na\nb");
    EXPECT_EQ(*ReadFile(tree->root / "000/000001.py", 100), "def f(): pass");
    EXPECT_EQ(*ReadFile(tree->root / "000/000002.txt", 100), "");
  }
}

TEST_F(CollectionTest, LeavesFoldersOfOthersAlone) {
  folder_.Write("tree/mine.txt", "mine");
  EXPECT_THAT(CorpusError(""), HasSubstr("found one that holds other things"));
  EXPECT_EQ(*ReadFile(folder_.path() / "tree/mine.txt", 100), "mine");
}

TEST_F(CollectionTest, BadDocumentsNameFileAndLine) {
  const std::string good = "{\"_id\": \"d\", \"text\": \"t\"}\n";
  for (const char* bad : {"{\"_id\": \"d\"", "{\"text\": \"t\"}", "{\"_id\": \"d\"}",
                          "{\"_id\": \"e\", \"text\": []}"}) {
    EXPECT_THAT(CorpusError(good + bad), HasSubstr("corpus.jsonl:2: ")) << bad;
  }
}

TEST(DocumentNumberTest, OfOurPathsOnly) {
  EXPECT_EQ(DocumentNumber("012/012345.py"), 12345U);
  EXPECT_EQ(DocumentNumber("000007.txt"), 7U);
  EXPECT_FALSE(DocumentNumber("000/readme.md"));
  EXPECT_FALSE(DocumentNumber("000/12"));
  EXPECT_FALSE(DocumentNumber(""));
}

TEST(LineReaderTest, GivesLinesOfAnyLength) {
  TempDir folder;
  const std::string longer(3'000'000, 'x');  // than the reader's block
  folder.Write("lines", "a\n\r\n" + longer + "\nlast");
  auto lines = *LineReader::Open(folder.path() / "lines");
  for (const std::string& expected :
       {std::string("a"), std::string(), longer, std::string("last")}) {
    const auto line = lines.Next();
    ASSERT_TRUE(line && *line);
    EXPECT_TRUE(**line == expected) << (*line)->size();
  }
  EXPECT_EQ(lines.line(), 4U);
  EXPECT_FALSE(*lines.Next());
  EXPECT_FALSE(*lines.Next());
}

TEST(LineReaderTest, RefusesALineWithoutEnd) {
  auto lines = *LineReader::Open("/dev/zero");
  EXPECT_EQ(lines.Next().error().code(), StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace coderank::evaluation
