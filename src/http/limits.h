// What a client may take of the server. Every limit has an answer of its own.
#pragma once

#include <chrono>
#include <cstddef>

namespace coderank::http {

struct Limits {
  size_t header_bytes = size_t{16} << 10;  // request line and headers; 431 beyond
  size_t header_count = 64;                // 431
  size_t body_bytes = size_t{1} << 20;     // where the route says nothing else; 413, chunked too
  // A client that takes longer gets 408, or is left where it has sent nothing.
  std::chrono::milliseconds header_time{10'000};
  std::chrono::milliseconds body_time{30'000};
  std::chrono::milliseconds idle_time{60'000};     // between two requests of a connection
  std::chrono::milliseconds write_time{60'000};    // for one answer, or one piece of a stream
  std::chrono::milliseconds request_time{60'000};  // where the route says nothing else; 503
  // Beyond, the connection that has been silent for longest makes room; 503 where none is silent.
  size_t connections = 256;
  size_t turned_away = 64;  // newcomers that are told so at once; the others are closed
  size_t handlers = 64;     // requests worked on at once; 429 beyond
};

}  // namespace coderank::http
