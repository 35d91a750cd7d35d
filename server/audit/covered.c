#include "server/audit/covered.h"

#include <string.h>

#define OTHERWISE(name, zh, en)        \
    {                                  \
        name, NULL, NULL, true, zh, en \
    }
#define TABLE(name, zh, en)             \
    {                                   \
        name, NULL, NULL, false, zh, en \
    }
#define ROWS(name, only, zh, en)        \
    {                                   \
        name, NULL, only, false, zh, en \
    }
#define COLUMN(name, column, zh, en)      \
    {                                     \
        name, column, NULL, false, zh, en \
    }
#define CARRIER(name)                                                   \
    COLUMN(name, "carrier", "材料是经谁的连接送来的，由服务器自己记下", \
           "over whose connection a record came is the server's own note")
#define CHANGED(name)                                                     \
    COLUMN(name, "changed", "只是服务器之间重新装载的次序，不说明任何事", \
           "only the order in which servers load what changed: it says nothing")

static const struct covered_rule rules[] = {
    TABLE("access_log", "谁看过什么，由服务器自己记下",
          "who looked at what is the server's own note"),
    OTHERWISE("batch", "每一批由哈希树、签名和上一批核对",
              "each batch is held against its tree, its signature and the batch before"),
    CHANGED("carrier"),
    OTHERWISE("document_chunk", "每份文件的内容由签名的摘要核对",
              "each document's content is held against its signed hash"),
    ROWS("document_upload", "t.stage = 'stored'", "没有传完的文件还没有签名的材料",
         "what has not come in full has no signed record yet"),
    COLUMN("document_upload", "touched_us", "最后一块何时到达，由服务器自己记下",
           "when the last chunk came is the server's own note"),
    TABLE("enrol_code", "登记码由服务器发出；凭它所做的登记才是签名的材料",
          "one-time codes are the server's; the enrolment made with one is a signed record"),
    TABLE("notice_cursor", "邮件和网址通知送到哪里，由服务器自己记下",
          "how far e-mail and webhook notices got is the server's own note"),
    TABLE("notice_message", "邮件和网址通知送到哪里，由服务器自己记下",
          "how far e-mail and webhook notices got is the server's own note"),
    ROWS("outage", "exists (select from zhibao.cutoff_notice n where n.outage_us = t.from_us)",
         "没有推迟截止时间的停机不写入签名的材料",
         "an outage that moved no cut-off is in no signed record"),
    CHANGED("place_change"),
    CHANGED("plan"),
    CARRIER("registry_event"),
    CARRIER("report"),
    CARRIER("report_event"),
    TABLE("schema_version", "属于程序", "is the program's"),
    TABLE("service_mark", "服务器最后运行的时间，由它自己记下",
          "when the server last ran is its own note"),
    TABLE("signature_check", "签名由本次核对重新验证", "signatures are verified anew by the audit"),
    TABLE("signature_checked", "签名由本次核对重新验证",
          "signatures are verified anew by the audit"),
    ROWS("unit",
         "not (t.role = 'admin' and t.plan = '' and not exists (select from"
         " zhibao.registry_event e where e.unit = t.unit))",
         "发出第一个登记码时建立、还没有人登记的管理员单位",
         "an administrator's unit made with the first code, in which nobody has enrolled yet"),
    CHANGED("unit"),
    CHANGED("unit_key"),
    TABLE("unit_seen", "各单位最后联系的时间，由服务器自己记下",
          "when each unit was last heard of is the server's own note"),
    TABLE("uplink_state", "市里现在怎么说；签名的材料在市里",
          "what the city says at present; the signed records are there"),
    ROWS("uplink_step",
         "exists (select from zhibao.uplink_notice n where n.unit = t.unit"
         " and n.report_id = t.report_id and n.step_id = t.step_id)",
         "市里的办理，还没有写入签名的通知",
         "what the city did, before the signed notice of it is made"),
    TABLE("uplink_task", "督办报到上级没有；签名的材料在上级",
          "whether tasks were told above; the signed records are there"),
    TABLE("views_applied", "属于程序", "is the program's"),
};

const struct covered_rule *covered_rule(const char *table, const char *column)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        bool whole = rules[i].column == NULL;
        if (strcmp(rules[i].table, table) == 0 && whole == (column == NULL) &&
            (whole || strcmp(rules[i].column, column) == 0))
            return &rules[i];
    }
    return NULL;
}

const struct covered_rule *covered_rules(size_t *out_count)
{
    *out_count = sizeof rules / sizeof *rules;
    return rules;
}
