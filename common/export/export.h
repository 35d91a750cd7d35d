/* Consolidated results and reported figures as bytes: CSV, JSON, SDMX-CSV 2.0, SDMX-JSON 2.0 (data
 * and structure), ADX and, in xlsx.h, a spreadsheet.
 *
 * Rows go in one by one and bytes come out at once, so that the memory a writer needs does not grow
 * with the number of rows: it keeps the codes it has seen (places, items ...), each once. What a
 * column or an SDMX component is stands in one table, columns.c. Pure; one thread at a time. */
#ifndef ZHIBAO_EXPORT_EXPORT_H
#define ZHIBAO_EXPORT_EXPORT_H

#include <stdint.h>

#include "export/sink.h"

enum export_format {
    EXPORT_CSV,
    EXPORT_JSON,
    EXPORT_SDMX_CSV,
    EXPORT_SDMX_JSON,
    EXPORT_STRUCTURE, /* the SDMX-JSON structure message of what the rows use */
    EXPORT_ADX,
    EXPORT_XLSX, /* made by xlsx.h, not by export_begin */
    EXPORT_FORMATS,
};

enum export_what {
    EXPORT_RESULTS = 1, /* indicators, consolidated */
    EXPORT_REPORTS = 2, /* elements, as reports that count have them */
};

/* A value, one of the four kinds of nothing less one (zero is a value), or a figure left out of
 * what is published. The first four are enum Presence of record.proto. */
enum export_status {
    EXPORT_VALUE = 1,
    EXPORT_NOT_APPLICABLE = 2,
    EXPORT_NOT_COLLECTED = 3,
    EXPORT_NOT_REPORTED = 4,
    EXPORT_SUPPRESSED = 5,
};

/* One figure. Texts are UTF-8, never NULL, and looked at during the call only. */
struct export_row {
    uint64_t place, unit; /* unit: who reported; 0 for results */
    uint32_t year;
    const char *place_name, *plan, *form, *domain, *kind;
    const char *item;  /* code of the indicator or element */
    const char *codes; /* other catalogues' codes for it, joined by blanks: "CME_MRM0"; "" none */
    const char *name_zh, *name_en, *unit_code;
    const char *stratum; /* "key=value" joined by ';' */
    enum export_status status;
    double value, numerator, denominator; /* numerator, denominator: with has_fraction */
    bool has_fraction;
    bool demonstration; /* 演示数据 */
    bool printed;       /* the plan's text gives it, nobody reported it */
    bool provisional;   /* the year is not locked */
    bool published;     /* what may not be published is left out */
    uint32_t decimals, reporting, expected, not_applicable, not_collected, not_reported, revision;
    /* the target that decides; "" without one */
    const char *target, *target_op, *target_value, *target_year, *target_scope, *attainment;
};

struct export_head {
    const char *id;       /* of the message: letters, digits, '_', '-' */
    const char *prepared; /* "2026-07-01T08:00:00+08:00" */
    enum export_what what;
    bool english; /* names of columns where a format has them in one language: xlsx */
    bool bom;     /* csv begins with a byte order mark, which spreadsheets want */
};

struct export_writer;

/* A writer of the format onto `sink`, which outlives it. NULL without memory. */
struct export_writer *export_begin(enum export_format format, const struct export_head *head,
                                   struct sink *sink);
void export_row(struct export_writer *writer, const struct export_row *row);

/* Writes what comes last and frees the writer. STATUS_NO_MEMORY, or the sink's. */
MUST_CHECK enum status export_end(struct export_writer **writer);

/* Frees a writer whose output is given up. */
void export_drop(struct export_writer **writer);

/* "sdmx-json" and its like; EXPORT_FORMATS for a name that is none. The media type of a format. */
enum export_format export_format_named(const char *name);
const char *export_format_name(enum export_format format);
const char *export_media_type(enum export_format format);

/* A row without texts or figures, to be filled. */
struct export_row export_row_blank(void);

#endif
