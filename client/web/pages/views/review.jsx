// A reviewer's table: who has reported, what changed against last year, accept or return several at once.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { fromBase64 } from '../lib/bytes.js';
import { T, problemText, timeText } from '../lib/i18n.js';
import { KIND } from '../lib/proof.js';
import { deliver, keep, long, sign } from '../lib/records.js';
import { fetchReport } from '../lib/reports.js';
import { formWord, kindWord, placeOf, presenceWord, stratumWords } from '../lib/words.js';
import { FigureComments } from './figure.jsx';
import { Failure, Load, State, Table, YearPicker, number, yearOf } from './parts.jsx';

const LARGE = 0.3;
const SMALL = 10;

const newestBy = (reports) => {
    const found = {};
    for (const report of reports)
        if (report.kind === 'RECORD_REPORT' && (!found[report.unit] || found[report.unit].revision < report.revision)) found[report.unit] = report;
    return found;
};

async function load(session, period) {
    const township = session.role === 'township';
    const form = township ? 'village' : '';
    const [pending, { forms }] = await Promise.all([
        api.askAll('KIND_PENDING', { period }, 'items'),
        township ? api.ask('KIND_GET_FORM', { form: 'village' }) : { forms: [] },
    ]);
    const rows = pending.map((item) => ({ key: item.record.id, unit: item.record.unit, name: item.unit_name, item, state: item.state, form: item.form, received: item.received_us, late: item.late, explained: item.explained_count }));
    let earlier = {};
    if (township) {
        const [now, before, cutoffs, units] = await Promise.all([
            api.askAll('KIND_TRACK', { subtree: true, form, period }, 'reports'),
            api.askAll('KIND_TRACK', { subtree: true, form, period: period - 1 }, 'reports'),
            api.askAll('KIND_GET_COMPLETENESS', { period, form }, 'units'),
            api.askAll('KIND_LIST_UNITS', { place: placeOf(session.unit) }, 'units'),
        ]);
        const overdue = new Set(cutoffs.filter((row) => row.level === 'CUTOFF_UNIT' && row.overdue).map((row) => row.unit));
        earlier = newestBy(before);
        const current = newestBy(now);
        for (const unit of units.filter((one) => one.role === 'village' && !rows.some((row) => row.unit === one.unit))) {
            const report = current[unit.unit];
            rows.push({ key: unit.unit, unit: unit.unit, name: T(unit.name_zh, unit.name_en), state: report ? report.state : '', form, id: report && report.id, late: Boolean(report && report.late), overdue: overdue.has(unit.unit) });
        }
    }
    return { rows, sheet: forms[0], earlier };
}

// The figures that moved most against last year: by share, small numbers left out.
export function changes(sheet, now, before) {
    const found = [];
    for (const cell of sheet.cells) {
        const left = before[cell.cell];
        const right = now[cell.cell];
        if (!left || !right || left.presence !== 1 || right.presence !== 1) continue;
        const base = Math.max(Math.abs(left.value), SMALL);
        const share = (right.value - left.value) / base;
        if (Math.abs(share) >= LARGE) found.push({ cell, from: left.value, to: right.value, share });
    }
    return found.sort((one, other) => Math.abs(other.share) - Math.abs(one.share));
}

// One report's figures beside last year's.
class Figures extends Component {
    state = { cell: null };

    render({ sheet, value, unit, period, session, tools }, { cell: open }) {
        const rows = sheet.cells.map((cell) => ({ cell, now: value.now.values[cell.cell], before: value.before && value.before.values[cell.cell] }));
        const text = (entry) => (!entry ? presenceWord(4) : entry.presence === 1 ? number(entry.value) : presenceWord(entry.presence));
        return (
            <>
                <Table caption={T('所报数字', 'Figures reported')} rows={rows} rowKey={(row) => row.cell.cell} name="figures" columns={[
                    { title: T('项', 'Item'), cell: (row) => row.cell.cell },
                    { title: T('名称', 'Name'), cell: (row) => `${T(row.cell.name_zh, row.cell.name_en)}${row.cell.stratum ? ` · ${stratumWords(row.cell.stratum)}` : ''}` },
                    { title: T('本年', 'This year'), number: true, cell: (row) => text(row.now) },
                    { title: T('上年', 'Last year'), number: true, cell: (row) => (value.before ? text(row.before) : '') },
                    { title: T('意见', 'Comments'), cell: (row) => <button type="button" class="quiet" aria-label={T(`第${row.cell.cell}项的意见`, `comments on item ${row.cell.cell}`)} onClick={() => this.setState({ cell: row })}>{T('意见', 'Comment')}</button>, text: () => '' },
                ]} />
                {open && <FigureComments key={open.cell.cell} figure={{ plan: sheet.plan, period, form: sheet.form, cell: open.cell.cell, place: String(Number(placeOf(unit))) }} unit={unit} shown={text(open.now)}
                    title={`${T(`第${open.cell.cell}项`, `item ${open.cell.cell}`)} ${T(open.cell.name_zh, open.cell.name_en)}`} session={session} tools={tools} onClose={() => this.setState({ cell: null })} />}
                {Object.entries(value.now.explanations).map(([cell, words]) => <p key={cell} class="reason">{T(`第${cell}项说明：`, `item ${cell}: `)}{words}</p>)}
            </>
        );
    }
}

function Summary({ sheet, value }) {
    if (!value.before) return <span class="help">{T('上年没有报送', 'no report last year')}</span>;
    const found = changes(sheet, value.now.values, value.before.values);
    if (!found.length) return <span>{T('变化不大', 'little change')}</span>;
    return (
        <ul class="changes">{found.slice(0, 3).map(({ cell, from, to, share }) => (
            <li key={cell.cell}>{T(cell.name_zh, cell.name_en)}{cell.stratum && ` ${stratumWords(cell.stratum)}`} {number(from)} → {number(to)} ({share > 0 ? '+' : ''}{Math.round(share * 100)}%)</li>
        ))}</ul>
    );
}

class Board extends Component {
    constructor() {
        super();
        this.state = { chosen: {}, figures: {}, open: '', reason: '', busy: false, done: [], error: null };
    }

    componentDidMount() {
        if (this.props.value.sheet) this.readAll();
    }

    async readAll() {
        for (const row of this.props.value.rows.filter((one) => one.item && one.item.kind === 'RECORD_REPORT')) await this.read(row);
    }

    async read(row) {
        if (this.state.figures[row.key] || !row.item) return;
        try {
            const last = this.props.value.earlier[row.unit];
            const [now, before] = await Promise.all([fetchReport(row.unit, row.item.record.id), last ? fetchReport(row.unit, last.id) : null]);
            this.setState(({ figures }) => ({ figures: { ...figures, [row.key]: { now, before } } }));
        } catch (error) {
            this.setState({ error });
        }
    }

    async open(row) {
        this.setState({ open: this.state.open === row.key ? '' : row.key });
        if (!this.props.value.sheet && !this.state.sheet) {
            const { forms } = await api.ask('KIND_GET_FORM', { form: row.form });
            this.setState({ sheets: { ...this.state.sheets, [row.form]: forms[0] } });
        }
        if (row.item.kind === 'RECORD_REPORT') await this.read(row);
    }

    chosen() {
        return this.props.value.rows.filter((row) => row.item && this.state.chosen[row.key]);
    }

    async decide(verdict) {
        const rows = this.chosen();
        const { reason } = this.state;
        if (verdict === 2 && !reason.trim()) {
            this.props.tools.say(T('退回必须写明理由', 'a return needs a reason'));
            document.getElementById('reason').focus();
            return;
        }
        this.setState({ busy: true, done: [], error: null });
        try {
            await this.props.tools.withKeys(async (keys) => {
                for (const row of rows) {
                    const { record, kind } = row.item;
                    const item = await deliver(await keep(sign(KIND.REVIEW, {
                        subject_kind: kind === 'RECORD_CONFIRMATION' ? 3 : 1, verdict, reason: verdict === 2 ? reason.trim() : '',
                        subject: { unit: long(record.unit), id: fromBase64(record.id), payload_sha256: fromBase64(record.payload_sha256) },
                    }, keys), { text: `${row.name} ${verdict === 1 ? T('通过', 'accept') : T('退回', 'return')}` }, keys.pins));
                    this.setState(({ done }) => ({ done: [...done, { row, item }] }));
                }
            });
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false, chosen: {} });
        if (this.state.done.every(({ item }) => item.state === 'receipted')) {
            this.props.tools.say(T(`${this.state.done.length} 份已${verdict === 1 ? '通过' : '退回'}，都有回执`, `${this.state.done.length} ${verdict === 1 ? 'accepted' : 'returned'}, all receipted`));
            this.props.reload();
        }
    }

    renderRow(row) {
        const { figures, chosen } = this.state;
        const { sheet } = this.props.value;
        return [
            { title: T('选', 'Pick'), cell: row.item ? <input type="checkbox" aria-label={row.name} checked={Boolean(chosen[row.key])} onChange={(event) => { const { checked } = event.target; this.setState((state) => ({ chosen: { ...state.chosen, [row.key]: checked } })); }} /> : '' },
            { title: T('单位', 'Unit'), cell: row.name },
            { title: T('报表', 'Form'), cell: row.item ? `${kindWord(row.item.kind)} ${formWord(row.form)}${row.item.revision > 1 ? T(` 第${row.item.revision}版`, ` rev. ${row.item.revision}`) : ''}` : formWord(row.form) },
            { title: T('状态', 'State'), cell: <>{row.state ? <State state={row.state} /> : <span class="state bad">{row.overdue ? T('逾期未报', 'overdue') : T('未报', 'not reported')}</span>} {row.late && <span class="state warn">{T('迟报', 'late')}</span>}{row.explained > 0 && <span class="help"> {T(`有说明 ${row.explained} 处`, `${row.explained} explained`)}</span>}</> },
            { title: T('收到', 'Received'), cell: row.received ? timeText(row.received) : '' },
            { title: T('与上年相比', 'Against last year'), cell: sheet && figures[row.key] ? <Summary sheet={sheet} value={figures[row.key]} /> : '' },
            { title: T('数字', 'Figures'), cell: row.item && row.item.kind === 'RECORD_REPORT' ? <button type="button" class="quiet" aria-expanded={this.state.open === row.key} onClick={() => this.open(row)}>{T('查看', 'View')}</button> : '' },
        ];
    }

    render({ value, session, period, tools }, { busy, done, error, reason, open, figures, sheets }) {
        const { rows } = value;
        if (!rows.length) return <p class="empty">{T('没有等待审核的材料', 'nothing awaits review')}</p>;
        const titles = this.renderRow(rows[0]).map((column) => column.title);
        const reviewable = rows.filter((row) => row.item);
        const picked = this.chosen().length;
        const shown = rows.find((row) => row.key === open);
        const sheet = shown && (value.sheet || (sheets && sheets[shown.form]));
        return (
            <>
                <div class="bar">
                    <button type="button" disabled={!reviewable.length} onClick={() => this.setState({ chosen: Object.fromEntries(reviewable.map((row) => [row.key, picked < reviewable.length])) })}>{picked < reviewable.length || !picked ? T('全选', 'Pick all') : T('全不选', 'Pick none')}</button>
                    <button type="button" class="main" disabled={busy || !picked} onClick={() => this.decide(1)}>{T(`通过 ${picked} 份`, `Accept ${picked}`)}</button>
                    <label>{T('退回理由', 'Reason to return')} <input id="reason" maxLength={600} value={reason} onInput={(event) => this.setState({ reason: event.target.value })} /></label>
                    <button type="button" disabled={busy || !picked} onClick={() => this.decide(2)}>{T(`退回 ${picked} 份`, `Return ${picked}`)}</button>
                </div>
                <Failure error={error} />
                {done.filter(({ item }) => item.state !== 'receipted').map(({ row, item }) => <p key={row.key} class="notice bad">{row.name}{T('：', ': ')}{item.error ? problemText(item.error.problem) : ''}</p>)}
                <Table caption={T('各单位', 'Units')} rows={rows} rowKey={(row) => row.key} columns={titles.map((title, index) => ({ title, cell: (row) => this.renderRow(row)[index].cell }))} />
                {shown && sheet && figures[open] && <article class="card"><h2>{shown.name}</h2><Figures sheet={sheet} value={figures[open]} unit={shown.item.record.unit} period={period} session={session} tools={tools} /></article>}
            </>
        );
    }
}

export function Review({ title, session, query, tools }) {
    const period = yearOf(query);
    return (
        <section>
            <div class="title"><h1>{title}</h1><YearPicker page="review" query={query} /></div>
            <Load key={period} load={() => load(session, period)}>{(value, reload) => <Board value={value} session={session} period={period} tools={tools} reload={reload} />}</Load>
        </section>
    );
}
