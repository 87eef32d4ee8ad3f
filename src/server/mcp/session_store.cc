#include "server/mcp/session_store.h"

#include <sys/random.h>

#include <array>
#include <utility>

namespace coderank::server::mcp {
namespace {

// 128 random bits as hexadecimal digits: nobody guesses the session of another client. None when
// the system gives none.
std::optional<std::string> RandomId() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return std::nullopt;
  }
  std::string id;
  for (const unsigned char byte : bytes) {
    id += kDigits[byte >> 4U];
    id += kDigits[byte & 15U];
  }
  return id;
}

}  // namespace

std::optional<std::string> SessionStore::Add(std::shared_ptr<Session> session) {
  auto id = RandomId();
  if (!id) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= most_ && !MakeRoom()) return std::nullopt;
  entries_.emplace(*id, Entry{.session = std::move(session), .last_use = ++uses_});
  return id;
}

bool SessionStore::MakeRoom() {
  auto oldest = entries_.end();
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (!entry->second.session->idle()) continue;
    if (oldest == entries_.end() || entry->second.last_use < oldest->second.last_use) {
      oldest = entry;
    }
  }
  if (oldest == entries_.end()) return false;
  entries_.erase(oldest);
  return true;
}

std::shared_ptr<Session> SessionStore::Find(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return nullptr;
  found->second.last_use = ++uses_;
  return found->second.session;
}

std::shared_ptr<Session> SessionStore::Remove(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return nullptr;
  auto session = std::move(found->second.session);
  entries_.erase(found);
  return session;
}

}  // namespace coderank::server::mcp
