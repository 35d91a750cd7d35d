/* case destroy-key, case destroyed-keys: how long what is sealed stays readable */
#include <sodium.h>
#include <string.h>

#include "base/bytes.h"
#include "base/china_time.h"
#include "cli/case_find.h"
#include "cli/families.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "cli/words.h"
#include "lib/case_home.h"

enum { PAGES_MAX = 100000 };

static const struct option destroy_options[] = {
    {"year",  NULL, "YEAR", "哪一年的密钥；不写则为名录规定已到期的各年",
     "of which year; without: every year whose time is over by the directory"                                                           },
    {"early", NULL, NULL,   "名录规定的期限未到也销毁",                            "before the time that the directory says"},
    {NULL,    NULL, NULL,   NULL,                                                              NULL                                     },
};

struct destroying {
    struct context *context;
    Zhibao__CaseDirectory *directory;
    uint32_t this_year, year; /* 0: all that are due */
    bool early;
    bool files;  /* of the register are counted, not cases */
    size_t open; /* unfinished cases and files of a year that this holder leads */
    uint32_t open_year;
    size_t destroyed;
};

static void count_open(struct context *context, const Zhibao__CaseItem *item, void *with)
{
    struct destroying *destroying = with;
    (void)context;
    uint32_t received = (uint32_t)china_year(item->received_us);
    /* before the committee signed a new year's keys its first cases were sealed to the old ones */
    bool next = received == destroying->open_year + 1 && !destroying->early && !destroying->files;
    destroying->open += received == destroying->open_year || next;
}

/* Whether the year's key may go: its time is over, and nothing that is still handled needs it. */
static enum exit_code may_go(struct destroying *destroying, uint32_t year)
{
    struct context *context = destroying->context;
    uint32_t keep = destroying->directory->keep_years;
    enum exit_code code = EXIT_MISUSED;
    if (year >= destroying->this_year)
        return misused(context, "今年的密钥还在使用", "this year's key is still in use");
    if (!destroying->early && year + keep >= destroying->this_year)
        return misused(context, "名录规定%u年的密钥保存到%u年底；确要提前销毁请加 --early",
                       "the directory keeps the key of %u until the end of %u; --early destroys it "
                       "before",
                       year, year + keep);
    destroying->open_year = year;
    destroying->open = 0;
    for (int files = 0; files < 2; files++) {
        Zhibao__ListCases question = ZHIBAO__LIST_CASES__INIT;
        question.unfinished = true;
        question.register_ = destroying->files = files == 1;
        if (!cases_each(context, &question, count_open, destroying, &code))
            return code;
    }
    if (destroying->open == 0)
        return EXIT_DONE;
    complain(context, "密封给%u年密钥的个案和台账档案还有 %zu 件没有办结，该密钥没有销毁",
             "%u: %zu cases or files of the register that are sealed to its key are not finished: "
             "it was not destroyed",
             year, destroying->open);
    return EXIT_REFUSED;
}

/* Destroyed first, said after: a log of what was not done would be worse than none. */
static enum exit_code destroy(struct destroying *destroying, struct case_pair *pair)
{
    struct context *context = destroying->context;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__CaseKeyEnd end = ZHIBAO__CASE_KEY_END__INIT;
    enum exit_code code = may_go(destroying, pair->year);
    if (code != EXIT_DONE)
        return code;
    enum status status = zhibao_case_key_destroy(context->zhibao, pair->year);
    if (status != STATUS_OK)
        return failed(context, status);
    say(context, "%u年的个案密钥已销毁，密封给它的内容从此无法打开",
        "the case key of %u is destroyed: what was sealed to it cannot be opened any more",
        pair->year);
    destroying->destroyed++;
    end.head = &head;
    end.year = pair->year;
    end.key = (ProtobufCBinaryData){KEY_ID_BYTES, pair->id.bytes};
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_CASE_KEY_END,
                                 .payload = &end.base,
                                 .head = &head,
                                 .stream = "",
                                 .form = ""};
    return put_and_send(context, &draft);
}

static enum exit_code run_destroy(struct context *context)
{
    struct destroying destroying = {.context = context,
                                    .this_year = case_year(clock_now_us()),
                                    .early = option_given(context, "early")};
    struct case_pair *pairs = NULL;
    size_t count = 0;
    bool found = false;
    enum exit_code code = EXIT_MISUSED, worst = EXIT_DONE;
    if (!option_year(context, false, &destroying.year) || !context_connect(context, &code))
        return code;
    uint64_t district =
        place_ancestor(unit_place(zhibao_identity(context->zhibao)->unit), PLACE_DISTRICT);
    enum status status =
        zhibao_case_directory(context->zhibao, district, context->arena, &destroying.directory);
    if (status == STATUS_OK)
        status = zhibao_case_keys(context->zhibao, context->arena, &pairs, &count);
    if (status != STATUS_OK)
        return failed(context, status);
    bool asked = option_given(context, "year");
    for (size_t i = 0; i < count; i++) {
        uint32_t keep = destroying.directory->keep_years;
        bool due = keep > 0 && pairs[i].year + keep < destroying.this_year;
        if (asked ? pairs[i].year != destroying.year : !due)
            continue;
        found = true;
        code = destroy(&destroying, &pairs[i]);
        worst = code > worst ? code : worst;
    }
    if (count > 0)
        sodium_memzero(pairs, count * sizeof *pairs);
    if (!found && asked)
        return misused(context, "本机没有%u年的个案密钥", "this home has no case key of %u",
                       destroying.year);
    if (!found)
        say(context, "没有到期的密钥", "no key's time is over");
    return worst;
}

static enum exit_code run_destroyed(struct context *context)
{
    static const struct row_column columns[] = {
        {"time",   "时间",       "time",        COLUMN_TEXT  },
        {"unit",   "单位代码", "unit",        COLUMN_TEXT  },
        {"year",   "年份",       "year",        COLUMN_NUMBER},
        {"key",    "个案密钥", "key",         COLUMN_TEXT  },
        {"holder", "签名密钥", "signing key", COLUMN_TEXT  },
    };
    Zhibao__ListCaseKeyEnds question = ZHIBAO__LIST_CASE_KEY_ENDS__INIT;
    ProtobufCMessage *message = NULL;
    enum exit_code code = EXIT_MISUSED;
    if (!context_connect(context, &code))
        return code;
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    code = EXIT_DONE;
    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_LIST_CASE_KEY_ENDS, &question.base, &message,
                         &code))
            break;
        const Zhibao__CaseKeyEndRows *found = (const Zhibao__CaseKeyEndRows *)message;
        for (size_t i = 0; i < found->n_rows; i++) {
            const Zhibao__CaseKeyEndRow *row = found->rows[i];
            char time[TIME_TEXT_BYTES], key[ID_TEXT_BYTES], holder[ID_TEXT_BYTES],
                unit[UNIT_TEXT_BYTES];
            const char *const cells[] = {
                time_text(row->time_us, time), unit_format(row->unit, unit),
                rows_printf(rows, "%u", row->year), id_text(row->key.data, row->key.len, key),
                id_text(row->holder.data, row->holder.len, holder)};
            rows_add(rows, cells);
        }
        if (found->next[0] == '\0')
            break;
        question.cursor = found->next;
    }
    if (code == EXIT_DONE && !rows_print(rows))
        code = EXIT_MISUSED;
    rows_destroy(&rows);
    return code;
}

const struct command commands_case_keep[] = {
    {"case destroy-key",    "[--year YEAR] [--early]",
     "销毁保存期满的个案密钥（期限由名录规定），并登记在链中\n密封给它的内容（连同备份）从此无法打"
     "开；还有没办结的个案时不销毁。",                                                      "destroy case keys whose time is over (as the directory says), and have it recorded\nWhat was "
     "sealed to them, in backups too, cannot be opened any more. A key that unfinished cases need "
     "stays.",                                              destroy_options, 0, 0, false, run_destroy  },
    {"case destroyed-keys", "",                        "本区县谁在何时销毁了哪一年的密钥",
     "who destroyed which year's key when, in the district",                                                     NULL,            0, 0, true,  run_destroyed},
    {NULL,                  NULL,                      NULL,                                               NULL, NULL,            0, 0, false, NULL         },
};
