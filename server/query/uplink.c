/* UPLINK: what became of the consolidations reported to the level above. */
#include "place.pb-c.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/uplink_store.h"

enum status query_run_uplink(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply)
{
    (void)request;
    Zhibao__UplinkReply *reply =
        (Zhibao__UplinkReply *)reply_new(query->arena, &zhibao__uplink_reply__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = uplink_store_list(query->db, query->arena, &reply->rows, &reply->n_rows);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
