/* Listing the cases this holder handles, and finding one by the beginning of its id. */
#ifndef ZHIBAO_CLI_CASE_FIND_H
#define ZHIBAO_CLI_CASE_FIND_H

#include "cli/command.h"
#include "lib/case_read.h"

typedef void visit_case(struct context *context, const Zhibao__CaseItem *item, void *with);

/* Every one that the question finds; false after a complaint. */
bool cases_each(struct context *context, Zhibao__ListCases *question, visit_case *visit, void *with,
                enum exit_code *out_code);

/* The one whose id begins with the first argument; NULL after a complaint. */
const Zhibao__CaseItem *case_find(struct context *context, enum exit_code *out_code);

#endif
