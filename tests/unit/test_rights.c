/* The table of who may do what: complete, what its page says, and what an auditor may. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "envelope.pb-c.h"
#include "record.pb-c.h"
#include "server/ingest/record_type.h"
#include "server/query/query.h"
#include "server/trust/rights.h"

static const char page_path[] = ZHIBAO_SOURCE_DIR "/proto/RIGHTS.md";

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    if (file == NULL || getdelim(&text, &size, '\0', file) < 0)
        cr_log_error("cannot read %s", path);
    if (file != NULL)
        fclose(file);
    return text;
}

Test(rights, the_page_is_the_table)
{
    char *made = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&made, &size);
    cr_assert_not_null(out);
    rights_page(out);
    fclose(out);
    char *kept = file_text(page_path);
    bool same = kept != NULL && strcmp(kept, made) == 0;
    FILE *fresh = same ? NULL : fopen("RIGHTS.md", "w");
    if (fresh != NULL) {
        fputs(made, fresh);
        fclose(fresh);
    }
    cr_expect(same, "proto/RIGHTS.md is not the table's page: copy RIGHTS.md from here over it");
    free(made);
    free(kept);
}

Test(rights, every_row_has_a_mark_for_every_role)
{
    for (size_t i = 0; i < right_count; i++) {
        cr_expect_eq(strlen(rights[i].marks), RIGHT_ROLES, "%s", rights[i].name);
        cr_expect_eq(strspn(rights[i].marks, "-opcba"), RIGHT_ROLES, "%s", rights[i].name);
        for (size_t j = 0; j < i; j++)
            cr_expect(rights[j].what != rights[i].what ||
                          strcmp(rights[j].name, rights[i].name) != 0,
                      "%s is there twice", rights[i].name);
    }
}

Test(rights, every_question_has_a_row)
{
    static const int others[] = {ZHIBAO__KIND__KIND_PING, ZHIBAO__KIND__KIND_PUT_CHUNK,
                                 ZHIBAO__KIND__KIND_ENROL_CODES};
    for (const struct query_entry *entry = query_table; entry->kind != 0; entry++)
        cr_expect_not_null(right_find(RIGHT_ASK, (int)entry->kind, NULL), "kind %d",
                           (int)entry->kind);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect_not_null(right_find(RIGHT_ASK, others[i], NULL), "kind %d", others[i]);
}

/* A payload of the type with the row's field at this value finds a row. */
static void expect_rows(const struct record_type *type, const ProtobufCFieldDescriptor *field)
{
    const ProtobufCEnumDescriptor *values = field->descriptor;
    ProtobufCMessage *payload = calloc(1, type->payload->sizeof_message);
    cr_assert_not_null(payload);
    protobuf_c_message_init(type->payload, payload);
    for (unsigned i = 0; values != NULL && i < values->n_values; i++) {
        int value = values->values[i].value;
        bool enrols = type->kind == ZHIBAO__RECORD_KIND__RECORD_KEY &&
                      value == ZHIBAO__KEY_ACTION__KEY_ENROL; /* by a code, not by a role */
        memcpy((uint8_t *)payload + field->offset, &value, sizeof value);
        if (value != 0 && !enrols)
            cr_expect_not_null(right_find(RIGHT_RECORD, type->kind, payload), "%s %s",
                               type->payload->name, values->values[i].name);
    }
    free(payload);
}

Test(rights, every_kind_of_record_has_its_rows)
{
    for (int kind = 1; kind < 256; kind++) {
        const struct record_type *type = record_type_of(kind);
        bool found = false;
        if (type == NULL || type->validate == NULL)
            continue;
        for (size_t i = 0; i < right_count; i++) {
            if (rights[i].what != RIGHT_RECORD || rights[i].kind != kind)
                continue;
            const ProtobufCFieldDescriptor *field =
                rights[i].field == NULL ? NULL
                                        : protobuf_c_message_descriptor_get_field_by_name(
                                              type->payload, rights[i].field);
            cr_expect((field != NULL) == (rights[i].field != NULL), "%s: no such field",
                      rights[i].name);
            if (field != NULL && !found)
                expect_rows(type, field);
            found = true;
        }
        cr_expect(found, "record kind %d has no row in server/trust/rights.c", kind);
    }
}

Test(rights, a_kind_without_a_row_is_nobodys)
{
    cr_expect_not(rights_allow(ROLE_ADMIN, RIGHT_ASK, 9999, NULL));
    cr_expect_not(rights_allow(ROLE_ADMIN, RIGHT_RECORD, 255, NULL));
}

Test(rights, an_auditor_changes_nothing)
{
    /* its own keys and address, and what the law asks of anybody who learns of abuse */
    static const char *const may[] = {"KEY APPROVE", "KEY HANDOVER", "KEY ROTATE",
                                      "CONTACT",     "CASE_REPORT",  "CASE_PIECE"};
    for (size_t i = 0; i < right_count; i++) {
        bool listed = false;
        for (size_t j = 0; j < sizeof may / sizeof *may; j++)
            listed = listed || strcmp(may[j], rights[i].name) == 0;
        if (rights[i].what == RIGHT_RECORD)
            cr_expect_eq(right_reach_of(&rights[i], ROLE_AUDITOR) != REACH_NONE, listed, "%s",
                         rights[i].name);
    }
    cr_expect(rights_reach(ROLE_AUDITOR, SIGHT_RESULTS, 450223000000, 450223101201));
    cr_expect_not(rights_reach(ROLE_AUDITOR, SIGHT_RESULTS, 450223000000, 220300000000));
}
