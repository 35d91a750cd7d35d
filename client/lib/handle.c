#include "lib/handle.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/content_store.h"
#include "lib/renewal.h"
#include "lib/rotate.h"
#include "lib/upload.h"

enum { CAUSE_ARENA_BYTES = 4 * 1024 * 1024 };

void cause_clear(struct zhibao *zhibao)
{
    zhibao->cause.status = STATUS_OK;
    zhibao->cause.zh[0] = zhibao->cause.en[0] = '\0';
    zhibao->cause.error = NULL;
    arena_reset(zhibao->cause_arena);
}

static void fill(struct zhibao_cause *cause, enum status status, const char *zh, const char *en)
{
    cause->status = status;
    cause->error = NULL;
    snprintf(cause->zh, sizeof cause->zh, "%s", zh);
    snprintf(cause->en, sizeof cause->en, "%s", en);
}

enum status cause_plain(struct zhibao *zhibao, enum status status)
{
    fill(&zhibao->cause, status, status_zh(status), status_en(status));
    return status;
}

enum status cause_set(struct zhibao *zhibao, enum status status, const char *zh_format,
                      const char *en_format, ...)
{
    va_list arguments;
    zhibao->cause.status = status;
    zhibao->cause.error = NULL;
    va_start(arguments, en_format);
    vsnprintf(zhibao->cause.zh, sizeof zhibao->cause.zh, zh_format, arguments);
    va_end(arguments);
    va_start(arguments, en_format);
    vsnprintf(zhibao->cause.en, sizeof zhibao->cause.en, en_format, arguments);
    va_end(arguments);
    return status;
}

void cause_add(struct zhibao *zhibao, const char *zh, const char *en)
{
    struct zhibao_cause *cause = &zhibao->cause;
    size_t used = strlen(cause->zh);
    snprintf(cause->zh + used, sizeof cause->zh - used, "%s", zh);
    used = strlen(cause->en);
    snprintf(cause->en + used, sizeof cause->en - used, "%s", en);
}

enum status cause_because(struct zhibao *zhibao, enum status status, const char *zh_format,
                          const char *en_format, ...)
{
    struct zhibao_cause *cause = &zhibao->cause;
    va_list arguments;
    cause->status = status;
    cause->error = NULL;
    va_start(arguments, en_format);
    vsnprintf(cause->zh, sizeof cause->zh, zh_format, arguments);
    va_end(arguments);
    va_start(arguments, en_format);
    vsnprintf(cause->en, sizeof cause->en, en_format, arguments);
    va_end(arguments);
    cause_add(zhibao, "：", ": ");
    cause_add(zhibao, status_zh(status), status_en(status));
    return status;
}

enum status cause_save(struct zhibao *zhibao, enum status status, const char *path)
{
    if (status == STATUS_CONFLICT)
        return cause_set(zhibao, status,
                         "%s 是目录、链接或别的特殊文件，没有改动；请另写一个文件名",
                         "%s is a directory, a link or another special file and was left alone; "
                         "give another name",
                         path);
    return cause_because(zhibao, status, "文件 %s 写不出", "cannot write %s", path);
}

enum status cause_outbox(struct zhibao *zhibao, enum status status)
{
    if (file_failed(status))
        return cause_because(zhibao, status, "发件箱读写失败", "outbox failed");
    if (status != STATUS_DATABASE)
        return status == STATUS_OK ? status : cause_plain(zhibao, status);
    return cause_set(zhibao, status, "发件箱读写失败：%s", "outbox failed: %s",
                     outbox_trouble(zhibao->outbox));
}

enum status cause_error(struct zhibao *zhibao, const uint8_t *error, size_t size)
{
    ProtobufCMessage *message = NULL;
    enum status status =
        message_read(&zhibao__error__descriptor, zhibao->cause_arena, error, size, &message);
    if (status != STATUS_OK)
        return cause_plain(zhibao, status);
    const Zhibao__Error *answer = (const Zhibao__Error *)message;
    const Zhibao__Problem *problem = answer->problem;
    enum status code = STATUS_E_INTERNAL;
    if (problem != NULL && problem->code >= 100 &&
        strcmp(status_name((enum status)problem->code), "UNKNOWN") != 0)
        code = (enum status)problem->code;
    fill(&zhibao->cause, code, problem == NULL ? status_zh(code) : problem->zh,
         problem == NULL ? status_en(code) : problem->en);
    zhibao->cause.error = answer;
    return code;
}

static void explain_open(enum status status, const struct zhibao_options *options,
                         const char *damaged, struct zhibao_cause *out_cause)
{
    if (out_cause == NULL)
        return;
    fill(out_cause, status, status_zh(status), status_en(status));
    if (status == STATUS_TIMEOUT) {
        snprintf(out_cause->zh, sizeof out_cause->zh, "目录 %s 正被另一个 zhibao 使用，请稍后再试",
                 options->home);
        snprintf(out_cause->en, sizeof out_cause->en,
                 "home %s is in use by another zhibao: try again later", options->home);
    } else if (status == STATUS_NOT_FOUND) {
        snprintf(out_cause->zh, sizeof out_cause->zh,
                 "没有目录 %s，或它不是本系统的目录；登记会建立它：zhibao enrol 登记码",
                 options->home);
        snprintf(
            out_cause->en, sizeof out_cause->en,
            "there is no home %s, or it is a directory of something else; enrolment makes one: "
            "zhibao enrol CODE",
            options->home);
    } else if (file_failed(status)) {
        const char *what = damaged[0] != '\0' ? damaged : options->home;
        snprintf(out_cause->zh, sizeof out_cause->zh, "%.300s 无法读写：%s", what,
                 status_zh(status));
        snprintf(out_cause->en, sizeof out_cause->en, "cannot use %.300s: %s", what,
                 status_en(status));
    } else if (status == STATUS_E_PASSPHRASE || status == STATUS_E_KEY_FILE ||
               status == STATUS_E_PASSPHRASE_NEEDED) {
        snprintf(out_cause->zh, sizeof out_cause->zh, "%.300s：%s", damaged, status_zh(status));
        snprintf(out_cause->en, sizeof out_cause->en, "%.300s: %s", damaged, status_en(status));
    } else if (damaged[0] != '\0' && status != STATUS_NO_MEMORY) {
        snprintf(out_cause->zh, sizeof out_cause->zh, "文件 %s 已损坏或无法读取", damaged);
        snprintf(out_cause->en, sizeof out_cause->en, "file %s is damaged or cannot be read",
                 damaged);
    } else if (status == STATUS_LIMIT) {
        snprintf(out_cause->zh, sizeof out_cause->zh, "无法使用目录 %s", options->home);
        snprintf(out_cause->en, sizeof out_cause->en, "cannot use directory %s", options->home);
    }
}

enum status zhibao_renew(struct zhibao *zhibao, size_t *out_resigned)
{
    const struct zhibao_identity *identity = home_identity(zhibao->home);
    const struct home_keys *next = home_next_keys(zhibao->home);
    *out_resigned = 0;
    if (identity == NULL || next == NULL)
        return STATUS_INVALID;
    struct key_id old = identity->key;
    struct key_id fresh = sign_key_id(&next->sign_public);
    enum status status = STATUS_OK;
    if (memcmp(old.bytes, fresh.bytes, sizeof old.bytes) != 0)
        status = renewal_resign(zhibao->outbox, &old, next, out_resigned);
    if (status == STATUS_OK)
        status = renewal_install(home_path(zhibao->home));
    if (status == STATUS_OK)
        status = home_reload(zhibao->home);
    if (status == STATUS_OK)
        renewal_tidy(home_path(zhibao->home));
    return status;
}

/* What a renewal left that was cut off. */
static enum status finish_renewal(struct zhibao *zhibao, const char *home)
{
    size_t resigned = 0;
    renewal_tidy(home);
    if (renewal_decided(home))
        return zhibao_renew(zhibao, &resigned);
    return rotation_settle(zhibao, NULL);
}

enum status zhibao_open(const struct zhibao_options *options, struct zhibao **out_zhibao,
                        struct zhibao_cause *out_cause)
{
    char damaged[PATH_BYTES] = "", path[PATH_BYTES];
    enum status status = sign_init();
    struct zhibao *zhibao = calloc(1, sizeof *zhibao);
    if (zhibao == NULL)
        status = STATUS_NO_MEMORY;
    if (status == STATUS_OK && options->server != NULL &&
        strlen(options->server) >= sizeof zhibao->server)
        status = STATUS_LIMIT;
    if (status != STATUS_OK)
        goto cleanup;
    zhibao->timeout_ms =
        options->timeout_ms == 0 ? (uint32_t)ZHIBAO_TIMEOUT_DEFAULT_MS : options->timeout_ms;
    zhibao->patient = options->patient;
    zhibao->without_network = options->without_network;
    if (options->server != NULL)
        memcpy(zhibao->server, options->server, strlen(options->server) + 1);
    random_bytes(&zhibao->last_request, sizeof zhibao->last_request);
    zhibao->cause_arena = arena_create(CAUSE_ARENA_BYTES);
    if (zhibao->cause_arena == NULL) {
        status = STATUS_NO_MEMORY;
        goto cleanup;
    }
    if (options->must_exist && !home_exists(options->home))
        status = STATUS_NOT_FOUND;
    if (status == STATUS_OK)
        status = home_open(options->home, zhibao->timeout_ms, damaged, &zhibao->home);
    if (status != STATUS_OK)
        goto cleanup;
    status = path_join(options->home, "outbox.db", path);
    if (status == STATUS_OK)
        status = outbox_open(path, &zhibao->outbox);
    if (status != STATUS_OK)
        memcpy(damaged, path, sizeof damaged);
    if (status == STATUS_OK)
        status = finish_renewal(zhibao, options->home);

cleanup:
    if (status == STATUS_OK) {
        *out_zhibao = zhibao;
    } else {
        explain_open(status, options, damaged, out_cause);
        zhibao_close(&zhibao);
    }
    return status;
}

void zhibao_close(struct zhibao **zhibao)
{
    if (zhibao == NULL || *zhibao == NULL)
        return;
    session_end(*zhibao);
    outbox_close(&(*zhibao)->outbox);
    home_close(&(*zhibao)->home); /* last: it holds the lock */
    arena_destroy(&(*zhibao)->cause_arena);
    free(*zhibao);
    *zhibao = NULL;
}

const struct zhibao_identity *zhibao_identity(const struct zhibao *zhibao)
{
    return home_identity(zhibao->home);
}

const struct pins *zhibao_pins(const struct zhibao *zhibao)
{
    return home_pins(zhibao->home);
}

const struct zhibao_cause *zhibao_cause(const struct zhibao *zhibao)
{
    return &zhibao->cause;
}

const char *zhibao_endpoint(const struct zhibao *zhibao)
{
    const struct zhibao_identity *identity = home_identity(zhibao->home);
    return zhibao->server[0] != '\0' || identity == NULL ? zhibao->server : identity->endpoint;
}

uint64_t zhibao_next_request(struct zhibao *zhibao)
{
    return ++zhibao->last_request;
}

enum status zhibao_identity_read(const char *home, struct zhibao_identity *out_identity)
{
    uint8_t server_transport[TRANSPORT_KEY_BYTES];
    enum status status = sign_init();
    return status != STATUS_OK ? status : home_identity_read(home, out_identity, server_transport);
}

enum status zhibao_pins_read(const char *home, struct pins **out_pins)
{
    char path[PATH_BYTES];
    enum status status = sign_init();
    if (status == STATUS_OK)
        status = path_join(home, "pins.conf", path);
    return status != STATUS_OK ? status : pins_read(path, out_pins);
}

enum status zhibao_list(struct zhibao *zhibao, enum zhibao_state state, zhibao_visit *visit,
                        void *context)
{
    cause_clear(zhibao);
    return cause_outbox(zhibao, outbox_list(zhibao->outbox, state, visit, context));
}

enum status zhibao_find(struct zhibao *zhibao, const char *id_prefix, zhibao_visit *visit,
                        void *context)
{
    cause_clear(zhibao);
    return cause_outbox(zhibao, outbox_find(zhibao->outbox, id_prefix, visit, context));
}

enum status zhibao_count(struct zhibao *zhibao, enum zhibao_state state, size_t *out_count)
{
    cause_clear(zhibao);
    return cause_outbox(zhibao, outbox_count(zhibao->outbox, state, out_count));
}

enum status zhibao_discard(struct zhibao *zhibao, int64_t sequence)
{
    cause_clear(zhibao);
    return cause_outbox(zhibao, outbox_discard(zhibao->outbox, sequence));
}

enum status zhibao_newest_report(struct zhibao *zhibao, uint64_t unit, const char *form,
                                 uint32_t period, zhibao_visit *visit, void *context)
{
    const struct zhibao_identity *identity = home_identity(zhibao->home);
    cause_clear(zhibao);
    return cause_outbox(zhibao, outbox_newest_report(zhibao->outbox,
                                                     unit != 0          ? unit
                                                     : identity == NULL ? 0
                                                                        : identity->unit,
                                                     form, period, visit, context));
}

enum status zhibao_note_get(struct zhibao *zhibao, const char *name, struct arena *arena,
                            const char **out_text)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    int64_t set_us = 0;
    cause_clear(zhibao);
    enum status status = outbox_note_get(zhibao->outbox, name, &bytes, &size, &set_us);
    if (status == STATUS_NOT_FOUND) {
        *out_text = "";
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return cause_outbox(zhibao, status);
    const char *copy = arena_string(arena, (const char *)bytes);
    free(bytes);
    if (copy == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    *out_text = copy;
    return STATUS_OK;
}

enum status zhibao_note_set(struct zhibao *zhibao, const char *name, const char *text)
{
    cause_clear(zhibao);
    return cause_outbox(zhibao,
                        outbox_note_set(zhibao->outbox, name, (const uint8_t *)text, strlen(text)));
}

void zhibao_on_progress(struct zhibao *zhibao, zhibao_progress *progress, void *context)
{
    zhibao->progress = progress;
    zhibao->progress_context = context;
}

enum status zhibao_content_take(struct zhibao *zhibao, const char *path,
                                struct zhibao_content *out_content)
{
    cause_clear(zhibao);
    uploads_tidy(zhibao); /* what a crash before the record's put left */
    enum status status = content_take(home_path(zhibao->home), path, out_content);
    if (status == STATUS_NOT_FOUND || file_failed(status))
        return cause_because(zhibao, status, "无法读取文件 %s", "cannot read file %s", path);
    return status == STATUS_OK ? status : cause_plain(zhibao, status);
}
