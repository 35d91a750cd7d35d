// Small pieces that several pages use.
import { Component } from 'preact';
import { failureText } from '../lib/api.js';
import { T, chinaYear } from '../lib/i18n.js';
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

// A table with its CSV: columns are {title, cell(row), text(row)?, number?}.
export function Table({ columns, rows, caption, name, rowKey, empty }) {
    if (!rows.length) return <p class="empty">{empty || T('没有内容', 'nothing here')}</p>;
    return (
        <div class="tablebox">
            <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
                <table>
                    <caption>{caption}</caption>
                    <thead><tr>{columns.map((column) => <th key={column.title} scope="col" class={column.number ? 'number' : ''}>{column.title}</th>)}</tr></thead>
                    <tbody>{rows.map((row, index) => (
                        <tr key={rowKey ? rowKey(row) : index}>{columns.map((column) => <td key={column.title} class={column.number ? 'number' : ''}>{column.cell(row)}</td>)}</tr>
                    ))}</tbody>
                </table>
            </div>
            {name && <button type="button" class="quiet" onClick={() => saveCsv(name, columns, rows)}>{T('下载 CSV', 'Download CSV')}</button>}
        </div>
    );
}

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
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`\ufeff${lines.join('\r\n')}\r\n`], { type: 'text/csv' }));
    link.download = `${name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

export function number(value, decimals) {
    if (!Number.isFinite(value)) return '';
    return decimals === undefined ? String(Math.round(value * 1e6) / 1e6) : value.toFixed(decimals);
}
