#include "syntax/chunk_labels.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/strings.h"
#include "text/utf8.h"

namespace coderank {
namespace {

// A signature is one line, whatever it takes in the text; longer ones say little more.
constexpr size_t kMaximumSignatureBytes = 200;
// Of the names of a chunk: tables of constants can have hundreds.
constexpr size_t kMaximumDefinitions = 128;

// Of a chunk's characters, in hundredths: one constant below a page of comments is not what the
// page is about.
constexpr uint64_t kLeastMainShare = 15;
// Of them, in hundredths: what a chunk that names nothing itself must have in a definition to be a
// part of it. The rest is closing brackets, or the start of something small.
constexpr uint64_t kLeastEnclosedShare = 90;

// The longest prefix of at most `limit` bytes that ends between two characters.
std::string_view Prefix(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return text.substr(0, end);
}

// White space becomes single spaces; an opening bracket at the end has nothing to open here.
std::string Signature(std::string_view text, const Definition& definition) {
  std::string line;
  // A bound on the work too: the signature of a macro can be a file.
  const std::string_view raw =
      Prefix(text.substr(definition.start, definition.signature_end - definition.start), 1000);
  for (const char c : raw) {
    if (!IsAsciiSpace(c)) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '{')) line.pop_back();
  return ToValidUtf8(Prefix(line, kMaximumSignatureBytes));
}

void AppendScope(std::string& scope, std::string_view name) {
  if (!name.empty()) scope += StrCat(scope.empty() ? "" : ".", name);
}

class Labeller {
 public:
  Labeller(const TextLines& lines, const DefinitionTree& tree) : lines_(lines), tree_(tree) {
    for (size_t node = 1; node < tree.size(); ++node) by_name_.push_back(node);
    std::stable_sort(by_name_.begin(), by_name_.end(),
                     [&](size_t a, size_t b) { return NameStart(a) < NameStart(b); });
  }

  // Chunks come in ascending order.
  void Label(Chunk& chunk) {
    size_t main = DefinitionTree::kRoot;
    uint64_t main_weight = 0;
    for (; next_ < by_name_.size() && NameStart(by_name_[next_]) < chunk.end_byte; ++next_) {
      const size_t node = by_name_[next_];
      if (NameStart(node) < chunk.start_byte) continue;
      const Definition& definition = *tree_[node].definition;
      // A namespace is opened again in every file: none of them defines it.
      const bool opens = definition.kind == "namespace";
      if (definition.role != DefinitionRole::kExtension && !opens) AddName(chunk, definition.name);
      if (definition.role == DefinitionRole::kMember) continue;
      uint64_t weight = Overlap(tree_[node].first, tree_[node].last, chunk);
      // A chunk that begins a namespace and a class in it is about the class.
      if (opens || definition.kind == "module") weight /= 2;
      if (weight > main_weight) {
        main = node;
        main_weight = weight;
      }
    }
    const uint64_t all = Overlap(0, lines_.size(), chunk);
    if (main_weight * 100 < all * kLeastMainShare) main = DefinitionTree::kRoot;
    const bool has_main = main != DefinitionTree::kRoot;
    if (has_main) {
      chunk.symbol = tree_[main].definition->name;
      chunk.kind = tree_[main].definition->kind;
    }
    Enclose(chunk, has_main ? tree_[main].parent : Innermost(chunk));
    if (has_main) AppendScope(chunk.scope, tree_[main].definition->scope);
  }

 private:
  uint64_t NameStart(size_t node) const { return tree_[node].definition->name_start; }

  static void AddName(Chunk& chunk, const std::string& name) {
    auto& names = chunk.definitions;
    if (name.empty() || names.size() >= kMaximumDefinitions) return;
    if (names.empty() || names.back() != name) names.push_back(name);
  }

  // Non-blank characters of the lines [first, last) in the chunk.
  uint64_t Overlap(size_t first, size_t last, const Chunk& chunk) const {
    first = std::max(first, lines_.LineAt(chunk.start_byte));
    last = std::min(last, lines_.LineAt(chunk.end_byte - 1) + 1);
    return first < last ? lines_.Characters(first, last) : 0;
  }

  // The innermost definition that holds the start of the chunk and nearly all of it. The last part
  // of a long function also has what closes the class around it.
  size_t Innermost(const Chunk& chunk) const {
    const size_t first = lines_.LineAt(chunk.start_byte);
    const uint64_t enough = Overlap(0, lines_.size(), chunk) * kLeastEnclosedShare / 100;
    for (size_t at = DefinitionTree::kRoot;;) {
      const std::vector<size_t>& children = tree_[at].children;
      const auto after =
          std::upper_bound(children.begin(), children.end(), first,
                           [&](size_t line, size_t child) { return line < tree_[child].first; });
      if (after == children.begin()) return at;
      const size_t child = *(after - 1);
      if (Overlap(tree_[child].first, tree_[child].last, chunk) <= enough) return at;
      at = child;
    }
  }

  // Scope and context of a chunk inside of `node` and all that encloses it.
  void Enclose(Chunk& chunk, size_t node) const {
    std::vector<const Definition*> chain;  // innermost first
    for (; node != DefinitionTree::kRoot; node = tree_[node].parent) {
      chain.push_back(tree_[node].definition);
    }
    size_t bytes = 0;
    for (const Definition* definition : chain) {
      const bool in_chunk =
          definition->name_start >= chunk.start_byte && definition->name_start < chunk.end_byte;
      const std::string signature = in_chunk ? "" : Signature(lines_.text(), *definition);
      if (signature.empty()) continue;
      bytes += signature.size() + 1;
      if (bytes > kMaximumContextBytes) break;  // the outermost say the least
      chunk.context = chunk.context.empty() ? signature : StrCat(signature, "\n", chunk.context);
    }
    for (auto definition = chain.rbegin(); definition != chain.rend(); ++definition) {
      AppendScope(chunk.scope, (*definition)->scope);
      AppendScope(chunk.scope, (*definition)->name);
    }
  }

  const TextLines& lines_;
  const DefinitionTree& tree_;
  std::vector<size_t> by_name_;
  size_t next_ = 0;  // in by_name_
};

}  // namespace

void LabelChunks(const TextLines& lines, const DefinitionTree& tree, std::span<Chunk> chunks) {
  Labeller labeller(lines, tree);
  for (Chunk& chunk : chunks) labeller.Label(chunk);
}

}  // namespace coderank
