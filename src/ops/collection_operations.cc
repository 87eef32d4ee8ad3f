// Operations on collections of a Qdrant server. Names and meanings are a contract for scripts: add,
// do not change.
#include "ops/operations.h"
#include "ops/parameters.h"

namespace coderank::ops {
namespace {

const Parameter kCollection = {.name = "name",
                               .help = "a collection or an alias",
                               .positional = true,
                               .required = true,
                               .value_name = "NAME"};

const Parameter kCollectionModel = {
    .name = "model",
    .help =
        "model of its vectors; default: what its record or config.toml says, else the installed "
        "one that fits",
    .local = true,
    .value_name = "NAME"};

const Parameter kMigrationModel = {.name = "model",
                                   .help = "model to move to; default: the configured or only one",
                                   .local = true,
                                   .value_name = "NAME"};

}  // namespace

Operation CollectionList() {
  return {.name = "collection list",
          .summary = "List the collections of a Qdrant server",
          .details =
              "QDRANT_API_KEY holds the server's key, for this and all commands on "
              "collections.",
          .parameters = {kUrl, kJson, kQuiet}};
}

Operation CollectionInfo() {
  return {.name = "collection info",
          .summary = "Show what a collection holds and which models fit",
          .details = "Looks at the first points to tell which payload keys hold texts.",
          .parameters = {kCollection, kUrl, kModels, kJson, kQuiet}};
}

Operation CollectionVerify() {
  return {.name = "collection verify",
          .summary = "Check a collection and compare its vectors with a model's",
          .details =
              "Embeds the texts of 20 points taken at random again. Exit status: 0 all is "
              "well, 1 something is not, 2 error.",
          .parameters = {kCollection, kTextKey, kUrl, kCollectionModel, kModels, kPrecision,
                         kMaxTokens, kThreads, kJson, kQuiet}};
}

Operation CollectionMigrate() {
  return {
      .name = "collection migrate",
      .summary = "Copy collections into ones of another model",
      .details =
          "Reads the texts of NAME, embeds them as documents, and writes them with their ids and "
          "whole payload to NAME__MODEL, which is made with binary quantization. Then both are "
          "compared until nothing differs, and vectors of a sample are made again. The source is "
          "not changed. A run that was stopped, even killed, is continued by the same command. "
          "With --take-name the new collection gets NAME as an alias: an alias of that name is "
          "moved; a collection of that name is saved to a file, checked and deleted first. "
          "`collection rollback NAME` is the way back. Whoever queries NAME has to use the new "
          "model from then on.",
      .parameters = {{.name = "names",
                      .help = "collections or aliases",
                      .positional = true,
                      .required = true,
                      .repeated = true,
                      .value_name = "NAME"},
                     kMigrationModel,
                     kTextKey,
                     {.name = "dry-run",
                      .type = ParameterType::kFlag,
                      .help = "look, count, estimate time and price; write nothing"},
                     {.name = "take-name",
                      .type = ParameterType::kFlag,
                      .help = "give the new collection the old one's name"},
                     {.name = "split",
                      .type = ParameterType::kFlag,
                      .help = "make further points of what is behind the model's length limit"},
                     {.name = "prune",
                      .type = ParameterType::kFlag,
                      .help = "remove points of a finished copy that the source has no more"},
                     {.name = "yes",
                      .type = ParameterType::kFlag,
                      .help = "agree that texts are sent to the machine that has the model",
                      .local = true},
                     {.name = "snapshots",
                      .type = ParameterType::kPath,
                      .help = "folder for what --take-name deletes; default: "
                              "~/.local/share/coderank/snapshots",
                      .local = true,
                      .value_name = "FOLDER"},
                     kUrl,
                     kModels,
                     kPrecision,
                     kMaxTokens,
                     kThreads,
                     kJson,
                     kQuiet},
  };
}

Operation CollectionRollback() {
  return {.name = "collection rollback",
          .summary = "Give a name that a migration took back to what had it",
          .details =
              "An alias is moved back; a collection is restored from the file it was saved "
              "to. The new collection stays.",
          .parameters = {{.name = "name",
                          .help = "the name that was taken",
                          .positional = true,
                          .required = true,
                          .value_name = "NAME"},
                         kUrl,
                         kJson,
                         kQuiet}};
}

Operation CollectionExport() {
  return {.name = "collection export",
          .summary = "Write a collection's texts for another machine to embed",
          .details =
              "Texts that have a vector in the embedding cache are left out. "
              "scripts/embed_texts.py makes vectors of the file; `collection import` takes "
              "them.",
          .parameters = {kCollection,
                         {.name = "file",
                          .type = ParameterType::kPath,
                          .help = "file to write; it must not be there",
                          .positional = true,
                          .required = true,
                          .value_name = "FILE"},
                         kMigrationModel,
                         kTextKey,
                         kUrl,
                         kModels,
                         kMaxTokens,
                         kJson,
                         kQuiet}};
}

Operation CollectionImport() {
  return {.name = "collection import",
          .summary = "Take the vectors that another machine made",
          .details =
              "They are checked and put into the embedding cache, from which `collection "
              "migrate NAME --precision f32` takes them.",
          .parameters = {{.name = "file",
                          .type = ParameterType::kPath,
                          .help = "file that scripts/embed_texts.py made",
                          .positional = true,
                          .required = true,
                          .value_name = "FILE"},
                         kMigrationModel,
                         kModels,
                         kMaxTokens,
                         kJson,
                         kQuiet}};
}

Operation CollectionPush() {
  return {.name = "collection push",
          .summary = "Write an index's chunks and vectors to a collection",
          .details =
              "NAME is made where it is not there. Later runs write what is new and remove "
              "what is gone. The payload has filePath, codeChunk, startLine, endLine, "
              "pathSegments and more, as other tools read them. Sources leave this machine "
              "unless the server is on it: the first time --yes has to agree.",
          .parameters = {{.name = "name",
                          .help = "collection to write to",
                          .positional = true,
                          .required = true,
                          .value_name = "NAME"},
                         kDirectory,
                         kYes,
                         kUrl,
                         kIndex,
                         kTrustIndex,
                         kJson,
                         kQuiet}};
}

Operation CollectionPull() {
  return {.name = "collection pull",
          .summary = "Take the vectors of a collection that coderank made",
          .details =
              "They go into the embedding cache by the texts they are of, from where `coderank "
              "index` takes them in any tree. The model has to be the one that the collection "
              "names, and 20 of the vectors are made again and compared first.",
          .parameters = {kCollection, kUrl, kCollectionModel, kModels, kPrecision, kMaxTokens,
                         kThreads, kJson, kQuiet}};
}

}  // namespace coderank::ops
