/* zhibao-web.8 from its help. While building only: zhibao-manual-web en|zh */
#include <stdlib.h>
#include <string.h>

#include "roff.h"
#include "web/options.h"

int main(int argc, char **argv)
{
    bool english = argc == 2 && strcmp(argv[1], "en") == 0;
    char *text = NULL;
    size_t size = 0;
    FILE *help = open_memstream(&text, &size);
    if (help == NULL)
        return 1;
    options_help(help, english);
    fclose(help);
    roff_title("ZHIBAO\\-WEB", 8, english);
    roff_heading("名称", "NAME", english);
    puts(english ? "zhibao\\-web \\- the portal of Zhibao" : "zhibao\\-web \\- 直报门户");
    roff_heading("说明", "DESCRIPTION", english);
    roff_verbatim_begin();
    roff_text(text);
    roff_verbatim_end();
    roff_heading("参见", "SEE ALSO", english);
    puts("\\fBzhibaod\\fR(8), \\fBzhibao\\fR(1)");
    free(text);
    return ferror(stdout) != 0;
}
