/* Rows of a DOCX that no page break cuts: pandoc has no way to ask for it, and word processors do
 * not take it from the table's style. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "yearbook/office.h"

#define PART "word/document.xml"

enum { PART_MAX = 128 * 1024 * 1024, FIRST_DAY = 1 << 5 | 1 }; /* 1980-01-01 */

/* NUL-terminated, malloc'ed; NULL when it cannot be read. */
static char *part_read(zip_t *zip, zip_uint64_t *out_index)
{
    zip_stat_t stat;
    if (zip_stat(zip, PART, 0, &stat) != 0 || stat.size > PART_MAX)
        return NULL;
    zip_file_t *file = zip_fopen_index(zip, stat.index, 0);
    char *text = malloc(stat.size + 1);
    bool whole =
        file != NULL && text != NULL && zip_fread(file, text, stat.size) == (zip_int64_t)stat.size;
    if (file != NULL)
        zip_fclose(file);
    if (!whole) {
        free(text);
        return NULL;
    }
    text[stat.size] = '\0';
    *out_index = stat.index;
    return text;
}

/* The text with the property in each row, whether it has others or none; malloc'ed, NULL without
 * memory. */
static char *rows_mark(const char *text)
{
    static const char row[] = "<w:tr>", properties[] = "<w:trPr>", keep[] = "<w:cantSplit/>";
    char *made = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&made, &size);
    if (out == NULL)
        return NULL;
    for (const char *at = text, *found = NULL; at != NULL; at = found) {
        found = strstr(at, row);
        if (found == NULL) {
            fputs(at, out);
            break;
        }
        found += strlen(row);
        fwrite(at, 1, (size_t)(found - at), out);
        bool has = strncmp(found, properties, strlen(properties)) == 0;
        fprintf(out, "%s%s%s", properties, keep, has ? "" : "</w:trPr>");
        found += has ? strlen(properties) : 0;
    }
    if (fclose(out) == 0)
        return made;
    free(made);
    return NULL;
}

static bool part_replace(zip_t *zip, zip_uint64_t index, const char *text)
{
    zip_source_t *source = zip_source_buffer(zip, text, strlen(text), 0);
    if (source == NULL)
        return false;
    if (zip_file_replace(zip, index, source, 0) != 0) {
        zip_source_free(source);
        return false;
    }
    return zip_file_set_dostime(zip, index, 0, FIRST_DAY, 0) == 0;
}

enum status office_keep_rows(const char *path)
{
    int error = 0;
    zip_uint64_t index = 0;
    zip_t *zip = zip_open(path, 0, &error);
    char *text = zip == NULL ? NULL : part_read(zip, &index);
    char *marked = text == NULL ? NULL : rows_mark(text);
    bool made = marked != NULL && part_replace(zip, index, marked) && zip_close(zip) == 0;
    if (!made && zip != NULL)
        zip_discard(zip);
    free(text);
    free(marked);
    return made ? STATUS_OK : STATUS_IO;
}
