/* The JSON side of rows, for commands that print more than one list. */
#ifndef ZHIBAO_CLI_JSON_H
#define ZHIBAO_CLI_JSON_H

#include <jansson.h>

#include "cli/rows.h"

/* The rows as an array of objects, which the caller owns. False without memory. */
bool rows_json(const struct rows *rows, json_t **out_array);

/* Prints a value and a line break. */
bool json_print(json_t *value);

#endif
