#include "web/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "web/guard.h"
#include "web/squeeze.h"

enum {
    THREADS = 2,
    CONNECTIONS_MAX = 2000,
    PER_ADDRESS_MAX = 1200, /* a county's offices behind one address, six of each browser */
    IDLE_S = 30,
    CONNECTION_MEMORY = 32 * 1024,
};

struct http {
    struct MHD_Daemon *daemon;
    struct guard *guard;
    int listener;
};

/* Everything from our own origin, nothing inline, framed by nobody. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

static void add_headers(struct MHD_Response *response, bool lasting)
{
    static const char *const headers[][2] = {
        {"Content-Security-Policy",      policy                                    },
        {"X-Content-Type-Options",       "nosniff"                                 },
        {"X-Frame-Options",              "DENY"                                    },
        {"Referrer-Policy",              "no-referrer"                             },
        {"Cross-Origin-Opener-Policy",   "same-origin"                             },
        {"Cross-Origin-Resource-Policy", "same-origin"                             },
        {"Permissions-Policy",           "camera=(), microphone=(), geolocation=()"},
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        MHD_add_response_header(response, headers[i][0], headers[i][1]);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
                            lasting ? "public, max-age=31536000, immutable" : "no-store");
}

static enum MHD_Result queue(struct exchange *exchange, unsigned code,
                             struct MHD_Response *response, size_t size, const char *type,
                             bool lasting)
{
    exchange->answered = true;
    guard_allow(exchange->gateway->guard, exchange->connection, guard_time_ms(size));
    if (response == NULL)
        return MHD_NO;
    add_headers(response, lasting);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (exchange->cookie[0] != '\0')
        MHD_add_response_header(response, MHD_HTTP_HEADER_SET_COOKIE, exchange->cookie);
    if (exchange->retry_after_s > 0) {
        char text[16];
        snprintf(text, sizeof text, "%u", exchange->retry_after_s);
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, text);
    }
    if (code == MHD_HTTP_UNAUTHORIZED && strncmp(exchange->path, "/api/v1/", 8) == 0)
        MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    enum MHD_Result result = MHD_queue_response(exchange->connection, code, response);
    MHD_destroy_response(response);
    return result;
}

static bool takes_gzip(const struct exchange *exchange)
{
    const char *accepted = MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND,
                                                       MHD_HTTP_HEADER_ACCEPT_ENCODING);
    return accepted != NULL && strstr(accepted, "gzip") != NULL;
}

/* Text that is taken over. The aggregator's long answers go compressed: a millisecond of work saves
 * a slow line minutes. No other answer does, so that nothing secret is ever compressed beside what
 * somebody else could choose. */
static struct MHD_Response *text_response(const struct exchange *exchange, char *text, size_t *size)
{
    static const char asked[] = "/api/ask/";
    size_t smaller = 0;
    uint8_t *squeezed = strncmp(exchange->path, asked, strlen(asked)) == 0 && takes_gzip(exchange)
                            ? squeeze(text, *size, &smaller)
                            : NULL;
    void *bytes = squeezed == NULL ? (void *)text : squeezed;
    if (squeezed != NULL) {
        *size = smaller;
        free(text);
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(*size, bytes, MHD_RESPMEM_MUST_FREE);
    if (response == NULL)
        free(bytes);
    else if (squeezed != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    return response;
}

void exchange_reply(struct exchange *exchange, unsigned code, json_t *json)
{
    char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (text == NULL) {
        static char none[] = "{\"error\":{\"problem\":{\"name\":\"NO_MEMORY\"}}}";
        queue(exchange, MHD_HTTP_SERVICE_UNAVAILABLE,
              MHD_create_response_from_buffer(sizeof none - 1, none, MHD_RESPMEM_PERSISTENT),
              sizeof none - 1, "application/json", false);
        return;
    }
    size_t size = strlen(text);
    struct MHD_Response *response = text_response(exchange, text, &size);
    queue(exchange, code, response, size, "application/json", false);
}

void exchange_send(struct exchange *exchange, unsigned code, struct MHD_Response *response,
                   size_t size, const char *type)
{
    if (response == NULL)
        exchange_fail_status(exchange, STATUS_NO_MEMORY);
    else
        queue(exchange, code, response, size, type, false);
}

static enum MHD_Result serve_asset(struct exchange *exchange)
{
    const char *name = exchange->path[1] == '\0' ? "index.html" : exchange->path + 1;
    const struct asset *asset = assets_find(exchange->gateway->assets, name);
    if (asset == NULL) {
        exchange_fail(exchange, MHD_HTTP_NOT_FOUND, "NOT_FOUND", "没有这个页面",
                      "there is no such page", "");
        return MHD_YES;
    }
    bool zipped = asset->zipped != NULL && takes_gzip(exchange);
    struct MHD_Response *response = MHD_create_response_from_buffer(
        zipped ? asset->zipped_size : asset->size, zipped ? asset->zipped : asset->bytes,
        MHD_RESPMEM_PERSISTENT);
    if (response != NULL && zipped)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    if (response != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    return queue(exchange, MHD_HTTP_OK, response, asset->size, asset->type, asset->lasting);
}

bool exchange_token(const struct exchange *exchange, char out_token[SESSION_TOKEN_BYTES])
{
    const char *value =
        MHD_lookup_connection_value(exchange->connection, MHD_COOKIE_KIND, "__Host-zhibao");
    if (value == NULL || strlen(value) != SESSION_TOKEN_BYTES - 1)
        return false;
    memcpy(out_token, value, SESSION_TOKEN_BYTES);
    return true;
}

static const struct route *find_route(const char *method, const char *path, const char **out_rest)
{
    for (const struct route *route = routes; route->path != NULL; route++) {
        size_t length = strlen(route->path);
        bool below = route->path[length - 1] == '/';
        if (strcmp(route->method, method) == 0 && strncmp(route->path, path, length) == 0 &&
            (below || path[length] == '\0')) {
            *out_rest = path + length;
            return route;
        }
    }
    return NULL;
}

/* Reads who asks. A change of anything needs the token that only our own pages can read. */
static bool admit(struct exchange *exchange)
{
    char token[SESSION_TOKEN_BYTES];
    const struct route *route = exchange->route;
    const char *sent =
        MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, "X-Zhibao-Token");
    if (exchange_token(exchange, token))
        exchange->has_session =
            sessions_find(exchange->gateway->sessions, token, clock_monotonic_ms(),
                          &exchange->session) == STATUS_OK;
    if (route->needs_session && !exchange->has_session) {
        exchange_fail(exchange, MHD_HTTP_UNAUTHORIZED, "SESSION",
                      "登录已过期，请重新登录；草稿还在",
                      "your session has ended: log in again, the draft is kept", "");
        return false;
    }
    bool good =
        strcmp(route->method, "GET") == 0 ||
        (sent != NULL && (route->needs_session ? strlen(sent) == SESSION_TOKEN_BYTES - 1 &&
                                                     sodium_memcmp(sent, exchange->session.csrf,
                                                                   SESSION_TOKEN_BYTES - 1) == 0
                                               : strcmp(sent, "none") == 0));
    if (!good)
        exchange_fail(exchange, MHD_HTTP_FORBIDDEN, "TOKEN", "请求不是从本站页面发出的",
                      "the request does not come from our own pages", "");
    return good;
}

static void run_handler(struct exchange *exchange)
{
    if (!admit(exchange))
        return;
    if (exchange->route->takes_json) {
        json_error_t error;
        exchange->json = json_loadb((const char *)exchange->body, exchange->body_size,
                                    JSON_REJECT_DUPLICATES, &error);
        if (!json_is_object(exchange->json)) {
            exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "JSON", "请求不是有效的 JSON 对象",
                          "the request is not a valid JSON object", "");
            return;
        }
    }
    exchange->route->handle(exchange);
}

static struct exchange *exchange_create(struct gateway *gateway, struct MHD_Connection *connection,
                                        const char *path)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL)
        return NULL;
    exchange->gateway = gateway;
    exchange->connection = connection;
    exchange->arena = arena_create(EXCHANGE_ARENA_BYTES);
    size_t length = strnlen(path, sizeof exchange->path);
    if (length < sizeof exchange->path)
        memcpy(exchange->path, path, length);
    return exchange;
}

/* The request's head: what is too large or goes nowhere ends here. False when it is answered. */
static bool accept_head(struct exchange *exchange, const char *method)
{
    if (strncmp(exchange->path, "/api/", 5) != 0)
        return true;
    exchange->route = find_route(method, exchange->path, &exchange->rest);
    if (exchange->route == NULL) {
        exchange_fail(exchange, MHD_HTTP_NOT_FOUND, "NOT_FOUND", "没有这个接口",
                      "there is no such interface", "");
        return false;
    }
    const char *length = MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND,
                                                     MHD_HTTP_HEADER_CONTENT_LENGTH);
    unsigned long long size = length == NULL ? 0 : strtoull(length, NULL, 10);
    if (size > exchange->route->body_max) {
        exchange_fail(exchange, MHD_HTTP_CONTENT_TOO_LARGE, "E_TOO_LARGE",
                      "内容过大，没有接收；请分开或减少后再试",
                      "too large and not taken: send less, or in parts", "");
        return false;
    }
    if (size > 0)
        exchange->body = malloc(size);
    guard_allow(exchange->gateway->guard, exchange->connection, guard_time_ms(size));
    return true;
}

/* False when the body passes its limit (then it has no honest length: the connection ends). */
static bool take_body(struct exchange *exchange, const char *data, size_t size)
{
    if (exchange->route == NULL)
        return true;
    if (exchange->body_size + size > exchange->route->body_max)
        return false;
    uint8_t *bytes = realloc(exchange->body, exchange->body_size + size);
    if (bytes == NULL)
        return false;
    memcpy(bytes + exchange->body_size, data, size);
    exchange->body = bytes;
    exchange->body_size += size;
    return true;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state)
{
    (void)version;
    struct exchange *exchange = *state;
    if (exchange == NULL) {
        exchange = exchange_create(context, connection, url);
        *state = exchange;
        if (exchange == NULL || exchange->arena == NULL)
            return MHD_NO;
        accept_head(exchange, method);
        return MHD_YES;
    }
    if (*size > 0) {
        bool taken = exchange->answered || take_body(exchange, data, *size);
        *size = 0;
        return taken ? MHD_YES : MHD_NO;
    }
    if (exchange->answered)
        return MHD_YES;
    if (exchange->route == NULL)
        return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ? serve_asset(exchange)
                                                                         : MHD_NO;
    exchange_step next = exchange->next;
    exchange->next = NULL;
    if (!exchange->begun) {
        exchange->begun = true;
        guard_allow(exchange->gateway->guard, connection, 0);
        run_handler(exchange);
    } else if (next != NULL) {
        next(exchange);
    }
    if (!exchange->answered && exchange->next == NULL) /* a handler gave up for want of memory */
        exchange_fail_status(exchange, STATUS_NO_MEMORY);
    return MHD_YES;
}

static void finish(void *context, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    const struct gateway *gateway = context;
    (void)code;
    struct exchange *exchange = *state;
    guard_await_head(gateway->guard, connection);
    if (exchange == NULL)
        return;
    *state = NULL;
    if (exchange->abandon != NULL)
        exchange->abandon(exchange);
    json_decref(exchange->json);
    arena_destroy(&exchange->arena);
    if (exchange->body != NULL)
        sodium_memzero(exchange->body, exchange->body_size);
    free(exchange->body);
    free(exchange->answer);
    sodium_memzero(exchange, sizeof *exchange);
    free(exchange);
}

static void notice(void *context, struct MHD_Connection *connection, void **socket_context,
                   enum MHD_ConnectionNotificationCode code)
{
    const struct gateway *gateway = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        guard_begin(gateway->guard, connection, socket_context);
    else
        guard_end(gateway->guard, socket_context);
}

__attribute__((format(printf, 2, 0))) static void log_daemon(void *context, const char *format,
                                                             va_list arguments)
{
    char line[400];
    (void)context;
    vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\r\n")] = '\0';
    log_debug("http: %s", line);
}

enum status http_start(struct gateway *gateway, const char *key, const char *certificate,
                       struct http **out_http, uint16_t *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(gateway->options->port))};
    if (inet_pton(AF_INET, gateway->options->address, &address.sin_addr) != 1) {
        log_error("could not listen: not an IPv4 address address=%s", gateway->options->address);
        return STATUS_INVALID;
    }
    struct http *http = calloc(1, sizeof *http);
    if (http == NULL)
        return STATUS_NO_MEMORY;
    http->listener = -1;
    enum status status =
        guard_create(CONNECTIONS_MAX, (uint32_t)atoi(gateway->options->head_ms), &http->guard);
    if (status != STATUS_OK) {
        free(http);
        return status;
    }
    gateway->guard = http->guard;
    http->daemon = MHD_start_daemon(
        MHD_USE_TLS | MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
        ntohs(address.sin_port), NULL, NULL, handle, gateway, MHD_OPTION_EXTERNAL_LOGGER,
        log_daemon, NULL, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)THREADS, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)PER_ADDRESS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY, MHD_OPTION_NOTIFY_COMPLETED, finish, gateway,
        MHD_OPTION_NOTIFY_CONNECTION, notice, gateway, MHD_OPTION_HTTPS_MEM_KEY, key,
        MHD_OPTION_HTTPS_MEM_CERT, certificate, MHD_OPTION_HTTPS_PRIORITIES,
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", MHD_OPTION_END);
    const union MHD_DaemonInfo *info =
        http->daemon == NULL ? NULL : MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    if (info == NULL) {
        log_error("could not listen: %s address=%s port=%s", strerror(errno),
                  gateway->options->address, gateway->options->port);
        http_stop(&http);
        return STATUS_IO;
    }
    *out_port = info->port;
    *out_http = http;
    return STATUS_OK;
}

void http_quiesce(struct http *http)
{
    if (http != NULL)
        http->listener = MHD_quiesce_daemon(http->daemon);
}

void http_stop(struct http **http)
{
    if (http == NULL || *http == NULL)
        return;
    if ((*http)->daemon != NULL)
        MHD_stop_daemon((*http)->daemon);
    if ((*http)->listener >= 0)
        close((*http)->listener);
    guard_destroy(&(*http)->guard);
    free(*http);
    *http = NULL;
}
