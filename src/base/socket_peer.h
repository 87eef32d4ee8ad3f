// Who is at the other end of a Unix socket.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

namespace coderank {

// Whether it is a process of this user; false where that cannot be told.
inline bool PeerIsThisUser(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.uid == ::geteuid();
}

}  // namespace coderank
