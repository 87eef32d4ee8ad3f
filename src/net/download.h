// A file that arrives in pieces: what is kept of it between tries and between processes.
//
//   TARGET.part   the bytes so far, from the file's beginning
//   TARGET.etag   the server's name for these bytes; without it nothing is resumed
//   TARGET        the complete file
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "net/fetcher.h"

namespace coderank {

class DownloadHandler : public FetchHandler {
 public:
  explicit DownloadHandler(const HttpDownload& download);

  // True when all bytes are in the part already: a process died just before the last step.
  Result<bool> Open();
  Status Begin(std::vector<std::string>& headers) override;
  Status OnHead(const ResponseHead& head) override;
  Status OnBody(std::string_view piece) override;
  TransferResult Finish(TransferResult result) override;
  uint64_t furthest() const override { return furthest_; }
  uint64_t received() const { return received_; }

  // Syncs the complete part and gives it its name.
  Status Complete();

 private:
  Status StartOver(const std::string& etag);
  Status CheckRange(const ResponseHead& head);
  Status Truncate();

  const HttpDownload& download_;
  std::filesystem::path part_;
  std::filesystem::path etag_;
  UniqueFd fd_;
  uint64_t size_ = 0;      // of the part
  uint64_t received_ = 0;  // over the network
  uint64_t furthest_ = 0;
  uint64_t ignored_ = 0;  // of this reply's body
  bool keep_ = false;     // the body of this reply is the file's
  bool discard_ = false;  // the part is of no use to this server: begin again
};

}  // namespace coderank
