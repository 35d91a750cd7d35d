/* The data message of SDMX-JSON 2.0.0, flat: every dimension at the observation. The data set comes
 * first and the structure, whose values the keys count, last, so that rows need not be kept. */
#include <string.h>

#include "export/writer.h"

static void begin(struct export_writer *writer)
{
    sink_printf(writer->sink,
                "{\"data\":{\"dataSets\":[{\"structure\":0,\"action\":\"Information\",\"links\":"
                "[{\"urn\":\"" EXPORT_URN "datastructure.Dataflow=" EXPORT_AGENCY
                ":%s(" EXPORT_VERSION ")\",\"rel\":\"dataflow\"}],\"observations\":{",
                writer_flow(writer));
}

/* TIME_PERIOD is not coded, but its values are counted like codes. */
static const char *list_of(const struct export_component *component)
{
    return component->role == ROLE_TIME_OF ? component->id : component->codelist;
}

static void key_write(struct export_writer *writer, const struct export_row *row)
{
    struct export_cell cell;
    const char *before = writer->rows == 0 ? "\n\"" : ",\n\"";
    for (const struct export_component *component = export_components; component->id != NULL;
         component++) {
        if ((component->what & writer->head.what) == 0 ||
            (component->role != ROLE_DIMENSION_OF && component->role != ROLE_TIME_OF))
            continue;
        writer_fill(component->fill, row, &cell);
        if (component->role == ROLE_TIME_OF)
            cell.text = cell.zh = cell.en = sink_number_text(cell.number, cell.room);
        sink_printf(writer->sink, "%s%zu", before, writer_code(writer, list_of(component), &cell));
        before = ":";
    }
}

static void row_write(struct export_writer *writer, const struct export_row *row)
{
    char text[SINK_NUMBER_BYTES];
    struct export_cell cell;
    const char *before = "\":[";
    key_write(writer, row);
    for (const struct export_component *component = export_components; component->id != NULL;
         component++) {
        if ((component->what & writer->head.what) == 0 ||
            (component->role != ROLE_MEASURE_OF && component->role != ROLE_ATTRIBUTE_OF))
            continue;
        sink_text(writer->sink, before);
        before = ",";
        writer_fill(component->fill, row, &cell);
        if (cell.kind == CELL_EMPTY)
            sink_text(writer->sink, "null");
        else if (cell.kind == CELL_NUMBER)
            sink_text(writer->sink, sink_number_text(cell.number, text));
        else if (component->codelist != NULL)
            sink_printf(writer->sink, "%zu", writer_code(writer, component->codelist, &cell));
        else
            sink_json(writer->sink, cell.text);
    }
    sink_text(writer->sink, "]");
}

/* The values that the message uses, in the order that its keys count. */
static void values_write(struct export_writer *writer, const struct export_component *component)
{
    const struct code *code = NULL;
    const char *before = ",\"values\":[", *list = list_of(component);
    for (size_t i = 0; (code = codes_at(writer->codes, i)) != NULL; i++) {
        if (strcmp(code->list, list) != 0)
            continue;
        sink_text(writer->sink, before);
        before = ",";
        sink_text(writer->sink, component->role == ROLE_TIME_OF ? "{\"value\":" : "{\"id\":");
        sink_json(writer->sink, code->id);
        if (component->role != ROLE_TIME_OF) {
            sink_text(writer->sink, ",");
            writer_names(writer->sink, code->zh, code->en);
        }
        sink_text(writer->sink, "}");
    }
    if (before[1] == '\0') /* there was one: an attribute may have none */
        sink_text(writer->sink, "]");
}

static void component_write(struct export_writer *writer, const struct export_component *component,
                            size_t position)
{
    sink_printf(writer->sink, "{\"id\":\"%s\",", component->id);
    writer_names(writer->sink, component->zh, component->en);
    if (component->role == ROLE_DIMENSION_OF || component->role == ROLE_TIME_OF)
        sink_printf(writer->sink, ",\"keyPosition\":%zu", position);
    if (component->role == ROLE_ATTRIBUTE_OF)
        sink_printf(writer->sink, ",\"isMandatory\":%s,\"relationship\":{\"observation\":{}}",
                    component->mandatory ? "true" : "false");
    if (component->type != NULL)
        sink_printf(writer->sink, ",\"format\":{\"dataType\":\"%s\"}", component->type);
    if (list_of(component) != NULL)
        values_write(writer, component);
    sink_text(writer->sink, "}");
}

/* One of the lists: "dimensions", "measures", "attributes". */
static void list_write(struct export_writer *writer, const char *name, enum export_role first,
                       enum export_role last)
{
    size_t position = 0;
    sink_printf(writer->sink, ",\n\"%s\":{\"observation\":[", name);
    for (const struct export_component *component = export_components; component->id != NULL;
         component++) {
        if ((component->what & writer->head.what) == 0 || component->role < first ||
            component->role > last)
            continue;
        sink_text(writer->sink, position == 0 ? "\n" : ",\n");
        component_write(writer, component, position++);
    }
    sink_text(writer->sink, "]}");
}

static void structure_write(struct export_writer *writer)
{
    sink_printf(writer->sink,
                "{\"dataSets\":[0],\"links\":[{\"urn\":\"" EXPORT_URN
                "datastructure.Dataflow=" EXPORT_AGENCY ":%s(" EXPORT_VERSION
                ")\",\"rel\":\"dataflow\"}],",
                writer_flow(writer));
    if (writer->head.what == EXPORT_RESULTS)
        writer_names(writer->sink, "儿童发展规划监测汇总结果",
                     "Consolidated results of children's development plans");
    else
        writer_names(writer->sink, "儿童发展规划监测填报数",
                     "Figures reported for children's development plans");
    list_write(writer, "dimensions", ROLE_DIMENSION_OF, ROLE_TIME_OF);
    list_write(writer, "measures", ROLE_MEASURE_OF, ROLE_MEASURE_OF);
    list_write(writer, "attributes", ROLE_ATTRIBUTE_OF, ROLE_ATTRIBUTE_OF);
    sink_text(writer->sink, "}");
}

/* Without any row there is no value to describe, and a list of values has at least one. */
static void end(struct export_writer *writer)
{
    sink_text(writer->sink, "}}],\n\"structures\":[");
    if (writer->rows > 0)
        structure_write(writer);
    sink_text(writer->sink, "]},\n");
    writer_meta(writer, "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/"
                        "tools/schemas/2.0.0/sdmx-json-data-schema.json");
    sink_text(writer->sink, "}\n");
}

const struct writer_kind writer_sdmx_json = {begin, row_write, end, NULL, true};
