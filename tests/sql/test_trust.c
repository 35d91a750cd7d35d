/* The server's keys, the registry as it follows the database, and the ZAP handler. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "server/store/cluster_files.h"
#include "server/store/registry_store.h"
#include "server/trust/server_keys.h"
#include "server/trust/zap.h"
#include "store_fixture.h"

static struct store_fixture fixture;

static void start(void)
{
    store_fixture_all(&fixture);
}

static void end(void)
{
    store_fixture_end(&fixture);
}

/* A registry without plans: two units, keys in every state. */
static const char registry_rows[] =
    "insert into zhibao.unit (unit, district, place, role, plan, name_zh, name_en) values"
    " (450223101001000, 450223000000, 450223101001, 'village', 'p', '甲村', 'A'),"
    " (450223101000000, 450223000000, 450223101000, 'township', 'p', '乙镇', 'B');"
    "insert into zhibao.unit_key (key_id, unit, algorithm, sign_public, transport_public,"
    " encrypt_public, status)"
    " select pg_catalog.decode(pg_catalog.repeat(n, 16), 'hex'), 450223101001000, 1,"
    " pg_catalog.decode(pg_catalog.repeat('5' || n, 16), 'hex'),"
    " pg_catalog.decode(pg_catalog.repeat(n, 32), 'hex'), '', s"
    " from (values ('aa', 'active'), ('bb', 'pending'), ('cc', 'revoked')) v (n, s)";

Test(trust, registry_follows_the_database, .init = start, .fini = end)
{
    struct db *owner = store_fixture_open(&fixture, DB_OWNER);
    struct db *db = store_fixture_open(&fixture, DB_QUERY);
    struct registry *registry = NULL;
    struct registry_key key;
    struct registry_unit unit;
    bool changed = true;
    struct key_id id;
    uint8_t transport[32];
    cr_assert_eq(registry_create(&registry), STATUS_OK);
    cr_assert_eq(registry_refresh(registry, db, &changed), STATUS_OK);
    cr_expect_not(changed);
    store_fixture_run(owner, registry_rows);
    cr_assert_eq(registry_refresh(registry, db, &changed), STATUS_OK);
    cr_expect(changed);

    memset(id.bytes, 0xaa, sizeof id.bytes);
    cr_assert(registry_key_by_id(registry, &id, &key));
    cr_expect_eq(key.status, KEY_ACTIVE);
    cr_expect_eq(key.unit, 450223101001000);
    cr_expect_eq(key.sign_public.algorithm, 1);
    memset(transport, 0xbb, sizeof transport);
    cr_assert(registry_key_by_transport(registry, transport, &key));
    cr_expect_eq(key.status, KEY_PENDING);
    memset(transport, 0xdd, sizeof transport);
    cr_expect_not(registry_key_by_transport(registry, transport, &key));
    cr_assert(registry_unit(registry, 450223101001000, &unit));
    cr_expect_str_eq(unit.name_zh, "甲村");
    cr_expect_str_eq(unit.plan, "p");
    cr_expect_str_eq(unit.department, "");
    cr_expect_eq(unit.role, ROLE_VILLAGE);
    cr_expect_not(registry_unit(registry, 1, &unit));

    /* changes: a revoked key, a longer and a shorter name */
    store_fixture_run(owner, "update zhibao.unit_key set status = 'revoked',"
                             " changed = nextval('zhibao.registry_change') where status = 'active';"
                             "update zhibao.unit set name_zh = '很长很长的名字', name_en = '',"
                             " changed = nextval('zhibao.registry_change') where role = 'village'");
    cr_assert_eq(registry_refresh(registry, db, &changed), STATUS_OK);
    cr_expect(changed);
    cr_assert(registry_key_by_id(registry, &id, &key));
    cr_expect_eq(key.status, KEY_REVOKED);
    cr_assert(registry_unit(registry, 450223101001000, &unit));
    cr_expect_str_eq(unit.name_zh, "很长很长的名字");
    cr_expect_str_eq(unit.name_en, "");
    cr_assert(registry_unit(registry, 450223101000000, &unit));
    cr_expect_str_eq(unit.name_zh, "乙镇");

    /* carriers: a township for its villages, others below what was granted until it is taken back
     */
    cr_expect(registry_may_carry(registry, 450223101000000, 450223101000000));
    cr_expect(registry_may_carry(registry, 450223101000000, 450223101001000));
    cr_expect_not(registry_may_carry(registry, 450223101000000, 450223102001000));
    cr_expect_not(registry_may_carry(registry, 450223101001000, 450223101000000));
    cr_expect_not(registry_may_carry(registry, 450223000000001, 450223101001000));
    store_fixture_run(
        owner, "insert into zhibao.unit (unit, district, place, role, plan, name_zh, name_en)"
               " values (450223000000001, 450223000000, 450223000000, 'statistics', 'p', '',"
               " ''); insert into zhibao.carrier values (450223000000001, 450223101000)");
    cr_assert_eq(registry_refresh(registry, db, &changed), STATUS_OK);
    cr_expect(registry_may_carry(registry, 450223000000001, 450223101001000));
    cr_expect_not(registry_may_carry(registry, 450223000000001, 450223102001000));
    store_fixture_run(owner, "update zhibao.carrier set granted = false,"
                             " changed = nextval('zhibao.registry_change')");
    cr_assert_eq(registry_refresh(registry, db, &changed), STATUS_OK);
    cr_expect_not(registry_may_carry(registry, 450223000000001, 450223101001000));

    /* locks: the latest decides; one of the city closes its districts */
    static const char lock[] =
        "insert into zhibao.report_event (district, unit, kind, id, received_us, carrier, key_id,"
        " algorithm, payload_sha256, payload, signature, chain, batch, leaf, event, plan, place,"
        " period) values (450223000000, 1, 4, '\\x%02d', 0, 1, '', 1, '', '', '', 1, %d, 0, '%s',"
        " 'p', %lld, 2025)";
    const struct {
        int batch;
        const char *event;
        long long place;
        bool locked;
    } steps[] = {
        {1, "locked",   450223000000, true },
        {2, "unlocked", 450223000000, false},
        {3, "locked",   450200000000, true }
    };
    for (size_t i = 0; i < 3; i++) {
        char sql[600];
        snprintf(sql, sizeof sql, lock, steps[i].batch, steps[i].batch, steps[i].event,
                 steps[i].place);
        store_fixture_run(owner, sql);
        cr_assert_eq(registry_refresh(registry, db, &changed), STATUS_OK);
        cr_expect_eq(registry_locked(registry, "p", 450223000000, 2025), steps[i].locked);
        cr_expect_not(registry_locked(registry, "p", 450223000000, 2024));
        cr_expect_not(registry_locked(registry, "q", 450223000000, 2025));
    }

    /* the first administrator's unit and code */
    struct db *ingest = store_fixture_open(&fixture, DB_INGEST);
    struct hash secret = hash_bytes("secret", 6);
    cr_expect_eq(
        registry_store_first_code(ingest, 450223000000, (const uint8_t *)"12345678", &secret, 1),
        STATUS_OK);
    cr_expect_eq(
        registry_store_first_code(ingest, 450223000000, (const uint8_t *)"12345679", &secret, 1),
        STATUS_OK);
    cr_assert_eq(registry_refresh(registry, db, &changed), STATUS_OK);
    cr_assert(registry_unit(registry, 450223000000003, &unit));
    cr_expect_eq(unit.role, ROLE_ADMIN);
    cr_expect_eq(unit.district, 450223000000);
    db_close(&ingest);

    cr_assert_eq(registry_refresh(registry, db, &changed), STATUS_OK);
    cr_expect_not(changed);
    registry_destroy(&registry);
    db_close(&db);
    db_close(&owner);
}

/* Asks the handler as libzmq would; gives code and User-Id. */
static void zap_ask(void *socket, const char *domain, const char *mechanism, const void *key,
                    size_t key_size, char code[4], char user_id[80])
{
    char request_id[8];
    int size = 0;
    zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(socket, "r1", 2, ZMQ_SNDMORE);
    zmq_send(socket, domain, strlen(domain), ZMQ_SNDMORE);
    zmq_send(socket, "127.0.0.1", 9, ZMQ_SNDMORE);
    zmq_send(socket, "", 0, ZMQ_SNDMORE);
    zmq_send(socket, mechanism, strlen(mechanism), ZMQ_SNDMORE);
    zmq_send(socket, key, key_size, 0);
    cr_assert_eq(zmq_recv(socket, code, 3, 0), 3);
    cr_assert_eq(zmq_recv(socket, request_id, sizeof request_id, 0), 2);
    cr_assert_eq(zmq_recv(socket, code, 3, 0), 3);
    code[3] = '\0';
    cr_assert_gt(zmq_recv(socket, user_id, 79, 0), 0); /* the status text */
    size = zmq_recv(socket, user_id, 79, 0);
    cr_assert(size >= 0 && size < 80);
    user_id[size] = '\0';
    cr_assert_eq(zmq_recv(socket, request_id, sizeof request_id, 0), 0);
}

Test(trust, zap_lets_in_whom_the_registry_knows, .init = start, .fini = end)
{
    struct db *owner = store_fixture_open(&fixture, DB_OWNER);
    struct registry *registry = NULL;
    struct zap *zap = NULL;
    struct zap *second = NULL;
    void *context = zmq_ctx_new();
    char code[4];
    char user_id[80];
    uint8_t key[40];
    store_fixture_run(owner, registry_rows);
    cr_assert_eq(registry_create(&registry), STATUS_OK);
    cr_assert_eq(registry_refresh(registry, owner, NULL), STATUS_OK);
    cr_assert_eq(zap_start(context, registry, &zap), STATUS_OK);
    cr_expect_eq(zap_start(context, registry, &second), STATUS_IO);

    void *socket = zmq_socket(context, ZMQ_REQ);
    cr_assert_eq(zmq_connect(socket, "inproc://zeromq.zap.01"), 0);
    const struct {
        const char *domain, *mechanism, *code, *user_id;
        uint8_t key;
        size_t size;
    } cases[] = {
        {"zhibao",  "CURVE", "200", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",      0xaa, 32},
        {"zhibao",  "CURVE", "300", "",                                      0xbb, 32},
        {"zhibao",  "CURVE", "400", "",                                      0xcc, 32},
        {"zhibao",  "CURVE", "300", "",                                      0xdd, 32},
        {"zhibao",  "NULL",  "400", "",                                      0xaa, 32},
        {"zhibao",  "PLAIN", "400", "",                                      0xaa, 32},
        {"zhibao",  "CURVE", "400", "",                                      0xaa, 31},
        {"zhibao",  "CURVE", "400", "",                                      0xaa, 40},
        {"",        "CURVE", "400", "",                                      0xaa, 32},
        {"zhibao2", "CURVE", "400", "",                                      0xaa, 32},
        {"enrol",   "CURVE", "200",
         "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd", 0xdd, 32},
        {"enrol",   "NULL",  "400", "",                                      0xdd, 32},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memset(key, cases[i].key, sizeof key);
        zap_ask(socket, cases[i].domain, cases[i].mechanism, key, cases[i].size, code, user_id);
        cr_expect_str_eq(code, cases[i].code, "case %zu", i);
        cr_expect_str_eq(user_id, cases[i].user_id, "case %zu", i);
    }

    /* malformed ones: too few frames, far too many, a long one; the next is answered as ever */
    static char long_frame[100000];
    for (int frames = 1; frames <= 40; frames += 13) {
        char part[600];
        for (int i = 0; i < frames; i++)
            zmq_send(socket, long_frame, i == 2 ? sizeof long_frame : 3,
                     i + 1 < frames ? ZMQ_SNDMORE : 0);
        for (int i = 0; i < 6; i++)
            cr_assert_geq(zmq_recv(socket, part, sizeof part, 0), 0);
    }
    memset(key, 0xaa, sizeof key);
    zap_ask(socket, "zhibao", "CURVE", key, 32, code, user_id);
    cr_expect_str_eq(code, "200");

    zmq_close(socket);
    zap_stop(&zap);
    zmq_ctx_term(context);
    registry_destroy(&registry);
    db_close(&owner);
}

static void remove_files(void)
{
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(cluster_remove_tree(fixture.data), STATUS_OK);
}

Test(trust, keys_are_made_once_and_a_damaged_file_is_never_replaced, .fini = remove_files)
{
    struct server_keys first;
    struct server_keys again;
    struct stat found;
    char path[OPTION_PATH_BYTES + 32];
    char directory[OPTION_PATH_BYTES + 8];
    store_fixture_enter(&fixture);
    snprintf(directory, sizeof directory, "%s/keys", fixture.data);
    cr_assert_eq(server_keys_load(directory, 0, &first), STATUS_OK);
    cr_assert_eq(server_keys_load(directory, 0, &again), STATUS_OK);
    cr_expect_arr_eq(first.transport_public, again.transport_public, 32);
    cr_expect_arr_eq(first.transport_secret, again.transport_secret, 32);
    cr_expect_arr_eq(first.sign_secret.bytes, again.sign_secret.bytes, SIGN_SECRET_BYTES);
    cr_expect_arr_eq(first.sign_id.bytes, again.sign_id.bytes, KEY_ID_BYTES);
    struct signature signature = sign_bytes(&first.sign_secret, "t", "x", 1);
    cr_expect_eq(sign_verify(&again.sign_public, "t", "x", 1, signature.bytes, 64), STATUS_OK);
    snprintf(path, sizeof path, "%s/sign.key", directory);
    cr_assert_eq(stat(path, &found), 0);
    cr_expect_eq(found.st_mode & 0777, 0600);

    /* one bit of it */
    FILE *file = fopen(path, "r+");
    cr_assert_not_null(file);
    int digit = fgetc(file);
    rewind(file);
    fputc(digit == '0' ? '1' : '0', file);
    fclose(file);
    cr_expect_eq(server_keys_load(directory, 0, &again), STATUS_INVALID);
    cr_assert_eq(truncate(path, 20), 0);
    cr_expect_eq(server_keys_load(directory, 0, &again), STATUS_INVALID);
    cr_assert_eq(stat(path, &found), 0);
    cr_expect_eq(found.st_size, 20);
    server_keys_wipe(&first);
    server_keys_wipe(&again);
}
