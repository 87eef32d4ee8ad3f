#include "engine/vector_exchange.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/hex.h"
#include "base/strings.h"
#include "base/try.h"
#include "json/json.h"

namespace coderank {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kVersion = 1;
// A vector of 8,192 numbers of 24 characters; ours are far smaller.
constexpr size_t kMostLineBytes = size_t{256} << 10;
// Half precision on the other machine gives a length this far from 1; a vector that was not
// normalised at all is off by more.
constexpr double kLengthTolerance = 5e-3;

std::string LineOf(const ordered_json& value) { return ToText(value) + "\n"; }

// Nested values are not kept: they could take many times the memory of their line.
json Parsed(const std::string& line) {
  const auto keep = [](int depth, json::parse_event_t, const json&) { return depth <= 2; };
  return json::parse(line, keep, /*allow_exceptions=*/false);
}

}  // namespace

Result<TextFileWriter> TextFileWriter::Create(const std::filesystem::path& path,
                                              const ExchangeModel& model) {
  {
    const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd.valid() && errno == EEXIST) {
      return FailedPrecondition(StrCat(path, ": is there already; name a new file"));
    }
    if (!fd.valid()) return ErrnoStatus(errno, path, "cannot write");
  }
  TextFileWriter writer(path);
  writer.file_ << LineOf({{"format", "coderank-texts"},
                          {"version", kVersion},
                          {"fingerprint", model.fingerprint},
                          {"model", model.name},
                          {"dimension", model.dimension},
                          {"document_prompt", model.document_prompt},
                          {"pooling", model.pooling},
                          {"max_tokens", model.max_tokens}});
  return writer;
}

Status TextFileWriter::Write(const Sha256Digest& sha256, const std::string& text) {
  file_ << LineOf({{"sha256", ToHex(sha256)}, {"text", text}});
  return file_ ? OkStatus() : ResourceExhausted(StrCat(path_, ": cannot write all texts"));
}

Status TextFileWriter::Close() {
  file_.close();
  return file_ ? OkStatus() : ResourceExhausted(StrCat(path_, ": cannot write all texts"));
}

CachedEmbedding CachedOf(const ImportedVector& vector, const kernels::KernelSet& kernels) {
  CachedEmbedding cached{.sha256 = vector.sha256,
                         .row = std::vector<uint16_t>(vector.vector.size()),
                         .tokens = vector.tokens,
                         .truncated = vector.truncated};
  kernels.f32_to_f16(vector.vector.data(), vector.vector.size(), cached.row.data());
  return cached;
}

VectorFileReader::VectorFileReader(std::filesystem::path path, size_t dimension, UniqueFd file)
    : path_(std::move(path)),
      dimension_(dimension),
      file_(std::move(file)),
      lines_(file_.get(), kMostLineBytes) {}

Result<VectorFileReader> VectorFileReader::Open(const std::filesystem::path& path,
                                                const std::string& fingerprint, size_t dimension) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return ErrnoStatus(errno, path, "cannot read");
  VectorFileReader reader(path, dimension, std::move(file));
  CODERANK_ASSIGN(const auto line, reader.NextLine());
  const json header = line ? Parsed(*line) : json();
  if (TextAt(header, "format") != "coderank-vectors" || Member(header, "version") != kVersion) {
    return reader.Wrong(
        StrCat("expected {\"format\":\"coderank-vectors\",\"version\":", kVersion, ",...}"));
  }
  const std::string found = TextAt(header, "fingerprint");
  if (found == fingerprint) return reader;
  return FailedPrecondition(
      StrCat(path, ": vectors of a model with fingerprint ", found.substr(0, 12),
             ", the index has ", fingerprint.substr(0, 12),
             "; export the texts of this index again (`coderank texts export`)"));
}

Result<std::optional<std::string>> VectorFileReader::NextLine() {
  ++line_;
  auto line = lines_.Next();
  if (!line) return line.error().WithContext(StrCat(path_, ", line ", line_));
  return line;
}

Result<bool> VectorFileReader::Next(ImportedVector& out) {
  CODERANK_ASSIGN(const auto line, NextLine());
  if (!line) return false;
  const json object = Parsed(*line);
  const std::string hash = TextAt(object, "sha256");
  const auto digest = DigestFromHex(hash);
  if (!digest) return Wrong("expected {\"sha256\":\"<64 hex digits>\",\"vector\":[...]}");
  if (!seen_.insert(hash).second) return Wrong(StrCat("the text ", hash, " for the second time"));
  const json& vector = Member(object, "vector");
  if (!vector.is_array() || vector.size() != dimension_) {
    return Wrong(StrCat("expected a vector of ", dimension_, " numbers, found ", vector.size()));
  }
  out = {.sha256 = *digest, .vector = {}};
  double square = 0;
  for (const json& value : vector) {
    const double number = value.is_number() ? value.get<double>() : std::nan("");
    if (!std::isfinite(number)) return Wrong("expected finite numbers");
    square += number * number;
    out.vector.push_back(static_cast<float>(number));
  }
  if (std::abs(std::sqrt(square) - 1) > kLengthTolerance) {
    return Wrong(StrCat("expected a vector of length 1, found ", std::sqrt(square)));
  }
  out.tokens = static_cast<uint32_t>(std::min<uint64_t>(NumberAt(object, "tokens"), UINT32_MAX));
  out.truncated = Member(object, "truncated") == true;
  return true;
}

Status VectorFileReader::Wrong(std::string_view what) const {
  return InvalidArgument(StrCat(path_, ", line ", line_, ": ", what));
}

}  // namespace coderank
