// Filling in one form: typed, checked, kept as a draft at every change, signed, sent.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { random, hex } from '../lib/bytes.js';
import { ask, checkForm, rateOf, readChecks, readEntry, readRates } from '../lib/form_rules.js';
import { T, problemText } from '../lib/i18n.js';
import { KIND } from '../lib/proof.js';
import { SETTLED, deliver, keep, list, sign } from '../lib/records.js';
import { fetchReport, makeReport } from '../lib/reports.js';
import * as store from '../lib/store.js';
import { Grid, spread } from './grid.jsx';
import { Failure, Load, State, number, yearOf } from './parts.jsx';
import { dueText, newest } from './tasks.jsx';
import { Proof } from './track.jsx';
import { base64 } from '../lib/bytes.js';

const SAVE_MS = 300;
const EMPTY = { values: {}, explanations: {}, filler: '', principal: '', note: '' };
const TAB = hex(random(8));

async function figuresOf(session, reports, form) {
    const report = newest(reports, 'RECORD_REPORT', form);
    return report ? fetchReport(session.unit, report.id) : null;
}

async function load(session, form, period) {
    const key = `${session.unit}/${form}/${period}`;
    const [{ forms }, reports, earlier, draft, mine] = await Promise.all([
        api.ask('KIND_GET_FORM', { form }), api.askAll('KIND_TRACK', { form, period }, 'reports'),
        api.askAll('KIND_TRACK', { form, period: period - 1 }, 'reports'), store.get('draft', key), list(session.unit),
    ]);
    const [now, last] = await Promise.all([figuresOf(session, reports, form), figuresOf(session, earlier, form)]);
    const history = last ? [{ period: period - 1, values: last.values }] : [];
    const sheet = forms[0];
    const waiting = mine.find((item) => item.kind === KIND.REPORT && item.state === 'waiting' && item.label.form === form && item.label.period === period);
    const start = now ? { ...EMPTY, values: now.values, explanations: now.explanations, filler: now.report.filler, principal: now.report.principal, note: now.report.note } : EMPTY;
    return { key, sheet, report: newest(reports, 'RECORD_REPORT', form), history, before: last && last.values, draft: draft || { key, ...start }, waiting };
}

class Editor extends Component {
    constructor(props) {
        super();
        const { value } = props;
        this.checks = readChecks(value.sheet);
        this.rates = readRates(this.checks);
        this.version = value.draft.version || 0;
        this.state = { draft: value.draft, problems: {}, tried: false, saved: '', error: null, result: value.waiting || null, conflict: null, busy: false, asked: [] };
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
    }

    componentWillUnmount() {
        removeEventListener(SETTLED, this.sent);
        if (this.timer) this.save();
    }

    edit(changes) {
        this.setState(({ draft }) => ({ draft: { ...draft, ...changes(draft) }, result: null, saved: '' }));
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.save(), SAVE_MS);
    }

    // Another tab may hold the same draft: the later one does not overwrite what it has not seen.
    async save() {
        clearTimeout(this.timer);
        this.timer = null;
        try {
            const stored = await store.get('draft', this.props.value.key);
            if (stored && stored.tab !== TAB && (stored.version || 0) > this.version) {
                this.setState({ conflict: stored });
                return;
            }
            this.version = Math.max(this.version, (stored && stored.version) || 0) + 1;
            await store.put('draft', { ...this.state.draft, tab: TAB, version: this.version });
            this.setState({ saved: T('草稿已存', 'draft kept') });
        } catch (error) {
            this.setState({ saved: T('草稿没有存下：本机存储空间不足或被禁用', 'the draft could not be kept: no room, or storage is forbidden') });
        }
    }

    resolve(draft) {
        this.version = (this.state.conflict.version || 0) + 1;
        this.setState({ conflict: null, draft: { ...draft } }, () => this.edit(() => ({})));
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

    check() {
        const { draft, asked } = this.state;
        const { sheet, history } = this.props.value;
        const found = checkForm(sheet, this.checks, draft.values, draft.explanations, history, this.props.period);
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

    async submit() {
        const { value, session, site, tools, period } = this.props;
        const found = this.check();
        const unexplained = found.soft.filter((rule) => !rule.explained);
        this.setState({ tried: true, error: null, problems: {} });
        const first = Object.keys(found.cells)[0] || (found.hard[0] && found.hard[0].at);
        if (first || unexplained.length) {
            const target = document.getElementById(first ? `cell-${first}` : `explain-${unexplained[0].at}`);
            tools.say(first ? T('还有错误，已标在格子里', 'there are errors, marked at their cells') : T('请先说明', 'please explain first'));
            setTimeout(() => target && target.focus(), 0);
            return;
        }
        this.setState({ busy: true });
        try {
            await this.save();
            const item = await tools.withKeys(async (keys) => {
                const fields = makeReport(value.sheet, { unit: session.unit, period, revision: value.report ? value.report.revision + 1 : 1, demonstration: site.demonstration, draft: this.state.draft });
                return keep(sign(KIND.REPORT, fields, keys), { form: value.sheet.form, period, text: `${T(value.sheet.title_zh, value.sheet.title_en)} ${period}` }, keys.pins);
            });
            await store.remove('draft', value.key);
            this.settle(await deliver(item));
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false });
    }

    // What became of it; a refused report is a draft again, with the errors at their cells.
    async settle(item) {
        const problems = {};
        if (item.state === 'refused') {
            for (const problem of [item.error.problem, ...item.error.more])
                if (problem.cell) problems[problem.cell] = problemText(problem);
            await this.save();
        }
        const asked = item.state !== 'refused' ? [] : [item.error.problem, ...item.error.more].filter((problem) => problem.cell && problem.field === 'explanations')
            .map((problem) => ({ name: `asked-${problem.cell}`, cells: [problem.cell], at: problem.cell, text: T(`第${problem.cell}项：`, `item ${problem.cell}: `) + problemText(problem) }));
        this.setState({ result: item, problems, asked });
        const place = document.getElementById('result');
        if (place) place.focus(); // the page may have been left meanwhile
    }

    renderRates() {
        const rows = this.rates.map((rate) => ({ rate, value: rateOf(rate, this.state.draft.values) })).filter((row) => row.value !== null);
        if (!rows.length) return null;
        return (
            <aside class="card" aria-live="off">
                <h2>{T('按所填算出的比率', 'Rates made from what is typed')}</h2>
                <dl class="rates">{rows.map(({ rate, value }) => (
                    <div key={rate.zh}><dt>{T(rate.zh, rate.en)}</dt><dd>{number(value * 100, 2)}%</dd></div>
                ))}</dl>
            </aside>
        );
    }

    renderExplanations(found) {
        if (!found.soft.length) return null;
        return (
            <section class="card">
                <h2>{T('须说明的情况', 'To be explained')}</h2>
                <p class="help">{T('写明原因，至少8个字；“情况属实”一类的套话会被退回。', 'Give the reason in 8 characters or more; phrases that say nothing are refused.')}</p>
                {found.soft.map((rule) => (
                    <div class="field" key={rule.name}>
                        <label htmlFor={`explain-${rule.at}`}>{rule.text}</label>
                        <textarea id={`explain-${rule.at}`} rows={2} maxLength={600} value={this.state.draft.explanations[rule.at] || ''}
                            onInput={(event) => { const { value } = event.target; this.edit(({ explanations }) => ({ explanations: { ...explanations, [rule.at]: value } })); }} />
                    </div>
                ))}
            </section>
        );
    }

    renderPeople() {
        const field = (name, label) => (
            <div class="field"><label htmlFor={name}>{label}</label>
                <input id={name} maxLength={60} value={this.state.draft[name]} onInput={(event) => { const { value } = event.target; this.edit(() => ({ [name]: value })); }} /></div>
        );
        return <div class="people">{field('filler', T('填表人', 'Filled in by'))}{field('principal', T('负责人', 'Principal'))}{field('note', T('备注', 'Note'))}</div>;
    }

    renderResult() {
        const { result } = this.state;
        if (!result) return null;
        const { tools } = this.props;
        if (result.state === 'receipted')
            return (
                <div class="notice good">
                    <p><strong>✓ {T('已报送，服务器已存入，回执核验通过。', 'Reported: the server has stored it and its receipt verifies.')}</strong></p>
                    <Proof receipt={base64(result.receipt)} record={result.id} tools={tools} />
                    {' '}<a href="#/tasks">{T('回到我的任务', 'Back to my tasks')}</a>
                </div>
            );
        if (result.state === 'waiting')
            return <p class="notice warn">{T('已签名并存在本机，网络恢复后自动送达。可以关闭浏览器。', 'Signed and kept here; it is sent when the network returns. You may close the browser.')} {result.error && problemText(result.error.problem)}</p>;
        return <p class="notice bad" role="alert">{T('被拒，没有存入：', 'Refused, nothing was stored: ')}{problemText(result.error.problem)}</p>;
    }

    renderConflict() {
        const { conflict, draft } = this.state;
        return (
            <p class="notice warn" role="alert">{T('另一个窗口也在改这份草稿。', 'Another window is editing this draft too.')}{' '}
                <button type="button" onClick={() => this.resolve(draft)}>{T('用这里的', 'Keep this one')}</button>{' '}
                <button type="button" onClick={() => this.resolve(conflict)}>{T('用那边的', 'Take the other')}</button>
            </p>
        );
    }

    render({ value, period }, { draft, saved, error, busy, conflict }) {
        const found = this.check();
        const { sheet, report } = value;
        const count = Object.keys(found.cells).length + found.hard.length;
        return (
            <section>
                <div class="title"><h1>{T(sheet.title_zh, sheet.title_en)} · {period}</h1>{report && <State state={report.state} />}</div>
                <p class="help">{T('表号', 'Form')} {sheet.number} · {T('制表机关', 'Issued by')} {sheet.authority} · {T('截止', 'Due')} {dueText(sheet, period)} · {T('有效期至', 'Valid until')} {sheet.valid_until}</p>
                {report && report.state === 'STATE_RETURNED' && <p class="notice bad">{T('已退回：', 'Returned: ')}{(report.steps.filter((step) => step.state === 'STATE_RETURNED').pop() || {}).reason}</p>}
                {conflict && this.renderConflict()}
                <Grid sheet={sheet} values={draft.values} before={value.before} problems={this.problems(found)} onChange={this.change} onPaste={this.paste} />
                {found.hard.map((rule) => <p key={rule.name} class="notice bad">{rule.text}</p>)}
                {this.renderRates()}
                {this.renderExplanations(found)}
                {this.renderPeople()}
                <div id="result" tabIndex={-1} aria-live="polite">{this.renderResult()}<Failure error={error} /></div>
                <div class="bar">
                    <button type="button" class="main" disabled={busy} onClick={() => this.submit()}>{busy ? T('正在报送…', 'sending…') : T('签名并报送', 'Sign and report')}</button>
                    <span aria-live="polite" class="help">{saved}</span>
                    {count > 0 && <span class="help">{T(`还有 ${count} 处未填或有误`, `${count} still to fill in or correct`)}</span>}
                </div>
            </section>
        );
    }
}

export function Entry({ session, site, query, tools }) {
    const period = yearOf(query);
    return (
        <Load load={() => load(session, query.form, period)}>{(value) => (value.sheet
            ? <Editor value={value} session={session} site={site} period={period} tools={tools} />
            : <p class="empty">{T('本单位没有这张报表', 'this unit has no such form')}</p>)}</Load>
    );
}
