/* The three key files of a directory (a home's keys/): transport.key, signing.key, encryption.key,
 * each with `public = hex` and `secret = hex`, mode 0600 in a 0700 directory. */
#ifndef ZHIBAO_LIB_KEY_FILE_H
#define ZHIBAO_LIB_KEY_FILE_H

#include "lib/home.h"

/* STATUS_NOT_FOUND when one is missing, STATUS_INVALID when one is damaged or its halves do not
 * belong together; what a locked one needs, see secret_file.h. */
MUST_CHECK enum status key_files_read(const char *directory, struct home_keys *out_keys);

/* Makes the directory when missing. Each file is durable when it returns; `locked`: under the
 * passphrase (secret_file.h). */
MUST_CHECK enum status key_files_write(const char *directory, const struct home_keys *keys,
                                       bool locked);

#endif
