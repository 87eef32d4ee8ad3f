// The sessions of the HTTP transport, by their ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "server/mcp/session.h"

namespace coderank::server::mcp {

// Thread-safe.
class SessionStore {
 public:
  explicit SessionStore(size_t most) : most_(most) {}

  // The new session's id. When there are as many as there may be, the one that has been silent for
  // longest is forgotten: its client begins anew. None when all of them have calls that run.
  std::optional<std::string> Add(std::shared_ptr<Session> session);
  std::shared_ptr<Session> Find(std::string_view id);  // null when unknown
  std::shared_ptr<Session> Remove(std::string_view id);

 private:
  struct Entry {
    std::shared_ptr<Session> session;
    uint64_t last_use = 0;
  };
  bool MakeRoom();  // with mutex_ held

  const size_t most_;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;  // guarded by mutex_
  uint64_t uses_ = 0;                                  // guarded by mutex_
};

}  // namespace coderank::server::mcp
