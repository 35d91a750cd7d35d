#include "server/query/access.h"

#include "server/query/reply.h"
#include "server/trust/rights.h"

bool query_may_see_place(const struct query *query, uint64_t place)
{
    return rights_reach(query->asker.role, SIGHT_RESULTS, unit_place(query->asker.id), place);
}

bool query_may_see(const struct query *query, uint64_t unit)
{
    const struct right *right = right_find(RIGHT_SEE, SIGHT_REPORTS, NULL);
    return unit == query->asker.id ||
           (right_reach_of(right, query->asker.role) == REACH_BELOW &&
            place_contains(unit_place(query->asker.id), unit_place(unit)));
}

enum status query_own_place(struct query *query, uint64_t *place)
{
    uint64_t own = unit_place(query->asker.id);
    if (*place == 0)
        *place = own;
    if (place_contains(own, *place))
        return STATUS_OK;
    return query_refuse(query, STATUS_E_FORBIDDEN, "place",
                        "管理员和审计员只能查看本地及以下的这些情况",
                        "administrators and auditors see this of their own place and below");
}
