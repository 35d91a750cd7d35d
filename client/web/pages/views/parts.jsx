// Small pieces that several pages use.
import { Component } from 'preact';
import { failureText } from '../lib/api.js';
import { T, chinaYear, problemText } from '../lib/i18n.js';
import { signAndSend } from '../lib/records.js';
import { stateTone, stateWord } from '../lib/words.js';

export function State({ state }) {
    return <span class={`state ${stateTone(state)}`}>{stateWord(state)}</span>;
}

export function Failure({ error }) {
    if (!error) return null;
    return <p class="notice bad" role="alert">{failureText(error)}</p>;
}

// Loads once when it is mounted, then shows; `load` gives what `children` draws.
export class Load extends Component {
    componentDidMount() {
        this.start();
    }

    async start() {
        this.setState({ error: null, done: false });
        try {
            this.setState({ value: await this.props.load(), done: true });
        } catch (error) {
            this.setState({ error, done: true });
        }
    }

    render({ children }, { value, error, done }) {
        if (error) return <div><Failure error={error} /><button type="button" onClick={() => this.start()}>{T('重试', 'Try again')}</button></div>;
        if (!done) return <p class="loading">{T('正在读取…', 'loading…')}</p>;
        return children(value, () => this.start());
    }
}

// The years one chooses among; the last one that is over comes first.
export function yearOf(query) {
    return Number(query.year) || chinaYear() - 1;
}

export function YearPicker({ page, query }) {
    const year = yearOf(query);
    const years = [];
    for (let one = chinaYear(); one >= 2021; one--) years.push(one);
    return (
        <label class="picker">{T('报告期', 'Year')}{' '}
            <select value={year} onChange={(event) => { location.hash = `#/${page}?${new URLSearchParams({ ...query, year: event.target.value })}`; }}>
                {years.map((one) => <option key={one} value={one}>{one}</option>)}
            </select>
        </label>
    );
}

const ROWS_FIRST = 50;

// A table with its CSV: columns are {title, cell(row), text(row)?, number?, long?, short?}; a long one shows its first rows until asked for all.
export class Table extends Component {
    state = { whole: false };

    render({ columns, rows, caption, name, rowKey, empty }, { whole }) {
        if (!rows.length) return <p class="empty">{empty || T('没有内容', 'nothing here')}</p>;
        const shown = whole ? rows : rows.slice(0, ROWS_FIRST);
        const kind = (column) => (column.number ? 'number' : column.long ? 'long' : column.short ? 'short' : '');
        return (
            <div class="tablebox">
                <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
                    <table>
                        <caption>{caption}</caption>
                        <thead><tr>{columns.map((column) => <th key={column.title} scope="col" class={kind(column)}>{column.title}</th>)}</tr></thead>
                        <tbody>{shown.map((row, index) => (
                            <tr key={rowKey ? rowKey(row) : index}>{columns.map((column) => <td key={column.title} class={kind(column)}>{column.cell(row)}</td>)}</tr>
                        ))}</tbody>
                    </table>
                </div>
                {shown.length < rows.length && <button type="button" onClick={() => this.setState({ whole: true })}>{T(`显示全部 ${rows.length} 行`, `Show all ${rows.length} rows`)}</button>}{' '}
                {name && <button type="button" class="quiet" onClick={() => saveCsv(name, columns, rows)}>{T('下载 CSV', 'Download CSV')}</button>}
            </div>
        );
    }
}

// A field of a CSV file, as a spreadsheet reads it back.
function quote(value) {
    const text = value === null || value === undefined ? '' : String(value);
    // A cell that begins like a formula is only text to a spreadsheet when it is led by an apostrophe.
    const safe = /^[=+@\t\r]/.test(text) || (/^-/.test(text) && !/^-?[0-9.]+$/.test(text)) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

export function saveCsv(name, columns, rows) {
    const text = (column, row) => quote(column.text ? column.text(row) : column.cell(row));
    const lines = [columns.map((column) => quote(column.title)).join(','),
        ...rows.map((row) => columns.map((column) => text(column, row)).join(','))];
    saveFile(`${name}.csv`, `\ufeff${lines.join('\r\n')}\r\n`, 'text/csv');
}

export function saveFile(name, content, type) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

export function number(value, decimals) {
    if (!Number.isFinite(value)) return '';
    return decimals === undefined ? String(Math.round(value * 1e6) / 1e6) : value.toFixed(decimals);
}

// What a page says of figures that are made up.
export function Demo({ of }) {
    return of ? <strong class="demo">{T('演示数据', 'Made-up figures (演示数据)')}</strong> : null;
}

export function Heat({ part, whole }) {
    if (!whole) return <span class="heat none">–</span>;
    const share = part / whole;
    const tone = share >= 1 ? 'full' : share >= 0.8 ? 'high' : share >= 0.5 ? 'half' : 'low';
    return <span class={`heat ${tone}`}>{part}/{whole} · {Math.floor(share * 100)}%</span>;
}

// A column of a share, as a heat cell and as "3/4" in the CSV.
export const heat = (title, part, whole) => ({ title, number: true, cell: (row) => <Heat part={part(row)} whole={whole(row)} />, text: (row) => `${part(row)}/${whole(row)}` });

export function Field({ id, label, help, children }) {
    return <div class="field"><label htmlFor={id}>{label}</label>{children}{help && <p class="help">{help}</p>}</div>;
}

// A choice that is part of the address, so that a link leads to it.
export function Choice({ page, query, name, label, options, otherwise = '' }) {
    return (
        <label class="picker">{label}{' '}
            <select value={query[name] || otherwise} onChange={(event) => { location.hash = `#/${page}?${new URLSearchParams({ ...query, [name]: event.target.value })}`; }}>
                {options.map(([value, word]) => <option key={value} value={value}>{word}</option>)}
            </select>
        </label>
    );
}

// A page's part that signs one record at a time: `sign` runs `done` when its receipt verifies, `outcome` says in words
// what became of it otherwise. What has no network waits in the outbox and is said so.
export class Signer extends Component {
    async sign(kind, fields, text, done) {
        this.setState({ busy: true, error: null, left: null });
        try {
            const item = await signAndSend(this.props.tools, kind, fields, text);
            this.setState({ busy: false, left: item.state === 'receipted' ? null : item });
            if (item.state === 'receipted') done(item);
        } catch (error) {
            this.setState({ busy: false, error });
        }
    }

    outcome() {
        const { error, left } = this.state;
        const problems = left && left.error ? [left.error.problem, ...left.error.more] : [];
        return (
            <>
                <Failure error={error} />
                {left && <div class={`notice ${left.state === 'waiting' ? 'warn' : 'bad'}`} role="alert">{problems.map((problem, index) => <p key={index}>{problemText(problem)}{problem.field && T(`（${problem.field}）`, ` (${problem.field})`)}</p>)}</div>}
            </>
        );
    }
}
