// How good each unit's figures look, and every finding: a reason to ask, not a verdict.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { T } from '../lib/i18n.js';
import { QUALITY_PARTS, partWord } from '../lib/terms.js';
import { formWord, placeOf, unitCode } from '../lib/words.js';
import { Demo, Load, Table, YearPicker, yearOf } from './parts.jsx';

const part = (row, name) => row.parts.find((one) => one.part === name) || { looked_at: 0, flagged: 0 };

function Score({ row }) {
    if (!row.has_score) return <span class="heat none">–</span>;
    const tone = row.score >= 0.999 ? 'full' : row.score >= 0.9 ? 'high' : row.score >= 0.75 ? 'half' : 'low';
    return <span class={`heat ${tone}`}>{row.score.toFixed(2)}</span>;
}

// The worst first; those of whom nothing could be looked at last.
const worst = (left, right) => (left.has_score !== right.has_score ? right.has_score - left.has_score : left.score - right.score);

function scoreColumns(rows) {
    const used = QUALITY_PARTS.filter((name) => rows.some((row) => part(row, name).looked_at > 0));
    return [
        { title: T('单位', 'Unit'), cell: (row) => row.name },
        { title: T('代码', 'Code'), cell: (row) => unitCode(row.unit) },
        { title: T('得分', 'Score'), number: true, cell: (row) => <Score row={row} />, text: (row) => (row.has_score ? row.score : '') },
        ...used.map((name) => ({
            title: partWord(name), number: true,
            cell: (row) => { const { flagged, looked_at: looked } = part(row, name); return looked ? <span class={flagged ? 'flagged' : ''}>{flagged}/{looked}</span> : ''; },
            text: (row) => (part(row, name).looked_at ? `${part(row, name).flagged}/${part(row, name).looked_at}` : ''),
        })),
    ];
}

const FINDINGS = () => [
    { title: T('单位', 'Unit'), cell: (row) => row.name },
    { title: T('方面', 'Part'), cell: (row) => partWord(row.part) },
    { title: T('报表', 'Form'), cell: (row) => (row.form ? formWord(row.form) : '') },
    { title: T('项', 'Item'), number: true, cell: (row) => row.cell || '' },
    { title: T('年份', 'Year'), number: true, cell: (row) => row.period || '' },
    { title: T('发现', 'Finding'), long: true, cell: (row) => T(row.zh, row.en) },
];

class Board extends Component {
    state = { part: '', unit: '' };

    render({ rows, period }, { part: chosen, unit }) {
        const sorted = [...rows].sort(worst);
        const findings = sorted.flatMap((row) => row.findings.map((one) => ({ ...one, unit: row.unit, name: row.name })));
        const shown = findings.filter((one) => (!chosen || one.part === chosen) && (!unit || one.unit === unit));
        return (
            <>
                <p class="help">{T('得分是查过的各方面的平均数（0—1）；每格是“有疑问/查过”。得分是去问一问的理由，不是结论。', 'A score is the mean of the parts looked at (0 to 1); each cell is flagged/looked at. A score is a reason to ask, not a verdict.')} <Demo of={rows.some((row) => row.demonstration)} /></p>
                <Table caption={T('各单位的数据质量，低分在前', 'Data quality by unit, lowest first')} name={`quality-${period}`} rows={sorted} rowKey={(row) => row.unit} columns={scoreColumns(rows)} />
                <div class="bar">
                    <label>{T('方面', 'Part')} <select id="part" value={chosen} onChange={(event) => this.setState({ part: event.target.value })}>
                        <option value="">{T('全部', 'all')}</option>{QUALITY_PARTS.map((name) => <option key={name} value={name}>{partWord(name)}</option>)}
                    </select></label>
                    <label>{T('单位', 'Unit')} <select id="unit" value={unit} onChange={(event) => this.setState({ unit: event.target.value })}>
                        <option value="">{T('全部', 'all')}</option>{sorted.filter((row) => row.findings.length).map((row) => <option key={row.unit} value={row.unit}>{row.name}</option>)}
                    </select></label>
                </div>
                <Table caption={T(`发现 ${shown.length} 处`, `${shown.length} findings`)} name={`quality-findings-${period}`} rows={shown} columns={FINDINGS()} empty={T('没有发现', 'no findings')} />
            </>
        );
    }
}

export function Quality({ title, session, query }) {
    const period = yearOf(query);
    return (
        <section>
            <div class="title"><h1>{title} · {period}</h1><YearPicker page="quality" query={query} /></div>
            <Load key={period} load={() => api.askAll('KIND_QUALITY', { place: placeOf(session.unit), period }, 'rows')}>{(rows) => <Board rows={rows} period={period} />}</Load>
        </section>
    );
}
