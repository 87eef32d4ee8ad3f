#include "server/mcp/coderank_tools.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/strings.h"
#include "server/mcp/session_testing.h"

namespace coderank::server::mcp {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

// The part of JSON Schema that the tools' schemas use.
void ExpectConforms(const json& value, const json& schema, const std::string& where) {
  const std::string type = schema.at("type");
  const bool right =
      (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
      (type == "string" && value.is_string()) || (type == "boolean" && value.is_boolean()) ||
      (type == "integer" && value.is_number_integer()) || (type == "number" && value.is_number());
  EXPECT_TRUE(right) << where << ": " << value << " is no " << type;
  if (type == "array") {
    for (const json& element : value) ExpectConforms(element, schema.at("items"), where + "[]");
  }
  if (type != "object") return;
  for (const json& name : schema.at("required")) {
    EXPECT_TRUE(value.contains(name.get<std::string>())) << where << ": no " << name;
  }
  for (const auto& [name, member] : value.items()) {
    const bool known = schema.at("properties").contains(name);
    EXPECT_TRUE(known) << where << ": " << name << " is not in the schema";
    if (known) ExpectConforms(member, schema.at("properties").at(name), StrCat(where, ".", name));
  }
}

class CoderankToolsTest : public ::testing::Test {
 protected:
  const Tool& Find(const std::string& name) {
    for (const auto& tool : tools_) {
      if (tool->name() == name) return *tool;
    }
    ADD_FAILURE() << name;
    return *tools_.front();
  }
  ToolResult Call(const std::string& name, const json& arguments = json::object()) {
    const CancellationToken cancel;
    return Find(name).Call(arguments, {.cancel = &cancel, .progress = {}});
  }
  // The text; the structure is compared with its schema.
  std::string TextOf(const std::string& name, const json& arguments = json::object()) {
    const ToolResult result = Call(name, arguments);
    EXPECT_FALSE(result.is_error) << result.content;
    ExpectConforms(json::parse(result.structured.dump()),
                   json::parse(Find(name).description().at("outputSchema").dump()), name);
    return result.content.at(0).at("text");
  }

  FakeService service_;
  ToolSet tools_ = CoderankTools(service_, {.redact = {}, .has_collections = true});
};

TEST_F(CoderankToolsTest, InputSchemasAreFlatAndClosed) {
  std::set<std::string> names;
  const std::set<std::string> plain = {"type",    "description", "default", "minimum",
                                       "maximum", "enum",        "items"};
  for (const auto& tool : tools_) {
    names.insert(tool->name());
    const json description = json::parse(tool->description().dump());
    const json& schema = description.at("inputSchema");
    EXPECT_EQ(schema.at("type"), "object");
    EXPECT_EQ(schema.at("additionalProperties"), false);
    for (const auto& [name, property] : schema.at("properties").items()) {
      EXPECT_TRUE(property.at("type").is_string()) << name;
      EXPECT_FALSE(property.at("description").get<std::string>().empty()) << name;
      for (const auto& [keyword, value] : property.items()) {
        EXPECT_TRUE(plain.contains(keyword)) << name << ": " << keyword;
      }
      EXPECT_EQ(property.value("items", json({{"type", "string"}})), json({{"type", "string"}}));
    }
    EXPECT_FALSE(description.at("annotations").at("destructiveHint"));
    EXPECT_EQ(description.at("annotations").at("readOnlyHint"), tool->name() != "refresh_index");
  }
  EXPECT_EQ(names, std::set<std::string>({"search_code", "find_related", "index_status",
                                          "refresh_index", "search_collection"}));
}

TEST_F(CoderankToolsTest, CollectionsAreOfferedWhereThereIsAServerOfThem) {
  for (const auto& tool : CoderankTools(service_)) EXPECT_NE(tool->name(), "search_collection");
  CollectionSearchRequest asked;
  service_.on_collections = [&asked](const CollectionSearchRequest& request, const CallContext&) {
    asked = request;
    CollectionSearchReport report;
    report.hits.push_back({.collection = "docs",
                           .id = "7",
                           .score = 0.8125,
                           .rerank_score = {},
                           .text = "Retries are counted.",
                           .text_cut = true,
                           .place = "a\n.md",
                           .start_line = 3,
                           .end_line = 9,
                           .payload = R"({"secret": 1})"});
    return report;
  };
  const json arguments = {{"query", "q"},
                          {"collection", json::array({"docs", "code"})},
                          {"where", "type=a=b"},
                          {"rerank", "cross-encoder"}};
  EXPECT_EQ(TextOf("search_collection", arguments),
            "a\\x0a.md:3-9 (docs, 0.812)\nRetries are counted.\n...\n");
  EXPECT_EQ(asked.names, std::vector<std::string>({"docs", "code"}));
  ASSERT_EQ(asked.filters.size(), 1U);
  EXPECT_EQ(asked.filters[0].key + "|" + asked.filters[0].value, "type|a=b");
  EXPECT_TRUE(asked.judge);
  EXPECT_EQ(asked.max_tokens, 2000U);
  const ToolResult result = Call("search_collection", arguments);
  EXPECT_FALSE(result.structured["results"][0].contains("payload"));
}

TEST_F(CoderankToolsTest, WhatOnlyTheCommandLineHasIsNotOffered) {
  const Json& properties = Find("search_code").description().at("inputSchema").at("properties");
  EXPECT_TRUE(properties.contains("limit"));
  for (const char* local : {"model", "index", "threads", "json", "trust-index", "files-only"}) {
    EXPECT_FALSE(properties.contains(local)) << local;
  }
}

TEST_F(CoderankToolsTest, JudgingAgainIsOneArgument) {
  const Json& properties = Find("search_code").description().at("inputSchema").at("properties");
  EXPECT_EQ(properties.at("rerank").at("enum"), Json({"none", "cross-encoder", "listwise"}));
  for (const char* detail : {"rerank_model", "rerank_depth", "rerank_weight", "budget"}) {
    EXPECT_FALSE(properties.contains(detail)) << detail;
  }
  RerankOptions asked;
  service_.on_search = [&asked](const SearchRequest& request, const CallContext&) {
    asked = request.rerank;
    SearchReport report;
    report.rerank =
        RerankReport{.model = "judge", .judged = 3, .predicted_ms = {}, .budget_ms = {}};
    return report;
  };
  TextOf("search_code", {{"query", "q"}, {"rerank", "cross-encoder"}});
  EXPECT_EQ(asked.method, RerankMethod::kCrossEncoder);
  EXPECT_EQ(asked.depth, RerankOptions().depth);
}

TEST_F(CoderankToolsTest, NotesAreShownWithoutPaths) {
  const auto redact = [](std::string_view text, std::string_view) {
    return text == "no model in /home/me" ? "no model in [path]" : std::string(text);
  };
  tools_ = CoderankTools(service_, {.redact = redact});
  service_.on_search = [](const SearchRequest&, const CallContext&) {
    SearchReport report;
    report.notes = {"no model in /home/me", "two\nlines"};
    return report;
  };
  EXPECT_THAT(TextOf("search_code", {{"query", "q"}}),
              ::testing::EndsWith("note: no model in [path]\nnote: two\\x0alines\n"));
}

SearchReport ReportOf(std::vector<SearchResult> results) {
  return {.results = std::move(results),
          .coverage = {.files = 2, .chunks = 3, .embedded_chunks = 3, .complete = true},
          .model = "m",
          .root = "/tree"};
}

TEST_F(CoderankToolsTest, ResultsAreCompact) {
  service_.on_search = [](const SearchRequest&, const CallContext&) {
    return ReportOf({{.path = "a.cc",
                      .start_line = 1,
                      .end_line = 9,
                      .score = 0.5,
                      .language = "cpp",
                      .symbol = "Open",
                      .kind = "method",
                      .scope = "Door",
                      .snippet = "void Open() {\n}\n",
                      .terms = {{.name = "lexical", .value = 0.5},
                                {.name = "test file", .value = 0.3, .is_factor = true}}},
                     {.path = "b\n.cc", .start_line = 7, .end_line = 7, .snippet = "x"}});
  };
  EXPECT_EQ(TextOf("search_code", {{"query", "q"}}),
            "a.cc:1-9 method Door.Open\nscore lexical 0.50, x 0.30 test file\n"
            "void Open() {\n}\n\nb\\x0a.cc:7-7\nx\n");
}

TEST_F(CoderankToolsTest, AnswersHaveABudgetOfTokens) {
  uint32_t asked = 0;
  service_.on_search = [&asked](const SearchRequest& request, const CallContext&) {
    asked = request.max_tokens;
    return ReportOf({{.path = "a",
                      .start_line = 5,
                      .end_line = 9,
                      .snippet = "x\ny",
                      .snippet_cut = true,
                      .before = "w\n",
                      .after = "z",
                      .before_lines = 2,
                      .after_lines = 1}});
  };
  EXPECT_EQ(TextOf("search_code", {{"query", "q"}}),
            "a:5-9 (lines 3-10 are shown)\nw\n\nx\ny\nz\n...\n");
  EXPECT_EQ(asked, 2000U);
  TextOf("search_code", {{"query", "q"}, {"max_tokens", 0}});
  EXPECT_EQ(asked, 0U);
}

TEST_F(CoderankToolsTest, AnAnswerSaysWhatItLacks) {
  SearchReport report = ReportOf({});
  service_.on_search = [&report](const SearchRequest&, const CallContext&) { return report; };
  EXPECT_EQ(TextOf("search_code", {{"query", "q"}}), "nothing found for \"q\"\n");
  report.coverage.embedded_chunks = 1;
  report.coverage.complete = false;
  report.freshness = {.known = true, .changed_files = 2};
  const std::string text = TextOf("search_code", {{"query", "q"}});
  EXPECT_THAT(text, HasSubstr("1 of 3 chunks have a vector"));
  EXPECT_THAT(text, HasSubstr("incomplete"));
  EXPECT_THAT(text, HasSubstr("2 files behind"));
  report.freshness.refreshed = true;
  EXPECT_THAT(TextOf("search_code", {{"query", "q"}}), Not(HasSubstr("behind")));
  report.mode = SearchMode::kLexical;
  report.model = "";
  EXPECT_THAT(TextOf("search_code", {{"query", "q"}}), HasSubstr("by words alone"));
}

TEST_F(CoderankToolsTest, RelatedTakesAPlaceAndFilters) {
  service_.on_related = [](const RelatedRequest& request, const CallContext&) {
    EXPECT_EQ(request.file, "src/a.cc");
    EXPECT_EQ(request.line, 12U);
    EXPECT_EQ(request.search.languages, std::vector<std::string>({"Go", "rust"}));
    EXPECT_EQ(request.search.directory, "/elsewhere");
    return ReportOf({});
  };
  EXPECT_EQ(
      TextOf("find_related",
             {{"place", "src/a.cc:12"}, {"lang", {"Go", "rust"}}, {"directory", "/elsewhere"}}),
      "nothing found for src/a.cc:12\n");
  EXPECT_TRUE(Call("find_related", {{"place", "src/a.cc"}}).is_error) << "no line";
}

TEST_F(CoderankToolsTest, StatusShowsSomeOfAll) {
  service_.ready = {.ready = false, .activity = "loading m", .error = {}};
  service_.on_status = [](const StatusRequest& request, const CallContext&) {
    EXPECT_EQ(request.why, "x.bin");
    StatusReport report{.root = "/tree", .model = "m", .indexed_at = "2026-01-01T00:00:00Z"};
    report.coverage.skipped_files = 1000;
    report.skipped.resize(1000, {.path = "p", .reason = "binary", .detail = ""});
    report.explanation = {.path = "x.bin",
                          .skipped = {.path = "x.bin", .reason = "binary", .detail = "a NUL"}};
    return report;
  };
  const std::string text = TextOf("index_status", {{"why", "x.bin"}});
  EXPECT_THAT(text, HasSubstr("loading m"));
  EXPECT_THAT(text, HasSubstr("1000 files (binary 1000)"));
  EXPECT_THAT(text, HasSubstr("x.bin: is not indexed; left out: binary, a NUL"));
  EXPECT_EQ(Call("index_status", {{"why", "x.bin"}}).structured.at("skipped").size(), 20U);
}

TEST_F(CoderankToolsTest, RefreshHasABudgetThatClientsStand) {
  double seconds = -1;
  service_.on_refresh = [&seconds](const IndexRequest& request, const CallContext&) {
    seconds = request.embedding_seconds.value_or(-1);
    return IndexReport{.root = "/tree", .files_added = 3, .seconds_left = 90};
  };
  const std::string text = TextOf("refresh_index");
  EXPECT_EQ(seconds, 60);
  EXPECT_THAT(text, HasSubstr("3 new"));
  EXPECT_THAT(text, HasSubstr("90 seconds; call again"));
  TextOf("refresh_index", {{"budget", 0}});
  EXPECT_EQ(seconds, 0);
}

}  // namespace
}  // namespace coderank::server::mcp
