#include "sheet/package.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum { CHUNK_BYTES = 16 * 1024 };

/* Between a namespace and a name: no character that a name could have. */
static const XML_Char separator = '\n';

struct package {
    zip_t *zip;
    size_t left; /* bytes of XML that may still be read */
    enum xlsx_fault fault;
    unsigned depth;
    XML_Parser parser;
    const struct part_handlers *handlers;
    void *context;
};

static bool is_encrypted(zip_t *zip, zip_uint64_t index)
{
    zip_stat_t found;
    return zip_stat_index(zip, index, 0, &found) == 0 &&
           (found.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 &&
           found.encryption_method != ZIP_EM_NONE;
}

enum xlsx_fault package_open(const uint8_t *bytes, size_t size, struct package **out_package)
{
    struct package *package = calloc(1, sizeof *package);
    zip_source_t *source = package == NULL ? NULL : zip_source_buffer_create(bytes, size, 0, NULL);
    if (source == NULL) {
        free(package);
        return XLSX_MEMORY;
    }
    package->left = PACKAGE_BYTES_MAX;
    package->zip = zip_open_from_source(source, ZIP_RDONLY, NULL);
    if (package->zip == NULL) {
        zip_source_free(source);
        free(package);
        return XLSX_DAMAGED;
    }
    zip_int64_t count = zip_get_num_entries(package->zip, 0);
    enum xlsx_fault fault = count > PACKAGE_PARTS_MAX ? XLSX_TOO_LARGE : XLSX_GOOD;
    for (zip_int64_t i = 0; fault == XLSX_GOOD && i < count; i++)
        if (is_encrypted(package->zip, (zip_uint64_t)i))
            fault = XLSX_ENCRYPTED;
    if (fault != XLSX_GOOD) {
        package_close(&package);
        return fault;
    }
    *out_package = package;
    return XLSX_GOOD;
}

void package_close(struct package **package)
{
    if (package == NULL || *package == NULL)
        return;
    zip_discard((*package)->zip);
    free(*package);
    *package = NULL;
}

void package_fail(struct package *package, enum xlsx_fault fault)
{
    if (package->fault == XLSX_GOOD)
        package->fault = fault;
    XML_StopParser(package->parser, XML_FALSE);
}

static const char *local_name(const XML_Char *name)
{
    const char *end = strrchr(name, separator);
    return end == NULL ? name : end + 1;
}

static void XMLCALL on_begin(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct package *package = context;
    if (++package->depth > PACKAGE_DEPTH_MAX)
        package_fail(package, XLSX_DAMAGED);
    else
        package->handlers->begin(package, package->context, local_name(name),
                                 (const char *const *)attributes);
}

static void XMLCALL on_end(void *context, const XML_Char *name)
{
    struct package *package = context;
    package->depth--;
    if (package->fault == XLSX_GOOD)
        package->handlers->end(package, package->context, local_name(name));
}

static void XMLCALL on_text(void *context, const XML_Char *text, int size)
{
    struct package *package = context;
    if (package->fault == XLSX_GOOD)
        package->handlers->text(package, package->context, text, (size_t)size);
}

static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int has_subset)
{
    (void)name, (void)system, (void)public, (void)has_subset;
    package_fail(context, XLSX_ENTITIES);
}

/* Feeds the open part to the parser until it ends, fails or all is used up. */
static enum xlsx_fault pump(struct package *package, zip_file_t *file)
{
    for (;;) {
        void *chunk = XML_GetBuffer(package->parser, CHUNK_BYTES);
        if (chunk == NULL)
            return XLSX_MEMORY;
        zip_int64_t got = zip_fread(file, chunk, CHUNK_BYTES);
        if (got < 0)
            return XLSX_DAMAGED;
        if ((size_t)got > package->left)
            return XLSX_TOO_LARGE;
        package->left -= (size_t)got;
        if (XML_ParseBuffer(package->parser, (int)got, got == 0) != XML_STATUS_OK) {
            if (package->fault != XLSX_GOOD)
                return package->fault;
            return XML_GetErrorCode(package->parser) == XML_ERROR_NO_MEMORY ? XLSX_MEMORY
                                                                            : XLSX_DAMAGED;
        }
        if (got == 0)
            return XLSX_GOOD;
    }
}

enum xlsx_fault package_read(struct package *package, const char *name,
                             const struct part_handlers *handlers, void *context)
{
    zip_int64_t index = zip_name_locate(package->zip, name, ZIP_FL_NOCASE);
    if (index < 0)
        return XLSX_NO_PART;
    zip_file_t *file = zip_fopen_index(package->zip, (zip_uint64_t)index, 0);
    if (file == NULL)
        return XLSX_DAMAGED;
    package->parser = XML_ParserCreateNS(NULL, separator);
    if (package->parser == NULL) {
        zip_fclose(file);
        return XLSX_MEMORY;
    }
    package->fault = XLSX_GOOD;
    package->depth = 0;
    package->handlers = handlers;
    package->context = context;
    XML_SetUserData(package->parser, package);
    XML_SetElementHandler(package->parser, on_begin, on_end);
    XML_SetCharacterDataHandler(package->parser, on_text);
    XML_SetStartDoctypeDeclHandler(package->parser, on_doctype);
    enum xlsx_fault fault = pump(package, file);
    XML_ParserFree(package->parser);
    package->parser = NULL;
    zip_fclose(file);
    return fault;
}

const char *attribute(const char *const *attributes, const char *name)
{
    for (; attributes[0] != NULL; attributes += 2)
        if (strcmp(local_name(attributes[0]), name) == 0)
            return attributes[1];
    return NULL;
}

bool attribute_number(const char *text, uint32_t most, uint32_t *out_number)
{
    size_t length = text == NULL ? 0 : strlen(text);
    if (length == 0 || length > 9 || strspn(text, "0123456789") != length)
        return false;
    unsigned long number = strtoul(text, NULL, 10);
    if (number > most)
        return false;
    *out_number = (uint32_t)number;
    return true;
}
