#include "demo/write.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "demo/round.h"

enum { SUFFIX_BYTES = 32 };

struct writer {
    const struct demo_output *output;
    struct demo *demo;
    struct problems *problems;
    FILE *returns;
};

/* Makes the directory and those above it. */
static enum status make_directories(const char *path)
{
    char part[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof part) {
        errno = ENAMETOOLONG;
        return STATUS_IO;
    }
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return STATUS_IO;
    }
    return STATUS_OK;
}

static FILE *create(const char *directory, const char *name)
{
    char path[PATH_MAX];
    if ((size_t)snprintf(path, sizeof path, "%s/%s", directory, name) >= sizeof path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    return fopen(path, "wbe");
}

static enum status finish(FILE *file)
{
    bool failed = ferror(file) != 0;
    return fclose(file) != 0 || failed ? STATUS_IO : STATUS_OK;
}

static enum status write_form(struct writer *writer, const char *directory, const struct unit *unit,
                              const struct form *form, int year, bool slip)
{
    char *text = NULL, name[UNIT_TEXT_BYTES + SUFFIX_BYTES], unit_text[UNIT_TEXT_BYTES];
    size_t size = 0;
    const struct demo_output *output = writer->output;
    struct demo_report report = {.plan = output->plan,
                                 .unit = unit,
                                 .form = form,
                                 .seed = output->seed,
                                 .first_year = output->first_year,
                                 .year = year,
                                 .slip = slip};
    enum status status = demo_form_text(writer->demo, &report, writer->problems, &text, &size);
    if (status != STATUS_OK)
        return status;
    snprintf(name, sizeof name, "%s%s.csv", unit_format(unit->id, unit_text), slip ? ".first" : "");
    FILE *file = create(directory, name);
    status = STATUS_IO;
    if (file != NULL) {
        fwrite(text, 1, size, file);
        status = finish(file);
    }
    free(text);
    return status;
}

/* Notes a first report with a slip, for whoever returns it. */
static void note_return(struct writer *writer, const struct unit *unit, const struct form *form,
                        int year)
{
    size_t index = 0;
    int64_t wrong = 0;
    char text[UNIT_TEXT_BYTES];
    struct figure figures[FORM_CELLS_MAX];
    demo_figures(writer->demo, unit, form, year, figures);
    if (!round_slip(writer->output->plan, form, figures, &index, &wrong))
        return;
    fprintf(writer->returns,
            "%d\t%s\t%s\t%" PRIu32 "\t%" PRId64 "\t第%" PRIu32 "项填报%" PRId64
            "，与往年相差悬殊，请核对是否多写了一个0\n",
            year, form->code, unit_format(unit->id, text), form->cells[index].number, wrong,
            form->cells[index].number, wrong);
}

static enum status write_unit_forms(struct writer *writer, const char *directory,
                                    const struct unit *unit, const struct form *form, int year)
{
    uint64_t place = unit_place(unit->id), seed = writer->output->seed;
    if (unit->role == ROLE_VILLAGE) {
        if (round_is_missing(seed, place, year))
            return STATUS_OK;
        uint64_t township = place_ancestor(place, PLACE_TOWNSHIP);
        if (round_returned(writer->output->plan, seed, township, year) == place) {
            enum status status = write_form(writer, directory, unit, form, year, true);
            if (status != STATUS_OK)
                return status;
            note_return(writer, unit, form, year);
        }
    }
    return write_form(writer, directory, unit, form, year, false);
}

static enum status write_forms(struct writer *writer, const struct form *form, int year)
{
    char directory[PATH_MAX];
    const struct plan *plan = writer->output->plan;
    enum status status = STATUS_IO;
    if ((size_t)snprintf(directory, sizeof directory, "%s/%d/%s", writer->output->directory, year,
                         form->code) >= sizeof directory)
        errno = ENAMETOOLONG;
    else
        status = make_directories(directory);
    for (size_t i = 0; status == STATUS_OK && i < plan->unit_count; i++)
        if (plan_unit_owes(plan, &plan->units[i], form))
            status = write_unit_forms(writer, directory, &plan->units[i], form, year);
    return status;
}

/* The form a unit fills in; "-" for those that fill in none. */
static const char *form_of(const struct plan *plan, const struct unit *unit)
{
    for (size_t i = 0; i < plan->form_count; i++)
        if (plan_unit_owes(plan, unit, &plan->forms[i]))
            return plan->forms[i].code;
    return "-";
}

/* unit, role, form, name, and the place whose unit reviews it: a village's township, else the
 * district (or the unit's own place above that level). */
static enum status write_units(const struct demo_output *output)
{
    FILE *file = create(output->directory, "units.tsv");
    if (file == NULL)
        return STATUS_IO;
    fputs("unit\trole\tform\tname\tabove\n", file);
    for (size_t i = 0; i < output->plan->unit_count; i++) {
        const struct unit *unit = &output->plan->units[i];
        char text[UNIT_TEXT_BYTES];
        uint64_t above = unit->role == ROLE_VILLAGE
                             ? place_ancestor(unit_place(unit->id), PLACE_TOWNSHIP)
                             : unit->district;
        fprintf(file, "%s\t%s\t%s\t%s\t%012" PRIu64 "\n", unit_format(unit->id, text),
                role_text(unit->role), form_of(output->plan, unit), unit->name_zh, above);
    }
    return finish(file);
}

enum status demo_write(const struct demo_output *output, struct problems *problems)
{
    struct writer writer = {.output = output, .problems = problems};
    enum status status = make_directories(output->directory);
    if (status != STATUS_OK)
        return status;
    status = demo_create(output->plan, output->model, output->seed, &writer.demo);
    if (status != STATUS_OK)
        return status;
    status = STATUS_IO;
    writer.returns = create(output->directory, "returns.tsv");
    if (writer.returns == NULL)
        goto cleanup;
    fputs("year\tform\tunit\tcell\twrong\treason\n", writer.returns);
    status = write_units(output);
    for (int year = output->first_year; status == STATUS_OK && year <= output->last_year; year++)
        for (size_t i = 0; status == STATUS_OK && i < output->plan->form_count; i++)
            status = write_forms(&writer, &output->plan->forms[i], year);
    if (finish(writer.returns) != STATUS_OK && status == STATUS_OK)
        status = STATUS_IO;
cleanup:
    demo_destroy(&writer.demo);
    return status;
}
