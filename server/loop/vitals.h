/* How the running server does, counted by the loop and read by query threads for HEALTH. Made by
 * server_start before any thread; the plain fields never change after that. */
#ifndef ZHIBAO_SERVER_LOOP_VITALS_H
#define ZHIBAO_SERVER_LOOP_VITALS_H

#include <stdatomic.h>
#include <stdint.h>

struct vitals {
    int64_t started_us;
    const char *data; /* the data directory */
    uint32_t in_hand_most;
    atomic_uint in_hand;                 /* jobs taken and not answered yet */
    atomic_ullong answered, turned_away; /* since the start */
};

#endif
