// What waits for one besides forms: assignments and comments to answer or to close, duties that are owed.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { listComments } from '../lib/comments.js';
import { T } from '../lib/i18n.js';

async function load(session, period) {
    const [tasks, duties, comments, documents] = await Promise.all([api.askAll('KIND_TASKS', { unfinished: true }, 'tasks'), api.askAll('KIND_DUTIES', { year: period }, 'items'), listComments({ unfinished: true, mine: true }), session.role === 'village' ? [] : api.askAll('KIND_LIST_DOCUMENTS', { pending: true }, 'documents')]);
    // forms have rows of their own on the page
    const owed = duties.filter((row) => row.what !== 'data' && (row.state === 'DUTY_OWED' || row.state === 'DUTY_RETURNED'));
    return {
        mine: tasks.filter((task) => task.addressee === session.unit && task.state === 'TASK_STATE_OPEN').length,
        answered: tasks.filter((task) => task.task.unit === session.unit && task.state === 'TASK_STATE_ANSWERED').length,
        late: tasks.filter((task) => task.task.unit === session.unit && task.overdue).length,
        flagged: comments.filter((item) => item.reporter === session.unit && item.state === 'COMMENT_STATE_OPEN').length,
        replied: comments.filter((item) => item.comment.unit === session.unit && item.state === 'COMMENT_STATE_ANSWERED').length,
        documents: documents.length, duties: owed.length, overdue: owed.filter((row) => row.overdue).length,
    };
}

export class Owed extends Component {
    async componentDidMount() {
        const { session, period, onFound } = this.props;
        try {
            const found = await load(session, period);
            this.setState({ found });
            onFound(found.mine + found.answered + found.late + found.flagged + found.replied + found.documents + found.duties);
        } catch (error) {
            onFound(0); // the rest of the page says what is the matter
        }
    }

    render({ period }, { found }) {
        if (!found) return null;
        const lines = [
            [found.mine, 'orders', T('督办', 'Assignments'), T(`${found.mine} 件督办等待答复`, `${found.mine} assignments await your answer`)],
            [found.answered, 'orders', T('督办', 'Assignments'), T(`${found.answered} 件督办已答复，等待办结`, `${found.answered} assignments are answered, to be closed`)],
            [found.late, 'orders', T('督办', 'Assignments'), T(`${found.late} 件督办逾期没有答复`, `${found.late} assignments are overdue`)],
            [found.flagged, 'comments', T('意见', 'Comments'), T(`${found.flagged} 个数有意见，请答复`, `${found.flagged} of your figures have comments to answer`)],
            [found.replied, 'comments', T('意见', 'Comments'), T(`${found.replied} 条意见已有答复，可以了结`, `${found.replied} comments are answered, to be closed`)],
            [found.documents, 'documents?scope=pending', T('文件', 'Documents'), T(`${found.documents} 份文件等待审核`, `${found.documents} documents await your review`)],
            [found.duties, `duties?year=${period}`, T('报送任务', 'Duties'), T(`${found.duties} 项文件类任务未报`, `${found.duties} documents are owed`) + (found.overdue ? T(`，其中 ${found.overdue} 项逾期`, `, ${found.overdue} of them overdue`) : '')],
        ];
        return <>{lines.filter(([count]) => count > 0).map(([, page, word, text]) => <p key={text} class="card"><a class="button" href={`#/${page}`}>{word}</a>{' '}{text}</p>)}</>;
    }
}
