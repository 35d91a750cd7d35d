/* The made-up people of a place: how many live in each village, and its children by sex and year of
 * age, growing a year older every year. Whole numbers only; a function of seed, place and year.
 * Pure; any thread. */
#ifndef ZHIBAO_DEMO_PEOPLE_H
#define ZHIBAO_DEMO_PEOPLE_H

#include "plan/plan.h"

enum { CHILD_AGES = 18 };

enum sex { SEX_MALE, SEX_FEMALE, SEXES };

enum { SETTING_URBAN, SETTING_RURAL, SETTINGS };

struct people {
    int64_t total;                   /* residents of all ages */
    int64_t rural;                   /* of whom in villages that are not urban by their code */
    int64_t age[CHILD_AGES][SEXES];  /* resident children */
    int64_t births[SEXES][SETTINGS]; /* of the year */
};

void people_of_village(uint64_t seed, uint64_t village, int year, struct people *out_people);

/* The sum over the plan's villages in the subtree of `place`. */
void people_of_place(uint64_t seed, const struct plan *plan, uint64_t place, int year,
                     struct people *out_people);

/* Children from age `first` to age `last`, of one sex or (SEXES) both. */
int64_t people_aged(const struct people *people, int first, int last, enum sex sex);

#endif
