#include "yearbook/office.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/files.h"
#include "yearbook/html.h"

enum { TIMEOUT_S = 300, OUTPUT_MAX = 256 * 1024 * 1024, FILES_MAX = 1024 };

#define PDF_PACKAGES  "weasyprint libharfbuzz-bin fonts-noto-cjk"
#define DOCX_PACKAGES "pandoc librsvg2-bin fonts-noto-cjk"

/* A private directory for what the programs read and write; everything in it is ours. */
struct workshop {
    struct context *context;
    char directory[PATH_BYTES];
    char setting[64]; /* SOURCE_DATE_EPOCH */
    size_t chart_count;
};

static bool path_in(const struct workshop *workshop, const char *name, char out[PATH_BYTES])
{
    return path_join(workshop->directory, name, out) == STATUS_OK;
}

static bool workshop_open(struct context *context, const struct document *document,
                          struct workshop *workshop)
{
    *workshop = (struct workshop){.context = context};
    snprintf(workshop->setting, sizeof workshop->setting, "SOURCE_DATE_EPOCH=%lld",
             (long long)(document->time_us / 1000000));
    if (directory_temporary(workshop->directory, sizeof workshop->directory))
        return true;
    complain(context, "临时目录建不成，请检查 TMPDIR",
             "cannot make a temporary directory: check TMPDIR");
    return false;
}

static void workshop_close(const struct workshop *workshop)
{
    static const char *const names[] = {"in.html", "out.pdf", "out.docx", "reference.docx"};
    char path[PATH_BYTES], name[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (path_in(workshop, names[i], path))
            unlink(path);
    for (size_t i = 0; i < HTML_FONTS; i++)
        if (path_in(workshop, html_fonts[i].file, path))
            unlink(path);
    for (size_t i = 0; i < workshop->chart_count; i++) {
        snprintf(name, sizeof name, "chart%zu.svg", i + 1);
        if (path_in(workshop, name, path))
            unlink(path);
        snprintf(name, sizeof name, "chart%zu.png", i + 1);
        if (path_in(workshop, name, path))
            unlink(path);
    }
    rmdir(workshop->directory);
}

static void tick(unsigned seconds, void *context)
{
    complain((const struct context *)context, "　已用%u秒 …", "  %u s so far ...", seconds);
}

/* `package` is the Debian package that has the program. */
static bool run(const struct workshop *workshop, const char *const *arguments, const char *package)
{
    const char *const settings[] = {workshop->setting, "LC_ALL=C.UTF-8", "TZ=UTC0", NULL};
    char words[CHILD_WORDS_BYTES];
    struct child child = {.arguments = arguments,
                          .settings = settings,
                          .timeout_s = TIMEOUT_S,
                          .tick = tick,
                          .context = workshop->context};
    enum status status = child_run(&child, words);
    if (status == STATUS_OK)
        return true;
    if (status == STATUS_NOT_FOUND)
        complain(workshop->context, "没有程序 %s，请安装软件包：apt-get install %s",
                 "there is no program %s; install its package: apt-get install %s", arguments[0],
                 package);
    else if (status == STATUS_TIMEOUT)
        complain(workshop->context, "%s 超过%d秒没有完成，已停止",
                 "%s took more than %d s and was stopped", arguments[0], (int)TIMEOUT_S);
    else
        complain(workshop->context, "%s 没有成功：%s", "%s failed: %s", arguments[0], words);
    return false;
}

static bool html_save(const struct workshop *workshop, const struct document *document,
                      enum html_kind kind)
{
    char path[PATH_BYTES];
    FILE *out = path_in(workshop, "in.html", path) ? fopen(path, "wx") : NULL;
    if (out != NULL) {
        html_write(document, kind, out);
        bool failed = ferror(out) != 0;
        if (fclose(out) == 0 && !failed)
            return true;
    }
    complain(workshop->context, "临时文件写不出：%s", "cannot write below %s", workshop->directory);
    return false;
}

static bool result_read(const struct workshop *workshop, const char *name, uint8_t **out_bytes,
                        size_t *out_size)
{
    char path[PATH_BYTES];
    if (path_in(workshop, name, path) &&
        file_read(path, OUTPUT_MAX, out_bytes, out_size) == STATUS_OK)
        return true;
    complain(workshop->context, "没有得到 %s", "there is no %s", name);
    return false;
}

/* The few thousand characters of the page out of fonts of sixty-five thousand: weasyprint would
 * take half a minute to do the same. */
static bool fonts_cut(const struct workshop *workshop, const char *page)
{
    char made[PATH_BYTES], text[PATH_BYTES + 32], out[PATH_BYTES + 32], face[32];
    snprintf(text, sizeof text, "--text-file=%s", page);
    snprintf(face, sizeof face, "--face-index=%d", (int)HTML_FONT_FACE);
    for (size_t i = 0; i < HTML_FONTS; i++) {
        if (!file_exists(html_fonts[i].source)) {
            complain(workshop->context,
                     "没有中文字体 %s，请安装软件包：apt-get install fonts-noto-cjk",
                     "there is no font %s; install its package: apt-get install fonts-noto-cjk",
                     html_fonts[i].source);
            return false;
        }
        if (!path_in(workshop, html_fonts[i].file, made))
            return false;
        snprintf(out, sizeof out, "--output-file=%s", made);
        const char *const arguments[] = {"hb-subset", face, text, out, html_fonts[i].source, NULL};
        if (!run(workshop, arguments, PDF_PACKAGES))
            return false;
    }
    return true;
}

bool office_pdf(struct context *context, const struct document *document, uint8_t **out_bytes,
                size_t *out_size, enum exit_code *out_code)
{
    struct workshop workshop;
    char in[PATH_BYTES], out[PATH_BYTES];
    *out_code = EXIT_MISUSED;
    if (!workshop_open(context, document, &workshop))
        return false;
    complain(context, "排版（PDF）…", "setting the pages (PDF) ...");
    bool made = path_in(&workshop, "in.html", in) && path_in(&workshop, "out.pdf", out) &&
                html_save(&workshop, document, HTML_PRINT) && fonts_cut(&workshop, in);
    const char *const arguments[] = {"weasyprint", "--encoding", "utf-8", in, out, NULL};
    made = made && run(&workshop, arguments, PDF_PACKAGES) &&
           result_read(&workshop, "out.pdf", out_bytes, out_size);
    workshop_close(&workshop);
    return made;
}

static bool chart_draw(struct workshop *workshop, const struct chart *chart)
{
    char name[64], svg[PATH_BYTES], png[PATH_BYTES];
    workshop->chart_count++;
    snprintf(name, sizeof name, "chart%zu.svg", workshop->chart_count);
    bool named = path_in(workshop, name, svg);
    snprintf(name, sizeof name, "chart%zu.png", workshop->chart_count);
    named = named && path_in(workshop, name, png);
    FILE *out = named ? fopen(svg, "wx") : NULL;
    if (out == NULL)
        return false;
    chart_svg(chart, out);
    if (fclose(out) != 0)
        return false;
    const char *const arguments[] = {"rsvg-convert", "--zoom", "3", "-o", png, svg, NULL};
    return run(workshop, arguments, DOCX_PACKAGES);
}

/* In the order in which html_write names them. */
static bool charts_draw(struct workshop *workshop, const struct document *document)
{
    for (size_t i = 0; i < document->chapter_count; i++)
        for (size_t k = 0; k < document->chapters[i].block_count; k++) {
            const struct block *block = &document->chapters[i].blocks[k];
            for (size_t c = 0; block->kind == BLOCK_CHARTS && c < block->chart_count; c++)
                if (!chart_draw(workshop, &block->charts[c]))
                    return false;
        }
    return true;
}

bool office_docx(struct context *context, const struct document *document, uint8_t **out_bytes,
                 size_t *out_size, enum exit_code *out_code)
{
    struct workshop workshop;
    char in[PATH_BYTES], out[PATH_BYTES], reference[PATH_BYTES], look[PATH_BYTES + 32];
    *out_code = EXIT_MISUSED;
    if (!workshop_open(context, document, &workshop))
        return false;
    complain(context, "画图、排版（DOCX）…", "drawing charts, setting the pages (DOCX) ...");
    bool made = path_in(&workshop, "in.html", in) && path_in(&workshop, "out.docx", out) &&
                path_in(&workshop, "reference.docx", reference) &&
                html_save(&workshop, document, HTML_PLAIN) && charts_draw(&workshop, document);
    if (made && office_reference(document, reference) != STATUS_OK) {
        complain(context, "样式写不出", "cannot write the styles");
        made = false;
    }
    snprintf(look, sizeof look, "--reference-doc=%s", reference);
    char from[PATH_BYTES + 32];
    snprintf(from, sizeof from, "--resource-path=%s", workshop.directory);
    const char *const arguments[] = {"pandoc", "-f", "html", "-t", "docx", look,
                                     from,     in,   "-o",   out,  NULL};
    made = made && run(&workshop, arguments, DOCX_PACKAGES);
    if (made && office_keep_rows(out) != STATUS_OK) {
        complain(context, "pandoc 的结果无法处理", "what pandoc wrote cannot be worked on");
        made = false;
    }
    made = made && result_read(&workshop, "out.docx", out_bytes, out_size);
    workshop_close(&workshop);
    return made;
}
