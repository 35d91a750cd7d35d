/* Texts inside HTML, XML, CSS and CSV, so that they can be nothing but text. Pure; any thread. */
#ifndef ZHIBAO_YEARBOOK_ESCAPE_H
#define ZHIBAO_YEARBOOK_ESCAPE_H

#include <stdio.h>

/* As the content or a quoted attribute of an element: & < > " ' become references. */
void escape_text(const char *text, FILE *out);

/* As a string of CSS in double quotes; neither the string nor a <style> element can end in it. */
void escape_css(const char *text, FILE *out);

/* As a field of CSV (RFC 4180): quoted where needed. */
void escape_csv(const char *text, FILE *out);

#endif
