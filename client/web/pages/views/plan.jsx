// The plan: its targets, indicators and definitions, what to mind in them, and changes that are checked before the
// administrator signs them. Statistics prepares a change and saves its files; the administrator opens them and imports.
import { Component } from 'preact';
import { T, timeText } from '../lib/i18n.js';
import { EDITED, checkChanged, findingsBeside, importOf, loadPlan } from '../lib/plan_files.js';
import { readTable, writeTable } from '../lib/csv.js';
import * as drafts from '../lib/drafts.js';
import { KIND } from '../lib/proof.js';
import * as store from '../lib/store.js';
import { severityWord } from '../lib/terms.js';
import { domainWord, scopeWord, stratumWords, unitWord } from '../lib/words.js';
import { EditRow } from './plan_edit.jsx';
import { Load, Signer, Table, saveFile } from './parts.jsx';
import { targetText } from './wall.jsx';

const PARTS = () => [['findings', T('须留意之处', 'findings')], ['targets', T('目标', 'targets')], ['indicators', T('指标', 'indicators')], ['definitions', T('口径变更', 'definitions')]];

export const findingColumns = () => [
    { title: T('程度', 'Severity'), cell: (row) => { const { word, tone } = severityWord(row.severity); return <span class={`state ${tone}`}>{word}</span>; }, text: (row) => severityWord(row.severity).word },
    { title: T('类别', 'Kind'), cell: (row) => T(row.kind_zh, row.kind.replace(/-/g, ' ')) },
    { title: T('发现', 'Finding'), long: true, cell: (row) => T(row.zh, row.en) },
    { title: T('目标', 'Targets'), cell: (row) => row.targets || row.subject },
];

const indicatorName = (indicators, code) => (indicators[code] ? T(indicators[code].name_zh, indicators[code].name_en) : code);
const based = (row) => (row.base_year || row.base_value ? `${row.base_year} ${row.base_value}`.trim() : '');

function targetColumns(indicators, edit) {
    return [
        { title: T('代码', 'Code'), cell: (row) => row.target },
        { title: T('指标', 'Indicator'), cell: (row) => `${indicatorName(indicators, row.indicator)}${row.stratum ? ` · ${stratumWords(row.stratum)}` : ''}` },
        { title: T('目标', 'Target'), cell: (row) => targetText({ ...row, op: row.operator }) },
        { title: T('范围', 'Scope'), cell: (row) => scopeWord(row.scope) },
        { title: T('基期', 'Base'), cell: based },
        { title: T('原文', 'Quote'), long: true, cell: (row) => <><span class="help">{row.section}</span> {row.quote}</>, text: (row) => `${row.section} ${row.quote}` },
        ...(edit ? [{ title: T('办理', 'Do'), cell: (row) => <button type="button" class="quiet" aria-label={`${T('修改', 'Edit')} ${row.target}`} onClick={() => edit(row)}>{T('修改', 'Edit')}</button>, text: () => '' }] : []),
    ];
}

const indicatorColumns = () => [
    { title: T('代码', 'Code'), cell: (row) => row.indicator }, { title: T('名称', 'Name'), cell: (row) => T(row.name_zh, row.name_en) },
    { title: T('领域', 'Domain'), cell: (row) => domainWord(row.domain) }, { title: T('单位', 'Unit'), cell: (row) => unitWord(row.unit) },
    { title: T('分子', 'Numerator'), cell: (row) => row.numerator }, { title: T('分母', 'Denominator'), cell: (row) => row.denominator },
    { title: T('说明', 'Note'), long: true, cell: (row) => row.note_zh },
];

const ASPECTS = { definition: ['定义', 'definition'], denominator: ['分母', 'denominator'], source: ['来源', 'source'] };
const aspectWord = (aspect) => (ASPECTS[aspect] ? T(...ASPECTS[aspect]) : aspect);

function definitionColumns(indicators, edit) {
    return [
        { title: T('指标', 'Indicator'), cell: (row) => indicatorName(indicators, row.indicator) }, { title: T('自哪年', 'From'), number: true, cell: (row) => row.from_year },
        { title: T('哪方面', 'Aspect'), cell: (row) => aspectWord(row.aspect) }, { title: T('说明', 'What changed'), long: true, cell: (row) => T(row.text_zh, row.text_en) },
        { title: T('办理', 'Do'), cell: (row) => (edit && row.own ? <button type="button" class="quiet" onClick={() => edit(row.own)}>{T('修改', 'Edit')}</button> : T('各规划共用', 'of all plans')), text: () => '' },
    ];
}

// What was changed, checked, saved, or signed.
class Changes extends Signer {
    async check() {
        const { plan, tables } = this.props;
        this.setState({ busy: true, error: null });
        try {
            this.setState({ verdict: await checkChanged(plan.checked.plan, tables), of: tables });
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false });
    }

    put() {
        const { plan, tables, tools, reload } = this.props;
        this.sign(KIND.PLAN, importOf(plan.checked, tables), `${T('导入规划', 'import the plan')} ${plan.checked.plan}`, () => {
            tools.say(T('规划已导入，有回执', 'plan imported, receipted'));
            this.props.onDrop();
            reload();
        });
    }

    render({ plan, tables, admin, onDrop }, { busy, verdict, of }) {
        const fresh = verdict && of === tables;
        const added = fresh ? findingsBeside(verdict.findings, plan.checked.findings) : [];
        const gone = fresh && !verdict.problems.length ? findingsBeside(plan.checked.findings, verdict.findings).length : 0;
        return (
            <div class="card" id="changes">
                <h2>{T('改动', 'Changes')}{T('：', ': ')}{Object.keys(tables).map((name) => EDITED[name].file).join(T('、', ', '))}</h2>
                {fresh && verdict.problems.length > 0 && <div class="notice bad" role="alert">{verdict.problems.map((problem, index) => <p key={index}>{problem.field}{T('：', ': ')}{T(problem.zh, problem.en)}</p>)}</div>}
                {fresh && !verdict.problems.length && <p class="notice good">{T(`文件没有错误；新的须留意之处 ${added.length} 处，消除 ${gone} 处`, `no errors in the files; ${added.length} new findings, ${gone} gone`)}</p>}
                {added.length > 0 && <Table caption={T('新的须留意之处', 'New findings')} rows={added} columns={findingColumns()} />}
                {this.outcome()}
                <div class="bar">
                    <button type="button" class={fresh ? '' : 'main'} disabled={busy} onClick={() => this.check()}>{T('检查改动', 'Check the changes')}</button>
                    {Object.keys(tables).map((name) => <button key={name} type="button" onClick={() => saveFile(EDITED[name].file, writeTable(tables[name]), 'text/csv')}>{T(`保存 ${EDITED[name].file}`, `Save ${EDITED[name].file}`)}</button>)}
                    {admin && <button type="button" class={fresh ? 'main' : ''} disabled={busy || !fresh || verdict.problems.length > 0} onClick={() => this.put()}>{T('签名导入', 'Sign and import')}</button>}
                    <button type="button" onClick={onDrop}>{T('放弃改动', 'Drop them')}</button>
                </div>
                {!admin && <p class="help">{T('规划由管理员签名导入：保存文件交给管理员，在同一页打开、检查、签名。', 'The administrator signs imports: save the file for them to open, check and sign on this page.')}</p>}
            </div>
        );
    }
}

class Board extends Component {
    state = { tables: {}, row: null, name: '', part: 'targets', kept: null, other: null };

    // What was changed here before and not imported yet, sealed as drafts of forms are.
    async componentDidMount() {
        const row = await store.get('draft', this.key()).catch(() => null);
        if (row) this.setState({ kept: row.at });
    }

    key() {
        return `${this.props.session.unit}/plan/${this.props.plan.checked.plan}`;
    }

    async takeUp() {
        const { tools, plan } = this.props;
        const stored = await tools.withKeys((keys) => drafts.read(keys, this.key())).catch(() => null);
        if (!stored) return;
        if (stored.locked) tools.say(T('草稿由另一把密钥加密，打不开', 'the draft was sealed under another key and cannot be opened'));
        else this.setState({ tables: stored.draft.tables, kept: null, other: stored.draft.of === plan.checked.id ? null : stored.draft.of });
    }

    // At every change; two windows do not overwrite each other: the later one is put aside and said so.
    async keep(tables) {
        const { tools, plan } = this.props;
        if (!Object.keys(tables).length) return drafts.forget(this.key());
        try {
            const done = await tools.withKeys(async (keys) => {
                const stored = await drafts.read(keys, this.key());
                return drafts.write(keys, this.key(), { tables, of: plan.checked.id }, this.version === undefined && stored ? stored.version : this.version || 0);
            });
            if (done.other) return tools.say(T('另一窗口也在改规划：这里的改动已另存，请只用一个窗口', 'another window is editing the plan too: this one’s changes are put aside, use one window'));
            this.version = done.version;
            return this.setState({ saved: done.at });
        } catch (error) {
            return tools.say(T('改动没有存下（密钥没有打开）：离开本页就没有了', 'the changes are not kept (the keys were not opened): leaving the page loses them'));
        }
    }

    set(tables) {
        this.setState({ row: null, tables, kept: null });
        return this.keep(tables);
    }

    table(name) {
        return this.state.tables[name] || this.props.plan[name];
    }

    // Puts a row in the place of another, behind all (no other), or takes it away (no row).
    change(name, old, row) {
        const table = this.table(name);
        const rows = old ? table.rows.map((one) => (one === old ? row : one)).filter(Boolean) : [...table.rows, row];
        return this.set({ ...this.state.tables, [name]: { ...table, rows } });
    }

    async open(event) {
        const [file] = event.target.files;
        const name = Object.keys(EDITED).find((one) => file && EDITED[one].file === file.name);
        if (!name) return this.props.tools.say(T('请选 targets.csv 或 definitions.csv', 'choose targets.csv or definitions.csv'));
        const table = readTable(await file.text());
        return this.set({ ...this.state.tables, [name]: table });
    }

    renderPart(part, may) {
        const { plan } = this.props;
        const edit = may ? (name) => (row) => this.setState({ name, row }) : () => null;
        const add = (name, blank, word) => may && <button type="button" onClick={() => this.setState({ name, row: { ...blank, added: '1' } })}>{word}</button>;
        if (part === 'targets')
            return <>
                {add('targets', { scope: 'local', year_basis: 'explicit', operator: '>=' }, T('添一个目标', 'Add a target'))}
                <Table caption={T('目标', 'Targets')} name={`${plan.checked.plan}-targets`} rows={this.table('targets').rows} columns={targetColumns(plan.indicators, edit('targets'))} />
            </>;
        if (part === 'indicators') return <Table caption={T('指标', 'Indicators')} name={`${plan.checked.plan}-indicators`} rows={plan.list.filter((row) => this.table('targets').rows.some((target) => target.indicator === row.indicator))} columns={indicatorColumns()} />;
        if (part === 'definitions')
            return <>
                {add('definitions', { aspect: 'definition' }, T('添一条口径变更', 'Add a change of definition'))}
                <Table caption={T('口径变更：以前的数不与以后的比', 'Changes of definition: earlier figures are not compared with later ones')} name={`${plan.checked.plan}-definitions`} rows={[...plan.shared, ...this.table('definitions').rows.map((row) => ({ ...row, own: row }))]} columns={definitionColumns(plan.indicators, edit('definitions'))} empty={T('没有', 'none')} />
            </>;
        return <Table caption={T('规划中须留意之处', 'What to mind in the plan')} name={`${plan.checked.plan}-findings`} rows={plan.checked.findings} columns={findingColumns()} empty={T('没有发现', 'no findings')} />;
    }

    render({ plan, session, tools, reload }, { tables, row, name, part, kept, saved, other }) {
        const { checked } = plan;
        const may = session.role === 'statistics' || session.role === 'admin';
        const count = (severity) => checked.findings.filter((one) => one.severity === severity).length;
        return (
            <>
                <p>{T(checked.name_zh, checked.name_en)} · {T('导入于', 'imported')} {timeText(checked.imported_us)} · {T(`目标 ${plan.targets.rows.length} 个`, `${plan.targets.rows.length} targets`)} · {T('须留意', 'to mind')}{T('：', ': ')}{['high', 'medium', 'low'].map((one) => `${severityWord(one).word} ${count(one)}`).join(T('、', ', '))}</p>
                <div class="bar">
                    <label>{T('看', 'Show')} <select id="shown" value={part} onChange={(event) => this.setState({ part: event.target.value })}>{PARTS().map(([value, word]) => <option key={value} value={value}>{word}</option>)}</select></label>
                    {may && <label class="button">{T('打开改好的文件', 'Open a changed file')} <input type="file" accept=".csv" class="hidden" onChange={(event) => this.open(event)} /></label>}
                </div>
                {may && kept && <p class="notice warn" id="plan-kept">{T(`本机存有还没有导入的改动（${timeText(kept * 1000)}）`, `changes that are not imported yet are kept here (${timeText(kept * 1000)})`)} <button type="button" onClick={() => this.takeUp()}>{T('接着改', 'Go on with them')}</button> <button type="button" onClick={() => this.set({})}>{T('丢掉', 'Drop them')}</button></p>}
                {other && <p class="notice warn">{T('这些改动是在另一版规划上做的：之后规划又导入过，请对照后再用', 'these changes were made on another version of the plan, which has been imported anew since: compare before you use them')}</p>}
                {row && <EditRow key={`${name}${row.target || row.indicator}`} name={name} row={row} list={plan.list} onClose={() => this.setState({ row: null })} onSave={(now) => this.change(name, row.added ? null : row, now)} onRemove={() => this.change(name, row, null)} />}
                {Object.keys(tables).length > 0 && <Changes plan={plan} tables={tables} admin={session.role === 'admin'} tools={tools} reload={reload} onDrop={() => this.set({})} />}
                {saved && Object.keys(tables).length > 0 && <p class="help" id="plan-saved">{T('改动已加密存在本机，关了网页也在', 'the changes are sealed on this computer and outlive the page')}</p>}
                {this.renderPart(part, may && !kept)}
            </>
        );
    }
}

export function Plan({ title, session, query, tools }) {
    return (
        <section>
            <h1>{title}</h1>
            <Load load={() => loadPlan(query.plan)}>{(plan, reload) => <Board key={plan.checked.id} plan={plan} session={session} tools={tools} reload={reload} />}</Load>
        </section>
    );
}
