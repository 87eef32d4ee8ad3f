#include "server/mcp/coderank_tools.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "coderank/version.h"
#include "ops/requests.h"
#include "server/json_arguments.h"
#include "server/mcp/output_schemas.h"
#include "server/mcp/tool_text.h"

namespace coderank::server::mcp {
namespace {

using ops::Arguments;
using ops::Operation;
using ops::Parameter;
using ops::ParameterType;

// Of `skipped` and `without_syntax` that a status shows; `coderank status --json` has all.
constexpr size_t kFilesShown = 20;

struct Answer {
  std::string text;
  Json structured;
};

using Handler = std::function<Result<Answer>(const Arguments&, const CallContext&)>;

struct Names {
  std::string_view name;
  std::string_view title;
  std::string_view description;
};

ToolProgress ProgressFrom(const IndexProgress& progress) {
  const double files = static_cast<double>(progress.files_seen);
  ToolProgress report{.done = files + static_cast<double>(progress.chunks_done)};
  switch (progress.phase) {
    case IndexProgress::Phase::kWaiting:
      report.message = "waiting for another run that writes this index";
      break;
    case IndexProgress::Phase::kScanning:
      report.message = StrCat("reading files: ", progress.files_seen);
      break;
    case IndexProgress::Phase::kEmbedding:
      report.total = files + static_cast<double>(progress.chunks_total);
      report.message = StrCat("making vectors: ", progress.chunks_done, " of ",
                              progress.chunks_total, " chunks");
      break;
    case IndexProgress::Phase::kFinishing:
      report.message = "writing the index";
      break;
    case IndexProgress::Phase::kSending:
      report.message =
          StrCat("sending points: ", progress.chunks_done, " of ", progress.chunks_total);
      break;
    case IndexProgress::Phase::kReranking:
      report.done = static_cast<double>(progress.tokens_done);
      report.total = static_cast<double>(progress.tokens_total);
      report.message = StrCat("ranking: about ", std::lround(progress.seconds_left), " s left");
      break;
  }
  return report;
}

// An operation of the table as a tool: checks the arguments, calls, reports.
class OperationTool : public Tool {
 public:
  OperationTool(const Names& names, Operation operation, Json output_schema, bool read_only,
                Handler handler, Redact redact)
      : name_(names.name),
        operation_(std::move(operation)),
        handler_(std::move(handler)),
        redact_(std::move(redact)) {
    operation_.name = names.name;
    description_ = {{"name", names.name},
                    {"title", names.title},
                    {"description", names.description},
                    {"inputSchema", ArgumentsSchema(operation_)},
                    {"outputSchema", std::move(output_schema)},
                    {"annotations",
                     {{"title", names.title},
                      {"readOnlyHint", read_only},
                      {"destructiveHint", false},
                      {"idempotentHint", true},
                      {"openWorldHint", false}}}};
  }

  const std::string& name() const override { return name_; }
  const Json& description() const override { return description_; }

  // Wrong arguments are a result too, not an error of the protocol: the model that wrote them
  // reads it and writes better ones.
  ToolResult Call(const Input& arguments, const ToolContext& context) const override {
    CallContext call{.cancel = context.cancel, .progress = {}};
    if (context.progress) {
      call.progress = [&context](const IndexProgress& p) { context.progress(ProgressFrom(p)); };
    }
    auto answer = Run(arguments, call);
    if (!answer) {
      const std::string& message = answer.error().message();
      return ErrorResult(StrCat(StatusCodeName(answer.error().code()), ": ",
                                redact_ ? redact_(message, arguments.dump()) : message));
    }
    ToolResult result = TextResult(std::move(answer->text));
    result.structured = std::move(answer->structured);
    return result;
  }

 private:
  Result<Answer> Run(const Input& arguments, const CallContext& context) const {
    CODERANK_ASSIGN(const Arguments checked, ArgumentsFromJson(operation_, arguments));
    return handler_(checked, context);
  }

  const std::string name_;
  Operation operation_;
  const Handler handler_;
  const Redact redact_;
  Json description_;
};

Operation ForTools(std::string_view name) {
  return WithoutLocalParameters(*ops::FindOperation(name));
}

Parameter& In(Operation& operation, std::string_view name) {
  return *std::find_if(operation.parameters.begin(), operation.parameters.end(),
                       [name](const Parameter& parameter) { return parameter.name == name; });
}

// A model pays for each token that it is shown: whole snippets only when they are asked for.
Operation ResultArguments(std::string_view name) {
  Operation operation = ForTools(name);
  In(operation, "max-tokens").default_value = "2000";
  return operation;
}

// They name places of this machine, as errors do.
void Show(const Redact& redact, const Arguments& arguments, std::vector<std::string>& notes) {
  if (!redact) return;
  const std::string& said = arguments.Text("directory");
  for (std::string& note : notes) note = redact(note, said);
}

// A model says whether to judge again. How is left to the defaults: each argument costs it tokens.
Operation SearchArguments() {
  Operation operation = ResultArguments("search");
  std::erase_if(operation.parameters, [](const Parameter& parameter) {
    return parameter.name.starts_with("rerank-") || parameter.name == "budget";
  });
  return operation;
}

std::unique_ptr<Tool> SearchTool(Service& service, const Redact& redact) {
  const Operation operation = SearchArguments();
  Handler handler = [&service, operation, redact](const Arguments& arguments,
                                                  const CallContext& context) -> Result<Answer> {
    const SearchRequest request = ops::SearchRequestFrom(operation, arguments);
    CODERANK_ASSIGN(SearchReport report, service.Search(request, context));
    Show(redact, arguments, report.notes);
    return Answer{.text = SearchText(report, StrCat("\"", request.query, "\"")),
                  .structured = ToJson(report, {{"query", request.query}})};
  };
  return std::make_unique<OperationTool>(
      Names{.name = "search_code",
            .title = "Search code",
            .description =
                "Find the places in a source tree that do what a sentence describes, or that "
                "define or use a name: `where are failed requests retried`, `parse_header`. "
                "Answers with path:start-end, symbol and the first lines of each place, best "
                "first. Ask here before reading files one after the other or guessing words for "
                "grep; use grep for every occurrence of an exact text."},
      operation, SearchSchema(), true, std::move(handler), redact);
}

std::unique_ptr<Tool> RelatedTool(Service& service, const Redact& redact) {
  const Operation operation = ResultArguments("find-related");
  Handler handler = [&service, operation, redact](const Arguments& arguments,
                                                  const CallContext& context) -> Result<Answer> {
    CODERANK_ASSIGN(const RelatedRequest request, ops::RelatedRequestFrom(operation, arguments));
    CODERANK_ASSIGN(SearchReport report, service.FindRelated(request, context));
    Show(redact, arguments, report.notes);
    const std::string& place = arguments.Text("place");
    return Answer{.text = SearchText(report, place),
                  .structured = ToJson(report, {{"place", place}})};
  };
  return std::make_unique<OperationTool>(
      Names{.name = "find_related",
            .title = "Find related code",
            .description =
                "Find code that is like the code at a place: other implementations, the pattern "
                "that callers follow, duplicates. `place` is path:line as search_code answers it."},
      operation, RelatedSchema(), true, std::move(handler), redact);
}

void Shorten(Json& list) {
  while (list.size() > kFilesShown) list.erase(list.size() - 1);
}

std::unique_ptr<Tool> StatusTool(Service& service, const Redact& redact) {
  const Operation operation = ForTools("status");
  Handler handler = [&service, operation](const Arguments& arguments,
                                          const CallContext& context) -> Result<Answer> {
    StatusRequest request = ops::StatusRequestFrom(operation, arguments);
    CODERANK_ASSIGN(const StatusReport report, service.IndexStatus(request, context));
    const Readiness readiness = service.readiness();
    Answer answer{.text = StatusText(report, readiness), .structured = ToJson(report)};
    Shorten(answer.structured["skipped"]);
    Shorten(answer.structured["without_syntax"]);
    answer.structured["ready"] = readiness.ready;
    return answer;
  };
  return std::make_unique<OperationTool>(
      Names{.name = "index_status",
            .title = "Index status",
            .description =
                "Say what the index covers, with which model, and what was left out. Give `why` "
                "to learn why a file does not appear in results."},
      operation, StatusSchema(), true, std::move(handler), redact);
}

// A tool is waited for: a minute of vectors is what clients stand, and the next call goes on.
Operation RefreshArguments() {
  Operation operation = ForTools("index");
  Parameter& budget = In(operation, "budget");
  budget.help = "minutes for making vectors, 0 for no limit; call again to go on";
  budget.default_value = "1";
  return operation;
}

std::unique_ptr<Tool> RefreshTool(Service& service, const Redact& redact) {
  const Operation operation = RefreshArguments();
  Handler handler = [&service, operation, redact](const Arguments& arguments,
                                                  const CallContext& context) -> Result<Answer> {
    IndexRequest request = ops::IndexRequestFrom(operation, arguments);
    request.embedding_seconds = 60.0 * static_cast<double>(arguments.Integer("budget"));
    request.explain_budget = false;
    CODERANK_ASSIGN(IndexReport report, service.Refresh(request, context));
    Show(redact, arguments, report.notes);
    return Answer{.text = RefreshText(report), .structured = ToJson(report)};
  };
  return std::make_unique<OperationTool>(
      Names{.name = "refresh_index",
            .title = "Refresh the index",
            .description =
                "Take changed files into the index, or build it. Searches do this by themselves "
                "for a few changed files; call it when an answer says that the index is behind or "
                "incomplete. Writes only the index, never sources."},
      operation, RefreshSchema(), false, std::move(handler), redact);
}

Operation CollectionArguments() {
  Operation operation = ops::CollectionSearchOperation();
  std::erase_if(operation.parameters, [](const Parameter& parameter) {
    return parameter.name.starts_with("rerank-") || parameter.name == "exact";
  });
  In(operation, "max-tokens").default_value = "2000";
  return operation;
}

// The payload is left out: it holds the text once more, and whatever another program put there.
Json WithoutPayload(Json report) {
  for (Json& result : report["results"]) result.erase("payload");
  return report;
}

std::unique_ptr<Tool> CollectionsTool(Service& service, const Redact& redact) {
  const Operation operation = CollectionArguments();
  Handler handler = [&service, operation](const Arguments& arguments,
                                          const CallContext& context) -> Result<Answer> {
    CODERANK_ASSIGN(const CollectionSearchRequest request,
                    ops::CollectionSearchRequestFrom(operation, arguments));
    CODERANK_ASSIGN(const CollectionSearchReport report,
                    service.SearchCollections(request, context));
    return Answer{.text = CollectionsText(report, StrCat("\"", request.query, "\"")),
                  .structured = WithoutPayload(ToJson(report, request.query))};
  };
  return std::make_unique<OperationTool>(
      Names{.name = "search_collection",
            .title = "Search collections",
            .description =
                "Find documentation and code in the collections of a Qdrant server, which other "
                "programs may have made: `how is a collection snapshot restored`. For the source "
                "tree at hand use search_code."},
      operation, CollectionSearchSchema(), true, std::move(handler), redact);
}

}  // namespace

ToolSet CoderankTools(Service& service, const ToolOptions& options) {
  const Redact& redact = options.redact;
  ToolSet tools;
  tools.push_back(SearchTool(service, redact));
  tools.push_back(RelatedTool(service, redact));
  tools.push_back(StatusTool(service, redact));
  tools.push_back(RefreshTool(service, redact));
  if (options.has_collections) tools.push_back(CollectionsTool(service, redact));
  return tools;
}

ServerInfo CoderankInfo(std::string_view trees) {
  return {.name = "coderank",
          .title = "coderank code search",
          .version = std::string(Version()),
          .instructions = StrCat(
              "coderank searches ", trees,
              " by meaning and by name, in milliseconds. When you need to find where something is "
              "done, call search_code first, with a sentence (\"where are sessions expired\") or a "
              "name; then read the places it gives. It beats guessing words for grep and reading "
              "files one after the other; for every occurrence of an exact text, grep is right. "
              "`directory`, `path`, `exclude` and `lang` narrow a search. find_related shows code "
              "like the code at a place. Notes at the end of an answer say when the index is "
              "incomplete or behind; refresh_index then takes the changes in.")};
}

}  // namespace coderank::server::mcp
