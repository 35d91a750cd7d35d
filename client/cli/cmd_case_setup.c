/* case trust, case key, case publish; admin case-key, admin case-directory */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cli/case_words.h"
#include "cli/families.h"
#include "cli/send.h"
#include "cli/words.h"
#include "lib/case_home.h"
#include "lib/files.h"

enum { KEY_FILE_MAX = 4096, DIRECTORY_MAX = 1024 * 1024, DAYS_DEFAULT = 180, KEEP_MAX = 30 };

static const struct option trust_options[] = {
    {"replace",  NULL, NULL,   "更换已信任的公钥",                                                          "replace the key that is trusted"},
    {"district", NULL, "CODE", "另一区县委员会的公钥（个案移送该区县或由其移送来时用）",
     "another district's committee, for cases that go there or come from there"                                                                      },
    {NULL,       NULL, NULL,   NULL,                                                                                NULL                             },
};

static enum exit_code run_trust(struct context *context)
{
    struct sign_public committee = {.algorithm = SIGN_ED25519};
    uint64_t district = 0;
    enum exit_code code = EXIT_MISUSED;
    if (!option_place(context, "district", false, &district))
        return code;
    if (district != 0 && place_level(district) != PLACE_DISTRICT)
        return misused(context, "--district 须为区县代码", "--district takes a district's code");
    if (hex_decode(context->arguments[0], committee.bytes, SIGN_PUBLIC_BYTES) != STATUS_OK)
        return misused(context, "委员会公钥应为64位十六进制数字",
                       "a committee's key is 64 hexadecimal digits");
    if (!context_open_enrolled(context, &code))
        return code;
    enum status status =
        zhibao_case_trust(context->zhibao, &committee, district, option_given(context, "replace"));
    if (status != STATUS_OK)
        return failed(context, status);
    say(context, "已信任。今后只使用由此公钥签名的个案名录。",
        "trusted: only directories of cases that this key signed are used from now on");
    return EXIT_DONE;
}

static const struct option key_options[] = {
    {"year", NULL, "YEAR", "哪一年的密钥（默认今年）",
     "the key of which year (default: this year)"                      },
    {NULL,   NULL, NULL,   NULL,                                   NULL},
};

static bool year_of(const struct context *context, uint32_t *out_year)
{
    *out_year = case_year(clock_now_us());
    return option_year(context, false, out_year);
}

static bool write_file(struct context *context, const char *path, const void *bytes, size_t size,
                       mode_t mode)
{
    enum status status = file_save(path, bytes, size, mode, FILE_KEEP);
    if (status != STATUS_OK)
        complain_save(context, status, path);
    return status == STATUS_OK;
}

static enum exit_code run_key(struct context *context)
{
    uint32_t year = 0;
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum exit_code code = EXIT_MISUSED;
    if (!year_of(context, &year) || !context_open_enrolled(context, &code))
        return code;
    if (year == 0)
        year = case_year(clock_now_us());
    enum status status =
        zhibao_case_key_request(context->zhibao, year, context->arena, &bytes, &size);
    if (status != STATUS_OK)
        return failed(context, status);
    if (!write_file(context, context->arguments[0], bytes, size, 0644))
        return EXIT_MISUSED;
    char id[ID_TEXT_BYTES];
    const struct zhibao_identity *identity = zhibao_identity(context->zhibao);
    say(context, "申请已写入 %s。请交给委员会，并当面核对签名密钥编号 %s。",
        "request written to %s: take it to the committee, and compare the signing key's id %s",
        context->arguments[0], id_text(identity->key.bytes, KEY_ID_BYTES, id));
    return EXIT_DONE;
}

static enum exit_code run_publish(struct context *context)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    ProtobufCMessage *message = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum exit_code code = EXIT_MISUSED;
    enum status status = file_read(context->arguments[0], DIRECTORY_MAX, &bytes, &size);
    if (status == STATUS_OK)
        status = message_read(&zhibao__case_directory_record__descriptor, context->arena, bytes,
                              size, &message);
    free(bytes);
    if (status != STATUS_OK)
        return misused(context, "%s 不是个案名录：%s", "%s is no directory of cases: %s",
                       context->arguments[0], TR(context, status_zh(status), status_en(status)));
    if (!context_connect(context, &code))
        return code;
    ((Zhibao__CaseDirectoryRecord *)message)->head = &head;
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_CASE_DIRECTORY,
                                 .payload = message,
                                 .head = &head,
                                 .stream = "case-directory",
                                 .form = ""};
    return put_and_send(context, &draft);
}

/* --- on the committee's machine, without a home --- */

static enum exit_code run_committee_key(struct context *context)
{
    struct sign_public public_key;
    struct sign_secret secret;
    char text[KEY_FILE_MAX], hex[2 * SIGN_SECRET_BYTES + 1];
    sign_generate(&public_key, &secret);
    int size = snprintf(text, sizeof text, "secret = %s\n",
                        hex_encode(secret.bytes, sizeof secret.bytes, hex));
    bool done = write_file(context, context->arguments[0], text, (size_t)size, 0600);
    sodium_memzero(text, sizeof text);
    sodium_memzero(&secret, sizeof secret);
    if (!done)
        return EXIT_MISUSED;
    say(context, "私钥在 %s：只留在不联网的机器上。公钥（印在登记码旁交给各单位）：",
        "the secret half is in %s: keep it on a machine that stays offline. The public half, to be "
        "handed out on paper:",
        context->arguments[0]);
    puts(hex_encode(public_key.bytes, SIGN_PUBLIC_BYTES, hex));
    return EXIT_DONE;
}

static bool committee_read(struct context *context, const char *path, struct sign_secret *out)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status = file_read(path, KEY_FILE_MAX, &bytes, &size);
    if (status == STATUS_OK) {
        char *cursor = (char *)bytes, *name = NULL, *value = NULL;
        status = STATUS_INVALID;
        out->algorithm = SIGN_ED25519;
        while (setting_next(&cursor, &name, &value))
            if (strcmp(name, "secret") == 0)
                status = hex_decode(value, out->bytes, SIGN_SECRET_BYTES);
        sodium_memzero(bytes, size);
        free(bytes);
    }
    if (status != STATUS_OK)
        complain(context, "%s 不是委员会的私钥文件", "%s is no committee's secret key", path);
    return status == STATUS_OK;
}

/* A request that its holder signed, with the duty that the committee gives; NULL after a complaint.
 * `argument` is DUTY=FILE. */
static Zhibao__CaseKey *request_read(struct context *context, const char *argument)
{
    const char *path = strchr(argument, '=');
    char *duty_text =
        arena_printf(context->arena, "%.*s", path == NULL ? 0 : (int)(path - argument), argument);
    int duty = duty_text == NULL ? 0 : case_word_value(case_duties, duty_text);
    ProtobufCMessage *message = NULL, *key_message = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (duty == 0) {
        misused(context,
                "“%s”应为 职责=文件，职责：township、intake、police、supervisor、above、department",
                "\"%s\" should be DUTY=FILE with a duty of township, intake, police, supervisor, "
                "above, department",
                argument);
        return NULL;
    }
    enum status status = file_read(path + 1, KEY_FILE_MAX, &bytes, &size);
    if (status == STATUS_OK)
        status = message_read(&zhibao__case_key_request__descriptor, context->arena, bytes, size,
                              &message);
    free(bytes);
    const Zhibao__CaseKeyRequest *request = (const Zhibao__CaseKeyRequest *)message;
    if (status == STATUS_OK)
        status = message_read(&zhibao__case_key__descriptor, context->arena, request->key.data,
                              request->key.len, &key_message);
    Zhibao__CaseKey *key = (Zhibao__CaseKey *)key_message;
    struct sign_public sign = {.algorithm = SIGN_ED25519};
    if (status == STATUS_OK && key->sign_public.len == SIGN_PUBLIC_BYTES) {
        memcpy(sign.bytes, key->sign_public.data, SIGN_PUBLIC_BYTES);
        status = sign_verify(&sign, CASE_KEY_REQUEST_DOMAIN, request->key.data, request->key.len,
                             request->signature.data, request->signature.len);
    }
    if (status != STATUS_OK) {
        complain(context, "申请 %s 核验不通过", "the request %s does not verify", path + 1);
        return NULL;
    }
    key->duty = (Zhibao__CaseDuty)duty;
    return key;
}

static const struct option directory_options[] = {
    {"key",    NULL, "FILE",  "委员会的私钥文件（必填）",                            "the committee's secret key (required)"  },
    {"place",  NULL, "CODE",  "区县代码（必填）",                                        "the district's code (required)"         },
    {"serial", NULL, "N",     "序号，每次递增（必填）",                               "its number, higher each time (required)"},
    {"days",   NULL, "N",     "有效天数，至多400（默认180）",
     "valid for so many days, at most 400 (default: 180)"                                                                                 },
    {"keep",   NULL, "YEARS", "每年的密钥在该年之后保存几年再销毁（1至30）",
     "how many years after its year a key is kept before it is destroyed (1 to 30)"                                                       },
    {"phone",  NULL, "TEXT",  "值班电话（必填）",                                        "the duty phone (required)"              },
    {"output", "o",  "FILE",  "写入文件（必填）",                                        "write to this file (required)"          },
    {NULL,     NULL, NULL,    NULL,                                                              NULL                                     },
};

static bool directory_fill(struct context *context, Zhibao__CaseDirectory *directory)
{
    uint32_t serial = 0, days = DAYS_DEFAULT;
    const char *days_text = option_text(context, "days");
    const char *phone = option_prose(context, "phone", true);
    if (phone == NULL || !option_place(context, "place", true, &directory->district))
        return false;
    if (option_text(context, "serial") == NULL ||
        !whole_number(option_text(context, "serial"), 1, 999999999, &serial) ||
        (days_text != NULL && !whole_number(days_text, 1, CASE_DIRECTORY_DAYS_MAX, &days)) ||
        (option_given(context, "keep") &&
         !whole_number(option_text(context, "keep"), 1, KEEP_MAX, &directory->keep_years))) {
        misused(context, "用 --serial 写明序号，--days 为1至400，--keep 为1至30",
                "give --serial; --days is 1 to 400, --keep 1 to 30");
        return false;
    }
    directory->serial = serial;
    directory->duty_phone = (char *)phone;
    directory->issued_us = clock_now_us();
    directory->valid_until_us = directory->issued_us + INT64_C(24) * 3600 * 1000000 * days;
    directory->keys = arena_array(context->arena, context->argument_count, sizeof *directory->keys);
    if (directory->keys == NULL)
        return false;
    for (size_t i = 0; i < context->argument_count; i++) {
        directory->keys[i] = request_read(context, context->arguments[i]);
        if (directory->keys[directory->n_keys++] == NULL)
            return false;
    }
    return true;
}

static enum exit_code run_directory(struct context *context)
{
    Zhibao__CaseDirectory directory = ZHIBAO__CASE_DIRECTORY__INIT;
    Zhibao__CaseDirectoryRecord record = ZHIBAO__CASE_DIRECTORY_RECORD__INIT;
    const char *key_path = option_text(context, "key"), *output = option_text(context, "output");
    struct sign_secret secret;
    struct sign_public public_key;
    size_t size = 0;
    if (key_path == NULL || output == NULL)
        return misused(context, "必须写明 --key 和 --output", "--key and --output are required");
    if (!directory_fill(context, &directory) || !committee_read(context, key_path, &secret))
        return EXIT_MISUSED;
    if (!case_directory_good(&directory))
        return misused(context, "名录有误：单位须属于该区县，至少有一个密钥",
                       "the directory is wrong: units have to belong to the district, and there "
                       "has to be a key");
    record.directory.data = message_write(context->arena, &directory.base, &record.directory.len);
    if (record.directory.data == NULL)
        return EXIT_MISUSED;
    struct signature signature =
        case_directory_sign(&secret, record.directory.data, record.directory.len);
    sign_public_of(&secret, &public_key);
    sodium_memzero(&secret, sizeof secret);
    struct key_id committee = sign_key_id(&public_key);
    record.algorithm = ZHIBAO__ALGORITHM__ALGORITHM_ED25519;
    record.committee = (ProtobufCBinaryData){KEY_ID_BYTES, committee.bytes};
    record.signature = (ProtobufCBinaryData){sizeof signature.bytes, signature.bytes};
    uint8_t *bytes = message_write(context->arena, &record.base, &size);
    if (bytes == NULL || !write_file(context, output, bytes, size, 0644))
        return EXIT_MISUSED;
    say(context, "个案名录已写入 %s（%zu 个密钥）", "directory of cases written to %s (%zu keys)",
        output, directory.n_keys);
    return EXIT_DONE;
}

const struct command commands_case_setup[] = {
    {"case trust",           "HEX [--district CODE] [--replace]",               "信任委员会的公钥（纸面上的64位数字）",
     "trust the committee's key (64 digits, from paper)",                                                                                                      trust_options,     1, 1,                       false, run_trust    },
    {"case key",             "FILE [--year YEAR]",                              "制作本人某一年的个案密钥，写出交委员会的申请",
     "make this holder's case key of a year and write the request for the committee",                                                                          key_options,
     1,                                                                                                                                                                              1,                       false, run_key      },
    {"case publish",         "FILE",                                            "发布委员会签名的个案名录（办公室或管理员）",
     "publish a directory of cases that the committee signed (office or administrator)",                                                                       NULL,              1, 1,
     false,                                                                                                                                                                                                          run_publish  },
    {"admin case-key",       "FILE",                                            "制作委员会的密钥（在不联网的机器上）",
     "make the committee's key (on a machine that stays offline)",                                                                                             NULL,              1, 1,                       false,
     run_committee_key                                                                                                                                                                                                            },
    {"admin case-directory",
     "--key FILE --place CODE --serial N --phone TEXT -o FILE DUTY=REQUEST...", "用委员会的密钥签出个案名录（在不联网的机器上）",
     "sign a directory of cases with the committee's key (on a machine that stays offline)",                                                                   directory_options, 1, CASE_DIRECTORY_KEYS_MAX, false, run_directory},
    {NULL,                   NULL,                                              NULL,                                                                    NULL, NULL,              0, 0,                       false, NULL         },
};
