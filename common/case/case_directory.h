/* The directory of cases: who receives a district's cases, with which keys; what counts is the
 * committee's signature, whose key the aggregator never holds (proto/CASES.md section 2).
 *
 * Pure; any thread after sign_init. Messages live in the arena that is given. */
#ifndef ZHIBAO_CASE_CASE_DIRECTORY_H
#define ZHIBAO_CASE_CASE_DIRECTORY_H

#include "base/arena.h"
#include "case.pb-c.h"
#include "case/case_route.h"
#include "case/case_rules.h"
#include "case/case_seal.h"

enum { CASE_DIRECTORY_KEYS_MAX = 4096, CASE_DIRECTORY_DAYS_MAX = 400, CASE_NAME_BYTES_MAX = 100 };

/* Whether a directory may be what it says it is: sizes, duties, units that belong to its district
 * or lie above, a time of validity of at most CASE_DIRECTORY_DAYS_MAX. */
bool case_directory_good(const Zhibao__CaseDirectory *directory);

/* Reads one without asking who signed it: for the aggregator, whose word nobody relies on.
 * STATUS_E_CASE_DIRECTORY. */
MUST_CHECK enum status case_directory_read(struct arena *arena, const uint8_t *bytes, size_t size,
                                           Zhibao__CaseDirectory **out_directory);

/* What a client asks of one. */
struct case_trust {
    struct sign_public committee;
    uint64_t district;
    uint64_t serial_least; /* the highest seen so far */
    int64_t now_us;
};

/* STATUS_E_SIGNATURE when the pinned key did not sign it, STATUS_MISMATCH for another district,
 * STATUS_CONFLICT for a serial below the least, STATUS_TIMEOUT past its time,
 * STATUS_E_CASE_DIRECTORY. */
MUST_CHECK enum status case_directory_verify(struct arena *arena,
                                             const Zhibao__CaseDirectoryRecord *record,
                                             const struct case_trust *trust,
                                             Zhibao__CaseDirectory **out_directory);

struct signature case_directory_sign(const struct sign_secret *committee, const void *bytes,
                                     size_t size);

/* What a holder signs to ask for its key to be listed: domain "zhibao/casekeyrequest/v1". */
#define CASE_DIRECTORY_DOMAIN   "zhibao/casedirectory-signed/v1"
#define CASE_KEY_REQUEST_DOMAIN "zhibao/casekeyrequest/v1"

struct case_clocks case_clocks_of(const Zhibao__CaseDirectory *directory);

/* The year whose keys are used in `year`: that one where the directory has keys of it, else the
 * newest before it (the committee has not signed the new year's yet), else the oldest (the
 * computer's clock is years behind). A report does not wait for either. */
uint32_t case_directory_year(const Zhibao__CaseDirectory *directory, uint32_t year);

/* The holders who receive cases in `year` (case_directory_year), parallel to out_keys; one a holder
 * and duty, in the directory's order. NULL without memory. */
struct case_seat *case_seats(struct arena *arena, const Zhibao__CaseDirectory *directory,
                             uint32_t year, const Zhibao__CaseKey ***out_keys, size_t *out_count);

/* The id of a holder: of its signing key. */
struct key_id case_holder_id(const Zhibao__CaseKey *key);

#endif
