#include "stats/gather.h"

#include <stdlib.h>
#include <string.h>

enum { WANTED_MAX = 512, FILTER_BYTES = 256 };

/* One cell of one form that a term needs. */
struct wanted {
    size_t form;
    uint32_t cell;
    enum area area; /* AREA_NONE: of any */
    uint8_t side, term;
};

struct search {
    const struct consolidation_input *input;
    const struct indicator *indicator;
    const char *stratum;
    struct gathering *gathering;
    size_t room; /* of gathering->hits */
    size_t wanted_count;
    struct wanted wanted[WANTED_MAX];
    enum area area[SIDES]; /* which expectations count; AREA_NONE: all */
};

static bool form_has(const struct form *form, size_t element)
{
    for (size_t i = 0; i < form->cell_count; i++)
        if (form->cells[i].element == element)
            return true;
    return false;
}

/* The form to read an element from: the owner's if it has it, else the first that has it. */
static size_t form_of(const struct plan *plan, const struct indicator *indicator, size_t element)
{
    size_t first = PLAN_NONE;
    for (size_t i = 0; i < plan->form_count; i++) {
        if (plan->forms[i].idle || !form_has(&plan->forms[i], element))
            continue;
        if (strcmp(plan->forms[i].reporter, indicator->owner) == 0)
            return i;
        if (first == PLAN_NONE)
            first = i;
    }
    return first;
}

static void note_form(struct gathering *gathering, enum side side, size_t form)
{
    for (size_t i = 0; i < gathering->form_count[side]; i++)
        if (gathering->forms[side][i] == form)
            return;
    if (gathering->form_count[side] < GATHER_FORMS_MAX)
        gathering->forms[side][gathering->form_count[side]++] = form;
}

/* What the "area=" tags of a filter ask of a village: AREA_NONE without such a tag; false when
 * none can satisfy them. */
static bool find_area(const char *filter, enum area *out_area)
{
    enum area found = AREA_NONE;
    for (const char *tag = filter; *tag != '\0'; tag += *tag == ';') {
        size_t length = strcspn(tag, ";");
        enum area area = AREA_NONE;
        if (length == strlen("area=urban") && memcmp(tag, "area=urban", length) == 0)
            area = AREA_URBAN;
        else if (length == strlen("area=rural") && memcmp(tag, "area=rural", length) == 0)
            area = AREA_RURAL;
        else if (strncmp(tag, "area=", strlen("area=")) == 0)
            return false;
        if (area != AREA_NONE && found != AREA_NONE && area != found)
            return false;
        if (area != AREA_NONE)
            found = area;
        tag += length;
    }
    *out_area = found;
    return true;
}

/* Notes the cells of one term. */
static void want_term(struct search *search, enum side side, uint8_t number,
                      const struct term *term)
{
    const struct plan *plan = search->input->plan;
    char all[FILTER_BYTES], filter[FILTER_BYTES];
    size_t index = form_of(plan, search->indicator, term->element);
    if (index == PLAN_NONE || !stratum_join(term->stratum, search->stratum, NULL, all, sizeof all))
        return;
    const struct form *form = &plan->forms[index];
    struct wanted wanted = {.form = index, .side = (uint8_t)side, .term = number};
    bool village = strcmp(form->reporter, "village") == 0;
    if ((village && !find_area(all, &wanted.area)) ||
        !stratum_join(all, "", village ? "area" : NULL, filter, sizeof filter))
        return;
    struct cell_choice choice = form_choose(form, term->element, filter);
    for (size_t i = 0; i < form->cell_count && search->wanted_count < WANTED_MAX; i++) {
        if (!cell_chosen(&choice, &form->cells[i]))
            continue;
        wanted.cell = form->cells[i].number;
        search->wanted[search->wanted_count++] = wanted;
        search->area[side] = wanted.area;
        note_form(search->gathering, side, index);
    }
}

static void want(struct search *search)
{
    const struct expression *expressions[] = {&search->indicator->numerator,
                                              &search->indicator->denominator};
    for (enum side side = SIDE_NUMERATOR; side < SIDES; side++)
        for (size_t i = 0; i < expressions[side]->count && i < GATHER_TERMS_MAX; i++)
            want_term(search, side, (uint8_t)i, &expressions[side]->terms[i]);
}

static enum status add_hit(struct search *search, const struct hit *hit)
{
    struct gathering *gathering = search->gathering;
    if (gathering->count == search->room) {
        size_t room = search->room == 0 ? 64 : search->room * 2;
        struct hit *grown = reallocarray(gathering->hits, room, sizeof *grown);
        if (grown == NULL)
            return STATUS_NO_MEMORY;
        gathering->hits = grown;
        search->room = room;
    }
    gathering->hits[gathering->count++] = *hit;
    return STATUS_OK;
}

static enum status take_tally(struct search *search, const struct tally *tally)
{
    for (size_t i = 0; i < search->wanted_count; i++) {
        const struct wanted *wanted = &search->wanted[i];
        if (wanted->cell != tally->cell || wanted->form != tally->form ||
            (wanted->area != AREA_NONE && wanted->area != tally->area))
            continue;
        struct hit hit = {.group = tally->group,
                          .area = tally->area,
                          .side = wanted->side,
                          .term = wanted->term,
                          .tally = tally};
        if (add_hit(search, &hit) != STATUS_OK)
            return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

/* First tally at or behind (form, cell) in an input sorted by them. */
static size_t lower_bound(const struct consolidation_input *input, size_t form, uint32_t cell)
{
    size_t first = 0, end = input->tally_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        const struct tally *tally = &input->tallies[middle];
        if (tally->form < form || (tally->form == form && tally->cell < cell))
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

/* Whether an earlier entry of `wanted` names the same cell: its tallies were taken then. */
static bool wanted_before(const struct search *search, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (search->wanted[i].form == search->wanted[at].form &&
            search->wanted[i].cell == search->wanted[at].cell)
            return true;
    return false;
}

static enum status take_tallies(struct search *search)
{
    const struct consolidation_input *input = search->input;
    enum status status = STATUS_OK;
    if (!input->sorted) {
        for (size_t i = 0; i < input->tally_count && status == STATUS_OK; i++)
            status = take_tally(search, &input->tallies[i]);
        return status;
    }
    for (size_t k = 0; k < search->wanted_count; k++) {
        const struct wanted *wanted = &search->wanted[k];
        if (wanted_before(search, k))
            continue;
        for (size_t i = lower_bound(input, wanted->form, wanted->cell);
             i < input->tally_count && input->tallies[i].form == wanted->form &&
             input->tallies[i].cell == wanted->cell && status == STATUS_OK;
             i++)
            status = take_tally(search, &input->tallies[i]);
    }
    return status;
}

static enum status take_expectations(struct search *search)
{
    const struct gathering *gathering = search->gathering;
    for (size_t i = 0; i < search->input->expectation_count; i++) {
        const struct expectation *expectation = &search->input->expectations[i];
        for (enum side side = SIDE_NUMERATOR; side < SIDES; side++) {
            if (search->area[side] != AREA_NONE && search->area[side] != expectation->area)
                continue;
            for (size_t k = 0; k < gathering->form_count[side]; k++) {
                struct hit hit = {.group = expectation->group,
                                  .area = expectation->area,
                                  .side = (uint8_t)side,
                                  .expected = expectation->expected};
                if (gathering->forms[side][k] == expectation->form &&
                    add_hit(search, &hit) != STATUS_OK)
                    return STATUS_NO_MEMORY;
            }
        }
    }
    return STATUS_OK;
}

static int compare_hits(const void *left, const void *right)
{
    const struct hit *a = left, *b = right;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    return a->area < b->area ? -1 : a->area > b->area;
}

enum status gather(const struct consolidation_input *input, const struct indicator *indicator,
                   const char *stratum, struct gathering *out_gathering)
{
    struct gathering gathering = {0};
    struct search search = {
        .input = input, .indicator = indicator, .stratum = stratum, .gathering = &gathering};
    want(&search);
    enum status status = take_tallies(&search);
    if (status == STATUS_OK)
        status = take_expectations(&search);
    if (status != STATUS_OK) {
        gathering_clear(&gathering);
        return status;
    }
    if (gathering.count > 0)
        qsort(gathering.hits, gathering.count, sizeof *gathering.hits, compare_hits);
    *out_gathering = gathering;
    return STATUS_OK;
}

void gathering_clear(struct gathering *gathering)
{
    free(gathering->hits);
    *gathering = (struct gathering){0};
}
