#include "base/sha256.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/file.h"
#include "base/strings.h"
#include "base/try.h"

namespace coderank {

struct Sha256::Context {
  EVP_MD_CTX* md = EVP_MD_CTX_new();
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(md); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  EVP_DigestInit_ex(context_->md, EVP_sha256(), nullptr);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::Update(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(context_->md, bytes.data(), bytes.size());
}

void Sha256::Update(std::string_view text) { Update(std::as_bytes(std::span(text))); }

Sha256Digest Sha256::Finish() {
  Sha256Digest digest{};
  unsigned length = 0;
  EVP_DigestFinal_ex(context_->md, digest.data(), &length);
  return digest;
}

Sha256Digest Sha256Of(std::string_view text) {
  Sha256 hash;
  hash.Update(text);
  return hash.Finish();
}

Result<Sha256Digest> Sha256OfFile(const std::filesystem::path& path,
                                  const CancellationToken* cancel) {
  constexpr size_t kBlock = size_t{8} << 20;  // some milliseconds of hashing
  CODERANK_ASSIGN(const MappedFile file, MappedFile::Open(path));
  Sha256 hash;
  for (auto rest = file.bytes(); !rest.empty();) {
    if (IsCancelled(cancel)) {
      return Cancelled(StrCat(path, ": hashing was cancelled"));
    }
    const auto block = rest.first(std::min(kBlock, rest.size()));
    hash.Update(block);
    rest = rest.subspan(block.size());
  }
  return hash.Finish();
}

std::string ToHex(std::span<const uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace coderank
