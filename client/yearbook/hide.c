/* Which gaps between parts may be printed beside what is published.
 *
 * The server settles what may be published of every figure that a target or a printed base names
 * (server/query/publish.h). Boys and girls, ages, town and country are mostly not among them: they
 * are printed only where they tell nothing more than is safe by themselves. Of figures that count
 * children or cases this asks that
 *  - the place is the plan's own: with the same of the places below, a sum would tell a small one;
 *  - nothing of the indicators that are bound to this one is left out of the year's publication,
 * nor, for town and country, any place just below;
 *  - both parts, what they do not count, and what is left of the whole are 0 or at least 5;
 *  - so are the differences from figures of bound indicators in the same part. */
#include <math.h>
#include <string.h>

#include "assess/suppress.h"
#include "plan/stratum.h"
#include "yearbook/book.h"

static bool is_sensitive(const struct plan *plan, const struct indicator *indicator)
{
    for (size_t i = 0; i < indicator->numerator.count; i++) {
        const char *unit = plan->elements[indicator->numerator.terms[i].element].unit;
        if (strcmp(unit, "person") == 0 || strcmp(unit, "case") == 0)
            return true;
    }
    return false;
}

static bool is_safe(double count)
{
    return fabs(count) < 0.5 || count >= SUPPRESS_BELOW;
}

static bool shares_element(const struct indicator *left, const struct indicator *right)
{
    for (size_t i = 0; i < left->numerator.count; i++)
        for (size_t k = 0; k < right->numerator.count; k++)
            if (left->numerator.terms[i].element == right->numerator.terms[k].element)
                return true;
    return false;
}

/* Whether one tells of the other: counted from the same element, or one within the other; also by
 * way of one that lies between. */
static bool is_bound(const struct plan *plan, size_t left, size_t right)
{
    if (left == right || plan_is_within(plan, left, right) || plan_is_within(plan, right, left) ||
        shares_element(&plan->indicators[left], &plan->indicators[right]))
        return true;
    for (size_t i = 0; i < plan->indicator_count; i++)
        if (i != left && i != right &&
            (plan_is_within(plan, left, i) || plan_is_within(plan, i, left)) &&
            (plan_is_within(plan, right, i) || plan_is_within(plan, i, right)))
            return true;
    return false;
}

static bool bound_is_hidden(const struct book *book, size_t index)
{
    const struct pulled *pulled = book->published[book->year_count - 1];
    for (size_t page = 0; page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *row = pulled->pages[page]->indicators[i];
            size_t other = plan_indicator(book->plan, row->indicator);
            if (row->suppressed && other != PLAN_NONE && is_bound(book->plan, index, other))
                return true;
        }
    return false;
}

static bool area_is_hidden(const struct book *book, size_t index)
{
    for (size_t i = 0; i < book->area_count; i++) {
        size_t other = plan_indicator(book->plan, book->areas[i]->indicator);
        if (other == PLAN_NONE || !is_bound(book->plan, index, other))
            continue;
        for (size_t k = 0; k < book->areas[i]->n_areas; k++)
            if (book->areas[i]->areas[k]->suppressed)
                return true;
    }
    return false;
}

/* What is counted, and what is not; of a ratio between two groups both groups. */
static bool part_is_safe(const Zhibao__IndicatorResult *part)
{
    double rest = part->denominator - part->numerator;
    return is_safe(part->numerator) && is_safe(rest < 0 ? part->denominator : rest);
}

/* Both parts, and what the whole has besides them. */
static bool counts_are_safe(const Zhibao__IndicatorResult *whole,
                            const Zhibao__IndicatorResult *first,
                            const Zhibao__IndicatorResult *second)
{
    if (first == NULL || second == NULL || !whole->has_fraction || !first->has_fraction ||
        !second->has_fraction)
        return false;
    double left = whole->numerator - first->numerator - second->numerator;
    double rest = whole->denominator - first->denominator - second->denominator - left;
    return part_is_safe(first) && part_is_safe(second) && (left < 0 || is_safe(left)) &&
           (rest < 0 || is_safe(rest));
}

/* Against every figure of a bound indicator in the same part. */
static bool differences_are_safe(const struct book *book, size_t index,
                                 const Zhibao__IndicatorResult *part)
{
    for (size_t page = 0; page < book->exact->count; page++)
        for (size_t i = 0; i < book->exact->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *row = book->exact->pages[page]->indicators[i];
            size_t other = plan_indicator(book->plan, row->indicator);
            if (other == PLAN_NONE || other == index || !row->has_fraction ||
                !stratum_equal(row->stratum, part->stratum) || !is_bound(book->plan, index, other))
                continue;
            if (!is_safe(fabs(row->numerator - part->numerator)))
                return false;
        }
    return true;
}

bool book_gap_printable(const struct book *book, const Zhibao__IndicatorResult *whole,
                        const Zhibao__Gap *gap)
{
    size_t index = plan_indicator(book->plan, whole->indicator);
    if (index == PLAN_NONE)
        return false;
    if (!is_sensitive(book->plan, &book->plan->indicators[index]))
        return true;
    const Zhibao__IndicatorResult *first = book_exact(book, whole->indicator, gap->first);
    const Zhibao__IndicatorResult *second = book_exact(book, whole->indicator, gap->second);
    bool area = strncmp(gap->first, "area=", 5) == 0;
    return book->place == book->plan->place && !bound_is_hidden(book, index) &&
           !(area && area_is_hidden(book, index)) && counts_are_safe(whole, first, second) &&
           differences_are_safe(book, index, first) && differences_are_safe(book, index, second);
}
