// Operations on installed models and on the installation. Names and meanings are a contract for
// scripts: add, do not change.
#include "ops/operations.h"
#include "ops/parameters.h"

namespace coderank::ops {
namespace {

const Parameter kReplaceModel = {.name = "replace",
                                 .type = ParameterType::kFlag,
                                 .help = "take the place of a different model of that name"};

}  // namespace

Operation ModelAdd() {
  return {
      .name = "model add",
      .summary = "Install a model from a folder or file on this machine",
      .details =
          "model add [NAME] PATH: PATH is a GGUF file of a BERT or NomicBERT encoder or of a Qwen2 "
          "or Llama decoder, or a folder in the Hugging Face layout (config.json, tokenizer.json "
          "or vocab.txt, "
          "safetensors, and where present modules.json, 1_Pooling, "
          "config_sentence_transformers.json). A BertForSequenceClassification of one label is a "
          "cross-encoder, for --rerank; a Qwen2ForCausalLM or LlamaForCausalLM that takes "
          "instructions (ChatML) is a generator, for --rerank listwise. The files are copied. "
          "Adding the same again changes "
          "nothing.",
      .parameters = {{.name = "arguments",
                      .help = "name to install it under (default: PATH's), and the folder or file",
                      .positional = true,
                      .required = true,
                      .repeated = true,
                      .value_name = "[NAME] PATH"},
                     kReplaceModel,
                     kModels,
                     kJson,
                     kQuiet},
  };
}

Operation ModelConnect() {
  return {
      .name = "model connect",
      .summary = "Install a model that a service computes",
      .details =
          "NAME alone is enough for text-embedding-ada-002, text-embedding-3-small and -large "
          "(OpenAI, OPENAI_API_KEY), voyage-code-2 and voyage-code-3 (Voyage, VOYAGE_API_KEY). Any "
          "other needs --api and --url: openai is whatever has OpenAI's /v1/embeddings, tei is "
          "Text "
          "Embeddings Inference. A text of this program's own is sent, twice, and its vectors are "
          "kept: later runs notice by them when the service has another model. Keys stay in the "
          "environment. Texts of a tree are sent only after --yes, once for a tree and service, "
          "which says first how many tokens they have and what they cost. Connecting again changes "
          "what is given and keeps the rest.",
      .parameters = {{.name = "name",
                      .help = "name to install it under",
                      .positional = true,
                      .required = true,
                      .value_name = "NAME",
                      .form = TextForm::kModelName},
                     {.name = "api",
                      .type = ParameterType::kChoice,
                      .help = "what the service understands",
                      .value_name = "API",
                      .choices = kEmbeddingApis},
                     {.name = "url",
                      .help = "base URL of the service, as in https://api.openai.com/v1",
                      .value_name = "URL"},
                     {.name = "remote-model",
                      .help = "what the service calls it; default: NAME",
                      .value_name = "MODEL"},
                     {.name = "key-variable",
                      .help = "environment variable that holds the key",
                      .value_name = "VARIABLE"},
                     {.name = "dimensions",
                      .type = ParameterType::kInteger,
                      .help =
                          "numbers of a vector to ask for, of a model that can make shorter ones",
                      .value_name = "N",
                      .least = 1,
                      .most = 65'536},
                     {.name = "query-prompt",
                      .help = "text to put before queries; default: what is known of the model",
                      .value_name = "TEXT"},
                     {.name = "document-prompt",
                      .help = "text to put before documents",
                      .value_name = "TEXT"},
                     {.name = "max-tokens",
                      .type = ParameterType::kInteger,
                      .help = "tokens of a text that the model reads; default: what is known of it",
                      .value_name = "N",
                      .least = 3,
                      .most = 1 << 20},
                     {.name = "texts-per-request",
                      .type = ParameterType::kInteger,
                      .help = "texts to send at once; default: 128, or what the service says",
                      .value_name = "N",
                      .least = 1,
                      .most = 100'000},
                     {.name = "requests-at-once",
                      .type = ParameterType::kInteger,
                      .help = "requests under way together; default: 4",
                      .value_name = "N",
                      .least = 1,
                      .most = 64},
                     {.name = "price",
                      .help = "US dollars for a million tokens, for estimates",
                      .value_name = "USD",
                      .pattern = R"(^[0-9]{1,6}([.][0-9]{1,6})?$)"},
                     kReplaceModel,
                     kModels,
                     kJson,
                     kQuiet},
  };
}

Operation ModelPull() {
  return {
      .name = "model pull",
      .summary = "Download a model and install it",
      .details =
          "MODEL is CodeRankEmbed (the default model), all-MiniLM-L6-v2, "
          "snowflake-arctic-embed-m-long or SweRankEmbed-Small, the cross-encoder "
          "ms-marco-MiniLM-L-6-v2, the 7B models CodeRankLLM (for --rerank listwise) and "
          "nomic-embed-code, or hf:owner/name[@revision] for "
          "any other on the hub. Licence and size are shown first. A pull that was stopped, even "
          "killed, is continued by the next one; a model that is there already is not asked for "
          "again. Hashes of downloaded files are recorded in model-hashes.json in the state "
          "folder (~/.local/state/coderank): a file of the same commit with another hash is "
          "refused. HF_ENDPOINT names a mirror, HF_TOKEN an access token, HTTPS_PROXY a proxy.",
      .parameters = {{.name = "source",
                      .help = "a known name, or hf:owner/name[@revision]",
                      .positional = true,
                      .required = true,
                      .value_name = "MODEL"},
                     {.name = "name",
                      .help = "name to install it under; default: the known name or the "
                              "repository's",
                      .value_name = "NAME"},
                     {.name = "replace",
                      .type = ParameterType::kFlag,
                      .help = "download anew and take the place of the model of that name"},
                     kModels,
                     kThreads,
                     kJson,
                     kQuiet},
  };
}

Operation ModelList() {
  return {.name = "model list",
          .summary = "List the installed models",
          .details = {},
          .parameters = {kModels, kJson, kQuiet}};
}

Operation ModelInfo() {
  return {.name = "model info",
          .summary = "Show a model's record and the dimension its weights give",
          .details = {},
          .parameters = {kModelName, kModels, kJson, kQuiet}};
}

Operation ModelVerify() {
  return {.name = "model verify",
          .summary = "Hash a model's files again and compare with its record",
          .details = {},
          .parameters = {kModelName, kModels, kJson, kQuiet}};
}

Operation ModelRemove() {
  return {.name = "model remove",
          .summary = "Remove an installed or connected model",
          .details =
              "Its folder below the installed models goes, with packed weights; the folder or file "
              "that it was added from stays. It is not asked whether an index uses it: such an "
              "index stays, and says what is missing.",
          .parameters = {{.name = "name",
                          .help = "an installed model, as `coderank model list` names it",
                          .positional = true,
                          .required = true,
                          .value_name = "NAME",
                          .form = TextForm::kModelName},
                         kModels,
                         kJson,
                         kQuiet}};
}

Operation Doctor() {
  return {.name = "doctor",
          .summary = "Check the installation and show the effective settings",
          .details = "A check that fails is marked with --; the exit status stays 0.",
          .parameters = {kDirectory, kModel, kModels, kIndex, kPrecision, kMaxTokens, kThreads,
                         kJson, kQuiet}};
}

}  // namespace coderank::ops
