/* The aggregator's clock: what receipts, openings, cut-offs and notices go by.
 *
 * It is the machine's, in microseconds since 1970-01-01 UTC, unless a test moved it with
 * --test_clock FILE: then a file's number of seconds is added. The offset belongs to the process,
 * so that there is one time in it. Any thread. */
#ifndef ZHIBAO_SERVER_CLOCK_NOW_H
#define ZHIBAO_SERVER_CLOCK_NOW_H

#include <stdbool.h>
#include <stdint.h>

int64_t server_now_us(void);

/* Reads the file named by the option ("": none, or an unreadable file: no change) and moves the
 * clock by what it says. True when that moved it; said in the log as a warning each time. */
bool test_clock_follow(const char *path);

#endif
