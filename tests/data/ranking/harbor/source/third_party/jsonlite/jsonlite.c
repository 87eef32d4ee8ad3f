/* A copy of a small JSON reader; not changed here. */
#include "jsonlite.h"

#include <stdlib.h>
#include <string.h>

struct jsonlite_parser {
  const char *cursor;
  const char *end;
  int depth;
};

static int skip_blanks(struct jsonlite_parser *parser) {
  while (parser->cursor < parser->end && strchr(" \t\r\n", *parser->cursor)) parser->cursor++;
  return parser->cursor < parser->end;
}

int jsonlite_parse_number(struct jsonlite_parser *parser, double *number) {
  char *stop = NULL;
  if (!skip_blanks(parser)) return 0;
  *number = strtod(parser->cursor, &stop);
  if (stop == parser->cursor) return 0;
  parser->cursor = stop;
  return 1;
}
