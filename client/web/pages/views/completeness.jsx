// Who has reported, and in time: a heat table by form, one by place and form, and every unit with its own cut-off.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { T, dueText, timeText } from '../lib/i18n.js';
import { cutoffWord } from '../lib/terms.js';
import { formWord, placeOf, unitCode } from '../lib/words.js';
import { Lock } from './lock.jsx';
import { Heat, Load, Table, YearPicker, heat, yearOf } from './parts.jsx';

async function load(session, period) {
    const place = placeOf(session.unit);
    const [answer, year] = await Promise.all([
        api.askWhole('KIND_GET_COMPLETENESS', { place, period }, ['units']), api.ask('KIND_GET_CALENDAR', { place, period }),
    ]);
    return { ...answer, year };
}

const keyOf = (row) => `${row.form}/${row.level}`;
const formName = (row) => (row.level === 'CUTOFF_TOTAL' ? `${formWord(row.form)} · ${cutoffWord(row.level)}` : formWord(row.form));
const missing = (unit) => unit.first_us === '0';

const NAMES = 8;
function namesOf(units) {
    const names = units.slice(0, NAMES).map((unit) => unit.unit_name).join(T('、', ', '));
    return units.length > NAMES ? names + T(`等 ${units.length} 个`, ` and ${units.length - NAMES} more`) : names;
}

const formColumns = (units) => [
    { title: T('报表', 'Form'), cell: formName },
    heat(T('已报', 'Received'), (row) => row.received, (row) => row.expected),
    heat(T('按时', 'On time'), (row) => row.on_time, (row) => row.expected),
    heat(T('已通过', 'Accepted'), (row) => row.accepted, (row) => row.expected),
    heat(T('终审通过', 'Final'), (row) => row.final, (row) => row.expected),
    { title: T('逾期未报', 'Overdue'), number: true, cell: (row) => (row.overdue ? <span class="state bad">{row.overdue}</span> : 0), text: (row) => row.overdue },
    { title: T('未报单位', 'Missing'), long: true, cell: (row) => namesOf(units.filter((unit) => keyOf(unit) === keyOf(row) && missing(unit))) },
];

// One row a place below, one column a form: received of expected, the late ones named.
function placeTable(rows) {
    const forms = [];
    const places = [];
    for (const row of rows) {
        if (!forms.some((form) => keyOf(form) === keyOf(row))) forms.push(row);
        let place = places.find((one) => one.place === row.place);
        if (!place) places.push(place = { place: row.place, name: row.place_name, cells: {} });
        place.cells[keyOf(row)] = row;
    }
    const columns = [
        { title: T('地方', 'Place'), cell: (place) => place.name },
        ...forms.map((form) => ({
            title: formName(form), number: true,
            cell: (place) => {
                const row = place.cells[keyOf(form)];
                return row ? <><Heat part={row.received} whole={row.expected} />{row.late > 0 && <span class="late">{T(`迟 ${row.late}`, `${row.late} late`)}</span>}</> : '';
            },
            text: (place) => { const row = place.cells[keyOf(form)]; return row ? `${row.received}/${row.expected}` : ''; },
        })),
    ];
    return { places, columns };
}

function Standing({ unit }) {
    if (missing(unit)) return unit.overdue ? <span class="state bad">{T('逾期未报', 'overdue')}</span> : <span class="state none">{T('未报', 'not reported')}</span>;
    const word = unit.final ? T('终审通过', 'final') : unit.accepted ? T('已通过', 'accepted') : T('已报', 'received');
    return <><span class={`state ${unit.accepted || unit.final ? 'good' : 'plain'}`}>{word}</span> {unit.late && <span class="state warn">{T('迟报', 'late')}</span>}</>;
}

const standingText = (unit) => [missing(unit) ? (unit.overdue ? 'overdue' : 'missing') : unit.final ? 'final' : unit.accepted ? 'accepted' : 'received', unit.late && 'late'].filter(Boolean).join(' ');

const unitColumns = () => [
    { title: T('单位', 'Unit'), cell: (unit) => unit.unit_name }, { title: T('代码', 'Code'), cell: (unit) => unitCode(unit.unit) },
    { title: T('报表', 'Form'), cell: formName },
    { title: T('截止', 'Due'), cell: (unit) => <>{unit.due_us === '0' ? '–' : dueText(unit.due_us)}{' '}{unit.excepted && <span class="state warn">{T('获准延期', 'extended')}</span>}{unit.moved && <span class="state warn">{T('顺延', 'moved')}</span>}</>, text: (unit) => dueText(unit.due_us) },
    { title: T('首次报送', 'First report'), cell: (unit) => timeText(unit.first_us) },
    { title: T('状态', 'State'), cell: (unit) => <Standing unit={unit} />, text: standingText },
    { title: T('最近联系', 'Last contact'), cell: (unit) => timeText(unit.seen_us) },
];

const FILTERS = {
    missing: ['未报的', 'not reported', missing], overdue: ['逾期未报的', 'overdue', (unit) => unit.overdue], late: ['迟报的', 'late', (unit) => unit.late],
    waiting: ['已报未通过的', 'not accepted yet', (unit) => !missing(unit) && !unit.accepted && !unit.final], all: ['全部', 'all', () => true],
};

class Units extends Component {
    state = { filter: 'missing', form: '' };

    render({ units, rows, period }, { filter, form }) {
        const shown = units.filter((unit) => FILTERS[filter][2](unit) && (!form || keyOf(unit) === form));
        return (
            <>
                <h2>{T('逐个单位', 'Unit by unit')}</h2>
                <div class="bar">
                    <label>{T('看哪些', 'Show')} <select id="show" value={filter} onChange={(event) => this.setState({ filter: event.target.value })}>{Object.entries(FILTERS).map(([name, [zh, en]]) => <option key={name} value={name}>{T(zh, en)}</option>)}</select></label>
                    <label>{T('报表', 'Form')} <select id="form" value={form} onChange={(event) => this.setState({ form: event.target.value })}><option value="">{T('全部', 'all')}</option>{rows.map((row) => <option key={keyOf(row)} value={keyOf(row)}>{formName(row)}</option>)}</select></label>
                </div>
                <Table caption={T(`${shown.length} 项`, `${shown.length} of them`)} name={`units-${period}`} rows={shown} columns={unitColumns()} empty={T('没有', 'none')} />
            </>
        );
    }
}

export function Completeness({ title, session, query, tools }) {
    const period = yearOf(query);
    const place = placeOf(session.unit);
    return (
        <section>
            <div class="title"><h1>{title} · {period}</h1><YearPicker page="completeness" query={query} /></div>
            <Load key={period} load={() => load(session, period)}>{({ rows, units, year }, reload) => {
                const own = rows.filter((row) => row.place === place);
                const { places, columns } = placeTable(rows.filter((row) => row.place !== place));
                return (
                    <>
                        {session.role === 'statistics' && <Lock year={year} tools={tools} reload={reload} />}
                        <Table caption={T('各报表', 'By form')} name={`completeness-${period}`} rows={own} rowKey={keyOf} columns={formColumns(units)} />
                        {places.length > 0 && <Table caption={T('各地各表：已报/应报', 'By place and form: received of expected')} name={`places-${period}`} rows={places} rowKey={(row) => row.place} columns={columns} />}
                        <Units units={units} rows={own} period={period} />
                    </>
                );
            }}</Load>
        </section>
    );
}
