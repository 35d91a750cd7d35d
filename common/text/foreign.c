#include "text/foreign.h"

#include <stdbool.h>
#include <string.h>

enum { NAMES_BYTES = 64 * 1024 }; /* how far into a ZIP file its members' names are looked for */

#define SAVE_ZH "请在Excel或WPS中打开，“另存为”选“CSV UTF-8（逗号分隔）”，再报送另存的文件"
#define SAVE_EN                                                                               \
    "open it in Excel or WPS, choose Save As, \"CSV UTF-8 (comma delimited)\", and give the " \
    "file saved so"

static const struct foreign_file workbook = {
    "这是Excel工作簿（.xlsx），不是CSV：" SAVE_ZH,
    "this is an Excel workbook (.xlsx), not CSV: " SAVE_EN};
static const struct foreign_file old_office = {
    "这是旧式Excel、WPS或Word文件（.xls、.et、.doc），不是CSV：" SAVE_ZH,
    "this is an old Excel, WPS or Word file (.xls, .et, .doc), not CSV: " SAVE_EN};
static const struct foreign_file word = {
    "这是Word文档（.docx），不是CSV：请把数字填入模板（zhibao form --template csv）",
    "this is a Word document (.docx), not CSV: fill the figures into the template (zhibao form "
    "--template csv)"};
static const struct foreign_file open_document = {
    "这是OpenDocument文件（.ods），不是CSV：" SAVE_ZH,
    "this is an OpenDocument file (.ods), not CSV: " SAVE_EN};
static const struct foreign_file zip = {"这是压缩包（ZIP），不是CSV：请先解压",
                                        "this is a ZIP archive, not CSV: unpack it first"};
static const struct foreign_file pdf = {
    "这是PDF，不是CSV：请把数字填入模板（zhibao form --template csv）",
    "this is a PDF, not CSV: fill the figures into the template (zhibao form --template csv)"};
static const struct foreign_file picture = {
    "这是图片，不是CSV：请把数字填入模板（zhibao form --template csv）",
    "this is a picture, not CSV: fill the figures into the template (zhibao form --template csv)"};

static bool begins(const uint8_t *bytes, size_t size, const char *mark, size_t length)
{
    return size >= length && memcmp(bytes, mark, length) == 0;
}

static bool names(const uint8_t *bytes, size_t size, const char *name)
{
    size_t look = size < NAMES_BYTES ? size : NAMES_BYTES;
    return memmem(bytes, look, name, strlen(name)) != NULL ||
           memmem(bytes + (size - look), look, name, strlen(name)) != NULL;
}

const struct foreign_file *foreign_file(const uint8_t *bytes, size_t size)
{
    if (begins(bytes, size, "PK\x03\x04", 4)) {
        if (names(bytes, size, "xl/"))
            return &workbook;
        if (names(bytes, size, "word/"))
            return &word;
        return names(bytes, size, "opendocument") ? &open_document : &zip;
    }
    if (begins(bytes, size, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8))
        return &old_office;
    if (begins(bytes, size, "%PDF-", 5))
        return &pdf;
    return begins(bytes, size, "\x89PNG", 4) || begins(bytes, size, "\xFF\xD8\xFF", 3) ? &picture
                                                                                       : NULL;
}
