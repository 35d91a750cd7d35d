#include "export/sink.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRINTF_BYTES = 1024 };

void sink_bytes(struct sink *sink, const void *bytes, size_t size)
{
    if (sink->status != STATUS_OK || size == 0)
        return;
    sink->status = sink->write(sink->context, bytes, size);
    if (sink->status == STATUS_OK)
        sink->written += size;
}

void sink_text(struct sink *sink, const char *text)
{
    sink_bytes(sink, text, strlen(text));
}

void sink_printf(struct sink *sink, const char *format, ...)
{
    char text[PRINTF_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text) {
        if (sink->status == STATUS_OK)
            sink->status = STATUS_LIMIT;
        return;
    }
    sink_bytes(sink, text, (size_t)length);
}

void sink_csv(struct sink *sink, const char *before, const char *text)
{
    size_t length = strlen(text);
    bool blank = length > 0 && (text[0] == ' ' || text[length - 1] == ' ');
    if (!blank && text[strcspn(text, ",\"\r\n")] == '\0') {
        sink_text(sink, before);
        sink_text(sink, text);
        return;
    }
    sink_text(sink, "\"");
    sink_text(sink, before);
    for (;;) {
        size_t plain = strcspn(text, "\"");
        sink_bytes(sink, text, plain);
        text += plain;
        if (*text == '\0')
            break;
        sink_text(sink, "\"\"");
        text++;
    }
    sink_text(sink, "\"");
}

void sink_json(struct sink *sink, const char *text)
{
    sink_text(sink, "\"");
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f)
            continue;
        sink_bytes(sink, text, (size_t)(at - text));
        text = at + 1;
        if (byte == '"' || byte == '\\')
            sink_printf(sink, "\\%c", byte);
        else
            sink_printf(sink, "\\u%04x", byte);
    }
    sink_text(sink, text);
    sink_text(sink, "\"");
}

void sink_xml(struct sink *sink, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        const char *instead = byte == '&'                                    ? "&amp;"
                              : byte == '<'                                  ? "&lt;"
                              : byte == '>'                                  ? "&gt;"
                              : byte == '"'                                  ? "&quot;"
                              : byte == '\t' || byte == '\n' || byte == '\r' ? " "
                              : byte < 0x20                                  ? "\xEF\xBF\xBD"
                                                                             : NULL;
        if (instead == NULL)
            continue;
        sink_bytes(sink, text, (size_t)(at - text));
        sink_text(sink, instead);
        text = at + 1;
    }
    sink_text(sink, text);
}

char *sink_number_text(double value, char text[SINK_NUMBER_BYTES])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, SINK_NUMBER_BYTES, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return text;
}
