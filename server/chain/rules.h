/* The rules of the chain: who may do what to a record in which state. Pure data and functions; no
 * I/O, any thread. The states are those of PROTOCOL.md section 8. */
#ifndef ZHIBAO_SERVER_CHAIN_RULES_H
#define ZHIBAO_SERVER_CHAIN_RULES_H

#include "base/status.h"
#include "plan/plan.h"

enum machine {
    MACHINE_VILLAGE_REPORT, /* reviewed by its township, then carried by the township's total */
    MACHINE_ENTERED_REPORT, /* the same, entered by its township on the village's behalf */
    MACHINE_TOWNSHIP_TOTAL, /* confirmed by the township, reviewed by statistics */
    MACHINE_DIRECT_REPORT,  /* township and department forms, reviewed by statistics */
};

/* Values of enum State in proto/query.proto. */
enum record_state {
    STATE_STORED = 1,
    STATE_CHECKED = 2,
    STATE_ACCEPTED = 3,
    STATE_RETURNED = 4,
    STATE_CONFIRMED = 5,
    STATE_FINAL = 6,
    STATE_LOCKED = 7,
    STATE_SUPERSEDED = 8,
    STATE_BAD_SIGNATURE = 9,
    STATE_WITHDRAWN = 10,
    STATE_UNLOCKED = 11, /* what an unlocking shows as; no record stays in it */
    STATE_OBJECTED = 12,
    STATE_REVIEWED = 13,
    STATE_SIGNED = 14,
    STATE_REOPENED = 15,
};

enum chain_event {
    EVENT_ACCEPT,
    EVENT_RETURN,
    EVENT_AMEND,    /* a new revision by the author */
    EVENT_WITHDRAW, /* by the author, before acceptance */
    EVENT_OBJECT,   /* by the village, to what was entered on its behalf */
    EVENT_REOPEN,   /* by the aggregator: a total's villages changed */
    EVENT_LOCK,
    EVENT_UNLOCK,
    EVENT_SIGN_REVIEWER,  /* by the unit's reviewer 审核人 */
    EVENT_SIGN_PRINCIPAL, /* by the unit's principal 负责人, after the reviewer */
};

/* Who acts, seen from the record: */
enum actor {
    ACTOR_AUTHOR,     /* the unit the record is from */
    ACTOR_TOWNSHIP,   /* the township above a village */
    ACTOR_STATISTICS, /* the statistics department of the author's district */
    ACTOR_AGGREGATOR, /* zhibaod itself, by a Notice */
    ACTOR_OTHER,
};

/* STATUS_OK and the state it leads to, or why not: STATUS_E_FORBIDDEN (never this actor's to do),
 * STATUS_E_NOT_CHECKED (later), STATUS_E_SUBJECT_REVISION (superseded), STATUS_E_PERIOD_LOCKED,
 * STATUS_E_STALE (a reopened total), STATUS_E_SUBJECT_STATE. */
MUST_CHECK enum status chain_step(enum machine machine, enum record_state from,
                                  enum chain_event event, enum actor actor,
                                  enum record_state *out_to);

/* The state that a step starts from: what is not settled when its period is locked can no more be
 * moved than what is. */
enum record_state chain_from(enum record_state state, bool period_locked);

const char *record_state_name(enum record_state state);
const char *record_state_zh(enum record_state state);

/* For the rule tests' data files; false when the word is unknown. */
bool record_state_parse(const char *word, enum record_state *out_state);

#endif
