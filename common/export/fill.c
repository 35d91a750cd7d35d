/* What the components that need more than a look into the row say of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "export/columns.h"
#include "plan/stratum.h"
#include "plan/unit_words.h"

/* A word in our own terms as a code, with its names. */
struct word {
    const char *word, *code, *zh, *en;
};

static const struct word sexes[] = {
    {"m",    "M", "男", "male"},
    {"f", "F", "女", "female"},
    {0     },
};
static const struct word residences[] = {
    {"urban",   "U", "城镇", "urban"},
    {"rural", "R", "农村", "rural"},
    {0        },
};

/* Appends `text` as an SDMX id holds it: what no id may hold becomes $ and two hex digits. */
static void put_id(char room[CELL_TEXT_BYTES], size_t *used, const char *text, size_t length)
{
    for (size_t i = 0; i < length && *used + 4 < CELL_TEXT_BYTES; i++) {
        unsigned char byte = (unsigned char)text[i];
        bool plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                     (byte >= 'A' && byte <= 'Z') || byte == '_' || byte == '-';
        *used +=
            (size_t)snprintf(room + *used, CELL_TEXT_BYTES - *used, plain ? "%c" : "$%02X", byte);
    }
    room[*used] = '\0';
}

static void set_code(struct export_cell *cell, const char *text, const char *zh, const char *en)
{
    cell->kind = CELL_TEXT;
    cell->text = text;
    cell->zh = zh;
    cell->en = en;
}

static void set_id(struct export_cell *cell, const char *text, size_t length)
{
    size_t used = 0;
    put_id(cell->room, &used, text, length);
    set_code(cell, cell->room, cell->room, cell->room);
}

static void set_total(struct export_cell *cell)
{
    set_code(cell, "_T", "合计", "total");
}

void fill_freq(const struct export_row *row, struct export_cell *cell)
{
    (void)row;
    set_code(cell, "A", "年度", "annual");
}

void fill_place(const struct export_row *row, struct export_cell *cell)
{
    snprintf(cell->room, sizeof cell->room, "%012" PRIu64, row->place);
    set_code(cell, cell->room, row->place_name[0] == '\0' ? cell->room : row->place_name,
             row->place_name[0] == '\0' ? cell->room : row->place_name);
}

void fill_form(const struct export_row *row, struct export_cell *cell)
{
    set_id(cell, row->form, strlen(row->form));
}

void fill_item(const struct export_row *row, struct export_cell *cell)
{
    set_id(cell, row->item, strlen(row->item));
    cell->zh = row->name_zh[0] == '\0' ? row->item : row->name_zh;
    cell->en = row->name_en[0] == '\0' ? row->item : row->name_en;
    cell->note = row->codes[0] == '\0' ? NULL : row->codes;
}

/* The value of one key as a code: the word's, or the value itself. */
static void fill_key(const struct export_row *row, const char *key, const struct word *words,
                     struct export_cell *cell)
{
    size_t length = 0;
    const char *value = stratum_value(row->stratum, key, &length);
    if (value == NULL) {
        set_total(cell);
        return;
    }
    for (; words->word != NULL; words++)
        if (strlen(words->word) == length && strncmp(words->word, value, length) == 0) {
            set_code(cell, words->code, words->zh, words->en);
            return;
        }
    set_id(cell, value, length);
}

void fill_sex(const struct export_row *row, struct export_cell *cell)
{
    fill_key(row, "sex", sexes, cell);
}

void fill_residence(const struct export_row *row, struct export_cell *cell)
{
    fill_key(row, "area", residences, cell);
}

/* "0-2" is Y0T2, as UNICEF's codes have it. */
void fill_age(const struct export_row *row, struct export_cell *cell)
{
    size_t length = 0;
    unsigned from = 0, to = 0;
    char text[16] = "", again[16];
    const char *value = stratum_value(row->stratum, "age", &length);
    if (value == NULL) {
        set_total(cell);
        return;
    }
    if (length < sizeof text)
        memcpy(text, value, length);
    bool pair = sscanf(text, "%3u-%3u", &from, &to) == 2;
    snprintf(again, sizeof again, "%u-%u", from, to);
    if (!pair || strcmp(text, again) != 0) {
        set_id(cell, value, length);
        return;
    }
    snprintf(cell->room, sizeof cell->room, "Y%uT%u", from, to);
    snprintf(cell->name_room[0], CELL_TEXT_BYTES, "%u—%u岁", from, to);
    snprintf(cell->name_room[1], CELL_TEXT_BYTES, "%u to %u years", from, to);
    set_code(cell, cell->room, cell->name_room[0], cell->name_room[1]);
}

/* Every tag that has no dimension of its own: "stage=primary;cause=fall" is
 * stage@primary$cause@fall.
 */
void fill_breakdown(const struct export_row *row, struct export_cell *cell)
{
    static const char *const own[] = {"sex=", "age=", "area="};
    char others[CELL_TEXT_BYTES] = "";
    size_t used = 0, plain = 0;
    for (const char *tag = row->stratum; *tag != '\0';) {
        size_t length = strcspn(tag, ";"), key = strcspn(tag, "=");
        bool has_own = false;
        for (size_t i = 0; i < sizeof own / sizeof *own; i++)
            has_own = has_own || strncmp(tag, own[i], strlen(own[i])) == 0;
        if (!has_own && key < length && plain + length + 2 < sizeof others) {
            if (used > 0 && used + 1 < CELL_TEXT_BYTES)
                cell->room[used++] = '$';
            put_id(cell->room, &used, tag, key);
            if (used + 1 < CELL_TEXT_BYTES)
                cell->room[used++] = '@';
            put_id(cell->room, &used, tag + key + 1, length - key - 1);
            plain += (size_t)snprintf(others + plain, sizeof others - plain, "%s%.*s",
                                      plain > 0 ? ";" : "", (int)length, tag);
        }
        tag += length + (tag[length] == ';');
    }
    if (used == 0) {
        set_total(cell);
        return;
    }
    stratum_words(others, false, cell->name_room[0], CELL_TEXT_BYTES);
    stratum_words(others, true, cell->name_room[1], CELL_TEXT_BYTES);
    set_code(cell, cell->room, cell->name_room[0], cell->name_room[1]);
}

void fill_year(const struct export_row *row, struct export_cell *cell)
{
    cell->kind = CELL_NUMBER;
    cell->number = row->year;
}

void fill_value(const struct export_row *row, struct export_cell *cell)
{
    if (row->status != EXPORT_VALUE)
        return;
    cell->kind = CELL_NUMBER;
    cell->number = row->value;
}

void fill_unit(const struct export_row *row, struct export_cell *cell)
{
    set_id(cell, row->unit_code, strlen(row->unit_code));
    cell->zh = unit_word(row->unit_code, false);
    cell->en = unit_word(row->unit_code, true);
    if (cell->zh[0] == '\0')
        cell->zh = row->unit_code;
    if (cell->en[0] == '\0')
        cell->en = row->unit_code;
    if (row->unit_code[0] == '\0')
        set_code(cell, "_Z", "无", "none");
}

static void set_fixed(const char *list, const char *id, struct export_cell *cell)
{
    for (const struct fixed_code *code = fixed_codes; code->list != NULL; code++)
        if (strcmp(code->list, list) == 0 && strcmp(code->id, id) == 0)
            set_code(cell, code->id, code->zh, code->en);
}

void fill_obs_status(const struct export_row *row, struct export_cell *cell)
{
    static const char *const codes[] = {
        [EXPORT_NOT_APPLICABLE] = "M",
        [EXPORT_NOT_COLLECTED] = "L",
        [EXPORT_NOT_REPORTED] = "O",
        [EXPORT_SUPPRESSED] = "Q",
    };
    const char *code =
        row->status == EXPORT_VALUE ? (row->provisional ? "P" : "A") : codes[row->status];
    set_fixed("CL_OBS_STATUS", code, cell);
}

/* One code for small figures and for those that would tell them: which is which would tell them. */
void fill_obs_conf(const struct export_row *row, struct export_cell *cell)
{
    const char *code = row->status == EXPORT_SUPPRESSED ? "C" : row->published ? "F" : "N";
    set_fixed("CL_CONF_STATUS", code, cell);
}

void fill_provenance(const struct export_row *row, struct export_cell *cell)
{
    const char *code = row->demonstration ? "DEMONSTRATION" : row->printed ? "PLAN" : "REPORTED";
    set_fixed("CL_PROVENANCE", code, cell);
}

void fill_attainment(const struct export_row *row, struct export_cell *cell)
{
    set_fixed("CL_ATTAINMENT", row->attainment, cell);
}

void fill_status(const struct export_row *row, struct export_cell *cell)
{
    static const char *const words[] = {
        [EXPORT_VALUE] = "value",
        [EXPORT_NOT_APPLICABLE] = "not_applicable",
        [EXPORT_NOT_COLLECTED] = "not_collected",
        [EXPORT_NOT_REPORTED] = "not_reported",
        [EXPORT_SUPPRESSED] = "suppressed",
    };
    cell->kind = CELL_TEXT;
    cell->text = words[row->status];
}
