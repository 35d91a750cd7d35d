// What a correction after locking touches: reports, figures, targets, and whoever holds the old figures.
import * as api from '../lib/api.js';
import { T, timeText } from '../lib/i18n.js';
import { touchedWord } from '../lib/terms.js';
import { attainment, formWord, placeOf, presenceWord, stratumWords, unitWord } from '../lib/words.js';
import { Choice, Demo, Load, State, Table, YearPicker, number, yearOf } from './parts.jsx';

const NOTHING = { PRESENCE_NOT_APPLICABLE: 2, PRESENCE_NOT_COLLECTED: 3, PRESENCE_NOT_REPORTED: 4 };
const value = (presence, figure) => (presence === 'PRESENCE_VALUE' ? number(figure) : presenceWord(NOTHING[presence] || 4));

const unlockColumns = () => [
    { title: T('解锁时间', 'Opened'), cell: (row) => timeText(row.time_us) }, { title: T('单位', 'Unit'), cell: (row) => row.unit_name },
    { title: T('理由', 'Reason'), long: true, cell: (row) => row.reason },
    { title: T('再次锁定', 'Locked again'), cell: (row) => (row.locked_again === '0' ? <span class="state warn">{T('还没有', 'not yet')}</span> : timeText(row.locked_again_us)), text: (row) => timeText(row.locked_again_us) },
];

const cellColumns = () => [
    { title: T('单位', 'Unit'), cell: (row) => row.unit_name }, { title: T('报表', 'Form'), cell: (row) => formWord(row.form) },
    { title: T('项', 'Item'), number: true, cell: (row) => row.cell },
    { title: T('名称', 'Name'), cell: (row) => `${T(row.name_zh, row.name_en)}${row.stratum ? ` · ${stratumWords(row.stratum)}` : ''}` },
    { title: T('原来', 'Before'), number: true, cell: (row) => value(row.before, row.before_value) },
    { title: T('现在', 'After'), number: true, cell: (row) => value(row.after, row.after_value) },
];

const figureColumns = () => [
    { title: T('年份', 'Year'), number: true, cell: (row) => row.period },
    { title: T('指标', 'Indicator'), cell: (row) => `${T(row.name_zh, row.name_en)}${row.stratum ? ` · ${stratumWords(row.stratum)}` : ''}` },
    { title: T('原来', 'Before'), number: true, cell: (row) => `${value(row.before, row.before_value)} ${unitWord(row.unit)}` },
    { title: T('现在', 'After'), number: true, cell: (row) => `${value(row.after, row.after_value)} ${unitWord(row.unit)}` },
    { title: T('目标判断有变', 'Targets judged otherwise'), long: true, cell: (row) => row.targets.filter((target) => target.before !== target.after).map((target) => `${target.target} ${attainment(target.before).word} → ${attainment(target.after).word}`).join(T('；', '; ')) },
];

const resultColumns = () => [
    { title: T('种类', 'Kind'), cell: (row) => touchedWord(row.what) }, { title: T('单位', 'Unit'), cell: (row) => row.unit_name },
    { title: T('内容', 'What'), cell: (row) => [row.form && formWord(row.form), row.detail].filter(Boolean).join(' · ') },
    { title: T('时间', 'Time'), cell: (row) => timeText(row.time_us) }, { title: T('版本', 'Revision'), number: true, cell: (row) => row.revision || '' },
    { title: T('现在的状态', 'State now'), cell: (row) => (row.state === 'STATE_UNSPECIFIED' ? '' : <State state={row.state} />), text: (row) => row.state },
];

function Body({ answer, query }) {
    const { period } = answer;
    if (!answer.unlocks.length) return <p class="empty">{T('这一年锁定后没有再解锁过，没有受影响的结果。', 'This year was not opened again after locking: nothing is affected.')}</p>;
    const cells = answer.reports.flatMap((report) => report.cells.map((cell) => ({ ...cell, unit_name: report.unit_name, form: report.form })));
    return (
        <>
            <div class="bar"><Choice page="affected" query={query} name="unlocking" label={T('看哪一次解锁', 'Which opening')} otherwise={answer.unlocking} options={answer.unlocks.map((row) => [row.batch, timeText(row.time_us)])} /> <Demo of={answer.demonstration} /></div>
            {answer.cut && <p class="notice warn">{T('内容太多，没有全部列出；请按乡镇查看', 'not all of it fitted: ask place by place')}</p>}
            <Table caption={T('解锁', 'Openings after locking')} name={`unlocks-${period}`} rows={answer.unlocks} columns={unlockColumns()} />
            <Table caption={T('发布后改变的指标', 'Indicators that changed')} name={`affected-figures-${period}`} rows={answer.indicators} columns={figureColumns()} empty={T('没有指标改变', 'no indicator changed')} />
            <Table caption={T('用了原来的数的材料', 'What holds the old figures')} name={`affected-results-${period}`} rows={answer.results} columns={resultColumns()} empty={T('没有用了原来的数的材料', 'nothing holds the old figures')} />
            <Table caption={T('改变的数', 'Figures that changed')} name={`affected-cells-${period}`} rows={cells} columns={cellColumns()} empty={T('没有报表的数改变', 'no reported figure changed')} />
        </>
    );
}

export function AffectedResults({ title, session, query }) {
    const period = yearOf(query);
    return (
        <section>
            <div class="title"><h1>{title} · {period}</h1><YearPicker page="affected" query={{ year: query.year || '' }} /></div>
            <p class="help">{T('锁定的年度可能已经发布。解锁更正后，这里列出哪些数变了，谁手里还是原来的数。', 'A locked year may have been published. After a correction this lists what changed, and who still holds the old figures.')}</p>
            <Load key={`${period}${query.unlocking}`} load={() => api.ask('KIND_AFFECTED', { place: placeOf(session.unit), period, unlocking: query.unlocking || '0' })}>{(answer) => <Body answer={answer} query={query} />}</Load>
        </section>
    );
}
