#include "web/books.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "base/unit_id.h"
#include "lib/child.h"
#include "lib/files.h"
#include "lib/key_file.h"
#include "text/utf8.h"
#include "web/desk.h"

enum { TIMEOUT_S = 20 * 60, OPEN_FILES = 8, HOME_WAIT_MS = 1000 };

struct entry {
    struct books *books;
    struct book_wish wish;
    struct book_state state;
    char directory[PATH_BYTES]; /* "" before it is made */
    int64_t begun_ms, turn;
    bool cancelled;
};

struct books {
    pthread_mutex_t lock;
    struct desk *desk;
    char directory[PATH_BYTES];
    int64_t turn;
    bool stopping;
    struct entry entries[BOOKS_MAX];
};

static const char *const formats[] = {"html", "pdf", "docx", "xlsx"};

bool book_format_good(const char *format)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(format, formats[i]) == 0)
            return true;
    return false;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    return remove(path);
}

/* With all that is in it; symbolic links are not followed. */
static void directory_remove(const char *path)
{
    if (path[0] != '\0' && file_exists(path) &&
        nftw(path, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS) != 0)
        log_warning("could not remove what a yearbook left path=\"%s\"", path);
}

static bool under_way(const struct entry *entry)
{
    return entry->state.stage == BOOK_WAITING || entry->state.stage == BOOK_WORKING;
}

/* --- in the desk's thread --- */

static void heard(const char *line, void *context)
{
    static const char prefix[] = "zhibao: ";
    struct entry *entry = context;
    const char *text = strncmp(line, prefix, strlen(prefix)) == 0 ? line + strlen(prefix) : line;
    pthread_mutex_lock(&entry->books->lock);
    size_t length = utf8_cut(text, sizeof entry->state.text - 1);
    memcpy(entry->state.text, text, length);
    entry->state.text[length] = '\0';
    pthread_mutex_unlock(&entry->books->lock);
}

static bool given_up(void *context)
{
    const struct entry *entry = context;
    pthread_mutex_lock(&entry->books->lock);
    bool stopped = entry->cancelled || entry->books->stopping;
    pthread_mutex_unlock(&entry->books->lock);
    return stopped;
}

/* What the command line needs to ask as the account: its transport key and whom to trust. */
static enum status home_lend(const struct book_wish *wish, const char *path)
{
    char damaged[PATH_BYTES], directory[PATH_BYTES];
    struct home *home = NULL;
    struct home_keys keys;
    struct zhibao_identity identity = {.unit = wish->unit};
    snprintf(identity.name_zh, sizeof identity.name_zh, "%s", wish->unit_name);
    snprintf(identity.role, sizeof identity.role, "%.31s", wish->role);
    snprintf(identity.endpoint, sizeof identity.endpoint, "%s", wish->peer.endpoint);
    enum status status = home_open(path, HOME_WAIT_MS, damaged, &home);
    if (status == STATUS_OK)
        status = home_make_keys(home);
    if (status == STATUS_OK)
        status = path_join(path, "keys", directory);
    if (status == STATUS_OK) {
        keys = *home_keys(home);
        memcpy(keys.transport_public, wish->peer.transport_public, sizeof keys.transport_public);
        memcpy(keys.transport_secret, wish->peer.transport_secret, sizeof keys.transport_secret);
        status = key_files_write(directory, &keys, false);
        sodium_memzero(&keys, sizeof keys);
    }
    for (size_t i = 0; status == STATUS_OK && i < wish->pin_count; i++)
        status = home_adopt(home, false, &identity, wish->peer.server_public, &wish->pins[i]);
    home_close(&home);
    return status;
}

/* The book and its annexes, as they lie there. */
static void files_note(struct entry *entry, const char *book)
{
    static const char *const endings[] = {"", "-figures.csv", "-reports.csv"};
    size_t stem = strlen(book) - strlen(entry->wish.format) - 1;
    for (size_t i = 0; i < BOOK_FILES_MAX; i++) {
        struct book_file *file = &entry->state.files[entry->state.file_count];
        char path[PATH_BYTES];
        struct stat about;
        snprintf(file->name, sizeof file->name, "%.*s%s", (int)(i == 0 ? strlen(book) : stem), book,
                 endings[i]);
        if (path_join(entry->directory, file->name, path) == STATUS_OK && stat(path, &about) == 0) {
            file->size = (uint64_t)about.st_size;
            entry->state.file_count++;
        }
    }
}

static enum status book_run(struct entry *entry, const char *book)
{
    const struct book_wish *wish = &entry->wish;
    char home[PATH_BYTES], out[PATH_BYTES], place[24], year[16], words[CHILD_WORDS_BYTES];
    char temporary[PATH_BYTES + 16];
    enum status status = path_join(entry->directory, "home", home);
    if (status == STATUS_OK)
        status = path_join(entry->directory, book, out);
    if (status == STATUS_OK)
        status = home_lend(wish, home);
    if (status != STATUS_OK)
        return status;
    snprintf(place, sizeof place, "%012" PRIu64, unit_place(wish->unit));
    snprintf(year, sizeof year, "%" PRIu32, wish->year);
    snprintf(temporary, sizeof temporary, "TMPDIR=%s", entry->directory);
    const char *const arguments[] = {"/proc/self/exe",
                                     "yearbook",
                                     "--home",
                                     home,
                                     "--lang",
                                     wish->english ? "en" : "zh",
                                     "--place",
                                     place,
                                     "--year",
                                     year,
                                     "--format",
                                     wish->format,
                                     "-o",
                                     out,
                                     NULL};
    const char *const settings[] = {temporary, NULL};
    struct child child = {.arguments = arguments,
                          .settings = settings,
                          .timeout_s = TIMEOUT_S,
                          .line = heard,
                          .stopped = given_up,
                          .context = entry};
    status = child_run(&child, words);
    directory_remove(home); /* at once: it has the transport key */
    return status;
}

static void make(void *context)
{
    struct entry *entry = context;
    char book[BOOK_NAME_BYTES];
    if (!given_up(entry)) {
        pthread_mutex_lock(&entry->books->lock);
        entry->state.stage = BOOK_WORKING;
        pthread_mutex_unlock(&entry->books->lock);
    }
    snprintf(book, sizeof book, "yearbook-%012" PRIu64 "-%" PRIu32 ".%s",
             unit_place(entry->wish.unit), entry->wish.year, entry->wish.format);
    enum status status = given_up(entry) ? STATUS_CANCELLED : book_run(entry, book);
    pthread_mutex_lock(&entry->books->lock);
    sodium_memzero(&entry->wish.peer, sizeof entry->wish.peer);
    entry->state.seconds = (uint32_t)((clock_monotonic_ms() - entry->begun_ms) / 1000);
    if (status == STATUS_OK)
        files_note(entry, book);
    if (status != STATUS_OK && (entry->state.text[0] == '\0' || status != STATUS_IO))
        snprintf(entry->state.text, sizeof entry->state.text, "%s",
                 entry->wish.english ? status_en(status) : status_zh(status));
    entry->state.stage = entry->state.file_count > 0  ? BOOK_DONE
                         : status == STATUS_CANCELLED ? BOOK_STOPPED
                                                      : BOOK_FAILED;
    pthread_mutex_unlock(&entry->books->lock);
    log_info("yearbook unit=%" PRIu64 " year=%" PRIu32 " format=%s: %s", entry->wish.unit,
             entry->wish.year, entry->wish.format, status_en(status));
}

/* --- in any thread --- */

enum status books_create(const char *directory, struct books **out_books)
{
    struct books *books = calloc(1, sizeof *books);
    if (books == NULL)
        return STATUS_NO_MEMORY;
    pthread_mutex_init(&books->lock, NULL);
    enum status status = path_join(directory, "yearbooks", books->directory);
    if (status == STATUS_OK) {
        directory_remove(books->directory); /* of an earlier run */
        status = directory_make(books->directory, 0700);
    }
    if (status == STATUS_OK)
        status = desk_create(&books->desk);
    if (status == STATUS_OK)
        *out_books = books;
    else
        books_destroy(&books);
    return status;
}

void books_stop(struct books *books)
{
    if (books == NULL)
        return;
    pthread_mutex_lock(&books->lock);
    books->stopping = true;
    pthread_mutex_unlock(&books->lock);
    desk_stop(books->desk);
}

void books_destroy(struct books **books)
{
    if (books == NULL || *books == NULL)
        return;
    books_stop(*books);
    desk_destroy(&(*books)->desk);
    directory_remove((*books)->directory);
    pthread_mutex_destroy(&(*books)->lock);
    sodium_memzero(*books, sizeof **books);
    free(*books);
    *books = NULL;
}

static struct entry *find(struct books *books, uint64_t unit)
{
    for (size_t i = 0; i < BOOKS_MAX; i++)
        if (books->entries[i].state.stage != BOOK_NONE && books->entries[i].wish.unit == unit)
            return &books->entries[i];
    return NULL;
}

/* A free one, else the oldest that is not under way; NULL when all are. */
static struct entry *find_room(struct books *books)
{
    struct entry *found = NULL;
    for (size_t i = 0; i < BOOKS_MAX; i++) {
        struct entry *entry = &books->entries[i];
        if (!under_way(entry) && (found == NULL || entry->turn < found->turn))
            found = entry;
    }
    return found;
}

/* With the lock held. */
static enum status entry_begin(struct books *books, struct entry *entry,
                               const struct book_wish *wish)
{
    char name[32];
    directory_remove(entry->directory);
    *entry = (struct entry){.books = books, .wish = *wish, .turn = ++books->turn};
    snprintf(name, sizeof name, "%" PRId64, entry->turn);
    enum status status = path_join(books->directory, name, entry->directory);
    if (status == STATUS_OK)
        status = directory_make(entry->directory, 0700);
    if (status != STATUS_OK)
        return status;
    entry->begun_ms = clock_monotonic_ms();
    entry->state =
        (struct book_state){.stage = BOOK_WAITING, .year = wish->year, .english = wish->english};
    memcpy(entry->state.format, wish->format, sizeof entry->state.format);
    status = desk_do(books->desk, false, make, entry);
    if (status != STATUS_OK)
        entry->state.stage = BOOK_NONE;
    return status;
}

enum status books_begin(struct books *books, const struct book_wish *wish)
{
    pthread_mutex_lock(&books->lock);
    struct entry *own = find(books, wish->unit);
    struct entry *entry = own != NULL ? own : find_room(books);
    enum status status = entry == NULL      ? STATUS_E_BUSY
                         : under_way(entry) ? STATUS_CONFLICT
                                            : entry_begin(books, entry, wish);
    pthread_mutex_unlock(&books->lock);
    return status;
}

void books_look(struct books *books, uint64_t unit, struct book_state *out_state)
{
    pthread_mutex_lock(&books->lock);
    const struct entry *entry = find(books, unit);
    *out_state = (struct book_state){.stage = BOOK_NONE};
    if (entry != NULL)
        *out_state = entry->state;
    if (entry != NULL && under_way(entry))
        out_state->seconds = (uint32_t)((clock_monotonic_ms() - entry->begun_ms) / 1000);
    pthread_mutex_unlock(&books->lock);
}

void books_cancel(struct books *books, uint64_t unit)
{
    pthread_mutex_lock(&books->lock);
    struct entry *entry = find(books, unit);
    if (entry != NULL && under_way(entry))
        entry->cancelled = true;
    pthread_mutex_unlock(&books->lock);
}

int books_open(struct books *books, uint64_t unit, const char *name, uint64_t *out_size)
{
    char path[PATH_BYTES];
    int file = -1;
    pthread_mutex_lock(&books->lock);
    const struct entry *entry = find(books, unit);
    for (size_t i = 0; entry != NULL && file < 0 && i < entry->state.file_count; i++)
        if (strcmp(entry->state.files[i].name, name) == 0 &&
            path_join(entry->directory, name, path) == STATUS_OK) {
            file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
            *out_size = entry->state.files[i].size;
        }
    pthread_mutex_unlock(&books->lock);
    return file;
}
