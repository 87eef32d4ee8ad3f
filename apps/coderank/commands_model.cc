// model pull|connect|add|list|info|verify|remove, doctor.
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "print_json.h"

namespace coderank::cli {
namespace {

void PrintModel(const ModelSummary& model) {
  const auto line = [](const char* label, const std::string& value) {
    std::printf("%-16s %s\n", label, EscapeForTerminal(value).c_str());
  };
  line("name", model.name);
  line("kind", model.kind);
  if (model.url.empty()) {
    line("architecture", model.architecture);
  } else {
    line("service", StrCat(model.url, " (", model.api, ")"));
    line("its model", model.remote_model);
    line("key in", model.key_variable.empty() ? "none" : model.key_variable);
    if (model.usd_per_million_tokens > 0) {
      line("price", StrCat(model.usd_per_million_tokens, " USD for a million tokens"));
    }
  }
  line("dimension", std::to_string(model.dimension));
  line("maximum tokens", std::to_string(model.max_tokens));
  if (!model.pooling.empty()) line("pooling", model.pooling);
  if (model.kind == kEmbedderKind) {
    line("query prompt", StrCat("\"", model.query_prompt, "\""));
    line("document prompt", StrCat("\"", model.document_prompt, "\""));
  }
  if (model.url.empty()) line("size", HumanBytes(model.bytes));
  line("fingerprint", model.fingerprint);
  if (!model.repository.empty()) {
    line("origin", StrCat(model.repository, " at ", model.revision));
    line("licence", model.licence);
  }
  line("folder", model.folder.native());
}

Json InstalledJson(const ModelSummary& model, bool already_installed) {
  Json json = ToJson(model);
  json["already_installed"] = already_installed;
  return json;
}

}  // namespace

Result<int> RunModelPull(const CommandContext& context) {
  const ModelPullRequest request{.source = context.arguments.Text("source"),
                                 .name = context.arguments.Text("name"),
                                 .replace = context.arguments.Flag("replace")};
  const auto progress = [&](const ModelPullProgress& p) { context.console.Progress(p); };
  CODERANK_ASSIGN(const ModelPullReport report,
                  context.engine.PullModel(request, progress, &context.cancel));
  context.console.EndProgress();
  const ModelSummary& model = report.model;
  if (context.arguments.Flag("json")) {
    Json json = InstalledJson(model, report.already_installed);
    json["bytes_fetched"] = report.bytes_fetched;
    PrintJson(json);
    return kExitFound;
  }
  const std::string origin =
      model.repository.empty()
          ? ""
          : StrCat(", revision ", model.revision.substr(0, 12), ", licence ", model.licence);
  std::printf("%s %s (%u dimensions%s) in %s\n",
              report.already_installed ? "already installed:" : "installed",
              EscapeForTerminal(model.name).c_str(), model.dimension,
              EscapeForTerminal(origin).c_str(), EscapeForTerminal(model.folder.native()).c_str());
  return kExitFound;
}

Result<int> RunModelConnect(const CommandContext& context) {
  const ops::Arguments& given = context.arguments;
  const auto text = [&given](std::string_view name) -> std::optional<std::string> {
    return given.Has(name) ? std::optional(given.Text(name)) : std::nullopt;
  };
  const auto number = [&given](std::string_view name) {
    return given.Has(name) ? static_cast<uint32_t>(given.Integer(name)) : 0;
  };
  RemoteModelRequest request{.name = given.Text("name"),
                             .api = given.Text("api"),
                             .url = given.Text("url"),
                             .model = given.Text("remote-model"),
                             .key_variable = given.Text("key-variable"),
                             .dimensions = number("dimensions"),
                             .max_tokens = number("max-tokens"),
                             .texts_per_request = number("texts-per-request"),
                             .requests_at_once = number("requests-at-once"),
                             .query_prompt = text("query-prompt"),
                             .document_prompt = text("document-prompt"),
                             .replace = given.Flag("replace")};
  if (given.Has("price")) {
    request.usd_per_million_tokens = std::strtod(given.Text("price").c_str(), nullptr);
  }
  CODERANK_ASSIGN(const ModelAddition added, context.engine.ConnectModel(request, &context.cancel));
  if (given.Flag("json")) {
    PrintJson(InstalledJson(added.model, added.already_installed));
    return kExitFound;
  }
  std::printf("%s %s (%u dimensions) at %s\n",
              added.already_installed ? "connected again:" : "connected",
              EscapeForTerminal(added.model.name).c_str(), added.model.dimension,
              EscapeForTerminal(added.model.url).c_str());
  return kExitFound;
}

Result<int> RunModelAdd(const CommandContext& context) {
  const std::vector<std::string>& words = context.arguments.List("arguments");
  if (words.size() > 2) {
    return InvalidArgument(
        StrCat("model add: expected [NAME] PATH, found ", words.size(), " arguments"));
  }
  const std::string name = words.size() == 2 ? words.front() : std::string();
  CODERANK_ASSIGN(const ModelAddition added,
                  context.engine.AddModel(words.back(), name, context.arguments.Flag("replace"),
                                          &context.cancel));
  if (context.arguments.Flag("json")) {
    PrintJson(InstalledJson(added.model, added.already_installed));
  } else {
    std::printf("%s %s (%u dimensions) in %s\n",
                added.already_installed ? "already installed:" : "installed",
                EscapeForTerminal(added.model.name).c_str(), added.model.dimension,
                EscapeForTerminal(added.model.folder.native()).c_str());
  }
  return kExitFound;
}

Result<int> RunModelList(const CommandContext& context) {
  CODERANK_ASSIGN(const std::vector<ModelSummary> models, context.engine.ListModels());
  if (context.arguments.Flag("json")) {
    Json list = Json::array();
    for (const ModelSummary& model : models) list.push_back(ToJson(model));
    PrintJson({{"models", std::move(list)}});
  } else {
    for (const ModelSummary& model : models) {
      std::printf("%-32s %-14s %5u dimensions  %8s\n", EscapeForTerminal(model.name).c_str(),
                  EscapeForTerminal(model.kind).c_str(), model.dimension,
                  model.url.empty() ? HumanBytes(model.bytes).c_str()
                                    : EscapeForTerminal(model.url).c_str());
    }
    if (models.empty()) {
      context.console.Note(
          "no model is installed; `coderank model pull CodeRankEmbed` downloads one");
    }
  }
  return models.empty() ? kExitNothingFound : kExitFound;
}

Result<int> RunModelInfo(const CommandContext& context) {
  const std::string& name = context.arguments.Text("name");
  CODERANK_ASSIGN(ModelSummary summary, context.engine.FindModel(name));
  const std::string_view probe = "probe";
  if (summary.kind != kEmbedderKind) {
    CODERANK_ASSIGN(const auto model, context.engine.OpenReranker(summary.name));
    const auto judged = model->Score(probe, {&probe, 1});
    if (!judged) return judged.error();
  } else {
    CODERANK_ASSIGN(const auto model, context.engine.OpenModel(summary.name));
    // The dimension that is printed is that of a vector the loaded weights gave.
    CODERANK_ASSIGN(const auto embeddings, model->Embed({&probe, 1}, {}));
    summary.dimension = static_cast<uint32_t>(embeddings.front().vector.size());
  }
  if (context.arguments.Flag("json")) {
    PrintJson(ToJson(summary));
  } else {
    PrintModel(summary);
  }
  return kExitFound;
}

Result<int> RunModelVerify(const CommandContext& context) {
  CODERANK_ASSIGN(const ModelSummary model,
                  context.engine.VerifyModel(context.arguments.Text("name"), &context.cancel));
  if (context.arguments.Flag("json")) {
    PrintJson({{"name", model.name}, {"kind", model.kind}, {"ok", true}, {"bytes", model.bytes}});
  } else {
    std::printf("%s: every file is as it was installed (%s, %s)\n",
                EscapeForTerminal(model.name).c_str(), model.kind.c_str(),
                HumanBytes(model.bytes).c_str());
  }
  return kExitFound;
}

Result<int> RunModelRemove(const CommandContext& context) {
  CODERANK_ASSIGN(const ModelRemoval removal,
                  context.engine.RemoveModel(context.arguments.Text("name"), &context.cancel));
  if (context.arguments.Flag("json")) {
    PrintJson(
        {{"name", removal.name}, {"folder", removal.folder.native()}, {"bytes", removal.bytes}});
  } else {
    std::printf("removed %s (%s, %llu bytes) from %s\n", EscapeForTerminal(removal.name).c_str(),
                HumanBytes(removal.bytes).c_str(), static_cast<unsigned long long>(removal.bytes),
                EscapeForTerminal(removal.folder.native()).c_str());
  }
  return kExitFound;
}

Result<int> RunDoctor(const CommandContext& context) {
  CODERANK_ASSIGN(const DoctorReport report,
                  context.engine.Doctor(context.arguments.Text("directory")));
  if (context.arguments.Flag("json")) {
    PrintJson(ToJson(report));
    return kExitFound;
  }
  std::printf("coderank %s\ncpu      %s\nkernels  %s, %zu threads\n\nsettings\n",
              report.version.c_str(), EscapeForTerminal(report.cpu).c_str(), report.kernels.c_str(),
              report.threads);
  for (const EffectiveSetting& setting : report.settings) {
    std::printf("  %-28s %s  (%s)\n", setting.key.c_str(), EscapeForTerminal(setting.value).c_str(),
                EscapeForTerminal(setting.origin).c_str());
  }
  std::printf("\nchecks\n");
  for (const DoctorCheck& check : report.checks) {
    std::printf("  %-4s %-16s %s\n", check.ok ? "ok" : "--", check.name.c_str(),
                EscapeForTerminal(check.detail).c_str());
  }
  return kExitFound;
}

}  // namespace coderank::cli
