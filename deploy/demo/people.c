#include "demo/people.h"

#include "demo/draw.h"

/* Births per 100,000 residents, published for the country (National Bureau of Statistics) up to
 * 2024: the shape of the age pyramid is real, its size in each village is not. */
static const int births_per_100000[] = {
    1241, 1229, 1240, 1209, 1210, 1214, 1195, 1190, 1327, 1457, 1303, 1383, /* 2003-2014 */
    1199, 1357, 1264, 1086, 1041, 852,  752,  677,  639,  677,  630,        /* 2015-2025 */
};
enum { FIRST_RATE = 2003, RATES = sizeof births_per_100000 / sizeof *births_per_100000 };

static int64_t birth_rate(int year)
{
    int index = year - FIRST_RATE;
    index = index < 0 ? 0 : index >= RATES ? RATES - 1 : index;
    return births_per_100000[index];
}

static int64_t between(uint64_t seed, const char *name, uint64_t unit, int year, int64_t least,
                       int64_t most)
{
    struct draw_name key = {"people", name, "", unit, year};
    return least + draw_below(seed, &key, most - least + 1);
}

/* Residents at the end of 2020: 200 to 3,800. */
static int64_t size_2020(uint64_t seed, uint64_t village)
{
    unsigned number = (unsigned)(village % 1000);
    if (number >= 400) /* neither residents' nor villagers' committee: a farm, a camp, a park */
        return between(seed, "size", village, 0, 200, 900);
    if (place_is_urban(village))
        return between(seed, "size", village, 0, 1300, 3800);
    return between(seed, "size", village, 0, 300, 1500) +
           between(seed, "size2", village, 0, 100, 1300);
}

/* Yearly growth in per mille: villages shrink, towns grow a little. */
static int64_t residents(uint64_t seed, uint64_t village, int year)
{
    bool urban = place_is_urban(village);
    int64_t growth = between(seed, "growth", village, 0, urban ? 1 : -13, urban ? 8 : -2);
    return size_2020(seed, village) * (1000 + growth * (year - 2020)) / 1000;
}

/* Those born in a year, boys and girls. Districts differ in fertility, villages and years too. */
static void born(uint64_t seed, uint64_t village, int year, int64_t out_births[SEXES])
{
    uint64_t district = place_ancestor(village, PLACE_DISTRICT);
    int64_t percent = between(seed, "fertility", district, 0, 80, 115) *
                      between(seed, "fertility", village, 0, 80, 120) / 100 *
                      between(seed, "births", village, year, 80, 120) / 100;
    int64_t scaled = size_2020(seed, village) * birth_rate(year) * percent;
    int64_t all = (scaled + between(seed, "round", village, year, 0, 9999999)) / 10000000;
    out_births[SEX_MALE] = (all * 520 + between(seed, "sex", village, year, 0, 999)) / 1000;
    out_births[SEX_FEMALE] = all - out_births[SEX_MALE];
}

/* Of those born, how many live here at age `age`: families leave villages and come to towns. The
 * share changes with age only, so that a cohort never jumps. */
static int64_t remaining(uint64_t seed, uint64_t village, int64_t births, int age)
{
    bool urban = place_is_urban(village);
    int64_t leaving = between(seed, "leaving", village, 0, urban ? -9 : 4, urban ? -2 : 13);
    return births * (1000 - leaving * age) / 1000;
}

void people_of_village(uint64_t seed, uint64_t village, int year, struct people *out_people)
{
    struct people people = {.total = residents(seed, village, year)};
    int setting = place_is_urban(village) ? SETTING_URBAN : SETTING_RURAL;
    for (int age = 0; age < CHILD_AGES; age++) {
        int64_t births[SEXES];
        born(seed, village, year - age, births);
        for (int sex = 0; sex < SEXES; sex++) {
            people.age[age][sex] = remaining(seed, village, births[sex], age);
            if (age == 0)
                people.births[sex][setting] = births[sex];
        }
    }
    people.rural = setting == SETTING_RURAL ? people.total : 0;
    *out_people = people;
}

static void add(struct people *sum, const struct people *part)
{
    sum->total += part->total;
    sum->rural += part->rural;
    for (int sex = 0; sex < SEXES; sex++) {
        for (int age = 0; age < CHILD_AGES; age++)
            sum->age[age][sex] += part->age[age][sex];
        for (int setting = 0; setting < SETTINGS; setting++)
            sum->births[sex][setting] += part->births[sex][setting];
    }
}

void people_of_place(uint64_t seed, const struct plan *plan, uint64_t place, int year,
                     struct people *out_people)
{
    *out_people = (struct people){0};
    for (size_t i = 0; i < plan->place_count; i++) {
        struct people village;
        if (plan->places[i].level != PLACE_VILLAGE || !place_contains(place, plan->places[i].code))
            continue;
        people_of_village(seed, plan->places[i].code, year, &village);
        add(out_people, &village);
    }
}

int64_t people_aged(const struct people *people, int first, int last, enum sex sex)
{
    int64_t sum = 0;
    for (int age = first; age <= last && age < CHILD_AGES; age++)
        for (int each = 0; each < SEXES; each++)
            if (sex == SEXES || (int)sex == each)
                sum += people->age[age][each];
    return sum;
}
