#include "model/chat_format.h"

#include <optional>

#include "base/strings.h"

namespace coderank {
namespace {

constexpr std::string_view kStart = "<|im_start|>";
constexpr std::string_view kEnd = "<|im_end|>";

}  // namespace

Result<ChatFormat> ChatFormat::Of(const BytePairTokenizer& tokenizer) {
  const std::optional<int32_t> start = tokenizer.FindAdded(kStart);
  const std::optional<int32_t> end = tokenizer.FindAdded(kEnd);
  if (start && end) return ChatFormat(tokenizer, *start, *end);
  return InvalidArgument(StrCat("the tokenizer: expected the special tokens ", kStart, " and ",
                                kEnd, " of ChatML, found no ", start ? kEnd : kStart,
                                "; a decoder that takes instructions in another form cannot rank"));
}

// A role's name, the line end and the message are one text to the tokenizer, as in the template.
std::vector<int32_t> ChatFormat::Prompt(std::string_view system, std::string_view user) const {
  std::vector<int32_t> ids;
  const auto message = [&](std::string_view role, std::string_view text) {
    ids.push_back(start_);
    tokenizer_->AppendText(StrCat(role, "\n", text), ids);
  };
  const auto end = [&] {
    ids.push_back(end_);
    tokenizer_->AppendText("\n", ids);
  };
  message("system", system);
  end();
  message("user", user);
  end();
  message("assistant", "");
  return ids;
}

}  // namespace coderank
