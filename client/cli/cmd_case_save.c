/* case save: the attachments of a case, as files */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cli/case_find.h"
#include "cli/case_words.h"
#include "cli/families.h"
#include "cli/send.h"
#include "document/content.h"
#include "lib/case_attach.h"
#include "lib/files.h"

static const struct option save_options[] = {
    {"purpose", NULL, "WORD", "查阅目的（必填），同 case show",
     "what for (required), as with case show"                                            },
    {"output",  "o",  "DIR",  "存到这个目录（必填，只有本人能读）",
     "into this directory (required; for you alone to read)"                             },
    {NULL,      NULL, NULL,   NULL,                                                  NULL},
};

/* "03-照片.jpg": numbered, so that two of one name do not meet. */
static bool file_put(struct context *context, const char *folder, size_t number, const char *name,
                     const uint8_t *bytes, size_t size)
{
    char path[PATH_BYTES];
    const char *numbered = arena_printf(context->arena, "%02zu-%s", number, name);
    enum status status = numbered == NULL ? STATUS_NO_MEMORY : path_join(folder, numbered, path);
    if (status == STATUS_OK)
        status = file_save(path, bytes, size, 0600, FILE_KEEP);
    if (status != STATUS_OK)
        complain_save(context, status, numbered == NULL ? name : path);
    else
        say(context, "%s", "%s", path);
    return status == STATUS_OK;
}

/* Every attachment that is what it says; what is not is named and left. */
static enum exit_code all_save(struct context *context, const struct case_reading *reading,
                               const char *folder)
{
    enum exit_code code = EXIT_DONE;
    size_t number = 0;
    for (size_t e = 0; e < reading->entry_count; e++) {
        Zhibao__CaseAttachment **attachments = NULL;
        size_t count = case_entry_attachments(&reading->entries[e], &attachments);
        for (size_t i = 0; i < count; i++) {
            uint8_t *bytes = NULL;
            size_t size = 0;
            enum status status =
                !file_name_good(attachments[i]->name)
                    ? STATUS_MISMATCH
                    : zhibao_case_attachment(context->zhibao, reading, &reading->entries[e],
                                             attachments[i], &bytes, &size);
            number++;
            if (status != STATUS_OK) {
                complain(context, "附件“%s”：", "attachment \"%s\":", attachments[i]->name);
                enum exit_code why = failed(context, status);
                code = why == EXIT_MISUSED ? EXIT_REFUSED : why;
                continue;
            }
            if (!file_put(context, folder, number, attachments[i]->name, bytes, size))
                code = EXIT_MISUSED;
            sodium_memzero(bytes, size);
            free(bytes);
        }
    }
    if (number == 0)
        say(context, "没有附件", "no attachments");
    return code;
}

static enum exit_code run_save(struct context *context)
{
    struct case_reading reading;
    struct record_id id;
    enum exit_code code = EXIT_MISUSED;
    const char *folder = option_text(context, "output"), *word = option_text(context, "purpose");
    int purpose = word == NULL ? 0 : case_word_value(case_purposes, word);
    if (purpose == 0 || folder == NULL)
        return misused(context, "必须写明 --purpose 和 --output",
                       "--purpose and --output are required");
    enum status status = directory_make(folder, 0700);
    if (status != STATUS_OK) {
        complain_save(context, status, folder);
        return EXIT_MISUSED;
    }
    const Zhibao__CaseItem *item =
        context_connect(context, &code) ? case_find(context, &code) : NULL;
    if (item == NULL)
        return code;
    memcpy(id.bytes, item->case_id.data, RECORD_ID_BYTES);
    status = zhibao_case_read(context->zhibao, context->arena, item->district, &id,
                              (Zhibao__CasePurpose)purpose, &reading);
    return status == STATUS_OK ? all_save(context, &reading, folder) : failed(context, status);
}

const struct command commands_case_save[] = {
    {"case save", "ID --purpose WORD -o DIR",
     "保存一件个案的附件\n内容与所称类型或摘要不符的不保存，并逐个指出。",
     "save the attachments of a case\nOne that is not of the type, or not the file, that it says "
     "is "
     "named and not saved.",                                                                                     save_options, 1, 1, false, run_save},
    {NULL,        NULL,                       NULL,                                                        NULL, NULL,         0, 0, false, NULL    },
};
