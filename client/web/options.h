/* What zhibao-web was told: command line and config file, one table (options.c). */
#ifndef ZHIBAO_WEB_OPTIONS_H
#define ZHIBAO_WEB_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

enum { OPTION_PATH_BYTES = 512, OPTION_ERROR_BYTES = 400 };

struct options {
    char data[OPTION_PATH_BYTES], pages[OPTION_PATH_BYTES];
    char certificate[OPTION_PATH_BYTES], key[OPTION_PATH_BYTES];
    char address[64], host[256], log_level[16], demonstration[8];
    char port[8], timeout_ms[12], head_ms[12];
    /* for `import` */
    char home[OPTION_PATH_BYTES], name[128], passphrase_file[OPTION_PATH_BYTES];
    bool import, factor_off, show_help, show_version, print_config, english;
};

/* STATUS_INVALID with one line of what is wrong in out_error. */
MUST_CHECK enum status options_read(int argc, char **argv, struct options *out_options,
                                    char out_error[OPTION_ERROR_BYTES]);
void options_help(FILE *out, bool english);
void options_sample(FILE *out);

#endif
