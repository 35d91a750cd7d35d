/* A small model of one township's chain in one year, written from PROTOCOL.md section 8 and sharing
 * nothing with server/chain: what random events may do, and what every record is after them. */
#ifndef ZHIBAO_TESTS_CHAIN_MODEL_H
#define ZHIBAO_TESTS_CHAIN_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

enum { MODEL_VILLAGES = 3, MODEL_REVISIONS = 60, MODEL_TOTALS = 60 };

enum said { SAID_NOTHING, SAID_ACCEPTED, SAID_RETURNED, SAID_WITHDRAWN, SAID_OBJECTED };

/* The village, its township, statistics, the township next door, a department. */
enum who { WHO_VILLAGE, WHO_TOWNSHIP, WHO_STATISTICS, WHO_NEIGHBOUR, WHO_DEPARTMENT, WHO_COUNT };

struct model_report {
    size_t record; /* the test's */
    bool entered, checked, bad;
    enum said said;
};

struct model_total {
    size_t record;
    int named[MODEL_VILLAGES]; /* index of the revision it names, -1: none */
    bool reopened;
    enum said said;
};

struct model {
    bool locked;
    size_t revisions[MODEL_VILLAGES], totals;
    struct model_report reports[MODEL_VILLAGES][MODEL_REVISIONS];
    struct model_total confirmations[MODEL_TOTALS];
};

void model_init(struct model *model);

/* Each says what the chain has to answer; STATUS_OK changes the model. `village` -1: a total. */
enum status model_report(struct model *model, size_t village, size_t revision, bool entered,
                         size_t record);
enum status model_review(struct model *model, int village, size_t index, enum who who,
                         enum said verdict, bool reason);
enum status model_confirm(struct model *model, bool stale, size_t record);
enum status model_lock(struct model *model, bool unlock);
/* All signatures were looked at; report `index` of `bad_village` (-1: none) was bad. */
void model_check(struct model *model, int bad_village, size_t index);

/* Words of zhibao.report_state and zhibao.confirmation_state. */
const char *model_state(const struct model *model, size_t village, size_t index);
bool model_counts(const struct model *model, size_t village, size_t index);
const char *model_total_state(const struct model *model, size_t index);

#endif
