/* CSV and JSON: a row a figure, with our own columns. */
#include "export/writer.h"

static bool is_shown(const struct export_writer *writer, const struct export_column *column)
{
    return (column->what & writer->head.what) != 0;
}

static void csv_begin(struct export_writer *writer)
{
    const char *before = "";
    if (writer->head.bom)
        sink_text(writer->sink, "\xEF\xBB\xBF");
    for (const struct export_column *column = export_columns; column->id != NULL; column++)
        if (is_shown(writer, column)) {
            sink_printf(writer->sink, "%s%s", before, column->id);
            before = ",";
        }
    sink_text(writer->sink, "\r\n");
}

/* A text that a spreadsheet would take for a formula gets an apostrophe before it. */
static bool is_formula(const char *text)
{
    bool signs = text[0] == '-' && (text[1] < '0' || text[1] > '9');
    return (text[0] == '=' || text[0] == '+' || text[0] == '@' || signs) && text[1] != '\0';
}

static void csv_row(struct export_writer *writer, const struct export_row *row)
{
    char text[SINK_NUMBER_BYTES];
    struct export_cell cell;
    const char *before = "";
    for (const struct export_column *column = export_columns; column->id != NULL; column++) {
        if (!is_shown(writer, column))
            continue;
        sink_text(writer->sink, before);
        before = ",";
        writer_fill(column->fill, row, &cell);
        if (cell.kind == CELL_TEXT)
            sink_csv(writer->sink, is_formula(cell.text) ? "'" : "", cell.text);
        else if (cell.kind == CELL_NUMBER)
            sink_text(writer->sink, sink_number_text(cell.number, text));
    }
    sink_text(writer->sink, "\r\n");
}

static void csv_end(struct export_writer *writer)
{
    (void)writer;
}

const struct writer_kind writer_csv = {csv_begin, csv_row, csv_end, NULL, false};

static void json_begin(struct export_writer *writer)
{
    sink_text(writer->sink, "{\"id\":");
    sink_json(writer->sink, writer->head.id);
    sink_text(writer->sink, ",\"prepared\":");
    sink_json(writer->sink, writer->head.prepared);
    sink_printf(writer->sink, ",\"what\":\"%s\",\"rows\":[",
                writer->head.what == EXPORT_RESULTS ? "results" : "reports");
}

static void json_row(struct export_writer *writer, const struct export_row *row)
{
    char text[SINK_NUMBER_BYTES];
    struct export_cell cell;
    const char *before = writer->rows == 0 ? "\n{" : ",\n{";
    for (const struct export_column *column = export_columns; column->id != NULL; column++) {
        if (!is_shown(writer, column))
            continue;
        sink_printf(writer->sink, "%s\"%s\":", before, column->id);
        before = ",";
        writer_fill(column->fill, row, &cell);
        if (cell.kind == CELL_EMPTY && column->type != PLAIN_TEXT)
            sink_text(writer->sink, "null");
        else if (column->type == PLAIN_FLAG)
            sink_text(writer->sink, cell.number != 0 ? "true" : "false");
        else if (cell.kind == CELL_NUMBER)
            sink_text(writer->sink, sink_number_text(cell.number, text));
        else
            sink_json(writer->sink, cell.text);
    }
    sink_text(writer->sink, "}");
}

static void json_end(struct export_writer *writer)
{
    sink_printf(writer->sink, "\n],\"count\":%zu,\"demonstration\":%s}\n", writer->rows,
                writer->demonstration ? "true" : "false");
}

const struct writer_kind writer_json = {json_begin, json_row, json_end, NULL, false};
