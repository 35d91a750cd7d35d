/* The questions that an export takes, one after the other, and what becomes of their answers: year
 * by year, the places wanted, each pull page by page. It asks nobody itself, so that the command
 * line (which waits) and the portal (which does not) export alike. One thread. Pure. */
#ifndef ZHIBAO_EXPORT_COURSE_H
#define ZHIBAO_EXPORT_COURSE_H

#include "base/arena.h"
#include "envelope.pb-c.h"
#include "export/export.h"

enum { COURSE_TEXT_BYTES = 96, COURSE_DEPTH_MAX = 4, COURSE_YEARS_MAX = 60 };

struct course_wish {
    enum export_what what;
    uint64_t place;
    uint32_t first_year, last_year;
    unsigned depth; /* results: levels of places below it, 0: none. Reports: always all below */
    char plan[COURSE_TEXT_BYTES], indicator[COURSE_TEXT_BYTES],
        form[COURSE_TEXT_BYTES]; /* "" any */
    bool published;              /* only what may be published; not of reports */
    bool strata;                 /* also the parts that reports tell apart; not when published */
};

struct course;

/* NULL without memory. Of the wish's reports nothing may be published: the caller has refused that.
 */
struct course *course_create(const struct course_wish *wish);
void course_destroy(struct course **course);

/* The next question, in the arena, and the kind of its answer; false when all is answered.
 * `*out_body` NULL: without memory. */
bool course_ask(struct course *course, struct arena *arena, Zhibao__Kind *out_kind,
                ProtobufCMessage **out_body);

/* Takes the answer to it and writes its rows. `answer` is the message that belongs to the kind
 * asked. STATUS_NO_MEMORY, STATUS_LIMIT for too many places, STATUS_INVALID for an answer that goes
 * round in circles. */
MUST_CHECK enum status course_take(struct course *course, const ProtobufCMessage *answer,
                                   struct export_writer *writer);

/* How many of the places of all years are done, of about how many. */
void course_progress(const struct course *course, uint64_t *out_done, uint64_t *out_all);

#endif
