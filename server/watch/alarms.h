/* What an administrator has to see to: one table, one state for each. deploy/RUNBOOK.md has a
 * heading for each name, which a test compares.
 *
 * An alarm is logged when it is raised and when it ends, stands in /metrics and /health, and is
 * told to the administrators that gave an address (server/notify). Raised and read by the watch
 * thread; alarm_is_raised by any. */
#ifndef ZHIBAO_SERVER_WATCH_ALARMS_H
#define ZHIBAO_SERVER_WATCH_ALARMS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* X(NAME, name, "zh", "en") */
#define ALARM_TABLE(X)                                                                         \
    X(CLOCK_WRONG, clock_wrong, "服务器时钟不准", "the server's clock is wrong")               \
    X(CERTIFICATE_ENDING, certificate_ending, "证书即将到期", "a certificate is about to end") \
    X(DISK_NEARLY_FULL, disk_nearly_full, "磁盘将满", "the disk is nearly full")               \
    X(UNIT_SILENT, unit_silent, "有单位长期没有联系", "a unit has not been heard of for long") \
    X(DATABASE_AWAY, database_away, "数据库连接不上", "the database is away")                  \
    X(WRITER_STUCK, writer_stuck, "写入停顿", "nothing is being stored")                       \
    X(QUEUE_FULL, queue_full, "请求过多，有的被要求稍后再试", "requests are turned away")      \
    X(NOTICES_STUCK, notices_stuck, "通知送不出去", "notices are not delivered")               \
    X(UPLINK_STUCK, uplink_stuck, "上报积压", "what is due to the level above waits")          \
    X(BACKUP_OLD, backup_old, "很久没有备份", "there was no backup for long")

enum alarm {
#define X(NAME, name, zh, en) ALARM_##NAME,
    ALARM_TABLE(X)
#undef X
        ALARM_COUNT
};

struct alarm_row {
    const char *name, *zh, *en;
};
extern const struct alarm_row alarm_rows[ALARM_COUNT];

/* NULL for another name. */
const struct alarm_row *alarm_find(const char *name);

struct alarms {
    atomic_llong since_us[ALARM_COUNT]; /* 0: not raised */
};

/* Logs when that is news, `detail` (key=value) with it. True when the alarm begins now. */
bool alarm_set(struct alarms *alarms, enum alarm alarm, bool raised, int64_t now_us,
               const char *detail);
bool alarm_is_raised(const struct alarms *alarms, enum alarm alarm);

#endif
