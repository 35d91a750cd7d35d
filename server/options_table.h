/* The rows of the option table (options_table.c), for options.c, which parses, and options_print.c,
 * which tells people. Used by these only; the main thread. */
#ifndef ZHIBAO_SERVER_OPTIONS_TABLE_H
#define ZHIBAO_SERVER_OPTIONS_TABLE_H

#include "server/options.h"

enum option_type {
    TYPE_TEXT, /* anything printable on one line */
    TYPE_PATH, /* the same, without quotes, $ and the like: it is handed to PostgreSQL's tools */
    TYPE_ENDPOINT, /* tcp://host:port */
    TYPE_INTEGER,
    TYPE_BOOL,
    TYPE_LEVEL, /* debug, info, warning, error */
};

/* More than the type asks for: NULL, or what is wrong with the value. */
typedef const char *(*option_checker)(const char *value);

struct option {
    const char *name;
    enum option_type type;
    size_t offset, size; /* of the field in struct options; size of strings */
    const char *preset;
    long long least, most; /* integers */
    option_checker check;
    const char *zh, *en;
};

extern const struct option options_table[];

enum { OPTION_COUNT = 41 };

#endif
