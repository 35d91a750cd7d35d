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

/* What is wrong with a value, said after the option's name; both NULL when nothing is. */
struct wrong {
    const char *zh, *en;
};

/* More than the type asks for. */
typedef struct wrong (*option_checker)(const char *value);

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

enum { OPTION_COUNT = 54 };

/* The commands, then the options of the command line alone, NULL-terminated. */
const char *const *options_command_words(void);

/* Sets the field of one option. The texts are static, good until the next call; the field is as it
 * was when something is wrong. */
struct wrong option_set(const struct option *option, const char *value, struct options *options);

/* The port behind the last colon of tcp://host:port, 0 when it is not one. */
int endpoint_port(const char *endpoint);

/* The index of `value` in words, or -1. */
int word_index(const char *const *words, size_t count, const char *value);

#endif
