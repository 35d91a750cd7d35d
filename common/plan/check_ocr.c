#include <iconv.h>
#include <string.h>

#include "plan/check_report.h"
#include "plan/quote.h"
#include "text/utf8.h"

/* Slips of scanning and typing, as bits so that one quote can show several. */
enum slip {
    SLIP_BLANK = 1,     /* a blank inside a word: 定 检率 */
    SLIP_LETTER = 2,    /* a lone letter where a digit belongs: l小时 */
    SLIP_STROKE = 4,    /* 一 between digits: 0一6岁 */
    SLIP_BRACKET = 8,   /* a bracket without its other half */
    SLIP_CHARACTER = 16 /* a character outside simplified Chinese: 検査 */
};

/* GB 2312 is what simplified Chinese is written with; a plan's rarer characters are names. */
static bool in_gb2312(iconv_t converter, uint32_t code)
{
    char text[4] = {(char)(code & 0xFF), (char)(code >> 8 & 0xFF), (char)(code >> 16 & 0xFF), 0};
    char out[8];
    char *in_at = text, *out_at = out;
    size_t in_left = sizeof text, out_left = sizeof out;
    iconv(converter, NULL, NULL, NULL, NULL);
    return iconv(converter, &in_at, &in_left, &out_at, &out_left) != (size_t)-1;
}

static uint32_t at_or_none(const struct quote *quote, size_t at)
{
    return at < quote->length ? quote->code[at] : 0;
}

static unsigned slip_at(const struct quote *quote, size_t at, iconv_t converter)
{
    uint32_t code = quote->code[at];
    uint32_t before = at_or_none(quote, at - 1), after = at_or_none(quote, at + 1);
    if (utf8_is_blank(code) && quote_is_han(before) && quote_is_han(after))
        return SLIP_BLANK;
    bool lone = !quote_is_latin(before) && !quote_is_latin(after);
    if ((code == 'l' || code == 'I' || code == 'O' || code == 'o') && lone &&
        (quote_is_han(after) || quote_is_digit(after) || quote_is_digit(before)))
        return SLIP_LETTER;
    if (code == 0x4E00 /* 一 */ && quote_is_digit(before) && quote_is_digit(after))
        return SLIP_STROKE;
    if (quote_is_han(code) && converter != (iconv_t)-1 && !in_gb2312(converter, code))
        return SLIP_CHARACTER;
    return 0;
}

static bool brackets_match(const struct quote *quote)
{
    static const uint32_t pairs[][2] = {
        {'(',    ')'   },
        {0xFF08, 0xFF09},
        {'[',    ']'   },
        {0x300A, 0x300B},
        {0x3010, 0x3011}
    };
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        size_t open = 0;
        for (size_t i = 0; i < quote->length; i++) {
            open += quote->code[i] == pairs[k][0];
            if (quote->code[i] == pairs[k][1] && open-- == 0)
                return false;
        }
        if (open > 0)
            return false;
    }
    return true;
}

static unsigned slips(const char *text, iconv_t converter)
{
    struct quote quote;
    unsigned found = 0;
    quote_read(text, &quote);
    for (size_t i = 0; i < quote.length; i++)
        found |= slip_at(&quote, i, converter);
    return brackets_match(&quote) ? found : found | SLIP_BRACKET;
}

static void add_slips(struct plan_checker *checker, const char *subject, const char *code,
                      const char *quote, unsigned found)
{
    static const struct {
        enum slip slip;
        const char *zh, *en;
    } texts[] = {
        {SLIP_BLANK,     "字间有空格",                "a blank inside a word"                     },
        {SLIP_LETTER,    "字母疑为数字",             "a letter where a digit belongs"            },
        {SLIP_STROKE,    "“一”疑为连接号",       "the character for one where a dash belongs"},
        {SLIP_BRACKET,   "括号不配对",                "a bracket without its other half"          },
        {SLIP_CHARACTER, "有简体字符集以外的字", "a character outside simplified Chinese"    },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if ((found & (unsigned)texts[i].slip) != 0)
            check_add(checker, subject, code,
                      check_text(checker, "疑似错字：%s：“%s”", texts[i].zh, quote),
                      check_text(checker, "looks like a slip: %s: \"%s\"", texts[i].en, quote));
}

/* Which percent signs an indicator's quotes use: bit 1 half-width, bit 2 full-width. */
static unsigned percent_signs(const char *text)
{
    return (strchr(text, '%') != NULL ? 1U : 0U) | (strstr(text, "％") != NULL ? 2U : 0U);
}

static void mixed_percent(struct plan_checker *checker, size_t index)
{
    const struct plan *plan = checker->plan;
    const struct indicator *indicator = &plan->indicators[index];
    unsigned signs = 0;
    for (size_t i = 0; i < plan->target_count; i++)
        if (plan->targets[i].indicator == index)
            signs |= percent_signs(plan->targets[i].quote);
    for (size_t i = 0; i < plan->fact_count; i++)
        if (plan->facts[i].indicator == index)
            signs |= percent_signs(plan->facts[i].quote);
    if (signs == 3)
        check_add(checker, indicator->code, "",
                  check_text(checker, "%s：全角“％”与半角“%%”混用", indicator->name_zh),
                  check_text(checker, "%s: full-width and half-width percent signs mixed",
                             indicator->name_en));
}

void check_ocr(struct plan_checker *checker)
{
    const struct plan *plan = checker->plan;
    iconv_t converter = iconv_open("GB2312", "UTF-32LE");
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct target *target = &plan->targets[i];
        add_slips(checker, check_subject(checker, target), target->code, target->quote,
                  slips(target->quote, converter));
    }
    for (size_t i = 0; i < plan->fact_count; i++) {
        const struct fact *fact = &plan->facts[i];
        add_slips(checker, plan->indicators[fact->indicator].code, "", fact->quote,
                  slips(fact->quote, converter));
    }
    for (size_t i = 0; i < plan->indicator_count; i++)
        mixed_percent(checker, i);
    if (converter != (iconv_t)-1)
        iconv_close(converter);
}
