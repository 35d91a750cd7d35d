/* The passphrase that key files are encrypted with, from whoever runs the program.
 *
 * Looked for once in a process, in this order: the file descriptor that ZHIBAO_PASSPHRASE_FD names,
 * the systemd credential zhibao-passphrase ($CREDENTIALS_DIRECTORY), the file that
 * ZHIBAO_PASSPHRASE_FILE names, the variable ZHIBAO_PASSPHRASE (which other programs of the same
 * user can see), the terminal. The first line, without its end; 8 to 1023 bytes.
 *
 * Kept in locked memory until passphrase_forget, so that a descriptor is read and a person asked
 * once; main thread only, before others start. */
#ifndef ZHIBAO_PROOF_PASSPHRASE_H
#define ZHIBAO_PROOF_PASSPHRASE_H

#include "proof/key_lock.h"

enum { PASSPHRASE_BYTES = 1024, PASSPHRASE_LEAST = 8 };

/* STATUS_E_PASSPHRASE_NEEDED when there is none, or it is too short or too long; STATUS_IO.
 * `*out_text`, and the lock that keeps what was derived from it, live until passphrase_forget. */
MUST_CHECK enum status passphrase_get(const char **out_text, struct key_lock **out_lock);

/* The same for a new one: a person is asked twice, and STATUS_MISMATCH says that he typed two. */
MUST_CHECK enum status passphrase_choose(const char **out_text, struct key_lock **out_lock);

void passphrase_forget(void);

#endif
