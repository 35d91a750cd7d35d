/* zhibao: the command line for every role, over libzhibao. */
#include <fcntl.h>
#include <unistd.h>

#include "cli/command.h"

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
    return cli_run(argc, argv);
}
