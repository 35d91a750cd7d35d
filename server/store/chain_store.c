#include "server/store/chain_store.h"

#include <string.h>

#include "record.pb-c.h"

static const char report_sql[] =
    "select r.payload_sha256, r.state, r.reporter = 'village', r.form_id, r.period, r.revision"
    " from zhibao.report_state r"
    " where r.district = $1::bigint and r.unit = $2::bigint and r.id = $3";

static const char confirmation_sql[] =
    "select c.payload_sha256, c.state, true, c.form_id, c.period, c.revision"
    " from zhibao.confirmation_state c"
    " where c.district = $1::bigint and c.unit = $2::bigint and c.id = $3";

enum status store_subject(struct db *db, struct arena *arena, struct chain_subject *subject)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)subject->district);
    db_add_int(&params, (int64_t)subject->unit);
    db_add_bytes(&params, subject->id.bytes, RECORD_ID_BYTES);
    bool report = subject->kind == ZHIBAO__RECORD_KIND__RECORD_REPORT;
    enum status status = db_run(db, report ? report_sql : confirmation_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t size = 0;
    if (PQntuples(result) != 1) {
        status = STATUS_NOT_FOUND;
    } else if (!record_state_parse(db_text(result, 0, 1), &subject->state)) {
        status = STATUS_DATABASE;
    } else {
        const uint8_t *hash = db_bytes(result, 0, 0, &size);
        memcpy(subject->payload_sha256.bytes, hash, HASH_BYTES);
        subject->village_form = db_bool(result, 0, 2);
        subject->form_id = (int)db_int(result, 0, 3);
        subject->period = (int)db_int(result, 0, 4);
        subject->revision = (int)db_int(result, 0, 5);
    }
    PQclear(result);
    return status;
}
