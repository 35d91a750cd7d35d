/* zhibaod first-code: the first administrator of a place. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/unit_id.h"
#include "plan/plan_dir.h"
#include "proof/enrol_code.h"
#include "server/clock/now.h"
#include "server/commands.h"
#include "server/site.h"
#include "server/store/registry_store.h"

enum { ARENA_BYTES = 64 * 1024, EXIT_USAGE = 2 };

/* What one run of the command is about. */
struct first_code {
    const struct options *options;
    struct arena *arena;
    uint64_t place;
    const char *name; /* of the place; "" while nothing names it */
};

static bool chinese(const struct first_code *run)
{
    return run->options->language == LANGUAGE_ZH;
}

/* The place's name in the plan of --plan. Every problem of a plan that does not load is printed. */
static enum status name_from_plan(struct first_code *run)
{
    struct plan_files *files = NULL;
    struct plan *plan = NULL;
    struct problems problems;
    problems_init(&problems);
    enum status status = plan_dir_read(run->options->plan, &problems, &files);
    if (status == STATUS_OK)
        status = plan_load(files->files, files->count, &problems, &plan);
    for (size_t i = 0; i < problems.count; i++)
        fprintf(stderr, "%s: %s: %s\n", run->options->plan, problems.items[i].field,
                chinese(run) ? problems.items[i].zh : problems.items[i].en);
    const struct place *place = status == STATUS_OK ? plan_place(plan, run->place) : NULL;
    if (place != NULL)
        run->name = arena_string(run->arena, place->name_zh);
    problems_clear(&problems);
    plan_destroy(&plan);
    plan_files_destroy(&files);
    return run->name == NULL ? STATUS_NO_MEMORY : status;
}

/* A code for a mistyped place would make an administrator of nothing. */
static enum status place_check(struct first_code *run, struct db *db)
{
    if (run->place == 0)
        run->name = chinese(run) ? "全国" : "the whole country";
    if (run->name[0] != '\0')
        return STATUS_OK;
    enum status status = registry_store_place_name(db, run->arena, run->place, &run->name);
    if (status != STATUS_OK || run->name[0] != '\0' || run->options->force)
        return status;
    fprintf(
        stderr,
        chinese(run)
            ? "没有发出登记码：%s中没有区划代码 %012" PRIu64 "。请核对代码；规划尚未导入的，用\n"
              "--plan 目录 指明；确实无误而没有规划的，加 --force\n"
            : "no code was issued: %s no place %012" PRIu64 ". Check the code; name the plan's\n"
              "folder with --plan when it is not imported yet; if the code is right though no\n"
              "plan has it, add --force\n",
        run->options->plan[0] != '\0'
            ? (chinese(run) ? "--plan 的规划和已导入的规划"
                            : "the plan of --plan and the imported ones have")
            : (chinese(run) ? "已导入的规划" : "the imported plans have"),
        run->place);
    return STATUS_INVALID;
}

/* The code on stdout; what it is, and what has to be true for it to work, on stderr. */
static enum status code_print(const struct first_code *run, const struct enrol_code *code)
{
    char unit[UNIT_TEXT_BYTES];
    char *text = enrol_code_text(code);
    if (text == NULL)
        return STATUS_NO_MEMORY;
    printf("%s\n", text);
    fflush(stdout);
    fprintf(stderr,
            chinese(run)
                ? "管理员单位 %s（%s）的一次性登记码，%d 小时内有效\n"
                  "登记码里的登记地址：%s\n登记后使用的填报地址：%s\n"
                  "在管理员的电脑上运行：zhibao enrol 登记码\n"
                : "one-time enrolment code of the administrator %s (%s), valid for %d hours\n"
                  "endpoint in the code: %s\nendpoint used after enrolment: %s\n"
                  "on the administrator's computer run: zhibao enrol CODE\n",
            unit_format(code->unit, unit),
            run->name[0] != '\0' ? run->name : (chinese(run) ? "未核对" : "not looked up"),
            run->options->code_valid_hours, code->endpoint, run->options->public_endpoint);
    if (run->options->public_assumed)
        fputs(chinese(run)
                  ? "注意：没有设置 public_endpoint 和 public_enrol_endpoint，127.0.0.1 "
                    "只有这台机器\n"
                    "自己连得上。要给别的电脑用，先在配置文件中设好，重启 zhibaod，再发一次\n"
                  : "note: public_endpoint and public_enrol_endpoint are not both set, and "
                    "127.0.0.1 is\n"
                    "reached from this machine only. For other computers set them in the config "
                    "file,\n"
                    "restart zhibaod and issue a new code\n",
              stderr);
    free(text);
    return STATUS_OK;
}

static enum status code_issue(struct first_code *run, const struct site *site)
{
    struct enrol_code code = {0};
    struct db *db = NULL;
    (void)test_clock_follow(run->options->test_clock);
    int64_t expires_us = server_now_us() + (int64_t)run->options->code_valid_hours * 3600 * 1000000;
    memcpy(code.transport_public, site->keys.transport_public, sizeof code.transport_public);
    code.sign_public = site->keys.sign_public;
    code.unit = unit_make(run->place, UNIT_ADMIN);
    random_bytes(code.id, sizeof code.id);
    random_bytes(code.secret, sizeof code.secret);
    snprintf(code.endpoint, sizeof code.endpoint, "%s", run->options->public_enrol_endpoint);
    struct hash secret = hash_bytes(code.secret, sizeof code.secret);
    enum status status = db_open(site->conninfo, DB_INGEST, &db);
    if (status == STATUS_OK)
        status = place_check(run, db);
    if (status == STATUS_OK)
        status = registry_store_first_code(db, run->place, code.id, &secret, expires_us);
    db_close(&db);
    if (status == STATUS_OK)
        status = code_print(run, &code);
    return status;
}

int command_first_code(struct options *options)
{
    struct site site;
    struct first_code run = {.options = options,
                             .arena = arena_create(ARENA_BYTES),
                             .place = (uint64_t)options->place,
                             .name = ""};
    memset(&site, 0, sizeof site);
    enum status status = run.arena == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK && options->plan[0] != '\0')
        status = name_from_plan(&run); /* before another user who may not read it is become */
    if (status == STATUS_OK)
        status = site_join(options, &site);
    if (status == STATUS_OK)
        status = code_issue(&run, &site);
    site_close(&site);
    arena_destroy(&run.arena);
    if (status == STATUS_INVALID || status == STATUS_E_PLAN_INVALID)
        return EXIT_USAGE;
    return status == STATUS_OK ? 0 : 1;
}
