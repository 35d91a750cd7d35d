/* What the writers of this folder share. */
#ifndef ZHIBAO_EXPORT_WRITER_H
#define ZHIBAO_EXPORT_WRITER_H

#include "export/codes.h"
#include "export/columns.h"

#define EXPORT_AGENCY  "ZHIBAO"
#define EXPORT_VERSION "1.0.0"
#define EXPORT_URN     "urn:sdmx:org.sdmx.infomodel."

enum { HEAD_TEXT_BYTES = 80 };

struct writer_kind {
    void (*begin)(struct export_writer *writer);
    void (*row)(struct export_writer *writer, const struct export_row *row);
    void (*end)(struct export_writer *writer);
    void (*drop)(struct export_writer *writer); /* frees `own`; may be NULL */
    bool keeps_codes;
};

struct export_writer {
    const struct writer_kind *kind;
    struct export_head head;
    char id[HEAD_TEXT_BYTES], prepared[HEAD_TEXT_BYTES];
    struct sink *sink;
    struct codes *codes; /* NULL unless the kind keeps them */
    size_t rows;
    size_t by_status[EXPORT_SUPPRESSED + 1];
    bool demonstration; /* a row is */
    bool short_of_memory;
    /* adx: the group that is open */
    uint64_t place;
    uint32_t year;
    char set[HEAD_TEXT_BYTES];
    void *own; /* the kind's */
};

/* A writer of a kind, without its `begin`; `own` is the kind's and is freed by its `drop`, except
 * when this gives NULL. */
struct export_writer *writer_create(const struct writer_kind *kind, const struct export_head *head,
                                    struct sink *sink, void *own);

extern const struct writer_kind writer_csv, writer_json, writer_sdmx_csv, writer_sdmx_json,
    writer_structure, writer_adx;

/* "RESULTS" or "REPORTS": the dataflow, DSD_ before it the data structure. */
const char *writer_flow(const struct export_writer *writer);

/* Fills a cell for this row. */
void writer_fill(export_fill fill, const struct export_row *row, struct export_cell *out_cell);

/* The code's index in its list; notes a shortage of memory. */
size_t writer_code(struct export_writer *writer, const char *list, const struct export_cell *cell);

/* Adds every code that `row` uses. */
void writer_codes_of_row(struct export_writer *writer, const struct export_row *row);

/* "meta":{...} of both SDMX-JSON messages, without a comma. */
void writer_meta(struct export_writer *writer, const char *schema);

/* "name":"…","names":{"zh":…,"en":…} */
void writer_names(struct sink *sink, const char *zh, const char *en);

#endif
