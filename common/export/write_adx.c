/* ADX (IHE QRPH, aggregate data exchange), as DHIS2 imports it with identifiers by code: a group a
 * place, year and data set; strata as attributes. ADX knows values only: how many figures without
 * one were left out is said at the end. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "export/writer.h"

static void begin(struct export_writer *writer)
{
    sink_text(writer->sink, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                            "<adx xmlns=\"urn:ihe:qrph:adx:2015\" exported=\"");
    sink_xml(writer->sink, writer->head.prepared);
    sink_text(writer->sink, "\">\n");
}

static void group_close(struct export_writer *writer)
{
    if (writer->set[0] != '\0')
        sink_text(writer->sink, "  </group>\n");
    writer->set[0] = '\0';
}

static void group_open(struct export_writer *writer, const struct export_row *row)
{
    const char *set = row->form[0] != '\0' ? row->form : row->plan;
    if (writer->set[0] != '\0' && writer->place == row->place && writer->year == row->year &&
        strncmp(writer->set, set, sizeof writer->set - 1) == 0)
        return;
    group_close(writer);
    writer->place = row->place;
    writer->year = row->year;
    snprintf(writer->set, sizeof writer->set, "%s", set);
    sink_printf(writer->sink,
                "  <group orgUnit=\"%012" PRIu64 "\" period=\"%04" PRIu32 "-01-01/P1Y\" dataSet=\"",
                row->place, row->year);
    sink_xml(writer->sink, set);
    sink_text(writer->sink, "\">\n");
}

/* One tag as an attribute; names that XML or ADX keeps for itself get an underscore. */
static void tag_write(struct sink *sink, const char *tag, size_t length)
{
    char text[CELL_TEXT_BYTES];
    snprintf(text, sizeof text, "%.*s", (int)length, tag);
    char *value = strchr(text, '=');
    if (value == NULL)
        return;
    *value++ = '\0';
    bool taken = text[0] < 'a' || text[0] > 'z' || strcmp(text, "value") == 0 ||
                 strncmp(text, "xml", 3) == 0;
    sink_printf(sink, " %s%s=\"", taken ? "_" : "", text);
    sink_xml(sink, value);
    sink_text(sink, "\"");
}

static void row_write(struct export_writer *writer, const struct export_row *row)
{
    char text[SINK_NUMBER_BYTES];
    if (row->status != EXPORT_VALUE)
        return;
    group_open(writer, row);
    sink_text(writer->sink, "    <dataValue dataElement=\"");
    sink_xml(writer->sink, row->item);
    sink_printf(writer->sink, "\" value=\"%s\"", sink_number_text(row->value, text));
    for (const char *tag = row->stratum; *tag != '\0';) {
        size_t length = strcspn(tag, ";");
        tag_write(writer->sink, tag, length);
        tag += length + (tag[length] == ';');
    }
    sink_text(writer->sink, row->demonstration
                                ? "><annotation>演示数据 DEMONSTRATION</annotation></dataValue>\n"
                                : "/>\n");
}

static void end(struct export_writer *writer)
{
    const size_t *count = writer->by_status;
    group_close(writer);
    sink_printf(writer->sink,
                "  <!-- without a value and left out: %zu not applicable, %zu not collected, %zu "
                "not reported, %zu not published -->\n</adx>\n",
                count[EXPORT_NOT_APPLICABLE], count[EXPORT_NOT_COLLECTED],
                count[EXPORT_NOT_REPORTED], count[EXPORT_SUPPRESSED]);
}

const struct writer_kind writer_adx = {begin, row_write, end, NULL, false};
