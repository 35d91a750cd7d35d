/* From accepted reports to an indicator's value at a place, by the indicator's kind (design 7).
 *
 * Input are tallies: sums over reports of one form cell within one group (a township and its
 * urban or rural part, or a department's place), as the store delivers them. Every level of the
 * chain computes with this one module. Pure; any thread. */
#ifndef ZHIBAO_STATS_CONSOLIDATE_H
#define ZHIBAO_STATS_CONSOLIDATE_H

#include "base/arena.h"
#include "plan/form_check.h"
#include "plan/stratum.h"
#include "stats/part.h"

enum area { AREA_NONE, AREA_URBAN, AREA_RURAL };

struct tally {
    uint64_t
        group; /* place code: the township for village and township forms, else the unit's place */
    enum area area; /* of villages by code; AREA_NONE for every other reporter */
    size_t form;    /* index into plan->forms */
    uint32_t cell;
    double sum;     /* of values; for yes/no cells the number of yes */
    uint32_t units; /* reports with a VALUE in this cell */
    uint32_t more;  /* units behind those values, besides one a report: of consolidations */
    uint32_t not_applicable; /* reports that say so */
    uint32_t not_collected;
    uint32_t not_reported; /* reports that leave it out or say so */
    bool demonstration;    /* a value is demonstration data */
};

/* How many reports a form should bring from a group, and how many are accepted. */
struct expectation {
    uint64_t group;
    enum area area;
    size_t form;
    uint32_t expected;
    uint32_t accepted;
    bool demonstration; /* one of those reports is */
};

/* How many children a village's figures speak for; NAN: not known. */
struct place_weight {
    uint64_t place;
    double weight;
};

struct group_value {
    uint64_t group;
    bool has_value;
    enum presence presence; /* PRESENCE_VALUE, or why there is none */
    bool averaged; /* several units' mean, where only each unit's own figure could be judged: the
                      worst unit is at best as good as this */
    double value, numerator, denominator;
};

struct indicator_value {
    size_t indicator;
    const char *stratum;    /* "" or "area=rural", borrowed from the request */
    enum presence presence; /* PRESENCE_VALUE, or why there is none */
    double value;           /* in the indicator's unit, unrounded */
    bool has_fraction;
    bool averaged; /* each_unit: `value` is the worst group's mean, see struct group_value */
    double numerator, denominator;
    uint32_t reporting, expected; /* units with a value behind it; units that owe one */
    /* Units without a value, by kind of nothing; with expectations given, these and `reporting`
     * make up `expected`: who has not reported, or only one side of a ratio, is not_reported. */
    uint32_t not_applicable, not_collected, not_reported;
    /* Of the villages that owe a figure: children of those that gave one, and of all; how many
     * villages' children are not known. 0 without weights. */
    double covered, covered_of;
    uint32_t weightless;
    uint32_t unpaired;    /* units that brought only one side of a ratio that was counted */
    uint64_t worst_group; /* each_unit: where the value is from */
    size_t group_count;   /* each_unit, and indicators with an each_* target: every group's value */
    const struct group_value *groups; /* ascending by group, those without a value included */
};

/* One unit's own figure, as a district's consolidation brought it. */
struct unit_figure {
    size_t indicator;
    const char *stratum;
    uint64_t district;
    struct group_value value;
};

struct consolidation_input {
    const struct plan *plan;
    const struct tally *tallies;
    size_t tally_count;
    const struct expectation *expectations;
    size_t expectation_count;
    const struct place_weight *weights; /* ascending by place; NULL: coverage is not asked for */
    size_t weight_count;
    const struct unit_figure *figures; /* of consolidations; may be NULL */
    size_t figure_count;
    bool consolidated; /* districts' consolidations are among the tallies */
    bool sorted; /* tallies ascend by (form, cell): each cell is then found by binary search */
};

/* One indicator in one stratum ("" for all; "area=urban" restricts to urban villages and to cells
 * tagged so).
 *
 * ratio, mean: sum of numerators over sum of denominators, times factor, over the groups that have
 * both. Within a group, tallies are sums already: a report that brings one side only cannot be
 * taken out there. form_check therefore refuses a ratio with one side left out in silence; what is
 * left is a report that says "not applicable" or "not collected" on one side, and `unpaired` counts
 * those. Where the two sides come from different forms, a group counts only when every unit
 * expected in both forms has answered, and where they come from different levels (places in the
 * district's form over residents in the townships'), there is no value until all have.
 * count: sum. measure: the only report's figure, no value (NOT_APPLICABLE) when several reported.
 * share_of_units: yes over units that answered. existence: 1 when any says yes.
 * each_unit: the worst group by polarity, each group's value being its ratio, or its only unit's
 * figure, or its units' mean (`averaged`).
 *
 * A district's consolidation is one group with the answers of all its units behind it. Where the
 * plan asks each unit for itself, the figures that came with it stand in the group's place; without
 * them the group is `averaged`.
 *
 * An element is read from the form of the indicator's owner if that has it, else from the first
 * form that has it, and from its cells as plan/stratum.h form_choose says.
 *
 * No value when nothing was reported; presence then says which nothing prevails (the most frequent;
 * not reported before not collected before not applicable when equal; NOT_COLLECTED when no form
 * asks for it), or NOT_APPLICABLE when the denominator is 0. Arrays live in `arena`. STATUS_OK or
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status consolidate(const struct consolidation_input *input, size_t indicator,
                                   const char *stratum, struct arena *arena,
                                   struct indicator_value *out_value);

/* The same in two steps: what each township of the input adds (and each place above with figures
 * of its own), ascending by place; and the value of a place from the parts of all that lie in it,
 * given in that order. consolidate itself takes these two steps, so a part made from a township's
 * input alone and one made from its whole province give the same bits. Parts are the caller's to
 * free; their groups live in `arena` of consolidate_parts and are copied by consolidate_join. */
MUST_CHECK enum status consolidate_parts(const struct consolidation_input *input, size_t indicator,
                                         const char *stratum, struct arena *arena,
                                         struct consolidation_part **out_parts, size_t *out_count);
MUST_CHECK enum status consolidate_join(const struct plan *plan, size_t indicator,
                                        const char *stratum,
                                        const struct consolidation_part *const *parts, size_t count,
                                        struct arena *arena, struct indicator_value *out_value);

#endif
