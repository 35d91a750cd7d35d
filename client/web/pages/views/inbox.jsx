// What happened to my records and to those below, newest first.
import * as api from '../lib/api.js';
import { T, timeText } from '../lib/i18n.js';
import { commentStep, taskStep } from '../lib/terms.js';
import { formWord, kindWord, reasonText, unitCode } from '../lib/words.js';
import { Load, State, Table } from './parts.jsx';

const PAGES_MAX = 100;

// What was done, where the subject has no state of a report.
const acted = (row) => (row.comment_action ? commentStep(row.comment_action) : row.task_action ? taskStep(row.task_action) : '');

async function load() {
    const items = [];
    let after = '';
    for (let page = 0; page < PAGES_MAX; page++) {
        const body = await api.ask('KIND_INBOX', { after });
        items.push(...body.items);
        after = body.next;
        if (!body.more) break;
    }
    return items.reverse();
}

// What is known of a unit here is who it is, or what it did; else its code.
function nameOf(items, session, unit) {
    if (unit === session.unit) return session.unit_name;
    const known = items.find((row) => row.actor === unit && row.actor_name);
    return known ? known.actor_name : unitCode(unit);
}

export function Inbox({ title, session }) {
    return (
        <section>
            <h1>{title}</h1>
            <Load load={load}>{(items) => (
                <Table caption={T('事项，最新在前', 'Events, newest first')} name="inbox" rows={items} empty={T('还没有消息', 'no messages yet')} columns={[
                    { title: T('时间', 'Time'), short: true, cell: (row) => timeText(row.time_us) },
                    { title: T('单位', 'Unit'), cell: (row) => nameOf(items, session, row.subject_unit) },
                    { title: T('事项', 'Record'), cell: (row) => `${kindWord(row.subject_kind)} ${row.form ? formWord(row.form) : ''} ${row.period || ''}` },
                    { title: T('状态', 'State'), cell: (row) => (acted(row) ? <span class="state plain">{acted(row)}</span> : <State state={row.state} />), text: (row) => acted(row) || row.state },
                    { title: T('经办', 'By'), cell: (row) => row.actor_name || T('汇总服务器', 'the aggregator') },
                    { title: T('理由', 'Reason'), cell: reasonText },
                    { title: T('跟踪', 'Track'), cell: (row) => { const [page, word] = row.subject_kind === 'RECORD_DOCUMENT' ? ['documents', T('看文件', 'See it')] : row.comment_action ? ['comments', T('看意见', 'See it')] : row.task_action ? ['orders', T('看督办', 'See it')] : ['track', T('跟踪', 'Track')]; return <a href={`#/${page}?id=${encodeURIComponent(row.subject)}`}>{word}</a>; }, text: (row) => row.subject },
                ]} />
            )}</Load>
        </section>
    );
}

