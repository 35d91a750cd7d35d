// Comments on figures: asked for, raised, answered, closed. A figure is {plan, period, place, indicator, stratum}
// or {plan, period, place, form, cell} with the unit that reported it.
import * as api from './api.js';
import { fromBase64 } from './bytes.js';
import { KIND } from './proof.js';
import { long } from './records.js';

const ACTION = { open: 1, answer: 2, close: 3 };

// The aggregator takes each field that is set as a narrowing, so "all" of a result is told from its groups here.
const of = (item, figure) => !figure.indicator || item.figure.stratum === (figure.stratum || '');

// {comments, reporter, reporter_name, plan}: what was said of the figure, and who answers for it ('0': not to be commented on).
export async function commentsOn(figure, unit) {
    const asked = { figure, ...(unit ? { unit } : {}) };
    const found = await api.askWhole('KIND_COMMENTS', asked, ['comments']);
    return { ...found, comments: found.comments.filter((item) => of(item, figure)) };
}

export const listComments = (fields) => api.askAll('KIND_COMMENTS', fields, 'comments');

export function opening(figure, { reporter, plan }, { text, followUp, shown }) {
    return [KIND.COMMENT, {
        action: ACTION.open, reporter: long(reporter), follow_up: followUp, shown: shown.slice(0, 20), text,
        figure: { ...figure, plan: figure.plan || plan, place: long(figure.place) },
    }];
}

export function later(item, step, text) {
    return [KIND.COMMENT, {
        action: ACTION[step], text, seen: fromBase64(item.steps[item.steps.length - 1].id),
        comment: { unit: long(item.comment.unit), id: fromBase64(item.comment.id), payload_sha256: fromBase64(item.comment.payload_sha256) },
    }];
}

// What one may do with it now: the reporter answers, who raised it closes it.
export function stepsFor(item, unit) {
    if (item.state === 'COMMENT_STATE_CLOSED') return [];
    return [...(item.reporter === unit ? ['answer'] : []), ...(item.comment.unit === unit ? ['close'] : [])];
}
