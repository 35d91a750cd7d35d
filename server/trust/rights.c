#include "server/trust/rights.h"

#include <string.h>

#include "envelope.pb-c.h"
#include "place.pb-c.h"
#include "record.pb-c.h"

#define SEE(sight, marks, zh, en)                                \
    {                                                            \
        RIGHT_SEE, SIGHT_##sight, NULL, 0, #sight, marks, zh, en \
    }
#define ASK(kind, marks, zh, en)                                            \
    {                                                                       \
        RIGHT_ASK, ZHIBAO__KIND__KIND_##kind, NULL, 0, #kind, marks, zh, en \
    }
#define MAKE(kind, marks, zh, en)                                                       \
    {                                                                                   \
        RIGHT_RECORD, ZHIBAO__RECORD_KIND__RECORD_##kind, NULL, 0, #kind, marks, zh, en \
    }
#define STEP(kind, field, value, name, marks, zh, en)                                              \
    {                                                                                              \
        RIGHT_RECORD, ZHIBAO__RECORD_KIND__RECORD_##kind, field, value, #kind " " name, marks, zh, \
            en                                                                                     \
    }

/* Marks in the order village, township, department, statistics, office, administrator, auditor. */
/* clang-format off */
const struct right rights[] = {
    SEE(RESULTS,             "ob-bbbb", "看一地的汇总结果", "see a place's consolidated results"),
    SEE(REPORTS,             "obobbbb", "看一个单位的报送及其经过", "see a unit's reports and their course"),

    ASK(PING,                "aaaaaaa", "问服务器在不在", "ask whether the server is there"),
    ASK(GET_FORM,            "aaaaaaa", "取报表", "fetch forms"),
    ASK(TRACK,               "obobbbb", "查进度", "follow reports"),
    ASK(INBOX,               "ccccccc", "收件箱", "the inbox"),
    ASK(PENDING,             "ccccccc", "待审核的", "what waits for its review"),
    ASK(TOTAL,               "-b-bbbb", "乡镇汇总", "a township's total"),
    ASK(PULL,                "obpbbbb", "汇总结果与达标情况", "consolidated results and attainment"),
    ASK(FIGURES,             "obobbbb", "逐项导出所报数据", "figures as reported, one by one"),
    ASK(WARNINGS,            "obpbbbb", "预警", "warnings"),
    ASK(SERIES,              "obpbbbb", "一项指标的历年数", "an indicator over the years"),
    ASK(QUALITY,             "obpbbbb", "数据质量", "quality of data"),
    ASK(AREAS,               "obpbbbb", "地区比较", "areas compared"),
    ASK(EVALUATE,            "obpbbbb", "评估", "evaluation"),
    ASK(RECONCILE,           "obpbbbb", "同一数几家所报对照", "the same count from several"),
    ASK(AFFECTED,            "obpbbbb", "解锁更正的影响", "what a correction after locking touches"),
    ASK(UPLINK,              "---bbbb", "上报市级的情况", "what the level above said"),
    ASK(DUTIES,              "obobbbb", "报送任务", "duties"),
    ASK(GET_PREVIOUS,        "obobbbb", "往年所报", "what was reported in earlier years"),
    ASK(GET_CALENDAR,        "obobbbb", "时间安排", "the calendar"),
    ASK(GET_COMPLETENESS,    "obobbbb", "报送率与及时率", "completeness and timeliness"),
    ASK(LIST_UNITS,          "obobbbb", "单位名单", "list of units"),
    ASK(CARRIERS,            "obobbbb", "谁可代送", "who may carry"),
    ASK(PLACES,              "aaaaaaa", "行政区划", "places"),
    ASK(PLACE_HISTORY,       "aaaaaaa", "区划变更", "changes of places"),
    ASK(GET_RECEIPT,         "obobbbb", "取回执", "fetch a receipt"),
    ASK(GET_RECORD,          "obobbbb", "取签名原件", "fetch a record as signed"),
    ASK(GET_ROOTS,           "aaaaaaa", "取树根作见证", "fetch roots, as a witness"),
    ASK(TASKS,               "cbcbbbb", "督办", "tasks"),
    ASK(COMMENTS,            "obobbbb", "对数据的意见", "comments on figures"),
    ASK(LIST_DOCUMENTS,      "obobbbb", "文件清单", "list of documents"),
    ASK(GET_CHUNK,           "obobbbb", "取文件内容", "fetch a document"),
    ASK(GET_UPLOAD,          "oooooo-", "问文件已传多少", "how much of a document arrived"),
    ASK(PUT_CHUNK,           "oooooo-", "上传文件", "upload a document"),
    ASK(CHECK_PLAN,          "---bbbb", "校验规划", "have a plan checked"),
    ASK(GET_NOTICES,         "ooooobb", "通知及联系方式", "notices and addresses"),
    ASK(HEALTH,              "-----bb", "服务器状况", "the server's health"),
    ASK(LIST_KEYS,           "-----bb", "密钥名册", "list of keys"),
    ASK(EVENTS,              "-----bb", "审计检索", "search what was stored"),
    ASK(ENROL_CODES,         "-----b-", "发登记码", "issue enrolment codes"),
    ASK(GET_CASE_DIRECTORY,  "aaaaaa-", "个案名录", "the directory of cases"),
    ASK(LIST_CASES,          "cccccc-", "个案清单", "list of cases"),
    ASK(GET_CASE,            "cccccc-", "打开个案", "open a case"),
    ASK(GET_CASE_PIECES,     "cccccc-", "个案附件", "a case's attachments"),
    ASK(ASK_CASE_STATE,      "aaaaaaa", "凭查询码问个案进展", "ask after a case by its code"),
    ASK(LIST_CASE_READS,     "cccccc-", "个案查阅记录", "who read a case"),
    ASK(LIST_CASE_KEY_ENDS,  "cccccc-", "个案密钥销毁记录", "keys of cases destroyed"),

    MAKE(REPORT,             "ooooo--", "报送报表", "report figures"),
    STEP(REVIEW, "verdict", 1, "ACCEPT",   "-bcbcc-", "审核通过", "accept"),
    STEP(REVIEW, "verdict", 2, "RETURN",   "-bcbcc-", "退回", "return"),
    STEP(REVIEW, "verdict", 3, "WITHDRAW", "ooooo--", "撤回", "withdraw"),
    STEP(REVIEW, "verdict", 4, "OBJECT",   "o------", "对代填提出异议", "object to what was entered for it"),
    STEP(REVIEW, "verdict", 5, "SIGN",     "ooooo--", "单位内会签", "sign within the unit"),
    MAKE(CONFIRMATION,       "-o-----", "确认乡镇汇总", "confirm a township's total"),
    STEP(LOCK, "unlock", 0, "LOCK",        "---o---", "锁定报告期", "lock a period"),
    STEP(LOCK, "unlock", 1, "UNLOCK",      "---o---", "解锁报告期", "unlock a period"),
    STEP(KEY, "action", 2, "APPROVE",      "ooooobo", "批准密钥", "approve a key"),
    STEP(KEY, "action", 3, "REVOKE",       "-----b-", "吊销密钥", "revoke a key"),
    STEP(KEY, "action", 4, "HANDOVER",     "ooooobo", "交接密钥", "hand a key over"),
    STEP(KEY, "action", 5, "ROTATE",       "ooooooo", "换用新密钥", "replace its own key"),
    MAKE(PLAN,               "-----b-", "导入规划（含目标值）", "import a plan, its targets included"),
    MAKE(PLACE_CHANGE,       "-----b-", "登记区划变更", "record a change of places"),
    MAKE(CALENDAR,           "---o---", "设定时间安排", "set the calendar"),
    MAKE(EXTENSION,          "---o---", "准予延期", "grant an exception"),
    MAKE(CARRIER,            "-----b-", "授权代送", "grant carrying"),
    MAKE(CONTACT,            "ooooobo", "设定联系方式", "set an address"),
    STEP(TASK, "action", 1, "OPEN",        "----b--", "发督办", "open a task"),
    STEP(TASK, "action", 2, "ANSWER",      "cccccc-", "答复督办", "answer a task"),
    STEP(TASK, "action", 3, "CLOSE",       "----o--", "办结督办", "close a task"),
    STEP(TASK, "action", 4, "REOPEN",      "----o--", "重开督办", "reopen a task"),
    STEP(TASK, "action", 5, "ESCALATE",    "-------", "提级（只由服务器上报）", "escalate (told by the uplink alone)"),
    MAKE(TASK_ESCALATION,    "---bb--", "把提级的督办报到上级", "tell the level above of an escalated task"),
    MAKE(DOCUMENT,           "oooooo-", "报送文件", "send a document"),
    STEP(COMMENT, "action", 1, "OPEN",     "obobbb-", "提出意见", "comment on a figure"),
    STEP(COMMENT, "action", 2, "ANSWER",   "cccccc-", "答复意见", "answer a comment"),
    STEP(COMMENT, "action", 3, "CLOSE",    "oooooo-", "了结意见", "close a comment"),
    MAKE(CASE_REPORT,        "aaaaaaa", "报告个案（强制报告）", "report a case"),
    MAKE(CASE_DIRECTORY,     "----oo-", "设定个案名录", "set the directory of cases"),
    MAKE(CASE_EVENT,         "cccccc-", "办理个案", "handle a case"),
    MAKE(CASE_READ,          "cccccc-", "登记查阅", "record a reading"),
    MAKE(CASE_PIECE,         "aaaaaaa", "个案附件", "add to a case"),
    MAKE(CASE_KEY_END,       "oooooo-", "登记密钥销毁", "record a key's destruction"),
};
/* clang-format on */
const size_t right_count = sizeof rights / sizeof *rights;

enum right_reach right_reach_of(const struct right *right, enum unit_role role)
{
    switch (right->marks[role]) {
    case 'o': return REACH_OWN;
    case 'p': return REACH_PUBLISHED;
    case 'c': return REACH_CONCERNED;
    case 'b': return REACH_BELOW;
    case 'a': return REACH_ANY;
    default: return REACH_NONE;
    }
}

/* A bool or an enum of the payload: both are an int. */
static int field_value(const ProtobufCMessage *payload, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(payload->descriptor, name);
    int value = 0;
    if (field != NULL)
        memcpy(&value, (const uint8_t *)payload + field->offset, sizeof value);
    return value;
}

const struct right *right_find(enum right_what what, int kind, const ProtobufCMessage *payload)
{
    for (size_t i = 0; i < right_count; i++) {
        const struct right *right = &rights[i];
        if (right->what == what && right->kind == kind &&
            (right->field == NULL ||
             (payload != NULL && field_value(payload, right->field) == right->value)))
            return right;
    }
    return NULL;
}

static bool kind_listed(enum right_what what, int kind)
{
    for (size_t i = 0; i < right_count; i++)
        if (rights[i].what == what && rights[i].kind == kind)
            return true;
    return false;
}

bool rights_allow(enum unit_role role, enum right_what what, int kind,
                  const ProtobufCMessage *payload)
{
    const struct right *right = right_find(what, kind, payload);
    if (right == NULL)
        return kind_listed(what, kind);
    return right_reach_of(right, role) != REACH_NONE;
}

enum status rights_check(enum unit_role role, enum right_what what, int kind,
                         const ProtobufCMessage *payload, const char *field,
                         struct problems *problems)
{
    if (rights_allow(role, what, kind, payload))
        return STATUS_OK;
    problems_add(problems, STATUS_E_FORBIDDEN, 0, field,
                 "该单位的角色不能做这件事（proto/RIGHTS.md）",
                 "the role of the unit may not do this (proto/RIGHTS.md)");
    return STATUS_E_FORBIDDEN;
}

bool rights_reach(enum unit_role role, enum right_sight sight, uint64_t own, uint64_t place)
{
    switch (right_reach_of(right_find(RIGHT_SEE, (int)sight, NULL), role)) {
    case REACH_OWN: return place == own;
    case REACH_BELOW: return place_contains(own, place);
    case REACH_ANY: return true;
    default: return false;
    }
}

static void page_rows(FILE *out, enum right_what what)
{
    static const char *const words[] = {"",         "自 own", "公 published", "关 concerned",
                                        "下 below", "皆 any"};
    for (size_t i = 0; i < right_count; i++) {
        if (rights[i].what != what)
            continue;
        fprintf(out, "| %s | %s · %s |", rights[i].name, rights[i].zh, rights[i].en);
        for (int role = 0; role < RIGHT_ROLES; role++)
            fprintf(out, " %s |", words[right_reach_of(&rights[i], (enum unit_role)role)]);
        fputc('\n', out);
    }
}

void rights_page(FILE *out)
{
    static const char *const heads[] = {"看 · What is seen", "问 · Questions", "做 · Records"};
    fputs("# 谁可以做什么 · Who may do what\n\n"
          "本页由 `server/trust/rights.c` "
          "的一张表生成，测试与它逐字对照；聚合服务器在办理任何提问和记录之前先查这张表，"
          "空格处一律 E_FORBIDDEN。\n"
          "Made from the one table in `server/trust/rights.c` and compared with it by a test. The "
          "aggregator looks here before it handles any question or record; an empty cell is "
          "E_FORBIDDEN.\n\n"
          "自 own：只限本单位、本地自己的 · 公 published：只限已公布的（已公布的，能问的都可以看） "
          "· 关 concerned：发给它、等它办或由它办的 · "
          "下 below：本地及以下 · 皆 "
          "any：凡已登记的都可以。格子是上限：哪些在其内，由各类记录自己的规则再定"
          "（PROTOCOL.md、CASES.md）。\n"
          "own: its own alone · published: what is published alone (which whoever may ask sees) · "
          "concerned: addressed to it, waiting for it or handled by it · "
          "below: of its place and those below · any: whoever is enrolled. A cell is a bound; what "
          "lies within it is decided by the rules of each kind.\n",
          out);
    for (int what = RIGHT_SEE; what <= RIGHT_RECORD; what++) {
        fprintf(out, "\n## %s\n\n| | |", heads[what]);
        fputs(" 村 village | 乡镇 township | 成员单位 department | 统计 statistics | 妇儿工委办 "
              "office | 管理员 administrator | 审计员 auditor "
              "|\n|---|---|---|---|---|---|---|---|---|\n",
              out);
        page_rows(out, (enum right_what)what);
    }
}
