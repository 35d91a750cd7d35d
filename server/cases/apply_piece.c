/* A piece of an attachment: of the reporter, whose key is the report's, or of who handles the case.
 */
#include <string.h>

#include "base/unit_id.h"
#include "case/case_seal.h"
#include "server/cases/case_record.h"
#include "server/store/case_store.h"
#include "server/store/ingest_store.h"

/* Of one case: photos and papers, no archive. The reporter, whom nobody knows, is kept shorter. */
enum { PIECES_MAX = 1024, REPORTER_PIECES_MAX = 256 };

struct piece {
    struct apply *apply;
    struct task *task;
    const Zhibao__CasePiece *message;
    struct case_row row;
};

/* Who brings it wrote the record that names it and has still to do with the case; else it is as if
 * there were none. */
static enum status author_check(const struct piece *piece)
{
    const struct leaf *leaf = &piece->task->leaf;
    bool reporter = unit_number(leaf->unit) == CASE_MAILBOX, wrote = false;
    struct key_id report_key;
    size_t count = 0;
    enum status status =
        store_case_pieces(piece->apply->db, piece->apply->arena, &piece->row, &count, &report_key);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < piece->row.step_count; i++)
        wrote = wrote || (piece->row.steps[i].unit == leaf->unit &&
                          memcmp(piece->row.steps[i].id.bytes, piece->message->record.data,
                                 RECORD_ID_BYTES) == 0);
    bool known = reporter ? memcmp(&report_key, &leaf->key, sizeof report_key) == 0
                          : case_actor_of(&piece->row, leaf->unit, &leaf->key, leaf->received_us) !=
                                CASE_ACTOR_OTHER;
    if (!known || !wrote)
        return STATUS_E_CASE_UNKNOWN;
    return count < (reporter ? REPORTER_PIECES_MAX : PIECES_MAX) ? STATUS_OK : STATUS_E_CASE_PIECES;
}

/* An id names one piece of a case: whoever reads asks by it. */
static enum status id_check(const struct piece *piece)
{
    bool taken = false;
    enum status status = store_case_has_piece(piece->apply->db, piece->apply->arena, &piece->row,
                                              piece->task->leaf.id.bytes, &taken);
    return status == STATUS_OK && taken ? STATUS_E_ID_CONFLICT : status;
}

enum status apply_case_piece(struct apply *apply, struct task *task)
{
    struct piece piece = {
        .apply = apply, .task = task, .message = (const Zhibao__CasePiece *)task->message};
    struct case_place place = {apply->chain, apply->batch};
    struct record_id id;
    memcpy(id.bytes, piece.message->case_id.data, RECORD_ID_BYTES);
    enum status status =
        store_case(apply->db, apply->arena, piece.message->district, &id, &piece.row);
    if (status == STATUS_NOT_FOUND)
        return STATUS_E_CASE_UNKNOWN;
    if (status == STATUS_OK)
        status = author_check(&piece);
    if (status == STATUS_OK)
        status = id_check(&piece);
    if (status == STATUS_OK)
        status = store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch,
                                             task, 0);
    return status == STATUS_OK ? store_insert_case_piece(apply->db, apply->arena, place, task,
                                                         &piece.row, piece.message->record.data)
                               : status;
}
