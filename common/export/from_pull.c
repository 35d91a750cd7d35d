#include "export/from_pull.h"

#include "base/unit_id.h"

static enum export_status status_of(Zhibao__Presence presence)
{
    return presence >= ZHIBAO__PRESENCE__PRESENCE_VALUE &&
                   presence <= ZHIBAO__PRESENCE__PRESENCE_NOT_REPORTED
               ? (enum export_status)presence
               : EXPORT_NOT_REPORTED;
}

static const char *attainment_word(Zhibao__Attainment attainment)
{
    switch (attainment) {
    case ZHIBAO__ATTAINMENT__ATTAINMENT_MET: return "met";
    case ZHIBAO__ATTAINMENT__ATTAINMENT_NOT_MET: return "not_met";
    case ZHIBAO__ATTAINMENT__ATTAINMENT_NO_DATA: return "no_data";
    case ZHIBAO__ATTAINMENT__ATTAINMENT_NOT_JUDGEABLE: return "not_judgeable";
    case ZHIBAO__ATTAINMENT__ATTAINMENT_MET_UNCERTAIN: return "met_uncertain";
    default: return "";
    }
}

/* The target that decides; the others are in PULL's own answer. */
static void set_target(const Zhibao__IndicatorResult *result, struct export_row *row)
{
    for (size_t i = 0; i < result->n_targets; i++) {
        const Zhibao__TargetResult *target = result->targets[i];
        if (!target->decides)
            continue;
        row->target = target->target;
        row->target_op = target->op;
        row->target_value = target->value;
        row->target_year = target->year;
        row->target_scope = target->scope;
        row->attainment = attainment_word(target->attainment);
    }
}

static void set_counts(const Zhibao__IndicatorResult *result, struct export_row *row)
{
    row->decimals = result->decimals;
    row->reporting = result->reporting;
    row->expected = result->expected;
    row->not_applicable = result->n_empty > 0 ? result->empty[0] : 0;
    row->not_collected = result->n_empty > 1 ? result->empty[1] : 0;
    row->not_reported = result->n_empty > 2 ? result->empty[2] : 0;
}

void export_pulled(struct export_writer *writer, const Zhibao__Pulled *page, bool published)
{
    for (size_t i = 0; i < page->n_indicators; i++) {
        const Zhibao__IndicatorResult *result = page->indicators[i];
        struct export_row row = export_row_blank();
        if (result->indicator[0] == '\0')
            continue;
        row.place = page->place;
        row.place_name = page->place_name;
        row.year = page->period;
        row.plan = page->plan;
        row.provisional = !page->locked;
        row.published = published;
        row.item = result->indicator;
        row.name_zh = result->name_zh;
        row.name_en = result->name_en;
        row.codes = result->codes;
        row.domain = result->domain;
        row.kind = result->kind;
        row.unit_code = result->unit;
        row.stratum = result->stratum;
        row.status = result->suppressed ? EXPORT_SUPPRESSED : status_of(result->presence);
        row.value = result->value;
        row.has_fraction = result->has_fraction && !result->suppressed;
        row.numerator = result->numerator;
        row.denominator = result->denominator;
        row.demonstration = result->demonstration;
        row.printed = row.status == EXPORT_VALUE && result->reporting == 0;
        set_counts(result, &row);
        set_target(result, &row);
        export_row(writer, &row);
    }
}

static void report_write(struct export_writer *writer, const Zhibao__FigureRows *page,
                         const Zhibao__FigureReport *report, const Zhibao__FigureForm *form)
{
    const Zhibao__Observations *columns = report->observations;
    size_t next = 0;
    for (size_t i = 0; i < form->n_cells; i++) {
        const Zhibao__FormCell *cell = form->cells[i];
        struct export_row row = export_row_blank();
        row.place = unit_place(report->unit);
        row.place_name = report->place_name;
        row.unit = report->unit;
        row.year = page->period;
        row.plan = page->plan;
        row.form = form->form;
        row.item = cell->element;
        row.name_zh = cell->name_zh;
        row.name_en = cell->name_en;
        row.unit_code = cell->unit;
        row.stratum = cell->stratum;
        row.decimals = cell->decimals;
        row.revision = report->revision;
        row.demonstration = report->demonstration;
        row.provisional = !page->locked;
        while (columns != NULL && next < columns->n_cell && columns->cell[next] < cell->cell)
            next++;
        if (columns != NULL && next < columns->n_cell && columns->cell[next] == cell->cell &&
            next < columns->n_presence && next < columns->n_value) {
            row.status = status_of((Zhibao__Presence)columns->presence[next]);
            row.value = columns->value[next];
        }
        export_row(writer, &row);
    }
}

void export_figures(struct export_writer *writer, const Zhibao__FigureRows *page)
{
    for (size_t i = 0; i < page->n_reports; i++) {
        const Zhibao__FigureReport *report = page->reports[i];
        if (report->form < page->n_forms)
            report_write(writer, page, report, page->forms[report->form]);
    }
}
