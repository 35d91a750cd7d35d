/* zhibao: the command line for every role, over libzhibao. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* A standard stream that was closed (`>&-`) must not become the first file that is opened: it is
 * one that cannot be written to (or read from), so that printing fails and is noticed. */
static void hold_standard_streams(void)
{
    for (int stream = 0; stream <= 2; stream++)
        if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY) < 0)
            _exit(EXIT_MISUSED);
}

int main(int argc, char **argv)
{
    hold_standard_streams();
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
