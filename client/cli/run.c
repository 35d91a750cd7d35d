/* A whole run of the command line: the program zhibao, and the portal when it has a yearbook made.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/command.h"

/* Whatever was printed has to have arrived: a full disk under `> file` is an error too. */
static enum exit_code finish(const struct context *context, enum exit_code code)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return code;
    complain(context, "写出失败", "could not write the output");
    return code == EXIT_DONE ? EXIT_MISUSED : code;
}

int cli_run(int argc, char **argv)
{
    enum exit_code code = EXIT_MISUSED;
    bool help = false;
    struct context *context = calloc(1, sizeof *context);
    if (context == NULL)
        return EXIT_MISUSED;
    const char *level = getenv("ZHIBAO_LOG");
    log_set_level(level != NULL && strcmp(level, "debug") == 0 ? LOG_DEBUG : LOG_ERROR);
    context->arena = arena_create(4 * (size_t)ZHIBAO_ARENA_MAX);
    if (context->arena == NULL || sign_init() != STATUS_OK) {
        complain(context, "内存不足", "out of memory");
        goto cleanup;
    }
    if (!arguments_read(context, argc, argv, &help))
        goto cleanup;
    if (help) {
        bool asked = context->command != NULL || option_given(context, "help") ||
                     (context->family == NULL && argc > 1);
        if (context->command != NULL)
            help_command(context, context->command);
        else if (context->family != NULL)
            help_family(context, context->family);
        else
            help_print(context);
        code = finish(context, asked ? EXIT_DONE : EXIT_MISUSED);
        goto cleanup;
    }
    code = finish(context, context->command->run(context));

cleanup:
    zhibao_close(&context->zhibao);
    arena_destroy(&context->arena);
    free(context);
    return (int)code;
}
