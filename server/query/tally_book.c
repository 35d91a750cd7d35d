#include "server/query/tally_book.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A group's part of one form. */
struct bucket {
    uint64_t group;
    enum area area;
    uint32_t expected, accepted;
    bool demonstration;  /* one of its reports is */
    struct tally *cells; /* parallel to the form's cells; NULL until the first report */
};

struct page {
    size_t count, sorted, room; /* the first `sorted` buckets ascend by group and area */
    struct bucket *buckets;
    bool *demonstration; /* parallel to the form's cells */
};

struct tally_book {
    const struct plan *plan;
    struct arena *arena;
    struct page *pages; /* parallel to plan->forms */
};

/* Where a unit's figures of a form go: each place for itself, so that numerators meet their own
 * denominators and the worst village shows. */
static void group_of(const struct form *form, uint64_t unit, uint64_t *out_group,
                     enum area *out_area)
{
    uint64_t place = unit_place(unit);
    *out_area = AREA_NONE;
    *out_group = place;
    if (strcmp(form->reporter, "village") == 0)
        *out_area = place_is_urban(place)   ? AREA_URBAN
                    : place_is_rural(place) ? AREA_RURAL
                                            : AREA_NONE;
}

static int bucket_compare(const struct bucket *left, const struct bucket *right)
{
    if (left->group != right->group)
        return left->group < right->group ? -1 : 1;
    return (left->area > right->area) - (left->area < right->area);
}

static struct bucket *bucket_append(struct page *page, struct arena *arena, uint64_t group,
                                    enum area area)
{
    if (page->count == page->room) {
        size_t room = page->room == 0 ? 16 : page->room * 2;
        struct bucket *grown = arena_array(arena, room, sizeof *grown);
        if (grown == NULL)
            return NULL;
        if (page->count > 0)
            memcpy(grown, page->buckets, page->count * sizeof *grown);
        page->buckets = grown;
        page->room = room;
    }
    struct bucket *bucket = &page->buckets[page->count++];
    *bucket = (struct bucket){.group = group, .area = area};
    return bucket;
}

static int bucket_order(const void *left, const void *right)
{
    return bucket_compare(left, right);
}

/* The bucket, made if it is not there. Units outside the plan's list (a village that has merged)
 * are few and behind the sorted part. */
static struct bucket *bucket_find(struct tally_book *book, size_t form, uint64_t group,
                                  enum area area)
{
    struct page *page = &book->pages[form];
    struct bucket key = {.group = group, .area = area};
    struct bucket *bucket =
        page->sorted == 0 ? NULL
                          : bsearch(&key, page->buckets, page->sorted, sizeof key, bucket_order);
    for (size_t i = page->sorted; bucket == NULL && i < page->count; i++)
        if (bucket_compare(&page->buckets[i], &key) == 0)
            bucket = &page->buckets[i];
    return bucket != NULL ? bucket : bucket_append(page, book->arena, group, area);
}

/* Counts a unit that owes the form. Units come ascending, so its bucket is the last or new, but
 * for villages whose numbers mix urban and rural. */
static enum status expect(struct tally_book *book, size_t form, uint64_t unit)
{
    struct page *page = &book->pages[form];
    struct bucket key = {0};
    group_of(&book->plan->forms[form], unit, &key.group, &key.area);
    for (size_t i = page->count; i > 0 && page->buckets[i - 1].group == key.group; i--)
        if (page->buckets[i - 1].area == key.area) {
            page->buckets[i - 1].expected++;
            return STATUS_OK;
        }
    struct bucket *bucket = bucket_append(page, book->arena, key.group, key.area);
    if (bucket == NULL)
        return STATUS_NO_MEMORY;
    bucket->expected = 1;
    return STATUS_OK;
}

/* Whom the book expects to report: all of the plan's, or those of one year. */
struct expected {
    uint64_t place;
    const struct place_history *history;
    int year; /* 0: whenever */
    bool alone;
};

static bool owes(const struct plan *plan, const struct unit *unit, const struct form *form,
                 const struct expected *expected)
{
    return expected->year == 0
               ? plan_unit_owes(plan, unit, form)
               : plan_unit_owes_in(plan, unit, form, expected->history, expected->year);
}

static enum status units_expect(struct tally_book *book, const struct expected *expected)
{
    const struct plan *plan = book->plan;
    for (size_t i = 0; i < plan->unit_count; i++) {
        const struct unit *unit = &plan->units[i];
        uint64_t place = unit_place(unit->id);
        if (expected->alone ? place != expected->place : !place_contains(expected->place, place))
            continue;
        for (size_t form = 0; form < plan->form_count; form++)
            if (owes(plan, unit, &plan->forms[form], expected) &&
                expect(book, form, unit->id) != STATUS_OK)
                return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

static enum status book_create(const struct plan *plan, const struct expected *expected,
                               struct arena *arena, struct tally_book **out_book)
{
    struct tally_book *book = arena_alloc(arena, sizeof *book);
    if (book == NULL)
        return STATUS_NO_MEMORY;
    book->plan = plan;
    book->arena = arena;
    book->pages = arena_array(arena, plan->form_count, sizeof *book->pages);
    if (book->pages == NULL)
        return STATUS_NO_MEMORY;
    enum status status = units_expect(book, expected);
    for (size_t form = 0; form < plan->form_count && status == STATUS_OK; form++) {
        struct page *page = &book->pages[form];
        page->demonstration = arena_array(arena, plan->forms[form].cell_count, sizeof(bool));
        page->sorted = page->count;
        if (page->demonstration == NULL)
            status = STATUS_NO_MEMORY;
        else if (page->count > 1)
            qsort(page->buckets, page->count, sizeof *page->buckets, bucket_order);
    }
    if (status == STATUS_OK)
        *out_book = book;
    return status;
}

enum status tally_book_create(const struct plan *plan, uint64_t place, struct arena *arena,
                              struct tally_book **out_book)
{
    struct expected expected = {.place = place};
    return book_create(plan, &expected, arena, out_book);
}

enum status tally_book_create_in(const struct plan *plan, const struct place_history *history,
                                 int year, uint64_t place, bool alone, struct arena *arena,
                                 struct tally_book **out_book)
{
    struct expected expected = {place, history, year, alone};
    return book_create(plan, &expected, arena, out_book);
}

enum status tally_book_open(struct tally_book *book, size_t form, uint64_t unit, bool demonstration,
                            struct tally_entry *out_entry)
{
    const struct form *shape = &book->plan->forms[form];
    uint64_t group = 0;
    enum area area = AREA_NONE;
    group_of(shape, unit, &group, &area);
    struct bucket *bucket = bucket_find(book, form, group, area);
    if (bucket == NULL)
        return STATUS_NO_MEMORY;
    if (bucket->cells == NULL) {
        bucket->cells = arena_array(book->arena, shape->cell_count, sizeof *bucket->cells);
        if (bucket->cells == NULL)
            return STATUS_NO_MEMORY;
        for (size_t i = 0; i < shape->cell_count; i++)
            bucket->cells[i] = (struct tally){
                .group = group, .area = area, .form = form, .cell = shape->cells[i].number};
    }
    bucket->accepted++;
    bucket->demonstration = bucket->demonstration || demonstration;
    *out_entry = (struct tally_entry){.cells = bucket->cells,
                                      .demonstration = book->pages[form].demonstration,
                                      .form = shape,
                                      .is_demonstration = demonstration};
    return STATUS_OK;
}

void tally_entry_add(const struct tally_entry *entry, const struct cell *cell,
                     enum presence presence, double value)
{
    size_t index = (size_t)(cell - entry->form->cells);
    struct tally *tally = &entry->cells[index];
    switch (presence) {
    case PRESENCE_VALUE:
        tally->sum += value;
        tally->units++;
        if (entry->is_demonstration)
            entry->demonstration[index] = tally->demonstration = true;
        return;
    case PRESENCE_NOT_APPLICABLE: tally->not_applicable++; return;
    case PRESENCE_NOT_COLLECTED: tally->not_collected++; return;
    case PRESENCE_NOT_REPORTED: return; /* as if not listed: tally_book_close counts the rest */
    }
}

void tally_entry_reporters(const struct tally_entry *entry, const struct cell *cell,
                           uint32_t reporters)
{
    if (reporters > 1)
        entry->cells[cell - entry->form->cells].more += reporters - 1;
}

/* By form, then cell, then group, as consolidate wants its input. */
static size_t tallies_flatten(const struct tally_book *book, struct tally *out_tallies)
{
    size_t count = 0;
    for (size_t form = 0; form < book->plan->form_count; form++) {
        const struct page *page = &book->pages[form];
        for (size_t cell = 0; cell < book->plan->forms[form].cell_count; cell++)
            for (size_t i = 0; i < page->count; i++) {
                const struct bucket *bucket = &page->buckets[i];
                if (bucket->cells == NULL)
                    continue;
                struct tally tally = bucket->cells[cell];
                tally.not_reported =
                    bucket->accepted - tally.units - tally.not_applicable - tally.not_collected;
                out_tallies[count++] = tally;
            }
    }
    return count;
}

enum status tally_book_close(struct tally_book *book, struct consolidation_input *out_input)
{
    const struct plan *plan = book->plan;
    size_t tallies = 0;
    size_t expectations = 0;
    for (size_t form = 0; form < plan->form_count; form++) {
        tallies += book->pages[form].count * plan->forms[form].cell_count;
        expectations += book->pages[form].count;
    }
    struct tally *tally = arena_array(book->arena, tallies, sizeof *tally);
    struct expectation *expectation = arena_array(book->arena, expectations, sizeof *expectation);
    if (tally == NULL || expectation == NULL)
        return STATUS_NO_MEMORY;
    struct consolidation_input input = {
        .plan = plan, .tallies = tally, .expectations = expectation, .sorted = true};
    input.tally_count = tallies_flatten(book, tally);
    for (size_t form = 0; form < plan->form_count; form++)
        for (size_t i = 0; i < book->pages[form].count; i++) {
            const struct bucket *bucket = &book->pages[form].buckets[i];
            expectation[input.expectation_count++] =
                (struct expectation){.group = bucket->group,
                                     .area = bucket->area,
                                     .form = form,
                                     .expected = bucket->expected,
                                     .accepted = bucket->accepted,
                                     .demonstration = bucket->demonstration};
        }
    *out_input = input;
    return STATUS_OK;
}

bool tally_book_demonstration(const struct tally_book *book, size_t element)
{
    for (size_t form = 0; form < book->plan->form_count; form++)
        for (size_t i = 0; i < book->plan->forms[form].cell_count; i++)
            if (book->plan->forms[form].cells[i].element == element &&
                book->pages[form].demonstration[i])
                return true;
    return false;
}

void tally_book_sums(const struct tally_book *book, size_t form, size_t element,
                     struct place_weight *out_sums, size_t *out_count)
{
    const struct page *page = &book->pages[form];
    const struct form *shape = &book->plan->forms[form];
    size_t count = 0;
    for (size_t i = 0; i < page->sorted; i++) {
        const struct bucket *bucket = &page->buckets[i];
        struct place_weight sum = {bucket->group, NAN};
        for (size_t k = 0; bucket->cells != NULL && k < shape->cell_count; k++)
            if (shape->cells[k].element == element && bucket->cells[k].units > 0)
                sum.weight = (isnan(sum.weight) ? 0 : sum.weight) + bucket->cells[k].sum;
        out_sums[count++] = sum;
    }
    *out_count = count;
}

uint32_t tally_book_expected(const struct tally_book *book, size_t form)
{
    uint32_t expected = 0;
    for (size_t i = 0; i < book->pages[form].count; i++)
        expected += book->pages[form].buckets[i].expected;
    return expected;
}
