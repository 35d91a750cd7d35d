/* Files of a home that hold a secret: plain, or under the passphrase of key_lock.h. Each file says
 * for itself which; what asks for the passphrase is reading or writing a locked one. Main thread.
 */
#ifndef ZHIBAO_LIB_SECRET_FILE_H
#define ZHIBAO_LIB_SECRET_FILE_H

#include "lib/zhibao.h"

/* As file_read, of what is inside; nothing of it is left in memory but *out_bytes, which the caller
 * wipes. STATUS_E_PASSPHRASE, STATUS_E_KEY_FILE, STATUS_E_PASSPHRASE_NEEDED besides. */
MUST_CHECK enum status secret_file_read(const char *path, size_t limit, uint8_t **out_bytes,
                                        size_t *out_size);

/* As file_write, mode 0600. */
MUST_CHECK enum status secret_file_write(const char *path, const void *bytes, size_t size,
                                         bool locked);

/* Whether the file is there and locked. */
bool secret_file_locked(const char *path);

#endif
