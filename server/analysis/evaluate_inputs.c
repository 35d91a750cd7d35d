#include <sodium.h>
#include <string.h>

#include "base/cursor.h"
#include "server/analysis/evaluate.h"
#include "server/store/query_as_of.h"
#include "server/trust/registry_plans.h"

static void put_big(uint8_t *out, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(number >> (8 * (bytes - 1 - i)));
}

static struct hash digest(const struct pull_inputs *inputs)
{
    crypto_hash_sha256_state state;
    struct hash result;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < inputs->count; i++) {
        const struct pull_input *input = &inputs->items[i];
        uint8_t head[16];
        put_big(head, input->unit, 8);
        put_big(head + 8, (uint64_t)input->period, 4);
        put_big(head + 12, (uint64_t)input->revision, 4);
        crypto_hash_sha256_update(&state, head, sizeof head);
        crypto_hash_sha256_update(&state, input->id.bytes, RECORD_ID_BYTES);
        crypto_hash_sha256_update(&state, input->payload_sha256.bytes, HASH_BYTES);
    }
    crypto_hash_sha256_final(&state, result.bytes);
    return result;
}

static bool columns_make(struct arena *arena, size_t count, Zhibao__Evaluation *reply)
{
    reply->input_unit = arena_array(arena, count, sizeof *reply->input_unit);
    reply->input_form = arena_array(arena, count, sizeof *reply->input_form);
    reply->input_period = arena_array(arena, count, sizeof *reply->input_period);
    reply->input_revision = arena_array(arena, count, sizeof *reply->input_revision);
    reply->input_id.data = arena_array(arena, count, RECORD_ID_BYTES);
    reply->input_sha256.data = arena_array(arena, count, HASH_BYTES);
    return reply->input_unit != NULL && reply->input_form != NULL && reply->input_period != NULL &&
           reply->input_revision != NULL && reply->input_id.data != NULL &&
           reply->input_sha256.data != NULL;
}

enum status evaluate_inputs(const struct pull *pull, size_t first, Zhibao__Evaluation *reply)
{
    struct arena *arena = pull->query->arena;
    const struct pull_inputs *inputs = pull->inputs;
    struct hash all = digest(inputs);
    first = first > inputs->count ? inputs->count : first;
    size_t count =
        inputs->count - first < EVALUATE_INPUTS ? inputs->count - first : EVALUATE_INPUTS;
    reply->inputs = inputs->count;
    reply->forms = arena_array(arena, pull->plan->form_count + 1, sizeof(char *));
    if (reply->forms == NULL || !columns_make(arena, count, reply) ||
        !reply_bytes(arena, all.bytes, HASH_BYTES, &reply->inputs_sha256))
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < pull->plan->form_count; i++)
        reply->forms[reply->n_forms++] = reply_text(pull->plan->forms[i].code);
    for (size_t i = 0; i < count; i++) {
        const struct pull_input *input = &inputs->items[first + i];
        reply->input_unit[i] = input->unit;
        reply->input_form[i] = (uint32_t)input->form;
        reply->input_period[i] = (uint32_t)input->period;
        reply->input_revision[i] = (uint32_t)input->revision;
        memcpy(reply->input_id.data + i * RECORD_ID_BYTES, input->id.bytes, RECORD_ID_BYTES);
        memcpy(reply->input_sha256.data + i * HASH_BYTES, input->payload_sha256.bytes, HASH_BYTES);
    }
    reply->n_input_unit = reply->n_input_form = count;
    reply->n_input_period = reply->n_input_revision = count;
    reply->input_id.len = count * RECORD_ID_BYTES;
    reply->input_sha256.len = count * HASH_BYTES;
    return STATUS_OK;
}

static enum status import_name(struct arena *arena, const struct plan_import *import,
                               Zhibao__Evaluation *reply)
{
    reply->plan_unit = import->unit;
    return reply_bytes(arena, import->id.bytes, RECORD_ID_BYTES, &reply->plan_id) &&
                   reply_bytes(arena, import->payload_sha256.bytes, HASH_BYTES, &reply->plan_sha256)
               ? STATUS_OK
               : STATUS_NO_MEMORY;
}

enum status evaluate_plan(const struct pull *pull, const char *code, Zhibao__Evaluation *reply,
                          struct plan **out_past)
{
    struct query *query = pull->query;
    struct plan_import import;
    struct plan *past = NULL;
    enum status status = query_plan_import(query->db, query->arena, code, &import);
    if (status == STATUS_OK && import.batch < pull->before)
        return import_name(query->arena, &import, reply);
    import.batch = pull->before;
    import.leaf = 0;
    while (status == STATUS_OK) {
        struct stored_import stored;
        PGresult *result = NULL;
        status = query_import_before(query->db, query->arena, import.batch, import.leaf, &import,
                                     &stored, &result);
        if (status != STATUS_OK)
            break;
        status = registry_import_load(&stored, code, &past);
        PQclear(result);
        if (status == STATUS_OK)
            break;
        if (status == STATUS_NOT_FOUND)
            status = STATUS_OK; /* another plan's */
    }
    if (status == STATUS_NOT_FOUND)
        return query_refuse(query, STATUS_E_PLAN_UNKNOWN, "as_of_us", "当时还没有导入这份规划",
                            "the plan had not been imported by then");
    if (status == STATUS_OK)
        status = import_name(query->arena, &import, reply);
    if (status != STATUS_OK)
        plan_destroy(&past);
    else
        *out_past = past;
    return status;
}
