/* A figure and everything signed behind it, in one file that can be checked anywhere (PROTOCOL.md,
 * "Evidence"): gathered record by record, each once. One thread. */
#ifndef ZHIBAO_CLI_EVIDENCE_H
#define ZHIBAO_CLI_EVIDENCE_H

#include <stdio.h>

#include "cli/command.h"

#define EVIDENCE_DOMAIN "zhibao/evidence/v1"
#define EVIDENCE_MAGIC  "ZBV1"

enum evidence_part {
    EVIDENCE_CLAIM = 'C',  /* lines of text: what is claimed */
    EVIDENCE_RECORD = 'R', /* length of a serialised Record (4), the Record, its receipt */
    EVIDENCE_ROOTS = 'W',  /* signed roots, from batch 1 on */
    EVIDENCE_SEAL = 'S',   /* key id (16) and signature (64) of who took it away; the last part */
};

struct evidence_taken {
    uint8_t kind;
    uint64_t unit;
    struct record_id id;
    struct key_id key; /* that signed it */
};

struct evidence {
    struct context *context;
    FILE *out; /* into memory */
    struct evidence_taken *taken;
    size_t count, capacity;
    struct key_id own; /* of who takes it away */
};

/* One part of the file. */
void evidence_part(struct evidence *evidence, enum evidence_part part, const void *bytes,
                   size_t size);

/* Fetches the record with its receipt, verifies both against the pinned keys and adds them, unless
 * that was done already. A record outside what the asker may see is left out when `optional`. */
MUST_CHECK enum exit_code evidence_take(struct evidence *evidence, uint8_t kind, uint64_t unit,
                                        const ProtobufCBinaryData *id, bool optional);

/* The enrolment of every key that signed what was taken, and of our own; what those keys did to
 * other keys. */
MUST_CHECK enum exit_code evidence_take_keys(struct evidence *evidence, uint64_t place);

/* Every root from the first batch on. */
MUST_CHECK enum exit_code evidence_take_roots(struct evidence *evidence);

#endif
