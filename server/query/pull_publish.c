/* What may be published: small numbers of children left out, with whatever would give them away. */
#include <string.h>

#include "plan/stratum.h"
#include "server/query/publish.h"

/* Places from the plan's own down to the one asked for. */
enum { LEVELS_MAX = 8 };

static size_t path_of(const struct pull *pull, uint64_t out_places[LEVELS_MAX])
{
    uint64_t up[LEVELS_MAX];
    size_t count = 0;
    const struct place *place = plan_place(pull->plan, pull->place);
    while (place != NULL && count < LEVELS_MAX) {
        up[count++] = place->code;
        if (place->code == pull->plan->place)
            break;
        place = plan_place(pull->plan, place->parent);
    }
    for (size_t i = 0; i < count; i++)
        out_places[i] = up[count - 1 - i];
    return count;
}

static enum status member_add(const struct pull *pull, uint64_t place, struct publish_group *group)
{
    struct pull *member = &group->members[group->count++];
    *member = (struct pull){.query = pull->query,
                            .plan = pull->plan,
                            .place = place,
                            .period = pull->period,
                            .figures_only = true,
                            .only = pull->only};
    return pull_gather(member);
}

/* The place with the places just below it, of which `next` is on the way (0: it stands alone;
 * UINT64_MAX: none is). */
static enum status group_gather(const struct pull *pull, uint64_t place, uint64_t next,
                                struct publish_group *out_group)
{
    const struct plan *plan = pull->plan;
    struct publish_group group = {.alone = next == 0};
    group.members = arena_array(pull->query->arena, plan->place_count + 1, sizeof *group.members);
    if (group.members == NULL)
        return STATUS_NO_MEMORY;
    enum status status = member_add(pull, place, &group);
    for (size_t i = 0; next != 0 && i < plan->place_count && status == STATUS_OK; i++) {
        if (plan->places[i].parent != place)
            continue;
        if (plan->places[i].code == next)
            group.kept = group.count;
        status = member_add(pull, plan->places[i].code, &group);
    }
    *out_group = group;
    return status;
}

/* Level by level: what is hidden of a place is decided among those beside it, by what is printed of
 * the place above. */
static enum status settle(const struct pull *pull, struct family *families, size_t count)
{
    uint64_t path[LEVELS_MAX];
    size_t levels = path_of(pull, path);
    enum status status = STATUS_OK;
    for (size_t level = 0; level < levels && status == STATUS_OK; level++) {
        struct publish_group group;
        status = group_gather(pull, path[level == 0 ? 0 : level - 1], level == 0 ? 0 : path[level],
                              &group);
        for (size_t i = 0; i < count && status == STATUS_OK; i++)
            status = publish_settle(&group, &families[i]);
    }
    return status;
}

enum status publish_below(const struct pull *pull, bool *out_hidden)
{
    struct family *families = NULL;
    size_t count = 0;
    struct publish_group group;
    enum status status = publish_families(pull, &families, &count);
    if (status == STATUS_OK)
        status = settle(pull, families, count);
    if (status == STATUS_OK)
        status = group_gather(pull, pull->place, UINT64_MAX, &group);
    if (status != STATUS_OK)
        return status;
    group.watched = pull->only;
    group.hidden = arena_array(pull->query->arena, group.count, sizeof *group.hidden);
    if (group.hidden == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = publish_settle(&group, &families[i]);
    for (size_t member = 1; member < group.count; member++)
        out_hidden[member - 1] = group.hidden[member];
    return status;
}

static bool is_hidden(const struct family *families, size_t count, const struct plan *plan,
                      const Zhibao__IndicatorResult *row)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < families[i].figure_count; k++) {
            const struct figure *figure = &families[i].figures[k];
            if (strcmp(plan->indicators[figure->indicator].code, row->indicator) == 0 &&
                stratum_equal(figure->stratum, row->stratum))
                return figure->hidden;
        }
    return false;
}

static void target_blank(Zhibao__TargetResult *target)
{
    target->why_zh = reply_text("小于5的数和能推出它的数不公布");
    target->why_en = reply_text("numbers below 5, and what gives them away, are left out");
    target->has_interval = target->has_realisation = target->has_progress = false;
    target->low95 = target->high95 = target->realisation = target->progress = 0;
    target->outlook = NULL;
}

static void row_blank(Zhibao__IndicatorResult *row)
{
    row->suppressed = true;
    row->has_fraction = false;
    row->value = row->numerator = row->denominator = 0;
    row->n_gaps = 0;
    row->outlook = NULL;
    for (size_t i = 0; i < row->n_targets; i++)
        target_blank(row->targets[i]);
}

enum status pull_publish(const struct pull *pull, Zhibao__IndicatorResult **rows, size_t count)
{
    struct family *families = NULL;
    size_t family_count = 0;
    enum status status = publish_families(pull, &families, &family_count);
    if (status == STATUS_OK)
        status = settle(pull, families, family_count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (rows[i]->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE &&
            is_hidden(families, family_count, pull->plan, rows[i]))
            row_blank(rows[i]);
    return status;
}
