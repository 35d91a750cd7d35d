/* zhibao-web: arguments, start order, stop order. */
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/bytes.h"
#include "base/log.h"
#include "cli/command.h"
#include "lib/files.h"
#include "proof/sign.h"
#include "web/certificate.h"
#include "web/factor.h"
#include "web/http.h"
#include "web/import.h"

enum { EXIT_USAGE = 2, PEM_MAX = 64 * 1024 };

/* Our own secret, made at the first start: losing it costs enrolments that are under way, and the
 * second factors of accounts (factor-off, then begun anew). */
static enum status load_secret(const char *data, uint8_t out_secret[32])
{
    char path[PATH_BYTES];
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status = path_join(data, "gateway.secret", path);
    if (status == STATUS_OK)
        status = file_read(path, 64, &bytes, &size);
    if (status == STATUS_NOT_FOUND) {
        random_bytes(out_secret, 32);
        return file_write(path, out_secret, 32, 0600);
    }
    if (status == STATUS_OK && size != 32)
        status = STATUS_INVALID;
    if (status == STATUS_OK)
        memcpy(out_secret, bytes, 32);
    free(bytes);
    return status;
}

static enum status read_text(const char *path, char **out_text)
{
    size_t size = 0;
    enum status status = file_read(path, PEM_MAX, (uint8_t **)out_text, &size);
    if (status != STATUS_OK)
        log_error("could not read: %s path=\"%s\"", status_en(status), path);
    return status;
}

/* The certificate named in the configuration, or our own. */
static enum status load_certificate(const struct options *options, char **out_key,
                                    char **out_certificate)
{
    char key[PATH_BYTES], certificate[PATH_BYTES];
    if (options->certificate[0] != '\0') {
        enum status status = read_text(options->key, out_key);
        return status == STATUS_OK ? read_text(options->certificate, out_certificate) : status;
    }
    enum status status = path_join(options->data, "certificate.key", key);
    if (status == STATUS_OK)
        status = path_join(options->data, "certificate.pem", certificate);
    if (status == STATUS_OK && !file_exists(certificate)) {
        log_info("making a certificate host=%s", options->host);
        status = certificate_make(key, certificate, options->host);
    }
    if (status == STATUS_OK)
        status = read_text(key, out_key);
    return status == STATUS_OK ? read_text(certificate, out_certificate) : status;
}

static enum status open_gateway(struct gateway *gateway)
{
    const struct options *options = gateway->options;
    enum status status = load_secret(options->data, gateway->secret);
    if (status == STATUS_OK)
        status = accounts_site(gateway->accounts, &gateway->site);
    if (status == STATUS_OK)
        status = assets_load(options->pages, &gateway->assets);
    if (status == STATUS_NOT_FOUND)
        log_error("could not load the pages: build them first path=\"%s\"", options->pages);
    if (status == STATUS_OK) {
        gateway->sessions = sessions_create();
        gateway->rate = rate_create();
        gateway->progress = progress_create();
        status = gateway->sessions == NULL || gateway->rate == NULL || gateway->progress == NULL
                     ? STATUS_NO_MEMORY
                     : desk_create(&gateway->desk);
    }
    if (status == STATUS_OK)
        status = desk_create(&gateway->sheets);
    if (status == STATUS_OK)
        status = books_create(options->data, &gateway->books);
    if (status == STATUS_OK)
        status = pool_create((uint32_t)atoi(options->timeout_ms), &gateway->pool);
    return status;
}

static void wait_for_stop(void)
{
    sigset_t set;
    int signal_number = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigwait(&set, &signal_number);
    log_info("stopping");
}

static int run(const struct options *options, struct accounts *accounts)
{
    struct gateway gateway = {
        .options = options, .accounts = accounts, .started_us = clock_now_us()};
    struct http *http = NULL;
    char *key = NULL, *certificate = NULL;
    uint16_t port = 0;
    pthread_mutex_init(&gateway.lock, NULL);
    enum status status = load_certificate(options, &key, &certificate);
    if (status == STATUS_OK)
        status = open_gateway(&gateway);
    if (status == STATUS_OK)
        status = http_start(&gateway, key, certificate, &http, &port);
    if (status == STATUS_OK) {
        printf("zhibao-web ready address=https://%s:%u\n",
               strcmp(options->address, "0.0.0.0") == 0 ? options->host : options->address, port);
        fflush(stdout);
        wait_for_stop();
    } else {
        log_error("could not start: %s", status_en(status));
    }
    /* what sleeps is answered before the HTTP threads end */
    http_quiesce(http);
    pool_stop(gateway.pool);
    books_stop(gateway.books);
    desk_stop(gateway.desk);
    desk_stop(gateway.sheets);
    http_stop(&http);
    pool_destroy(&gateway.pool);
    desk_destroy(&gateway.desk);
    desk_destroy(&gateway.sheets);
    books_destroy(&gateway.books);
    rate_destroy(&gateway.rate);
    progress_destroy(&gateway.progress);
    sessions_destroy(&gateway.sessions);
    assets_destroy(&gateway.assets);
    pthread_mutex_destroy(&gateway.lock);
    sodium_memzero(&gateway, sizeof gateway);
    if (key != NULL)
        sodium_memzero(key, strlen(key));
    free(key);
    free(certificate);
    return status == STATUS_OK ? 0 : 1;
}

static int factor_off(const struct options *options, struct accounts *accounts)
{
    enum status status = factor_remove(accounts, options->name);
    if (status == STATUS_OK)
        log_info("two-step login taken away name=%s", options->name);
    else
        fprintf(stderr, "%s: %s\n",
                status != STATUS_NOT_FOUND ? status_en(status)
                : options->english         ? "no such account, or it has no two-step login"
                                           : "没有这个账户，或它没有开两步验证",
                options->name);
    return status == STATUS_OK ? 0 : 1;
}

static void prepare_process(void)
{
    sigset_t set;
    struct rlimit no_core = {0, 0}, files = {8192, 8192};
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    if (setrlimit(RLIMIT_CORE, &no_core) != 0) /* a core file would hold transport keys */
        log_warning("could not switch off core files");
    if (setrlimit(RLIMIT_NOFILE, &files) != 0)
        log_debug("could not raise the limit of open files");
}

static enum log_level level_of(const char *name)
{
    return strcmp(name, "debug") == 0     ? LOG_DEBUG
           : strcmp(name, "warning") == 0 ? LOG_WARNING
           : strcmp(name, "error") == 0   ? LOG_ERROR
                                          : LOG_INFO;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "yearbook") == 0) /* a process of our own, see books.h */
        return cli_run(argc, argv);
    struct options options;
    char error[OPTION_ERROR_BYTES];
    if (options_read(argc, argv, &options, error) != STATUS_OK) {
        fprintf(stderr, "zhibao-web: %s\n", error);
        return EXIT_USAGE;
    }
    if (options.show_help)
        options_help(stdout, options.english);
    else if (options.show_version)
        printf("zhibao-web %s\n", ZHIBAO_VERSION);
    else if (options.print_config)
        options_sample(stdout);
    if (options.show_help || options.show_version || options.print_config)
        return 0;
    log_follow_journal();
    log_set_level(level_of(options.log_level));
    prepare_process();
    struct accounts *accounts = NULL;
    if (sign_init() != STATUS_OK || directory_make(options.data, 0700) != STATUS_OK ||
        accounts_open(options.data, &accounts) != STATUS_OK) {
        log_error("could not open the data directory path=\"%s\"", options.data);
        return 1;
    }
    int code = options.import       ? import_home(&options, accounts)
               : options.factor_off ? factor_off(&options, accounts)
                                    : run(&options, accounts);
    accounts_close(&accounts);
    return code;
}
