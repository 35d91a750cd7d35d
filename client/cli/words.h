/* The words of the trade in both languages, and times and ids as people read them. Pure. */
#ifndef ZHIBAO_CLI_WORDS_H
#define ZHIBAO_CLI_WORDS_H

#include "cli/command.h"

enum { TIME_TEXT_BYTES = 32, ID_TEXT_BYTES = 33 };

/* 报告, 审核 ... of enum RecordKind. */
const char *kind_text(const struct context *context, int kind);

/* 已收讫, 已通过 ... of enum State, and its name in English lower case for machines. */
const char *state_text(const struct context *context, int state);
const char *state_slug(int state);

/* The same for what a record of some kind did; a lock that is none of the states unlocked. */
const char *step_text(const struct context *context, int state, int kind);
const char *step_slug(int state, int kind);

/* 达标 ... of enum Attainment, and its slug. */
const char *attainment_text(const struct context *context, int attainment);
const char *attainment_slug(int attainment);

/* 不适用 ... of enum Presence, "" for a value; and its slug. */
const char *presence_text(const struct context *context, int presence);
const char *presence_slug(int presence);

/* 村 ... of a role or reporter code; a department's code stays as it is. */
const char *role_words(const struct context *context, const char *role);

/* China's time, whatever the machine's zone: "2026-01-31 08:05:09"; "" for 0. Returns text. */
char *time_text(int64_t time_us, char text[TIME_TEXT_BYTES]);

/* Lower-case hex of an id of any length up to 16 bytes. Returns text. */
char *id_text(const uint8_t *bytes, size_t size, char text[ID_TEXT_BYTES]);

/* A number with at most `decimals` places, without an exponent. Returns text. */
char *number_text(double value, unsigned decimals, char text[64]);

/* "UNIT-KIND-ID" as file names have it: the unit's ':' as '.'. Returns text. */
enum { RECORD_FILE_BYTES = 96 };
char *record_file_name(uint64_t unit, uint8_t kind, const struct record_id *id,
                       char text[RECORD_FILE_BYTES]);

/* The cell of a flag column "demonstration": 演示数据 in tables, "1" elsewhere, "" when real. */
const char *demonstration_mark(const struct context *context, bool demonstration);

#endif
