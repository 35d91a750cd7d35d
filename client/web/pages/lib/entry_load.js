// What the entry page begins with: the form, what was reported of it now and in the years before, the draft. The
// answers are kept sealed, so that the form opens again without a network.
import * as api from './api.js';
import { listComments } from './comments.js';
import * as drafts from './drafts.js';
import { KIND } from './proof.js';
import { list } from './records.js';
import { fetchReport, readColumns, readReport } from './reports.js';
import * as store from './store.js';
import { seal, unseal } from './vault.js';

const EMPTY = { values: {}, explanations: {}, filler: '', principal: '', note: '' };

// The newest revision of a form's report or total.
export function newest(reports, kind, form) {
    return reports.filter((report) => report.kind === kind && report.form === form)
        .sort((left, right) => right.revision - left.revision)[0];
}

const asDraft = ({ values, explanations, report }) => ({ values, explanations, filler: report.filler, principal: report.principal, note: report.note });

async function fetchAnswers(session, form, period) {
    const [{ forms }, reports, previous, cutoffs, comments] = await Promise.all([
        api.ask('KIND_GET_FORM', { form }), api.askAll('KIND_TRACK', { form, period }, 'reports'), api.ask('KIND_GET_PREVIOUS', { form, period }),
        api.askAll('KIND_GET_COMPLETENESS', { period, form }, 'units'), listComments({ figure: { form, period }, unit: session.unit }),
    ]);
    const report = newest(reports, 'RECORD_REPORT', form) || null;
    const now = report && asDraft(await fetchReport(session.unit, report.id));
    const history = previous.years.map((year) => ({ period: year.period, values: readColumns(year.observations), explanations: year.explanations.map((one) => one.text) }));
    const cutoff = cutoffs.find((row) => row.unit === session.unit && row.form === form && row.level === 'CUTOFF_UNIT');
    return { sheet: forms[0], comments, cutoff, report, now, history, sums: previous.sums, phrases: previous.boilerplate };
}

// {answers, keptAt}: keptAt is 0 for answers of now.
async function answersOf(session, keys, key, form, period) {
    try {
        const answers = await fetchAnswers(session, form, period);
        const { sheet } = answers;
        // what a form is called is no secret: the list of tasks shows it without the keys
        if (sheet) await store.put('kept', { key, unit: session.unit, period, at: Date.now(), sheet: { form, title_zh: sheet.title_zh, title_en: sheet.title_en, number: sheet.number, due: sheet.due }, box: seal(keys, answers) }).catch(() => {});
        return { answers, keptAt: 0 };
    } catch (error) {
        // 401: a session that is still to begin
        if (!error.retry && !(session.offline && error.status === 401)) throw error;
        const kept = await store.get('kept', key).catch(() => null);
        const answers = kept && unseal(keys, kept.box);
        if (!answers) throw error;
        return { answers, keptAt: kept.at };
    }
}

// What was signed here and has no receipt yet is newer than what the aggregator knows.
function unsettled(items, form, period) {
    return items.find((item) => item.kind === KIND.REPORT && item.state !== 'receipted' && item.label.form === form && item.label.period === period);
}

export async function loadEntry(session, keys, form, period) {
    const key = drafts.keyOf(session.unit, form, period);
    const { answers, keptAt } = await answersOf(session, keys, key, form, period);
    const [stored, aside, items] = await Promise.all([drafts.read(keys, key), drafts.asides(keys, key), list(session.unit)]);
    const signed = unsettled(items, form, period);
    const start = signed ? asDraft(readReport(signed.payload)) : answers.now;
    const draft = (stored && stored.draft) || start || {};
    return { ...answers, key, keptAt, aside, locked: Boolean(stored && stored.locked), version: stored ? stored.version : 0, savedAt: stored && stored.draft ? stored.at : 0,
        draft: { ...EMPTY, ...draft }, signed: signed && !(stored && stored.draft) ? signed : null };
}
