// Writes the container of a lexical segment (segment_file.h has the format).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"
#include "coderank/result.h"
#include "lexical/segment_file.h"

namespace coderank {

// Sections one after the other, each once. Not thread-safe.
class SegmentFileWriter {
 public:
  static Result<SegmentFileWriter> Create(const std::filesystem::path& path,
                                          const SegmentStamp& stamp);

  // Ends the section before.
  Status Begin(segment_format::Section section);
  Status Append(std::string_view bytes);
  template <typename T>
  Status Append(std::span<const T> numbers) {
    const auto bytes = std::as_bytes(numbers);
    return Append(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  // Bytes of the section so far.
  uint64_t section_size() const { return file_.size() - current_->offset; }
  // Puts the file in place.
  Status Finish();

 private:
  struct Place {
    uint64_t offset = segment_format::kBodyStart;
    uint64_t size = 0;
  };

  SegmentFileWriter(AtomicFile file, const SegmentStamp& stamp)
      : file_(std::move(file)), stamp_(stamp) {}
  void EndSection();
  Status AppendToBody(std::string_view bytes);
  std::string Header() const;

  AtomicFile file_;
  SegmentStamp stamp_;
  std::array<Place, segment_format::kSections> places_;
  Place* current_ = nullptr;
  std::string page_;        // bytes since the last full page
  std::string page_table_;  // u64 a full page
};

}  // namespace coderank
