/* What begins, counts and ends, whatever the format. */
#include "export/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/writer.h"

static const struct {
    const char *name, *media_type;
    const struct writer_kind *kind;
} formats[EXPORT_FORMATS] = {
    [EXPORT_CSV] = {"csv",       "text/csv; charset=utf-8",                                           &writer_csv },
    [EXPORT_JSON] = {"json",      "application/json",                                                  &writer_json},
    [EXPORT_SDMX_CSV] = {"sdmx-csv",  "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8",
                    &writer_sdmx_csv                                                                              },
    [EXPORT_SDMX_JSON] = {"sdmx-json", "application/vnd.sdmx.data+json; version=2.0.0",
                    &writer_sdmx_json                                                                             },
    [EXPORT_STRUCTURE] = {"structure", "application/vnd.sdmx.structure+json; version=2.0.0",
                    &writer_structure                                                                             },
    [EXPORT_ADX] = {"adx",       "application/adx+xml; charset=utf-8",                                &writer_adx },
    [EXPORT_XLSX] = {"xlsx",      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                    NULL                                                                                          },
};

enum export_format export_format_named(const char *name)
{
    for (int i = 0; i < EXPORT_FORMATS; i++)
        if (strcmp(formats[i].name, name) == 0)
            return (enum export_format)i;
    return EXPORT_FORMATS;
}

const char *export_format_name(enum export_format format)
{
    return formats[format].name;
}

const char *export_media_type(enum export_format format)
{
    return formats[format].media_type;
}

struct export_row export_row_blank(void)
{
    struct export_row row = {.place_name = "",
                             .plan = "",
                             .form = "",
                             .domain = "",
                             .kind = "",
                             .item = "",
                             .codes = "",
                             .name_zh = "",
                             .name_en = "",
                             .unit_code = "",
                             .stratum = "",
                             .status = EXPORT_NOT_REPORTED,
                             .target = "",
                             .target_op = "",
                             .target_value = "",
                             .target_year = "",
                             .target_scope = "",
                             .attainment = ""};
    return row;
}

struct export_writer *writer_create(const struct writer_kind *kind, const struct export_head *head,
                                    struct sink *sink, void *own)
{
    struct export_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        return NULL;
    if (kind->keeps_codes) {
        writer->codes = codes_create();
        if (writer->codes == NULL) {
            free(writer);
            return NULL;
        }
    }
    writer->kind = kind;
    writer->sink = sink;
    writer->own = own;
    writer->head = *head;
    snprintf(writer->id, sizeof writer->id, "%s", head->id);
    snprintf(writer->prepared, sizeof writer->prepared, "%s", head->prepared);
    writer->head.id = writer->id;
    writer->head.prepared = writer->prepared;
    return writer;
}

struct export_writer *export_begin(enum export_format format, const struct export_head *head,
                                   struct sink *sink)
{
    const struct writer_kind *kind = formats[format].kind;
    struct export_writer *writer = kind == NULL ? NULL : writer_create(kind, head, sink, NULL);
    if (writer != NULL)
        kind->begin(writer);
    return writer;
}

void export_row(struct export_writer *writer, const struct export_row *row)
{
    writer->demonstration = writer->demonstration || row->demonstration;
    writer->by_status[row->status]++;
    writer->kind->row(writer, row);
    writer->rows++;
}

enum status export_end(struct export_writer **writer)
{
    (*writer)->kind->end(*writer);
    enum status status = (*writer)->short_of_memory ? STATUS_NO_MEMORY : (*writer)->sink->status;
    export_drop(writer);
    return status;
}

void export_drop(struct export_writer **writer)
{
    if (writer == NULL || *writer == NULL)
        return;
    if ((*writer)->kind->drop != NULL)
        (*writer)->kind->drop(*writer);
    codes_destroy(&(*writer)->codes);
    free(*writer);
    *writer = NULL;
}

const char *writer_flow(const struct export_writer *writer)
{
    return writer->head.what == EXPORT_RESULTS ? "RESULTS" : "REPORTS";
}

void writer_fill(export_fill fill, const struct export_row *row, struct export_cell *out_cell)
{
    out_cell->kind = CELL_EMPTY;
    out_cell->text = out_cell->zh = out_cell->en = "";
    out_cell->note = NULL;
    out_cell->number = 0;
    out_cell->room[0] = '\0';
    fill(row, out_cell);
}

size_t writer_code(struct export_writer *writer, const char *list, const struct export_cell *cell)
{
    size_t index = codes_add(writer->codes, list, cell);
    writer->short_of_memory = writer->short_of_memory || index == SIZE_MAX;
    return index;
}

void writer_codes_of_row(struct export_writer *writer, const struct export_row *row)
{
    struct export_cell cell;
    for (const struct export_component *component = export_components; component->id != NULL;
         component++) {
        if (component->codelist == NULL || (component->what & writer->head.what) == 0)
            continue;
        writer_fill(component->fill, row, &cell);
        if (cell.kind == CELL_TEXT)
            writer_code(writer, component->codelist, &cell);
    }
}
