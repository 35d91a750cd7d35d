/* Files of other programs that are given where CSV is wanted, told by how they begin. Pure. */
#ifndef ZHIBAO_TEXT_FOREIGN_H
#define ZHIBAO_TEXT_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct foreign_file {
    const char *zh, *en; /* what it is and what to do */
};

/* Whether it is a workbook (.xlsx, .xlsm or .xlsb), whole or not. */
bool foreign_is_workbook(const uint8_t *bytes, size_t size);

/* NULL when it may be text. */
const struct foreign_file *foreign_file(const uint8_t *bytes, size_t size);

#endif
