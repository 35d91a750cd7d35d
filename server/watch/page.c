#include "server/watch/page.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { CONNECTIONS_MAX = 16, IDLE_S = 10 };

struct page {
    struct MHD_Daemon *daemon;
    const struct metrics_source *source;
};

static enum MHD_Result respond(struct MHD_Connection *connection, unsigned code, char *text,
                               size_t size)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(text);
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, "Content-Type",
                                  "text/plain; version=0.0.4; charset=utf-8");
    enum MHD_Result queued = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    const struct page *page = context;
    unsigned code = MHD_HTTP_OK;
    char *text = NULL;
    size_t size = 0;
    (void)version, (void)upload, (void)state;
    if (*upload_size > 0)
        return MHD_NO;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return MHD_NO;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        code = MHD_HTTP_METHOD_NOT_ALLOWED;
    else if (strcmp(url, "/metrics") == 0)
        metrics_write(page->source, out);
    else if (strcmp(url, "/health") == 0)
        code = health_write(page->source, out) ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
    else
        code = MHD_HTTP_NOT_FOUND;
    if (fclose(out) != 0) {
        free(text);
        return MHD_NO;
    }
    return respond(connection, code, text, size);
}

enum status page_start(int port, const struct metrics_source *source, struct page **out_page)
{
    struct page *page = calloc(1, sizeof *page);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (page == NULL)
        return STATUS_NO_MEMORY;
    page->source = source;
    page->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO, (uint16_t)port, NULL, NULL, answer, page,
        MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_END);
    if (page->daemon == NULL) {
        log_error("could not serve /metrics: %s metrics_port=%d", strerror(errno), port);
        free(page);
        return STATUS_IO;
    }
    log_info("serving http://127.0.0.1:%d/metrics and /health", port);
    *out_page = page;
    return STATUS_OK;
}

void page_stop(struct page **page)
{
    if (*page == NULL)
        return;
    MHD_stop_daemon((*page)->daemon);
    free(*page);
    *page = NULL;
}
