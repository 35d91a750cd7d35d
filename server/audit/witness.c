#include "server/audit/witness.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "proof/root.h"
#include "server/files.h"

enum { PATH_BYTES = 4096 };

/* Whether the batch that the receipt names is the one that is stored. */
static enum status batch_is(struct audit *audit, const struct receipt *receipt, bool *out_same)
{
    struct db_params params;
    PGresult *rows = NULL;
    uint8_t header[BATCH_HEADER_BYTES];
    struct hash leaf = leaf_hash(&receipt->leaf);
    batch_header_encode(&receipt->header, header);
    db_params_init(&params, audit->arena);
    db_add_int(&params, (int64_t)receipt->header.number);
    db_add_bytes(&params, header, sizeof header);
    db_add_bytes(&params, leaf.bytes, sizeof leaf.bytes);
    db_add_int(&params, (int64_t)receipt->index * HASH_BYTES + 1);
    enum status status = db_run(audit->db,
                                "select count(*) from zhibao.batch where chain = 1::smallint"
                                " and number = $1::bigint and header = $2"
                                " and substring(leaves from $4::int for 32) = $3",
                                &params, &rows);
    if (status == STATUS_OK)
        *out_same = db_int(rows, 0, 0) == 1;
    PQclear(rows);
    return status;
}

static enum status receipt_check(struct audit *audit, const char *path, const char *name)
{
    char bytes[RECEIPT_MAX_BYTES + 1];
    size_t size = 0;
    struct receipt receipt;
    struct audit_place place = {.table = name};
    bool same = false;
    audit->receipts++;
    arena_reset(audit->arena);
    if (file_load(path, bytes, RECEIPT_MAX_BYTES, &size) != STATUS_OK ||
        receipt_decode((const uint8_t *)bytes, size, &receipt) != STATUS_OK) {
        audit_find(audit, &place, "不是回执", "is no receipt");
        return STATUS_OK;
    }
    place.batch = (int64_t)receipt.header.number;
    place.leaf = receipt.index;
    place.unit = receipt.leaf.unit;
    place.id = receipt.leaf.id.bytes;
    if (receipt_verify(&receipt, &audit->server_key) != STATUS_OK) {
        audit_find(audit, &place, "签名无效（不是这台服务器的回执，或回执被改动）",
                   "its signature is not valid: another server's receipt, or altered");
        return STATUS_OK;
    }
    enum status status = batch_is(audit, &receipt, &same);
    if (status == STATUS_OK && !same)
        audit_find(audit, &place,
                   "回执是真的，而数据库里不是这一批：恢复过旧备份，或有人重写了历史",
                   "the receipt is genuine and the database holds another batch or none: an old "
                   "backup was restored, or somebody wrote the history anew");
    return status;
}

/* A witness's roots: each must be a batch that is stored. The first that is not says enough. */
static enum status root_check(struct audit *audit, const char *name, const uint8_t *bytes,
                              bool *out_same)
{
    struct signed_root root;
    struct db_params params;
    PGresult *rows = NULL;
    struct audit_place place = {.table = name, .leaf = -1};
    arena_reset(audit->arena);
    if (root_decode(bytes, ROOT_BYTES, &root) != STATUS_OK ||
        root_verify(&root, &audit->server_key) != STATUS_OK) {
        audit_find(audit, &place, "其中有一个树根不是这台服务器签名的，或被改动",
                   "a root in it was not signed by this server, or was altered");
        *out_same = false;
        return STATUS_OK;
    }
    place.batch = (int64_t)root.header.number;
    db_params_init(&params, audit->arena);
    db_add_int(&params, place.batch);
    db_add_bytes(&params, bytes, BATCH_HEADER_BYTES);
    enum status status = db_run(audit->db,
                                "select count(*) from zhibao.batch where chain = 1::smallint"
                                " and number = $1::bigint and header = $2",
                                &params, &rows);
    if (status != STATUS_OK)
        return status;
    *out_same = db_int(rows, 0, 0) == 1;
    PQclear(rows);
    if (!*out_same)
        audit_find(audit, &place,
                   "见证人留存的树根是真的，而数据库里不是这一批：恢复过旧备份，或有人重写了历史",
                   "the witnessed root is genuine and the database holds another batch or none: an "
                   "old backup was restored, or somebody wrote the history anew");
    return STATUS_OK;
}

static enum status roots_check(struct audit *audit, const char *path, const char *name)
{
    uint8_t bytes[ROOT_BYTES];
    char magic[ROOT_MAGIC_BYTES];
    struct audit_place place = {.table = name};
    enum status status = STATUS_OK;
    bool same = true;
    FILE *file = fopen(path, "rb");
    size_t read = file == NULL ? 0 : fread(magic, 1, sizeof magic, file);
    audit->receipts++;
    bool whole = read == sizeof magic && memcmp(magic, root_magic, sizeof magic) == 0;
    while (whole && same && status == STATUS_OK &&
           (read = fread(bytes, 1, sizeof bytes, file)) > 0) {
        whole = read == sizeof bytes;
        if (whole)
            status = root_check(audit, name, bytes, &same);
    }
    if (file != NULL)
        fclose(file);
    if (status == STATUS_OK && !whole)
        audit_find(audit, &place, "不是完整的树根文件", "is no whole file of roots");
    return status;
}

enum status audit_receipts(struct audit *audit, const char *directory)
{
    DIR *files = opendir(directory);
    enum status status = STATUS_OK;
    uint64_t before = audit->receipts;
    bool chinese = audit->language == LANGUAGE_ZH;
    if (files == NULL) {
        fprintf(audit->out,
                chinese ? "回执目录 %s 读不出：%s\n"
                        : "the directory of receipts %s cannot be read: %s\n",
                directory, strerror(errno));
        return STATUS_IO;
    }
    for (const struct dirent *file; status == STATUS_OK && (file = readdir(files)) != NULL;) {
        char path[PATH_BYTES];
        const char *dot = strrchr(file->d_name, '.');
        int length = snprintf(path, sizeof path, "%s/%s", directory, file->d_name);
        if (dot != NULL && strcmp(dot, ".zbr") == 0 && length < (int)sizeof path)
            status = receipt_check(audit, path, file->d_name);
        else if (dot != NULL && strcmp(dot, ".zbw") == 0 && length < (int)sizeof path)
            status = roots_check(audit, path, file->d_name);
    }
    closedir(files);
    if (status == STATUS_OK && audit->receipts == before) {
        fprintf(audit->out,
                chinese ? "%s 中没有回执（*.zbr）或树根（*.zbw）\n"
                        : "there is no *.zbr or *.zbw in %s\n",
                directory);
        return STATUS_NOT_FOUND;
    }
    return status;
}
