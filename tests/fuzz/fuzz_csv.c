/* Tables as people's programs write them, and each cell as a number. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "text/csv.h"
#include "wire/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct table *table = NULL;
    size_t line = 0, last = 0;
    if (size > 256 * 1024 || table_read(bytes, size, &line, &table) != STATUS_OK)
        return 0;
    for (size_t row = 0; row < table_rows(table); row++) {
        HOLDS(table_line(table, row) > last);
        last = table_line(table, row);
        for (size_t column = 0; column <= table_columns(table, row); column++) {
            const char *cell = table_cell(table, row, column);
            double value = 0;
            HOLDS(cell != NULL && utf8_valid((const uint8_t *)cell, strlen(cell)));
            if (number_parse(cell, (int)(column % 2), &value) == STATUS_OK)
                HOLDS(value - value == 0); /* finite */
        }
    }
    table_destroy(&table);
    return 0;
}
