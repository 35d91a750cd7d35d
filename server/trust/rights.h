/* Who may do what: one table of roles against actions, and nothing else decides by role.
 *
 * Every question and every record passes it before its handler sees it: what has no mark for the
 * asker's role is E_FORBIDDEN there, and so is a kind that has no row. A mark is a bound; which
 * places, units and records lie within it is decided by who handles the kind, with rights_reach
 * where places are concerned. proto/RIGHTS.md is made from it. Pure; any thread. */
#ifndef ZHIBAO_SERVER_TRUST_RIGHTS_H
#define ZHIBAO_SERVER_TRUST_RIGHTS_H

#include <protobuf-c/protobuf-c.h>
#include <stdio.h>

#include "plan/plan.h"
#include "plan/problems.h"

enum right_reach {
    REACH_NONE,      /* - */
    REACH_OWN,       /* o: its own */
    REACH_PUBLISHED, /* p: what is published alone */
    REACH_CONCERNED, /* c: what is addressed to it, waits for it or is handled by it */
    REACH_BELOW,     /* b: of its own place and those below */
    REACH_ANY,       /* a: whatever everybody enrolled may */
};

enum right_what {
    RIGHT_SEE,    /* kind: enum right_sight */
    RIGHT_ASK,    /* kind: enum Kind of a question */
    RIGHT_RECORD, /* kind: enum RecordKind */
};

enum right_sight {
    SIGHT_RESULTS, /* a place's consolidated figures */
    SIGHT_REPORTS, /* a unit's reports, documents and their course */
};

enum { RIGHT_ROLES = ROLE_AUDITOR + 1 };

struct right {
    enum right_what what;
    int kind;
    const char *field; /* of the record's payload, with the value that this row is for; NULL: any */
    int value;
    const char *name;  /* stable, for tests and people */
    const char *marks; /* a letter of right_reach for each role, in the order of enum unit_role */
    const char *zh, *en;
};

extern const struct right rights[];
extern const size_t right_count;

enum right_reach right_reach_of(const struct right *right, enum unit_role role);

/* The row for it; NULL when there is none. `payload` is for records alone. */
const struct right *right_find(enum right_what what, int kind, const ProtobufCMessage *payload);

/* Whether the role may ask this kind of question, or make a record with this payload, of anything
 * at all. A payload whose field has a value that no row names is let through: the kind's own rules
 * refuse what is no action. False for a kind without a row. */
bool rights_allow(enum unit_role role, enum right_what what, int kind,
                  const ProtobufCMessage *payload);

/* The same as STATUS_OK, or E_FORBIDDEN with a problem that names `field`. */
MUST_CHECK enum status rights_check(enum unit_role role, enum right_what what, int kind,
                                    const ProtobufCMessage *payload, const char *field,
                                    struct problems *problems);

/* Whether a unit of this role at `own` sees `place` in this sight. */
bool rights_reach(enum unit_role role, enum right_sight sight, uint64_t own, uint64_t place);

/* The table as a page of Markdown. */
void rights_page(FILE *out);

#endif
