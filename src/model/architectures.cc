#include "model/architectures.h"

#include "base/strings.h"
#include "model/bert.h"
#include "model/causal_encoder.h"
#include "model/nomic_bert.h"

namespace coderank {
namespace {

struct Architecture {
  std::string_view model_type;
  EncoderLoader load;
};

constexpr Architecture kArchitectures[] = {
    {"bert", LoadBert},
    {"nomic_bert", LoadNomicBert},
    {"qwen2", LoadCausalEncoder},
    {"llama", LoadCausalEncoder},
};

}  // namespace

Result<EncoderLoader> FindArchitecture(std::string_view model_type) {
  std::string known;
  for (const Architecture& architecture : kArchitectures) {
    if (architecture.model_type == model_type) return architecture.load;
    known += StrCat(known.empty() ? "" : ", ", architecture.model_type);
  }
  return InvalidArgument(
      StrCat("model_type: expected one of ", known, ", found \"", model_type, "\""));
}

}  // namespace coderank
