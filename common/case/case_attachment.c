#include "case/case_attachment.h"

#include <string.h>
#include <strings.h>

#include "document/content.h"

const char *case_attachment_type(const char *name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".jpg",  "image/jpeg"     },
        {".jpeg", "image/jpeg"     },
        {".png",  "image/png"      },
        {".pdf",  "application/pdf"},
    };
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending != NULL && i < sizeof types / sizeof *types; i++)
        if (strcasecmp(ending, types[i].ending) == 0)
            return types[i].type;
    return NULL;
}

enum status case_attachment_check(const char *name, const char *type, const uint8_t *bytes,
                                  size_t size)
{
    const char *promised = case_attachment_type(name);
    if (!file_name_good(name) || promised == NULL)
        return STATUS_INVALID;
    if (size == 0 || size > CASE_ATTACHMENT_BYTES_MAX)
        return STATUS_LIMIT;
    const char *shown = content_type(bytes, size);
    return shown != NULL && strcmp(shown, promised) == 0 && strcmp(type, promised) == 0
               ? STATUS_OK
               : STATUS_MISMATCH;
}
