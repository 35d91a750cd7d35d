#include "yearbook/annex.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cli/words.h"
#include "plan/stratum.h"
#include "yearbook/escape.h"

static const char bom[] = "\xef\xbb\xbf";

/* One figure as the annex tells it. */
struct entry {
    const char *kind; /* figure, gap, area */
    uint32_t first_year, year;
    uint64_t place;
    const char *indicator, *name_zh, *name_en, *stratum, *unit, *presence;
    char value[64];
    bool printed;
};

static const char *area_of(uint64_t unit)
{
    uint64_t place = unit_place(unit);
    if (place_level(place) != PLACE_VILLAGE)
        return "";
    return place_is_urban(place) ? "urban" : place_is_rural(place) ? "rural" : "";
}

/* Whether a report is behind the entry, once its form is. Villages alone lie in an area. */
static bool counts(const struct source *source, const struct entry *entry, uint32_t year,
                   const char *form)
{
    size_t length = 0;
    const char *area = stratum_value(entry->stratum, "area", &length);
    const char *own = area_of(source->unit);
    if (source->period != year || strcmp(source->form, form) != 0 ||
        !place_contains(entry->place, unit_place(source->unit)))
        return false;
    return area == NULL || place_level(unit_place(source->unit)) != PLACE_VILLAGE ||
           (strlen(own) == length && memcmp(own, area, length) == 0);
}

static bool form_feeds(const struct form *form, const struct expression *side)
{
    for (size_t i = 0; i < side->count; i++)
        for (size_t k = 0; k < form->cell_count; k++)
            if (form->cells[k].element == side->terms[i].element)
                return true;
    return false;
}

static void field(const char *text, FILE *out)
{
    escape_csv(text, out);
    fputc(',', out);
}

/* The last two fields: how many reports, and where they are. */
static void sources_write(const struct book *book, const struct entry *entry, FILE *out)
{
    const struct plan *plan = book->plan;
    size_t index = plan_indicator(plan, entry->indicator), reports = 0, length = 0;
    const char *area = stratum_value(entry->stratum, "area", &length), *blank = "";
    char *keys = NULL;
    size_t size = 0;
    FILE *list = open_memstream(&keys, &size);
    for (uint32_t year = entry->first_year; list != NULL && year <= entry->year; year++)
        for (size_t i = 0; i < plan->form_count && index != PLAN_NONE && !entry->printed; i++) {
            const struct form *form = &plan->forms[i];
            size_t found = 0;
            if (!form_feeds(form, &plan->indicators[index].numerator) &&
                !form_feeds(form, &plan->indicators[index].denominator))
                continue;
            for (size_t k = 0; k < book->source_count; k++)
                found += counts(&book->sources[k], entry, year, form->code);
            if (found == 0)
                continue;
            bool split = area != NULL && strcmp(form->reporter, "village") == 0;
            fprintf(list, "%s%u/%s%s%.*s", blank, year, form->code, split ? "/" : "",
                    split ? (int)length : 0, split ? area : "");
            blank = " ";
            reports += found;
        }
    bool listed = list != NULL && fclose(list) == 0;
    fprintf(out, "%zu,", reports);
    escape_csv(listed ? keys : "", out);
    fputs("\r\n", out);
    free(keys);
}

static void entry_write(const struct book *book, const struct entry *entry, FILE *out)
{
    fprintf(out, "%s,%u,%u,%012" PRIu64 ",", entry->kind, entry->first_year, entry->year,
            entry->place);
    field(entry->indicator, out);
    field(entry->name_zh, out);
    field(entry->name_en, out);
    field(entry->stratum, out);
    field(entry->unit, out);
    field(entry->presence, out);
    field(entry->value, out);
    field(entry->printed ? "1" : "0", out);
    sources_write(book, entry, out);
}

static struct entry entry_of(const struct book *book, const Zhibao__IndicatorResult *row,
                             uint32_t year)
{
    struct entry entry = {.kind = "figure",
                          .first_year = year,
                          .year = year,
                          .place = book->place,
                          .indicator = row->indicator,
                          .name_zh = row->name_zh,
                          .name_en = row->name_en,
                          .stratum = row->stratum,
                          .unit = row->unit,
                          .presence = presence_slug((int)row->presence)};
    bool valued = row->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE;
    entry.printed = valued && row->reporting == 0;
    if (row->suppressed)
        snprintf(entry.value, sizeof entry.value, "*");
    else if (valued)
        snprintf(entry.value, sizeof entry.value, "%.15g", row->value);
    return entry;
}

static void gaps_write(const struct book *book, FILE *out)
{
    for (size_t page = 0; page < book->exact->count; page++)
        for (size_t i = 0; i < book->exact->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *row = book->exact->pages[page]->indicators[i];
            for (size_t k = 0; k < row->n_gaps; k++) {
                const Zhibao__Gap *gap = row->gaps[k];
                if (!book_gap_printable(book, row, gap))
                    continue;
                for (int side = 0; side < 2; side++) {
                    struct entry entry = entry_of(book, row, book->year);
                    entry.kind = "gap";
                    entry.stratum = side == 0 ? gap->first : gap->second;
                    entry.printed = false;
                    snprintf(entry.value, sizeof entry.value, "%.15g",
                             side == 0 ? gap->first_value : gap->second_value);
                    entry_write(book, &entry, out);
                }
            }
        }
}

static void areas_write(const struct book *book, FILE *out)
{
    for (size_t i = 0; i < book->area_count; i++) {
        const Zhibao__AreaRows *rows = book->areas[i];
        if (rows->gap == NULL || rows->mortality)
            continue;
        for (size_t k = 0; k < rows->n_areas; k++) {
            const Zhibao__Area *area = rows->areas[k];
            if (area->place != rows->gap->highest && area->place != rows->gap->lowest)
                continue;
            struct entry entry = {
                .kind = "area",
                .first_year = book->year > area->years ? book->year + 1 - area->years : book->year,
                .year = book->year,
                .place = area->place,
                .indicator = rows->indicator,
                .name_zh = rows->name_zh,
                .name_en = rows->name_en,
                .stratum = "",
                .unit = rows->unit,
                .presence = presence_slug(ZHIBAO__PRESENCE__PRESENCE_VALUE)};
            snprintf(entry.value, sizeof entry.value, "%.15g", area->rate);
            entry_write(book, &entry, out);
        }
    }
}

void annex_figures(const struct book *book, FILE *out)
{
    fprintf(out,
            "%skind,first_year,year,place,indicator,name_zh,name_en,stratum,unit,presence,value,"
            "printed,"
            "reports,sources\r\n",
            bom);
    for (size_t year = 0; year < book->year_count; year++)
        for (size_t page = 0; page < book->published[year]->count; page++) {
            const Zhibao__Pulled *pulled = book->published[year]->pages[page];
            for (size_t i = 0; i < pulled->n_indicators; i++) {
                struct entry entry =
                    entry_of(book, pulled->indicators[i], (uint32_t)book->years[year]);
                if (entry.indicator[0] != '\0')
                    entry_write(book, &entry, out);
            }
        }
    gaps_write(book, out);
    areas_write(book, out);
}

static void hash_field(const struct source *source, const struct hash *hash, FILE *out)
{
    char text[2 * HASH_BYTES + 1] = "";
    if (source->proved)
        hex_encode(hash->bytes, HASH_BYTES, text);
    field(text, out);
}

void annex_reports(const struct book *book, FILE *out)
{
    fprintf(out, "%ssource,unit,unit_name,area,revision,id,leaf_hash,batch,leaf,root\r\n", bom);
    for (size_t i = 0; i < book->source_count; i++) {
        const struct source *source = &book->sources[i];
        char id[2 * RECORD_ID_BYTES + 1], unit[UNIT_TEXT_BYTES];
        char root[2 * HASH_BYTES + 1] = "";
        hex_encode(source->id.bytes, RECORD_ID_BYTES, id);
        fprintf(out, "%u/%s,%s,", source->period, source->form, unit_format(source->unit, unit));
        field(source->unit_name == NULL ? "" : source->unit_name, out);
        fprintf(out, "%s,%u,%s,", area_of(source->unit), source->revision, id);
        hash_field(source, &source->leaf, out);
        if (source->proved) {
            hex_encode(source->root.bytes, HASH_BYTES, root);
            fprintf(out, "%" PRIu64 ",%u,%s\r\n", source->batch, source->index, root);
        } else {
            fputs(",,\r\n", out);
        }
    }
}
