// The cases that this account's key handles, by what is due first; none of it says what happened. One is opened with a
// stated purpose.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { itemOf } from '../lib/case_read.js';
import { ACTIONS, ROLES, STATES, wordOf } from '../lib/case_words.js';
import { T, timeText } from '../lib/i18n.js';
import { CaseOpen } from './case_open.jsx';
import { Due, WithDirectory, timeLeft } from './case_parts.jsx';
import { Load, Table } from './parts.jsx';

const TICK_MS = 30000;
const FAR = Number.MAX_VALUE;

const firstDue = (item) => (item.due.length ? item.due[0].dueUs : FAR);
export const readCases = async (fields = {}) => (await api.askAll('KIND_LIST_CASES', fields, 'cases')).map(itemOf)
    .sort((left, right) => firstDue(left) - firstDue(right) || Number(right.lastUs) - Number(left.lastUs));
export const isOverdue = (item) => item.due.some((due) => due.overdue);

export function caseColumns(onOpen) {
    const due = (item) => item.due[0];
    return [
        { title: T('编号', 'Id'), cell: (item) => <code>{item.caseId.slice(0, 8)}</code>, text: (item) => item.caseId },
        { title: T('紧急程度', 'Urgency'), cell: (item) => (item.emergency ? <span class="state bad">{T('紧急', 'emergency')}</span> : T('一般', 'ordinary')), text: (item) => (item.emergency ? T('紧急', 'emergency') : T('一般', 'ordinary')) },
        { title: T('状态', 'State'), cell: (item) => <>{wordOf(STATES, item.state)}{item.level > 0 && <> <span class="state warn">{T(`已升级 ${item.level} 级`, `escalated ${item.level}`)}</span></>}</>, text: (item) => wordOf(STATES, item.state) },
        { title: T('本单位', 'Yours'), cell: (item) => wordOf(ROLES, item.role) },
        { title: T('应办', 'Due'), cell: (item) => (due(item) ? <Due due={due(item)} word={wordOf(ACTIONS, due(item).action)} /> : '–'), text: (item) => (due(item) ? `${wordOf(ACTIONS, due(item).action)} ${timeLeft(due(item).dueUs)}` : '') },
        { title: T('收到', 'Received'), cell: (item) => timeText(item.receivedUs) },
        { title: T('最近', 'Last'), cell: (item) => timeText(item.lastUs) },
        ...(onOpen ? [{ title: T('办理', 'Do'), cell: (item) => <button type="button" class="quiet" aria-label={`${T('打开', 'Open')} ${item.caseId.slice(0, 8)}`} onClick={() => onOpen(item)}>{T('打开', 'Open')}</button>, text: () => '' }] : []),
    ];
}

class Board extends Component {
    state = { closed: false, overdue: false };

    componentDidMount() {
        this.timer = setInterval(() => this.forceUpdate(), TICK_MS);
    }

    componentWillUnmount() {
        clearInterval(this.timer);
    }

    render({ items, onOpen }, { closed, overdue }) {
        const flip = (name) => () => this.setState((now) => ({ [name]: !now[name] }));
        const rows = items.filter((item) => (closed || !['closed', 'left'].includes(item.state)) && (!overdue || isOverdue(item)));
        const late = items.filter(isOverdue).length;
        return (
            <>
                {late > 0 && <p class="notice bad">{T(`${late} 件已逾期`, `${late} overdue`)}</p>}
                <div class="bar">
                    <label><input id="closed" type="checkbox" checked={closed} onChange={flip('closed')} /> {T('也看已结案的', 'also what is closed')}</label>
                    <label><input id="overdue" type="checkbox" checked={overdue} onChange={flip('overdue')} /> {T('只看逾期的', 'only what is overdue')}</label>
                </div>
                <Table caption={T(`个案 ${rows.length} 件`, `${rows.length} cases`)} name="cases" rows={rows} rowKey={(item) => item.caseId} columns={caseColumns(onOpen)} empty={T('没有由本人办理的个案', 'no cases that you handle')} />
            </>
        );
    }
}

export class Cases extends Component {
    state = { item: null };

    render({ title, session, tools }, { item }) {
        return (
            <section>
                <div class="title"><h1>{title}</h1>{item && <button type="button" id="back" onClick={() => this.setState({ item: null })}>{T('回到列表', 'Back to the list')}</button>}</div>
                {item ? <WithDirectory tools={tools}>{(value) => <CaseOpen key={item.caseId} {...value} item={item} session={session} tools={tools} />}</WithDirectory>
                    : <Load load={() => readCases(this.asked || {})}>{(items) => <Board items={items} onOpen={(one) => this.setState({ item: one })} />}</Load>}
            </section>
        );
    }
}

// The register of children in difficulty (台账): one file each, by the next visit.
export class Register extends Cases {
    asked = { register: true };
}
