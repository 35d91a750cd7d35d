#include "server/ingest/record_type.h"

#include "calendar.pb-c.h"
#include "case.pb-c.h"
#include "comment.pb-c.h"
#include "document.pb-c.h"
#include "duty.pb-c.h"
#include "notify.pb-c.h"
#include "place.pb-c.h"
#include "server/cases/case_record.h"
#include "server/chain/apply_comment.h"
#include "server/chain/apply_escalation.h"
#include "server/chain/apply_task.h"
#include "server/documents/document.h"
#include "server/ingest/validate.h"
#include "server/notify/apply_contact.h"

#define TYPE(name, message, table, validate, apply)                                            \
    {                                                                                          \
        ZHIBAO__RECORD_KIND__RECORD_##name, &zhibao__##message##__descriptor, table, validate, \
            apply                                                                              \
    }

static const struct record_type types[] = {
    TYPE(REPORT, report, RECORD_TABLE_REPORT, validate_report, NULL),
    TYPE(REVIEW, review, RECORD_TABLE_EVENT, validate_review, apply_review),
    TYPE(CONFIRMATION, confirmation, RECORD_TABLE_EVENT, validate_confirmation, apply_confirmation),
    TYPE(LOCK, lock, RECORD_TABLE_EVENT, validate_lock, apply_lock),
    TYPE(KEY, key_change, RECORD_TABLE_REGISTRY, validate_key, apply_key_change),
    TYPE(PLAN, plan_import, RECORD_TABLE_REGISTRY, validate_plan, apply_plan_import),
    TYPE(TASK, task, RECORD_TABLE_REGISTRY, validate_task, apply_task),
    TYPE(DOCUMENT, document, RECORD_TABLE_REGISTRY, validate_document, apply_document),
    TYPE(PLACE_CHANGE, place_change, RECORD_TABLE_REGISTRY, validate_place_change,
         apply_place_change),
    TYPE(NOTICE, notice, RECORD_TABLE_EVENT, NULL, NULL),
    TYPE(CALENDAR, calendar, RECORD_TABLE_REGISTRY, validate_calendar, apply_calendar),
    TYPE(EXTENSION, extension, RECORD_TABLE_REGISTRY, validate_extension, apply_extension),
    TYPE(CARRIER, carrier_grant, RECORD_TABLE_REGISTRY, validate_carrier, apply_carrier),
    TYPE(CONTACT, contact, RECORD_TABLE_REGISTRY, validate_contact, apply_contact),
    TYPE(TASK_ESCALATION, task_escalation, RECORD_TABLE_REGISTRY, validate_task_escalation,
         apply_task_escalation),
    TYPE(COMMENT, comment, RECORD_TABLE_REGISTRY, validate_comment, apply_comment),
    TYPE(CASE_REPORT, case_report, RECORD_TABLE_REGISTRY, validate_case_report, apply_case_report),
    TYPE(CASE_DIRECTORY, case_directory_record, RECORD_TABLE_REGISTRY, validate_case_directory,
         apply_case_directory),
    TYPE(CASE_EVENT, case_event, RECORD_TABLE_REGISTRY, validate_case_step, apply_case_step),
    TYPE(CASE_READ, case_read, RECORD_TABLE_REGISTRY, validate_case_read, apply_case_read),
    TYPE(CASE_PIECE, case_piece, RECORD_TABLE_REGISTRY, validate_case_piece, apply_case_piece),
    TYPE(CASE_KEY_END, case_key_end, RECORD_TABLE_REGISTRY, validate_case_key_end,
         apply_case_key_end),
};

const struct record_type *record_type_of(int kind)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].kind == kind)
            return &types[i];
    return NULL;
}
