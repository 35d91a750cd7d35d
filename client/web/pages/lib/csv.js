// The plan's own CSV files, read and written as they are: fields in double quotes where they need them, nothing added.

// Rows of fields; throws for a quote that does not end.
export function parseCsv(text) {
    const rows = [];
    let row = [];
    let field = '';
    let quoted = false;
    const body = text.replace(/^\ufeff/, '');
    for (let i = 0; i < body.length; i++) {
        const at = body[i];
        if (quoted) {
            if (at === '"' && body[i + 1] === '"') field += body[++i];
            else if (at === '"') quoted = false;
            else field += at;
        } else if (at === '"' && field === '') {
            quoted = true;
        } else if (at === ',') {
            row.push(field);
            field = '';
        } else if (at === '\n') {
            rows.push([...row, field]);
            row = [];
            field = '';
        } else if (at !== '\r') {
            field += at;
        }
    }
    if (quoted) throw new Error('a quote does not end');
    if (row.length || field) rows.push([...row, field]);
    return rows;
}

const quote = (field) => (/[",\r\n]/.test(field) ? `"${field.replace(/"/g, '""')}"` : field);

export const writeCsv = (rows) => rows.map((row) => `${row.map(quote).join(',')}\n`).join('');

// {header, rows: [{column: field}]} of a file with a heading.
export function readTable(text) {
    const [header, ...rows] = parseCsv(text);
    return { header, rows: rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] || '']))) };
}

export const writeTable = ({ header, rows }) => writeCsv([header, ...rows.map((row) => header.map((name) => row[name] || ''))]);
