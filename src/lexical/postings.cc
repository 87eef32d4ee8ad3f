#include "lexical/postings.h"

#include <algorithm>
#include <bit>

#include "lexical/encoding.h"

namespace coderank {
namespace {

constexpr uint32_t kBlock = PostingCursor::kBlock;

uint32_t BlocksOf(uint32_t count) { return count / kBlock + (count % kBlock != 0 ? 1U : 0U); }

size_t GapBytes(uint32_t count, uint32_t width) { return (size_t{count} * width + 7) / 8; }

uint32_t WidthOf(std::span<const Posting> block, uint32_t previous) {
  uint32_t all = 0;
  for (const Posting& posting : block) {
    all |= posting.document - previous - 1;
    previous = posting.document;
  }
  return static_cast<uint32_t>(std::bit_width(all));
}

// `previous` is the document before the block; kNoDocument, which is -1, before the first.
void AppendBlock(std::span<const Posting> block, uint32_t previous, uint32_t width,
                 std::string& to) {
  uint64_t word = 0;
  uint32_t bits = 0;
  for (const Posting& posting : block) {
    word |= static_cast<uint64_t>(posting.document - previous - 1) << bits;
    previous = posting.document;
    for (bits += width; bits >= 8; bits -= 8) {
      to += static_cast<char>(word);
      word >>= 8;
    }
  }
  if (bits > 0) to += static_cast<char>(word);
  for (const Posting& posting : block) to += static_cast<char>(posting.impact);
}

}  // namespace

void EncodePostings(std::span<const Posting> postings, std::string& to) {
  std::string data;
  uint32_t previous = kNoDocument;
  for (size_t first = 0; first < postings.size(); first += kBlock) {
    const auto block = postings.subspan(first, std::min<size_t>(kBlock, postings.size() - first));
    const uint32_t width = WidthOf(block, previous);
    const auto largest = std::max_element(
        block.begin(), block.end(),
        [](const Posting& left, const Posting& right) { return left.impact < right.impact; });
    AppendNumber(to, block.back().document);
    AppendNumber(to, static_cast<uint32_t>(data.size()));
    AppendNumber(to, largest->impact);
    AppendNumber(to, static_cast<uint8_t>(width));
    AppendBlock(block, previous, width, data);
    previous = block.back().document;
  }
  to += data;
}

PostingCursor::PostingCursor(std::span<const std::byte> list, uint32_t count, uint32_t documents)
    : count_(count), blocks_(BlocksOf(count)) {
  const size_t directory_bytes = size_t{blocks_} * kBlockBytes;
  if (directory_bytes > list.size()) {
    Damaged();
    return;
  }
  directory_ = list.first(directory_bytes);
  data_ = list.subspan(directory_bytes);
  if (!CheckDirectory(documents)) Damaged();
}

PostingCursor::PostingCursor(Posting single) : count_(1), block_size_(1), started_(true) {
  documents_[0] = single.document;
  impacts_[0] = single.impact;
}

PostingCursor::Block PostingCursor::At(uint32_t block) const {
  const std::byte* at = directory_.data() + size_t{block} * kBlockBytes;
  Block read{};
  std::memcpy(&read.last, at, 4);
  std::memcpy(&read.start, at + 4, 4);
  read.impact = static_cast<uint8_t>(at[8]);
  read.width = static_cast<uint8_t>(at[9]);
  return read;
}

// Everything that unpacking relies on.
bool PostingCursor::CheckDirectory(uint32_t documents) const {
  uint64_t next = 0;  // the first document that may come
  for (uint32_t i = 0; i < blocks_; ++i) {
    const Block block = At(i);
    const uint32_t size = i + 1 < blocks_ ? kBlock : count_ - i * kBlock;
    if (block.width > 32 || block.last < next || block.last >= documents ||
        block.start > data_.size() ||
        GapBytes(size, block.width) + size > data_.size() - block.start) {
      return false;
    }
    next = uint64_t{block.last} + 1;
  }
  return true;
}

bool PostingCursor::Damaged() {
  damaged_ = true;
  blocks_ = 0;
  block_size_ = 0;
  return false;
}

uint8_t PostingCursor::MaximumImpact(uint32_t begin, uint32_t end) {
  if (directory_.empty()) {  // one posting
    const bool inside = block_size_ > 0 && documents_[0] >= begin && documents_[0] < end;
    return inside ? impacts_[0] : uint8_t{0};
  }
  while (bound_block_ < blocks_ && At(bound_block_).last < begin) ++bound_block_;
  uint8_t largest = 0;
  for (uint32_t i = bound_block_; i < blocks_; ++i) {
    const Block block = At(i);
    if (i > 0 && uint64_t{At(i - 1).last} + 1 >= end) break;
    largest = std::max(largest, block.impact);
    if (block.last >= end - 1) break;
  }
  return largest;
}

bool PostingCursor::Seek(uint32_t document) {
  if (directory_.empty()) {
    if (block_size_ > 0 && documents_[0] < document) block_size_ = 0;
    return block_size_ > 0;
  }
  if (started_ && block_size_ == 0) return false;
  if (!started_ || documents_[block_size_ - 1] < document) {
    uint32_t block = started_ ? block_ + 1 : 0;
    started_ = true;
    while (block < blocks_ && At(block).last < document) ++block;
    if (!Unpack(block)) return false;
  }
  while (documents_[position_] < document) ++position_;
  return true;
}

bool PostingCursor::Unpack(uint32_t block) {
  position_ = 0;
  if (block >= blocks_) {
    block_size_ = 0;
    return false;
  }
  const Block header = At(block);
  const uint32_t size = block + 1 < blocks_ ? kBlock : count_ - block * kBlock;
  const std::byte* gaps = data_.data() + header.start;
  const uint64_t mask = (uint64_t{1} << header.width) - 1;
  // In 64 bits, so that damaged gaps cannot wrap around to a small document.
  uint64_t document = block == 0 ? ~uint64_t{0} : At(block - 1).last;
  for (uint32_t i = 0; i < size; ++i) {
    const size_t bit = size_t{i} * header.width;
    uint64_t word = 0;
    std::memcpy(&word, gaps + bit / 8, sizeof(word));
    document += ((word >> (bit % 8)) & mask) + 1;
    documents_[i] = static_cast<uint32_t>(document);
  }
  // Gaps are not negative: when the last document is right, all are below it.
  if (document != header.last) return Damaged();
  block_ = block;
  block_size_ = size;
  std::memcpy(impacts_.data(), gaps + GapBytes(size, header.width), size);
  return true;
}

}  // namespace coderank
