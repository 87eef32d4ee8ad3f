// The files of one commit of a repository, fetched into one folder and checked.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "coderank/cancellation.h"
#include "coderank/models.h"
#include "coderank/result.h"
#include "engine/model_hub.h"
#include "engine/model_pins.h"
#include "engine/model_registry.h"

namespace coderank {

class ModelDownload {
 public:
  // The references must outlive it. `known`: hashes recorded on first use.
  ModelDownload(ModelHub& hub, const ModelSource& source, const HubListing& listing,
                std::filesystem::path folder, ModelPins::Hashes known,
                const ModelPullProgressSink& progress, const CancellationToken* cancel);

  // Fetches a listed file, unless it is here, and checks its hash against the listing's, the one
  // recorded on first use and the one this program knows. A file that fails is removed.
  Status Fetch(const std::string& path);

  // Sets what progress is measured against; kResourceExhausted when it is beyond any model or
  // does not fit on the disk.
  Status Plan(const std::vector<std::string>& paths);
  uint64_t bytes_total() const { return bytes_total_; }
  uint64_t bytes_missing() const { return bytes_missing_; }
  // An earlier run has left something of what is planned.
  bool resumes() const { return bytes_done_ + bytes_missing_ < bytes_total_; }

  const std::filesystem::path& folder() const { return folder_; }
  uint64_t bytes_fetched() const { return bytes_fetched_; }
  const ModelPins::Hashes& hashes() const { return hashes_; }  // of the files fetched

 private:
  uint64_t BytesHere(const std::string& path) const;
  Status CheckHash(const std::string& path, const HubFile& listed);
  Status Refuse(const std::string& path, const std::string& expected, const std::string& found,
                std::string_view authority, std::string_view way_out) const;
  void Tell(const std::string& path, uint64_t bytes_of_file, bool always);

  ModelHub& hub_;
  const ModelSource& source_;
  const HubListing& listing_;
  std::filesystem::path folder_;
  ModelPins::Hashes known_;
  const ModelPullProgressSink& progress_;
  const CancellationToken* cancel_;
  ModelPins::Hashes hashes_;
  uint64_t bytes_total_ = 0;
  uint64_t bytes_missing_ = 0;
  uint64_t bytes_done_ = 0;  // of complete files
  uint64_t bytes_fetched_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point told_{};
};

// "547.3 MB".
std::string MegabytesText(uint64_t bytes);

}  // namespace coderank
