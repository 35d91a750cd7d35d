// What is to be worried about, and how the office makes an assignment of it.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { T } from '../lib/i18n.js';
import { levelWord, warningWord } from '../lib/terms.js';
import { placeOf, stratumWords } from '../lib/words.js';
import { OpenOrder } from './order_form.jsx';
import { Demo, Load, Table, YearPicker, yearOf } from './parts.jsx';
import { targetText } from './wall.jsx';

const load = (place, period) => api.askWhole('KIND_WARNINGS', { place, period }, ['warnings']);

const title = (row) => `${T(row.name_zh, row.name_en)}${row.stratum ? ` · ${stratumWords(row.stratum)}` : ''}`;

class Board extends Component {
    state = { kind: '', open: null };

    columns() {
        const { office } = this.props;
        return [
            { title: T('级别', 'Level'), cell: (row) => { const { word, tone } = levelWord(row.level); return <span class={`state ${tone}`}>{word}</span>; }, text: (row) => levelWord(row.level).word },
            { title: T('种类', 'Kind'), cell: (row) => warningWord(row.kind) },
            { title: T('指标', 'Indicator'), cell: (row) => <a href={`#/indicator?code=${encodeURIComponent(row.indicator)}&year=${this.props.period}`}>{title(row)}</a>, text: title },
            { title: T('目标', 'Target'), cell: (row) => (row.target ? targetText(row) : '') },
            { title: T('自', 'Since'), number: true, cell: (row) => row.since || '' },
            { title: T('说明', 'What was seen'), long: true, cell: (row) => T(row.zh, row.en) },
            ...(office ? [{ title: T('办理', 'Do'), cell: (row) => <button type="button" class="quiet" onClick={() => this.setState({ open: row })}>{T('督办', 'Assign')}</button>, text: () => '' }] : []),
        ];
    }

    render({ answer, period, office, session, tools }, { kind, open }) {
        const kinds = [...new Set(answer.warnings.map((row) => row.kind))];
        const rows = answer.warnings.filter((row) => !kind || row.kind === kind);
        const count = (level) => answer.warnings.filter((row) => row.level === level).length;
        return (
            <>
                <p><Demo of={answer.demonstration} /> {T(`看过 ${answer.judged} 个目标；${answer.insufficient} 个因数据不足 4 年不作预测`, `${answer.judged} targets looked at; ${answer.insufficient} have too few years for a forecast`)}</p>
                <dl class="facts">{['red', 'yellow', 'notice'].map((level) => <div key={level}><dt>{levelWord(level).word}</dt><dd>{count(level)}</dd></div>)}</dl>
                {office && open && <OpenOrder key={`${open.indicator}${open.kind}${open.stratum}`} session={session} tools={tools} onClose={() => this.setState({ open: null })} about={{ plan: answer.plan, period, indicator: open.indicator, title: `${title(open)}${T('：', ': ')}${warningWord(open.kind)}`, text: T(open.zh, open.en) }} />}
                {kinds.length > 1 && <div class="bar"><label>{T('种类', 'Kind')} <select id="kind" value={kind} onChange={(event) => this.setState({ kind: event.target.value })}>
                    <option value="">{T('全部', 'all')}</option>{kinds.map((one) => <option key={one} value={one}>{warningWord(one)}</option>)}
                </select></label></div>}
                <Table caption={T('预警，重的在前', 'Warnings, the gravest first')} name={`warnings-${period}`} rows={rows} columns={this.columns()} empty={T('没有预警', 'no warnings')} />
            </>
        );
    }
}

export function Warnings({ title: heading, session, query, tools }) {
    const period = yearOf(query);
    return (
        <section>
            <div class="title"><h1>{heading} · {period}</h1><YearPicker page="warnings" query={query} /></div>
            <Load key={period} load={() => load(placeOf(session.unit), period)}>{(answer) => <Board answer={answer} period={period} office={session.role === 'office'} session={session} tools={tools} />}</Load>
        </section>
    );
}
