#include "engine/vector_place.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {
namespace {

// StoreGeneration as "chunks vectors"; empty: never.
constexpr std::string_view kMetaFollowed = "qdrant_followed";
constexpr size_t kMostNameBytes = 60;  // of the folder's; the server takes 255 in all
constexpr size_t kIdDigits = 8;        // tell apart the indexes of one server

Result<std::string> GenerationText(const IndexStore& store) {
  CODERANK_ASSIGN(const StoreGeneration generation, store.Generation());
  return StrCat(generation.chunks, " ", generation.vectors);
}

}  // namespace

Result<VectorPlace> ReadVectorPlace(const IndexStore& store) {
  VectorPlace place;
  CODERANK_ASSIGN(place.url, store.Meta(kMetaServerUrl));
  CODERANK_ASSIGN(place.collection, store.Meta(kMetaCollection));
  return place;
}

Status WriteVectorPlace(IndexStore& store, const VectorPlace& place) {
  CODERANK_ASSIGN(Transaction transaction, store.Begin());
  CODERANK_TRY(store.SetMeta(kMetaServerUrl, place.url));
  CODERANK_TRY(store.SetMeta(kMetaCollection, place.collection));
  CODERANK_TRY(store.SetMeta(kMetaFollowed, ""));
  return transaction.Commit();
}

Result<bool> HasFollowed(const IndexStore& store) {
  CODERANK_ASSIGN(const std::string followed, store.Meta(kMetaFollowed));
  CODERANK_ASSIGN(const std::string now, GenerationText(store));
  return followed == now;
}

Status RecordFollowed(IndexStore& store) {
  CODERANK_ASSIGN(const bool recorded, HasFollowed(store));
  if (recorded) return OkStatus();
  CODERANK_ASSIGN(const std::string now, GenerationText(store));
  return store.SetMeta(kMetaFollowed, now);
}

std::string DefaultCollection(const std::filesystem::path& root, std::string_view index_id) {
  std::string name = root.filename().native().substr(0, kMostNameBytes);
  const auto is_plain = [](char c) { return IsAsciiAlnum(c) || c == '.' || c == '_' || c == '-'; };
  std::replace_if(
      name.begin(), name.end(), [&](char c) { return !is_plain(c); }, '_');
  return StrCat(name.empty() ? "index" : name, "-", index_id.substr(0, kIdDigits));
}

}  // namespace coderank
