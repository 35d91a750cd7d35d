/* JSON <-> protobuf: every message type of proto/ goes there and back, whatever it holds. */
#include <criterion/criterion.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "query.pb-c.h"
#include "web/json_message.h"
#include "web/proto_table.h"
#include "wire/codec.h"

enum { ROUNDS = 40, LIST_MAX = 3, ARENA_BYTES = 16 * 1024 * 1024 };

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static ProtobufCMessage *make(const ProtobufCMessageDescriptor *type, struct arena *arena,
                              uint32_t *state, unsigned depth);

/* An extreme or a random value of the field's type. */
static void fill(const ProtobufCFieldDescriptor *field, void *at, struct arena *arena,
                 uint32_t *state, unsigned depth)
{
    static const uint64_t large[] = {0, 1, UINT64_C(9007199254740993), UINT64_MAX,
                                     UINT64_C(1) << 63};
    static const uint32_t small[] = {0, 1, INT32_MAX, UINT32_MAX, UINT32_C(1) << 31};
    static const double doubles[] = {0, -1.5, 1e308, 5e-324, INFINITY, 0.1};
    static const char *const texts[] = {"", "鹿寨县", "a \"quoted\" \\ line\n", "</script>"};
    uint32_t which = draw(state);
    ProtobufCBinaryData *bytes = at;
    switch (field->type) {
    case PROTOBUF_C_TYPE_BOOL: *(protobuf_c_boolean *)at = which % 2; break;
    case PROTOBUF_C_TYPE_ENUM: {
        const ProtobufCEnumDescriptor *names = field->descriptor;
        *(int *)at = names->values[which % names->n_values].value;
        break;
    }
    case PROTOBUF_C_TYPE_STRING: *(const char **)at = texts[which % 4]; break;
    case PROTOBUF_C_TYPE_BYTES:
        bytes->len = which % 40;
        bytes->data = arena_alloc(arena, 40);
        random_bytes(bytes->data, bytes->len);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)at = make(field->descriptor, arena, state, depth + 1);
        break;
    case PROTOBUF_C_TYPE_DOUBLE: *(double *)at = doubles[which % 6]; break;
    case PROTOBUF_C_TYPE_FLOAT: *(float *)at = (float)which; break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64: *(uint64_t *)at = large[which % 5]; break;
    default: *(uint32_t *)at = small[which % 5];
    }
}

static ProtobufCMessage *make(const ProtobufCMessageDescriptor *type, struct arena *arena,
                              uint32_t *state, unsigned depth)
{
    char *message = arena_alloc(arena, type->sizeof_message);
    protobuf_c_message_init(type, message);
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->type == PROTOBUF_C_TYPE_MESSAGE && (depth > 3 || draw(state) % 4 == 0))
            continue;
        if (field->label != PROTOBUF_C_LABEL_REPEATED) {
            fill(field, message + field->offset, arena, state, depth);
            continue;
        }
        size_t count = draw(state) % (LIST_MAX + 1), size = json_value_size(field->type);
        char *values = arena_array(arena, LIST_MAX, size);
        for (size_t k = 0; k < count; k++)
            fill(field, values + k * size, arena, state, depth);
        *(size_t *)(void *)(message + field->quantifier_offset) = count;
        if (count > 0)
            *(char **)(void *)(message + field->offset) = values;
    }
    return (ProtobufCMessage *)(void *)message;
}

/* The message's bytes after message -> JSON text -> JSON -> message are what they were. */
static void check_round_trip(const ProtobufCMessage *message, struct arena *arena)
{
    const char *name = message->descriptor->name;
    struct json_fault fault;
    ProtobufCMessage *back = NULL;
    size_t size = 0, back_size = 0;
    uint8_t *bytes = message_write(arena, message, &size);
    json_t *json = json_from_message(message);
    cr_assert_not_null(json, "%s", name);
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(17));
    json_decref(json);
    json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    free(text);
    enum status status = json_to_message(message->descriptor, json, arena, &back, &fault);
    cr_assert_eq(status, STATUS_OK, "%s: %s %s", name, fault.field, fault.why_en);
    json_decref(json);
    uint8_t *back_bytes = message_write(arena, back, &back_size);
    cr_assert_eq(size, back_size, "%s", name);
    cr_assert_arr_eq(bytes, back_bytes, size, "%s", name);
}

Test(json_message, every_type_round_trips)
{
    cr_assert_geq(sodium_init(), 0);
    struct arena *arena = arena_create(ARENA_BYTES);
    size_t types = 0;
    uint32_t state = 20210101;
    for (const ProtobufCMessageDescriptor *const *type = proto_messages; *type != NULL; type++) {
        types++;
        for (int i = 0; i < ROUNDS; i++) {
            arena_reset(arena);
            check_round_trip(make(*type, arena, &state, 0), arena);
        }
    }
    cr_assert_geq(types, 50, "only %zu message types were found", types);
    arena_destroy(&arena);
}

static const struct {
    const char *json, *field, *why;
} faults[] = {
    {"{\"forms\":[{\"plan\":\"a\"},{\"cells\":[{\"cell\":1,\"nmae\":\"x\"}]}]}",
     "forms[1].cells[0].nmae",                                                                                 "is not a field of this message"},
    {"{\"forms\":{}}",                                                           "forms",                      "must be an array"              },
    {"{\"forms\":[1]}",                                                          "forms[0]",                   "must be an object"             },
    {"{\"forms\":[{\"version\":-1}]}",                                           "forms[0].version",
     "is outside the range of its integer type"                                                                                                },
    {"{\"forms\":[{\"version\":4294967296}]}",                                   "forms[0].version",
     "is outside the range of its integer type"                                                                                                },
    {"{\"forms\":[{\"version\":1.5}]}",                                          "forms[0].version",           "must be a whole number"        },
    {"{\"forms\":[{\"version\":\"1\"}]}",                                        "forms[0].version",           "must be a whole number"        },
    {"{\"forms\":[{\"title_zh\":7}]}",                                           "forms[0].title_zh",          "must be text"                  },
    {"{\"forms\":[{\"title_zh\":null}]}",                                        "forms[0].title_zh",          "must be text"                  },
    {"{\"forms\":[{\"cells\":[{\"required\":1}]}]}",                             "forms[0].cells[0].required",
     "must be true or false"                                                                                                                   },
};

Test(json_message, a_fault_names_its_field)
{
    struct arena *arena = arena_create(ARENA_BYTES);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct json_fault fault;
        ProtobufCMessage *message = NULL;
        json_t *json = json_loads(faults[i].json, 0, NULL);
        cr_assert_eq(json_to_message(&zhibao__form__descriptor, json, arena, &message, &fault),
                     STATUS_E_MALFORMED, "%s", faults[i].json);
        cr_assert_str_eq(fault.field, faults[i].field);
        cr_assert_str_eq(fault.why_en, faults[i].why, "%s: %s", faults[i].field, fault.why_en);
        json_decref(json);
    }
    arena_destroy(&arena);
}

static const struct {
    const char *json, *field;
} pull_faults[] = {
    {"{\"place\":450223000000}",             "place" },
    {"{\"place\":\"-1\"}",                   "place" },
    {"{\"place\":\"18446744073709551616\"}", "place" },
    {"{\"place\":\"\"}",                     "place" },
    {"{\"cursor\":\"a\\u0000b\"}",           "cursor"},
};

Test(json_message, large_integers_are_strings)
{
    struct arena *arena = arena_create(ARENA_BYTES);
    struct json_fault fault;
    ProtobufCMessage *message = NULL;
    for (size_t i = 0; i < sizeof pull_faults / sizeof *pull_faults; i++) {
        json_t *json = json_loads(pull_faults[i].json, JSON_ALLOW_NUL, NULL);
        cr_assert_eq(json_to_message(&zhibao__pull__descriptor, json, arena, &message, &fault),
                     STATUS_E_MALFORMED, "%s", pull_faults[i].json);
        cr_assert_str_eq(fault.field, pull_faults[i].field);
        json_decref(json);
    }
    json_t *json = json_loads("{\"place\":\"450223000000\"}", 0, NULL);
    cr_assert_eq(json_to_message(&zhibao__pull__descriptor, json, arena, &message, &fault),
                 STATUS_OK);
    cr_assert_eq(((Zhibao__Pull *)message)->place, UINT64_C(450223000000));
    json_decref(json);
    arena_destroy(&arena);
}

Test(json_message, every_question_of_the_protocol_is_known)
{
    size_t questions = 0;
    for (const struct proto_exchange *found = proto_exchanges; found->name != NULL; found++) {
        cr_expect(found->ask != found->answer, "%s", found->name);
        questions++;
    }
    cr_assert_geq(questions, 12);
}
