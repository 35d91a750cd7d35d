// Figures under suspicion that their reporters explained: one row a figure, with the explanation as it was signed.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { T } from '../lib/i18n.js';
import { formWord, presenceWord, stratumWords, unitCode } from '../lib/words.js';
import { Failure, Load, State, Table, YearPicker, number, yearOf } from './parts.jsx';

const NOTHING = { PRESENCE_NOT_APPLICABLE: 2, PRESENCE_NOT_COLLECTED: 3, PRESENCE_NOT_REPORTED: 4 };
const GONE = ['STATE_SUPERSEDED', 'STATE_WITHDRAWN', 'STATE_BAD_SIGNATURE'];
const AT_ONCE = 40; // reports read before one is asked whether to go on
const TOGETHER = 6;

// The year's reports that explain something; of a whole subtree the aggregator tells only how much.
async function load(period) {
    const reports = await api.askAll('KIND_TRACK', { period, subtree: true }, 'reports');
    return reports.filter((report) => report.kind === 'RECORD_REPORT' && report.explained_count > 0 && !GONE.includes(report.state));
}

const columns = () => [
    { title: T('单位', 'Unit'), cell: (row) => row.unit_name },
    { title: T('代码', 'Code'), cell: (row) => unitCode(row.unit) },
    { title: T('报表', 'Form'), cell: (row) => formWord(row.form) },
    { title: T('项', 'Item'), number: true, cell: (row) => row.cell },
    { title: T('名称', 'Name'), cell: (row) => `${T(row.name_zh, row.name_en)}${row.stratum ? ` · ${stratumWords(row.stratum)}` : ''}` },
    { title: T('所报的数', 'Figure'), number: true, cell: (row) => (row.presence === 'PRESENCE_VALUE' ? number(row.value) : presenceWord(NOTHING[row.presence] || 4)) },
    { title: T('说明', 'Explanation'), long: true, cell: (row) => row.text },
    { title: T('报表状态', 'State'), cell: (row) => <State state={row.state} />, text: (row) => row.state },
    { title: T('跟踪', 'Track'), cell: (row) => <a href={`#/track?id=${encodeURIComponent(row.report)}`}>{T('跟踪', 'Track')}</a>, text: (row) => row.report },
];

class List extends Component {
    state = { rows: [], read: 0, filter: '', error: null };

    componentDidMount() {
        this.more();
    }

    async more() {
        const { reports } = this.props;
        const next = reports.slice(this.state.read, this.state.read + AT_ONCE);
        this.setState({ busy: true, error: null });
        try {
            for (let i = 0; i < next.length; i += TOGETHER) {
                const some = next.slice(i, i + TOGETHER);
                const answers = await Promise.all(some.map((report) => api.ask('KIND_TRACK', { unit: report.unit, id: report.id })));
                const rows = answers.flatMap((answer, index) => (answer.reports[0] ? answer.reports[0].explained.map((one) => ({ ...one, state: some[index].state, report: some[index].id })) : []));
                this.setState((state) => ({ rows: [...state.rows, ...rows], read: state.read + some.length }));
            }
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false });
    }

    render({ reports, period }, { rows, read, busy, filter, error }) {
        const shown = rows.filter((row) => !filter || row.unit_name.includes(filter) || row.text.includes(filter) || row.name_zh.includes(filter) || row.name_en.toLowerCase().includes(filter.toLowerCase()));
        return (
            <>
                <div class="field"><label htmlFor="filter">{T('查找单位、指标项或说明中的字', 'Find in units, items and explanations')}</label><input id="filter" value={filter} onInput={(event) => this.setState({ filter: event.target.value.trim() })} /></div>
                <Failure error={error} />
                {busy && <p class="loading">{T(`正在读取 ${read}/${reports.length}…`, `loading ${read}/${reports.length}…`)}</p>}
                <Table caption={T(`有说明的数 ${shown.length} 个`, `${shown.length} explained figures`)} name={`explained-${period}`} rows={shown} columns={columns()} empty={busy ? ' ' : T('没有', 'none')} />
                {!busy && read < reports.length && <button type="button" onClick={() => this.more()}>{T(`再读 ${reports.length - read} 份报表`, `Read the other ${reports.length - read} reports`)}</button>}
            </>
        );
    }
}

export function ExplainedList({ title, query }) {
    const period = yearOf(query);
    return (
        <section>
            <div class="title"><h1>{title} · {period}</h1><YearPicker page="explained" query={query} /></div>
            <p class="help">{T('软校验指出的可疑数，填报单位写明了原因。审核时看说明是否站得住。', 'Figures that a soft check questioned and their reporters explained. A reviewer judges whether the explanation holds.')}</p>
            <Load key={period} load={() => load(period)}>{(reports) => (reports.length
                ? <List reports={reports} period={period} />
                : <p class="empty">{T('这一年没有带说明的数', 'no figure of this year was explained')}</p>)}</Load>
        </section>
    );
}
