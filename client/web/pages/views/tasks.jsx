// What I owe, by when, in what state; and what waits for me.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { newest } from '../lib/entry_load.js';
import { T, chinaYear, dueText as momentText } from '../lib/i18n.js';
import { list } from '../lib/records.js';
import * as store from '../lib/store.js';
import { Owed } from './owed.jsx';
import { Load, State, Table, YearPicker, yearOf } from './parts.jsx';

export function isOpen(state) {
    return !state || state === 'STATE_RETURNED' || state === 'STATE_BAD_SIGNATURE';
}

// The due date of a form for a period: "02-15 24:00" of the year after.
function dueText(sheet, period) {
    return sheet.due ? `${period + 1}-${sheet.due}` : '';
}

// The unit's own cut-off in force; without one the form's.
function dueOf({ sheet, cutoff }, period) {
    return cutoff && cutoff.due_us !== '0' ? momentText(cutoff.due_us) : dueText(sheet, period);
}

function isLate({ sheet, cutoff }, period) {
    if (cutoff && cutoff.due_us !== '0') return cutoff.overdue || Date.now() * 1000 > Number(cutoff.due_us);
    const match = /^(\d\d)-(\d\d)/.exec(sheet.due || '');
    if (!match) return false;
    const end = Date.UTC(period + 1, Number(match[1]) - 1, Number(match[2]) + 1) - 8 * 3600 * 1000;
    return Date.now() > end;
}

// The cut-off in force (calendar, exceptions, what an outage moved), and what there is to say of it.
export function Due({ row, period, open }) {
    return <><span class="due">{dueOf(row, period)}</span>{' '}{row.cutoff && row.cutoff.excepted && <span class="state warn">{T('获准延期', 'extended')}</span>}{open && isLate(row, period) && <span class="state bad">{T('已过期', 'overdue')}</span>}</>;
}

async function load(session, period) {
    const waiting = (await list(session.unit)).filter((item) => item.state !== 'receipted');
    const drafts = (await store.all('draft')).filter((draft) => draft.key.startsWith(`${session.unit}/`));
    try {
        return { ...await fetchTasks(session, period), waiting, drafts };
    } catch (error) {
        const kept = (await store.all('kept')).filter((row) => row.unit === session.unit && row.period === period);
        if (!(error.retry || (session.offline && error.status === 401)) || !kept.length) throw error;
        return { waiting, drafts, forms: kept.map((row) => row.sheet), reports: [], pending: [], cutoffs: [], unreached: true };
    }
}

async function fetchTasks(session, period) {
    const reporter = ['village', 'township', 'department'].includes(session.role);
    const { forms } = reporter ? await api.ask('KIND_GET_FORM') : { forms: [] };
    const reports = reporter ? await api.askAll('KIND_TRACK', { period }, 'reports') : [];
    const reviewer = ['township', 'statistics'].includes(session.role);
    const pending = reviewer ? await api.askAll('KIND_PENDING', { period }, 'items') : [];
    const cutoffs = reporter ? await api.askAll('KIND_GET_COMPLETENESS', { period }, 'units') : [];
    return { forms, reports, pending, cutoffs: cutoffs.filter((row) => row.unit === session.unit && row.level === 'CUTOFF_UNIT') };
}

function formRows({ forms, reports, drafts, waiting, cutoffs }, session, period) {
    return forms.map((sheet) => ({
        sheet, report: newest(reports, 'RECORD_REPORT', sheet.form), cutoff: cutoffs.find((one) => one.form === sheet.form),
        draft: drafts.some((draft) => draft.key === `${session.unit}/${sheet.form}/${period}`),
        waiting: waiting.find((item) => item.kind === 1 && item.label.form === sheet.form && item.label.period === period),
    }));
}

function Status({ row, unreached }) {
    if (row.waiting && row.waiting.state === 'waiting') return <span class="state warn">{T('已签名，等待送达', 'signed, on its way')}</span>;
    if (row.waiting) return <span class="state bad">{T('被拒，须改正', 'refused, to be corrected')}</span>;
    if (row.report) return <State state={row.report.state} />;
    if (unreached && !row.draft) return <span class="state none">{T('网络不通，状态未知', 'unknown: no network')}</span>;
    return row.draft ? <span class="state warn">{T('草稿', 'draft')}</span> : <span class="state none">{T('未填', 'not begun')}</span>;
}

function FormTable({ value, session, period }) {
    const rows = formRows(value, session, period);
    return (
        <Table caption={T('要报的表', 'Forms to report')} rows={rows} rowKey={(row) => row.sheet.form} columns={[
            { title: T('报表', 'Form'), cell: (row) => T(row.sheet.title_zh, row.sheet.title_en) },
            { title: T('表号', 'Number'), cell: (row) => row.sheet.number },
            { title: T('截止', 'Due'), cell: (row) => <Due row={row} period={period} open={isOpen(row.report && row.report.state)} /> },
            { title: T('状态', 'State'), cell: (row) => <Status row={row} unreached={value.unreached} /> },
            { title: T('办理', 'Do'), cell: (row) => (
                <span class="row">
                    <a class="button" href={`#/entry?form=${row.sheet.form}&year=${period}`}>{isOpen(row.report && row.report.state) ? T('填报', 'Fill in') : T('查看或改报', 'View or amend')}</a>
                    {row.report && <a href={`#/track?id=${encodeURIComponent(row.report.id)}`}>{T('跟踪', 'Track')}</a>}
                </span>
            ) },
        ]} />
    );
}

export class Tasks extends Component {
    state = { others: 0 };

    render({ title, session, query }, { others }) {
        const period = yearOf(query);
        return (
            <section>
                <div class="title"><h1>{title}</h1><YearPicker page="tasks" query={query} /></div>
                <Load key={period} load={() => load(session, period)}>{(value) => (
                    <>
                        {value.forms.length > 0 && <FormTable value={value} session={session} period={period} />}
                        {value.pending.length > 0 && (
                            <p class="card"><a class="button" href={`#/review?year=${period}`}>{T('去审核', 'Review')}</a>{' '}{T(`${value.pending.length} 份等待审核`, `${value.pending.length} await your review`)}</p>
                        )}
                        {session.role === 'township' && (
                            <p class="card"><a class="button" href={`#/total?form=village&year=${period}`}>{T('乡镇汇总', 'Township total')}</a>{' '}{T('各村通过后，核对并确认汇总', 'when the villages are accepted, check and confirm their total')}</p>
                        )}
                        {['statistics', 'office', 'admin', 'auditor'].includes(session.role) && (
                            <p class="card"><a class="button" href={`#/completeness?year=${period}`}>{T('报送进度', 'Completeness')}</a>{' '}<a class="button" href={`#/wall?year=${period}`}>{T('达标情况', 'Attainment')}</a></p>
                        )}
                        {!value.unreached && <Owed session={session} period={period} onFound={(count) => this.setState({ others: count })} />}
                        {!value.forms.length && !value.pending.length && !others && <p class="empty">{T(`${period} 年没有待办事项`, `nothing to do for ${period}`)}</p>}
                        {period >= chinaYear() && <p class="help">{T('本年度尚未结束，一般报上一年度。', 'this year is not over; reports are usually of the year before')}</p>}
                    </>
                )}</Load>
            </section>
        );
    }
}
