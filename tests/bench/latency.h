/* One report at a time through libzhibao: fsynced outbox, send, receipt, settled. */
#ifndef ZHIBAO_BENCH_LATENCY_H
#define ZHIBAO_BENCH_LATENCY_H

#include <stdbool.h>
#include <stdint.h>

/* `home` is an enrolled village whose form takes any figures. Prints p50_ms, p90_ms, p99_ms, max_ms
 * of the whole, p50 and p99 of the part after the outbox (send to receipt), and a histogram. */
bool latency_run(const char *home, uint64_t count);

#endif
