#include "server/commands.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/unit_id.h"
#include "proof/enrol_code.h"
#include "server/clock/now.h"
#include "server/signals.h"
#include "server/site.h"
#include "server/store/migrate.h"
#include "server/store/registry_store.h"

enum { START_WAIT_MS = 30 * 1000, POLL_MS = 200 };

static int exit_code(enum status status)
{
    if (status == STATUS_CONFLICT)
        log_error("could not lock the data directory: another zhibaod is running on it");
    return status == STATUS_OK ? 0 : 1;
}

int command_migrate(struct options *options)
{
    struct site site;
    enum status status = site_open(options, &site);
    if (status == STATUS_OK)
        status = migrate_run(site.conninfo);
    if (status == STATUS_OK)
        printf("schema version %d\n", migrate_newest());
    site_close(&site);
    return exit_code(status);
}

/* Beside a zhibaod that may still be starting: until its database answers. */
static enum status wait_for_database(const struct site *site)
{
    int64_t until = clock_monotonic_ms() + START_WAIT_MS;
    while (PQping(site->conninfo) != PQPING_OK) {
        if (clock_monotonic_ms() > until) {
            log_error("could not reach the database of the running zhibaod");
            return STATUS_TIMEOUT;
        }
        if (signals_stop_asked(POLL_MS))
            return STATUS_CANCELLED;
    }
    return STATUS_OK;
}

/* The database, ready for use: of the running zhibaod, of one's own server, or a private one that
 * is started for this command only. */
static enum status database_ready(struct options *options, struct site *site)
{
    if (options->database[0] == '\0') {
        enum status status = site_open(options, site);
        if (status == STATUS_OK)
            return site_schema(site);
        site_close(site);
        if (status != STATUS_CONFLICT)
            return status;
    }
    enum status status = site_visit(options, site);
    if (status == STATUS_OK)
        status = wait_for_database(site);
    return status == STATUS_OK ? migrate_check(site->conninfo) : status;
}

static enum status code_print(const struct options *options, const struct enrol_code *code)
{
    char unit[UNIT_TEXT_BYTES];
    char *text = enrol_code_text(code);
    if (text == NULL)
        return STATUS_NO_MEMORY;
    printf("%s\n", text);
    fflush(stdout);
    fprintf(stderr,
            options->language == LANGUAGE_ZH
                ? "管理员单位 %s 的一次性登记码，%d 小时内有效：zhibao enrol 登记码\n"
                : "one-time enrolment code of the administrator %s, valid for %d hours: "
                  "zhibao enrol CODE\n",
            unit_format(code->unit, unit), options->code_valid_hours);
    free(text);
    return STATUS_OK;
}

static enum status code_issue(const struct options *options, const struct site *site)
{
    struct enrol_code code = {0};
    struct db *db = NULL;
    uint64_t place = (uint64_t)options->place;
    (void)test_clock_follow(options->test_clock);
    int64_t expires_us = server_now_us() + (int64_t)options->code_valid_hours * 3600 * 1000000;
    memcpy(code.transport_public, site->keys.transport_public, sizeof code.transport_public);
    code.sign_public = site->keys.sign_public;
    code.unit = unit_make(place, UNIT_ADMIN);
    random_bytes(code.id, sizeof code.id);
    random_bytes(code.secret, sizeof code.secret);
    snprintf(code.endpoint, sizeof code.endpoint, "%s", options->public_enrol_endpoint);
    struct hash secret = hash_bytes(code.secret, sizeof code.secret);
    enum status status = db_open(site->conninfo, DB_INGEST, &db);
    if (status == STATUS_OK)
        status = registry_store_first_code(db, place, code.id, &secret, expires_us);
    db_close(&db);
    if (status == STATUS_OK)
        status = code_print(options, &code);
    return status;
}

int command_first_code(struct options *options)
{
    struct site site;
    memset(&site, 0, sizeof site);
    enum status status = database_ready(options, &site);
    if (status == STATUS_OK)
        status = code_issue(options, &site);
    site_close(&site);
    return exit_code(status);
}
