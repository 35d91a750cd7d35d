/* The routes, questions and records. */
#include "web/api.h"

#include <string.h>

#include "lib/filled_form.h"
#include "record.pb-c.h"
#include "web/http.h"
#include "web/json_message.h"
#include "web/proto_table.h"

enum {
    SMALL = 64 * 1024,
    ASK_MAX = 384 * 1024 /* files of a plan, a document's chunk */,
    ENROL_MAX = 32 * 1024
};

const struct route routes[] = {
    {"GET",  "/api/site",           api_site,           false, false, 0                },
    {"GET",  "/api/session",        api_session,        false, false, 0                },
    {"POST", "/api/salt",           api_salt,           false, true,  SMALL            },
    {"POST", "/api/login",          api_login,          false, true,  SMALL            },
    {"POST", "/api/logout",         api_logout,         true,  false, SMALL            },
    {"POST", "/api/enrol/key",      api_enrol_key,      false, true,  SMALL            },
    {"POST", "/api/enrol",          api_enrol,          false, true,  ENROL_MAX        },
    {"GET",  "/api/accounts",       api_accounts,       true,  false, 0                },
    {"POST", "/api/account",        api_account,        true,  true,  SMALL            },
    {"POST", "/api/case/state",     api_case_state,     false, true,  SMALL            },
    {"POST", "/api/ask/",           api_ask,            true,  true,  ASK_MAX          },
    {"POST", "/api/submit",         api_submit,         true,  false, EXCHANGE_BODY_MAX},
    {"GET",  "/api/factor",         api_factor,         true,  false, 0                },
    {"POST", "/api/factor/begin",   api_factor_begin,   true,  true,  SMALL            },
    {"POST", "/api/factor/confirm", api_factor_confirm, true,  true,  SMALL            },
    {"POST", "/api/factor/end",     api_factor_end,     true,  true,  SMALL            },
    {"POST", "/api/sheet/blank",    api_sheet_blank,    true,  true,  SMALL            },
    {"POST", "/api/sheet/import/",  api_sheet_import,   true,  false, FILLED_FILE_MAX  },
    {"GET",  "/api/export",         api_export,         true,  false, 0                },
    {"GET",  "/api/progress/",      api_progress,       true,  false, 0                },
    {"GET",  "/api/yearbook",       api_book,           true,  false, 0                },
    {"POST", "/api/yearbook",       api_book_begin,     true,  true,  SMALL            },
    {"POST", "/api/yearbook/stop",  api_book_stop,      true,  true,  SMALL            },
    {"GET",  "/api/yearbook/",      api_book_file,      true,  false, 0                },
    {"GET",  "/api/v1/",            api_v1,             false, false, 0                },
    {"GET",  "/api/tokens",         api_tokens,         true,  false, 0                },
    {"POST", "/api/tokens/create",  api_tokens_create,  true,  true,  SMALL            },
    {"POST", "/api/tokens/revoke",  api_tokens_revoke,  true,  true,  SMALL            },
    {"GET",  "/api/openapi.json",   api_openapi,        false, false, 0                },
    {"GET",  "/api/docs",           api_docs,           false, false, 0                },
    {"GET",  "/api/docs.css",       api_docs_style,     false, false, 0                },
    {NULL,   NULL,                  NULL,               false, false, 0                },
};

void api_site(struct exchange *exchange)
{
    const struct options *options = exchange->gateway->options;
    exchange_reply(exchange, MHD_HTTP_OK,
                   json_pack("{s:s, s:b}", "version", ZHIBAO_VERSION, "demonstration",
                             strcmp(options->demonstration, "yes") == 0));
}

void reply_error(struct exchange *exchange)
{
    ProtobufCMessage *message = NULL;
    if (exchange->status != STATUS_OK) {
        exchange_fail_status(exchange, exchange->status);
        return;
    }
    if (exchange->kind != ZHIBAO__KIND__KIND_ERROR ||
        message_read(&zhibao__error__descriptor, exchange->arena, exchange->answer,
                     exchange->answer_size, &message) != STATUS_OK) {
        exchange_fail_status(exchange, STATUS_E_INTERNAL);
        return;
    }
    bool retry = ((const Zhibao__Error *)message)->retry != 0;
    exchange_reply(exchange, retry ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_UNPROCESSABLE_CONTENT,
                   json_pack("{s:o}", "error", json_from_message(message)));
}

/* The name of a kind as envelope.proto writes it. */
static const char *kind_name(Zhibao__Kind kind)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&zhibao__kind__descriptor, (int)kind);
    return value == NULL ? "" : value->name;
}

void reply_answer(struct exchange *exchange, Zhibao__Kind kind,
                  const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = NULL;
    if (exchange->status != STATUS_OK || exchange->kind != kind) {
        reply_error(exchange);
        return;
    }
    enum status status =
        message_read(type, exchange->arena, exchange->answer, exchange->answer_size, &message);
    if (status != STATUS_OK) {
        exchange_fail_status(exchange, STATUS_E_INTERNAL);
        return;
    }
    exchange_reply(
        exchange, MHD_HTTP_OK,
        json_pack("{s:s, s:o}", "kind", kind_name(kind), "body", json_from_message(message)));
}

static const struct proto_exchange *find_question(const char *name)
{
    for (const struct proto_exchange *found = proto_exchanges; found->name != NULL; found++)
        if (strcmp(found->name, name) == 0 && found->ask != ZHIBAO__KIND__KIND_ENROL &&
            found->ask != ZHIBAO__KIND__KIND_SUBMIT)
            return found;
    return NULL;
}

static void on_question(struct exchange *exchange)
{
    const struct proto_exchange *question = exchange->state;
    reply_answer(exchange, question->answer, question->answer_type);
}

/* Any question of the protocol, asked over the account's own connection. */
void api_ask(struct exchange *exchange)
{
    const struct proto_exchange *question = find_question(exchange->rest);
    if (question == NULL) {
        exchange_fail(exchange, MHD_HTTP_NOT_FOUND, "E_KIND", status_zh(STATUS_E_KIND),
                      status_en(STATUS_E_KIND), "");
        return;
    }
    ProtobufCMessage *message = NULL;
    struct json_fault fault;
    size_t size = 0;
    enum status status =
        json_to_message(question->ask_type, exchange->json, exchange->arena, &message, &fault);
    if (status == STATUS_E_MALFORMED) {
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "E_MALFORMED", fault.why_zh, fault.why_en,
                      fault.field);
        return;
    }
    uint8_t *bytes = status == STATUS_OK ? message_write(exchange->arena, message, &size) : NULL;
    if (bytes == NULL) {
        exchange_fail_status(exchange, STATUS_NO_MEMORY);
        return;
    }
    exchange->state = (void *)(uintptr_t)question;
    exchange_ask(exchange, &exchange->session.peer, question->ask, bytes, size, on_question);
}

static void on_submitted(struct exchange *exchange)
{
    bool refused = exchange->status == STATUS_OK && exchange->kind == ZHIBAO__KIND__KIND_REFUSAL;
    reply_answer(exchange, refused ? ZHIBAO__KIND__KIND_REFUSAL : ZHIBAO__KIND__KIND_RECEIPT,
                 refused ? &zhibao__refusal_reply__descriptor : &zhibao__receipt_reply__descriptor);
}

/* A record that the browser signed, as the bytes of a Record: carried unread beyond its shape. */
void api_submit(struct exchange *exchange)
{
    ProtobufCMessage *message = NULL;
    Zhibao__Submit submit = ZHIBAO__SUBMIT__INIT;
    size_t size = 0;
    enum status status = message_read(&zhibao__record__descriptor, exchange->arena, exchange->body,
                                      exchange->body_size, &message);
    if (status != STATUS_OK) {
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, status_name(status), status_zh(status),
                      status_en(status), "record");
        return;
    }
    submit.record = (Zhibao__Record *)message;
    uint8_t *bytes = message_write(exchange->arena, &submit.base, &size);
    if (bytes == NULL) {
        exchange_fail_status(exchange, STATUS_NO_MEMORY);
        return;
    }
    exchange_ask(exchange, &exchange->session.peer, ZHIBAO__KIND__KIND_SUBMIT, bytes, size,
                 on_submitted);
}
