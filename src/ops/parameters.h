// Parameters that several operations share.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ops/operation.h"

namespace coderank::ops {

inline constexpr std::array<std::string_view, 3> kPrecisions = {"int8", "int4", "f32"};
inline constexpr std::array<std::string_view, 3> kModes = {"hybrid", "semantic", "lexical"};
inline constexpr std::array<std::string_view, 3> kContents = {"all", "code", "docs"};
inline constexpr std::array<std::string_view, 3> kRerankMethods = {"none", "cross-encoder",
                                                                   "listwise"};
inline constexpr std::array<std::string_view, 2> kRerankTasks = {"description", "issue"};
inline constexpr std::array<std::string_view, 3> kEmbeddingApis = {"openai", "voyage", "tei"};
inline constexpr std::array<std::string_view, 2> kStores = {"embedded", "qdrant"};
inline constexpr int64_t kMostThreads = 1024;
// Of the name of an installed model, or nothing.
inline constexpr std::string_view kModelNamePattern = "^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$";
// Of TextForm::kDuration: part of what ParseDuration takes.
inline constexpr std::string_view kDurationPattern =
    R"(^([0-9]{1,7}(\.[0-9]{1,3})?ms|[0-9]{1,4}(\.[0-9]{1,6})?s)$)";

inline const Parameter kDirectory = {.name = "directory",
                                     .type = ParameterType::kPath,
                                     .help = "folder to work on",
                                     .positional = true,
                                     .value_name = "DIR",
                                     .default_value = "."};
inline const Parameter kModel = {
    .name = "model",
    .help = "model to use; default: the index's, else the installed default",
    .local = true,
    .value_name = "NAME"};
inline const Parameter kModels = {.name = "models",
                                  .type = ParameterType::kPath,
                                  .help = "folder of the installed models",
                                  .local = true,
                                  .value_name = "FOLDER"};
inline const Parameter kIndex = {
    .name = "index",
    .type = ParameterType::kPath,
    .help = "folder of the index; default: .coderank in the indexed folder",
    .local = true,
    .value_name = "FOLDER"};
inline const Parameter kPrecision = {.name = "precision",
                                     .type = ParameterType::kChoice,
                                     .help =
                                         "arithmetic of models: int8 (the default), f32, or "
                                         "int4, which of language models halves the memory",
                                     .local = true,
                                     .value_name = "P",
                                     .choices = kPrecisions};
inline const Parameter kMaxTokens = {
    .name = "max-tokens",
    .type = ParameterType::kInteger,
    .help = "cut texts after N tokens; default: the model's length",
    .local = true,
    .value_name = "N",
    .least = 3,
    .most = 8192};
inline const Parameter kThreads = {
    .name = "threads",
    .type = ParameterType::kInteger,
    .help = "threads to use; default: all cores this process may use",
    .local = true,
    .value_name = "N",
    .least = 1,
    .most = kMostThreads};
inline const Parameter kNoIgnore = {.name = "no-ignore",
                                    .type = ParameterType::kFlag,
                                    .help = "index what ignore files and built-in rules leave out",
                                    .local = true};
inline const Parameter kHidden = {.name = "hidden",
                                  .type = ParameterType::kFlag,
                                  .help = "index files and folders whose name starts with a dot",
                                  .local = true};
inline const Parameter kIncludeSecrets = {
    .name = "include-secrets",
    .type = ParameterType::kFlag,
    .help = "index keys and credential files too (.env with --hidden)",
    .local = true};
inline const Parameter kBudgetMinutes = {
    .name = "budget",
    .type = ParameterType::kInteger,
    .help =
        "minutes for making vectors, 0 for no limit; default: 20, or index.budget_minutes of "
        "your settings",
    .value_name = "MINUTES",
    .least = 0,
    .most = int64_t{60} * 24 * 30};
inline const Parameter kMode = {.name = "mode",
                                .type = ParameterType::kChoice,
                                .help =
                                    "what the order rests on: words and vectors (hybrid), vectors "
                                    "(semantic) or words (lexical)",
                                .value_name = "MODE",
                                .default_value = "hybrid",
                                .choices = kModes};
inline const Parameter kContent = {
    .name = "content",
    .type = ParameterType::kChoice,
    .help = "what to search; docs are Markdown, reStructuredText, HTML and such",
    .value_name = "KIND",
    .default_value = "all",
    .choices = kContents};
inline const Parameter kNoServer = {.name = "no-server",
                                    .type = ParameterType::kFlag,
                                    .help = "do not ask a running `coderank serve`",
                                    .local = true};
inline const Parameter kTrustIndex = {
    .name = "trust-index",
    .type = ParameterType::kFlag,
    .help = "use an index found in the tree that you did not make",
    .local = true};
inline const Parameter kUrl = {.name = "url",
                               .help =
                                   "Qdrant server; default: QDRANT_URL, or url in [qdrant] of "
                                   "config.toml",
                               .local = true,
                               .value_name = "URL"};
inline const Parameter kYes = {
    .name = "yes",
    .type = ParameterType::kFlag,
    .help =
        "agree that texts of the tree are sent to another machine, which has its model or "
        "its collection",
    .local = true};
inline const Parameter kTextKey = {
    .name = "text-key",
    .help = "payload key of the texts, as in text or metadata.text; default: found by looking",
    .local = true,
    .value_name = "KEY"};
inline const Parameter kJson = {
    .name = "json", .type = ParameterType::kFlag, .help = "print one JSON object", .local = true};
inline const Parameter kQuiet = {.name = "quiet",
                                 .type = ParameterType::kFlag,
                                 .help = "no progress and no notes on standard error",
                                 .short_name = 'q',
                                 .local = true};
inline const Parameter kModelName = {
    .name = "name",
    .help = "an installed model; default: the configured or only one",
    .positional = true,
    .value_name = "NAME"};

// --- A search's second look at its best candidates.

inline const Parameter kRerank = {
    .name = "rerank",
    .type = ParameterType::kChoice,
    .help =
        "judge the best candidates again by a model that reads query and code together: each by a "
        "cross-encoder, which for code often does not help, or ten at a time by a language model "
        "(listwise), which takes minutes",
    .value_name = "METHOD",
    .default_value = "none",
    .choices = kRerankMethods};
inline const Parameter kRerankModel = {
    .name = "rerank-model",
    .help =
        "model that judges; default: the only one of its kind, or ms-marco-MiniLM-L-6-v2 or "
        "CodeRankLLM",
    .value_name = "NAME",
    .form = TextForm::kModelName,
    .pattern = kModelNamePattern};
inline const Parameter kRerankTask = {
    .name = "rerank-task",
    .type = ParameterType::kChoice,
    .help =
        "what listwise ranking takes the query for: a description of what the code does, or an "
        "issue about a fault in it",
    .value_name = "TASK",
    .default_value = "description",
    .choices = kRerankTasks};
inline const Parameter kRerankDepth = {.name = "rerank-depth",
                                       .type = ParameterType::kInteger,
                                       .help =
                                           "candidates to judge, at most; default: 20, "
                                           "listwise 10",
                                       .value_name = "N",
                                       .least = 1,
                                       .most = 1000};
inline const Parameter kRerankWeight = {
    .name = "rerank-weight",
    .type = ParameterType::kInteger,
    .help =
        "the judge's share in the order, in per cent; 100: its order alone; default: 25, "
        "listwise 50",
    .value_name = "N",
    .least = 0,
    .most = 100};

inline const Parameter kBudget = {
    .name = "budget",
    .help =
        "time for the whole search, as in 800ms or 1.5s: fewer candidates are judged where all "
        "would take longer",
    .value_name = "TIME",
    .form = TextForm::kDuration,
    .pattern = kDurationPattern};

}  // namespace coderank::ops
