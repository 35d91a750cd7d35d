/* Forms as the server describes them, kept in the home's notes ("form/CODE": a FormSheet). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/handle.h"

enum { FORM_NOTE_BYTES = 128, FORM_CODE_MAX = 64 };

static const char NOTE_PREFIX[] = "form/";
static const char NAMES_NOTE[] = "own-forms";

static enum status store_sheet(struct zhibao *zhibao, const Zhibao__FormSheet *sheet,
                               struct arena *arena)
{
    char name[FORM_NOTE_BYTES];
    size_t size = 0;
    uint8_t *bytes = message_write(arena, &sheet->base, &size);
    if (bytes == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    if (strlen(sheet->form) > FORM_CODE_MAX)
        return cause_plain(zhibao, STATUS_LIMIT);
    snprintf(name, sizeof name, "%s%s", NOTE_PREFIX, sheet->form);
    return cause_outbox(zhibao, outbox_note_set(zhibao->outbox, name, bytes, size));
}

static enum status load_sheet(struct zhibao *zhibao, const char *form, struct arena *arena,
                              Zhibao__FormSheet **out_sheet, int64_t *out_fetched_us)
{
    char name[FORM_NOTE_BYTES];
    uint8_t *bytes = NULL;
    size_t size = 0;
    ProtobufCMessage *message = NULL;
    if (strlen(form) > FORM_CODE_MAX)
        return STATUS_NOT_FOUND;
    snprintf(name, sizeof name, "%s%s", NOTE_PREFIX, form);
    enum status status = outbox_note_get(zhibao->outbox, name, &bytes, &size, out_fetched_us);
    if (status != STATUS_OK)
        return status;
    status = message_read(&zhibao__form_sheet__descriptor, arena, bytes, size, &message);
    free(bytes);
    if (status == STATUS_OK)
        *out_sheet = (Zhibao__FormSheet *)message;
    return status;
}

/* Asks for one form, or for all of the unit's own with "", and keeps copies. */
static enum status fetch(struct zhibao *zhibao, const char *plan, const char *form,
                         struct arena *arena, Zhibao__Form **out_forms)
{
    Zhibao__GetForm question = ZHIBAO__GET_FORM__INIT;
    ProtobufCMessage *message = NULL;
    char *plan_copy = arena_string(arena, plan);
    char *form_copy = arena_string(arena, form);
    if (plan_copy == NULL || form_copy == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    question.plan = plan_copy;
    question.form = form_copy;
    enum status status =
        zhibao_request(zhibao, ZHIBAO__KIND__KIND_GET_FORM, &question.base, arena, &message);
    if (status != STATUS_OK)
        return status;
    Zhibao__Form *forms = (Zhibao__Form *)message;
    for (size_t i = 0; plan[0] == '\0' && status == STATUS_OK && i < forms->n_forms; i++)
        status = store_sheet(zhibao, forms->forms[i], arena);
    if (status == STATUS_OK)
        *out_forms = forms;
    return status;
}

static Zhibao__FormSheet *find_sheet(const Zhibao__Form *forms, const char *form)
{
    for (size_t i = 0; i < forms->n_forms; i++)
        if (strcmp(forms->forms[i]->form, form) == 0)
            return forms->forms[i];
    return NULL;
}

enum status zhibao_form(struct zhibao *zhibao, const char *plan, const char *form,
                        uint32_t max_age_s, struct arena *arena, Zhibao__FormSheet **out_sheet,
                        int64_t *out_fetched_us)
{
    Zhibao__FormSheet *copy = NULL;
    Zhibao__Form *forms = NULL;
    int64_t fetched_us = 0;
    cause_clear(zhibao);
    enum status status =
        plan[0] == '\0' ? load_sheet(zhibao, form, arena, &copy, &fetched_us) : STATUS_NOT_FOUND;
    if (status == STATUS_OK && max_age_s > 0 &&
        clock_now_us() - fetched_us < (int64_t)max_age_s * 1000000)
        goto found;
    status = fetch(zhibao, plan, form, arena, &forms);
    if (status == STATUS_OK) {
        copy = find_sheet(forms, form);
        fetched_us = clock_now_us();
        if (copy == NULL)
            return cause_set(zhibao, STATUS_NOT_FOUND, "服务器没有报表“%s”",
                             "the server has no form \"%s\"", form);
        goto found;
    }
    /* Only a server that answers knows better than the copy. */
    if (copy == NULL || (status >= STATUS_E_VERSION && !status_retry(status)))
        return status;

found:
    *out_sheet = copy;
    *out_fetched_us = fetched_us;
    return STATUS_OK;
}

enum status zhibao_form_kept(struct zhibao *zhibao, const char *form, struct arena *arena,
                             Zhibao__FormSheet **out_sheet)
{
    int64_t fetched_us = 0;
    return load_sheet(zhibao, form, arena, out_sheet, &fetched_us);
}

/* The unit's own forms are remembered as one text, a code a line. */
static enum status remember_names(struct zhibao *zhibao, const Zhibao__Form *forms,
                                  struct arena *arena, char **out_text)
{
    char *text = arena_string(arena, "");
    for (size_t i = 0; text != NULL && forms != NULL && i < forms->n_forms; i++)
        text = arena_printf(arena, "%s%s\n", text, forms->forms[i]->form);
    if (text == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    *out_text = text;
    return cause_outbox(
        zhibao, outbox_note_set(zhibao->outbox, NAMES_NOTE, (const uint8_t *)text, strlen(text)));
}

enum status zhibao_form_names(struct zhibao *zhibao, uint32_t max_age_s, struct arena *arena,
                              const char **out_names, size_t room, size_t *out_count)
{
    Zhibao__Form *forms = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0, count = 0;
    int64_t set_us = 0;
    char *text = NULL;
    cause_clear(zhibao);
    enum status status = outbox_note_get(zhibao->outbox, NAMES_NOTE, &bytes, &size, &set_us);
    if (status == STATUS_OK)
        text = arena_string(arena, (const char *)bytes);
    free(bytes);
    if (text == NULL || clock_now_us() - set_us >= (int64_t)max_age_s * 1000000) {
        status = fetch(zhibao, "", "", arena, &forms);
        if (status == STATUS_OK)
            status = remember_names(zhibao, forms, arena, &text);
        if (status != STATUS_OK && text == NULL)
            return status;
    }
    char *rest = text, *name = NULL;
    while (count < room && (name = strsep(&rest, "\n")) != NULL)
        if (name[0] != '\0')
            out_names[count++] = name;
    *out_count = count;
    return STATUS_OK;
}
