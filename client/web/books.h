/* Yearbooks made for units that have no command line: each in a process of its own, which is this
 * program run as `zhibao-web yearbook …`, the command line's own code. Whoever asks does not wait:
 * it looks again how far it is.
 *
 * The process asks over the account's own transport key, lent to it in a private directory below
 * the data directory together with the server keys that the page trusts; it has no signing key. One
 * yearbook a unit is kept, at most BOOKS_MAX of all; they are made one after another, and gone when
 * the gateway starts anew. Any thread. */
#ifndef ZHIBAO_WEB_BOOKS_H
#define ZHIBAO_WEB_BOOKS_H

#include "proof/sign.h"
#include "web/pool.h"

enum {
    BOOKS_MAX = 16,
    BOOK_FILES_MAX = 3, /* the book and its two annexes */
    BOOK_NAME_BYTES = 64,
    BOOK_FORMAT_BYTES = 8,
    BOOK_PINS_MAX = 8,
};

struct books;

struct book_wish {
    uint64_t unit;
    char unit_name[256], role[64];
    struct pool_peer peer;
    uint32_t year;
    char format[BOOK_FORMAT_BYTES];
    bool english;
    size_t pin_count;
    struct sign_public pins[BOOK_PINS_MAX];
};

enum book_stage { BOOK_NONE, BOOK_WAITING, BOOK_WORKING, BOOK_DONE, BOOK_FAILED, BOOK_STOPPED };

struct book_state {
    enum book_stage stage;
    uint32_t year, seconds;
    char format[BOOK_FORMAT_BYTES];
    bool english;
    char text[512]; /* what it does, or why it failed, in the language of the book; UTF-8 */
    size_t file_count;
    struct book_file {
        char name[BOOK_NAME_BYTES];
        uint64_t size;
    } files[BOOK_FILES_MAX];
};

/* Takes DIRECTORY/yearbooks, throwing away what is in it. STATUS_NO_MEMORY, STATUS_IO. */
MUST_CHECK enum status books_create(const char *directory, struct books **out_books);

/* Ends what is being made; later wishes get STATUS_E_BUSY. */
void books_stop(struct books *books);
void books_destroy(struct books **books);

/* html, pdf, docx or xlsx. */
bool book_format_good(const char *format);

/* Begins one in place of the unit's last. STATUS_CONFLICT while that is being made; STATUS_E_BUSY
 * when too many others are. */
MUST_CHECK enum status books_begin(struct books *books, const struct book_wish *wish);

/* How far the unit's is: BOOK_NONE without one. */
void books_look(struct books *books, uint64_t unit, struct book_state *out_state);

/* Gives up the unit's that waits or is being made. */
void books_cancel(struct books *books, uint64_t unit);

/* Opens a file of the unit's finished one: a descriptor that the caller closes; -1 without it. */
int books_open(struct books *books, uint64_t unit, const char *name, uint64_t *out_size);

#endif
