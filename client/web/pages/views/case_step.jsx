// What may be done with a case now: a button each; the words of a step are sealed here to those who handle the case.
import { Component } from 'preact';
import { piecesLeft, putStep } from '../lib/case_put.js';
import { ROLE, textNames } from '../lib/case_route.js';
import { ACTION, actionsOf } from '../lib/case_rules.js';
import { RISKS, buttonOf, wordOf } from '../lib/case_words.js';
import { T, dayUs } from '../lib/i18n.js';
import { deliver, drain } from '../lib/records.js';
import * as store from '../lib/store.js';
import { unitName } from './case_parts.jsx';
import { Files } from './case_files.jsx';
import { Failure, Field, Signer } from './parts.jsx';

const NEEDS_TEXT = ['act', 'assist', 'outcome', 'decline', 'close', 'reopen', 'supplement', 'visit', 'deregister'];
const WITH_DUE = ['add', 'visit'];
const WITH_FILES = ['assess', 'act', 'assist', 'review', 'supplement', 'visit'];
const URGENT = ['acknowledge', 'act', 'assist', 'supplement'];
const DAY_MS = 24 * 3600 * 1000;
const DUE_DAYS = { add: 7, visit: 30 };
const NUMBERS = (table) => table.map((row, index) => index).filter(Boolean);
const EMERGENCY_RISK = 4;

// The year's keys that may be let in: none of whom the report names.
const openKeys = ({ directory, year, reading }) => directory.keys.filter((key) => key.year === year && !reading.entries.some((entry) => entry.report && entry.message && textNames(entry.message.named, key)));

// Units of the directory that may come in: whoever does not handle the case yet.
function newcomers(props) {
    const there = new Set(props.reading.targets.map((one) => one.seat.unit));
    return [...new Set(openKeys(props).filter((key) => !there.has(key.unit)).map((key) => key.unit))];
}

// The year's keys of units that handle the case, which have no part in it: after a loss, or a colleague's.
const unwrapped = ({ reading, ...props }) => openKeys({ reading, ...props }).filter((key) => reading.members.some((member) => member.unit === key.unit) && !reading.targets.some((one) => one.seat.holder === key.holder));

class Step extends Signer {
    state = { text: '', risk: 0, emergency: false, unit: '', due: new Date(Date.now() + (DUE_DAYS[this.props.action] || 7) * DAY_MS).toISOString().slice(0, 10), all: false, files: [] };

    componentDidMount() {
        const first = document.querySelector('#step select, #step textarea, #step input');
        if (first) first.focus();
    }

    // The sentence that says what is missing, and the id of its field.
    missing() {
        const { action } = this.props;
        const { text, risk, unit, due } = this.state;
        if (action === 'assess' && !risk) return ['risk', T('请选风险等级', 'choose the risk')];
        if (['add', 'offer', 'rewrap'].includes(action) && !unit) return ['unit', T('请选单位', 'choose a unit')];
        if (WITH_DUE.includes(action) && !(dayUs(due, true) > Date.now() * 1000)) return ['due', T('期限须在今天或以后', 'the time limit has to lie ahead')];
        return NEEDS_TEXT.includes(action) && !text.trim() ? ['words', T('请写明情况', 'say what it is')] : null;
    }

    // {targets, shares, leaver}: to whom it is sealed, and what a newcomer is given to read.
    parties() {
        const { action, reading, session } = this.props;
        const { unit, all } = this.state;
        const { targets, entries } = reading;
        if (action === 'leave') {
            const leaver = unit || session.unit;
            return { targets: targets.filter((one) => one.seat.unit !== leaver), leaver };
        }
        if (action === 'rewrap') return { targets: [...targets, ...this.freshKeys()], shares: this.freshKeys().flatMap((target) => entries.filter((entry) => entry.key).map((entry) => ({ record: entry.id, key: entry.key, target }))) };
        if (!['add', 'offer'].includes(action)) return { targets };
        const fresh = openKeys(this.props).filter((key) => key.unit === unit).map((seat) => ({ seat, role: action === 'add' ? ROLE.member : ROLE.offered, level: 0 }));
        const given = entries.filter((entry) => entry.key && (entry.report || all || action === 'offer'));
        return { targets: [...targets, ...fresh], shares: fresh.flatMap((target) => given.map((entry) => ({ record: entry.id, key: entry.key, target }))) };
    }

    // Keys of a unit that handles the case already, which have no part in it yet: they take the unit's place.
    freshKeys() {
        const { unit } = this.state;
        const place = this.props.reading.members.find((member) => member.unit === unit);
        return place ? unwrapped(this.props).filter((seat) => seat.unit === unit).map((seat) => ({ seat, role: place.role, level: place.level })) : [];
    }

    async save(event) {
        event.preventDefault();
        const { action, keys, reading, tools, reload, onCancel } = this.props;
        const { text, risk, emergency, due, files } = this.state;
        const missing = this.missing();
        this.setState({ missing: missing && missing[1], error: null, left: null });
        if (missing) {
            document.getElementById(missing[0]).focus();
            return;
        }
        this.setState({ busy: true });
        try {
            const outcome = action === 'outcome';
            const item = await deliver(await putStep(keys, {
                item: reading.item, seen: reading.item.last, action: ACTION[action], emergency: emergency || risk === EMERGENCY_RISK, text: text.trim(), risk, files, ...this.parties(),
                reply: outcome ? text.trim() : '', replyPublic: reading.replyPublic, dueUs: WITH_DUE.includes(action) ? dayUs(due, true) : 0,
            }));
            this.setState({ busy: false, left: item.state === 'receipted' ? null : item });
            if (item.error && item.error.problem.name === 'E_STALE') await this.again(item);
            if (item.state !== 'receipted') return;
            if (files.length) await drain(keys.unit);
            if (files.length) await piecesLeft(reading.item.caseId);
            tools.say(`${buttonOf(action)}${T('：已登记，有回执', ': recorded, receipted')}`);
            onCancel();
            reload();
        } catch (error) {
            this.setState({ busy: false, error });
        }
    }

    // Something has come meanwhile: it is shown, and what was typed stays.
    async again(item) {
        await store.remove('record', item.id);
        await this.props.reload();
        this.props.tools.say(T('刚有新的记录，已重新读取：请看过再登记', 'something new came meanwhile and is shown now: look at it, then record'));
    }

    renderUnits() {
        const { action, directory, reading, session } = this.props;
        const choices = action === 'leave' ? [...new Set(reading.targets.filter((one) => one.role === ROLE.member && one.seat.unit !== session.unit).map((one) => one.seat.unit))] : action === 'rewrap' ? [...new Set(unwrapped(this.props).map((key) => key.unit))] : newcomers(this.props);
        const own = action === 'leave' && <option value="">{T('本单位', 'own unit')}</option>;
        return (
            <Field id="unit" label={action === 'leave' ? T('谁退出', 'Who leaves') : action === 'offer' ? T('移送给', 'Transfer to') : action === 'rewrap' ? T('哪个单位的新密钥', 'The new key of which unit') : T('交办给', 'Assign to')}>
                <select id="unit" value={this.state.unit} onChange={(event) => this.setState({ unit: event.target.value })}>{own || <option value="">{T('请选择', 'choose')}</option>}{choices.map((unit) => <option key={unit} value={unit}>{unitName(directory, unit)}</option>)}</select>
            </Field>
        );
    }

    render({ action, onCancel }, { text, risk, emergency, due, all, busy, missing, files }) {
        return (
            <form class="card" id="step" onSubmit={(event) => this.save(event)} novalidate>
                <h2>{buttonOf(action)}</h2>
                {action === 'assess' && <Field id="risk" label={T('风险', 'Risk')}><select id="risk" value={risk} onChange={(event) => this.setState({ risk: Number(event.target.value) })}><option value={0}>{T('请选择', 'choose')}</option>{NUMBERS(RISKS).map((one) => <option key={one} value={one}>{wordOf(RISKS, one)}</option>)}</select></Field>}
                {['add', 'offer', 'leave', 'rewrap'].includes(action) && this.renderUnits()}
                {WITH_DUE.includes(action) && <Field id="due" label={action === 'visit' ? T('下次走访（当天24时以前）', 'Next visit (by the end of the day)') : T('期限（当天24时）', 'Due (end of the day)')}><input id="due" type="date" value={due} onInput={(event) => this.setState({ due: event.target.value })} /></Field>}
                <Field id="words" label={action === 'outcome' ? T('给报告人的答复（凭码可见）', 'Answer to the reporter (read with the code)') : action === 'add' ? T('分工：请它办什么', 'Its part: what it is asked to do') : T('情况', 'Words')}><textarea id="words" rows={3} maxLength={action === 'outcome' ? 600 : 20000} value={text} onInput={(event) => this.setState({ text: event.target.value })} /></Field>
                {action === 'add' && <label class="tick"><input id="all" type="checkbox" checked={all} onChange={() => this.setState({ all: !all })} /> {T('也给它看以前的全部步骤（不选只看报告和以后的）', 'Let it see all earlier steps too (else the report and what comes)')}</label>}
                {URGENT.includes(action) && <label class="tick"><input id="urgent" type="checkbox" checked={emergency} onChange={() => this.setState({ emergency: !emergency })} /> {T('情况已变得紧急', 'It has become an emergency')}</label>}
                {WITH_FILES.includes(action) && <Files id="step-files" files={files} onAdd={(file) => this.setState((now) => ({ files: [...now.files, file] }))} onRemove={(id) => this.setState((now) => ({ files: now.files.filter((file) => file.id !== id) }))} />}
                {missing && <p class="notice bad" role="alert">{missing}</p>}
                {this.outcome()}
                <div class="bar"><button class="main" disabled={busy}>{busy ? T('正在密封…', 'sealing…') : T('签名登记', 'Sign and record')}</button><button type="button" onClick={onCancel}>{T('不办了', 'Cancel')}</button></div>
            </form>
        );
    }
}

export class CaseSteps extends Component {
    state = { action: '' };

    render(props, { action }) {
        const { item, replyPublic, targets } = props.reading;
        const possible = actionsOf(item.state, item.role).filter((one) => (one !== 'outcome' || replyPublic) && (one !== 'rewrap' || unwrapped(props).length > 0));
        if (!possible.length) return null;
        if (!targets.length) return <Failure error={new Error(T('名录中没有办理人，不能密封', 'nobody of the directory handles it: nothing can be sealed'))} />;
        return (
            <>
                <div class="bar" role="group" aria-label={T('可以办理的事', 'What can be done')}>{possible.map((one) => <button key={one} type="button" id={`do-${one}`} aria-pressed={one === action} onClick={() => this.setState({ action: one === action ? '' : one })}>{buttonOf(one)}</button>)}</div>
                {possible.includes(action) && <Step key={action} {...props} action={action} onCancel={() => this.setState({ action: '' })} />}
            </>
        );
    }
}
