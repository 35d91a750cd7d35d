/* Workbooks, whatever the file holds. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "sheet/xlsx.h"
#include "wire/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct xlsx *workbook = NULL;
    enum xlsx_fault fault = xlsx_read(bytes, size, &workbook);
    HOLDS((fault == XLSX_GOOD) == (workbook != NULL));
    HOLDS(fault == XLSX_GOOD || xlsx_fault_zh(fault)[0] != '\0');
    if (workbook == NULL)
        return 0;
    for (size_t sheet = 0; sheet < xlsx_sheets(workbook); sheet++) {
        size_t count = 0, csv_size = 0;
        const struct xlsx_cell *cells = xlsx_cells(workbook, sheet, &count);
        for (size_t i = 0; i < count; i++)
            HOLDS(utf8_valid((const uint8_t *)cells[i].text, strlen(cells[i].text)) &&
                  cells[i].row < XLSX_ROWS_MAX);
        free(xlsx_as_csv(workbook, sheet, 64, &csv_size));
    }
    xlsx_destroy(&workbook);
    return 0;
}
