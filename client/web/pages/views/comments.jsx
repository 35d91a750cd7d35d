// Comments on figures that concern the unit: raised by it, for it to answer, or on figures that it sees.
import { Component } from 'preact';
import { listComments } from '../lib/comments.js';
import { T, timeText } from '../lib/i18n.js';
import { commentAction, commentState } from '../lib/terms.js';
import { formWord, stratumWords } from '../lib/words.js';
import { Comment } from './figure.jsx';
import { Choice, Load, Table } from './parts.jsx';

const SCOPES = { open: { unfinished: true }, mine: { mine: true }, all: {} };
const about = (item) => [item.figure.form && `${formWord(item.figure.form)} ${T(`第${item.figure.cell}项`, `item ${item.figure.cell}`)}`, T(item.about_zh, item.about_en) || item.figure.indicator, item.figure.stratum && stratumWords(item.figure.stratum)].filter(Boolean).join(' · ');

class Board extends Component {
    constructor(props) {
        super(props);
        this.state = { open: props.query.id || '' };
    }

    render({ items, session, tools, reload }, { open }) {
        const shown = items.find((item) => item.comment.id === open);
        const last = (item) => item.steps[item.steps.length - 1];
        return (
            <>
                {shown && <section class="card" id="one"><h2>{shown.place_name} · {shown.figure.period} · {about(shown)}</h2><Comment item={shown} session={session} tools={tools} reload={reload} /></section>}
                <Table caption={T('对数字的意见', 'Comments on figures')} name="comments" rows={items.slice().reverse()} rowKey={(item) => item.comment.id} empty={T('没有意见', 'no comments')} columns={[
                    { title: T('状态', 'State'), cell: (item) => { const { word, tone } = commentState(item.state); return <span class={`state ${tone}`}>{word}</span>; }, text: (item) => commentState(item.state).word },
                    { title: T('地区', 'Place'), cell: (item) => item.place_name },
                    { title: T('年份', 'Year'), number: true, cell: (item) => item.figure.period },
                    { title: T('哪个数', 'Figure'), cell: about },
                    { title: T('当时的数', 'Seen as'), number: true, cell: (item) => item.shown },
                    { title: T('提出', 'Raised by'), cell: (item) => item.author_name },
                    { title: T('答复单位', 'To answer'), cell: (item) => item.reporter_name },
                    { title: T('最近', 'Latest'), long: true, cell: (item) => `${commentAction(last(item).action)} ${timeText(last(item).time_us)} ${last(item).text}` },
                    { title: T('办理', 'Do'), cell: (item) => <button type="button" class="quiet" aria-expanded={item.comment.id === open} onClick={() => this.setState({ open: item.comment.id === open ? '' : item.comment.id })}>{T('查看', 'View')}</button>, text: () => '' },
                ]} />
            </>
        );
    }
}

export function Comments({ title, session, query, tools }) {
    const scope = SCOPES[query.scope] ? query.scope : query.id ? 'all' : 'open';
    return (
        <section>
            <div class="title"><h1>{title}</h1><Choice page="comments" query={{ scope: query.scope || '' }} name="scope" label={T('看', 'Show')} otherwise={scope} options={[['open', T('未了结的', 'not closed')], ['mine', T('本单位提的和答复的', 'mine to answer or raised')], ['all', T('全部', 'all')]]} /></div>
            <Load key={scope} load={() => listComments(SCOPES[scope])}>{(items, reload) => <Board items={items} session={session} query={query} tools={tools} reload={reload} />}</Load>
        </section>
    );
}
