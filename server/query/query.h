/* Questions: one handler for each KIND, run on a query thread with its own read-only connection.
 *
 * A handler decides nothing about sockets: it gets the decoded request and who asks, and gives a
 * reply allocated in the request's arena. What the asker may not see is as if it were not there. */
#ifndef ZHIBAO_SERVER_QUERY_QUERY_H
#define ZHIBAO_SERVER_QUERY_QUERY_H

#include "base/arena.h"
#include "envelope.pb-c.h"
#include "plan/problems.h"
#include "server/store/db.h"
#include "server/trust/registry.h"
#include "server/trust/server_keys.h"

struct rollups;
struct vitals;

struct query {
    struct db *db;
    struct registry *registry;
    const struct server_keys *keys;
    struct arena *arena;         /* of this request; the reply lives here */
    struct registry_unit asker;  /* the unit behind the connection's key, active now */
    struct key_id asker_key;     /* of that key: of several people of a unit the one who asks */
    struct problems *problems;   /* for a refusal: the first one becomes Error.problem */
    struct rollups *rollups;     /* NULL: every figure is added up anew */
    const struct vitals *vitals; /* of the running server; NULL: none runs */
};

typedef enum status (*query_function)(struct query *query, const ProtobufCMessage *request,
                                      ProtobufCMessage **out_reply);

struct query_entry {
    Zhibao__Kind kind, reply_kind;
    const ProtobufCMessageDescriptor *request;
    query_function run;
};

/* All kinds that query threads answer, ended by kind 0. */
extern const struct query_entry query_table[];

/* Whether the asker may see this unit's reports: its own, and by REPORTS of server/trust/rights.h
 * those of units at its place and below. */
bool query_may_see(const struct query *query, uint64_t unit);

#endif
