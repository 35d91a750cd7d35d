/* zhibaod: arguments, start order, the main loop, stop order. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/bytes.h"
#include "server/commands.h"
#include "server/files.h"
#include "server/loop/server.h"
#include "server/signals.h"
#include "server/site.h"
#include "server/store/writer_lock.h"
#include "server/watch/supervisor.h"

enum { TURN_MS = 200, FILES_WANTED = 65536, EXIT_USAGE = 2 };

/* Every client takes a file; the default limit of 1024 would not do. A core file would hold keys
 * and reports. Best effort; PostgreSQL inherits both. */
static void set_limits(void)
{
    struct rlimit limit;
    struct rlimit no_core = {0, 0};
    if (setrlimit(RLIMIT_CORE, &no_core) != 0)
        log_warning("could not switch off core files");
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    struct rlimit wanted = {FILES_WANTED, FILES_WANTED};
    if (limit.rlim_cur >= FILES_WANTED || setrlimit(RLIMIT_NOFILE, &wanted) == 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_warning("could not raise the limit of open files");
}

/* The phrases that are no explanation, from the option's file; the list that is built in stays when
 * there is no such option. */
static enum status boilerplate_load(const char *path, struct registry *registry)
{
    struct boilerplate *list = NULL;
    size_t size = 0;
    if (path[0] == '\0')
        return STATUS_OK;
    char *text = malloc(BOILERPLATE_FILE_MAX + 1);
    enum status status =
        text == NULL ? STATUS_NO_MEMORY : file_load(path, text, BOILERPLATE_FILE_MAX, &size);
    if (status == STATUS_OK)
        status = strlen(text) == size ? boilerplate_read(text, &list) : STATUS_INVALID;
    if (status == STATUS_OK)
        registry_take_boilerplate(registry, list);
    else
        log_error("could not read the list of phrases: %s path=%s", status_en(status), path);
    free(text);
    return status;
}

static enum status registry_start(const struct site *site, struct registry **out_registry)
{
    struct db *db = NULL;
    int64_t began_ms = clock_monotonic_ms();
    enum status status = registry_create(out_registry);
    if (status == STATUS_OK)
        status = db_open(site->conninfo, DB_QUERY, &db);
    if (status == STATUS_OK)
        status = registry_refresh(*out_registry, db, NULL);
    db_close(&db);
    if (status == STATUS_OK)
        log_info("registry loaded ms=%" PRId64, clock_monotonic_ms() - began_ms);
    return status;
}

/* Until a signal asks to stop; false when a thread gave up. */
static bool main_loop(const struct server *server, struct site *site, struct supervisor *supervisor)
{
    while (!signals_stop_asked(TURN_MS)) {
        if (server_failed(server))
            return false;
        supervisor_pulse(supervisor, server_vitals(server));
        if (site->cluster != NULL)
            cluster_watch(site->cluster);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ; /* a dead postmaster becomes our child: see PR_SET_CHILD_SUBREAPER */
    }
    log_info("stopping");
    return true;
}

static bool stop_asked(void *context)
{
    (void)context;
    return signals_stop_asked(0);
}

static int run(struct options *options)
{
    struct site site;
    struct registry *registry = NULL;
    struct server *server = NULL;
    struct supervisor supervisor;
    bool stopped = false;
    supervisor_open(&supervisor);
    enum status status = site_open(options, &site);
    if (status == STATUS_CONFLICT)
        log_error("could not lock the data directory: another zhibaod is running on it path=%s",
                  options->data);
    if (status == STATUS_OK)
        status = site_schema(&site);
    if (status == STATUS_OK)
        status = writer_check(site.conninfo, &site.keys.sign_id, stop_asked, NULL);
    if (status == STATUS_OK)
        status = registry_start(&site, &registry);
    if (status == STATUS_OK)
        status = boilerplate_load(options->boilerplate, registry);
    if (status == STATUS_OK)
        status = server_start(options, registry, &site.keys, site.conninfo, &server);
    if (status == STATUS_OK && options->public_assumed)
        log_warning("units are told 127.0.0.1, which only this machine reaches: set public_endpoint"
                    " and public_enrol_endpoint");
    if (status == STATUS_OK) {
        printf("zhibaod ready endpoint=%s enrol=%s\n", options->public_endpoint,
               options->public_enrol_endpoint);
        fflush(stdout);
        supervisor_tell(&supervisor, "READY=1\nSTATUS=serving");
        stopped = main_loop(server, &site, &supervisor);
        supervisor_tell(&supervisor, "STOPPING=1");
    }
    server_stop(&server);
    registry_destroy(&registry);
    site_close(&site);
    return stopped || status == STATUS_CANCELLED ? 0 : 1;
}

static int print_errors(const struct options *options, const struct option_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++)
        fprintf(stderr, "%s\n",
                options->language == LANGUAGE_ZH ? errors->items[i].zh : errors->items[i].en);
    if (options->command == COMMAND_FIRST_CODE)
        options_print_first_code(stderr, options->language);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    static struct options options;
    static struct option_errors errors;
    signals_block();
    log_follow_journal();
    if (options_parse(argc, (const char *const *)argv, &options, &errors) != STATUS_OK)
        return print_errors(&options, &errors);
    if (options.show_help && options.command == COMMAND_FIRST_CODE)
        options_print_first_code(stdout, options.language);
    else if (options.show_help)
        options_print_help(stdout, options.language);
    else if (options.show_version)
        printf("zhibaod %s\n", ZHIBAO_VERSION);
    else if (options.print_config)
        options_print_sample(stdout);
    else if (options.check_config)
        printf("ok\n");
    if (options.show_help || options.show_version || options.print_config || options.check_config)
        return 0;
    log_set_level(options.log_level);
    if (sign_init() != STATUS_OK) {
        log_error("could not start libsodium");
        return 1;
    }
    set_limits();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    switch (options.command) {
    case COMMAND_RUN: return run(&options);
    case COMMAND_MIGRATE: return command_migrate(&options);
    case COMMAND_FIRST_CODE: return command_first_code(&options);
    case COMMAND_AUDIT: return command_audit(&options);
    case COMMAND_BACKUP_KEY: return command_backup_key(&options);
    case COMMAND_BACKUP: return command_backup(&options);
    case COMMAND_RESTORE: return command_restore(&options);
    case COMMAND_KEY_ENCRYPT:
    case COMMAND_KEY_DECRYPT: return command_key_lock(&options);
    case COMMAND_KEY_SPLIT: return command_key_split(&options);
    case COMMAND_KEY_JOIN: return command_key_join(&options);
    }
    return EXIT_USAGE;
}
