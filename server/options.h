/* The aggregator's options: one table of name, type, default, range, checker and help.
 *
 * Read once at start by the main thread from defaults, the config file (`name = value`, # starts a
 * comment) and the command line (`--name value`, which wins); everything is checked before anything
 * is applied. Immutable afterwards: any thread may read. A new option is one row of the table in
 * options_table.c, one field here, and one run of `zhibaod --print-config` for the sample. */
#ifndef ZHIBAO_SERVER_OPTIONS_H
#define ZHIBAO_SERVER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/log.h"
#include "base/status.h"

enum {
    OPTION_PATH_BYTES = 512,
    OPTION_TEXT_BYTES = 1024,
    OPTION_NAME_BYTES = 64,
    OPTION_ENDPOINT_BYTES = 200,
    OPTION_ERRORS_MAX = 50,
    OPTION_ERROR_BYTES = 420,
};

enum server_command {
    COMMAND_RUN,
    COMMAND_MIGRATE,
    COMMAND_FIRST_CODE,
    COMMAND_AUDIT,
    COMMAND_BACKUP_KEY,
    COMMAND_BACKUP,
    COMMAND_RESTORE,
    COMMAND_KEY_ENCRYPT,
    COMMAND_KEY_DECRYPT,
    COMMAND_KEY_SPLIT,
    COMMAND_KEY_JOIN,
};

enum language { LANGUAGE_ZH, LANGUAGE_EN };

struct options {
    /* the command line only */
    enum server_command command;
    enum language language;
    bool show_help, show_version, check_config, print_config;
    char config[OPTION_PATH_BYTES];
    bool unsigned_parts;              /* audit: only list what nobody signs */
    char receipts[OPTION_PATH_BYTES]; /* audit, restore: a directory of receipts; "": none */
    char to[OPTION_PATH_BYTES];       /* backup: a file that is not there yet, or a directory */
    char from[OPTION_PATH_BYTES];     /* restore: such a file */
    char secret[OPTION_PATH_BYTES];   /* backup-key, restore: the file of the secret key */
    char shares[OPTION_PATH_BYTES];   /* key-split: "3of5" */
    bool logical, check;              /* backup: a dump; restore: nothing is written */
    bool has_place;
    long long place;              /* first-code: 12 digits; 0 is the nation */
    char plan[OPTION_PATH_BYTES]; /* first-code: a folder whose places.csv has the place; "" */
    bool force;                   /* first-code: whatever the place */
    bool public_assumed; /* listens everywhere, names 127.0.0.1: nobody said what units reach */

    char data[OPTION_PATH_BYTES];
    char database[OPTION_TEXT_BYTES];       /* conninfo; "" runs a private cluster */
    char sign_algorithm[OPTION_NAME_BYTES]; /* of receipts; "": as the key that is there */
    char user[OPTION_NAME_BYTES];           /* whom root becomes */
    char pg_bin[OPTION_PATH_BYTES];         /* "" looks for it */
    char listen[OPTION_ENDPOINT_BYTES];
    char listen_enrol[OPTION_ENDPOINT_BYTES];
    char public_endpoint[OPTION_ENDPOINT_BYTES]; /* never "" once parsed */
    char public_enrol_endpoint[OPTION_ENDPOINT_BYTES];
    int workers;
    int query_threads;
    char rollups[OPTION_NAME_BYTES]; /* "yes", "no" or "check" */
    int batch_max;
    int queue_max;
    int max_message_kb;
    int handshake_ms;
    int heartbeat_ms;
    int backlog;
    int io_threads;
    int slow_reader_ms;
    int key_rate_per_second;
    int key_answer_mb; /* within slow_reader_ms */
    int enrol_rate_per_minute;
    int enrol_peer_per_minute;
    bool enrol_approval;
    int code_valid_hours;
    int document_unit_mb;
    int upload_mb;
    int upload_keep_hours;
    char boilerplate[OPTION_PATH_BYTES]; /* "": the list that is built in */
    char uplink_home[OPTION_PATH_BYTES]; /* "": no uplink */
    char uplink_server[OPTION_ENDPOINT_BYTES];
    char uplink_form[OPTION_NAME_BYTES];
    int uplink_interval_s;
    char smtp_url[OPTION_ENDPOINT_BYTES]; /* "": no e-mail */
    char smtp_from[OPTION_ENDPOINT_BYTES];
    char smtp_user[OPTION_ENDPOINT_BYTES];
    char smtp_password_file[OPTION_PATH_BYTES];
    bool smtp_tls;
    char smtp_ca[OPTION_PATH_BYTES];
    char webhook_hosts[OPTION_TEXT_BYTES]; /* "": no webhooks */
    char webhook_ca[OPTION_PATH_BYTES];
    char notice_link[OPTION_ENDPOINT_BYTES];
    int notice_retry_s;
    int notice_timeout_s;
    int notice_days;
    char backup_recipient[OPTION_ENDPOINT_BYTES]; /* "": no backups */
    int backup_days;                              /* 0: no alarm */
    int metrics_port;                             /* 0: none */
    int disk_free_mb;
    int silent_days;                      /* 0: no alarm */
    char certificates[OPTION_TEXT_BYTES]; /* PEM files, by commas */
    enum log_level log_level;
    char test_clock[OPTION_PATH_BYTES]; /* "" but in tests */
};

/* What is wrong, one line each: "zhibaod.conf:12: workers must be 1 to 64, not 0". */
struct option_error {
    char zh[OPTION_ERROR_BYTES], en[OPTION_ERROR_BYTES];
};

struct option_errors {
    size_t count; /* stored, at most OPTION_ERRORS_MAX */
    struct option_error items[OPTION_ERRORS_MAX];
};

/* Parses argv (argv[0] is skipped) and the config file it names. STATUS_INVALID with at least one
 * error, and *out_options untouched but for its `language` and `command`. */
MUST_CHECK enum status options_parse(int argc, const char *const *argv, struct options *out_options,
                                     struct option_errors *out_errors);

/* For people: usage with every option, what first-code takes, and a config file of all defaults
 * with what they mean. */
void options_print_help(FILE *out, enum language language);
void options_print_first_code(FILE *out, enum language language);
void options_print_sample(FILE *out);

/* The names of all options that a config file may set, NULL-terminated. */
const char *const *options_names(void);

#endif
