/* What was done to a task or a comment, in a word: "交办" and "opened" for people, "opened" in CSV
 * and JSON. */
#ifndef ZHIBAO_CLI_TASK_WORDS_H
#define ZHIBAO_CLI_TASK_WORDS_H

#include "cli/command.h"

/* `action` is a TaskAction of duty.proto. */
const char *task_action_text(const struct context *context, uint32_t action);

/* `action` is a CommentAction of comment.proto. */
const char *comment_action_text(const struct context *context, uint32_t action);

#endif
