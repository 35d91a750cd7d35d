// Assignments (督办): what the office asked of whom, what was answered, and what became of it.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { fromBase64 } from '../lib/bytes.js';
import { T, dayUs, dueText, timeText } from '../lib/i18n.js';
import { KIND } from '../lib/proof.js';
import { long } from '../lib/records.js';
import { actionWord, taskState } from '../lib/terms.js';
import { OpenOrder } from './order_form.jsx';
import { Field, Load, Signer, Table } from './parts.jsx';

const ACTION = { answer: 2, close: 3, reopen: 4 };

// What one may do with it now: the addressee answers, the office that opened it closes or reopens.
function steps(task, session) {
    const closed = task.state === 'TASK_STATE_CLOSED';
    if (task.addressee === session.unit) return closed ? [] : ['answer'];
    if (task.task.unit !== session.unit) return [];
    return [...(closed ? [] : ['close']), ...(task.state === 'TASK_STATE_OPEN' ? [] : ['reopen'])];
}

const words = {
    answer: () => [T('签名答复', 'Sign and answer'), T('已答复，有回执', 'answered, receipted')],
    close: () => [T('签名办结', 'Sign and close'), T('已办结，有回执', 'closed, receipted')],
    reopen: () => [T('签名重新交办', 'Sign and reopen'), T('已重新交办，有回执', 'reopened, receipted')],
};

class Answer extends Signer {
    state = { text: '', due: '' };

    save(step) {
        const { task, tools, reload } = this.props;
        const { text, due } = this.state;
        if (step !== 'close' && !text.trim()) {
            document.getElementById('answer').focus();
            return tools.say(step === 'answer' ? T('请写办理情况', 'say what was done') : T('重新交办须写明理由', 'reopening needs a reason'));
        }
        return this.sign(KIND.TASK, {
            action: ACTION[step], text: text.trim(), seen: fromBase64(task.steps[task.steps.length - 1].id), due_us: step === 'reopen' && due ? dayUs(due, true) : 0,
            task: { unit: long(task.task.unit), id: fromBase64(task.task.id), payload_sha256: fromBase64(task.task.payload_sha256) },
        }, `${T('督办', 'assignment')} ${task.title}`, () => { tools.say(words[step]()[1]); reload(); });
    }

    render({ task, session }, { text, due, busy }) {
        const possible = steps(task, session);
        if (!possible.length) return null;
        return (
            <>
                <Field id="answer" label={possible[0] === 'answer' ? T('办理情况', 'What was done') : T('意见或理由', 'Remark or reason')}>
                    <textarea id="answer" rows={3} maxLength={1200} value={text} onInput={(event) => this.setState({ text: event.target.value })} />
                </Field>
                {possible.includes('reopen') && <Field id="again" label={T('新的期限（重新交办时；不写为不变）', 'Another time (when reopening; else as before)')}><input id="again" type="date" value={due} onInput={(event) => this.setState({ due: event.target.value })} /></Field>}
                {this.outcome()}
                <div class="bar">{possible.map((step, index) => <button key={step} type="button" class={index ? '' : 'main'} disabled={busy} onClick={() => this.save(step)}>{words[step]()[0]}</button>)}</div>
            </>
        );
    }
}

function One({ task, session, tools, reload }) {
    return (
        <article class="card" id="task">
            <h2 class="typed">{task.title}</h2>
            <p class="help">{task.office_name} → {task.addressee_name} · {T('期限', 'due')} {dueText(task.due_us)}{task.duty && ` · ${task.duty}`}{task.indicator && <> · <a href={`#/indicator?code=${encodeURIComponent(task.indicator)}&year=${task.period}`}>{T('看指标', 'see the indicator')}</a></>}</p>
            {task.told_by !== '0' && <p class="help">{T('下级服务器上逾期提级而来，在那里办理', 'escalated from the server of a level below, where it is dealt with')}</p>}
            {task.escalated_away && <p class="help">{task.told_above_us !== '0' ? `${T('已报到上级', 'told above')} ${timeText(task.told_above_us)}` : T('逾期提级，待报到上级', 'escalated, not told above yet')}</p>}
            <ol class="steps">{task.steps.map((step) => (
                <li key={step.id} class={step.action === 'TASK_CLOSE' ? 'good' : ''}>
                    <b>{actionWord(step.action)}</b> <time>{timeText(step.time_us)}</time> {step.unit_name}
                    {step.due_us !== '0' && step.action === 'TASK_REOPEN' && <> · {T('新期限', 'new time')} {dueText(step.due_us)}</>}
                    {step.text && <p>{step.text}</p>}
                </li>
            ))}</ol>
            <Answer key={task.steps.length} task={task} session={session} tools={tools} reload={reload} />
        </article>
    );
}

class Board extends Component {
    state = { open: '', making: false, unfinished: true };

    columns() {
        return [
            { title: T('标题', 'Title'), long: true, cell: (row) => row.title },
            { title: T('交办', 'From'), cell: (row) => row.office_name },
            { title: T('承办', 'For'), cell: (row) => row.addressee_name },
            { title: T('期限', 'Due'), cell: (row) => dueText(row.due_us) },
            { title: T('状态', 'State'), cell: (row) => { const { word, tone } = taskState(row.state); return <><span class={`state ${tone}`}>{word}</span> {row.overdue && <span class="state bad">{T('逾期', 'overdue')}</span>}</>; }, text: (row) => taskState(row.state).word + (row.overdue ? ` ${T('逾期', 'overdue')}` : '') },
            { title: T('查看', 'View'), cell: (row) => <button type="button" class="quiet" aria-expanded={this.state.open === row.task.id} onClick={() => this.setState(({ open }) => ({ open: open === row.task.id ? '' : row.task.id }))}>{T('查看', 'View')}</button>, text: () => '' },
        ];
    }

    render({ tasks, session, tools, reload }, { open, making, unfinished }) {
        const rows = tasks.filter((task) => !unfinished || task.state !== 'TASK_STATE_CLOSED' || task.task.id === open);
        const shown = tasks.find((task) => task.task.id === open);
        const done = tasks.length - tasks.filter((task) => task.state !== 'TASK_STATE_CLOSED').length;
        return (
            <>
                <div class="bar">
                    {session.role === 'office' && !making && <button type="button" class="main" onClick={() => this.setState({ making: true })}>{T('新的督办', 'New assignment')}</button>}
                    <label><input type="checkbox" checked={!unfinished} onChange={(event) => this.setState({ unfinished: !event.target.checked })} /> {T(`也看已办结的 ${done} 件`, `also the ${done} closed`)}</label>
                </div>
                {making && <OpenOrder session={session} tools={tools} about={{}} onClose={(made) => { this.setState({ making: false }); if (made) reload(); }} />}
                <Table caption={T('督办事项', 'Assignments')} name="assignments" rows={rows} rowKey={(row) => row.task.id} columns={this.columns()} empty={T('没有未办结的督办', 'nothing is assigned')} />
                {shown && <One task={shown} session={session} tools={tools} reload={reload} />}
            </>
        );
    }
}

// Read again after each step, with what is open kept open.
export class Orders extends Component {
    state = { tasks: null, error: null };

    render({ title, session, tools }, { tasks }) {
        const read = () => api.askAll('KIND_TASKS', {}, 'tasks');
        return (
            <section>
                <h1>{title}</h1>
                {tasks ? <Board tasks={tasks} session={session} tools={tools} reload={async () => this.setState({ tasks: await read() })} />
                    : <Load load={async () => { const found = await read(); this.setState({ tasks: found }); return found; }}>{() => null}</Load>}
            </section>
        );
    }
}
