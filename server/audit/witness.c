#include "server/audit/witness.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

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
    }
    closedir(files);
    if (status == STATUS_OK && audit->receipts == before) {
        fprintf(audit->out, chinese ? "%s 中没有回执（*.zbr）\n" : "there is no *.zbr in %s\n",
                directory);
        return STATUS_NOT_FOUND;
    }
    return status;
}
