#include "base/status.h"

const char *status_name(enum status status)
{
    switch (status) {
#define X(number, name, retry, zh, en) \
    case STATUS_##name: return #name;
        STATUS_TABLE(X)
#undef X
    }
    return "UNKNOWN";
}

const char *status_zh(enum status status)
{
    switch (status) {
#define X(number, name, retry, zh, en) \
    case STATUS_##name: return zh;
        STATUS_TABLE(X)
#undef X
    }
    return "未知错误";
}

const char *status_en(enum status status)
{
    switch (status) {
#define X(number, name, retry, zh, en) \
    case STATUS_##name: return en;
        STATUS_TABLE(X)
#undef X
    }
    return "unknown error";
}

bool status_retry(enum status status)
{
    switch (status) {
#define X(number, name, retry, zh, en) \
    case STATUS_##name: return retry;
        STATUS_TABLE(X)
#undef X
    }
    return false;
}
