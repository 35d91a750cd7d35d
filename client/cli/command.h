/* What every command of `zhibao` is made of: its row in the table, its options, and the context it
 * runs in. One thread. */
#ifndef ZHIBAO_CLI_COMMAND_H
#define ZHIBAO_CLI_COMMAND_H

#include "lib/zhibao.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1,     /* by the server, or something does not verify */
    EXIT_MISUSED = 2,     /* wrong usage or input */
    EXIT_UNREACHABLE = 3, /* what was to be sent is kept in the outbox */
};

enum format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON };

struct option {
    const char *name;   /* without dashes; NULL ends a list */
    const char *letter; /* "o" for -o, or NULL */
    const char *value;  /* what its value is called, NULL for a switch */
    const char *zh, *en;
};

struct context;

struct command {
    const char *name;  /* one or two words; NULL ends a list */
    const char *usage; /* what follows the name */
    const char *zh, *en;
    const struct option *options;
    size_t least, most; /* arguments besides options */
    bool rows;          /* prints rows: takes --format */
    enum exit_code (*run)(struct context *context);
};

enum { ARGUMENTS_MAX = 65536, OPTIONS_MAX = 64 };

struct context {
    const struct command *command;
    const char *family; /* a group's name that was given without a command of it; else NULL */
    bool english;
    enum format format;
    char home[1024];
    const char *server;
    uint32_t timeout_ms;
    bool timeout_given;
    struct zhibao *zhibao;  /* NULL until context_open */
    bool unreachable;       /* a request found nobody: later ones need not try */
    struct arena *arena;    /* for the whole run */
    uint64_t transfer_part; /* tenths of the transfer shown last, see transfer.h */
    bool transfer_line;     /* a line on the terminal has no end yet */
    struct option_value {
        const char *name, *text;
    } values[OPTIONS_MAX];
    size_t value_count;
    size_t argument_count;
    const char *arguments[ARGUMENTS_MAX];
};

/* The text in the language of the user. */
#define TR(context, zh, en) ((context)->english ? (en) : (zh))

/* Runs the command line's words as the program zhibao; gives its exit code. */
int cli_run(int argc, char **argv);

extern const struct option global_options[];

/* All families of commands, each ended by a name of NULL, in the order of the help. */
extern const struct command *const command_families[];
extern const size_t command_family_count;

/* The text of an option that was given, NULL when it was not. A switch has the text "". */
const char *option_text(const struct context *context, const char *name);
bool option_given(const struct context *context, const char *name);

/* Fills the context from the command line. False after a complaint; *out_help: help was asked for,
 * with no or some command. */
bool arguments_read(struct context *context, int argc, char **argv, bool *out_help);

void help_print(const struct context *context);

/* A group is the commands whose names begin with one word: "plan" has "plan check" ... */
bool family_exists(const char *word);
void help_family(const struct context *context, const char *family);
void help_command(const struct context *context, const struct command *command);

/* Why a file that the user named was not written. */
void complain_save(const struct context *context, enum status status, const char *path);

/* A line on stdout and, with the program's name before it, on stderr. */
void say(const struct context *context, const char *zh_format, const char *en_format, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
void complain(const struct context *context, const char *zh_format, const char *en_format, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));

/* Complains about wrong usage and gives EXIT_MISUSED. */
enum exit_code misused(const struct context *context, const char *zh_format, const char *en_format,
                       ...) __attribute__((format(printf, 2, 4), format(printf, 3, 4)));

/* Says why the last call on the handle failed, every problem of it, and gives the exit code. */
enum exit_code failed(struct context *context, enum status status);
enum exit_code exit_code_of(enum status status);

/* Opens the home. False after a complaint, with *out_code set. */
bool context_open(struct context *context, enum exit_code *out_code);

/* The same for a home that must be enrolled; sends first what waits in the outbox. */
bool context_connect(struct context *context, enum exit_code *out_code);

/* The same without sending. */
bool context_open_enrolled(struct context *context, enum exit_code *out_code);

/* Asks with the handle, into the context's arena. False after a complaint. */
bool context_ask(struct context *context, Zhibao__Kind kind, const ProtobufCMessage *body,
                 ProtobufCMessage **out_answer, enum exit_code *out_code);

/* A text for people to read: "" when it was not given; NULL after a complaint when it is missing
 * though required, or is not UTF-8. */
const char *option_prose(const struct context *context, const char *name, bool required);

/* A number of at most nine digits within limits; false for anything else. */
bool whole_number(const char *text, uint32_t least, uint32_t most, uint32_t *out_number);

/* Parsers of option texts; each complains. `name` is the option's. */
bool option_year(const struct context *context, bool required, uint32_t *out_year);
bool option_place(const struct context *context, const char *name, bool required,
                  uint64_t *out_place);
bool unit_read(const struct context *context, const char *text, uint64_t *out_unit);
bool id_read(const struct context *context, const char *text, struct record_id *out_id);

#endif
