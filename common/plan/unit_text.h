/* How an indicator's unit (the catalogue's column) is written behind a figure. Pure; any thread. */
#ifndef ZHIBAO_PLAN_UNIT_TEXT_H
#define ZHIBAO_PLAN_UNIT_TEXT_H

/* "percent" gives "%", "per_10000" gives "/万" and " per 10,000"; "" for counts and indexes; an
 * unknown unit as it is. Never NULL. */
const char *unit_zh(const char *unit);
const char *unit_en(const char *unit);

#endif
