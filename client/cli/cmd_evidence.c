/* evidence: from a figure to the signatures behind it, in one file. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.pb-c.h"
#include "base/bytes.h"
#include "cli/evidence.h"
#include "cli/families.h"
#include "lib/files.h"

static const struct option evidence_options[] = {
    {"place",     NULL, "CODE", "区划代码",                               "the place's code"                   },
    {"year",      NULL, "YEAR", "报告期（年份）",                      "the year"                           },
    {"plan",      NULL, "PLAN", "规划代码（默认该地现行规划）", "the plan (default: the place's own)"},
    {"indicator", NULL, "CODE", "只要这一项指标（默认全部）",    "this indicator only (default: all)" },
    {"output",    "o",  "FILE", "写入此文件（必填）",                "write to this file (required)"      },
    {NULL,        NULL, NULL,   NULL,                                         NULL                                 },
};

static enum exit_code figure_claim(struct evidence *evidence, FILE *claim,
                                   const Zhibao__IndicatorResult *row)
{
    const char *only = option_text(evidence->context, "indicator");
    if (only != NULL && strcmp(only, row->indicator) != 0)
        return EXIT_DONE;
    fprintf(claim, "figure %s %s %d %.17g", row->indicator,
            row->stratum[0] == '\0' ? "-" : row->stratum, (int)row->presence, row->value);
    if (row->has_fraction)
        fprintf(claim, " %.17g %.17g", row->numerator, row->denominator);
    fputc('\n', claim);
    return EXIT_DONE;
}

/* The reports of the year that counted, and the plan that was in force. */
static enum exit_code page_take(struct evidence *evidence, FILE *claim,
                                const Zhibao__Evaluation *page, uint32_t year, bool first)
{
    enum exit_code code = EXIT_DONE;
    if (first) {
        fprintf(claim,
                "place %" PRIu64 "\nyear %u\nplan %s\nas-of %" PRId64 "\nbatch %" PRIu64 "\n",
                page->result->place, year, page->result->plan, page->as_of_us, page->batch);
        code = evidence_take(evidence, ZHIBAO__RECORD_KIND__RECORD_PLAN, page->plan_unit,
                             &page->plan_id, false);
    }
    for (size_t i = 0; i < page->result->n_indicators && code == EXIT_DONE; i++)
        code = figure_claim(evidence, claim, page->result->indicators[i]);
    for (size_t i = 0; i < page->n_input_unit && code == EXIT_DONE; i++) {
        ProtobufCBinaryData id = {RECORD_ID_BYTES, page->input_id.data + i * RECORD_ID_BYTES};
        if (page->input_period[i] != year)
            continue;
        char text[2 * RECORD_ID_BYTES + 1];
        fprintf(claim, "report %" PRIu64 " %s\n", page->input_unit[i],
                hex_encode(id.data, id.len, text));
        code = evidence_take(evidence, ZHIBAO__RECORD_KIND__RECORD_REPORT, page->input_unit[i], &id,
                             false);
    }
    return code;
}

static enum exit_code figures_take(struct evidence *evidence, FILE *claim, uint64_t place,
                                   uint32_t year)
{
    Zhibao__Evaluate ask = ZHIBAO__EVALUATE__INIT;
    ProtobufCMessage *answer = NULL;
    enum exit_code code = EXIT_DONE;
    bool first = true;
    ask.place = place;
    ask.period = year;
    ask.plan =
        (char *)(option_given(evidence->context, "plan") ? option_text(evidence->context, "plan")
                                                         : "");
    ask.kind = (char *)"annual";
    do {
        if (!context_ask(evidence->context, ZHIBAO__KIND__KIND_EVALUATE, &ask.base, &answer, &code))
            return code;
        const Zhibao__Evaluation *page = (const Zhibao__Evaluation *)answer;
        code = page_take(evidence, claim, page, year, first);
        first = false;
        ask.cursor = page->next;
        ask.batch = page->batch;
        ask.as_of_us = page->as_of_us;
    } while (code == EXIT_DONE && ask.cursor[0] != '\0');
    return code;
}

/* What was done to the reports of the year: reviews, confirmations, locks, notices. */
static enum exit_code steps_take(struct evidence *evidence, uint64_t place, uint32_t year)
{
    Zhibao__Track ask = ZHIBAO__TRACK__INIT;
    ProtobufCMessage *answer = NULL;
    enum exit_code code = EXIT_DONE;
    ask.unit = unit_make(place, place_level(place) >= PLACE_TOWNSHIP ? UNIT_OWN : UNIT_STATISTICS);
    ask.period = year;
    ask.subtree = 1;
    do {
        if (!context_ask(evidence->context, ZHIBAO__KIND__KIND_TRACK, &ask.base, &answer, &code))
            return code;
        const Zhibao__Tracked *tracked = (const Zhibao__Tracked *)answer;
        for (size_t i = 0; i < tracked->n_reports; i++)
            for (size_t j = 0; j < tracked->reports[i]->n_steps && code == EXIT_DONE; j++) {
                const Zhibao__Step *step = tracked->reports[i]->steps[j];
                if (step->kind != ZHIBAO__RECORD_KIND__RECORD_REPORT)
                    code = evidence_take(evidence, (uint8_t)step->kind, step->actor, &step->record,
                                         true);
            }
        ask.cursor = tracked->next;
    } while (code == EXIT_DONE && ask.cursor[0] != '\0');
    return code;
}

static enum exit_code gather(struct evidence *evidence, uint64_t place, uint32_t year)
{
    char *text = NULL;
    size_t size = 0;
    FILE *claim = open_memstream(&text, &size);
    if (claim == NULL)
        return failed(evidence->context, STATUS_NO_MEMORY);
    enum exit_code code = figures_take(evidence, claim, place, year);
    fclose(claim);
    if (code == EXIT_DONE)
        evidence_part(evidence, EVIDENCE_CLAIM, text, size);
    free(text);
    if (code == EXIT_DONE)
        code = steps_take(evidence, place, year);
    if (code == EXIT_DONE)
        code = evidence_take_keys(evidence, place);
    return code == EXIT_DONE ? evidence_take_roots(evidence) : code;
}

/* Signed by who takes it away, over the hash of all that stands before, and written. */
static enum exit_code seal_and_save(struct evidence *evidence, uint8_t **bytes, size_t *size)
{
    struct context *context = evidence->context;
    const char *path = option_text(context, "output");
    struct signature signature;
    fflush(evidence->out);
    struct hash hash = hash_bytes(*bytes, *size);
    zhibao_sign(context->zhibao, EVIDENCE_DOMAIN, hash.bytes, sizeof hash.bytes, &evidence->own,
                &signature);
    uint8_t seal[KEY_ID_BYTES + SIGN_SIGNATURE_BYTES];
    memcpy(seal, evidence->own.bytes, KEY_ID_BYTES);
    memcpy(seal + KEY_ID_BYTES, signature.bytes, SIGN_SIGNATURE_BYTES);
    evidence_part(evidence, EVIDENCE_SEAL, seal, sizeof seal);
    if (fflush(evidence->out) != 0)
        return failed(context, STATUS_NO_MEMORY);
    enum status status = file_save(path, *bytes, *size, 0644, FILE_REPLACE);
    if (status != STATUS_OK) {
        complain_save(context, status, path);
        return EXIT_MISUSED;
    }
    say(context,
        "证据文件 %s：%zu 件签名材料及其回执、密钥登记和全部树根，%zu 字节。"
        "在别的机器上核验：zhibao-verify.py --pins pins.conf %s",
        "evidence in %s: %zu signed records with their receipts, the enrolments of their keys and "
        "all roots, %zu bytes. To be verified anywhere: zhibao-verify.py --pins pins.conf %s",
        path, evidence->count, *size, path);
    return EXIT_DONE;
}

static enum exit_code run_evidence(struct context *context)
{
    struct evidence evidence = {.context = context};
    enum exit_code code = EXIT_MISUSED;
    uint64_t place = 0;
    uint32_t year = 0;
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (!option_place(context, "place", true, &place) || !option_year(context, true, &year))
        return code;
    if (!option_given(context, "output"))
        return misused(context, "请用 -o 指明写入的文件", "name the file with -o");
    if (!context_connect(context, &code))
        return code;
    evidence.out = open_memstream((char **)&bytes, &size);
    if (evidence.out == NULL)
        return failed(context, STATUS_NO_MEMORY);
    struct signature unused;
    zhibao_sign(context->zhibao, EVIDENCE_DOMAIN, "", 0, &evidence.own, &unused); /* whose key */
    fputs(EVIDENCE_MAGIC, evidence.out);
    code = gather(&evidence, place, year);
    if (code == EXIT_DONE)
        code = seal_and_save(&evidence, &bytes, &size);
    fclose(evidence.out);
    free(bytes);
    free(evidence.taken);
    return code;
}

const struct command commands_evidence[] = {
    {"evidence", "--place CODE --year YEAR -o FILE [--indicator CODE]",
     "把一地一年的数据连同其后的全部签名装进一个文件\n"
     "内有：结果、所依据的每份报告和规划的签名原件、审核、确认和锁定、签名人的密钥登记、各自的回执"
     "，以及服务器的全部树根。\n"
     "管理员和审计员可用。别人拿着它，只凭固定的服务器公钥就能独立核验（deploy/"
     "verify）；改动任何一个字节都通不过。",                   "take a place's figures of a year away with every signature behind them, in one file\n"
     "In it: the results, each report behind them and the plan as signed, reviews, confirmations "
     "and locks,\nthe enrolments of the keys that signed, the receipts, and all roots of the "
     "server. For administrators\nand auditors. Whoever has the server's pinned key can verify it "
     "independently (deploy/verify); it is\nrefused when a single byte was altered.", evidence_options, 0, 0, false, run_evidence},
    {NULL,       NULL,                                                  NULL, NULL,                                                              NULL,             0, 0, false, NULL        },
};
