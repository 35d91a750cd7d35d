/* What a yearbook is made of: everything that was asked of the server for it, and what may be
 * printed. All of it lives in the context's arena. One thread. */
#ifndef ZHIBAO_YEARBOOK_BOOK_H
#define ZHIBAO_YEARBOOK_BOOK_H

#include "analysis.pb-c.h"
#include "calendar.pb-c.h"
#include "cli/pull_rows.h"
#include "plan/plan_check.h"

enum { BOOK_YEARS_MAX = 16, BOOK_AREAS_MAX = 128 };

/* A report that counted, and where in the chain it is. */
struct source {
    uint64_t unit;
    const char *form, *unit_name;
    uint32_t period, revision;
    struct record_id id;
    struct hash payload_sha256;
    bool proved;
    struct hash leaf, root; /* leaf: leaf_hash */
    uint64_t batch;
    uint32_t index;
    int64_t received_us;
};

struct book {
    struct context *context;
    bool english;
    uint64_t place;
    uint32_t year;
    const char *asked_plan; /* "" for the place's own */
    struct plan *plan;      /* plan_destroy */
    struct findings *findings;
    struct hash plan_sha256, inputs_sha256;
    size_t year_count;
    int years[BOOK_YEARS_MAX];                /* ascending; the last is `year` */
    struct pulled *published[BOOK_YEARS_MAX]; /* as anyone may read them, parallel to years */
    struct pulled *exact;                     /* of `year`, with analysis: not for print as it is */
    bool demonstration, locked;
    const char *place_name;
    uint32_t judged, insufficient; /* of the warnings */
    size_t warning_count;
    const Zhibao__Warning **warnings;
    const Zhibao__CompletenessReply *completeness;
    bool has_quality; /* a province has none */
    size_t quality_count;
    const Zhibao__QualityRow **quality;
    size_t area_count;
    const Zhibao__AreaRows *areas[BOOK_AREAS_MAX];
    size_t source_count;
    struct source *sources; /* ascending by unit, period, form */
    int64_t latest_us;      /* when the newest of them was received */
};

/* gather.c: asks for everything, telling on stderr how far it is. False after a complaint. */
bool book_gather(struct context *context, struct book *book, enum exit_code *out_code);
void book_clear(struct book *book);

/* Whether figures or plan changed since book_gather began; false after a complaint when asking
 * fails. */
bool book_unchanged(struct book *book, bool *out_unchanged, enum exit_code *out_code);

/* gather_proof.c: the reports behind the years, each with its receipt checked against the pins. */
bool book_gather_proof(struct context *context, struct book *book, enum exit_code *out_code);

/* figure.c: a published figure of one of the years; NULL when that year has no such row. */
const Zhibao__IndicatorResult *book_figure(const struct book *book, size_t year_index,
                                           const char *indicator, const char *stratum);

/* The same of the exact ones, for judging what may be printed. */
const Zhibao__IndicatorResult *book_exact(const struct book *book, const char *indicator,
                                          const char *stratum);

/* Whether any year's figure is left out of what is published, or there is none to publish: then no
 * sentence about the series may be printed. */
bool book_silent(const struct book *book, const char *indicator, const char *stratum);

/* What the plan prints of an indicator before its first year: the target's own base, else the
 * latest figure. False without any; texts live as long as the plan. */
bool book_base(const struct book *book, const char *indicator, const char *stratum,
               const char *target, int *out_year, const char **out_text);

/* hide.c: whether a gap between two parts may be printed beside what is published. */
bool book_gap_printable(const struct book *book, const Zhibao__IndicatorResult *whole,
                        const Zhibao__Gap *gap);

/* words.c: names for people. */
const char *book_domain(const struct book *book, const char *domain);
const char *book_form(const struct book *book, const char *form);
/* "新生儿死亡率（农村）" in `text`. */
enum { BOOK_NAME_BYTES = 512 };
const char *book_indicator(const struct book *book, const char *name_zh, const char *name_en,
                           const char *stratum, char text[BOOK_NAME_BYTES]);
/* "≤3.0（2030）" in `text`. */
const char *book_target(const struct book *book, const char *op, const char *value,
                        const char *year, char text[BOOK_NAME_BYTES]);
/* "可望达标" of an outlook's class; "" when it adds nothing. */
const char *book_class(const struct book *book, const char *class);

#endif
