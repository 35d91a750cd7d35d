/* The parts of an Office Open XML package: a ZIP file of XML, read without trusting a byte of it.
 *
 * What is read is bounded: PACKAGE_BYTES_MAX bytes of XML in all, whatever the ZIP file's directory
 * says; a part with a document type (where entities are made) is refused. Names of elements and
 * attributes are given without their namespaces, since Excel has two sets of them. Owned by one
 * thread. Used by the reader of xlsx.h only. */
#ifndef ZHIBAO_SHEET_PACKAGE_H
#define ZHIBAO_SHEET_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "sheet/xlsx.h"

enum {
    PACKAGE_BYTES_MAX = 32 * 1024 * 1024,
    PACKAGE_PARTS_MAX = 4096,
    PACKAGE_DEPTH_MAX = 64,
};

struct package;

struct part_handlers {
    void (*begin)(struct package *package, void *context, const char *name,
                  const char *const *attributes);
    void (*end)(struct package *package, void *context, const char *name);
    void (*text)(struct package *package, void *context, const char *text, size_t size);
};

/* Borrows the bytes. XLSX_GOOD, or why not. */
enum xlsx_fault package_open(const uint8_t *bytes, size_t size, struct package **out_package);
void package_close(struct package **package);

/* Reads one part. XLSX_NO_PART when there is none of this name. */
enum xlsx_fault package_read(struct package *package, const char *name,
                             const struct part_handlers *handlers, void *context);

/* Ends the reading of a part, from a handler; package_read gives this fault. */
void package_fail(struct package *package, enum xlsx_fault fault);

/* An attribute by its name without namespace; NULL. */
const char *attribute(const char *const *attributes, const char *name);

/* A whole number of digits only, at most `most`; false for anything else, NULL included. */
bool attribute_number(const char *text, uint32_t most, uint32_t *out_number);

#endif
