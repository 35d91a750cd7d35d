#include "demo/reasons.h"

#include <stdio.h>

#include "demo/draw.h"

enum { REASONS = 5 };

static const char *const more[REASONS] = {
    "返乡就业的家庭增加，孩子随父母回来", "新建安置小区交付，迁入家庭较多",
    "与户籍、学籍逐户核对后补登了漏报的", "本年起把寄宿在外、户籍在本地的也计入",
    "相邻自然屯并入，人数随之划入"};
static const char *const fewer[REASONS] = {
    "外出务工家庭增多，孩子随迁到城区就读", "拆迁户分散安置，整组外迁",
    "逐户核对后剔除了往年重复登记的", "当年满18周岁退出统计的较多", "相邻自然屯划出，人数随之减少"};
static const char *const relations[REASONS] = {
    "年底新认定的对象，材料正在补办", "汛后新排查出来的，尚在办理",
    "外出未归的暂时联系不上，已列入台账跟进", "新划入的自然屯正在逐户登记",
    "主管部门当年新增的口径，手续下季度办完"};

static const char *pick(const struct demo_reason *reason, const char *const *texts)
{
    char cell[16];
    snprintf(cell, sizeof cell, "%u", reason->problem->cell);
    struct draw_name name = {"reason", cell, "", reason->unit->id, reason->year};
    return texts[draw_below(reason->seed, &name, REASONS)];
}

void demo_reason_write(const struct demo_reason *reason, char out[DEMO_REASON_BYTES])
{
    unsigned cell = reason->problem->cell;
    if (reason->problem->code == STATUS_E_EXPLAIN_VILLAGES)
        snprintf(out, DEMO_REASON_BYTES,
                 "%d年第%u项：个别村没有报送，乡镇按户籍台账填了全乡镇的数（演示数据）",
                 reason->year, cell);
    else if (reason->problem->code == STATUS_E_EXPLAIN_RELATION)
        snprintf(out, DEMO_REASON_BYTES, "%d年第%u项：%s（演示数据）", reason->year, cell,
                 pick(reason, relations));
    else if (reason->has_last)
        snprintf(out, DEMO_REASON_BYTES, "%d年第%u项由%.10g变为%.10g：%s（演示数据）", reason->year,
                 cell, reason->last, reason->now,
                 pick(reason, reason->now > reason->last ? more : fewer));
    else
        snprintf(out, DEMO_REASON_BYTES, "%d年第%u项为%.10g：%s（演示数据）", reason->year, cell,
                 reason->now, pick(reason, more));
}
