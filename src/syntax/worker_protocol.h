// What the program and its parser process say to each other over a socket: requests with a text,
// replies with its outline or with why there is none. Little-endian; both ends are one program.
//
//   frame    u32 length of the body, body
//   request  u8 length, name of the language; the rest is the text
//   reply    u8 0, outline        or        u8 1, the rest is the reason
//   outline  u32 count of definitions, each
//              u32 start, u32 end, u32 name_start, u32 signature_end, u8 role,
//              kind, name and scope: u8 length and that many bytes each
//            u32 count of attached spans, each u32 start, u32 end
//            u32 count of depths, that many bytes
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "coderank/result.h"
#include "syntax/outline.h"

namespace coderank {

inline constexpr size_t kFrameHeaderBytes = 4;
// A larger body is an error: no outline of a text that a request can hold comes near it.
inline constexpr uint32_t kMaximumFrameBytes = uint32_t{64} << 20;
// Larger texts are generated or data, and are cut by lines.
inline constexpr uint32_t kMaximumParsedBytes = uint32_t{4} << 20;

struct ParseRequest {
  std::string_view language;
  std::string_view text;
};

// Frames, header included.
std::string EncodeRequest(const ParseRequest& request);
std::string EncodeOutline(const Outline& outline);
std::string EncodeFailure(std::string_view reason);

// Length of the body. kCorrupt above kMaximumFrameBytes. Precondition: kFrameHeaderBytes bytes.
Result<uint32_t> DecodeFrameHeader(std::string_view header);
// Views into `body`.
Result<ParseRequest> DecodeRequest(std::string_view body);

struct ParseReply {
  Outline outline;
  std::string failure;  // not empty: there is no outline
};
// Checks lengths, and that strings are valid UTF-8; FormChunks checks the rest.
Result<ParseReply> DecodeReply(std::string_view body);

}  // namespace coderank
