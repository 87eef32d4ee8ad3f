// Snapshots: an index in one file, for other machines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "coderank/indexing.h"

namespace coderank {

struct SnapshotExportRequest {
  std::filesystem::path file;             // to write
  std::filesystem::path directory = ".";  // whose index
  bool replace = false;                   // a file that is there
};

// What a snapshot says about itself.
struct SnapshotSummary {
  std::filesystem::path file;
  std::string name;         // of the indexed folder
  std::string model;        // empty, as the fingerprint: it has no vectors
  std::string fingerprint;  // of the model
  uint32_t dimension = 0;
  uint64_t files = 0;
  uint64_t chunks = 0;
  uint64_t embedded_chunks = 0;
  std::string indexed_at;   // UTC, ISO 8601; empty: the indexing run was not at its end
  std::string exported_at;  // the same
  std::string made_by;      // version of coderank
  std::string sha256;       // of the database in it, in hex
  uint64_t file_bytes = 0;
  uint64_t database_bytes = 0;
};

struct SnapshotImportRequest {
  std::filesystem::path file;
  bool replace = false;  // an index that is there
  IndexRequest index;    // the run that follows: where, and what is indexed
};

struct SnapshotImportReport {
  SnapshotSummary snapshot;
  IndexReport index;  // of the run that compared it with the tree
};

}  // namespace coderank
