// The same count as several units report it, side by side.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { Chart } from '../lib/chart.jsx';
import { T } from '../lib/i18n.js';
import { formWord, placeOf, presenceWord, unitCode } from '../lib/words.js';
import { Demo, Failure, Load, State, Table, YearPicker, number, yearOf } from './parts.jsx';

const NOTHING = { PRESENCE_NOT_APPLICABLE: 2, PRESENCE_NOT_COLLECTED: 3, PRESENCE_NOT_REPORTED: 4 };
const value = (row) => (row.presence === 'PRESENCE_VALUE' ? number(row.value) : presenceWord(NOTHING[row.presence] || 4));
const name = (figure) => `${formWord(figure.form)} · ${T(figure.name_zh, figure.name_en)}`;

function whole(row) {
    if (!row.reporting) return [T('没有', 'none'), 'none'];
    return row.incomplete ? [T('不全', 'in part'), 'warn'] : [T('齐全', 'whole'), 'good'];
}

const columns = () => [
    { title: T('来源', 'Source'), cell: name },
    { title: T('数', 'Figure'), number: true, cell: value },
    { title: T('与第一个数之差', 'Difference from the first'), number: true, cell: (row) => (row.has_difference ? number(row.difference) : '') },
    { title: '%', number: true, cell: (row) => (row.has_percent ? `${row.percent > 0 ? '+' : ''}${number(row.percent, 1)}` : '') },
    { title: T('给出数的单位', 'Units with a figure'), number: true, cell: (row) => `${row.reporting}/${row.expected}` },
    { title: T('已通过', 'Accepted'), number: true, cell: (row) => row.accepted },
    { title: T('是否齐全', 'Complete'), cell: (row) => <span class={`state ${whole(row)[1]}`}>{whole(row)[0]}</span>, text: (row) => whole(row)[0] },
];

const reportColumns = () => [
    { title: T('来源', 'Source'), cell: (row) => formWord(row.form) },
    { title: T('单位', 'Unit'), cell: (row) => row.unit_name },
    { title: T('代码', 'Code'), cell: (row) => unitCode(row.unit) },
    { title: T('数', 'Figure'), number: true, cell: value },
    { title: T('版本', 'Revision'), number: true, cell: (row) => row.revision || '' },
    { title: T('状态', 'State'), cell: (row) => (row.id ? <State state={row.state} /> : <span class="state bad">{T('未报', 'not reported')}</span>), text: (row) => row.state },
];

const bars = (figures) => ({
    grid: { left: 12, right: 60, top: 16, bottom: 30, containLabel: true }, tooltip: { trigger: 'axis', renderMode: 'richText' },
    xAxis: { type: 'value' }, yAxis: { type: 'category', inverse: true, data: figures.map(name), axisLabel: { width: 150, overflow: 'break' } },
    series: [{ type: 'bar', barMaxWidth: 28, data: figures.map((row) => (row.presence === 'PRESENCE_VALUE' ? row.value : null)), label: { show: true, position: 'right' } }],
});

class Count extends Component {
    state = { reports: null, error: null };

    async open() {
        const { count, place, period } = this.props;
        try {
            const { counts } = await api.ask('KIND_RECONCILE', { place, period, count: count.count, reports: true });
            this.setState({ error: null, reports: counts[0].figures.flatMap((figure) => figure.reports.map((report) => ({ ...report, form: figure.form }))) });
        } catch (error) {
            this.setState({ error });
        }
    }

    render({ count, period }, { reports, error }) {
        const title = T(count.name_zh, count.name_en);
        const known = count.figures.some((row) => row.presence === 'PRESENCE_VALUE');
        return (
            <section aria-label={title}>
                <h2>{title} {count.has_spread && <span class={`state ${count.spread ? 'warn' : 'good'}`}>{T('最大相差', 'largest gap')} {number(count.spread)}</span>}</h2>
                <div class={known ? 'pair lean' : ''}>
                    {known && <Chart title={title} option={bars(count.figures)} />}
                    <Table caption={title} name={`reconcile-${count.count}-${period}`} rows={count.figures} columns={columns()} />
                </div>
                <Failure error={error} />
                {reports ? <Table caption={T('各单位所报', 'Unit by unit')} name={`reconcile-${count.count}-${period}-units`} rows={reports} columns={reportColumns()} />
                    : <button type="button" onClick={() => this.open()}>{T('逐个单位查看', 'Show unit by unit')}</button>}
            </section>
        );
    }
}

export function Reconcile({ title, session, query }) {
    const period = yearOf(query);
    const place = placeOf(session.unit);
    return (
        <section>
            <div class="title"><h1>{title} · {period}</h1><YearPicker page="reconcile" query={query} /></div>
            <p class="help">{T('同一个数由几个部门各报各的，并列对照。口径不同也会有差，差异是去问一问的理由，不是错误。', 'The same count as several units report it. Definitions differ, so a difference is a reason to ask, not an error.')}</p>
            <Load key={period} load={() => api.ask('KIND_RECONCILE', { place, period })}>{(answer) => (
                <>
                    <p><Demo of={answer.demonstration} /></p>
                    {!answer.counts.length && <p class="empty">{T('本地没有两个以上单位都报的数', 'no count is reported by two units here')}</p>}
                    {answer.counts.map((count) => <Count key={count.count} count={count} place={place} period={period} />)}
                </>
            )}</Load>
        </section>
    );
}
