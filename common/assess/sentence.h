/* An assessment as one sentence in Chinese and one in English: what was seen, against what, since
 * when, and how sure. Pure; any thread. */
#ifndef ZHIBAO_ASSESS_SENTENCE_H
#define ZHIBAO_ASSESS_SENTENCE_H

#include "assess/assess.h"

enum { SENTENCE_BYTES = 1024, SENTENCE_FIGURE_BYTES = 48 };

/* Both end in a full stop and a NUL; cut at a whole character should they ever not fit. */
void sentence_make(const struct assessment *assessment, char zh[SENTENCE_BYTES],
                   char en[SENTENCE_BYTES]);

/* A figure as people read it: at most two decimals (more for figures below 0.1, fewer from 1,000),
 * no trailing zeros, no exponent. Returns text. */
char *sentence_figure(double value, char text[SENTENCE_FIGURE_BYTES]);

#endif
