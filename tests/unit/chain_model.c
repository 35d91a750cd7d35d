#include "chain_model.h"

#include <string.h>

void model_init(struct model *model)
{
    memset(model, 0, sizeof *model);
}

static bool is_void(const struct model_report *report)
{
    return (report->checked && report->bad) || report->said == SAID_WITHDRAWN;
}

bool model_counts(const struct model *model, size_t village, size_t index)
{
    const struct model_report *reports = model->reports[village];
    if (reports[index].said != SAID_ACCEPTED)
        return false;
    for (size_t later = index + 1; later < model->revisions[village]; later++)
        if (reports[later].said == SAID_ACCEPTED)
            return false;
    return true;
}

/* The latest total that is neither withdrawn nor, with `said`, anything but that; -1: none. */
static int latest(const struct model *model, bool returned_too, bool accepted_only)
{
    for (int i = (int)model->totals - 1; i >= 0; i--) {
        enum said said = model->confirmations[i].said;
        if (said == SAID_WITHDRAWN || (!returned_too && said == SAID_RETURNED) ||
            (accepted_only && said != SAID_ACCEPTED))
            continue;
        return i;
    }
    return -1;
}

static bool names(const struct model *model, int total, size_t village, size_t index)
{
    return total >= 0 && model->confirmations[total].named[village] == (int)index;
}

const char *model_state(const struct model *model, size_t village, size_t index)
{
    const struct model_report *report = &model->reports[village][index];
    if (report->checked && report->bad)
        return "bad_signature";
    if (report->said == SAID_WITHDRAWN)
        return "withdrawn";
    for (size_t later = index + 1; later < model->revisions[village]; later++)
        if (!is_void(&model->reports[village][later]))
            return "superseded";
    switch (report->said) {
    case SAID_RETURNED: return "returned";
    case SAID_OBJECTED: return "objected";
    case SAID_ACCEPTED:
        if (model->locked)
            return "locked";
        if (names(model, latest(model, true, true), village, index))
            return "final";
        return names(model, latest(model, false, false), village, index) ? "confirmed" : "accepted";
    default: return report->checked ? "checked" : "stored";
    }
}

const char *model_total_state(const struct model *model, size_t index)
{
    const struct model_total *total = &model->confirmations[index];
    if (total->said == SAID_WITHDRAWN)
        return "withdrawn";
    if (latest(model, true, false) != (int)index)
        return "superseded";
    if (total->said == SAID_ACCEPTED && model->locked)
        return "locked";
    if (total->reopened)
        return "reopened";
    return total->said == SAID_ACCEPTED   ? "final"
           : total->said == SAID_RETURNED ? "returned"
                                          : "confirmed";
}

/* The newest total stands no longer if `cause`. */
static struct model_total *newest_total(struct model *model)
{
    int newest = latest(model, true, false);
    return newest < 0 ? NULL : &model->confirmations[newest];
}

enum status model_report(struct model *model, size_t village, size_t revision, bool entered,
                         size_t record)
{
    if (model->locked)
        return STATUS_E_PERIOD_LOCKED;
    if (revision != model->revisions[village] + 1)
        return STATUS_E_REVISION;
    model->reports[village][model->revisions[village]++] =
        (struct model_report){.record = record, .entered = entered};
    struct model_total *total = newest_total(model);
    if (total != NULL && total->named[village] >= 0)
        total->reopened = true;
    return STATUS_OK;
}

static bool one_of(const char *state, const char *states)
{
    size_t length = strlen(state);
    for (const char *at = states; (at = strstr(at, state)) != NULL; at += length)
        if ((at == states || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

/* From which states this actor may do this; NULL: never. */
static const char *allowed_report(enum who who, enum said verdict, bool entered)
{
    if (verdict == SAID_ACCEPTED)
        return who == WHO_TOWNSHIP ? "checked returned" : NULL;
    if (verdict == SAID_RETURNED)
        return who == WHO_TOWNSHIP     ? "checked accepted confirmed"
               : who == WHO_STATISTICS ? "accepted confirmed final"
                                       : NULL;
    if (who != WHO_VILLAGE)
        return NULL;
    if (verdict == SAID_WITHDRAWN)
        return entered ? NULL : "stored checked returned";
    return entered ? "checked returned accepted confirmed final" : NULL;
}

/* A total is its township's. */
static const char *allowed_total(enum who who, enum said verdict)
{
    if (verdict == SAID_ACCEPTED)
        return who == WHO_STATISTICS ? "confirmed returned" : NULL;
    if (verdict == SAID_RETURNED)
        return who == WHO_STATISTICS ? "confirmed final" : NULL;
    return verdict == SAID_WITHDRAWN && who == WHO_TOWNSHIP ? "confirmed returned" : NULL;
}

static enum status refusal(const char *state, bool locked)
{
    if (strcmp(state, "superseded") == 0)
        return STATUS_E_SUBJECT_REVISION;
    if (locked)
        return STATUS_E_PERIOD_LOCKED;
    if (strcmp(state, "stored") == 0)
        return STATUS_E_NOT_CHECKED;
    return strcmp(state, "reopened") == 0 ? STATUS_E_STALE : STATUS_E_SUBJECT_STATE;
}

enum status model_review(struct model *model, int village, size_t index, enum who who,
                         enum said verdict, bool reason)
{
    bool of_total = village < 0;
    size_t at = of_total ? 0 : (size_t)village;
    bool by_author = verdict == SAID_WITHDRAWN || verdict == SAID_OBJECTED;
    bool reviews = who == WHO_TOWNSHIP || who == WHO_STATISTICS || who == WHO_NEIGHBOUR;
    if (by_author ? who != (of_total ? WHO_TOWNSHIP : WHO_VILLAGE) : !reviews)
        return STATUS_E_FORBIDDEN;
    if (verdict != SAID_ACCEPTED && !reason)
        return STATUS_E_REASON;
    const char *state = of_total ? model_total_state(model, index) : model_state(model, at, index);
    const char *from = of_total ? allowed_total(who, verdict)
                                : allowed_report(who, verdict, model->reports[at][index].entered);
    if (from == NULL)
        return STATUS_E_FORBIDDEN;
    if (model->locked || !one_of(state, from))
        return refusal(state, model->locked);
    if (of_total) {
        model->confirmations[index].said = verdict;
        return STATUS_OK;
    }
    model->reports[at][index].said = verdict;
    struct model_total *total = newest_total(model);
    bool named = total != NULL && total->named[at] == (int)index;
    if (total != NULL && verdict != SAID_WITHDRAWN && named == (verdict != SAID_ACCEPTED))
        total->reopened = true;
    return STATUS_OK;
}

enum status model_confirm(struct model *model, bool stale, size_t record)
{
    struct model_total made = {.record = record};
    size_t count = 0;
    for (size_t village = 0; village < MODEL_VILLAGES; village++) {
        made.named[village] = -1;
        for (size_t i = 0; i < model->revisions[village]; i++)
            if (model_counts(model, village, i))
                made.named[village] = (int)i;
        count += made.named[village] >= 0;
    }
    if (model->locked)
        return STATUS_E_PERIOD_LOCKED;
    if (stale && count > 0)
        return STATUS_E_STALE;
    model->confirmations[model->totals++] = made;
    return STATUS_OK;
}

enum status model_lock(struct model *model, bool unlock)
{
    if (model->locked != unlock)
        return STATUS_E_SUBJECT_STATE;
    model->locked = !unlock;
    return STATUS_OK;
}

void model_check(struct model *model, int bad_village, size_t index)
{
    for (size_t village = 0; village < MODEL_VILLAGES; village++)
        for (size_t i = 0; i < model->revisions[village]; i++)
            model->reports[village][i].checked = true;
    if (bad_village >= 0)
        model->reports[bad_village][index].bad = true;
}
