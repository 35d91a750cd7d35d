/* A stand-in for zhibaod in unit tests of the client: a CURVE ROUTER with a ZAP handler in a thread
 * of its own, which signs real receipts and refusals, and misbehaves on demand. */
#ifndef ZHIBAO_TESTS_FAKE_AGGREGATOR_H
#define ZHIBAO_TESTS_FAKE_AGGREGATOR_H

#include "proof/enrol_code.h"

enum fake_mode {
    FAKE_GOOD,           /* a receipt for everything */
    FAKE_FOREIGN_KEY,    /* receipts signed by a key that nobody pinned */
    FAKE_BORROWED_ID,    /* the same, but naming the pinned key */
    FAKE_OTHER_RECORD,   /* good receipts of some other record */
    FAKE_FLIPPED,        /* a good receipt with one bit changed */
    FAKE_REFUSE,         /* signed refusals */
    FAKE_REFUSE_FOREIGN, /* refusals by a key that nobody pinned */
    FAKE_REFUSE_SWAPPED, /* good refusals with another error beside them */
    FAKE_BUSY_TWICE,     /* E_BUSY for the first two, then receipts */
    FAKE_STUCK,          /* E_MALFORMED, unsigned, for everything */
    FAKE_DEAF_ONCE,      /* no answer to the first, then receipts */
    FAKE_GARBAGE,        /* bytes that are no envelope, then two frames, then the receipt */
    FAKE_REVOKED,        /* ZAP 400 */
    FAKE_PENDING,        /* ZAP 300 */
};

struct fake_aggregator;

/* Listens at a port of 127.0.0.1 that the system chooses. */
struct fake_aggregator *fake_start(void);
void fake_stop(struct fake_aggregator **fake);

void fake_set_mode(struct fake_aggregator *fake, enum fake_mode mode);

/* A code for `unit`, malloc'ed. The secret depends on `salt`. */
char *fake_code(const struct fake_aggregator *fake, uint64_t unit, uint8_t salt);

const char *fake_endpoint(const struct fake_aggregator *fake);
const struct sign_public *fake_key(const struct fake_aggregator *fake);

/* Submits and enrolments that arrived. */
unsigned fake_submits(const struct fake_aggregator *fake);
unsigned fake_enrolments(const struct fake_aggregator *fake);

/* SHA-256 of the last enrolment's record. */
struct hash fake_last_enrolment(const struct fake_aggregator *fake);

#endif
