#include "web/squeeze.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

enum { WINDOW_OF_GZIP = 15 + 16, MEMORY = 8 };

uint8_t *squeeze(const void *bytes, size_t size, size_t *out_size)
{
    z_stream stream = {0};
    if (size < SQUEEZE_LEAST_BYTES || size > INT_MAX ||
        deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, WINDOW_OF_GZIP, MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    uint8_t *out = malloc(size);
    stream.next_in = (Bytef *)(uintptr_t)bytes;
    stream.avail_in = (uInt)size;
    stream.next_out = out;
    stream.avail_out = (uInt)size;
    int result = out == NULL ? Z_MEM_ERROR : deflate(&stream, Z_FINISH);
    *out_size = stream.total_out;
    deflateEnd(&stream);
    if (result == Z_STREAM_END)
        return out;
    free(out);
    return NULL;
}
