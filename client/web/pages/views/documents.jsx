// Documents that were handed in: read, downloaded and checked against their authors' signatures, accepted or returned.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { fetchContent, fileName } from '../lib/documents.js';
import { fromBase64 } from '../lib/bytes.js';
import { T, timeText } from '../lib/i18n.js';
import { KIND } from '../lib/proof.js';
import { long } from '../lib/records.js';
import { dutyWord } from '../lib/terms.js';
import { placeOf } from '../lib/words.js';
import { Choice, Failure, Field, Load, Signer, State, Table, YearPicker, saveFile, yearOf } from './parts.jsx';

const SEERS = ['statistics', 'office', 'admin', 'township'];
const ACCEPT = 1;
const RETURN = 2;
const CAN = { [ACCEPT]: ['STATE_STORED', 'STATE_RETURNED'], [RETURN]: ['STATE_STORED', 'STATE_ACCEPTED'] };
const may = (row, verdict, session) => row.receiver === session.unit && row.record.unit !== session.unit && CAN[verdict].includes(row.state);
const sizeText = (size) => (Number(size) < 1048576 ? `${Math.ceil(Number(size) / 1024)} KB` : `${(Number(size) / 1048576).toFixed(1)} MB`);

// Accepting, or returning with a reason.
class Verdict extends Signer {
    state = { reason: '' };

    decide(event, verdict) {
        event.preventDefault();
        const { row, tools, onDone } = this.props;
        const reason = this.state.reason.trim();
        if (verdict === RETURN && !reason) {
            this.setState({ error: new Error(T('退回必须写明理由', 'a return needs a reason')) });
            return document.getElementById('verdict-reason').focus();
        }
        const { record } = row;
        return this.sign(KIND.REVIEW, {
            subject_kind: KIND.DOCUMENT, verdict, reason: verdict === RETURN ? reason : '',
            subject: { unit: long(record.unit), id: fromBase64(record.id), payload_sha256: fromBase64(record.payload_sha256) },
        }, `${row.unit_name} ${row.file_name}`, () => { tools.say(verdict === ACCEPT ? T('文件已通过，有回执', 'document accepted, receipted') : T('文件已退回，有回执', 'document returned, receipted')); onDone(); });
    }

    render({ row, session, onClose }, { reason, busy }) {
        return (
            <form class="card" id="verdict" onSubmit={(event) => this.decide(event, ACCEPT)}>
                <h2>{T('审核文件：', 'Review: ')}{row.unit_name} · {row.file_name}</h2>
                {may(row, RETURN, session) && <Field id="verdict-reason" label={T('退回理由（通过不用写）', 'Reason to return (none to accept)')}><input id="verdict-reason" maxLength={600} value={reason} onInput={(event) => this.setState({ reason: event.target.value })} /></Field>}
                {this.outcome()}
                <div class="bar">
                    {may(row, ACCEPT, session) && <button type="submit" class="main" disabled={busy}>{T('签名通过', 'Sign and accept')}</button>}
                    {may(row, RETURN, session) && <button type="button" id="verdict-return" disabled={busy} onClick={(event) => this.decide(event, RETURN)}>{T('签名退回', 'Sign and return')}</button>}
                    <button type="button" class="quiet" onClick={onClose}>{T('取消', 'Cancel')}</button>
                </div>
            </form>
        );
    }
}

class Board extends Component {
    state = { step: null, error: null, row: null };

    componentWillUnmount() {
        if (this.stop) this.stop.abort();
    }

    // What has come before a break is kept, so that it goes on from there.
    async fetch(row) {
        const { tools } = this.props;
        this.kept = this.kept && this.kept.id === row.record.id ? this.kept : { id: row.record.id, parts: [] };
        this.stop = new AbortController();
        this.setState({ step: [0, Number(row.size), row], error: null });
        try {
            const bytes = await fetchContent(row, this.kept.parts, this.stop.signal, (done) => this.setState({ step: [done, Number(row.size), row] }));
            this.kept = null;
            saveFile(fileName(row.file_name), bytes, row.media_type);
            tools.say(T(`已存为 ${fileName(row.file_name)}，与报送单位签名中的摘要相符`, `saved as ${fileName(row.file_name)}; it is what its author signed`));
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ step: null });
    }

    render({ rows, duties, session, tools, reload, period }, { step, error, row: reviewed }) {
        const what = (row) => {
            if (!row.duty) return T('报表的附件', 'attachment of a report');
            const duty = duties[`${row.plan}/${row.duty}`];
            return duty ? dutyWord(duty.what, duty.frequency) : row.duty;
        };
        return (
            <>
                <Failure error={error} />
                {step && <p id="fetch-step" role="status"><progress value={step[0]} max={step[1]} aria-label={T('下载进度', 'Download progress')} /> {step[2].file_name} {Math.floor(step[0] / 1024)}/{Math.ceil(step[1] / 1024)} KB <button type="button" class="quiet" onClick={() => this.stop.abort()}>{T('停止', 'Stop')}</button></p>}
                {reviewed && <Verdict key={reviewed.record.id} row={reviewed} session={session} tools={tools} onDone={() => { this.setState({ row: null }); reload(); }} onClose={() => this.setState({ row: null })} />}
                <Table caption={T('文件', 'Documents')} name={`documents-${period}`} rows={rows} rowKey={(row) => row.record.id} empty={T('没有文件', 'no documents')} columns={[
                    { title: T('单位', 'Unit'), cell: (row) => row.unit_name },
                    { title: T('文件', 'File'), long: true, cell: (row) => <><span class="typed">{row.file_name}</span> <span class="help">{sizeText(row.size)}</span></>, text: (row) => row.file_name },
                    { title: T('办理', 'Do'), cell: (row) => (
                        <span class="row">
                            <button type="button" class="quiet" disabled={Boolean(step)} aria-label={T(`下载 ${row.file_name}`, `Download ${row.file_name}`)} onClick={() => this.fetch(row)}>{this.kept && this.kept.id === row.record.id && !step ? T('接着下载', 'Go on') : T('下载', 'Download')}</button>
                            {(may(row, ACCEPT, session) || may(row, RETURN, session)) && <button type="button" class="quiet" aria-label={T(`审核 ${row.file_name}`, `Review ${row.file_name}`)} onClick={() => this.setState({ row })}>{T('审核', 'Review')}</button>}
                        </span>
                    ), text: () => '' },
                    { title: T('内容', 'What'), cell: what },
                    { title: T('年度', 'Year'), number: true, cell: (row) => row.period || '' },
                    { title: T('收到', 'Received'), short: true, cell: (row) => timeText(row.received_us) },
                    { title: T('状态', 'State'), cell: (row) => <>{row.state === 'STATE_ACCEPTED' ? <span class="state good">{T('已通过', 'accepted')}</span> : <State state={row.state} />}{row.reason && <p class="reason">{row.reason}</p>}</>, text: (row) => `${row.state.replace('STATE_', '')} ${row.reason}`.trim() },
                    { title: T('审核单位', 'Reviewed by'), cell: (row) => row.receiver_name },
                ]} />
            </>
        );
    }
}

const SCOPES = { pending: { pending: true }, own: {}, all: { subtree: true } };

async function load(session, scope, query, period) {
    const asked = query.id ? { subtree: true, id: query.id } : SCOPES[scope];
    const seer = SEERS.includes(session.role);
    const [found, own, below] = await Promise.all([
        api.askAll('KIND_LIST_DOCUMENTS', asked, 'documents'), api.askAll('KIND_DUTIES', { year: period }, 'items'),
        seer ? api.askAll('KIND_DUTIES', { year: period, place: placeOf(session.unit) }, 'items') : [],
    ]);
    // what is owed once has no year of its own
    const rows = found.filter((row) => query.id || scope === 'pending' || !row.period || row.period === period);
    rows.sort((left, right) => Number(right.received_us) - Number(left.received_us));
    return { rows, duties: Object.fromEntries([...below, ...own].map((duty) => [`${duty.plan}/${duty.duty}`, duty])) };
}

export function Documents({ title, session, query, tools }) {
    const period = yearOf(query);
    const scopes = [['pending', T('等本单位审核的', 'awaiting our review')], ['own', T('本单位报的', 'handed in by us')], ...(SEERS.includes(session.role) ? [['all', T('本单位和下面各单位的', 'ours and those below')]] : [])];
    const scope = SCOPES[query.scope] ? query.scope : ['statistics', 'office'].includes(session.role) ? 'pending' : 'own';
    return (
        <section>
            <div class="title"><h1>{title} · {period}</h1><Choice page="documents" query={{ year: period, scope: query.scope || '' }} name="scope" label={T('看', 'Show')} otherwise={scope} options={scopes} /><YearPicker page="documents" query={{ scope }} /></div>
            <Load key={`${scope}${period}`} load={() => load(session, scope, query, period)}>{({ rows, duties }, reload) => <Board rows={rows} duties={duties} session={session} tools={tools} reload={reload} period={period} />}</Load>
        </section>
    );
}
