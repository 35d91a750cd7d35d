#include "cli/kept_receipt.h"

#include "cli/send.h"
#include "lib/verify.h"

enum kept kept_receipt(struct context *context, const uint8_t *bytes, size_t size, bool save)
{
    struct receipt receipt;
    char directory[1200], path[1200];
    if (size == 0)
        return KEPT_NONE;
    if (verify_receipt(zhibao_pins(context->zhibao), bytes, size, &receipt) != STATUS_OK)
        return KEPT_BAD;
    if (!save)
        return KEPT_GOOD;
    receipt_directory(context, directory);
    if (receipt_save(directory, receipt.leaf.unit, receipt.leaf.kind, &receipt.leaf.id, bytes, size,
                     path) != STATUS_OK)
        complain(context, "目录 %s 写不进", "cannot write to %s", directory);
    return KEPT_GOOD;
}

const char *kept_text(const struct context *context, enum kept kept)
{
    bool table = context->format == FORMAT_TABLE;
    switch (kept) {
    case KEPT_NONE: return "";
    case KEPT_GOOD: return table ? TR(context, "核验通过", "verified") : "verified";
    case KEPT_BAD: return table ? TR(context, "核验不通过", "DOES NOT VERIFY") : "bad";
    }
    return "";
}
