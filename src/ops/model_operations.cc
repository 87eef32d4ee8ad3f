// Operations on installed models and on the installation. Names and meanings are a contract for
// scripts: add, do not change.
#include "ops/operations.h"
#include "ops/parameters.h"

namespace coderank::ops {

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
                     {.name = "replace",
                      .type = ParameterType::kFlag,
                      .help = "take the place of a different model of that name"},
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

Operation Doctor() {
  return {.name = "doctor",
          .summary = "Check the installation and show the effective settings",
          .details = "A check that fails is marked with --; the exit status stays 0.",
          .parameters = {kDirectory, kModel, kModels, kIndex, kPrecision, kMaxTokens, kThreads,
                         kJson, kQuiet}};
}

}  // namespace coderank::ops
