/* document list, and finding one document by the beginning of its id. */
#ifndef ZHIBAO_CLI_DOCUMENT_LIST_H
#define ZHIBAO_CLI_DOCUMENT_LIST_H

#include "cli/command.h"
#include "document.pb-c.h"

extern const struct option document_list_options[];
enum exit_code document_list_run(struct context *context);

/* The one document of those that the question finds whose id begins with the first argument, in the
 * context's arena; NULL after a complaint, with *out_code set. */
const Zhibao__DocumentRow *document_find(struct context *context, Zhibao__ListDocuments *question,
                                         enum exit_code *out_code);

#endif
