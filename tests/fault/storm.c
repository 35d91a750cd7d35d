/* zhibao-storm: one record, sent many times over several connections at once, past the outbox.
 *
 * zhibao-storm --home DIR [--period N] [--revision N] [--connections N] [--copies N] [--variants N]
 *
 * The home is an enrolled village. Makes `variants` reports (1: all copies alike; more: one id,
 * other figures), opens the connections, and when all are up sends `copies` of each variant, spread
 * over the connections. Prints
 *   RECORD variant id payload-sha256
 *   ANSWER variant connection RECEIPT sha256-of-the-receipt | REFUSAL code | ERROR code
 * one line for each copy, and one more each time that it was told to try later and did. Exit code
 * 0: every copy was answered, and every receipt and refusal verifies and covers its record. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "figures.h"
#include "lib/home.h"
#include "lib/link.h"
#include "lib/verify.h"

enum {
    CONNECTIONS_MAX = 50,
    VARIANTS_MAX = 10,
    COPIES_MAX = 100,
    ARENA_BYTES = 4 * 1024 * 1024,
    PATIENCE_MS = 30000,
};

struct variant {
    struct hash payload_sha256;
    uint8_t *body; /* a Submit */
    size_t body_size;
};

struct storm {
    const char *path;
    uint32_t period, revision;
    unsigned connections, copies, variant_count;
    struct home *home;
    struct arena *arena;
    struct figures *figures;
    struct link *links[CONNECTIONS_MAX];
    struct record_id id;
    struct variant variants[VARIANTS_MAX];
    /* when to send each message; INT64_MAX: under way or answered */
    int64_t due_ms[COPIES_MAX * VARIANTS_MAX];
    unsigned answered, bad;
};

static bool parse(int argc, char **argv, struct storm *storm)
{
    static const struct option names[] = {
        {"home",        required_argument, NULL, 'h'},
        {"period",      required_argument, NULL, 'p'},
        {"revision",    required_argument, NULL, 'r'},
        {"connections", required_argument, NULL, 'c'},
        {"copies",      required_argument, NULL, 'n'},
        {"variants",    required_argument, NULL, 'v'},
        {NULL,          0,                 NULL, 0  },
    };
    *storm = (struct storm){
        .period = 2021, .revision = 1, .connections = 5, .copies = 10, .variant_count = 1};
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        unsigned number = optarg == NULL ? 0 : (unsigned)strtoul(optarg, NULL, 10);
        switch (option) {
        case 'h': storm->path = optarg; break;
        case 'p': storm->period = number; break;
        case 'r': storm->revision = number; break;
        case 'c': storm->connections = number; break;
        case 'n': storm->copies = number; break;
        case 'v': storm->variant_count = number; break;
        default: return false;
        }
    }
    return storm->path != NULL && optind == argc && storm->connections >= 1 &&
           storm->connections <= CONNECTIONS_MAX && storm->copies <= COPIES_MAX &&
           storm->variant_count >= 1 && storm->variant_count <= VARIANTS_MAX;
}

static bool fail(const char *what, const char *why)
{
    fprintf(stderr, "could not %s: %s\n", what, why);
    return false;
}

static bool fetch_form(struct storm *storm)
{
    struct zhibao_options options = {.home = storm->path, .patient = true};
    struct zhibao_cause cause;
    struct zhibao *zhibao = NULL;
    Zhibao__FormSheet *sheet = NULL;
    int64_t fetched_us = 0;
    if (zhibao_open(&options, &zhibao, &cause) != STATUS_OK)
        return fail("open the home", cause.en);
    enum status status = zhibao_form(zhibao, "", "village", 0, storm->arena, &sheet, &fetched_us);
    if (status == STATUS_OK)
        storm->figures = figures_create(sheet);
    zhibao_close(&zhibao);
    return storm->figures != NULL || fail("get the form", status_en(status));
}

/* Signs one variant: the first cell's figure is larger by its number. */
static bool make_variant(struct storm *storm, unsigned index)
{
    struct variant *variant = &storm->variants[index];
    struct figures_report report;
    uint64_t unit = home_identity(storm->home)->unit;
    const struct home_keys *keys = home_keys(storm->home);
    figures_fill(storm->figures, unit, storm->period, storm->revision, &report);
    report.value[0] += index;
    report.head.id = (ProtobufCBinaryData){sizeof storm->id.bytes, storm->id.bytes};
    report.head.signed_at_us = clock_now_us();

    Zhibao__Record record = ZHIBAO__RECORD__INIT;
    Zhibao__Submit submit = ZHIBAO__SUBMIT__INIT;
    struct key_id key = sign_key_id(&keys->sign_public);
    size_t size = 0;
    uint8_t *payload = message_write(storm->arena, &report.message.base, &size);
    if (payload == NULL)
        return fail("make a report", status_en(STATUS_NO_MEMORY));
    variant->payload_sha256 = hash_bytes(payload, size);
    struct signature signature = sign_bytes(
        &keys->sign_secret, record_domain(ZHIBAO__RECORD_KIND__RECORD_REPORT), payload, size);
    record.kind = ZHIBAO__RECORD_KIND__RECORD_REPORT;
    record.payload = (ProtobufCBinaryData){size, payload};
    record.key = (ProtobufCBinaryData){sizeof key.bytes, key.bytes};
    record.algorithm = ZHIBAO__ALGORITHM__ALGORITHM_ED25519;
    record.signature = (ProtobufCBinaryData){sizeof signature.bytes, signature.bytes};
    submit.record = &record;
    variant->body = message_write(storm->arena, &submit.base, &variant->body_size);
    char id_text[2 * RECORD_ID_BYTES + 1], hash_text[2 * HASH_BYTES + 1];
    printf("RECORD %u %s %s\n", index, hex_encode(storm->id.bytes, RECORD_ID_BYTES, id_text),
           hex_encode(variant->payload_sha256.bytes, HASH_BYTES, hash_text));
    return variant->body != NULL || fail("make a report", status_en(STATUS_NO_MEMORY));
}

static bool connect_all(struct storm *storm)
{
    const struct home_keys *keys = home_keys(storm->home);
    struct link_config config = {home_identity(storm->home)->endpoint,
                                 home_server_transport(storm->home), keys->transport_public,
                                 keys->transport_secret};
    for (unsigned i = 0; i < storm->connections; i++)
        if (link_create(&config, &storm->links[i]) != STATUS_OK)
            return fail("connect", config.endpoint);
    int64_t deadline = clock_monotonic_ms() + PATIENCE_MS;
    for (unsigned i = 0; i < storm->connections; i++) {
        struct link_event event = {.kind = LINK_TIMEOUT};
        while (event.kind != LINK_UP) {
            if (clock_monotonic_ms() >= deadline ||
                link_wait(storm->links[i], 100, false, &event) != STATUS_OK)
                return fail("connect", "time-out");
        }
    }
    return true;
}

static unsigned messages(const struct storm *storm)
{
    return storm->copies * storm->variant_count;
}

/* Sends what is due. A message's number is its request and says which variant it is. */
static bool send_due(struct storm *storm)
{
    int64_t now = clock_monotonic_ms();
    for (unsigned i = 0; i < messages(storm); i++) {
        const struct variant *variant = &storm->variants[i % storm->variant_count];
        /* variants and connections turn at different paces: each meets each */
        unsigned connection = i / storm->variant_count % storm->connections;
        uint8_t *bytes = NULL;
        size_t size = 0;
        if (storm->due_ms[i] > now)
            continue;
        if (envelope_wrap(i, ZHIBAO__KIND__KIND_SUBMIT, PATIENCE_MS, variant->body,
                          variant->body_size, &bytes, &size) != STATUS_OK)
            return fail("send", status_en(STATUS_NO_MEMORY));
        enum status status = link_send(storm->links[connection], bytes, size);
        free(bytes);
        if (status != STATUS_OK)
            return fail("send", status_en(status));
        storm->due_ms[i] = INT64_MAX;
    }
    return true;
}

static bool covers(const struct storm *storm, const struct variant *variant, uint8_t kind,
                   uint64_t unit, const struct record_id *id, const struct hash *payload)
{
    return kind == ZHIBAO__RECORD_KIND__RECORD_REPORT && unit == home_identity(storm->home)->unit &&
           memcmp(id, &storm->id, sizeof *id) == 0 &&
           memcmp(payload, &variant->payload_sha256, sizeof *payload) == 0;
}

static bool print_receipt(const struct storm *storm, const struct variant *variant,
                          const Zhibao__ReceiptReply *reply)
{
    struct receipt receipt;
    char text[2 * HASH_BYTES + 1];
    struct hash digest = hash_bytes(reply->receipt.data, reply->receipt.len);
    printf("RECEIPT %s\n", hex_encode(digest.bytes, sizeof digest.bytes, text));
    return verify_receipt(home_pins(storm->home), reply->receipt.data, reply->receipt.len,
                          &receipt) == STATUS_OK &&
           covers(storm, variant, receipt.leaf.kind, receipt.leaf.unit, &receipt.leaf.id,
                  &receipt.leaf.payload_sha256);
}

static bool print_refusal(const struct storm *storm, const struct variant *variant,
                          const Zhibao__RefusalReply *reply)
{
    struct refusal refusal = {0};
    bool good =
        verify_refusal(home_pins(storm->home), reply->refusal.data, reply->refusal.len,
                       reply->error.data, reply->error.len, &refusal) == STATUS_OK &&
        covers(storm, variant, refusal.kind, refusal.unit, &refusal.id, &refusal.payload_sha256);
    printf("REFUSAL %u\n", refusal.code);
    return good;
}

/* An unsigned error settles nothing: when it says so, the copy is sent again. */
static bool take_error(struct storm *storm, uint64_t message, const Zhibao__Error *error)
{
    printf("ERROR %u\n", error->problem == NULL ? 0 : error->problem->code);
    if (error->retry) {
        storm->due_ms[message] = clock_monotonic_ms() + error->retry_after_ms;
        storm->answered--;
    }
    return true;
}

/* Prints what came back for one copy; false when it does not verify. */
static bool take_answer(struct storm *storm, unsigned connection, const struct envelope *answer)
{
    unsigned index = (unsigned)(answer->request % storm->variant_count);
    const struct variant *variant = &storm->variants[index];
    const ProtobufCMessageDescriptor *type =
        answer->kind == ZHIBAO__KIND__KIND_RECEIPT   ? &zhibao__receipt_reply__descriptor
        : answer->kind == ZHIBAO__KIND__KIND_REFUSAL ? &zhibao__refusal_reply__descriptor
                                                     : &zhibao__error__descriptor;
    ProtobufCMessage *message = NULL;
    struct arena *arena = arena_create(ARENA_BYTES);
    bool good = arena != NULL && answer->request < messages(storm) &&
                message_read(type, arena, answer->body, answer->body_size, &message) == STATUS_OK;
    printf("ANSWER %u %u ", index, connection);
    if (!good)
        printf("UNREADABLE %d\n", (int)answer->kind);
    else if (answer->kind == ZHIBAO__KIND__KIND_RECEIPT)
        good = print_receipt(storm, variant, (const Zhibao__ReceiptReply *)message);
    else if (answer->kind == ZHIBAO__KIND__KIND_REFUSAL)
        good = print_refusal(storm, variant, (const Zhibao__RefusalReply *)message);
    else
        good = take_error(storm, answer->request, (const Zhibao__Error *)message);
    arena_destroy(&arena);
    return good;
}

static bool exchange(struct storm *storm)
{
    int64_t deadline = clock_monotonic_ms() + PATIENCE_MS;
    for (unsigned i = 0; storm->answered < messages(storm); i = (i + 1) % storm->connections) {
        struct link_event event = {.kind = LINK_TIMEOUT};
        struct envelope answer;
        if (!send_due(storm))
            return false;
        if (clock_monotonic_ms() >= deadline)
            return fail("get every answer", "time-out");
        if (link_wait(storm->links[i], 1, false, &event) != STATUS_OK)
            return fail("read an answer", "connection failed");
        if (event.kind != LINK_MESSAGE)
            continue;
        storm->answered++;
        if (envelope_read(event.bytes, event.size, &answer) != STATUS_OK ||
            !take_answer(storm, i, &answer))
            storm->bad++;
    }
    return storm->bad == 0 || fail("verify every answer", "see above");
}

static bool run(struct storm *storm)
{
    char damaged[PATH_BYTES];
    storm->arena = arena_create(ARENA_BYTES);
    if (storm->arena == NULL || !fetch_form(storm))
        return false;
    if (home_open(storm->path, PATIENCE_MS, damaged, &storm->home) != STATUS_OK ||
        home_identity(storm->home) == NULL)
        return fail("open the home", storm->path);
    random_bytes(storm->id.bytes, sizeof storm->id.bytes);
    for (unsigned i = 0; i < storm->variant_count; i++)
        if (!make_variant(storm, i))
            return false;
    return connect_all(storm) && exchange(storm);
}

int main(int argc, char **argv)
{
    struct storm storm;
    if (!parse(argc, argv, &storm)) {
        fprintf(stderr, "usage: zhibao-storm --home DIR [--period N] [--revision N]"
                        " [--connections N] [--copies N] [--variants N]\n");
        return 2;
    }
    bool good = run(&storm);
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
        link_destroy(&storm.links[i]);
    home_close(&storm.home);
    figures_destroy(&storm.figures);
    arena_destroy(&storm.arena);
    return good ? 0 : 1;
}
