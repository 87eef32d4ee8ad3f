#include "engine/embedding_order.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/ascii.h"
#include "base/try.h"

namespace coderank {
namespace {

// So few are done within seconds in any order, and a refresh should not read the tree's heads.
constexpr size_t kLeastToOrder = 512;
// A file is recent when it changed within two weeks, and this long after half of the tree: what a
// checkout writes has about one time.
constexpr int64_t kRecentNanoseconds = int64_t{14} * 24 * 60 * 60 * 1'000'000'000;
constexpr int64_t kAfterCheckoutNanoseconds = int64_t{60} * 60 * 1'000'000'000;
// Shorter stems are mostly words that mean something else.
constexpr size_t kShortestStem = 3;
// Files that others name by their folder.
constexpr std::array<std::string_view, 4> kNamedByFolder = {"__init__", "index", "mod", "main"};

struct RankedFile {
  int64_t id = 0;
  std::string path;
  int64_t mtime_ns = 0;
  double references = 0;
};

std::string_view LastPart(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// "src/base/byte_cursor.h" is known as "byte_cursor", "lib/parser/index.js" as "parser".
std::string_view StemOf(std::string_view path) {
  const std::string_view name = LastPart(path);
  const std::string_view stem = name.substr(0, name.find('.'));
  const bool by_folder =
      std::find(kNamedByFolder.begin(), kNamedByFolder.end(), stem) != kNamedByFolder.end();
  if (!by_folder || name.size() == path.size()) return stem;
  return LastPart(path.substr(0, path.size() - name.size() - 1));
}

bool IsWordByte(char c) {
  return IsAsciiAlnum(c) || c == '_' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

template <typename Visit>
void ForEachWord(std::string_view text, Visit visit) {
  size_t start = 0;
  while (start < text.size()) {
    size_t end = start;
    while (end < text.size() && IsWordByte(text[end])) ++end;
    if (end > start) visit(text.substr(start, end - start));
    start = end + 1;
  }
}

// Files of one stem share what is said about it.
Status CountReferences(const IndexStore& store, std::vector<RankedFile>& files) {
  struct Stem {
    std::vector<RankedFile*> files;
    uint64_t mentions = 0;
    int64_t last_file = 0;  // counted already: a file counts once
  };
  std::unordered_map<std::string_view, Stem> stems;
  for (RankedFile& file : files) {
    const std::string_view stem = StemOf(file.path);
    if (stem.size() >= kShortestStem) stems[stem].files.push_back(&file);
  }
  CODERANK_TRY(store.ScanFileHeads([&stems](int64_t file_id, const std::string& text) {
    ForEachWord(text, [&stems, file_id](std::string_view word) {
      const auto found = stems.find(word);
      if (found == stems.end() || found->second.last_file == file_id) return;
      found->second.last_file = file_id;
      ++found->second.mentions;
    });
  }));
  for (const auto& [name, stem] : stems) {
    for (RankedFile* file : stem.files) {
      file->references =
          static_cast<double>(stem.mentions) / static_cast<double>(stem.files.size());
    }
  }
  return OkStatus();
}

int64_t MedianTime(const std::vector<RankedFile>& files) {
  std::vector<int64_t> times;
  times.reserve(files.size());
  for (const RankedFile& file : files) times.push_back(file.mtime_ns);
  const auto middle = times.begin() + static_cast<ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

// Best first. Precondition: not empty.
void SortByUse(std::vector<RankedFile>& files) {
  const int64_t now = int64_t{std::time(nullptr)} * 1'000'000'000;
  const int64_t recent =
      std::max(MedianTime(files) + kAfterCheckoutNanoseconds, now - kRecentNanoseconds);
  const auto key = [recent](const RankedFile& file) {
    const int64_t changed = file.mtime_ns > recent ? file.mtime_ns : 0;
    return std::tuple(-changed, -file.references, std::string_view(file.path));
  };
  std::sort(files.begin(), files.end(),
            [&key](const RankedFile& a, const RankedFile& b) { return key(a) < key(b); });
}

Result<std::vector<RankedFile>> FilesByUse(const IndexStore& store) {
  CODERANK_ASSIGN(const auto stamps, store.Files());
  std::vector<RankedFile> files;
  files.reserve(stamps.size());
  for (const auto& [path, stamp] : stamps) {
    // The sign tells whether the stamp is trusted (file_stamps.h).
    files.push_back({.id = stamp.id, .path = path, .mtime_ns = std::abs(stamp.mtime_ns)});
  }
  if (files.empty()) return files;
  CODERANK_TRY(CountReferences(store, files));
  SortByUse(files);
  return files;
}

}  // namespace

Result<std::vector<TextToEmbed>> EmbeddingOrder(const IndexStore& store) {
  CODERANK_ASSIGN(const std::vector<PendingPlace> places, store.PendingPlaces());
  std::unordered_map<int64_t, size_t> rank_of_file;
  if (places.size() >= kLeastToOrder) {
    CODERANK_ASSIGN(const std::vector<RankedFile> files, FilesByUse(store));
    for (size_t i = 0; i < files.size(); ++i) rank_of_file.emplace(files[i].id, i);
  }
  std::vector<std::pair<size_t, TextToEmbed>> ranked;  // places come by text
  for (const PendingPlace& place : places) {
    const auto found = rank_of_file.find(place.file_id);
    const size_t rank = found == rank_of_file.end() ? 0 : found->second;
    if (!ranked.empty() && ranked.back().second.id == place.text_id) {
      ranked.back().first = std::min(ranked.back().first, rank);
    } else {
      ranked.push_back({rank, {.id = place.text_id, .size = place.size}});
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<TextToEmbed> texts;
  texts.reserve(ranked.size());
  for (const auto& [rank, text] : ranked) texts.push_back(text);
  return texts;
}

}  // namespace coderank
