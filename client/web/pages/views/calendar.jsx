// Openings and cut-offs of the year's forms, who has longer, and what outages moved; statistics sets and grants.
import * as api from '../lib/api.js';
import { T, dayOf, dayUs, dueText, timeText } from '../lib/i18n.js';
import { KIND } from '../lib/proof.js';
import { long } from '../lib/records.js';
import { cutoffWord } from '../lib/terms.js';
import { formWord, placeOf, unitCode } from '../lib/words.js';
import { Field, Load, Signer, Table, YearPicker, yearOf } from './parts.jsx';

const LEVELS = { CUTOFF_UNIT: 1, CUTOFF_TOTAL: 2 };
const rowName = (row) => `${formWord(row.form)} · ${cutoffWord(row.level)}`;
const keyOf = (row) => `${row.form}/${row.level}`;

function setBy(row, place) {
    if (row.set_by === '0') return T('规划默认', 'the plan');
    return row.set_by === place ? T('本地统计部门', 'own statistics') : row.set_by;
}

const cutoffColumns = (place) => [
    { title: T('报表', 'Form'), cell: (row) => formWord(row.form) },
    { title: T('种类', 'Level'), cell: (row) => cutoffWord(row.level) },
    { title: T('开始', 'Opens'), cell: (row) => timeText(row.opens_us) },
    { title: T('截止', 'Due'), cell: (row) => <>{dueText(row.due_us)}{' '}{row.due_us !== row.set_us && <span class="state warn">{T('已顺延', 'moved')}</span>}</>, text: (row) => dueText(row.due_us) },
    { title: T('提前几天催报', 'Reminders, days before'), cell: (row) => row.reminder_days.join(T('、', ', ')) },
    { title: T('逾期几天后上报', 'Escalates after days'), number: true, cell: (row) => row.escalation_days },
    { title: T('由谁设定', 'Set by'), cell: (row) => setBy(row, place) },
];

const exceptionColumns = () => [
    { title: T('单位', 'Unit'), cell: (row) => row.unit_name },
    { title: T('代码', 'Code'), cell: (row) => unitCode(row.unit) },
    { title: T('报表', 'Form'), cell: rowName },
    { title: T('延至', 'Until'), cell: (row) => dueText(row.due_us) },
    { title: T('理由', 'Reason'), long: true, cell: (row) => row.reason },
    { title: T('批准时间', 'Granted'), cell: (row) => timeText(row.made_us) },
];

const moveColumns = () => [
    { title: T('报表', 'Form'), cell: rowName },
    { title: T('原截止', 'From'), cell: (row) => dueText(row.from_us) },
    { title: T('顺延至', 'To'), cell: (row) => dueText(row.to_us) },
    { title: T('服务中断自', 'Outage since'), cell: (row) => timeText(row.outage_from_us) },
];

function RowChoice({ id, rows, value, onChange }) {
    return (
        <Field id={id} label={T('报表', 'Form')}>
            <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
                {rows.map((row) => <option key={keyOf(row)} value={keyOf(row)}>{rowName(row)}</option>)}
            </select>
        </Field>
    );
}

// Sets opening and cut-off of one form for everyone.
class SetCutoff extends Signer {
    constructor(props) {
        super(props);
        this.state = this.filled(props.calendar.rows[0]);
    }

    filled(row) {
        return { key: keyOf(row), opens: dayOf(row.opens_us), due: dayOf(row.due_us, true), days: row.reminder_days.join(' '), escalation: String(row.escalation_days), note: '' };
    }

    save() {
        const { calendar, tools, reload } = this.props;
        const { key, opens, due, days, escalation, note } = this.state;
        const row = calendar.rows.find((one) => keyOf(one) === key);
        const [opensUs, dueUs] = [dayUs(opens), dayUs(due, true)];
        const reminders = days.split(/[\s,，、]+/).filter(Boolean).map(Number);
        if (!(dueUs > opensUs)) return tools.say(T('截止日期须在开始日期之后', 'the cut-off has to be after the opening'));
        if (reminders.some((day) => !Number.isInteger(day) || day < 0)) return tools.say(T('催报的天数应为整数，如 7 3 1', 'reminder days are whole numbers, such as 7 3 1'));
        return this.sign(KIND.CALENDAR, {
            plan: calendar.plan, place: long(calendar.place), period: calendar.period, note: note.trim(),
            entries: [{ form: row.form, level: LEVELS[row.level], opens_us: opensUs, due_us: dueUs, reminder_days: reminders, escalation_days: Number(escalation) || 0 }],
        }, `${T('设定截止', 'set the cut-off')} ${rowName(row)} ${due}`, () => { tools.say(T('截止时间已设定，有回执', 'cut-off set, receipted')); reload(); });
    }

    render({ calendar }, { key, opens, due, days, escalation, note, busy }) {
        const input = (name) => (event) => this.setState({ [name]: event.target.value });
        return (
            <details class="card">
                <summary>{T('设定截止时间', 'Set a cut-off')}</summary>
                <div class="fields">
                    <RowChoice id="set-form" rows={calendar.rows} value={key} onChange={(value) => this.setState(this.filled(calendar.rows.find((one) => keyOf(one) === value)))} />
                    <Field id="set-opens" label={T('开始日期', 'Opens on')}><input id="set-opens" type="date" value={opens} onInput={input('opens')} /></Field>
                    <Field id="set-due" label={T('截止日期（当天24时）', 'Due (end of the day)')}><input id="set-due" type="date" value={due} onInput={input('due')} /></Field>
                    <Field id="set-days" label={T('提前几天催报', 'Reminders, days before')} help={T('用空格分开；0 为不催', 'separated by blanks; 0: none')}><input id="set-days" value={days} onInput={input('days')} /></Field>
                    <Field id="set-escalation" label={T('逾期几天后上报', 'Escalates after days')}><input id="set-escalation" inputMode="numeric" value={escalation} onInput={input('escalation')} /></Field>
                    <Field id="set-note" label={T('备注', 'Note')}><input id="set-note" maxLength={600} value={note} onInput={input('note')} /></Field>
                </div>
                {this.outcome()}
                <button type="button" class="main" disabled={busy} onClick={() => this.save()}>{T('签名设定', 'Sign and set')}</button>
            </details>
        );
    }
}

// A later cut-off for units named one by one.
class Grant extends Signer {
    constructor(props) {
        super(props);
        this.state = { key: keyOf(props.calendar.rows[0]), picked: {}, filter: '', until: '', reason: '' };
    }

    // Who may be named: those that report the form.
    units(row) {
        const { units } = this.props;
        const reporter = row.level === 'CUTOFF_TOTAL' ? 'township' : row.reporter;
        return units.filter((unit) => unit.role === reporter || unit.department === reporter);
    }

    save(row) {
        const { calendar, tools, reload } = this.props;
        const { picked, until, reason } = this.state;
        const chosen = this.units(row).filter((unit) => picked[unit.unit]).map((unit) => unit.unit);
        if (!chosen.length) return tools.say(T('请选单位', 'pick the units'));
        if (!(dayUs(until, true) > 0)) return tools.say(T('请写延至哪一天', 'say until when'));
        if (!reason.trim()) return tools.say(T('延期须写明理由', 'an extension needs a reason'));
        return this.sign(KIND.EXTENSION, {
            plan: calendar.plan, place: long(calendar.place), period: calendar.period, form: row.form, level: LEVELS[row.level],
            units: chosen.sort((left, right) => (left.padStart(18, '0') < right.padStart(18, '0') ? -1 : 1)).map(long), until_us: dayUs(until, true), reason: reason.trim(),
        }, `${T('延期', 'extension')} ${rowName(row)} ${until}`, () => { tools.say(T('延期已批准，有回执', 'extension granted, receipted')); reload(); });
    }

    render({ calendar }, { key, picked, filter, until, reason, busy }) {
        const row = calendar.rows.find((one) => keyOf(one) === key);
        const units = this.units(row).filter((unit) => !filter || unit.name_zh.includes(filter) || unit.name_en.toLowerCase().includes(filter.toLowerCase()));
        return (
            <details class="card">
                <summary>{T('批准延期', 'Grant an extension')}</summary>
                <div class="fields">
                    <RowChoice id="grant-form" rows={calendar.rows} value={key} onChange={(value) => this.setState({ key: value, picked: {} })} />
                    <Field id="grant-until" label={T('延至（当天24时）', 'Until (end of the day)')}><input id="grant-until" type="date" value={until} onInput={(event) => this.setState({ until: event.target.value })} /></Field>
                    <Field id="grant-reason" label={T('理由', 'Reason')}><input id="grant-reason" maxLength={600} value={reason} onInput={(event) => this.setState({ reason: event.target.value })} /></Field>
                    <Field id="grant-filter" label={T('查找单位', 'Find units')}><input id="grant-filter" value={filter} onInput={(event) => this.setState({ filter: event.target.value.trim() })} /></Field>
                </div>
                <fieldset class="picks"><legend>{T('哪些单位', 'Units')}</legend>
                    {units.map((unit) => <label key={unit.unit}><input type="checkbox" checked={Boolean(picked[unit.unit])} onChange={(event) => { const { checked } = event.target; this.setState((state) => ({ picked: { ...state.picked, [unit.unit]: checked } })); }} /> {T(unit.name_zh, unit.name_en)}</label>)}
                </fieldset>
                {this.outcome()}
                <button type="button" class="main" disabled={busy} onClick={() => this.save(row)}>{T('签名批准', 'Sign and grant')}</button>
            </details>
        );
    }
}

async function load(place, period) {
    const [calendar, units] = await Promise.all([api.ask('KIND_GET_CALENDAR', { place, period }), api.askAll('KIND_LIST_UNITS', { place }, 'units')]);
    return { calendar, units };
}

export function Calendar({ title, session, query, tools }) {
    const period = yearOf(query);
    const place = placeOf(session.unit);
    return (
        <section>
            <div class="title"><h1>{title} · {period}</h1><YearPicker page="calendar" query={query} /></div>
            <Load key={period} load={() => load(place, period)}>{({ calendar, units }, reload) => (
                <>
                    {calendar.locked && <p class="notice">{T('本年度已锁定，不能再改', 'this year is locked: nothing can be changed')}</p>}
                    <Table caption={T('开始和截止', 'Openings and cut-offs')} name={`calendar-${period}`} rows={calendar.rows} rowKey={keyOf} columns={cutoffColumns(place)} />
                    {session.role === 'statistics' && !calendar.locked && calendar.rows.length > 0 && <>
                        <SetCutoff calendar={calendar} tools={tools} reload={reload} />
                        <Grant calendar={calendar} units={units} tools={tools} reload={reload} />
                    </>}
                    <Table caption={T('延期的单位', 'Extensions')} name={`extensions-${period}`} rows={calendar.exceptions} columns={exceptionColumns()} empty={T('没有单位获准延期', 'no unit has an extension')} />
                    {calendar.moves.length > 0 && <Table caption={T('因服务中断顺延', 'Moved by outages')} name={`moved-${period}`} rows={calendar.moves} columns={moveColumns()} />}
                </>
            )}</Load>
        </section>
    );
}
