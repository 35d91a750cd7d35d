/* witness: keeps the roots that the server has signed, and says when it contradicts them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cli/families.h"
#include "cli/words.h"
#include "lib/files.h"
#include "lib/pins.h"
#include "proof/root.h"
#include "witness.pb-c.h"

enum { ROOTS_MAX = 2000000, FILE_MAX = ROOT_MAGIC_BYTES + ROOTS_MAX * ROOT_BYTES };

static const struct option witness_options[] = {
    {"compare", NULL, "FILE", "与别的见证人的 roots.zbw 对照",
     "hold another witness's roots.zbw against ours"                                                             },
    {"anchor",  NULL, "FILE", "把最新的树根写成一行文字（打印、寄出或加盖时间戳）",
     "write the newest root as a line of text, to be printed, mailed or time-stamped"                            },
    {NULL,      NULL, NULL,   NULL,                                                                          NULL},
};

/* All that was seen, in the order of batches, from number 1. */
struct book {
    struct context *context;
    struct pins *pins;
    char path[PATH_BYTES];
    uint8_t *bytes; /* the file */
    size_t size, count;
};

static bool root_at(const uint8_t *first, size_t index, struct signed_root *out_root)
{
    return root_decode(first + index * ROOT_BYTES, ROOT_BYTES, out_root) == STATUS_OK;
}

static bool root_good(const struct book *book, const struct signed_root *root)
{
    const struct sign_public *key = pins_find(book->pins, &root->key);
    return key != NULL && root_verify(root, key) == STATUS_OK;
}

static bool newest(const struct book *book, struct signed_root *out_root)
{
    return book->count > 0 && root_at(book->bytes + ROOT_MAGIC_BYTES, book->count - 1, out_root);
}

/* What stands in a file, every signature and link of it checked. */
static enum exit_code book_read(struct book *book, bool own)
{
    const uint8_t *first = NULL;
    struct signed_root root, before;
    enum status status = file_read(book->path, FILE_MAX, &book->bytes, &book->size);
    if (status == STATUS_NOT_FOUND && own)
        return EXIT_DONE;
    if (status == STATUS_OK)
        status = root_file(book->bytes, book->size, &first, &book->count);
    for (size_t i = 0; i < book->count && status == STATUS_OK; i++) {
        if (!root_at(first, i, &root) || !root_good(book, &root) ||
            (i == 0 ? root.header.number != 1 : !root_follows(&before, &root)))
            status = STATUS_E_SIGNATURE;
        before = root;
    }
    if (status == STATUS_OK)
        return EXIT_DONE;
    complain(book->context, "树根文件 %s 读不出或核验不通过：%s",
             "the roots in %s cannot be read or do not verify: %s", book->path,
             TR(book->context, status_zh(status), status_en(status)));
    return EXIT_REFUSED;
}

static enum exit_code alarm_tell(const struct book *book, uint64_t number, const char *zh,
                                 const char *en)
{
    complain(book->context,
             "警报：第 %" PRIu64 " 批：%s。请保留文件 %s，立即用电话告知上级和其他见证单位，"
             "在查清以前不要采信这台服务器",
             "ALARM: batch %" PRIu64 ": %s. Keep the file %s, tell the level above and other "
             "witnesses by another way at once, and do not rely on this server until it is "
             "explained",
             number, TR(book->context, zh, en), book->path);
    return EXIT_REFUSED;
}

/* What contradicts us, kept beside our own roots: it is signed by the server's key. */
static void evidence_keep(const struct book *book, const uint8_t *root, uint64_t number)
{
    char path[PATH_BYTES + 32];
    uint8_t bytes[ROOT_MAGIC_BYTES + ROOT_BYTES];
    memcpy(bytes, root_magic, ROOT_MAGIC_BYTES);
    memcpy(bytes + ROOT_MAGIC_BYTES, root, ROOT_BYTES);
    snprintf(path, sizeof path, "%s.fork-%" PRIu64, book->path, number);
    if (file_write(path, bytes, sizeof bytes, 0600) != STATUS_OK)
        complain(book->context, "证据 %s 写不进去", "cannot write the evidence to %s", path);
    else
        say(book->context, "与之矛盾、同样由服务器签名的树根存为 %s",
            "the contradicting root, signed by the server as well, is kept in %s", path);
}

static enum exit_code root_take(struct book *book, const ProtobufCBinaryData *bytes)
{
    struct signed_root root, last;
    bool known = newest(book, &last);
    if (root_decode(bytes->data, bytes->len, &root) != STATUS_OK || !root_good(book, &root))
        return alarm_tell(book, known ? last.header.number + 1 : 1,
                          "服务器给出的树根不是固定密钥签名的",
                          "the server gave a root that no pinned key signed");
    if (known && root.header.number == last.header.number) { /* the last one once more */
        struct hash own = batch_header_hash(&last.header), told = batch_header_hash(&root.header);
        if (memcmp(&own, &told, sizeof own) == 0)
            return EXIT_DONE;
        evidence_keep(book, bytes->data, root.header.number);
        return alarm_tell(
            book, root.header.number,
            "服务器现在说的与以前签名的不同：历史分叉了（恢复过旧备份，或有人重写了历史）",
            "the server says something else than it signed before: the history forks "
            "(an old backup was restored, or somebody wrote it anew)");
    }
    if (known ? !root_follows(&last, &root) : root.header.number != 1) {
        evidence_keep(book, bytes->data, root.header.number);
        return alarm_tell(book, root.header.number, "接不上以前看到的那一批",
                          "it does not follow the batch that was seen before");
    }
    uint8_t *grown = realloc(book->bytes, ROOT_MAGIC_BYTES + (book->count + 1) * ROOT_BYTES);
    if (grown == NULL)
        return failed(book->context, STATUS_NO_MEMORY);
    book->bytes = grown;
    memcpy(grown, root_magic, ROOT_MAGIC_BYTES);
    memcpy(grown + ROOT_MAGIC_BYTES + book->count * ROOT_BYTES, bytes->data, ROOT_BYTES);
    book->count++;
    return EXIT_DONE;
}

/* From the last one on, that one included: it must still be what it was. */
static enum exit_code roots_fetch(struct book *book)
{
    enum exit_code code = EXIT_DONE;
    Zhibao__GetRoots ask = ZHIBAO__GET_ROOTS__INIT;
    ProtobufCMessage *answer = NULL;
    struct signed_root last;
    for (bool more = true; more && code == EXIT_DONE;) {
        ask.after = newest(book, &last) ? last.header.number - 1 : 0;
        if (!context_ask(book->context, ZHIBAO__KIND__KIND_GET_ROOTS, &ask.base, &answer, &code))
            return code;
        const Zhibao__Roots *roots = (const Zhibao__Roots *)answer;
        if (book->count > 0 && roots->latest < last.header.number)
            return alarm_tell(book, last.header.number,
                              "服务器已没有这一批：恢复过旧备份，或历史被截去",
                              "the server has it no longer: an old backup was restored, or the "
                              "history was cut off");
        size_t before = book->count;
        for (size_t i = 0; i < roots->n_roots && code == EXIT_DONE; i++)
            code = root_take(book, &roots->roots[i]);
        more = book->count > before && newest(book, &last) && last.header.number < roots->latest;
    }
    return code;
}

/* Another's view of the same server: whatever both saw is the same, or somebody was shown another
 * history. */
static enum exit_code book_compare(const struct book *own, struct book *other)
{
    enum exit_code code = book_read(other, false);
    size_t both = own->count < other->count ? own->count : other->count;
    for (size_t i = 0; i < both && code == EXIT_DONE; i++) {
        struct signed_root left, right;
        if (!root_at(own->bytes + ROOT_MAGIC_BYTES, i, &left) ||
            !root_at(other->bytes + ROOT_MAGIC_BYTES, i, &right))
            return failed(own->context, STATUS_E_MALFORMED);
        struct hash one = batch_header_hash(&left.header), two = batch_header_hash(&right.header);
        if (memcmp(&one, &two, sizeof one) != 0)
            code = alarm_tell(own, left.header.number,
                              "服务器给两个见证人看的不一样：两份都有它的签名",
                              "the server showed two witnesses different histories, both signed");
    }
    if (code == EXIT_DONE)
        say(own->context, "两份树根相同的部分共 %zu 批",
            "the %zu batches that both saw are the same", both);
    return code;
}

static enum exit_code anchor_write(const struct book *book, const char *path)
{
    char line[512], hash[2 * HASH_BYTES + 1], chain[2 * CHAIN_ID_BYTES + 1];
    char key[2 * KEY_ID_BYTES + 1], signature[2 * SIGN_SIGNATURE_BYTES + 1], when[TIME_TEXT_BYTES];
    struct signed_root root;
    if (!newest(book, &root)) {
        complain(book->context, "服务器还没有存下任何一批", "the server has stored no batch yet");
        return EXIT_REFUSED;
    }
    struct hash own = batch_header_hash(&root.header);
    snprintf(line, sizeof line,
             "zhibao root %" PRIu64 " %s chain=%s sha256=%s key=%s signature=%s\n",
             root.header.number, time_text(root.header.time_us, when),
             hex_encode(root.header.chain, CHAIN_ID_BYTES, chain),
             hex_encode(own.bytes, HASH_BYTES, hash), hex_encode(root.key.bytes, KEY_ID_BYTES, key),
             hex_encode(root.signature.bytes, SIGN_SIGNATURE_BYTES, signature));
    enum status status = file_save(path, line, strlen(line), 0644, FILE_REPLACE);
    if (status != STATUS_OK) {
        complain_save(book->context, status, path);
        return EXIT_MISUSED;
    }
    return EXIT_DONE;
}

static enum exit_code book_save(struct book *book)
{
    struct signed_root last;
    if (!newest(book, &last))
        return EXIT_DONE;
    enum status status =
        file_write(book->path, book->bytes, ROOT_MAGIC_BYTES + book->count * ROOT_BYTES, 0600);
    if (status != STATUS_OK)
        return failed(book->context, status);
    say(book->context,
        "见证：服务器至今签名的 %zu 批，一批接一批，与以前看到的一致。同时掌握数据库和签名密钥的人"
        "改写历史，只有留着树根的见证人才看得出来：请定期运行，并与别的单位对照（--compare）",
        "witnessed: all %zu batches that the server has signed, each linked to the one before, are "
        "what was seen before. Somebody who holds both database and signing key is revealed by "
        "witnesses alone: run this regularly, and compare with others (--compare)",
        book->count);
    return EXIT_DONE;
}

static enum exit_code witness(struct book *own, struct book *other)
{
    const char *anchor = option_text(own->context, "anchor");
    const char *compare = option_text(own->context, "compare");
    enum exit_code code = book_read(own, true);
    if (code == EXIT_DONE)
        code = roots_fetch(own);
    if (code == EXIT_DONE)
        code = book_save(own);
    if (code == EXIT_DONE && compare != NULL) {
        snprintf(other->path, sizeof other->path, "%s", compare);
        code = book_compare(own, other);
    }
    return code == EXIT_DONE && anchor != NULL ? anchor_write(own, anchor) : code;
}

static enum exit_code run_witness(struct context *context)
{
    struct book own = {.context = context}, other = {.context = context};
    enum exit_code code = EXIT_DONE;
    if (!context_open_enrolled(context, &code))
        return code;
    enum status status = zhibao_pins_read(context->home, &own.pins);
    if (status == STATUS_OK)
        status = path_join(context->home, "roots.zbw", own.path);
    other.pins = own.pins;
    code = status == STATUS_OK ? witness(&own, &other) : failed(context, status);
    free(own.bytes);
    free(other.bytes);
    pins_destroy(&own.pins);
    return code;
}

const struct command commands_witness[] = {
    {"witness", "[--compare FILE] [--anchor FILE]",
     "见证：取回并留存服务器签名的树根，与以前看到的不符就报警\n"
     "乡镇、市里和任何单位都可以，宜每天运行一次；留存在目录的 "
     "roots.zbw。只有这样的见证人才能发现同时\n"
     "掌握数据库和签名密钥的人。--anchor 写出的一行可以打印、寄出，或用 openssl ts 加盖时间戳。",
     "keep the roots that the server signs, and raise an alarm when it contradicts them\n"
     "For townships, the city and anyone else, best once a day; kept in the home's roots.zbw. Only "
     "such\nwitnesses reveal somebody who holds both database and signing key. The line that "
     "--anchor writes\ncan be printed, mailed, or time-stamped with openssl ts.",                                                         witness_options, 0, 0, false, run_witness},
    {NULL,      NULL,                               NULL,                                                                           NULL, NULL,            0, 0, false, NULL       },
};
