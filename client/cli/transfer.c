#include "cli/transfer.h"

#include <stdio.h>
#include <unistd.h>

enum { SHOWN_BYTES = 2 * 1024 * 1024, PARTS = 10 };

static void show(uint64_t done, uint64_t total, void *with)
{
    struct context *context = with;
    if (total < SHOWN_BYTES)
        return;
    bool terminal = isatty(STDERR_FILENO) == 1;
    uint64_t part = done * PARTS / total;
    if (!terminal && done < total && part == context->transfer_part)
        return;
    context->transfer_part = part;
    context->transfer_line = terminal;
    fprintf(stderr,
            TR(context, "%s传输 %.1f / %.1f MB（%d%%）%s", "%stransfer %.1f of %.1f MB (%d%%)%s"),
            terminal ? "\r" : "zhibao: ", (double)done / 1048576.0, (double)total / 1048576.0,
            (int)(done * 100 / total), terminal ? " " : "\n");
    fflush(stderr);
}

void transfer_show(struct context *context)
{
    context->transfer_part = 0;
    context->transfer_line = false;
    zhibao_on_progress(context->zhibao, show, context);
}

void transfer_end(struct context *context)
{
    zhibao_on_progress(context->zhibao, NULL, NULL);
    if (context->transfer_line)
        fputc('\n', stderr);
    context->transfer_line = false;
}
