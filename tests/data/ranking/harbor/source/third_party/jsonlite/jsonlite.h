#ifndef JSONLITE_H
#define JSONLITE_H

struct jsonlite_parser;

/* Reads a number at the cursor; 0 if there is none. */
int jsonlite_parse_number(struct jsonlite_parser *parser, double *number);

#endif
