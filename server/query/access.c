#include "server/query/access.h"

#include "server/query/reply.h"

bool query_may_see_place(const struct query *query, uint64_t place)
{
    uint64_t own = unit_place(query->asker.id);
    switch (query->asker.role) {
    case ROLE_VILLAGE: return place == own;
    case ROLE_DEPARTMENT: return false;
    case ROLE_TOWNSHIP:
    case ROLE_STATISTICS:
    case ROLE_OFFICE:
    case ROLE_ADMIN: return place_contains(own, place);
    }
    return false;
}

bool query_may_see(const struct query *query, uint64_t unit)
{
    if (unit == query->asker.id)
        return true;
    if (query->asker.role == ROLE_VILLAGE)
        return false;
    return query_may_see_place(query, unit_place(unit));
}

enum status query_administrator(struct query *query, uint64_t *place)
{
    uint64_t own = unit_place(query->asker.id);
    if (*place == 0)
        *place = own;
    if (query->asker.role == ROLE_ADMIN && place_contains(own, *place))
        return STATUS_OK;
    return query_refuse(query, STATUS_E_FORBIDDEN, "place",
                        "只有管理员可以查看本地及以下的这些情况",
                        "only an administrator sees this, of its own place and below");
}
