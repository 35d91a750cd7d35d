// Filling in one form: typed, checked, kept as a sealed draft at every change, signed, sent.
import { Component } from 'preact';
import * as drafts from '../lib/drafts.js';
import { loadEntry } from '../lib/entry_load.js';
import { ask, checkForm, readChecks, readEntry, readRates } from '../lib/form_rules.js';
import { T, problemText } from '../lib/i18n.js';
import { KIND } from '../lib/proof.js';
import { SETTLED, deliver, keep, sign } from '../lib/records.js';
import { makeReport } from '../lib/reports.js';
import { Sheets } from './entry_sheet.jsx';
import { Asides, Conflict, Explanations, People, Rates, Result, clock } from './entry_parts.jsx';
import { CellComments, byCell } from './entry_comments.jsx';
import { Grid, spread } from './grid.jsx';
import { Failure, Load, State, yearOf } from './parts.jsx';
import { Due, isOpen } from './tasks.jsx';

const SAVE_MS = 300;

class Editor extends Component {
    constructor(props) {
        super();
        const { value } = props;
        this.checks = readChecks(value.sheet);
        this.rates = readRates(this.checks);
        this.past = { history: value.history, sums: value.sums, phrases: value.phrases };
        this.version = value.version;
        this.remarks = byCell(value.comments || []);
        this.state = { remark: 0, draft: value.draft, aside: value.aside, problems: {}, tried: false, saved: value.savedAt ? T(`草稿 ${clock(value.savedAt)} 存在本机`, `draft of ${clock(value.savedAt)}, kept here`) : '',
            error: null, result: value.signed, conflict: null, busy: false, asked: [], years: false };
        this.paste = this.paste.bind(this);
        this.change = this.change.bind(this);
    }

    componentDidMount() {
        // what was waiting goes when the network returns
        this.sent = ({ detail }) => {
            const { result } = this.state;
            if (result && result.id === detail.id && detail.state !== 'waiting') this.settle(detail);
        };
        addEventListener(SETTLED, this.sent);
        this.unwatch = drafts.watch(this.props.value.key, () => this.otherSaved());
        // a window that closes or is put away at once
        this.hidden = () => { if (this.timer) this.save(); };
        document.addEventListener('visibilitychange', this.hidden);
        addEventListener('pagehide', this.hidden);
    }

    componentWillUnmount() {
        removeEventListener(SETTLED, this.sent);
        document.removeEventListener('visibilitychange', this.hidden);
        removeEventListener('pagehide', this.hidden);
        this.unwatch();
        if (this.timer) this.save();
        this.gone = true;
    }

    edit(changes) {
        if (this.told) this.props.tools.say('');
        this.told = false;
        this.setState(({ draft }) => ({ draft: { ...draft, ...changes(draft) }, result: null, saved: T('正在存…', 'keeping…') }));
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.save(), SAVE_MS);
    }

    async save() {
        const { value, keys } = this.props;
        clearTimeout(this.timer);
        this.timer = null;
        try {
            const done = await drafts.write(keys, value.key, this.state.draft, this.version);
            if (done.other) {
                this.setState({ conflict: done.other, saved: T('草稿已另存一份', 'draft kept beside the other') });
                return;
            }
            this.version = done.version;
            if (!this.timer) this.setState({ saved: T(`草稿已存在本机（加密）${clock(done.at)}`, `draft kept on this computer (sealed) ${clock(done.at)}`) });
        } catch (error) {
            const saved = T('草稿没有存下：本机存储空间不足或被禁用，请不要关闭窗口', 'the draft could not be kept: no room, or storage is forbidden; do not close this window');
            this.setState({ saved });
            this.props.tools.say(saved);
        }
    }

    // Another window has just saved this draft.
    async otherSaved() {
        const { value, keys } = this.props;
        const other = await drafts.read(keys, value.key);
        if (this.gone || !other || other.version <= this.version) return;
        if (other.draft && drafts.differences(this.state.draft, other.draft) === 0) this.version = other.version;
        else this.setState({ conflict: other });
    }

    // Goes on with one of two drafts, the other is put aside.
    async choose(which) {
        const { conflict, draft } = this.state;
        const { value, keys } = this.props;
        const lost = which === 'mine' ? conflict.draft : draft;
        if (lost) await drafts.setAside(keys, value.key, lost);
        this.version = conflict.version;
        this.setState({ conflict: null, draft: which === 'mine' ? draft : conflict.draft, aside: await drafts.asides(keys, value.key) }, () => this.edit(() => ({})));
    }

    async takeBack(one) {
        const { value, keys } = this.props;
        await drafts.setAside(keys, value.key, this.state.draft);
        this.setState({ draft: { ...this.state.draft, ...one.draft }, aside: await drafts.asides(keys, value.key) }, () => this.edit(() => ({})));
    }

    change(cell, entry, typed) {
        const shown = typed === undefined || entry.presence !== 1 ? entry : { ...entry, text: typed };
        this.edit(({ values }) => ({ values: { ...values, [cell.cell]: shown } }));
    }

    paste(event, cell) {
        const text = event.clipboardData.getData('text');
        if (!/[\t\n]/.test(text.replace(/\r?\n$/, ''))) return;
        event.preventDefault();
        const { filled, lost } = spread(this.props.value.sheet, cell, text);
        this.edit(({ values }) => {
            const next = { ...values };
            for (const [target, value] of filled) next[target.cell] = readEntry(target, value);
            return { values: next };
        });
        this.props.tools.say(lost ? T(`已粘贴 ${filled.length} 格，另有 ${lost} 格超出表格，未粘贴`, `${filled.length} cells pasted; ${lost} fell outside the form`)
            : T(`已粘贴 ${filled.length} 格`, `${filled.length} cells pasted`));
    }

    // What a filled-in spreadsheet holds goes into the draft; what could not be read is said at its cell.
    take({ figures, explanations, filler, reviewer, principal, problems }) {
        const { sheet } = this.props.value;
        const wrong = {};
        for (const problem of problems) if (problem.cell) wrong[problem.cell] = `${problem.field} ${problemText(problem)}`;
        this.edit((draft) => {
            const values = { ...draft.values };
            const words = { ...draft.explanations };
            for (const { cell, presence, value } of figures) values[cell] = { presence, value, text: presence === 1 ? String(value) : '' };
            for (const cell of Object.keys(wrong)) values[cell] = { presence: 0, value: 0, text: '' };
            for (const { cell, text } of explanations) words[cell] = text;
            return { values, explanations: words, filler: filler || draft.filler, principal: principal || draft.principal, note: draft.note || (reviewer ? `审核人：${reviewer}` : '') };
        });
        this.setState({ problems: wrong });
        const first = sheet.cells.find((cell) => wrong[cell.cell]);
        if (first) setTimeout(() => { const target = document.getElementById(`cell-${first.cell}`); if (target) target.focus(); }, 0);
    }

    check() {
        const { draft, asked } = this.state;
        const found = checkForm(this.props.value.sheet, this.checks, draft.values, draft.explanations, this.past, this.props.period);
        // what the aggregator asked about when it refused the report
        for (const problem of asked) ask(found, draft.explanations, problem);
        return found;
    }

    // Cells at fault: those of broken rules too, named by the rule's sentence.
    problems(found) {
        const problems = {};
        for (const [cell, text] of Object.entries(found.cells))
            if (this.state.tried || text !== T('必填', 'required')) problems[cell] = text;
        for (const rule of found.hard)
            for (const cell of rule.cells) if (!problems[cell]) problems[cell] = rule.text;
        return { ...problems, ...this.state.problems };
    }

    // The place of the first thing that keeps the report from being sent, or null.
    obstacle(found) {
        const first = Object.keys(found.cells)[0] || (found.hard[0] && found.hard[0].at);
        const unexplained = found.soft.find((rule) => !rule.explained);
        if (first) return { id: `cell-${first}`, text: T('还有错误，已标在格子里', 'there are errors, marked at their cells') };
        return unexplained ? { id: `explain-${unexplained.at}`, text: T('请先说明', 'please explain first') } : null;
    }

    async submit() {
        const { value, session, keys, site, tools, period } = this.props;
        const obstacle = this.obstacle(this.check());
        this.setState({ tried: true, error: null, problems: {} });
        if (obstacle) {
            tools.say(obstacle.text);
            this.told = true;
            setTimeout(() => { const target = document.getElementById(obstacle.id); if (target) target.focus(); }, 0);
            return;
        }
        this.setState({ busy: true });
        try {
            await this.save();
            if (this.state.conflict) throw new Error(T('请先选定用哪一份草稿', 'choose first which draft to go on with'));
            const fields = makeReport(value.sheet, { unit: session.unit, period, revision: value.report ? value.report.revision + 1 : 1, demonstration: site.demonstration, draft: this.state.draft });
            const item = await keep(sign(KIND.REPORT, fields, keys), { form: value.sheet.form, period, text: `${T(value.sheet.title_zh, value.sheet.title_en)} ${period}` }, keys.pins);
            await drafts.forget(value.key);
            this.version = 0;
            this.setState({ aside: [], saved: '' });
            this.settle(await deliver(item));
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false });
    }

    // What became of it; a refused report is a draft again, with the errors at their cells.
    async settle(item) {
        const problems = {};
        const told = item.state === 'refused' ? [item.error.problem, ...item.error.more].filter((problem) => problem.cell) : [];
        for (const problem of told) problems[problem.cell] = problemText(problem);
        if (item.state === 'refused') await this.save();
        const asked = told.filter((problem) => problem.field === 'explanations')
            .map((problem) => ({ name: `asked-${problem.cell}`, cells: [problem.cell], at: problem.cell, text: T(`第${problem.cell}项：`, `item ${problem.cell}: `) + problemText(problem) }));
        this.setState({ result: item, problems, asked });
        const place = document.getElementById('result');
        if (place) place.focus(); // the page may have been left meanwhile
    }

    renderHead({ value, period }) {
        const { sheet, report, keptAt, locked } = value;
        return (
            <>
                <div class="title"><h1>{T(sheet.title_zh, sheet.title_en)} · {period}</h1>{report && <State state={report.state} />}</div>
                <p class="help">{T('表号', 'Form')} {sheet.number} · {T('制表机关', 'Issued by')} {sheet.authority} · {T('截止', 'Due')} <Due row={value} period={period} open={isOpen(report && report.state)} /> · {T('有效期至', 'Valid until')} {sheet.valid_until}</p>
                {report && report.state === 'STATE_RETURNED' && <p class="notice bad">{T('已退回：', 'Returned: ')}{(report.steps.filter((step) => step.state === 'STATE_RETURNED').pop() || {}).reason}</p>}
                {keptAt > 0 && <p class="notice warn">{T(`网络不通，用的是本机 ${clock(keptAt)} 存下的表。`, `No network: this is the form as it was kept here at ${clock(keptAt)}.`)}</p>}
                {locked && <p class="notice bad">{T('本机有这张表的一份草稿，是用另一把密钥加密的，这里打不开；再填时由新草稿代替。', 'A draft of this form is kept here, sealed under another key: it cannot be opened, and what is typed now replaces it.')}</p>}
            </>
        );
    }

    render({ value, period, session, tools }, { remark, draft, saved, error, busy, conflict, result, tried, aside, years }) {
        const found = this.check();
        const count = Object.keys(found.cells).length + found.hard.length;
        return (
            <section>
                {this.renderHead(this.props)}
                {conflict && <Conflict conflict={conflict} draft={draft} onChoose={(which) => this.choose(which)} />}
                {value.history.length > 0 && (
                    <p class="row"><button type="button" class="quiet" aria-pressed={years} onClick={() => this.setState({ years: !years })}>{T(`显示往年（${value.history.length} 年）`, `Show earlier years (${value.history.length})`)}</button></p>
                )}
                <Sheets form={value.sheet.form} period={period} onTake={(taken) => this.take(taken)} />
                <Grid sheet={value.sheet} values={draft.values} history={value.history} last={period - 1} years={years} problems={this.problems(found)} onChange={this.change} onPaste={this.paste} remarks={this.remarks} onRemark={(cell) => this.setState({ remark: cell })} />
                {remark > 0 && <CellComments key={remark} cell={value.sheet.cells.find((one) => one.cell === remark)} sheet={value.sheet} period={period} session={session} tools={tools} onClose={() => this.setState({ remark: 0 })} />}
                {found.hard.map((rule) => <p key={rule.name} class="notice bad">{rule.text}</p>)}
                <Rates rates={this.rates} values={draft.values} />
                <Explanations soft={found.soft} texts={draft.explanations} tried={tried} onText={(at, text) => this.edit(({ explanations }) => ({ explanations: { ...explanations, [at]: text } }))} />
                <People draft={draft} onText={(name, text) => this.edit(() => ({ [name]: text }))} />
                <div id="result" tabIndex={-1} aria-live="polite"><Result result={result} tools={tools} /><Failure error={error} /></div>
                <div class="bar">
                    <button type="button" class="main" disabled={busy} onClick={() => this.submit()}>{busy ? T('正在报送…', 'sending…') : T('签名并报送', 'Sign and report')}</button>
                    <span id="saved" class="help">{saved}</span>
                    {count > 0 && <span class="help">{T(`还有 ${count} 处未填或有误`, `${count} still to fill in or correct`)}</span>}
                </div>
                <Asides aside={aside} onTake={(one) => this.takeBack(one)} />
            </section>
        );
    }
}

export function Entry({ session, site, query, tools }) {
    const period = yearOf(query);
    // the draft is sealed: the keys are opened first
    const load = () => tools.withKeys(async (keys) => ({ keys, ...await loadEntry(session, keys, query.form, period) }));
    return (
        <Load load={load}>{(value) => (value.sheet
            ? <Editor value={value} keys={value.keys} session={session} site={site} period={period} tools={tools} />
            : <p class="empty">{T('本单位没有这张报表', 'this unit has no such form')}</p>)}</Load>
    );
}
