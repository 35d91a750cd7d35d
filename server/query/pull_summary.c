/* Pass rates and realisation over the targets that decide. */
#include <string.h>

#include "assess/progress.h"
#include "assess/trend.h"
#include "plan/stratum.h"
#include "server/query/pull.h"
#include "stats/attain.h"

struct summary {
    struct pass_rate rate;
    uint32_t uncertain;
    size_t realised, ways;
    bool weighted;
    double *realisations, *weights, *progress;
};

/* The deciding target of a row for one area, urban or rural; NULL for other rows. */
static const Zhibao__TargetResult *half_of_pair(const Zhibao__IndicatorResult *row)
{
    size_t length = 0;
    if (stratum_value(row->stratum, "area", &length) == NULL)
        return NULL;
    for (size_t i = 0; i < row->n_targets; i++)
        if (row->targets[i]->decides)
            return row->targets[i];
    return NULL;
}

/* What row `at` brings to the pass rate: of an urban and a rural target the worse one, once. 0: an
 * earlier row has brought it. */
static enum attainment verdict(Zhibao__IndicatorResult **rows, size_t count, size_t at,
                               const Zhibao__TargetResult *target)
{
    enum attainment worst = (enum attainment)target->attainment;
    if (half_of_pair(rows[at]) != target)
        return worst;
    for (size_t i = 0; i < count; i++) {
        const Zhibao__TargetResult *other = half_of_pair(rows[i]);
        if (i == at || other == NULL || strcmp(rows[i]->indicator, rows[at]->indicator) != 0)
            continue;
        if (i < at)
            return 0;
        worst = attainment_worse(worst, (enum attainment)other->attainment);
    }
    return worst;
}

static void target_count(struct summary *summary, const Zhibao__TargetResult *target,
                         enum attainment attainment)
{
    switch ((int)attainment) {
    case 0: break;
    case ATTAINMENT_MET_UNCERTAIN:
        summary->uncertain++;
        summary->rate.met++;
        break;
    case ATTAINMENT_MET: summary->rate.met++; break;
    case ATTAINMENT_NOT_MET: summary->rate.not_met++; break;
    case ATTAINMENT_NO_DATA: summary->rate.no_data++; break;
    default: summary->rate.not_judgeable++;
    }
    if (target->has_realisation && target->weight > 0) {
        summary->weights[summary->realised] = target->weight;
        summary->realisations[summary->realised++] = target->realisation;
    }
    if (target->has_progress)
        summary->progress[summary->ways++] = target->progress;
}

static void reply_fill(struct summary *summary, Zhibao__PassRate *pass)
{
    pass->met = (uint32_t)summary->rate.met;
    pass->met_uncertain = summary->uncertain;
    pass->not_met = (uint32_t)summary->rate.not_met;
    pass->no_data = (uint32_t)summary->rate.no_data;
    pass->not_judgeable = (uint32_t)summary->rate.not_judgeable;
    pass->has_rates = summary->rate.met + summary->rate.not_met > 0;
    if (pass->has_rates) {
        pass->of_judgeable = pass_rate_of_judgeable(&summary->rate);
        pass->of_all = pass_rate_of_all(&summary->rate);
    }
    pass->weighted = summary->weighted;
    pass->realisation_of = (uint32_t)summary->realised;
    pass->has_realisation = summary->realised > 0;
    if (pass->has_realisation)
        pass->realisation =
            progress_weighted(summary->realisations, summary->weights, summary->realised);
    pass->progress_of = (uint32_t)summary->ways;
    pass->has_progress = summary->ways > 0;
    if (pass->has_progress)
        pass->progress = trend_median(summary->progress, summary->ways);
}

enum status pull_summary(const struct pull *pull, Zhibao__IndicatorResult **rows, size_t count,
                         Zhibao__Pulled *reply)
{
    struct arena *arena = pull->query->arena;
    size_t room = pull->plan->target_count + 1;
    struct summary summary = {
        .realisations = arena_array(arena, room, sizeof *summary.realisations),
        .weights = arena_array(arena, room, sizeof *summary.weights),
        .progress = arena_array(arena, room, sizeof *summary.progress),
    };
    reply->pass = (Zhibao__PassRate *)reply_new(arena, &zhibao__pass_rate__descriptor);
    if (reply->pass == NULL || summary.realisations == NULL || summary.weights == NULL ||
        summary.progress == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < pull->plan->target_count; i++)
        summary.weighted = summary.weighted || pull->plan->targets[i].weight != 1;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < rows[i]->n_targets; k++)
            if (rows[i]->targets[k]->decides)
                target_count(&summary, rows[i]->targets[k],
                             verdict(rows, count, i, rows[i]->targets[k]));
    reply_fill(&summary, reply->pass);
    return STATUS_OK;
}
