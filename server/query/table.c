#include "affected.pb-c.h"
#include "analysis.pb-c.h"
#include "calendar.pb-c.h"
#include "case.pb-c.h"
#include "checks.pb-c.h"
#include "comment.pb-c.h"
#include "document.pb-c.h"
#include "duty.pb-c.h"
#include "export.pb-c.h"
#include "notify.pb-c.h"
#include "oversight.pb-c.h"
#include "place.pb-c.h"
#include "query.pb-c.h"
#include "reconcile.pb-c.h"
#include "server/query/handlers.h"
#include "witness.pb-c.h"

#define ENTRY(asks, answers, message, run)                                                         \
    {                                                                                              \
        ZHIBAO__KIND__KIND_##asks, ZHIBAO__KIND__KIND_##answers, &zhibao__##message##__descriptor, \
            query_run_##run                                                                        \
    }

const struct query_entry query_table[] = {
    ENTRY(GET_FORM, FORM, get_form, form),
    ENTRY(TRACK, TRACKED, track, track),
    ENTRY(INBOX, INBOX_ITEMS, inbox, inbox),
    ENTRY(PENDING, PENDING_ITEMS, pending, pending),
    ENTRY(TOTAL, TOTAL_REPLY, get_total, total),
    ENTRY(PULL, PULLED, pull, pull),
    ENTRY(LIST_UNITS, UNITS, list_units, units),
    ENTRY(GET_RECEIPT, RECEIPT, get_receipt, receipt),
    ENTRY(GET_RECORD, RECORD, get_record, record),
    ENTRY(CARRIERS, CARRIERS_REPLY, carriers, carriers),
    ENTRY(GET_UPLOAD, UPLOAD, get_upload, upload),
    ENTRY(GET_CHUNK, CHUNK, get_chunk, chunk),
    ENTRY(LIST_DOCUMENTS, DOCUMENTS, list_documents, documents),
    ENTRY(WARNINGS, WARNING_LIST, warnings, warnings),
    ENTRY(PLACES, PLACES_REPLY, places, places),
    ENTRY(PLACE_HISTORY, PLACE_HISTORY_REPLY, place_history, place_history),
    ENTRY(SERIES, SERIES_REPLY, series, series),
    ENTRY(QUALITY, QUALITY_SCORES, quality, quality),
    ENTRY(AREAS, AREA_ROWS, areas, areas),
    ENTRY(EVALUATE, EVALUATION, evaluate, evaluate),
    ENTRY(DUTIES, DUTY_ITEMS, duties, duties),
    ENTRY(GET_PREVIOUS, PREVIOUS, get_previous, previous),
    ENTRY(GET_CALENDAR, CALENDAR, get_calendar, calendar),
    ENTRY(GET_COMPLETENESS, COMPLETENESS, get_completeness, completeness),
    ENTRY(RECONCILE, RECONCILED, reconcile, reconcile),
    ENTRY(AFFECTED, AFFECTED_REPLY, affected, affected),
    ENTRY(UPLINK, UPLINK_REPLY, uplink, uplink),
    ENTRY(TASKS, TASK_ITEMS, tasks, tasks),
    ENTRY(COMMENTS, COMMENT_ITEMS, comments, comments),
    ENTRY(FIGURES, FIGURE_ROWS, figures, figures),
    ENTRY(HEALTH, HEALTH_REPLY, health, health),
    ENTRY(LIST_KEYS, KEY_ROWS, list_keys, list_keys),
    ENTRY(EVENTS, EVENT_ROWS, events, events),
    ENTRY(GET_ROOTS, ROOTS, get_roots, roots),
    ENTRY(CHECK_PLAN, PLAN_CHECKED, check_plan, check_plan),
    ENTRY(GET_NOTICES, NOTICE_ROWS, get_notices, notices),
    ENTRY(GET_CASE_DIRECTORY, CASE_DIRECTORY, get_case_directory, case_directory),
    ENTRY(LIST_CASES, CASE_ITEMS, list_cases, cases),
    ENTRY(GET_CASE, CASE_FILE, get_case, case),
    ENTRY(ASK_CASE_STATE, CASE_STATE_REPLY, ask_case_state, case_state),
    ENTRY(LIST_CASE_READS, CASE_READ_ROWS, list_case_reads, case_reads),
    ENTRY(GET_CASE_PIECES, CASE_PIECES, get_case_pieces, case_pieces),
    ENTRY(LIST_CASE_KEY_ENDS, CASE_KEY_END_ROWS, list_case_key_ends, case_key_ends),
    {0},
};
