/* SDMX-CSV 2.0.0: STRUCTURE, STRUCTURE_ID, ACTION, then every component of the data structure, by
 * id. A figure without a value leaves OBS_VALUE empty, and OBS_STATUS says why. */
#include "export/writer.h"

static void begin(struct export_writer *writer)
{
    sink_text(writer->sink, "STRUCTURE,STRUCTURE_ID,ACTION");
    for (const struct export_component *component = export_components; component->id != NULL;
         component++)
        if ((component->what & writer->head.what) != 0)
            sink_printf(writer->sink, ",%s", component->id);
    sink_text(writer->sink, "\r\n");
}

static void row_write(struct export_writer *writer, const struct export_row *row)
{
    char text[SINK_NUMBER_BYTES];
    struct export_cell cell;
    sink_printf(writer->sink, "dataflow," EXPORT_AGENCY ":%s(" EXPORT_VERSION "),I",
                writer_flow(writer));
    for (const struct export_component *component = export_components; component->id != NULL;
         component++) {
        if ((component->what & writer->head.what) == 0)
            continue;
        writer_fill(component->fill, row, &cell);
        sink_text(writer->sink, ",");
        if (cell.kind == CELL_TEXT)
            sink_csv(writer->sink, "", cell.text);
        else if (cell.kind == CELL_NUMBER)
            sink_text(writer->sink, sink_number_text(cell.number, text));
    }
    sink_text(writer->sink, "\r\n");
}

static void end(struct export_writer *writer)
{
    (void)writer;
}

const struct writer_kind writer_sdmx_csv = {begin, row_write, end, NULL, false};
