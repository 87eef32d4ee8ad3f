#include "syntax/worker_protocol.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "base/byte_cursor.h"
#include "base/try.h"
#include "text/utf8.h"

namespace coderank {
namespace {

constexpr uint8_t kReplyOutline = 0;
constexpr uint8_t kReplyFailure = 1;
constexpr size_t kMaximumReasonBytes = 500;
static_assert(kMaximumNameBytes <= 255, "lengths of names are sent as bytes");

template <typename T>
void Put(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

void PutName(std::string& out, std::string_view name) {
  name = name.substr(0, kMaximumNameBytes);
  Put(out, static_cast<uint8_t>(name.size()));
  out += name;
}

void SetHeader(std::string& frame) {
  const auto length = static_cast<uint32_t>(frame.size() - kFrameHeaderBytes);
  std::memcpy(frame.data(), &length, sizeof(length));
}

ByteCursor CursorOver(std::string_view bytes) {
  return {std::as_bytes(std::span(bytes)), "parser process"};
}

Result<std::string> ReadName(ByteCursor& cursor) {
  CODERANK_ASSIGN(const uint8_t length, cursor.Read<uint8_t>());
  CODERANK_ASSIGN(const std::string_view name, cursor.ReadText(length));
  return ToValidUtf8(name.substr(0, kMaximumNameBytes));
}

Result<Definition> ReadDefinition(ByteCursor& cursor) {
  Definition definition;
  for (uint32_t* field :
       {&definition.start, &definition.end, &definition.name_start, &definition.signature_end}) {
    CODERANK_ASSIGN(*field, cursor.Read<uint32_t>());
  }
  CODERANK_ASSIGN(const uint8_t role, cursor.Read<uint8_t>());
  if (role >= kDefinitionRoles) return Corrupt("parser process: unknown role of a definition");
  definition.role = static_cast<DefinitionRole>(role);
  for (std::string* field : {&definition.kind, &definition.name, &definition.scope}) {
    CODERANK_ASSIGN(*field, ReadName(cursor));
  }
  return definition;
}

Result<Outline> ReadOutline(ByteCursor& cursor) {
  Outline outline;
  // Counts are not trusted with memory: each element has to be there before the next is asked for.
  CODERANK_ASSIGN(const uint32_t definitions, cursor.Read<uint32_t>());
  for (uint32_t i = 0; i < definitions; ++i) {
    CODERANK_ASSIGN(Definition definition, ReadDefinition(cursor));
    outline.definitions.push_back(std::move(definition));
  }
  CODERANK_ASSIGN(const uint32_t attached, cursor.Read<uint32_t>());
  for (uint32_t i = 0; i < attached; ++i) {
    Outline::Attached span;
    CODERANK_ASSIGN(span.start, cursor.Read<uint32_t>());
    CODERANK_ASSIGN(span.end, cursor.Read<uint32_t>());
    outline.attached.push_back(span);
  }
  CODERANK_ASSIGN(const uint32_t depths, cursor.Read<uint32_t>());
  CODERANK_ASSIGN(const std::string_view bytes, cursor.ReadText(depths));
  outline.depths.assign(bytes.begin(), bytes.end());
  if (cursor.remaining() != 0) return Corrupt("parser process: bytes behind an outline");
  return outline;
}

}  // namespace

std::string EncodeRequest(const ParseRequest& request) {
  std::string frame(kFrameHeaderBytes, '\0');
  frame.reserve(kFrameHeaderBytes + 1 + request.language.size() + request.text.size());
  PutName(frame, request.language);
  frame += request.text;
  SetHeader(frame);
  return frame;
}

std::string EncodeOutline(const Outline& outline) {
  std::string frame(kFrameHeaderBytes, '\0');
  Put(frame, kReplyOutline);
  Put(frame, static_cast<uint32_t>(outline.definitions.size()));
  for (const Definition& definition : outline.definitions) {
    for (const uint32_t place :
         {definition.start, definition.end, definition.name_start, definition.signature_end}) {
      Put(frame, place);
    }
    Put(frame, static_cast<uint8_t>(definition.role));
    for (const std::string* text : {&definition.kind, &definition.name, &definition.scope}) {
      PutName(frame, *text);
    }
  }
  Put(frame, static_cast<uint32_t>(outline.attached.size()));
  for (const Outline::Attached& span : outline.attached) {
    Put(frame, span.start);
    Put(frame, span.end);
  }
  Put(frame, static_cast<uint32_t>(outline.depths.size()));
  frame.append(outline.depths.begin(), outline.depths.end());
  if (frame.size() - kFrameHeaderBytes > kMaximumFrameBytes) {
    return EncodeFailure("its outline is too large");
  }
  SetHeader(frame);
  return frame;
}

std::string EncodeFailure(std::string_view reason) {
  std::string frame(kFrameHeaderBytes, '\0');
  Put(frame, kReplyFailure);
  frame += reason.substr(0, kMaximumReasonBytes);
  SetHeader(frame);
  return frame;
}

Result<uint32_t> DecodeFrameHeader(std::string_view header) {
  CODERANK_ASSIGN(const uint32_t length, CursorOver(header).Read<uint32_t>());
  if (length > kMaximumFrameBytes) return Corrupt("parser process: a frame that is too large");
  return length;
}

Result<ParseRequest> DecodeRequest(std::string_view body) {
  ByteCursor cursor = CursorOver(body);
  ParseRequest request;
  CODERANK_ASSIGN(const uint8_t length, cursor.Read<uint8_t>());
  CODERANK_ASSIGN(request.language, cursor.ReadText(length));
  CODERANK_ASSIGN(request.text, cursor.ReadText(cursor.remaining()));
  return request;
}

Result<ParseReply> DecodeReply(std::string_view body) {
  ByteCursor cursor = CursorOver(body);
  ParseReply reply;
  CODERANK_ASSIGN(const uint8_t status, cursor.Read<uint8_t>());
  if (status == kReplyOutline) {
    CODERANK_ASSIGN(reply.outline, ReadOutline(cursor));
    return reply;
  }
  if (status != kReplyFailure) return Corrupt("parser process: unknown kind of reply");
  CODERANK_ASSIGN(const std::string_view reason,
                  cursor.ReadText(std::min(cursor.remaining(), kMaximumReasonBytes)));
  reply.failure = reason.empty() ? "its parser gave up" : ToValidUtf8(reason);
  return reply;
}

}  // namespace coderank
