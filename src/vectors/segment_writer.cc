#include "vectors/segment_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <limits>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "vectors/int8_row.h"
#include "vectors/sign_code.h"

namespace coderank {
namespace {

using vector_segment_format::kHeaderBytes;

constexpr size_t kBlockBytes = size_t{1} << 20;

template <typename T>
std::span<const std::byte> BytesOf(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

template <typename T>
void AppendNumber(std::string& to, const T& value) {
  const auto bytes = BytesOf(value);
  to.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Status CheckPlan(const SegmentPlan& plan, const std::filesystem::path& path) {
  if (plan.dimension == 0 || plan.dimension > vector_segment_format::kMaxDimension ||
      plan.row_count > vector_segment_format::kMaxRows ||
      plan.gone.size() > vector_segment_format::kMaxGone) {
    return ResourceExhausted(StrCat(path, ": ", plan.row_count, " rows of dimension ",
                                    plan.dimension, " and ", plan.gone.size(),
                                    " texts that are gone: beyond the limits of a segment"));
  }
  return OkStatus();
}

}  // namespace

VectorSegmentWriter::VectorSegmentWriter(std::filesystem::path path,
                                         std::filesystem::path temporary, UniqueFd fd,
                                         SegmentPlan plan, const kernels::KernelSet& kernels)
    : path_(std::move(path)),
      temporary_(std::move(temporary)),
      fd_(std::move(fd)),
      plan_(std::move(plan)),
      kernels_(&kernels),
      layout_(plan_.dimension, plan_.row_count, plan_.gone.size()),
      rotation_(plan_.dimension),
      ids_{.offset = layout_.ids},
      scales_{.offset = layout_.scales},
      rows_{.offset = layout_.bytes},
      row_(plan_.dimension),
      bytes_(static_cast<size_t>(layout_.depth)),
      sum_(plan_.dimension),
      mean_(plan_.dimension) {}

VectorSegmentWriter::~VectorSegmentWriter() {
  if (fd_.valid() && !temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<VectorSegmentWriter> VectorSegmentWriter::Create(const std::filesystem::path& path,
                                                        SegmentPlan plan,
                                                        const kernels::KernelSet& kernels) {
  CODERANK_TRY(CheckPlan(plan, path));
  std::string temporary = path.native() + ".XXXXXX";
  UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, path, "cannot create the vector segment");
  VectorSegmentWriter writer(path, temporary, std::move(fd), std::move(plan), kernels);
  // Zeros everywhere that nothing is written; a full disk shows in the writes.
  if (::ftruncate(writer.fd_.get(), static_cast<off_t>(writer.layout_.file_size)) != 0) {
    return ErrnoStatus(errno, path, "cannot create the vector segment");
  }
  return writer;
}

Status VectorSegmentWriter::WriteAt(uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return ErrnoStatus(errno, path_, "cannot write the vector segment");
    bytes = bytes.subspan(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return OkStatus();
}

Status VectorSegmentWriter::ReadAt(uint64_t offset, std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, path_, "cannot read back the vector segment");
    if (got == 0) return Unavailable(StrCat(path_, ": was cut short by another program"));
    bytes = bytes.subspan(static_cast<size_t>(got));
    offset += static_cast<uint64_t>(got);
  }
  return OkStatus();
}

Status VectorSegmentWriter::Append(Section& section, std::span<const std::byte> bytes) {
  section.pending.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return section.pending.size() < kBlockBytes ? OkStatus() : Flush(section);
}

Status VectorSegmentWriter::Flush(Section& section) {
  CODERANK_TRY(WriteAt(section.offset, std::as_bytes(std::span(section.pending))));
  section.offset += section.pending.size();
  section.pending.clear();
  return OkStatus();
}

Status VectorSegmentWriter::Add(int64_t text_id, std::span<const uint16_t> row) {
  if (row.size() != plan_.dimension || added_ == plan_.row_count ||
      (added_ > 0 && text_id <= last_id_)) {
    return FailedPrecondition(StrCat(path_, ": expected at most ", plan_.row_count,
                                     " rows of dimension ", plan_.dimension,
                                     " in ascending order; text ", text_id, " of dimension ",
                                     row.size(), " follows text ", last_id_));
  }
  kernels_->f16_to_f32(row.data(), row.size(), row_.data());
  rotation_.Apply(row_);
  const float scale = QuantizeSymmetric(row_, bytes_);
  if (scale != 0) {
    for (size_t i = 0; i < row_.size(); ++i) sum_[i] += row_[i];
  }
  ++added_;
  last_id_ = text_id;
  CODERANK_TRY(Append(ids_, BytesOf(text_id)));
  CODERANK_TRY(Append(scales_, BytesOf(scale)));
  return Append(rows_, std::as_bytes(std::span(bytes_)));
}

Status VectorSegmentWriter::WriteMean() {
  const double count = static_cast<double>(std::max<size_t>(added_, 1));
  for (size_t i = 0; i < mean_.size(); ++i) mean_[i] = static_cast<float>(sum_[i] / count);
  return WriteAt(layout_.mean, std::as_bytes(std::span(mean_)));
}

Status VectorSegmentWriter::AppendSignsOfGroups(Section& signs, std::span<const int8_t> rows,
                                                std::span<const float> scales) {
  const size_t depth = bytes_.size();
  const auto words = static_cast<size_t>(layout_.words);
  std::vector<uint64_t> of_row(words);
  std::vector<uint64_t> group(words * kernels::kSignGroup);
  for (size_t row = 0; row < scales.size(); ++row) {
    const size_t place = row % kernels::kSignGroup;
    if (place == 0) std::fill(group.begin(), group.end(), 0);
    for (size_t i = 0; i < row_.size(); ++i) {
      row_[i] = scales[row] * static_cast<float>(rows[row * depth + i]);
    }
    SignsOf(row_, mean_, of_row);
    for (size_t w = 0; w < words; ++w) group[w * kernels::kSignGroup + place] = of_row[w];
    if (place + 1 == kernels::kSignGroup || row + 1 == scales.size()) {
      CODERANK_TRY(Append(signs, std::as_bytes(std::span(group))));
    }
  }
  return OkStatus();
}

// The mean is known only after the last row, so the rows are read back, a block at a time.
Status VectorSegmentWriter::WriteSigns() {
  const size_t depth = bytes_.size();
  const size_t block =
      std::max<size_t>(kBlockBytes / depth / kernels::kSignGroup, 1) * kernels::kSignGroup;
  std::vector<int8_t> rows(block * depth);
  std::vector<float> scales(block);
  Section signs{.offset = layout_.signs};
  for (size_t first = 0; first < added_; first += block) {
    const size_t count = std::min(block, added_ - first);
    const auto some_rows = std::span(rows).first(count * depth);
    const auto some_scales = std::span(scales).first(count);
    CODERANK_TRY(
        ReadAt(layout_.bytes + first * depth, std::as_writable_bytes(std::span(some_rows))));
    CODERANK_TRY(ReadAt(layout_.scales + first * sizeof(float),
                        std::as_writable_bytes(std::span(some_scales))));
    CODERANK_TRY(AppendSignsOfGroups(signs, some_rows, some_scales));
  }
  return Flush(signs);
}

Result<Sha256Digest> VectorSegmentWriter::HashBody() {
  std::vector<std::byte> block(kBlockBytes);
  Sha256 hash;
  for (uint64_t at = kHeaderBytes; at < layout_.file_size; at += block.size()) {
    const auto count = std::min<uint64_t>(block.size(), layout_.file_size - at);
    const auto some = std::span(block).first(static_cast<size_t>(count));
    CODERANK_TRY(ReadAt(at, some));
    hash.Update(some);
  }
  return hash.Finish();
}

Status VectorSegmentWriter::Finish() {
  if (added_ != plan_.row_count) {
    return FailedPrecondition(
        StrCat(path_, ": expected ", plan_.row_count, " rows, found ", added_));
  }
  for (Section* section : {&ids_, &scales_, &rows_}) CODERANK_TRY(Flush(*section));
  CODERANK_TRY(WriteAt(layout_.gone, std::as_bytes(std::span(plan_.gone))));
  CODERANK_TRY(WriteMean());
  CODERANK_TRY(WriteSigns());
  CODERANK_ASSIGN(const Sha256Digest body_hash, HashBody());
  // Whole seconds: what every file system keeps exactly, and what a later change will not hit.
  const timespec written{.tv_sec = std::time(nullptr), .tv_nsec = 0};
  std::string header(vector_segment_format::kMagic);
  AppendNumber(header, vector_segment_format::kVersion);
  AppendNumber(header, static_cast<uint32_t>(plan_.dimension));
  AppendNumber(header, plan_.generation);
  AppendNumber(header, plan_.base_generation);
  AppendNumber(header, uint64_t{plan_.row_count});
  AppendNumber(header, uint64_t{plan_.gone.size()});
  AppendNumber(header, layout_.file_size);
  AppendNumber(header, static_cast<int64_t>(written.tv_sec));
  AppendNumber(header, plan_.identity);
  AppendNumber(header, body_hash);
  AppendNumber(header, Sha256Of(header));
  CODERANK_TRY(WriteAt(0, std::as_bytes(std::span(header))));
  const timespec times[] = {written, written};
  if (::fsync(fd_.get()) != 0 || ::futimens(fd_.get(), times) != 0 ||
      ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return ErrnoStatus(errno, path_, "cannot write the vector segment");
  }
  temporary_.clear();
  // The file is whole either way; a folder that cannot be synced is no reason to say otherwise.
  (void)SyncFolder(path_.has_parent_path() ? path_.parent_path() : ".");
  return OkStatus();
}

}  // namespace coderank
