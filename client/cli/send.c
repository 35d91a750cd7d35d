#include "cli/send.h"

#include <string.h>

#include "cli/transfer.h"
#include "cli/words.h"
#include "lib/files.h"
#include "text/utf8.h"

enum { SAVED_PATH_BYTES = 1200 };

struct sending {
    struct context *context;
    FILE *out;
    bool failed;           /* a receipt could not be written to its file */
    char changed_form[64]; /* the server has a newer version of this form; "" for none */
};

/* A record of kind LOCK may be the opposite. */
static bool is_unlock(const struct context *context, const struct zhibao_item *item)
{
    ProtobufCMessage *message = NULL;
    if (item->kind != ZHIBAO__RECORD_KIND__RECORD_LOCK ||
        message_read(&zhibao__record__descriptor, context->arena, item->record, item->record_size,
                     &message) != STATUS_OK)
        return false;
    const Zhibao__Record *record = (const Zhibao__Record *)message;
    return message_read(&zhibao__lock__descriptor, context->arena, record->payload.data,
                        record->payload.len, &message) == STATUS_OK &&
           ((const Zhibao__Lock *)message)->unlock;
}

/* "title (code)", or the code alone where the home has no copy of the form. */
static const char *form_text(const struct context *context, const char *form)
{
    Zhibao__FormSheet *sheet = NULL;
    if (context->zhibao == NULL ||
        zhibao_form_kept(context->zhibao, form, context->arena, &sheet) != STATUS_OK)
        return form;
    const char *text = arena_printf(context->arena, TR(context, "%s（%s）", "%s (%s)"),
                                    TR(context, sheet->title_zh, sheet->title_en), form);
    return text == NULL ? form : text;
}

char *item_text(const struct context *context, const struct zhibao_item *item,
                char text[ITEM_TEXT_BYTES])
{
    enum { FORM_TEXT_MAX = 160 };
    char id[ID_TEXT_BYTES];
    const char *form = form_text(context, item->form);
    id_text(item->id.bytes, sizeof item->id.bytes, id);
    if (item->form[0] == '\0')
        snprintf(text, ITEM_TEXT_BYTES, "%s %.8s",
                 is_unlock(context, item) ? TR(context, "解锁", "unlock")
                                          : kind_text(context, item->kind),
                 id);
    else if (item->revision == 0) /* a calendar, an extension: of the form, no report */
        snprintf(text, ITEM_TEXT_BYTES, TR(context, "%s %.*s %u年 %.8s", "%s %.*s %u %.8s"),
                 kind_text(context, item->kind), (int)utf8_cut(form, FORM_TEXT_MAX), form,
                 item->period, id);
    else
        snprintf(text, ITEM_TEXT_BYTES,
                 TR(context, "%s %.*s %u年 第%u版 %.8s", "%s %.*s %u revision %u %.8s"),
                 kind_text(context, item->kind), (int)utf8_cut(form, FORM_TEXT_MAX), form,
                 item->period, item->revision, id);
    return text;
}

static const Zhibao__Error *read_error(struct context *context, const uint8_t *error, size_t size)
{
    ProtobufCMessage *message = NULL;
    if (size == 0 || message_read(&zhibao__error__descriptor, context->arena, error, size,
                                  &message) != STATUS_OK)
        return NULL;
    return (const Zhibao__Error *)message;
}

const char *error_text(struct context *context, const uint8_t *error, size_t size)
{
    const Zhibao__Error *read = read_error(context, error, size);
    if (read == NULL || read->problem == NULL)
        return "";
    return TR(context, read->problem->zh, read->problem->en);
}

static void print_problem(const struct context *context, const Zhibao__Problem *problem, FILE *out)
{
    fprintf(out, "  %s [%s]%s%s\n", TR(context, problem->zh, problem->en), problem->name,
            problem->field[0] == '\0' ? "" : " ", problem->field);
}

void error_print(struct context *context, const uint8_t *error, size_t size, FILE *out)
{
    const Zhibao__Error *read = read_error(context, error, size);
    if (read == NULL)
        return;
    /* With several problems the first stands for all of them. */
    if (read->problem != NULL && read->n_more == 0)
        print_problem(context, read->problem, out);
    for (size_t i = 0; i < read->n_more; i++)
        print_problem(context, read->more[i], out);
}

void receipt_directory(const struct context *context, char out_path[SAVED_PATH_BYTES])
{
    snprintf(out_path, SAVED_PATH_BYTES, "%s/receipts", context->home);
}

enum status receipt_save(const char *directory, uint64_t unit, uint8_t kind,
                         const struct record_id *id, const uint8_t *receipt, size_t size,
                         char out_path[SAVED_PATH_BYTES])
{
    char name[RECORD_FILE_BYTES];
    int length = snprintf(out_path, SAVED_PATH_BYTES, "%s/%s.zbr", directory,
                          record_file_name(unit, kind, id, name));
    if (length < 0 || length >= SAVED_PATH_BYTES)
        return STATUS_LIMIT;
    enum status status = directory_make(directory, 0700);
    return status != STATUS_OK ? status : file_write(out_path, receipt, size, 0644);
}

static enum status tell_settled(const struct zhibao_item *item, void *pointer)
{
    struct sending *sending = pointer;
    struct context *context = sending->context;
    char text[ITEM_TEXT_BYTES], directory[SAVED_PATH_BYTES], path[SAVED_PATH_BYTES];
    item_text(context, item, text);
    if (item->state == ZHIBAO_REFUSED) {
        const Zhibao__Error *error = read_error(context, item->error, item->error_size);
        if (error != NULL && error->problem != NULL &&
            error->problem->code == (uint32_t)STATUS_E_FORM_VERSION)
            snprintf(sending->changed_form, sizeof sending->changed_form, "%s", item->form);
        fprintf(sending->out, "%s%s\n", TR(context, "被拒绝：", "refused: "), text);
        error_print(context, item->error, item->error_size, sending->out);
        return STATUS_OK;
    }
    receipt_directory(context, directory);
    enum status saved = receipt_save(directory, item->unit, item->kind, &item->id, item->receipt,
                                     item->receipt_size, path);
    sending->failed = sending->failed || saved != STATUS_OK;
    fprintf(sending->out, TR(context, "已收讫：%s\n  回执：%s\n", "stored: %s\n  receipt: %s\n"),
            text,
            saved == STATUS_OK ? path
                               : TR(context, "文件写不出，请用 zhibao receipts export 取出",
                                    "could not write the file; use zhibao receipts export"));
    return STATUS_OK;
}

enum status settled_tell(struct context *context, const struct zhibao_item *item)
{
    struct sending sending = {.context = context, .out = stdout};
    return tell_settled(item, &sending);
}

static void tell_left(struct context *context, const struct zhibao_drained *drained,
                      enum status status)
{
    if (drained->left == 0)
        return;
    failed(context, status);
    if (exit_code_of(status) == EXIT_UNREACHABLE)
        complain(context,
                 "%zu 件材料已安全存入发件箱，将由下一次 zhibao outbox send 或下一条联网命令补报",
                 "%zu records are safe in the outbox; the next zhibao outbox send, or the next "
                 "command that connects, sends them",
                 drained->left);
    else
        complain(context, "%zu 件材料仍在发件箱（zhibao outbox 查看），未丢失",
                 "%zu records remain in the outbox (see zhibao outbox); nothing is lost",
                 drained->left);
}

/* Fetches the form that turned out to be old, so that the next attempt is checked against it. */
static void renew_form(struct context *context, const struct sending *sending)
{
    Zhibao__FormSheet *sheet = NULL;
    int64_t fetched_us = 0;
    if (sending->changed_form[0] == '\0' ||
        zhibao_form(context->zhibao, "", sending->changed_form, 0, context->arena, &sheet,
                    &fetched_us) != STATUS_OK)
        return;
    complain(context, "已取得报表“%s”的新版（第%u版），请按新模板核对后再报送",
             "fetched the new version of form \"%s\" (%u): check the figures against its template "
             "and submit again",
             sending->changed_form, sheet->version);
}

enum exit_code send_all(struct context *context)
{
    struct sending sending = {.context = context, .out = stdout};
    struct zhibao_drained drained;
    transfer_show(context);
    enum status status = zhibao_drain(context->zhibao, tell_settled, &sending, &drained);
    transfer_end(context);
    context->unreachable = status == STATUS_UNREACHABLE || status == STATUS_TIMEOUT;
    if (status != STATUS_OK && drained.left == 0)
        return failed(context, status);
    tell_left(context, &drained, status);
    renew_form(context, &sending);
    if (drained.refused > 0 || drained.unverified > 0)
        return EXIT_REFUSED;
    return exit_code_of(status);
}

enum exit_code put_and_send(struct context *context, const struct zhibao_draft *draft)
{
    enum status status = zhibao_put(context->zhibao, draft, NULL);
    return status == STATUS_OK ? send_all(context) : failed(context, status);
}

void send_waiting(struct context *context)
{
    struct sending sending = {.context = context, .out = stderr};
    struct zhibao_drained drained;
    size_t waiting = 0;
    if (zhibao_count(context->zhibao, ZHIBAO_WAITING, &waiting) != STATUS_OK || waiting == 0)
        return;
    complain(context, "先补报发件箱中的 %zu 件材料", "first sending %zu records from the outbox",
             waiting);
    transfer_show(context);
    enum status status = zhibao_drain(context->zhibao, tell_settled, &sending, &drained);
    transfer_end(context);
    context->unreachable = status == STATUS_UNREACHABLE || status == STATUS_TIMEOUT;
    tell_left(context, &drained, status);
    renew_form(context, &sending);
}
