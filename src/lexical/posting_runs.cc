#include "lexical/posting_runs.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <numeric>

#include "base/checksum.h"
#include "base/strings.h"
#include "base/try.h"
#include "lexical/encoding.h"

namespace coderank {
namespace {

static_assert(sizeof(CountedPosting) == 8);

constexpr size_t kBuffer = size_t{256} << 10;  // bytes a run is written and read by

Result<UniqueFd> NamelessFile(const std::filesystem::path& folder) {
  std::string name = (folder / "run.XXXXXX").native();
  UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, folder, "cannot create a temporary file");
  ::unlink(name.c_str());
  return fd;
}

Status WriteAll(int fd, std::string_view bytes, const std::filesystem::path& folder) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(fd, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return ErrnoStatus(errno, folder, "cannot write a temporary file");
    bytes.remove_prefix(static_cast<size_t>(done));
  }
  return OkStatus();
}

// Reads a run term by term. A run: for each term u32 bytes, the bytes, u32 postings, the postings.
class RunReader {
 public:
  RunReader(int fd, const std::filesystem::path& folder) : fd_(fd), folder_(&folder) {}

  // False at the end.
  Result<bool> Next() {
    uint32_t size = 0;
    CODERANK_ASSIGN(const bool more, Fill(sizeof(size)));
    if (!more) return false;
    CODERANK_TRY(Take(&size, sizeof(size)));
    term_.resize(size);
    CODERANK_TRY(Take(term_.data(), size));
    uint32_t count = 0;
    CODERANK_TRY(Take(&count, sizeof(count)));
    postings_.resize(count);
    CODERANK_TRY(Take(postings_.data(), count * sizeof(CountedPosting)));
    return true;
  }

  const std::string& term() const { return term_; }
  const std::vector<CountedPosting>& postings() const { return postings_; }

 private:
  // Makes at least `wanted` bytes available. False at the end of the file.
  Result<bool> Fill(size_t wanted) {
    while (buffer_.size() - position_ < wanted) {
      buffer_.erase(0, position_);
      position_ = 0;
      const size_t kept = buffer_.size();
      buffer_.resize(kept + kBuffer);
      const ssize_t got = ::pread(fd_, buffer_.data() + kept, kBuffer, static_cast<off_t>(offset_));
      buffer_.resize(kept + (got > 0 ? static_cast<size_t>(got) : 0));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return ErrnoStatus(errno, *folder_, "cannot read a temporary file");
      if (got == 0) return false;
      offset_ += static_cast<uint64_t>(got);
    }
    return true;
  }

  Status Take(void* to, size_t size) {
    auto* at = static_cast<char*>(to);
    while (size > 0) {
      CODERANK_ASSIGN(const bool more, Fill(1));
      if (!more) return Corrupt(StrCat(*folder_, ": a temporary file ends early"));
      const size_t part = std::min(size, buffer_.size() - position_);
      std::memcpy(at, buffer_.data() + position_, part);
      position_ += part;
      at += part;
      size -= part;
    }
    return OkStatus();
  }

  int fd_;
  const std::filesystem::path* folder_;
  uint64_t offset_ = 0;
  std::string buffer_;
  size_t position_ = 0;
  std::string term_;
  std::vector<CountedPosting> postings_;
};

}  // namespace

FieldCounts PackedCounts::Unpack() const {
  FieldCounts counts{};
  for (size_t f = 0; f < kLexicalFields; ++f) {
    counts[f] = (bits_ >> kShifts[f]) & ((1U << kWidths[f]) - 1);
  }
  return counts;
}

TermTable::TermTable() { Clear(); }

void TermTable::Clear() {
  bytes_.clear();
  terms_.clear();
  slots_.assign(size_t{1} << 12, 0);
}

uint32_t TermTable::Number(std::string_view term) {
  const uint64_t hash = Checksum64(term);
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const uint32_t number = slots_[slot] - 1;
    if (terms_[number].hash == hash && this->term(number) == term) return number;
  }
  const auto number = static_cast<uint32_t>(terms_.size());
  slots_[slot] = number + 1;
  terms_.push_back({.hash = hash,
                    .start = static_cast<uint32_t>(bytes_.size()),
                    .size = static_cast<uint32_t>(term.size())});
  bytes_ += term;
  if (terms_.size() * 2 > slots_.size()) Grow();
  return number;
}

void TermTable::Grow() {
  slots_.assign(slots_.size() * 2, 0);
  const size_t mask = slots_.size() - 1;
  for (uint32_t number = 0; number < terms_.size(); ++number) {
    size_t slot = terms_[number].hash & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = number + 1;
  }
}

std::vector<uint32_t> TermTable::Sorted() const {
  std::vector<uint32_t> order(terms_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [this](uint32_t left, uint32_t right) { return term(left) < term(right); });
  return order;
}

void PostingRuns::Add(uint32_t document, LexicalField field, std::string_view term) {
  const uint32_t number = terms_.Number(term);
  if (number == latest_.size()) latest_.push_back(UINT32_MAX);
  uint32_t& latest = latest_[number];
  if (latest == UINT32_MAX || gathered_[latest].posting.document != document) {
    latest = static_cast<uint32_t>(gathered_.size());
    gathered_.push_back({.term = number, .posting = {.document = document, .counts = {}}});
  }
  gathered_[latest].posting.counts.Increment(field);
}

Status PostingRuns::EndDocument() {
  return gathered_.size() < run_postings_ ? OkStatus() : WriteRun();
}

Status PostingRuns::WriteRun() {
  // Counting sort by term: postings of a term are already in the order of documents.
  std::vector<uint32_t> ends(terms_.size(), 0);
  for (const Gathered& one : gathered_) ++ends[one.term];
  const std::vector<uint32_t> order = terms_.Sorted();
  uint32_t total = 0;
  for (const uint32_t number : order) {
    const uint32_t count = ends[number];
    ends[number] = total;
    total += count;
  }
  std::vector<CountedPosting> sorted(gathered_.size());
  for (const Gathered& one : gathered_) sorted[ends[one.term]++] = one.posting;

  CODERANK_ASSIGN(UniqueFd run, NamelessFile(folder_));
  std::string buffer;
  uint32_t begin = 0;
  for (const uint32_t number : order) {
    const uint32_t end = ends[number];
    AppendNumber(buffer, static_cast<uint32_t>(terms_.term(number).size()));
    buffer += terms_.term(number);
    AppendNumber(buffer, end - begin);
    buffer.append(reinterpret_cast<const char*>(sorted.data() + begin),
                  (end - begin) * sizeof(CountedPosting));
    begin = end;
    if (buffer.size() < kBuffer) continue;
    CODERANK_TRY(WriteAll(run.get(), buffer, folder_));
    buffer.clear();
  }
  CODERANK_TRY(WriteAll(run.get(), buffer, folder_));
  runs_.push_back(std::move(run));
  terms_.Clear();
  latest_.clear();
  gathered_.clear();
  return OkStatus();
}

Status PostingRuns::Merge(
    FunctionRef<Status(std::string_view term, std::span<const CountedPosting>)> visit) {
  if (!gathered_.empty()) CODERANK_TRY(WriteRun());
  gathered_.shrink_to_fit();
  std::vector<RunReader> readers;  // those that have a term, oldest run first
  for (const UniqueFd& run : runs_) {
    readers.emplace_back(run.get(), folder_);
    CODERANK_ASSIGN(const bool more, readers.back().Next());
    if (!more) readers.pop_back();
  }
  std::vector<CountedPosting> postings;
  while (!readers.empty()) {
    const auto least = std::min_element(
        readers.begin(), readers.end(),
        [](const RunReader& left, const RunReader& right) { return left.term() < right.term(); });
    const std::string term = least->term();
    postings.clear();
    for (size_t i = 0; i < readers.size();) {
      if (readers[i].term() != term) {
        ++i;
        continue;
      }
      postings.insert(postings.end(), readers[i].postings().begin(), readers[i].postings().end());
      CODERANK_ASSIGN(const bool more, readers[i].Next());
      if (more) {
        ++i;
      } else {
        readers.erase(readers.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    CODERANK_TRY(visit(term, postings));
  }
  return OkStatus();
}

}  // namespace coderank
