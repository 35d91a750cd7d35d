/* GET_ROOTS: signed batch headers, for witnesses. */
#include "proof/root.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_roots.h"
#include "witness.pb-c.h"

enum { ROOTS_MAX = 1000 };

enum status query_run_roots(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply)
{
    const Zhibao__GetRoots *asked = (const Zhibao__GetRoots *)request;
    struct root_row *rows = NULL;
    size_t count = 0;
    Zhibao__Roots *reply = (Zhibao__Roots *)reply_new(query->arena, &zhibao__roots__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    if (asked->after > INT64_MAX)
        return STATUS_E_RANGE;
    enum status status = query_roots(query->db, query->arena, (int64_t)asked->after, ROOTS_MAX,
                                     &rows, &count, &reply->latest);
    if (status != STATUS_OK)
        return status;
    reply->roots = arena_array(query->arena, count, sizeof *reply->roots);
    if (reply->roots == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        reply->roots[i] = (ProtobufCBinaryData){sizeof rows[i].bytes, rows[i].bytes};
    reply->n_roots = count;
    *out_reply = &reply->base;
    return STATUS_OK;
}
