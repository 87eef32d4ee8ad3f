// embed: JSON lines in, JSON lines out, in bounded memory.
#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "commands.h"
#include "line_reader.h"
#include "print_json.h"

namespace coderank::cli {
namespace {

// Texts embedded together: enough to fill all cores with batches of like length.
constexpr size_t kBlockLines = 256;
constexpr size_t kBlockBytes = size_t{4} << 20;

template <typename T>
void AppendNumber(T value, std::string& out) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(text.data(), end);  // 32 characters hold any float or 32-bit integer
}

template <typename T>
void AppendList(const std::vector<T>& values, std::string& out) {
  out += '[';
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    AppendNumber(values[i], out);
  }
  out += ']';
}

// Floats are printed with the fewest digits that read back to the same f32.
std::string Line(const TextEmbedding& embedding, bool with_ids) {
  std::string line = "{\"vector\":";
  AppendList(embedding.vector, line);
  line += ",\"tokens\":";
  AppendNumber(embedding.token_ids.size(), line);
  if (with_ids) {
    line += ",\"ids\":";
    AppendList(embedding.token_ids, line);
  }
  return line + "}\n";
}

class LineEmbedder {
 public:
  LineEmbedder(const EmbeddingModel& model, const ops::Arguments& arguments)
      : model_(model),
        request_{.query = arguments.Flag("query"), .normalize = !arguments.Flag("no-normalize")},
        with_ids_(arguments.Flag("token-ids")) {}

  Status Add(std::string text) {
    bytes_ += text.size();
    texts_.push_back(std::move(text));
    return texts_.size() < kBlockLines && bytes_ < kBlockBytes ? OkStatus() : Flush();
  }

  // Embeds and prints what has been added.
  Status Flush() {
    if (texts_.empty()) return OkStatus();
    const std::vector<std::string_view> views(texts_.begin(), texts_.end());
    CODERANK_ASSIGN(const auto embeddings, model_.Embed(views, request_));
    for (const TextEmbedding& embedding : embeddings) {
      const std::string line = Line(embedding, with_ids_);
      std::fwrite(line.data(), 1, line.size(), stdout);
    }
    CODERANK_TRY(FlushOutput());
    unread_ = ReaderHasLeft();
    texts_.clear();
    bytes_ = 0;
    return OkStatus();
  }

  // The rest of a long input is not worth embedding when nobody reads.
  bool unread() const { return unread_; }

 private:
  const EmbeddingModel& model_;
  EmbedRequest request_;
  bool with_ids_;
  bool unread_ = false;
  std::vector<std::string> texts_;
  size_t bytes_ = 0;
};

Status EmbedLines(LineEmbedder& embedder) {
  LineReader reader;
  for (uint64_t number = 1; !embedder.unread(); ++number) {
    if (reader.WouldWait()) CODERANK_TRY(embedder.Flush());
    auto line = reader.Next();
    if (line && !*line) return embedder.Flush();
    if (line && (*line)->find_first_not_of(" \t\r") == std::string::npos) continue;
    auto text = line ? TextOfLine(**line, number)
                     : line.error().WithContext(StrCat("standard input, line ", number));
    if (!text) {
      CODERANK_TRY(embedder.Flush());  // what came before is answered
      return text.error();
    }
    CODERANK_TRY(embedder.Add(*std::move(text)));
  }
  return OkStatus();
}

}  // namespace

Result<int> RunEmbed(const CommandContext& context) {
  const ops::Arguments& arguments = context.arguments;
  // There is nothing to finish, and waiting for input must not outlive the interrupt.
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  if (arguments.Flag("jsonl") == arguments.Has("text")) {
    return InvalidArgument("embed: expected either TEXT or --jsonl");
  }
  CODERANK_ASSIGN(const auto model, context.engine.OpenModel(""));
  LineEmbedder embedder(*model, arguments);
  if (arguments.Has("text")) {
    CODERANK_TRY(embedder.Add(arguments.Text("text")));
    CODERANK_TRY(embedder.Flush());
  } else {
    CODERANK_TRY(EmbedLines(embedder));
  }
  return kExitFound;
}

}  // namespace coderank::cli
