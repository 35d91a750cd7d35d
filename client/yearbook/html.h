/* A document as one HTML file without anything from elsewhere: for browsers and for print (@page),
 * or plain for a converter to word processors. The same document gives the same bytes. Pure. */
#ifndef ZHIBAO_YEARBOOK_HTML_H
#define ZHIBAO_YEARBOOK_HTML_H

#include <stdio.h>

#include "yearbook/document.h"

enum html_kind {
    HTML_PAGES, /* with style, for browsers and paged media */
    HTML_PLAIN, /* structure alone, for pandoc */
    HTML_PRINT, /* as HTML_PAGES, with the fonts beside it that office.c makes */
};

void html_write(const struct document *document, enum html_kind kind, FILE *out);

/* style.c: the style sheet, with the header of every page. */
void html_style(const struct document *document, FILE *out);

/* The fonts of HTML_PRINT: what is in a font file beside the page, and from which it is cut. */
struct html_font {
    const char *family, *weight;
    const char *file;   /* beside the page */
    const char *source; /* of the package fonts-noto-cjk */
};
enum { HTML_FONTS = 3, HTML_FONT_FACE = 2 }; /* the face of simplified Chinese in each source */
extern const struct html_font html_fonts[HTML_FONTS];
void html_font_faces(FILE *out);

#endif
