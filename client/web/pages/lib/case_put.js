// Sealing reports and steps of cases and putting them into the outbox (proto/CASES.md): what leaves this page is ciphertext.
import nacl from 'tweetnacl';
import { fromHex, hex, join, random, utf8 } from './bytes.js';
import { describe, piecesOf } from './case_attach.js';
import { seatsOf } from './case_directory.js';
import { ROLE, route } from './case_route.js';
import { MAILBOX, PART, SEALING, codeKeys, encryptionKeyId, seal, sealReply, wrap } from './case_seal.js';
import { Long, zhibao } from './messages.js';
import { problem } from './person.js';
import { keyId, sha256, signPayload } from './proof.js';
import { keep, long } from './records.js';
import * as store from './store.js';

export const KIND_CASE = { report: 30, directory: 31, event: 32, read: 33, piece: 46 };
const now = () => Long.fromNumber(Date.now() * 1000);

// Who receives a report: [{seat, role, level}], by the directory of this year. Throws when nobody is left.
export function targetsOf(directory, year, place, emergency, named) {
    const found = route(seatsOf(directory, year), place, emergency, named);
    if (!found) throw problem(`名录中没有可以受理的单位，请立即拨打值班电话 ${directory.phone}`, `nobody of the directory could take this case: call ${directory.phone} now`);
    return found;
}

const wrapFor = (key, { seat, role, level }) => ({
    unit: long(seat.unit), holder: fromHex(seat.holder), key: encryptionKeyId(seat.encrypt), role, level, wrapped: wrap(key, seat.encrypt),
});

// {key, part}: a CaseSealed of these bytes for these targets, and its content key.
function sealFor(context, plain, targets) {
    let sealed;
    try {
        sealed = seal(context, plain);
    } catch (error) {
        throw problem('内容过长，不能密封', 'too long to be sealed');
    }
    const { key, nonce, commitment, ciphertext } = sealed;
    return { key, part: { sealing: SEALING, nonce, commitment, ciphertext, wraps: targets.map((target) => wrapFor(key, target)) } };
}

function signed(kind, type, fields, unit, id, pair) {
    const payload = type.encode({ ...fields, head: { id, unit: long(unit), signed_at_us: now() } }).finish();
    const record = zhibao.Record.encode({ kind, payload, key: keyId(pair.publicKey), algorithm: 1, signature: signPayload(kind, payload, pair.secretKey) }).finish();
    return { kind, unit: String(unit), id, payload, record };
}

// The pieces of a record's files, signed.
const makePieces = (files, described, to, unit, pair) => piecesOf(files, described, to).map(({ id, fields }) => signed(KIND_CASE.piece, zhibao.CasePiece, fields, unit, id, pair));

// A report by a key made for it alone: {record, pieces, code}, of which the code is for the reporter alone.
export function makeReport(keys, { directory, targets, emergency, content, name, phone, files = [] }) {
    const [code, id] = [random(16), random(16)];
    const made = codeKeys(code);
    const context = { district: directory.district, caseId: id, record: id, part: PART.content };
    const attachments = describe(files);
    const { key, part: sealed } = sealFor(context, zhibao.CaseContent.encode({ ...content, attachments }).finish(), targets);
    const tie = join(utf8('zhibao/caseauthor/v1'), new Uint8Array([0]), id, sealed.commitment);
    const reporter = zhibao.CaseReporter.encode({
        unit: long(keys.unit), name, phone, sign_public: keys.sign.publicKey, signature: nacl.sign.detached(tie, keys.sign.secretKey),
    }).finish();
    const unit = `${directory.district}${String(MAILBOX).padStart(3, '0')}`;
    const record = signed(KIND_CASE.report, zhibao.CaseReport, {
        urgency: emergency ? 2 : 1, directory: long(directory.serial), content: sealed,
        reporter: sealFor({ ...context, part: PART.reporter }, reporter, targets.filter(({ role }) => role === ROLE.lead)).part,
        sign_public: made.sign.publicKey, reply_public: made.reply.publicKey, lookup_sha256: sha256(made.lookup),
    }, unit, id, made.sign);
    const to = { district: directory.district, caseId: id, record: id, key, signPublic: made.sign.publicKey };
    return { record, pieces: makePieces(files, attachments, to, unit, made.sign), code };
}

// A record and its pieces into the outbox, the pieces behind it; the record's item. `more` is kept with each.
async function putAll(keys, { record, pieces }, caseId, label, more) {
    const item = await keep({ ...record, ...more }, label, keys.pins);
    for (const [index, piece] of pieces.entries()) await keep({ ...piece, ...more, at: item.at + 1 + index }, { caseId }, keys.pins);
    return item;
}

// {item, code}. A report is sent with the account's other records, by whoever has this browser open, and listed with none.
export async function putReport(keys, draft) {
    const made = makeReport(keys, draft);
    return { item: await putAll(keys, made, hex(made.record.id), {}, { owner: String(keys.unit) }), code: made.code };
}

// The reports that this account put into the outbox here, the newest first.
export const reportsOf = async (unit) => (await store.all('record')).filter((item) => item.kind === KIND_CASE.report && item.owner === String(unit)).sort((left, right) => right.at - left.at);

// How many pieces of a case's files wait here; those that have arrived are kept no longer.
export async function piecesLeft(caseId) {
    const pieces = (await store.all('record')).filter((item) => item.kind === KIND_CASE.piece && item.label.caseId === caseId);
    for (const item of pieces) if (item.state === 'receipted') await store.remove('record', item.id);
    return pieces.filter((item) => item.state !== 'receipted').length;
}

// A step. `shares`: [{record (hex), key, target}], content keys of earlier records for a newcomer.
export function makeStep(keys, { item, seen, action, emergency, text, risk, targets, files = [], shares = [], reply, replyPublic, leaver, dueUs }) {
    const [id, caseId] = [random(16), fromHex(item.caseId)];
    const context = { district: item.district, caseId, record: id, part: PART.content };
    const attachments = describe(files);
    const { key, part } = sealFor(context, zhibao.CaseStep.encode({ text, risk: risk || 0, attachments }).finish(), targets);
    const record = signed(KIND_CASE.event, zhibao.CaseEvent, {
        district: long(item.district), case_id: caseId, seen: fromHex(seen), action, urgency: emergency ? 2 : 0,
        content: part,
        reply: reply ? sealReply(zhibao.CaseReply.encode({ text: reply }).finish(), replyPublic) : new Uint8Array(0),
        grants: shares.map((share) => ({ record: fromHex(share.record), wrap: wrapFor(share.key, share.target) })),
        leaver: long(leaver || 0), due_us: Long.fromNumber(dueUs || 0),
    }, keys.unit, id, keys.sign);
    return { record, pieces: makePieces(files, attachments, { district: item.district, caseId, record: id, key }, keys.unit, keys.sign) };
}

// The step's item in the outbox.
export const putStep = (keys, step) => putAll(keys, makeStep(keys, step), step.item.caseId, { text: step.item.caseId.slice(0, 8) }, {});

// What is said before a case is read: which, and for what.
export const putReading = (keys, { district, caseId }, purpose) => keep(
    signed(KIND_CASE.read, zhibao.CaseRead, { district: long(district), case_id: fromHex(caseId), purpose }, keys.unit, random(16), keys.sign), {}, keys.pins);
