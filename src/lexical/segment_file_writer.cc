#include "lexical/segment_file_writer.h"

#include <algorithm>
#include <utility>

#include "base/checksum.h"
#include "base/sha256.h"
#include "base/try.h"
#include "lexical/bm25f.h"
#include "lexical/encoding.h"

namespace coderank {

using segment_format::kPageBytes;

Result<SegmentFileWriter> SegmentFileWriter::Create(const std::filesystem::path& path,
                                                    const SegmentStamp& stamp) {
  CODERANK_ASSIGN(AtomicFile file, AtomicFile::Create(path));
  CODERANK_TRY(file.Append(std::string(segment_format::kBodyStart, '\0')));
  return SegmentFileWriter(std::move(file), stamp);
}

void SegmentFileWriter::EndSection() {
  if (current_ != nullptr) current_->size = file_.size() - current_->offset;
}

Status SegmentFileWriter::Begin(segment_format::Section section) {
  EndSection();
  const size_t beyond = file_.size() % segment_format::kAlignment;
  if (beyond != 0) {
    CODERANK_TRY(AppendToBody(std::string(segment_format::kAlignment - beyond, '\0')));
  }
  current_ = &places_[static_cast<size_t>(section)];
  current_->offset = file_.size();
  return OkStatus();
}

Status SegmentFileWriter::Append(std::string_view bytes) { return AppendToBody(bytes); }

Status SegmentFileWriter::AppendToBody(std::string_view bytes) {
  CODERANK_TRY(file_.Append(bytes));
  while (!bytes.empty()) {
    const auto taken = bytes.substr(0, kPageBytes - page_.size());
    page_ += taken;
    bytes.remove_prefix(taken.size());
    if (page_.size() == kPageBytes) {
      AppendNumber(page_table_, Checksum64(page_));
      page_.clear();
    }
  }
  return OkStatus();
}

std::string SegmentFileWriter::Header() const {
  std::string header(segment_format::kMagic);
  AppendNumber(header, segment_format::kVersion);
  AppendNumber(header, static_cast<uint32_t>(segment_format::kSections));
  const Sha256Digest identity = Sha256Of(stamp_.index_id);
  header.append(reinterpret_cast<const char*>(identity.data()), identity.size());
  AppendNumber(header, LexicalConstantsVersion());
  AppendNumber(header, stamp_.generation);
  AppendNumber(header, stamp_.base_generation);
  AppendNumber(header, file_.size());
  AppendNumber(header, Checksum64(page_table_));
  for (const Place& place : places_) {
    AppendNumber(header, place.offset);
    AppendNumber(header, place.size);
  }
  AppendNumber(header, Checksum64(header));
  return header;
}

Status SegmentFileWriter::Finish() {
  EndSection();
  if (!page_.empty()) AppendNumber(page_table_, Checksum64(page_));
  CODERANK_TRY(file_.Append(page_table_));
  CODERANK_TRY(file_.Overwrite(0, Header()));
  return file_.Commit();
}

}  // namespace coderank
