#include <string.h>

#include "plan/stratum.h"
#include "yearbook/book.h"

static const Zhibao__IndicatorResult *find(const struct pulled *pulled, const char *indicator,
                                           const char *stratum)
{
    for (size_t page = 0; pulled != NULL && page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *row = pulled->pages[page]->indicators[i];
            if (strcmp(row->indicator, indicator) == 0 && stratum_equal(row->stratum, stratum))
                return row;
        }
    return NULL;
}

const Zhibao__IndicatorResult *book_figure(const struct book *book, size_t year_index,
                                           const char *indicator, const char *stratum)
{
    return find(book->published[year_index], indicator, stratum);
}

const Zhibao__IndicatorResult *book_exact(const struct book *book, const char *indicator,
                                          const char *stratum)
{
    return find(book->exact, indicator, stratum);
}

bool book_silent(const struct book *book, const char *indicator, const char *stratum)
{
    if (book_figure(book, book->year_count - 1, indicator, stratum) == NULL)
        return true;
    for (size_t i = 0; i < book->year_count; i++) {
        const Zhibao__IndicatorResult *row = book_figure(book, i, indicator, stratum);
        if (row != NULL && row->suppressed)
            return true;
    }
    return false;
}

static const struct target *target_find(const struct plan *plan, const char *code)
{
    for (size_t i = 0; i < plan->target_count; i++)
        if (strcmp(plan->targets[i].code, code) == 0)
            return &plan->targets[i];
    return NULL;
}

bool book_base(const struct book *book, const char *indicator, const char *stratum,
               const char *target, int *out_year, const char **out_text)
{
    const struct plan *plan = book->plan;
    const struct target *asked = target_find(plan, target);
    size_t index = plan_indicator(plan, indicator);
    const struct fact *latest = NULL;
    if (book->place != plan->place)
        return false;
    if (asked != NULL && asked->has_base_value) {
        *out_year = asked->has_base_year ? asked->base_year : 0;
        *out_text = asked->base_value_text;
        return true;
    }
    for (size_t i = 0; i < plan->fact_count; i++) {
        const struct fact *fact = &plan->facts[i];
        if (fact->indicator == index && fact->year < plan->first_year &&
            stratum_equal(fact->stratum, stratum) && (latest == NULL || fact->year > latest->year))
            latest = fact;
    }
    if (latest == NULL || index == PLAN_NONE)
        return false;
    *out_year = latest->year;
    *out_text = latest->value_text;
    return true;
}
