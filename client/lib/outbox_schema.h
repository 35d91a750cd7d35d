/* The outbox database's tables. user_version counts upgrades; they only ever add. */
#ifndef ZHIBAO_LIB_OUTBOX_SCHEMA_H
#define ZHIBAO_LIB_OUTBOX_SCHEMA_H

enum { OUTBOX_VERSION = 2, OUTBOX_APPLICATION = 0x5a484f58 /* "ZHOX" */ };

#define OUTBOX_SCHEMA                                                                      \
    "CREATE TABLE record("                                                                 \
    " sequence INTEGER PRIMARY KEY AUTOINCREMENT,"                                         \
    " kind INTEGER NOT NULL,"                                                              \
    " unit INTEGER NOT NULL,"                                                              \
    " id BLOB NOT NULL CHECK(length(id) = 16),"                                            \
    " payload_sha256 BLOB NOT NULL CHECK(length(payload_sha256) = 32),"                    \
    " state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 3),"                                \
    " stream TEXT NOT NULL,"                                                               \
    " form TEXT NOT NULL,"                                                                 \
    " period INTEGER NOT NULL,"                                                            \
    " revision INTEGER NOT NULL,"                                                          \
    " created_us INTEGER NOT NULL,"                                                        \
    " tried_us INTEGER NOT NULL DEFAULT 0,"                                                \
    " settled_us INTEGER NOT NULL DEFAULT 0,"                                              \
    " attempts INTEGER NOT NULL DEFAULT 0,"                                                \
    " record BLOB NOT NULL,"                                                               \
    " receipt BLOB,"                                                                       \
    " refusal BLOB,"                                                                       \
    " error BLOB,"                                                                         \
    " CHECK((state = 3) = (receipt IS NOT NULL)),"                                         \
    " CHECK(state <> 2 OR refusal IS NOT NULL),"                                           \
    " UNIQUE(kind, unit, id));"                                                            \
    "CREATE INDEX record_waiting ON record(sequence) WHERE state = 1;"                     \
    "CREATE INDEX record_stream ON record(stream, sequence) WHERE state = 1;"              \
    "CREATE INDEX record_refused ON record(sequence) WHERE state = 2;"                     \
    "CREATE INDEX record_report ON record(form, period, revision) WHERE kind = 1;"         \
    "CREATE TABLE note("                                                                   \
    " name TEXT PRIMARY KEY, value BLOB NOT NULL, set_us INTEGER NOT NULL) WITHOUT ROWID;" \
    "PRAGMA application_id = 1514688344;"                                                  \
    "PRAGMA user_version = 1;"

/* Version 2: what records were before they were signed anew (renewal.h); refused ones that their
 * author has read and put aside. */
#define OUTBOX_UPGRADE_2                                                     \
    "CREATE TABLE former("                                                   \
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"                             \
    " sequence INTEGER NOT NULL REFERENCES record(sequence),"                \
    " record BLOB NOT NULL);"                                                \
    "CREATE INDEX former_sequence ON former(sequence);"                      \
    "ALTER TABLE record ADD COLUMN discarded_us INTEGER NOT NULL DEFAULT 0;" \
    "PRAGMA user_version = 2;"

/* Of one handle only; in memory. */
#define OUTBOX_TEMPORARY \
    "CREATE TEMP TABLE held(sequence INTEGER PRIMARY KEY, until_ms INTEGER NOT NULL);"

#endif
