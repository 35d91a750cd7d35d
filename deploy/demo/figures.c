#include "demo/figures.h"

#include <stdlib.h>
#include <string.h>

#include "demo/draw.h"
#include "plan/stratum.h"

enum { DEPTH_MAX = 16, HUNDRED_PERCENT = 100 * RULE_SCALE };

struct demo {
    const struct plan *plan;
    const struct demo_model *model;
    uint64_t seed;
    bool has_people; /* of this place and year */
    uint64_t place;
    int year;
    struct people people;
};

/* The figure being made. */
struct asked {
    struct demo *demo;
    uint64_t unit, place, district;
    enum rule_area area;
    int year;
    int depth;
};

static struct figure evaluate(const struct asked *from, size_t element, const char *stratum);

enum status demo_create(const struct plan *plan, const struct demo_model *model, uint64_t seed,
                        struct demo **out_demo)
{
    struct demo *demo = calloc(1, sizeof *demo);
    if (demo == NULL)
        return STATUS_NO_MEMORY;
    demo->plan = plan;
    demo->model = model;
    demo->seed = seed;
    *out_demo = demo;
    return STATUS_OK;
}

void demo_destroy(struct demo **demo)
{
    free(*demo);
    *demo = NULL;
}

static const struct people *people_here(const struct asked *asked)
{
    struct demo *demo = asked->demo;
    if (!demo->has_people || demo->place != asked->place || demo->year != asked->year) {
        people_of_place(demo->seed, demo->plan, asked->place, asked->year, &demo->people);
        demo->has_people = true;
        demo->place = asked->place;
        demo->year = asked->year;
    }
    return &demo->people;
}

static struct figure present(int64_t value)
{
    return (struct figure){PRESENCE_VALUE, value};
}

static struct figure absent(enum presence presence)
{
    return (struct figure){presence, 0};
}

/* The name of a draw for this unit's element; `yearly` draws anew each year. */
static struct draw_name named(const struct asked *asked, const char *purpose,
                              const struct demo_rule *rule, const char *stratum, bool yearly)
{
    return (struct draw_name){purpose, asked->demo->plan->elements[rule->element].code, stratum,
                              asked->unit, yearly ? asked->year : 0};
}

/* One unit in each district is weak in whatever a rule marks so. */
static bool is_weak(const struct asked *asked, const struct demo_rule *rule)
{
    const struct plan *plan = asked->demo->plan;
    const char *code = plan->elements[rule->element].code;
    struct draw_name name = {"weak", code, "", asked->district, 0};
    int64_t peers = 0, rank = 0;
    for (size_t i = 0; i < plan->place_count; i++) {
        if (plan->places[i].level != place_level(asked->place) ||
            !place_contains(asked->district, plan->places[i].code))
            continue;
        peers++;
        rank += plan->places[i].code < asked->place;
    }
    return peers > 0 && draw_below(asked->demo->seed, &name, peers) == rank;
}

/* The rule's level for this unit and year: on its way from 2020 to 2025, with the lasting
 * differences of district and unit (but for a district's printed figure), and the year's noise. Of
 * shares above a half the complement differs, so that high rates differ little. */
static int64_t level_here(const struct asked *asked, const struct demo_rule *rule,
                          const char *stratum)
{
    uint64_t seed = asked->demo->seed;
    int64_t level =
        rule->level_2020 + (rule->level_2025 - rule->level_2020) * (asked->year - 2020) / 5;
    bool complement = rule->kind == RULE_SHARE && level > HUNDRED_PERCENT / 2;
    int64_t play = complement ? HUNDRED_PERCENT - level : level;
    struct draw_name lasting = named(asked, "spread", rule, stratum, false);
    struct draw_name yearly = named(asked, "noise", rule, stratum, true);
    int64_t shift = draw_around(seed, &yearly, rule->noise);
    if (!rule->anchored || asked->place != asked->district)
        shift += draw_around(seed, &lasting, rule->spread) / 2;
    lasting.unit = asked->district;
    if (!rule->anchored)
        shift += draw_around(seed, &lasting, rule->spread) / 2;
    level += play * shift / 1000;
    if (rule->weak > 0 && is_weak(asked, rule))
        level -= rule->weak;
    return level < 0 ? 0 : level;
}

/* `units` / `scale` as a whole number: rounded, or for rules with noise up or down by chance, so
 * that rare events do happen in small villages. */
static int64_t whole(const struct asked *asked, const struct demo_rule *rule, const char *stratum,
                     int64_t units, int64_t scale)
{
    struct draw_name name = named(asked, "round", rule, stratum, true);
    int64_t up = rule->noise > 0 ? draw_below(asked->demo->seed, &name, scale) : scale / 2;
    return (units + up) / scale;
}

static int64_t power_of_ten(unsigned exponent)
{
    int64_t power = 1;
    for (; exponent > 0; exponent--)
        power *= 10;
    return power;
}

/* What the rule's level is a share of. */
static struct figure base_of(const struct asked *asked, const struct demo_rule *rule,
                             const char *stratum)
{
    const struct people *people = people_here(asked);
    switch (rule->base) {
    case BASE_NONE: return present(0);
    case BASE_ELEMENT: return evaluate(asked, rule->of, stratum);
    case BASE_ALL: return present(people->total);
    case BASE_RURAL: return present(people->rural);
    case BASE_BIRTHS:
        return present(
            people->births[SEX_MALE][SETTING_URBAN] + people->births[SEX_FEMALE][SETTING_URBAN] +
            people->births[SEX_MALE][SETTING_RURAL] + people->births[SEX_FEMALE][SETTING_RURAL]);
    case BASE_AGED: return present(people_aged(people, rule->first_age, rule->last_age, rule->sex));
    }
    return absent(PRESENCE_NOT_COLLECTED);
}

static struct figure limited(const struct asked *asked, const struct demo_rule *rule,
                             const char *stratum, int64_t value)
{
    if (rule->at_most != PLAN_NONE) {
        struct figure most = evaluate(asked, rule->at_most, stratum);
        if (most.presence == PRESENCE_VALUE && value > most.value)
            value = most.value;
    }
    return present(value);
}

static struct figure share(const struct asked *asked, const struct demo_rule *rule,
                           const char *stratum)
{
    struct figure base = base_of(asked, rule, stratum);
    if (base.presence != PRESENCE_VALUE)
        return base;
    int64_t decimals = power_of_ten(asked->demo->plan->elements[rule->element].decimals);
    int64_t level = level_here(asked, rule, stratum);
    if (rule->kind == RULE_MEAN)
        return present(
            whole(asked, rule, stratum, base.value * level / 1000 * decimals, RULE_SCALE / 1000));
    int64_t value = whole(asked, rule, stratum, base.value * level, HUNDRED_PERCENT);
    if (rule->kind == RULE_SHARE && value > base.value)
        value = base.value;
    return limited(asked, rule, stratum, value);
}

static struct figure amount(const struct asked *asked, const struct demo_rule *rule,
                            const char *stratum)
{
    int64_t decimals = power_of_ten(asked->demo->plan->elements[rule->element].decimals);
    int64_t level = level_here(asked, rule, stratum);
    return limited(asked, rule, stratum, whole(asked, rule, stratum, level * decimals, RULE_SCALE));
}

/* The same draw every year against a rising level: a yes stays one. */
static struct figure yesno(const struct asked *asked, const struct demo_rule *rule,
                           const char *stratum)
{
    struct draw_name name = named(asked, "yes", rule, stratum, false);
    int64_t level =
        rule->level_2020 + (rule->level_2025 - rule->level_2020) * (asked->year - 2020) / 5;
    return present(draw_below(asked->demo->seed, &name, HUNDRED_PERCENT) < level);
}

static bool tag_is(const char *stratum, const char *key, const char *value)
{
    size_t length = 0;
    const char *found = stratum_value(stratum, key, &length);
    return found == NULL || (length == strlen(value) && memcmp(found, value, length) == 0);
}

/* Streets have one community health centre, towns and townships one township health centre. */
static struct figure centre(const struct asked *asked, const struct demo_rule *rule,
                            const char *stratum)
{
    const char *kind = asked->area == RULE_URBAN ? "community_centre" : "township_centre";
    return tag_is(stratum, "institution", kind) ? amount(asked, rule, "")
                                                : absent(PRESENCE_NOT_APPLICABLE);
}

static int64_t children(const struct people *people, const char *stratum)
{
    int first = 0, last = CHILD_AGES - 1;
    size_t length = 0;
    const char *ages = stratum_value(stratum, "age", &length);
    if (ages != NULL) {
        char *end = NULL;
        first = (int)strtol(ages, &end, 10);
        last = *end == '-' ? (int)strtol(end + 1, NULL, 10) : first;
    }
    int64_t sum = 0;
    if (tag_is(stratum, "sex", "m"))
        sum += people_aged(people, first, last, SEX_MALE);
    if (tag_is(stratum, "sex", "f"))
        sum += people_aged(people, first, last, SEX_FEMALE);
    return sum;
}

/* The four groups of births, in a fixed order. */
static bool group_matches(int group, const char *stratum)
{
    return tag_is(stratum, "sex", group % 2 == SEX_MALE ? "m" : "f") &&
           tag_is(stratum, "area", group / 2 == SETTING_URBAN ? "urban" : "rural");
}

static int64_t births_of_group(const struct people *people, int group)
{
    return people->births[group % 2][group / 2];
}

static int64_t births(const struct people *people, const char *stratum)
{
    int64_t sum = 0;
    for (int group = 0; group < SEXES * SETTINGS; group++)
        if (group_matches(group, stratum))
            sum += births_of_group(people, group);
    return sum;
}

/* The district's deaths are numbered; each number falls into one group by chance, the same for
 * every kind of death, so that the first ones are neonatal, infant and under-five deaths at once
 * and no group has more of the narrower kind. */
static struct figure deaths(const struct asked *asked, const struct demo_rule *rule,
                            const char *stratum)
{
    const struct people *people = people_here(asked);
    int64_t everyone = births(people, ""), count = 0;
    int64_t base = base_of(asked, rule, "").value;
    int64_t total = whole(asked, rule, "", base * level_here(asked, rule, ""), HUNDRED_PERCENT);
    total = limited(asked, rule, "", total).value;
    for (int64_t i = 0; i < total && everyone > 0; i++) {
        struct draw_name name = {"death", "", "", asked->unit, asked->year * 10000 + (int)i};
        int64_t at = draw_below(asked->demo->seed, &name, everyone);
        int group = 0;
        while (group < SEXES * SETTINGS - 1 && at >= births_of_group(people, group))
            at -= births_of_group(people, group++);
        count += group_matches(group, stratum);
    }
    return present(count);
}

/* Why there is no figure, or PRESENCE_VALUE. */
static enum presence nothing(const struct asked *asked, const struct demo_rule *rule,
                             const char *stratum)
{
    struct draw_name never = named(asked, "not applicable", rule, stratum, false);
    struct draw_name now = named(asked, "not collected", rule, stratum, true);
    if (rule->needs != PLAN_NONE) {
        struct figure needed = evaluate(asked, rule->needs, "");
        if (needed.presence != PRESENCE_VALUE || needed.value == 0)
            return PRESENCE_NOT_APPLICABLE;
    }
    if (draw_below(asked->demo->seed, &never, 1000) < rule->not_applicable)
        return PRESENCE_NOT_APPLICABLE;
    if (draw_below(asked->demo->seed, &now, 1000) < rule->not_collected)
        return PRESENCE_NOT_COLLECTED;
    return PRESENCE_VALUE;
}

static struct figure evaluate(const struct asked *from, size_t element, const char *stratum)
{
    struct asked asked = *from;
    const struct demo_rule *rule = demo_model_rule(asked.demo->model, element, stratum, asked.area);
    if (rule == NULL || ++asked.depth > DEPTH_MAX)
        return absent(PRESENCE_NOT_COLLECTED);
    enum presence presence = nothing(&asked, rule, stratum);
    if (presence != PRESENCE_VALUE)
        return absent(presence);
    switch (rule->kind) {
    case RULE_SHARE:
    case RULE_MULTIPLE:
    case RULE_MEAN: return share(&asked, rule, stratum);
    case RULE_AMOUNT: return amount(&asked, rule, stratum);
    case RULE_YESNO: return yesno(&asked, rule, stratum);
    case RULE_CENTRE: return centre(&asked, rule, stratum);
    case RULE_PEOPLE: return present(children(people_here(&asked), stratum));
    case RULE_BIRTHS: return present(births(people_here(&asked), stratum));
    case RULE_DEATHS: return deaths(&asked, rule, stratum);
    }
    return absent(PRESENCE_NOT_COLLECTED);
}

/* Villages by their code's own proxy; townships by theirs: 001-099 are streets of a town. */
static enum rule_area area_of(const struct unit *unit)
{
    uint64_t place = unit_place(unit->id);
    if (unit->role == ROLE_VILLAGE)
        return place_is_urban(place) ? RULE_URBAN : RULE_RURAL;
    if (unit->role == ROLE_TOWNSHIP)
        return place / 1000 % 1000 < 100 ? RULE_URBAN : RULE_RURAL;
    return RULE_ANYWHERE;
}

struct figure demo_figure(struct demo *demo, const struct unit *unit, int year, size_t element,
                          const char *stratum)
{
    struct asked asked = {.demo = demo,
                          .unit = unit->id,
                          .place = unit_place(unit->id),
                          .district = unit->district,
                          .area = area_of(unit),
                          .year = year};
    return evaluate(&asked, element, stratum);
}

/* An optional cell that does not apply is simply left empty. */
void demo_figures(struct demo *demo, const struct unit *unit, const struct form *form, int year,
                  struct figure *out_figures)
{
    for (size_t i = 0; i < form->cell_count; i++) {
        const struct cell *cell = &form->cells[i];
        out_figures[i] = demo_figure(demo, unit, year, cell->element, cell->stratum);
        if (!cell->required && out_figures[i].presence != PRESENCE_VALUE)
            out_figures[i] = absent(PRESENCE_NOT_REPORTED);
    }
}

double figure_number(const struct figure *figure, unsigned decimals)
{
    return (double)figure->value / (double)power_of_ten(decimals);
}
