/* zhibaod audit: what the database holds against what was signed and receipted. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "server/audit/audit.h"
#include "server/audit/covered.h"
#include "server/commands.h"
#include "server/site.h"

static enum status audit_site(const struct options *options, const struct site *site,
                              struct audit *audit)
{
    enum status status = db_open(site->conninfo, DB_QUERY, &audit->db);
    log_set_level(LOG_ERROR); /* what is applied once more happened long ago */
    if (status == STATUS_OK)
        status = audit_run(audit, options);
    audit_close(audit);
    db_close(&audit->db);
    return status;
}

static void audit_sum_up(const struct audit *audit, enum status status)
{
    bool chinese = audit->language == LANGUAGE_ZH;
    if (status != STATUS_OK)
        printf(chinese ? "核对中断：%s\n" : "the audit broke off: %s\n",
               chinese ? status_zh(status) : status_en(status));
    printf(chinese ? "核对了 %" PRIu64 " 批、%" PRIu64 " 件材料、%" PRIu64 " 份回执："
                   : "%" PRIu64 " batches, %" PRIu64 " records, %" PRIu64 " receipts: ",
           audit->batches, audit->records, audit->receipts);
    if (audit->findings > 0)
        printf(chinese ? "%" PRIu64 " 处不符\n" : "%" PRIu64 " findings\n", audit->findings);
    else
        printf("%s\n", status != STATUS_OK ? (chinese ? "没有核对完" : "not all was looked at")
                       : chinese           ? "没有发现改动"
                                           : "nothing was altered");
}

/* "table.column: why", a line each. */
static void unsigned_print(enum language language)
{
    bool chinese = language == LANGUAGE_ZH;
    size_t count = 0;
    const struct covered_rule *rules = covered_rules(&count);
    for (size_t i = 0; i < count; i++) {
        const struct covered_rule *rule = &rules[i];
        const char *part = rule->otherwise ? (chinese ? "（另行核对）" : " (in another way)")
                           : rule->only != NULL ? (chinese ? "（一部分）" : " (in part)")
                                                : "";
        printf("%s%s%s%s%s%s\n", rule->table, rule->column == NULL ? "" : ".",
               rule->column == NULL ? "" : rule->column, part, chinese ? "：" : ": ",
               chinese ? rule->zh : rule->en);
    }
}

/* From here on the process may stand in another directory. */
static bool receipts_resolve(struct options *options)
{
    char resolved[PATH_MAX];
    if (options->receipts[0] == '\0')
        return true;
    errno = ENAMETOOLONG;
    if (realpath(options->receipts, resolved) != NULL && strlen(resolved) < OPTION_PATH_BYTES) {
        memcpy(options->receipts, resolved, strlen(resolved) + 1);
        return true;
    }
    printf(options->language == LANGUAGE_ZH ? "回执目录 %s 读不出：%s\n"
                                            : "the directory of receipts %s cannot be read: %s\n",
           options->receipts, strerror(errno));
    return false;
}

int command_audit(struct options *options)
{
    struct site site;
    if (options->unsigned_parts) {
        unsigned_print(options->language);
        return 0;
    }
    if (!receipts_resolve(options))
        return 1;
    memset(&site, 0, sizeof site);
    enum status status = site_join(options, &site);
    if (status == STATUS_OK) {
        struct audit audit = {
            .server_key = site.keys.sign_public, .language = options->language, .out = stdout};
        status = audit_site(options, &site, &audit);
        audit_sum_up(&audit, status);
        if (status == STATUS_OK && audit.findings > 0)
            status = STATUS_MISMATCH;
    }
    site_close(&site);
    return status == STATUS_OK ? 0 : 1;
}
