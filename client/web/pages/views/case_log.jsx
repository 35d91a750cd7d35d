// For the supervisor: who read which case when and for what, and what is overdue.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { fromBase64, hex } from '../lib/bytes.js';
import { PURPOSES, wordOf } from '../lib/case_words.js';
import { nameOf } from '../lib/case_rules.js';
import { T, timeText } from '../lib/i18n.js';
import { caseColumns, readCases } from './case_list.jsx';
import { WithDirectory, unitName } from './case_parts.jsx';
import { Load, Table } from './parts.jsx';

const purposeWord = (name) => wordOf(PURPOSES, nameOf(name, 'CASE_FOR_'));

async function load() {
    const reads = await api.askAll('KIND_LIST_CASE_READS', {}, 'rows');
    return { overdue: await readCases({ overdue: true }), reads: reads.map((row) => ({ ...row, caseId: hex(fromBase64(row.case_id)), key: hex(fromBase64(row.holder)) })).reverse() };
}

class Board extends Component {
    state = { filter: '' };

    render({ value, directory }, { filter }) {
        const name = (row) => unitName(directory, row.unit);
        const rows = value.reads.filter((row) => !filter || row.caseId.startsWith(filter.toLowerCase()) || name(row).includes(filter) || purposeWord(row.purpose).includes(filter));
        return (
            <>
                <Table caption={T(`逾期 ${value.overdue.length} 件`, `${value.overdue.length} overdue`)} rows={value.overdue} rowKey={(item) => item.caseId} columns={caseColumns(null)} empty={T('没有逾期的个案', 'nothing is overdue')} />
                <div class="bar"><label>{T('查找（编号、单位、目的）', 'Find (id, unit, purpose)')} <input id="filter" value={filter} onInput={(event) => this.setState({ filter: event.target.value.trim() })} /></label></div>
                <Table caption={T(`查阅记录 ${rows.length} 条`, `${rows.length} readings`)} name="readings" rows={rows} rowKey={(row) => row.id} empty={T('还没有人查阅', 'nobody has read any')} columns={[
                    { title: T('时间', 'Time'), cell: (row) => timeText(row.time_us) },
                    { title: T('个案', 'Case'), cell: (row) => <code>{row.caseId.slice(0, 8)}</code>, text: (row) => row.caseId },
                    { title: T('单位', 'Unit'), cell: name },
                    { title: T('密钥编号', 'Key'), cell: (row) => <code>{row.key.slice(0, 8)}</code>, text: (row) => row.key },
                    { title: T('目的', 'Purpose'), cell: (row) => purposeWord(row.purpose) },
                ]} />
            </>
        );
    }
}

export function CaseLog({ title, tools }) {
    return (
        <section>
            <h1>{title}</h1>
            <p class="help">{T('牵头单位看得到自己牵头的，督查单位看得到全区县的。每条都是签名的记录，在链上，删改都会被查出。', 'Who leads sees the readings of its own cases, the supervisor those of the district. Each is a signed record of the chain: taking one away or changing it shows.')}</p>
            <WithDirectory tools={tools}>{({ directory }) => <Load load={load}>{(value) => <Board value={value} directory={directory} />}</Load>}</WithDirectory>
        </section>
    );
}
