/* What a home keeps for cases (proto/CASES.md section 2), in HOME/cases/ (0700):
 *
 *   trust.conf        the committee's key, as it was given on paper, and the highest serial seen
 *   trust-DISTRICT.conf  likewise another district's committee, for cases that go there
 *   YEAR.key          this holder's encryption key of a year (0600)
 *   directory.record  the last directory that the committee's key verified, for work without a line
 *
 * The handle's thread. Functions explain failures by zhibao_cause. */
#ifndef ZHIBAO_LIB_CASE_HOME_H
#define ZHIBAO_LIB_CASE_HOME_H

#include "case/case_directory.h"
#include "lib/zhibao.h"

/* Pins the committee's key, or with a district that is another's that one's. STATUS_CONFLICT when
 * another is pinned and `replace` is not set; with it the serial begins anew. */
MUST_CHECK enum status zhibao_case_trust(struct zhibao *zhibao, const struct sign_public *committee,
                                         uint64_t district, bool replace);

/* This holder's key of a year; made when there is none. */
struct case_pair {
    uint32_t year;
    struct key_id id;
    struct case_public public_key;
    struct case_secret secret;
};
MUST_CHECK enum status zhibao_case_key(struct zhibao *zhibao, uint32_t year,
                                       struct case_pair *out_pair);

/* Keys of all years there are, in the arena. */
MUST_CHECK enum status zhibao_case_keys(struct zhibao *zhibao, struct arena *arena,
                                        struct case_pair **out_pairs, size_t *out_count);

/* Overwrites and removes a year's key: what was sealed to it cannot be read any more.
 * STATUS_NOT_FOUND. */
MUST_CHECK enum status zhibao_case_key_destroy(struct zhibao *zhibao, uint32_t year);

/* A CaseKeyRequest for the year's key, serialised in the arena. */
MUST_CHECK enum status zhibao_case_key_request(struct zhibao *zhibao, uint32_t year,
                                               struct arena *arena, uint8_t **out_bytes,
                                               size_t *out_size);

/* The district's directory, verified by the pinned key, in the arena: asked for, or without a line
 * the one that was kept. STATUS_NOT_FOUND when nothing is pinned or published. */
MUST_CHECK enum status zhibao_case_directory(struct zhibao *zhibao, uint64_t district,
                                             struct arena *arena,
                                             Zhibao__CaseDirectory **out_directory);

/* The same with the keys that the directories of this home's own district and of all others whose
 * committees are pinned list: for a case that went from one district to another. One of these that
 * does not verify, or is not there, adds nothing. */
MUST_CHECK enum status zhibao_case_directories(struct zhibao *zhibao, uint64_t district,
                                               struct arena *arena,
                                               Zhibao__CaseDirectory **out_directory);

/* The duty phone of the last directory that the committee's key verified, be it past its time or
 * not the newest: whoever cannot report is to call somebody. "" when there was none. In the arena.
 */
const char *zhibao_case_phone(struct zhibao *zhibao, struct arena *arena);

/* The year of China's clock. */
uint32_t case_year(int64_t time_us);

#endif
