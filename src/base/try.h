// Early return on error. Each evaluates its expression once.
//
//   CODERANK_TRY(WriteHeader(file));
//   CODERANK_ASSIGN(const auto header, ReadHeader(file));
#pragma once

#include "coderank/result.h"

#define CODERANK_CONCAT_INNER(a, b) a##b
#define CODERANK_CONCAT(a, b) CODERANK_CONCAT_INNER(a, b)

#define CODERANK_TRY(expression)                                                           \
  do {                                                                                     \
    if (::coderank::Status try_status = (expression); !try_status.ok()) return try_status; \
  } while (false)

#define CODERANK_ASSIGN_INNER(result, declaration, expression) \
  auto result = (expression);                                  \
  if (!result.has_value()) return result.error();              \
  declaration = *std::move(result)

#define CODERANK_ASSIGN(declaration, expression) \
  CODERANK_ASSIGN_INNER(CODERANK_CONCAT(try_result_, __LINE__), declaration, expression)
