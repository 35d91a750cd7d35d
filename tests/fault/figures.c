#include "figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unit_id.h"

/* An element takes base + (0 to spread - 1), of which the last JITTER differ from report to report
 * and the rest is the village's own: no year is far enough from the one before to need an
 * explanation. Elements with the same key draw the same number, which keeps "on file" equal to what
 * it counts and "marked" equal to "known". */
enum { JITTER = 3 };

static const struct element {
    const char *name;
    uint32_t key, base, spread;
} elements[] = {
    {"children_resident",           0,  20,  15},
    {"left_behind_children",        1,  5,   30},
    {"left_behind_on_file",         1,  5,   30},
    {"migrant_children",            2,  3,   20},
    {"migrant_on_file",             2,  3,   20},
    {"difficult_children",          3,  1,   9 },
    {"difficult_on_file",           3,  1,   9 },
    {"child_director",              4,  1,   1 },
    {"child_protection_post",       5,  0,   2 },
    {"children_home",               6,  1,   1 },
    {"children_home_hours",         7,  8,   30},
    {"children_home_users",         8,  40,  90},
    {"parent_school",               9,  1,   1 },
    {"family_education_activities", 10, 1,   6 },
    {"mental_health_activities",    11, 0,   4 },
    {"child_book_corner",           12, 0,   2 },
    {"households",                  13, 300, 50},
    {"households_tap_water",        14, 250, 50},
    {"households_sanitary_toilet",  15, 240, 50},
    {"hazard_waters",               16, 0,   6 },
    {"hazard_waters_marked",        16, 0,   6 },
    {"village_child_injuries",      17, 2,   5 },
    {"village_injury_deaths",       18, 0,   1 },
    {"village_drownings",           19, 0,   2 },
    {"village_drowning_deaths",     20, 0,   1 },
};

struct figures {
    const Zhibao__FormSheet *sheet;
    const struct element *elements[FIGURES_CELLS_MAX]; /* of each cell */
};

static const struct element *find(const char *name)
{
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (strcmp(elements[i].name, name) == 0)
            return &elements[i];
    return NULL;
}

struct figures *figures_create(const Zhibao__FormSheet *sheet)
{
    if (sheet->n_cells > FIGURES_CELLS_MAX) {
        fprintf(stderr, "could not use the form: %zu cells\n", sheet->n_cells);
        return NULL;
    }
    struct figures *figures = calloc(1, sizeof *figures);
    if (figures == NULL)
        return NULL;
    figures->sheet = sheet;
    for (size_t i = 0; i < sheet->n_cells; i++) {
        figures->elements[i] = find(sheet->cells[i]->element);
        if (figures->elements[i] == NULL) {
            fprintf(stderr, "could not use the form: no figures for element %s\n",
                    sheet->cells[i]->element);
            figures_destroy(&figures);
            return NULL;
        }
    }
    return figures;
}

void figures_destroy(struct figures **figures)
{
    free(*figures);
    *figures = NULL;
}

/* splitmix64's finisher */
static uint64_t mix(uint64_t bits)
{
    bits = (bits ^ bits >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ bits >> 27) * UINT64_C(0x94d049bb133111eb);
    return bits ^ bits >> 31;
}

void figures_fill(const struct figures *figures, uint64_t unit, uint32_t period, uint32_t revision,
                  struct figures_report *out_report)
{
    const Zhibao__FormSheet *sheet = figures->sheet;
    uint64_t lasting = mix(unit), seed = mix(mix(mix(unit) + period) + revision);
    zhibao__report__init(&out_report->message);
    zhibao__head__init(&out_report->head);
    zhibao__observations__init(&out_report->observations);
    for (size_t i = 0; i < sheet->n_cells; i++) {
        const struct element *element = figures->elements[i];
        /* the breakdown of one element draws for each of its cells */
        uint64_t key = element->key == 0 ? 1000 + i : element->key;
        out_report->cell[i] = sheet->cells[i]->cell;
        out_report->presence[i] = ZHIBAO__PRESENCE__PRESENCE_VALUE;
        uint32_t jitter = element->spread < JITTER ? element->spread : JITTER;
        out_report->value[i] =
            (double)(element->base + mix(lasting + key) % (element->spread - jitter + 1) +
                     mix(seed + key) % jitter);
    }
    Zhibao__Observations *observations = &out_report->observations;
    observations->n_cell = observations->n_presence = observations->n_value = sheet->n_cells;
    observations->cell = out_report->cell;
    observations->presence = out_report->presence;
    observations->value = out_report->value;
    Zhibao__Report *message = &out_report->message;
    message->head = &out_report->head;
    message->plan = sheet->plan;
    message->form = sheet->form;
    message->form_version = sheet->version;
    message->period = period;
    message->place = unit_place(unit);
    message->revision = revision;
    message->provenance = ZHIBAO__PROVENANCE__PROVENANCE_DEMONSTRATION;
    message->observations = observations;
    out_report->head.unit = unit;
}
