// One case: for what it is read comes first and is recorded; then what it says, opened here, and what may be done with it.
import { Component } from 'preact';
import { nameOfUnit } from '../lib/case_directory.js';
import { readCase } from '../lib/case_read.js';
import { ACTIONS, CHANNELS, DIFFICULTIES, MATTERS, PURPOSES, RISKS, ROLES, STATES, wordOf } from '../lib/case_words.js';
import { T, dueText, timeText } from '../lib/i18n.js';
import { unitCode } from '../lib/words.js';
import { Due, unitName } from './case_parts.jsx';
import { Attachment } from './case_files.jsx';
import { CaseSteps } from './case_step.jsx';
import { Failure, Field } from './parts.jsx';

const NUMBERS = (table) => table.map((row, index) => index).filter(Boolean);
const PURPOSE_OF = { supervisor: 2, offered: 3 };

function Facts({ rows }) {
    return <dl class="casefacts">{rows.filter(([, value]) => value !== '' && value !== undefined).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

// The code of a place, with the name of its township where the directory has it.
function placeText(directory, place) {
    const code = String(place).padStart(12, '0');
    const name = nameOfUnit(directory, `${code.slice(0, 9)}000000`);
    return code === '000000000000' ? '' : code + (name && T(`（${name}）`, ` (${name})`));
}

function Report({ entry, directory }) {
    const { message, reporter } = entry;
    return (
        <>
            <Facts rows={[
                [T('事项', 'About'), wordOf(MATTERS, message.matter)], [T('渠道', 'Channel'), wordOf(CHANNELS, message.channel)],
                [T('地点', 'Place'), placeText(directory, message.place)], [T('发现', 'Found'), message.found],
                [T('儿童', 'Child'), message.child], [T('性别', 'Sex'), { m: T('男', 'male'), f: T('女', 'female') }[message.sex] || ''], [T('年龄', 'Age'), message.age ? String(message.age - 1) : ''],
                [T('涉及（未送达）', 'Named (not told)'), message.named], [T('报告人', 'Reporter'), message.reporter],
                [T('报告单位（仅牵头可见）', 'Reported by (the lead alone sees it)'), reporter ? `${unitCode(reporter.unit)} ${reporter.name} ${reporter.phone} ${reporter.good ? '' : T('（签名不符）', '(the signature is wrong)')}` : ''],
            ]} />
            <p class="typed">{message.text}</p>
        </>
    );
}

// A child's file in the register.
function Registered({ child, directory }) {
    return (
        <>
            <Facts rows={[
                [T('困境', 'Difficulties'), child.difficulties.map((one) => wordOf(DIFFICULTIES, one)).join(T('、', ', '))], [T('姓名', 'Name'), child.name], [T('性别', 'Sex'), { m: T('男', 'male'), f: T('女', 'female') }[child.sex] || ''],
                [T('出生', 'Born'), child.birth], [T('身份证号', 'Identity number'), child.identity], [T('地点', 'Place'), placeText(directory, child.place)], [T('监护人', 'Guardian'), child.guardian],
            ]} />
            {child.text && <p class="typed">{child.text}</p>}
        </>
    );
}

function Entry({ entry, directory, item }) {
    if (!entry.body) return <li class="bad"><time>{timeText(entry.receivedUs)}</time> {T('一条记录的签名与名录不符，没有打开', 'a record whose signature is none of the directory’s: not opened')}</li>;
    const { message } = entry;
    return (
        <li class={entry.action === 8 ? 'good' : ''}>
            <b>{wordOf(ACTIONS, entry.action)}</b> <time>{timeText(entry.receivedUs)}</time> {!entry.report && unitName(directory, entry.unit)} {entry.emergency && <span class="state bad">{T('紧急', 'emergency')}</span>}
            {entry.leaver !== '0' && <> → {unitName(directory, entry.leaver)}</>}{entry.dueUs > 0 && <> · {T('期限', 'due')} {dueText(entry.dueUs)}</>}
            {!message && <p class="help">{T('（没有可打开它的密钥）', '(no key here opens it)')}</p>}
            {message && entry.report && <Report entry={entry} directory={directory} />}
            {message && !entry.report && message.risk > 0 && <p>{T('风险', 'Risk')}{T('：', ': ')}<b>{wordOf(RISKS, message.risk)}</b></p>}
            {message && message.registered && <Registered child={message.registered} directory={directory} />}
            {message && !entry.report && message.hash_key && message.hash_key.length > 0 && <p class="help">{T('本区县台账的查重密钥', 'the key by which the register finds duplicates')}</p>}
            {message && !entry.report && message.text && <p class="typed">{message.text}</p>}
            {message && message.attachments.map((one) => <Attachment key={one.name} item={item} entry={entry} attachment={one} />)}
            {message && !entry.report && message.linked_case.length === 16 && <p class="help">{T('与另一件是同一事件', 'the same event as another case')}</p>}
        </li>
    );
}

function Handlers({ reading, directory }) {
    const rows = [...new Map(reading.targets.map((one) => [`${one.seat.unit}/${one.role}`, one])).values()];
    return <p class="help">{T('办理单位：', 'Handled by: ')}{rows.map((one) => { const more = wordOf(ROLES, one.role) + (one.level > reading.item.level ? T('，未升级', ', not yet') : ''); return unitName(directory, one.seat.unit) + T(`（${more}）`, ` (${more})`); }).join(T('、', ', '))}</p>;
}

export class CaseOpen extends Component {
    state = { purpose: PURPOSE_OF[this.props.item.role] || 1, reading: null, error: null, busy: false };

    async open(event) {
        if (event) event.preventDefault();
        const { keys, home, directory, year, item } = this.props;
        this.setState({ busy: true, error: null });
        try {
            const reading = await readCase(keys, { home, directory, year }, item, this.state.purpose, this.state.reading);
            this.setState({ reading, busy: false });
        } catch (error) {
            this.setState({ error, busy: false });
        }
    }

    renderPurpose() {
        const { item } = this.props;
        const { purpose, error, busy } = this.state;
        return (
            <form class="card" onSubmit={(event) => this.open(event)}>
                <h2>{T('打开个案', 'Open the case')} <code>{item.caseId.slice(0, 8)}</code></h2>
                <p>{T('打开以前先登记谁、何时、为什么查阅；登记有回执，督查单位看得到，谁也删不掉。', 'Who reads it, when and for what is recorded first, with a receipt: the supervisor sees it, and nobody can take it away.')}</p>
                <Field id="purpose" label={T('查阅目的', 'Purpose')}><select id="purpose" value={purpose} onChange={(event) => this.setState({ purpose: Number(event.target.value) })}>{NUMBERS(PURPOSES).map((one) => <option key={one} value={one}>{wordOf(PURPOSES, one)}</option>)}</select></Field>
                <Failure error={error} />
                <button class="main" disabled={busy}>{busy ? T('正在打开…', 'opening…') : T('登记并打开', 'Record it and open')}</button>
            </form>
        );
    }

    render({ keys, directory, year, session, tools }, { reading, error }) {
        if (!reading) return this.renderPurpose();
        const { item, entries, unlisted } = reading;
        return (
            <article id="case">
                <div class="card">
                    <h2>{T('个案', 'Case')} <code>{item.caseId.slice(0, 8)}</code> <span class="state plain">{wordOf(STATES, item.state)}</span> {item.emergency && <span class="state bad">{T('紧急', 'emergency')}</span>} <span class="help">{wordOf(ROLES, item.role)}</span></h2>
                    {item.due.map((due) => <p key={due.action} class="duerow"><Due due={due} word={wordOf(ACTIONS, due.action)} /></p>)}
                    <Handlers reading={reading} directory={directory} />
                    {unlisted > 0 && <p class="notice bad">{T(`服务器列出的 ${unlisted} 个接收人不在委员会签名的名录中，不会向其密封`, `${unlisted} recipients that the server lists are not in the directory that the committee signed: nothing is sealed to them`)}</p>}
                </div>
                <ol class="steps">{entries.map((entry) => <Entry key={entry.id || entry.receivedUs} entry={entry} directory={directory} item={item} />)}</ol>
                <Failure error={error} />
                <CaseSteps keys={keys} reading={reading} directory={directory} year={year} session={session} tools={tools} reload={() => this.open()} />
            </article>
        );
    }
}
