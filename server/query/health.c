/* HEALTH: how the server does, for administrators. */
#include <sys/statvfs.h>

#include "oversight.pb-c.h"
#include "server/clock/now.h"
#include "server/loop/vitals.h"
#include "server/query/access.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_oversight.h"
#include "server/store/query_reports.h"

static void fill_running(const struct vitals *vitals, Zhibao__HealthReply *reply)
{
    struct statvfs disk;
    if (vitals == NULL)
        return;
    reply->started_us = vitals->started_us;
    reply->in_hand = atomic_load(&vitals->in_hand);
    reply->in_hand_most = vitals->in_hand_most;
    reply->answered = atomic_load(&vitals->answered);
    reply->turned_away = atomic_load(&vitals->turned_away);
    if (statvfs(vitals->data, &disk) == 0) {
        reply->disk_bytes = (uint64_t)disk.f_blocks * disk.f_frsize;
        reply->disk_free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    }
}

enum status query_run_health(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply)
{
    (void)request;
    uint64_t place = 0;
    enum status status = query_own_place(query, &place);
    if (status != STATUS_OK)
        return status;
    Zhibao__HealthReply *reply =
        (Zhibao__HealthReply *)reply_new(query->arena, &zhibao__health_reply__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    struct unit_span span = unit_span_of(place);
    reply->software = reply_text("zhibaod " ZHIBAO_VERSION);
    reply->now_us = server_now_us();
    fill_running(query->vitals, reply);
    status = query_health(query->db, query->arena, (uint64_t)span.first_unit,
                          (uint64_t)span.last_unit, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
