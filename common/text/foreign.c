#include "text/foreign.h"

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
static const struct foreign_file locked = {
    "文件有打开密码：请先去掉密码，另存为.xlsx或“CSV UTF-8”再用",
    "the file is protected by a password: remove it first, and save it as .xlsx or as CSV UTF-8"};
static const struct foreign_file page = {
    "这是网页或XML（有的系统导出时仍叫.xls），不是CSV：" SAVE_ZH,
    "this is a web page or XML (some systems export it under the name .xls), not CSV: " SAVE_EN};
static const struct foreign_file word = {
    "这是Word文档（.docx），不是CSV：请把数字填入模板（zhibao form --template csv）",
    "this is a Word document (.docx), not CSV: fill the figures into the template (zhibao form "
    "--template csv)"};
static const struct foreign_file open_document = {
    "这是OpenDocument文件（.ods），不是CSV：" SAVE_ZH,
    "this is an OpenDocument file (.ods), not CSV: " SAVE_EN};
static const struct foreign_file zip = {
    "这是压缩包（ZIP）或已损坏的表格文件：压缩包请先解压，表格请重新保存或重新接收一份",
    "this is a ZIP archive or a damaged spreadsheet: unpack an archive first, save or fetch a "
    "spreadsheet again"};
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

bool foreign_is_workbook(const uint8_t *bytes, size_t size)
{
    return begins(bytes, size, "PK\x03\x04", 4) && names(bytes, size, "xl/");
}

/* Office keeps a workbook with a password in a container of its own, as UTF-16 names. */
static bool is_locked(const uint8_t *bytes, size_t size)
{
    static const char name[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
    return memmem(bytes, size, name, sizeof name) != NULL;
}

static bool is_page(const uint8_t *bytes, size_t size)
{
    static const char *const marks[] = {"<html", "<HTML", "<table", "<!DOCTYPE", "<?xml"};
    if (begins(bytes, size, "\xEF\xBB\xBF", 3))
        bytes += 3, size -= 3;
    while (size > 0 && strchr(" \t\r\n", *bytes) != NULL && *bytes != '\0')
        bytes++, size--;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (begins(bytes, size, marks[i], strlen(marks[i])))
            return true;
    return false;
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
        return is_locked(bytes, size) ? &locked : &old_office;
    if (is_page(bytes, size))
        return &page;
    if (begins(bytes, size, "%PDF-", 5))
        return &pdf;
    return begins(bytes, size, "\x89PNG", 4) || begins(bytes, size, "\xFF\xD8\xFF", 3) ? &picture
                                                                                       : NULL;
}
