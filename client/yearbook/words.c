#include <stdio.h>
#include <string.h>

#include "plan/unit_words.h"
#include "yearbook/book.h"

struct word {
    const char *code, *zh, *en;
};

static const struct word domains[] = {
    {"health",         "儿童与健康",       "Children and health"          },
    {"safety",         "儿童与安全",       "Children and safety"          },
    {"education",      "儿童与教育",       "Children and education"       },
    {"welfare",        "儿童与福利",       "Children and welfare"         },
    {"family",         "儿童与家庭",       "Children and the family"      },
    {"environment",    "儿童与环境",       "Children and the environment" },
    {"law",            "儿童与法律保护", "Children and legal protection"},
    {"implementation", "组织实施",          "Carrying out the plan"        },
};

static const struct word classes[] = {
    {"likely",            "可望达标",       "likely"       },
    {"watch",             "需关注",          "watch"        },
    {"unlikely",          "预计达标困难", "unlikely"     },
    {"very_unlikely",     "预计难以达标", "very unlikely"},
    {"insufficient_data", "",                   ""             },
    {"reached",           "",                   ""             },
};

/* "|" is where the value goes. */
static const struct word demands[] = {
    {"<=",                          "≤|",                      "≤|"                   },
    {">=",                          "≥|",                      "≥|"                   },
    {"<",                           "<|",                        "<|"                     },
    {">",                           ">|",                        ">|"                     },
    {"=",                           "=|",                        "=|"                     },
    {"~",                           "约|",                      "about |"                },
    {"maintain>=",                  "保持≥|",                "stay ≥|"              },
    {"maintain<=",                  "保持≤|",                "stay ≤|"              },
    {"decrease_by_pct",             "比基期下降|%",         "fall by |%"             },
    {"decrease_by_points_per_year", "年均下降|个百分点", "fall by | points a year"},
    {"increase",                    "提高|",                   "rise|"                  },
    {"decrease",                    "下降|",                   "fall|"                  },
    {"qualitative",                 "定性目标|",             "qualitative|"           },
};

static const char *find(const struct book *book, const struct word *words, size_t count,
                        const char *code, const char *otherwise)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i].code, code) == 0)
            return TR(book, words[i].zh, words[i].en);
    return otherwise;
}

const char *book_domain(const struct book *book, const char *domain)
{
    return find(book, domains, sizeof domains / sizeof *domains, domain,
                domain[0] == '\0' ? TR(book, "其他", "Other") : domain);
}

const char *book_class(const struct book *book, const char *class)
{
    return find(book, classes, sizeof classes / sizeof *classes, class, "");
}

const char *book_form(const struct book *book, const char *form)
{
    const struct form *found = plan_form(book->plan, form);
    if (found == NULL)
        return form;
    return TR(book, found->title_zh, found->title_en);
}

const char *book_indicator(const struct book *book, const char *name_zh, const char *name_en,
                           const char *stratum, char text[BOOK_NAME_BYTES])
{
    char words[128];
    const char *name = TR(book, name_zh, name_en);
    if (stratum[0] == '\0') {
        snprintf(text, BOOK_NAME_BYTES, "%s", name);
        return text;
    }
    stratum_words(stratum, book->english, words, sizeof words);
    snprintf(text, BOOK_NAME_BYTES, TR(book, "%s（%s）", "%s (%s)"), name, words);
    return text;
}

/* The words of an operator, with the value where they have a bar. */
static void demand(const struct book *book, const char *op, const char *value, char *text,
                   size_t size)
{
    const char *words = find(book, demands, sizeof demands / sizeof *demands, op, op);
    size_t before = strcspn(words, "|");
    const char *after = words[before] == '\0' ? "" : words + before + 1;
    snprintf(text, size, "%.*s%s%s", (int)before, words, value, after);
}

const char *book_target(const struct book *book, const char *op, const char *value,
                        const char *year, char text[BOOK_NAME_BYTES])
{
    char words[256];
    demand(book, op, value, words, sizeof words);
    if (year[0] == '\0')
        snprintf(text, BOOK_NAME_BYTES, "%s", words);
    else
        snprintf(text, BOOK_NAME_BYTES, TR(book, "%s（%s）", "%s (%s)"), words, year);
    return text;
}
