/* QUALITY: every unit of a place with its score and what it is made of. */
#include "server/analysis/quality.h"

#include "server/query/handlers.h"

static bool owes(const struct quality_book *book, size_t unit)
{
    size_t forms = book->pull->plan->form_count;
    for (size_t form = 0; form < forms; form++)
        if (book->sheets[unit * forms + form] != NULL)
            return true;
    return false;
}

/* As many units from number `first` of the plan's on as fit. */
static enum status rows_fill(const struct quality_book *book, size_t first,
                             Zhibao__QualityScores *reply)
{
    struct arena *arena = book->pull->query->arena;
    const struct plan *plan = book->pull->plan;
    struct reply_budget budget = REPLY_BUDGET;
    first = first > plan->unit_count ? plan->unit_count : first;
    reply->rows = arena_array(arena, plan->unit_count - first + 1, sizeof(Zhibao__QualityRow *));
    if (reply->rows == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = first; i < plan->unit_count; i++) {
        Zhibao__QualityRow *row = NULL;
        if (!owes(book, i))
            continue;
        enum status status = quality_judge(book, i, &row);
        if (status != STATUS_OK)
            return status;
        if (!reply_fits(&budget, &row->base) && reply->n_rows > 0) {
            int64_t next = (int64_t)i;
            reply->next = cursor_write(arena, &next, 1);
            return reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
        }
        reply->rows[reply->n_rows++] = row;
    }
    return STATUS_OK;
}

enum status query_run_quality(struct query *query, const ProtobufCMessage *request,
                              ProtobufCMessage **out_reply)
{
    const Zhibao__Quality *asked = (const Zhibao__Quality *)request;
    Zhibao__Pull same = ZHIBAO__PULL__INIT;
    struct pull pull = {.query = query, .place = asked->place};
    struct quality_book book = {.pull = &pull};
    int64_t first = 0;
    Zhibao__QualityScores *reply =
        (Zhibao__QualityScores *)reply_new(query->arena, &zhibao__quality_scores__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    same.place = asked->place;
    same.period = asked->period;
    same.plan = asked->plan;
    enum status status = query_cursor(query, "cursor", asked->cursor, &first, 1);
    if (status == STATUS_OK)
        status = pull_begin(&pull, &same);
    if (status == STATUS_OK && place_level(pull.place) < PLACE_CITY)
        status = query_refuse(query, STATUS_E_PLACE_FOREIGN, "place", "数据质量按市或以下查看",
                              "ask for a city or a place below it");
    if (status == STATUS_OK)
        status = quality_gather(&book);
    if (status != STATUS_OK)
        return status;
    reply->place = pull.place;
    reply->place_name = reply_text(plan_place(pull.plan, pull.place)->name_zh);
    reply->period = (uint32_t)pull.period;
    status = rows_fill(&book, (size_t)first, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
