// Reading a case: said first, then fetched, verified and opened here (proto/CASES.md sections 5 and 7). Nothing that the
// gateway or the aggregator says makes anybody a recipient.
import nacl from 'tweetnacl';
import * as api from './api.js';
import { base64, fromBase64, fromHex, hex, join, utf8 } from './bytes.js';
import { listed } from './case_directory.js';
import { secretsOf } from './case_home.js';
import { KIND_CASE, putReading } from './case_put.js';
import { ROLE } from './case_route.js';
import { nameOf } from './case_rules.js';
import { PART, open, openReply, unwrap } from './case_seal.js';
import { zhibao } from './messages.js';
import { verifyPayload } from './proof.js';
import { deliver } from './records.js';
import * as store from './store.js';

const PAGES_MOST = 400;
const COVERS_MS = 8 * 60 * 1000; // the aggregator lets a reading cover ten minutes

// A row of LIST_CASES, with names instead of numbers.
export const itemOf = (row) => ({
    district: row.district, caseId: hex(fromBase64(row.case_id)), emergency: row.urgency === 'CASE_EMERGENCY', state: nameOf(row.state, 'CASE_STATE_'), role: nameOf(row.role, 'CASE_'),
    receivedUs: row.received_us, level: row.level, last: hex(fromBase64(row.last)), lastUs: row.last_us, acknowledged: row.acknowledged,
    due: row.due.map((due) => ({ action: nameOf(due.action, 'CASE_'), dueUs: Number(due.due_us), overdue: due.overdue })).sort((left, right) => left.dueUs - right.dueUs),
});

// Says that the case is read and what for; throws why not, when there is no receipt for it.
async function say(keys, item, purpose) {
    const said = await deliver(await putReading(keys, item, purpose));
    if (said.state !== 'receipted') throw said.error || new Error('no receipt');
    await store.remove('record', said.id);
}

async function fetchAll(item) {
    const question = { district: item.district, case_id: base64(fromHex(item.caseId)), after: '' };
    const rows = [];
    for (let page = 0; page < PAGES_MOST; page++) {
        const file = await api.ask('KIND_GET_CASE', question);
        rows.push(...file.records);
        if (!file.more || !file.records.length) return { ...file, records: rows };
        const last = file.records[file.records.length - 1].record;
        question.after = base64(decode(last).head.id);
    }
    throw new Error('too many records');
}

const isReport = (record) => record.kind === 'RECORD_CASE_REPORT';
const decode = (record) => (isReport(record) ? zhibao.CaseReport : zhibao.CaseEvent).decode(fromBase64(record.payload));

// The body of a record that its author signed: a report by the key it brings, a step by a key that the committee's
// directory lists for its unit. Null for any other.
function verify(record, item, directory, year) {
    let body;
    try {
        body = decode(record);
    } catch (error) {
        return null;
    }
    const report = isReport(record);
    const author = report ? null : listed(directory, hex(fromBase64(record.key)), year);
    const key = report ? body.sign_public : author && author.sign;
    if (!key || key.length !== 32 || !body.head || body.head.id.length !== 16 || (author && author.unit !== String(body.head.unit)) || (report && hex(body.head.id) !== item.caseId)) return null;
    return verifyPayload(report ? KIND_CASE.report : KIND_CASE.event, fromBase64(record.payload), fromBase64(record.signature), key) ? body : null;
}

function entryOf(row, item, directory, year) {
    const body = row.record && verify(row.record, item, directory, year);
    const receivedUs = row.received_us;
    if (!body) return { receivedUs, body: null };
    const report = isReport(row.record);
    return { receivedUs, body, report, id: hex(body.head.id), unit: String(body.head.unit), action: report ? 1 : body.action, emergency: body.urgency === 2, dueUs: report ? 0 : Number(body.due_us), leaver: report ? '0' : String(body.leaver) };
}

// Opens what is wrapped for these secrets: [{id, secret}].
class Opener {
    constructor(item, secrets, entries) {
        Object.assign(this, { item, secrets, entries });
    }

    byWraps(wraps) {
        for (const one of wraps)
            for (const { id, secret } of this.secrets) {
                const key = hex(one.key) === id ? unwrap(one.wrapped, secret) : null;
                if (key) return key;
            }
        return null;
    }

    // The content key: among the part's own wraps, or in a grant of another record.
    keyOf(sealed, record) {
        const own = this.byWraps(sealed.wraps);
        if (own || !record) return own;
        const grants = this.entries.filter((entry) => entry.body && !entry.report).flatMap((entry) => entry.body.grants);
        return this.byWraps(grants.filter((grant) => grant.wrap && hex(grant.record) === record).map((grant) => grant.wrap));
    }

    open(entry, sealed, part, type) {
        const key = sealed && this.keyOf(sealed, part === PART.content ? entry.id : '');
        const context = { district: this.item.district, caseId: fromHex(this.item.caseId), record: fromHex(entry.id), part };
        const plain = key && open(context, key, sealed);
        try {
            return plain ? { key, message: type.decode(plain) } : null;
        } catch (error) {
            return null;
        }
    }

    openEntry(entry) {
        if (!entry.body) return entry;
        const opened = this.open(entry, entry.body.content, PART.content, entry.report ? zhibao.CaseContent : zhibao.CaseStep);
        const reporter = entry.report ? this.open(entry, entry.body.reporter, PART.reporter, zhibao.CaseReporter) : null;
        return { ...entry, key: opened && opened.key, message: opened && opened.message, reporter: reporter && authored(reporter.message, entry) };
    }
}

// Who reports, and whether the unit's own key signed that it did.
function authored(reporter, entry) {
    const tie = join(utf8('zhibao/caseauthor/v1'), new Uint8Array([0]), fromHex(entry.id), entry.body.content.commitment);
    const good = reporter.sign_public.length === 32 && reporter.signature.length === 64 && nacl.sign.detached.verify(tie, reporter.signature, reporter.sign_public);
    return { unit: String(reporter.unit), name: reporter.name, phone: reporter.phone, good };
}

// Those to whom the next step is sealed: members whom the directory lists and a record that verifies names.
function targetsOf(file, entries, directory, year) {
    const vouched = new Set(entries.filter((entry) => entry.body && entry.body.content).flatMap((entry) => entry.body.content.wraps.map((one) => hex(one.holder))));
    const targets = [];
    let unlisted = 0;
    for (const member of file.members) {
        const holder = hex(fromBase64(member.holder));
        const seat = listed(directory, holder, year);
        if (!seat || seat.unit !== member.unit || !vouched.has(holder)) unlisted++;
        else targets.push({ seat, role: ROLE[nameOf(member.role, 'CASE_')], level: member.level });
    }
    return { targets, unlisted };
}

// {item, entries (oldest first), targets, unlisted, replyPublic, saidAt}. The reading is recorded first; `before`, an earlier
// one of the same page, covers what follows for a while.
export async function readCase(keys, { home, directory, year }, item, purpose, before) {
    const covered = before && performance.now() - before.saidAt < COVERS_MS;
    const saidAt = covered ? before.saidAt : performance.now();
    if (!covered) await say(keys, item, purpose);
    return { ...openFile(await fetchAll(item), item, { secrets: secretsOf(home), directory, year }), saidAt };
}

// What the holder of these secrets learns from a file, whoever hands it out.
export function openFile(file, item, { secrets, directory, year }) {
    const found = file.records.map((row) => entryOf(row, item, directory, year));
    const opener = new Opener(item, secrets, found);
    const entries = found.map((entry) => opener.openEntry(entry));
    const report = found.find((entry) => entry.body && entry.report);
    const members = file.members.map((member) => ({ unit: member.unit, role: ROLE[nameOf(member.role, 'CASE_')], level: member.level }));
    return { item: itemOf(file.item), entries, members, ...targetsOf(file, entries, directory, year), replyPublic: report && report.body.reply_public.length === 32 ? report.body.reply_public : null };
}

// What the reporter's code tells: {state, receivedUs, steps, due}, the answers opened.
export async function askState(made) {
    const { body } = await api.postOpenly('/api/case/state', { lookup: base64(made.lookup) });
    return {
        state: nameOf(body.state, 'CASE_STATE_'), receivedUs: body.received_us,
        steps: body.steps.map((step) => ({ action: nameOf(step.action, 'CASE_'), timeUs: step.time_us, text: replyText(step.reply, made.reply.secretKey) })),
        due: body.due.map((due) => ({ action: nameOf(due.action, 'CASE_'), dueUs: Number(due.due_us), overdue: due.overdue })),
    };
}

function replyText(reply, secret) {
    const plain = reply ? openReply(fromBase64(reply), secret) : null;
    return plain ? zhibao.CaseReply.decode(plain).text : '';
}
