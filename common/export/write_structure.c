/* The structure message of SDMX-JSON 2.0.0: concepts, codelists with the codes in use, the data
 * structure definition and its dataflow. */
#include <string.h>

#include "export/writer.h"

#define CONCEPTS "CS_ZHIBAO"

static void begin(struct export_writer *writer)
{
    struct export_cell cell = {0};
    for (const struct fixed_code *code = fixed_codes; code->list != NULL; code++) {
        cell.text = code->id;
        cell.zh = code->zh;
        cell.en = code->en;
        writer_code(writer, code->list, &cell);
    }
}

static void row_write(struct export_writer *writer, const struct export_row *row)
{
    writer_codes_of_row(writer, row);
}

void writer_names(struct sink *sink, const char *zh, const char *en)
{
    sink_text(sink, "\"name\":");
    sink_json(sink, zh);
    sink_text(sink, ",\"names\":{\"zh\":");
    sink_json(sink, zh);
    sink_text(sink, ",\"en\":");
    sink_json(sink, en);
    sink_text(sink, "}");
}

void writer_meta(struct export_writer *writer, const char *schema)
{
    struct sink *sink = writer->sink;
    sink_text(sink, "\"meta\":{\"schema\":");
    sink_json(sink, schema);
    sink_text(sink, ",\"id\":");
    sink_json(sink, writer->head.id);
    sink_printf(sink, ",\"test\":%s,\"prepared\":", writer->demonstration ? "true" : "false");
    sink_json(sink, writer->head.prepared);
    sink_text(sink, ",\"contentLanguages\":[\"zh\",\"en\"],\"sender\":{\"id\":\"" EXPORT_AGENCY
                    "\",\"name\":\"直报\",\"names\":{\"zh\":\"直报\",\"en\":\"Zhibao\"}}}");
}

/* {"id":…,"agencyID":…,"version":…,names — left open */
static void maintainable(struct sink *sink, const char *before, const char *id, const char *zh,
                         const char *en)
{
    sink_printf(sink,
                "{\"id\":\"%s%s\",\"agencyID\":\"" EXPORT_AGENCY "\",\"version\":\"" EXPORT_VERSION
                "\",",
                before, id);
    writer_names(sink, zh, en);
}

static void concepts_write(struct export_writer *writer)
{
    const char *before = "\n{";
    struct sink *sink = writer->sink;
    sink_text(sink, "\"conceptSchemes\":[");
    maintainable(sink, "", CONCEPTS, "直报的概念", "Concepts of Zhibao");
    sink_text(sink, ",\"concepts\":[");
    for (const struct export_component *component = export_components; component->id != NULL;
         component++) {
        if ((component->what & writer->head.what) == 0)
            continue;
        sink_printf(sink, "%s\"id\":\"%s\",", before, component->id);
        writer_names(sink, component->zh, component->en);
        sink_text(sink, "}");
        before = ",\n{";
    }
    sink_text(sink, "]}]");
}

static void codes_write(struct export_writer *writer, const char *list)
{
    const struct code *code = NULL;
    const char *before = ",\"codes\":[\n{";
    struct sink *sink = writer->sink;
    for (size_t i = 0; (code = codes_at(writer->codes, i)) != NULL; i++) {
        if (strcmp(code->list, list) != 0)
            continue;
        sink_printf(sink, "%s\"id\":", before);
        before = ",\n{";
        sink_json(sink, code->id);
        sink_text(sink, ",");
        writer_names(sink, code->zh, code->en);
        if (code->note != NULL) {
            sink_text(sink, ",\"annotations\":[{\"id\":\"INTERNATIONAL_CODES\",\"value\":");
            sink_json(sink, code->note);
            sink_text(sink, "}]");
        }
        sink_text(sink, "}");
    }
    if (strcmp(before, ",\n{") == 0)
        sink_text(sink, "]");
}

static bool list_is_used(const struct export_writer *writer, const char *list)
{
    for (const struct export_component *component = export_components; component->id != NULL;
         component++)
        if ((component->what & writer->head.what) != 0 && component->codelist != NULL &&
            strcmp(component->codelist, list) == 0)
            return true;
    return false;
}

static void codelists_write(struct export_writer *writer)
{
    const char *before = "";
    sink_text(writer->sink, ",\n\"codelists\":[");
    for (const struct code_list *list = code_lists; list->id != NULL; list++) {
        if (!list_is_used(writer, list->id))
            continue;
        sink_text(writer->sink, before);
        before = ",\n";
        maintainable(writer->sink, "", list->id, list->zh, list->en);
        sink_text(writer->sink, ",\"isPartial\":true");
        codes_write(writer, list->id);
        sink_text(writer->sink, "}");
    }
    sink_text(writer->sink, "]");
}

static void representation_write(struct sink *sink, const struct export_component *component)
{
    if (component->codelist != NULL)
        sink_printf(sink,
                    ",\"localRepresentation\":{\"enumeration\":\"" EXPORT_URN
                    "codelist.Codelist=" EXPORT_AGENCY ":%s(" EXPORT_VERSION ")\"}",
                    component->codelist);
    else
        sink_printf(sink, ",\"localRepresentation\":{\"format\":{\"dataType\":\"%s\"}}",
                    component->type);
}

static void component_write(struct sink *sink, const struct export_component *component,
                            size_t position)
{
    sink_printf(sink,
                "{\"id\":\"%s\",\"conceptIdentity\":\"" EXPORT_URN
                "conceptscheme.Concept=" EXPORT_AGENCY ":" CONCEPTS "(" EXPORT_VERSION ").%s\"",
                component->id, component->id);
    if (component->role == ROLE_DIMENSION_OF)
        sink_printf(sink, ",\"position\":%zu", position);
    if (component->role == ROLE_ATTRIBUTE_OF || component->role == ROLE_MEASURE_OF)
        sink_printf(sink, ",\"usage\":\"%s\"", component->mandatory ? "mandatory" : "optional");
    if (component->role == ROLE_ATTRIBUTE_OF)
        sink_text(sink, ",\"attributeRelationship\":{\"observation\":{}}");
    representation_write(sink, component);
    sink_text(sink, "}");
}

static void components_write(struct export_writer *writer, enum export_role role)
{
    size_t position = 0;
    for (const struct export_component *component = export_components; component->id != NULL;
         component++) {
        if ((component->what & writer->head.what) == 0 || component->role != role)
            continue;
        sink_text(writer->sink, position == 0 ? "\n" : ",\n");
        component_write(writer->sink, component, position++);
    }
}

static void definition_write(struct export_writer *writer)
{
    struct sink *sink = writer->sink;
    sink_text(sink, ",\n\"dataStructures\":[");
    maintainable(sink, "DSD_", writer_flow(writer), "数据结构", "Data structure definition");
    sink_text(sink, ",\"dataStructureComponents\":{\"dimensionList\":{\"id\":"
                    "\"DimensionDescriptor\",\"dimensions\":[");
    components_write(writer, ROLE_DIMENSION_OF);
    sink_text(sink, "],\"timeDimension\":");
    components_write(writer, ROLE_TIME_OF);
    sink_text(sink, "},\n\"measureList\":{\"id\":\"MeasureDescriptor\",\"measures\":[");
    components_write(writer, ROLE_MEASURE_OF);
    sink_text(sink, "]},\n\"attributeList\":{\"id\":\"AttributeDescriptor\",\"attributes\":[");
    components_write(writer, ROLE_ATTRIBUTE_OF);
    sink_text(sink, "]}}}],\n\"dataflows\":[");
    maintainable(
        sink, "", writer_flow(writer),
        writer->head.what == EXPORT_RESULTS ? "儿童发展规划监测汇总结果" : "儿童发展规划监测填报数",
        writer->head.what == EXPORT_RESULTS ? "Consolidated results of children's development plans"
                                            : "Figures reported for children's development plans");
    sink_printf(sink,
                ",\"structure\":\"" EXPORT_URN "datastructure.DataStructure=" EXPORT_AGENCY
                ":DSD_%s(" EXPORT_VERSION ")\"}]",
                writer_flow(writer));
}

static void end(struct export_writer *writer)
{
    sink_text(writer->sink, "{");
    writer_meta(writer, "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-"
                        "message/tools/schemas/2.0.0/sdmx-json-structure-schema.json");
    sink_text(writer->sink, ",\n\"data\":{");
    concepts_write(writer);
    codelists_write(writer);
    definition_write(writer);
    sink_text(writer->sink, "}}\n");
}

const struct writer_kind writer_structure = {begin, row_write, end, NULL, true};
