// Signed records and their outbox. A record is encoded and signed once, stored, and then sent as those
// bytes until a receipt or a signed refusal for exactly it verifies; it can be sent without the keys.
import { postBytes } from './api.js';
import { base64, fromBase64, fromHex, hex, random } from './bytes.js';
import { Long, zhibao } from './messages.js';
import { covers, keyId, signPayload, verifyReceipt, verifyRefusal } from './proof.js';
import * as store from './store.js';

const TYPES = {
    1: zhibao.Report, 2: zhibao.Review, 3: zhibao.Confirmation, 4: zhibao.Lock, 5: zhibao.KeyChange, 6: zhibao.PlanImport,
    9: zhibao.Calendar, 10: zhibao.Extension, 11: zhibao.Task, 12: zhibao.Document, 14: zhibao.Contact, 20: zhibao.Comment, 31: zhibao.CaseDirectoryRecord,
    47: zhibao.CaseKeyEnd,
};

export const long = (text) => Long.fromString(String(text), true);

// Encodes and signs `fields` as a record of this kind by these keys.
export function sign(kind, fields, keys) {
    const id = random(16);
    const head = {
        id, unit: long(keys.unit), signed_at_us: Long.fromNumber(Date.now() * 1000),
    };
    const payload = TYPES[kind].encode({ ...fields, head }).finish();
    const record = zhibao.Record.encode({
        kind, payload, key: keyId(keys.sign.publicKey), algorithm: 1,
        signature: signPayload(kind, payload, keys.sign.secretKey),
    }).finish();
    return { kind, unit: String(keys.unit), id, payload, record };
}

// Puts a signed record into the outbox. `label` is what the pages show of it.
export async function keep(signed, label, pins) {
    const item = {
        ...signed, id: hex(signed.id), label, pins: pins.map(base64), state: 'waiting',
        at: signed.at || Date.now(), error: null,
    };
    await store.put('record', item);
    return item;
}

function settle(item, answer) {
    const pins = item.pins.map(fromBase64);
    const record = { ...item, id: fromHex(item.id) };
    if (answer.kind === 'KIND_RECEIPT') {
        const receipt = fromBase64(answer.body.receipt);
        if (!covers(verifyReceipt(receipt, pins), record)) throw new Error('receipt of another record');
        return { ...item, state: 'receipted', receipt, error: null };
    }
    const error = fromBase64(answer.body.error);
    const refusal = verifyRefusal(fromBase64(answer.body.refusal), error, pins);
    if (!covers(refusal, record)) throw new Error('refusal of another record');
    const decoded = zhibao.Error.decode(error);
    const problems = [decoded.problem, ...decoded.more].map(({ name, zh, en, field, cell }) => (
        { name, zh, en, field, cell }));
    return { ...item, state: 'refused', error: { problem: problems[0], more: problems.slice(1) } };
}

// Sends one; resolves to the item as it then stands. What is not settled keeps waiting.
export async function deliver(item) {
    let now;
    try {
        now = settle(item, await postBytes('/api/submit', item.record));
    } catch (error) {
        now = { ...item, error: error.problem ? { problem: error.problem, more: error.more || [] } : {
            problem: { name: 'MISMATCH', zh: '回执核验不通过，不予采信', en: `the receipt does not verify (${error.message})`, field: '', cell: 0 }, more: [],
        } };
        // Not signed, so nothing is settled: it stays here, and is not sent again unasked.
        if (error.problem && !error.retry && error.status !== 401) now.state = 'stuck';
    }
    await store.put('record', now);
    return now;
}

// One record of a page that signs one at a time: signed, kept, sent; the item as it then stands.
export async function signAndSend(tools, kind, fields, text) {
    return tools.withKeys(async (keys) => deliver(await keep(sign(kind, fields, keys), { text }, keys.pins)));
}

// The event that tells pages of a record that was sent in the background.
export const SETTLED = 'zhibao-record';

let sending = false;

// Sends what waits of this unit, oldest first; stops at the first that has to wait on.
export async function drain(unit) {
    if (sending) return;
    sending = true;
    try {
        const waiting = (await store.all('record'))
            .filter((item) => item.state === 'waiting' && (item.owner || item.unit) === unit)
            .sort((left, right) => left.at - right.at);
        for (const item of waiting) {
            const now = await deliver(item);
            dispatchEvent(new CustomEvent(SETTLED, { detail: now }));
            if (now.state === 'waiting') break;
        }
    } finally {
        sending = false;
    }
}

export async function list(unit) {
    return (await store.all('record')).filter((item) => item.unit === unit)
        .sort((left, right) => right.at - left.at);
}

