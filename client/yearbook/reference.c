/* The styles of the yearbook as a word processor's file, for pandoc: A4, 宋体 and 黑体, tables with
 * lines, and on every page the title, 演示数据 where figures are made up, and the page number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "yearbook/escape.h"
#include "yearbook/office.h"

#define NAMES                                                                   \
    "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" " \
    "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""
#define HEAD  "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define TYPES "application/vnd.openxmlformats-officedocument.wordprocessingml."
#define KINDS "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define SANS  "<w:rFonts w:ascii=\"Arial\" w:hAnsi=\"Arial\" w:cs=\"Arial\" w:eastAsia=\"黑体\"/>"

enum { PARTS_MAX = 8, FIRST_DAY = 1 << 5 | 1 }; /* 1980-01-01 */

static const char content_types[] =
    HEAD "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
         "<Default Extension=\"rels\" "
         "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
         "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
         "<Override PartName=\"/word/document.xml\" ContentType=\"" TYPES "document.main+xml\"/>"
         "<Override PartName=\"/word/styles.xml\" ContentType=\"" TYPES "styles+xml\"/>"
         "<Override PartName=\"/word/header1.xml\" ContentType=\"" TYPES "header+xml\"/>"
         "<Override PartName=\"/word/footer1.xml\" ContentType=\"" TYPES "footer+xml\"/></Types>";

static const char package_relations[] =
    HEAD "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
         "<Relationship Id=\"rId1\" Type=\"" KINDS
         "officeDocument\" Target=\"word/document.xml\"/></Relationships>";

static const char document_relations[] =
    HEAD "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
         "<Relationship Id=\"rId1\" Type=\"" KINDS "styles\" Target=\"styles.xml\"/>"
         "<Relationship Id=\"rId8\" Type=\"" KINDS "header\" Target=\"header1.xml\"/>"
         "<Relationship Id=\"rId9\" Type=\"" KINDS "footer\" Target=\"footer1.xml\"/>"
         "</Relationships>";

static const char main_part[] =
    HEAD "<w:document " NAMES "><w:body><w:p/><w:sectPr>"
         "<w:headerReference w:type=\"default\" r:id=\"rId8\"/>"
         "<w:footerReference w:type=\"default\" r:id=\"rId9\"/>"
         "<w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1361\" w:right=\"1021\" "
         "w:bottom=\"1134\" w:left=\"1021\" w:header=\"680\" w:footer=\"567\" w:gutter=\"0\"/>"
         "</w:sectPr></w:body></w:document>";

static const char footer[] =
    HEAD "<w:ftr " NAMES "><w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r><w:fldChar "
         "w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> PAGE "
         "</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p></w:ftr>";

static const char styles[] = HEAD
    "<w:styles " NAMES "><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" "
    "w:hAnsi=\"Times New Roman\" w:cs=\"Times New Roman\" w:eastAsia=\"宋体\"/><w:sz w:val=\"21\"/>"
    "<w:szCs w:val=\"21\"/><w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault>"
    "<w:pPrDefault><w:pPr><w:spacing w:after=\"100\" w:line=\"320\" w:lineRule=\"auto\"/></w:pPr>"
    "</w:pPrDefault></w:docDefaults>"
    "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/>"
    "<w:qFormat/></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"BodyText\"><w:name w:val=\"Body Text\"/><w:basedOn "
    "w:val=\"Normal\"/><w:pPr><w:spacing w:before=\"80\"/></w:pPr></w:style>"
    "<w:style w:type=\"paragraph\" w:customStyle=\"1\" w:styleId=\"FirstParagraph\"><w:name "
    "w:val=\"First Paragraph\"/><w:basedOn w:val=\"BodyText\"/></w:style>"
    "<w:style w:type=\"paragraph\" w:customStyle=\"1\" w:styleId=\"Compact\"><w:name "
    "w:val=\"Compact\"/><w:basedOn w:val=\"BodyText\"/><w:pPr><w:spacing w:before=\"10\" "
    "w:after=\"10\" w:line=\"240\" w:lineRule=\"auto\"/></w:pPr><w:rPr><w:sz w:val=\"15\"/>"
    "<w:szCs w:val=\"15\"/></w:rPr></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"Title\"><w:name w:val=\"Title\"/><w:basedOn "
    "w:val=\"Normal\"/><w:pPr><w:spacing w:before=\"3000\" w:after=\"600\"/><w:jc "
    "w:val=\"center\"/></w:pPr><w:rPr>" SANS "<w:b/><w:color w:val=\"14365F\"/><w:sz "
    "w:val=\"48\"/></w:rPr></w:style>"
    "<w:style w:type=\"paragraph\" w:customStyle=\"1\" w:styleId=\"CoverLine\"><w:name "
    "w:val=\"Cover Line\"/><w:basedOn w:val=\"Normal\"/><w:pPr><w:jc w:val=\"center\"/></w:pPr>"
    "<w:rPr><w:sz w:val=\"26\"/></w:rPr></w:style>"
    "<w:style w:type=\"paragraph\" w:customStyle=\"1\" w:styleId=\"MadeUp\"><w:name "
    "w:val=\"Made Up\"/><w:basedOn w:val=\"CoverLine\"/><w:rPr>" SANS "<w:b/><w:color "
    "w:val=\"B3261E\"/><w:sz w:val=\"30\"/></w:rPr></w:style>"
    "<w:style w:type=\"paragraph\" w:customStyle=\"1\" w:styleId=\"SmallNote\"><w:name "
    "w:val=\"Small Note\"/><w:basedOn w:val=\"Normal\"/><w:pPr><w:spacing w:before=\"60\" "
    "w:after=\"60\"/></w:pPr><w:rPr><w:color w:val=\"444444\"/><w:sz "
    "w:val=\"17\"/></w:rPr></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"Heading1\"><w:name w:val=\"heading 1\"/><w:basedOn "
    "w:val=\"Normal\"/><w:next w:val=\"BodyText\"/><w:qFormat/><w:pPr><w:keepNext/>"
    "<w:pageBreakBefore/><w:spacing w:after=\"240\"/><w:outlineLvl "
    "w:val=\"0\"/></w:pPr><w:rPr>" SANS
    "<w:b/><w:color w:val=\"14365F\"/><w:sz w:val=\"34\"/></w:rPr></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"Heading2\"><w:name w:val=\"heading 2\"/><w:basedOn "
    "w:val=\"Normal\"/><w:next w:val=\"BodyText\"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing "
    "w:before=\"280\" w:after=\"120\"/><w:outlineLvl w:val=\"1\"/></w:pPr><w:rPr>" SANS
    "<w:b/><w:color w:val=\"14365F\"/><w:sz w:val=\"25\"/></w:rPr></w:style>"
    "<w:style w:type=\"paragraph\" w:customStyle=\"1\" w:styleId=\"TableCaption\"><w:name "
    "w:val=\"Table Caption\"/><w:basedOn w:val=\"Normal\"/><w:pPr><w:keepNext/><w:spacing "
    "w:before=\"160\" w:after=\"60\"/><w:jc w:val=\"center\"/></w:pPr><w:rPr>" SANS
    "<w:b/><w:sz w:val=\"19\"/></w:rPr></w:style>"
    "<w:style w:type=\"character\" w:styleId=\"Hyperlink\"><w:name w:val=\"Hyperlink\"/></w:style>"
    "<w:style w:type=\"table\" w:default=\"1\" w:styleId=\"Table\"><w:name w:val=\"Table\"/>"
    "<w:tblPr><w:tblBorders><w:top w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"333333\"/>"
    "<w:bottom w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"333333\"/><w:insideH "
    "w:val=\"single\" w:sz=\"2\" w:space=\"0\" w:color=\"AAB2BD\"/></w:tblBorders><w:tblCellMar>"
    "<w:left w:w=\"60\" w:type=\"dxa\"/><w:right w:w=\"60\" w:type=\"dxa\"/></w:tblCellMar>"
    "</w:tblPr><w:trPr><w:cantSplit/></w:trPr><w:tblStylePr w:type=\"firstRow\"><w:rPr><w:b/>"
    "</w:rPr><w:tcPr><w:tcBorders><w:bottom w:val=\"single\" w:sz=\"6\" w:space=\"0\" "
    "w:color=\"333333\"/></w:tcBorders><w:shd w:val=\"clear\" w:color=\"auto\" "
    "w:fill=\"E8EDF4\"/></w:tcPr></w:tblStylePr></w:style></w:styles>";

/* The caller frees; NULL without memory. */
static char *header_make(const struct document *document)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    fputs(HEAD "<w:hdr " NAMES
               "><w:p><w:pPr><w:tabs><w:tab w:val=\"right\" w:pos=\"9864\"/></w:tabs>"
               "</w:pPr><w:r><w:rPr><w:color w:val=\"444444\"/><w:sz w:val=\"17\"/></w:rPr><w:t "
               "xml:space=\"preserve\">",
          out);
    escape_text(document->running, out);
    fputs("</w:t></w:r>", out);
    if (document->demonstration)
        fprintf(out,
                "<w:r><w:tab/></w:r><w:r><w:rPr><w:b/><w:color w:val=\"B3261E\"/><w:sz "
                "w:val=\"18\"/></w:rPr><w:t>%s</w:t></w:r>",
                document->english ? "DEMONSTRATION DATA" : "演示数据");
    fputs("</w:p></w:hdr>", out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static bool part_add(zip_t *zip, const char *name, const char *text)
{
    zip_source_t *source = zip_source_buffer(zip, text, strlen(text), 0);
    if (source == NULL)
        return false;
    zip_int64_t index = zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0)
        zip_source_free(source);
    /* pandoc keeps the time of some parts: always the first day there is */
    return index >= 0 && zip_file_set_dostime(zip, (zip_uint64_t)index, 0, FIRST_DAY, 0) == 0;
}

enum status office_reference(const struct document *document, const char *path)
{
    int error = 0;
    char *header = header_make(document);
    zip_t *zip = header == NULL ? NULL : zip_open(path, ZIP_CREATE | ZIP_EXCL, &error);
    const char *const parts[PARTS_MAX][2] = {
        {"[Content_Types].xml",          content_types     },
        {"_rels/.rels",                  package_relations },
        {"word/document.xml",            main_part         },
        {"word/_rels/document.xml.rels", document_relations},
        {"word/styles.xml",              styles            },
        {"word/header1.xml",             header            },
        {"word/footer1.xml",             footer            },
    };
    bool made = zip != NULL;
    for (size_t i = 0; made && i < PARTS_MAX && parts[i][0] != NULL; i++)
        made = part_add(zip, parts[i][0], parts[i][1]);
    if (made)
        made = zip_close(zip) == 0;
    else if (zip != NULL)
        zip_discard(zip);
    free(header);
    return made ? STATUS_OK : STATUS_IO;
}
