#include "server/notify/deliver.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/files.h"

enum { PASSWORD_BYTES = 256, SMTP_CLOSING = 421, SMTP_NO = 400, SMTP_NO_END = 600 };

struct deliver {
    CURL *curl;
    const struct options *options;
    const atomic_bool *stop;
    char detail[CURL_ERROR_SIZE];
};

/* What is still to be sent of a mail. */
struct upload {
    const char *at;
    size_t left;
};

bool deliver_init(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

void deliver_end(void)
{
    curl_global_cleanup();
}

struct deliver *deliver_create(const struct options *options, const atomic_bool *stop)
{
    struct deliver *deliver = calloc(1, sizeof *deliver);
    if (deliver != NULL) {
        deliver->options = options;
        deliver->stop = stop;
    }
    return deliver;
}

void deliver_rest(struct deliver *deliver)
{
    if (deliver->curl != NULL)
        curl_easy_cleanup(deliver->curl);
    deliver->curl = NULL;
}

void deliver_destroy(struct deliver **deliver)
{
    if (deliver == NULL || *deliver == NULL)
        return;
    deliver_rest(*deliver);
    free(*deliver);
    *deliver = NULL;
}

static size_t upload_read(char *buffer, size_t size, size_t count, void *context)
{
    struct upload *upload = context;
    size_t room = size * count < upload->left ? size * count : upload->left;
    memcpy(buffer, upload->at, room);
    upload->at += room;
    upload->left -= room;
    return room;
}

static size_t answer_drop(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

/* Called about once a second: not 0 ends the attempt. */
static int stop_look(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct deliver *deliver = context;
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(deliver->stop) ? 1 : 0;
}

/* What both channels have in common; kept connections survive the reset. */
static bool prepare(struct deliver *deliver, const char *url, const char *protocols, const char *ca)
{
    if (deliver->curl == NULL)
        deliver->curl = curl_easy_init();
    if (deliver->curl == NULL)
        return false;
    CURL *curl = deliver->curl;
    long timeout_ms = deliver->options->notice_timeout_s * 1000L;
    deliver->detail[0] = '\0';
    curl_easy_reset(curl);
    bool good = curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, deliver->detail) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, answer_drop) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_look) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_XFERINFODATA, deliver) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK;
    return good && (ca[0] == '\0' || curl_easy_setopt(curl, CURLOPT_CAINFO, ca) == CURLE_OK);
}

/* One line without control characters, for the database and for people. */
static void error_set(char error[DELIVER_ERROR_BYTES], long code, const char *detail)
{
    snprintf(error, DELIVER_ERROR_BYTES, "[%ld] %.120s", code, detail);
    size_t length = strlen(error);
    while (length > 0 && ((unsigned char)error[length - 1] & 0xc0) == 0x80)
        error[--length] = '\0'; /* never half a character */
    for (char *at = error; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || (unsigned char)*at >= 0x7f)
            *at = '?';
}

static enum delivery perform(struct deliver *deliver, long *out_code,
                             char error[DELIVER_ERROR_BYTES])
{
    CURLcode result = curl_easy_perform(deliver->curl);
    *out_code = 0;
    curl_easy_getinfo(deliver->curl, CURLINFO_RESPONSE_CODE, out_code);
    error[0] = '\0';
    if (result == CURLE_OK)
        return DELIVERED;
    const char *detail = deliver->detail[0] != '\0' ? deliver->detail : curl_easy_strerror(result);
    error_set(error, *out_code, detail);
    return DELIVERY_FAILED;
}

/* The password's first line, fresh from its file, so that it can be changed while zhibaod runs. */
static bool password_set(struct deliver *deliver, char error[DELIVER_ERROR_BYTES])
{
    const struct options *options = deliver->options;
    char password[PASSWORD_BYTES + 1];
    size_t size = 0;
    if (options->smtp_user[0] == '\0')
        return true;
    enum status status = file_load(options->smtp_password_file, password, PASSWORD_BYTES, &size);
    if (status != STATUS_OK) {
        error_set(error, 0, "could not read smtp_password_file");
        return false;
    }
    password[strcspn(password, "\r\n")] = '\0';
    bool good = curl_easy_setopt(deliver->curl, CURLOPT_USERNAME, options->smtp_user) == CURLE_OK &&
                curl_easy_setopt(deliver->curl, CURLOPT_PASSWORD, password) == CURLE_OK;
    sodium_memzero(password, sizeof password);
    return good;
}

enum delivery deliver_mail(struct deliver *deliver, const char *address, const char *mail,
                           char error[DELIVER_ERROR_BYTES])
{
    const struct options *options = deliver->options;
    struct upload upload = {mail, strlen(mail)};
    long code = 0;
    error_set(error, 0, "out of memory");
    if (!prepare(deliver, options->smtp_url, "smtp,smtps", options->smtp_ca) ||
        !password_set(deliver, error))
        return DELIVERY_FAILED;
    struct curl_slist *to = curl_slist_append(NULL, address);
    CURL *curl = deliver->curl;
    long tls = options->smtp_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE;
    bool good = to != NULL && curl_easy_setopt(curl, CURLOPT_USE_SSL, tls) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_MAIL_FROM, options->smtp_from) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_READFUNCTION, upload_read) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_READDATA, &upload) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) == CURLE_OK;
    enum delivery delivery = good ? perform(deliver, &code, error) : DELIVERY_FAILED;
    curl_slist_free_all(to);
    /* an answer of the server about this mail; anything else is about the server */
    bool answered = code >= SMTP_NO && code < SMTP_NO_END && code != SMTP_CLOSING;
    return delivery == DELIVERY_FAILED && answered ? DELIVERY_REFUSED : delivery;
}

enum delivery deliver_webhook(struct deliver *deliver, const char *url, const char *body,
                              const char *const *headers, char error[DELIVER_ERROR_BYTES])
{
    struct curl_slist *list = NULL;
    long code = 0;
    bool good = prepare(deliver, url, "http,https", deliver->options->webhook_ca);
    error_set(error, 0, "out of memory");
    for (; good && *headers != NULL; headers++) {
        struct curl_slist *longer = curl_slist_append(list, *headers);
        good = longer != NULL;
        list = good ? longer : list;
    }
    good = good && curl_easy_setopt(deliver->curl, CURLOPT_HTTPHEADER, list) == CURLE_OK &&
           curl_easy_setopt(deliver->curl, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(deliver->curl, CURLOPT_POSTFIELDS, body) == CURLE_OK &&
           curl_easy_setopt(deliver->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body)) == CURLE_OK;
    enum delivery delivery = good ? perform(deliver, &code, error) : DELIVERY_FAILED;
    curl_slist_free_all(list);
    if (delivery == DELIVERED && (code < 200 || code > 299)) {
        error_set(error, code, "not taken");
        return DELIVERY_FAILED;
    }
    return delivery;
}
