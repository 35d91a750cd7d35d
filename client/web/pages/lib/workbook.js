// A table as an .xlsx workbook, made here: one sheet, numbers as numbers, the heading kept in sight. The parts lie in the
// archive uncompressed, so that nothing is needed to pack them.
import { join, utf8 } from './bytes.js';

const escape = (text) => String(text).replace(/[&<>"]/g, (at) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[at])).replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, ' ');

function columnName(index) {
    const before = Math.floor(index / 26);
    return (before ? columnName(before - 1) : '') + String.fromCharCode(65 + (index % 26));
}

// A number is a number to the spreadsheet, anything else is text, also what begins like a formula.
function cell(value, row, column, style) {
    const at = `${columnName(column)}${row + 1}`;
    if (value === null || value === undefined || value === '') return '';
    if (typeof value === 'number' && Number.isFinite(value)) return `<c r="${at}"><v>${value}</v></c>`;
    return `<c r="${at}" t="inlineStr"${style}><is><t xml:space="preserve">${escape(value)}</t></is></c>`;
}

function sheetXml(rows) {
    const lines = rows.map((row, index) => `<row r="${index + 1}">${row.map((value, column) => cell(value, index, column, index === 0 ? ' s="1"' : '')).join('')}</row>`);
    return `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>${lines.join('')}</sheetData></worksheet>`;
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const MAIN = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

function parts(name, rows) {
    return {
        '[Content_Types].xml': `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${MAIN}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${MAIN}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${MAIN}.styles+xml"/></Types>`,
        '_rels/.rels': `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
        'xl/workbook.xml': `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${OFFICE}"><sheets><sheet name="${escape(name.replace(/[\\/?*[\]:]/g, ' ').slice(0, 31))}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
        'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
        'xl/styles.xml': '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
        'xl/worksheets/sheet1.xml': sheetXml(rows),
    };
}

const TABLE = Uint32Array.from({ length: 256 }, (none, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value;
});

function crc32(bytes) {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
    return (crc ^ 0xffffffff) >>> 0;
}

// Numbers of 2 or 4 bytes, the least first: [[size, number], ...].
function little(...numbers) {
    const bytes = [];
    for (const [size, number] of numbers) for (let at = 0; at < size; at++) bytes.push(Math.floor(number / 256 ** at) % 256);
    return Uint8Array.from(bytes);
}

const DAY = 0x21; // 1980-01-01: the same table gives the same bytes

// The archive of APPNOTE 4.3: each part with its head, then the directory of all.
function archive(files) {
    const bodies = [];
    const directory = [];
    let offset = 0;
    for (const [path, text] of Object.entries(files)) {
        const name = utf8(path);
        const body = utf8(HEAD + text);
        const common = little([2, 20], [2, 0x800], [2, 0], [2, 0], [2, DAY], [4, crc32(body)], [4, body.length], [4, body.length], [2, name.length], [2, 0]);
        bodies.push(little([4, 0x04034b50]), common, name, body);
        directory.push(little([4, 0x02014b50], [2, 20]), common, little([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), name);
        offset += 4 + common.length + name.length + body.length;
    }
    const index = join(...directory);
    const count = Object.keys(files).length;
    return join(...bodies, index, little([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, index.length], [4, offset], [2, 0]));
}

// The bytes of a workbook with these rows (the heading first) in a sheet of this name.
export const makeWorkbook = (name, rows) => archive(parts(name, rows));
export const WORKBOOK_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
