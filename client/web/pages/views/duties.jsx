// What the plan's text obliges each unit to hand in, to whom, by when, and whether it has.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { T, dueText, timeText } from '../lib/i18n.js';
import { dutyState, dutyWord, receiverWord } from '../lib/terms.js';
import { formWord, placeOf } from '../lib/words.js';
import { SendDocument } from './document_send.jsx';
import { OpenOrder } from './order_form.jsx';
import { Load, Table, YearPicker, yearOf } from './parts.jsx';

const SEERS = ['statistics', 'office', 'admin', 'township'];
const isOpen = (row) => row.state === 'DUTY_OWED' || row.state === 'DUTY_RETURNED';

class Board extends Component {
    state = { all: false, quote: '', order: null, document: null };

    // Data are reported on a form; what calls for a document is handed in here, again while nobody has accepted it.
    hand(row) {
        if (row.what === 'data' || row.unit !== this.props.session.unit || row.state === 'DUTY_WORK' || row.state === 'DUTY_ACCEPTED') return '';
        return <button type="button" class="quiet" onClick={() => this.setState({ document: row })}>{isOpen(row) ? T('报送文件', 'Hand in') : T('重报', 'Hand in anew')}</button>;
    }

    columns(many) {
        const { office, session } = this.props;
        return [
            ...(many ? [{ title: T('单位', 'Unit'), cell: (row) => row.unit_name }] : []),
            { title: T('内容', 'What'), cell: (row) => dutyWord(row.what, row.frequency) + (row.form ? ` · ${formWord(row.form)}` : '') },
            { title: T('年度', 'Year'), number: true, cell: (row) => row.period || '' },
            { title: T('报给', 'To'), cell: (row) => row.receiver_name || receiverWord(row.receiver) },
            { title: T('期限', 'Due'), cell: (row) => (row.due_us === '0' ? T('文中未写明', 'the text names none') : dueText(row.due_us)) },
            { title: T('状态', 'State'), cell: (row) => { const { word, tone } = dutyState(row.state); return <><span class={`state ${tone}`}>{word}</span> {row.overdue && <span class="state bad">{T('逾期', 'overdue')}</span>}{row.late && <span class="state warn">{T('迟报', 'late')}</span>}{row.reason && <p class="reason">{row.reason}</p>}</>; }, text: (row) => [dutyState(row.state).word, row.overdue && T('逾期', 'overdue'), row.late && T('迟报', 'late'), row.reason].filter(Boolean).join(' ') },
            { title: T('报送时间', 'Sent'), cell: (row) => <>{timeText(row.sent_us)}{row.record && row.record_kind === 'RECORD_DOCUMENT' && <> <a href={`#/documents?year=${this.props.period}&id=${encodeURIComponent(row.record.id)}`}>{T('看文件', 'See it')}</a></>}</>, text: (row) => timeText(row.sent_us) },
            { title: T('依据', 'Source'), cell: (row) => (row.proposed ? <span class="help">{T('规划文中没有，本系统建议', 'not in the plan’s text: proposed')}</span> : <details><summary>{row.section}</summary>{row.quote}</details>), text: (row) => (row.proposed ? T('建议', 'proposed') : `${row.section} ${row.quote}`) },
            ...(many ? [] : [{ title: T('办理', 'Do'), cell: (row) => this.hand(row), text: () => '' }]),
            ...(many && office ? [{ title: T('办理', 'Do'), cell: (row) => (isOpen(row) && row.unit !== session.unit ? <button type="button" class="quiet" onClick={() => this.setState({ order: row })}>{T('督办', 'Assign')}</button> : ''), text: () => '' }] : []),
        ];
    }

    render({ items, session, site, tools, office, period, reload }, { all, order, document }) {
        const own = items.filter((row) => row.unit === session.unit);
        const others = items.filter((row) => row.unit !== session.unit && (all || isOpen(row)));
        const about = order && { addressee: order.unit, plan: order.plan, duty: order.duty, period: order.period, title: `${T('请报送：', 'Please send: ')}${dutyWord(order.what, order.frequency)}${order.form ? ` ${formWord(order.form)}` : ''}`, text: order.quote };
        return (
            <>
                {document && <SendDocument key={`${document.duty}${document.period}`} row={document} site={site} tools={tools} onDone={() => { this.setState({ document: null }); reload(); }} onClose={() => this.setState({ document: null })} />}
                <Table caption={T('本单位的报送任务', 'Own duties')} name={`duties-own-${period}`} rows={own} columns={this.columns(false)} empty={T('规划没有给本单位报送任务', 'the plan gives this unit no duty')} />
                {SEERS.includes(session.role) && <>
                    <div class="bar"><label><input type="checkbox" checked={all} onChange={(event) => this.setState({ all: event.target.checked })} /> {T('也看已报的', 'also what was sent')}</label></div>
                    {office && order && <OpenOrder key={`${order.unit}${order.duty}`} session={session} tools={tools} about={about} onClose={() => this.setState({ order: null })} />}
                    <Table caption={T('各单位的报送任务', 'Duties of the units below')} name={`duties-${period}`} rows={others} columns={this.columns(true)} empty={T('没有未报的', 'nothing is owed')} />
                </>}
            </>
        );
    }
}

async function load(session, period) {
    const own = await api.askAll('KIND_DUTIES', { year: period }, 'items');
    if (!SEERS.includes(session.role)) return own;
    const all = await api.askAll('KIND_DUTIES', { year: period, place: placeOf(session.unit) }, 'items');
    return [...own, ...all.filter((row) => row.unit !== session.unit)];
}

export function Duties({ title, session, site, query, tools }) {
    const period = yearOf(query);
    return (
        <section>
            <div class="title"><h1>{title} · {period}</h1><YearPicker page="duties" query={query} /></div>
            <Load key={period} load={() => load(session, period)}>{(items, reload) => <Board items={items} session={session} site={site} reload={reload} tools={tools} office={session.role === 'office'} period={period} />}</Load>
        </section>
    );
}
