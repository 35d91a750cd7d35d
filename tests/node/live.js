'use strict';
// A village enrols, reports and gets its receipt: PROTOCOL.md sections 3, 4, 6, 7 and 8.

const crypto = require('node:crypto');
const zmq = require('zeromq');
const layout = require('./layout.js');
const z85 = require('./z85.js');
const { Protocol, Client } = require('./client.js');
const { check, equal } = require('./checks.js');

const REPORT = 1;
const KEY = 5;
const PRESENCE_VALUE = 1;
const CHECKED_WITHIN_MS = 20000;

const nowUs = () => (BigInt(Date.now()) * 1000n).toString();

// A unit with its three key pairs.
class Unit {
    constructor(number) {
        this.number = number.toString();
        const sign = crypto.generateKeyPairSync('ed25519');
        this.signPrivate = sign.privateKey;
        this.signPublic = layout.rawPublicKey(sign.publicKey);
        this.key = layout.keyId(this.signPublic);
        this.encryptPublic = layout.rawPublicKey(crypto.generateKeyPairSync('x25519').publicKey);
        this.transport = zmq.curveKeyPair();
    }

    head(id = crypto.randomBytes(16)) {
        return { id, unit: this.number, signed_at_us: nowUs() };
    }

    record(kind, payload) {
        return {
            kind, payload, key: this.key, algorithm: layout.ED25519,
            signature: layout.signRecord(kind, payload, this.signPrivate),
        };
    }
}

function checkProblem(name, error, code) {
    const problem = error.problem;
    equal(`${name}: the error's name`, problem && problem.name, code);
    check(`${name}: a sentence in Chinese and in English`,
        problem && /[\u4e00-\u9fff]/.test(problem.zh) && /[a-z]/.test(problem.en));
}

// Connects with the unit's new key; the question that enrols it.
function enrolment(protocol, code, unit) {
    const head = unit.head();
    const payload = protocol.encode('KeyChange', {
        head, action: protocol.number('KeyAction', 'KEY_ENROL'), subject: unit.number,
        key: unit.key, algorithm: layout.ED25519, sign_public: unit.signPublic,
        transport_public: z85.decode(unit.transport.publicKey), encrypt_public: unit.encryptPublic,
        code_hash: layout.sha256(code.secret),
    });
    const question = {
        unit: unit.number, code_id: code.codeId, secret: code.secret,
        record: unit.record(KEY, payload),
    };
    const client = new Client(protocol, code.endpoint, code.curveKey, unit.transport);
    return { client, question, head, payload };
}

async function enrol(protocol, code) {
    const unit = new Unit(code.unit);
    const { client, question, head, payload } = enrolment(protocol, code, unit);
    try {
        const refused = await client.ask('KIND_PING', 'Ping', {});
        equal('enrolment endpoint: PING is not answered', refused.kind, 'KIND_ERROR');
        checkProblem('enrolment endpoint', refused.body, 'E_KIND');

        const answer = await client.ask('KIND_ENROL', 'Enrol', question);
        if (!check('ENROL is answered with ENROLLED', answer.kind === 'KIND_ENROLLED',
            JSON.stringify(answer))) return null;
        const enrolled = answer.body;
        equal('ENROLLED names the unit', enrolled.unit, unit.number);
        check('ENROLLED names the pinned key',
            enrolled.keys.some((key) => key.sign_public.equals(code.signKey) &&
                key.key.equals(layout.keyId(code.signKey))));
        check('ENROLLED names the same CURVE key', enrolled.transport_public.equals(code.curveKey));
        check('key is active at once', !enrolled.pending);
        const receipt = layout.verifyReceipt(enrolled.receipt, [code.signKey]);
        check('receipt of the KeyChange verifies and settles it', layout.settles(receipt,
            { kind: KEY, unit: unit.number, id: head.id, payload }));

        const again = await client.ask('KIND_ENROL', 'Enrol', question);
        check('the same ENROL again gets the same receipt',
            again.kind === 'KIND_ENROLLED' && again.body.receipt.equals(enrolled.receipt),
            JSON.stringify(again.body.problem));
        return { unit, endpoint: enrolled.endpoint };
    } finally {
        client.close();
    }
}

async function checkUsedCode(protocol, code) {
    const { client, question } = enrolment(protocol, code, new Unit(code.unit));
    try {
        const used = await client.ask('KIND_ENROL', 'Enrol', question);
        equal('a used code is refused', used.kind, 'KIND_ERROR');
        if (used.kind === 'KIND_ERROR') checkProblem('used code', used.body, 'E_ENROL_CODE');
    } finally {
        client.close();
    }
}

// Made-up figures that satisfy every relation of the village form: equal counts, and yes.
function observations(sheet) {
    const cells = [...sheet.cells].sort((a, b) => a.cell - b.cell);
    return {
        cell: cells.map((cell) => cell.cell),
        presence: cells.map(() => PRESENCE_VALUE),
        value: cells.map((cell) => (cell.type === 'yesno' ? 1 : 4)),
    };
}

function report(protocol, unit, sheet, period, changes = {}) {
    return protocol.encode('Report', {
        head: unit.head(), plan: sheet.plan, form: sheet.form, form_version: sheet.version, period,
        place: (BigInt(unit.number) / 1000n).toString(), revision: 1,
        provenance: protocol.number('Provenance', 'PROVENANCE_DEMONSTRATION'),
        observations: observations(sheet), filler: '演示', principal: '演示', note: '演示数据',
        ...changes,
    });
}

async function submit(client, record) {
    return client.ask('KIND_SUBMIT', 'Submit', { record });
}

async function checkSubmit(protocol, client, code, unit, sheet, period) {
    const head = unit.head();
    const payload = report(protocol, unit, sheet, period, { head });
    const record = unit.record(REPORT, payload);
    const answer = await submit(client, record);
    if (!check('SUBMIT is answered with RECEIPT', answer.kind === 'KIND_RECEIPT',
        JSON.stringify(answer.body))) return null;
    const receipt = answer.body.receipt;
    const parsed = layout.verifyReceipt(receipt, [code.signKey]);
    check('the receipt verifies against the pinned key', true);
    check('the receipt settles the report', layout.settles(parsed,
        { kind: REPORT, unit: unit.number, id: head.id, payload }));
    check('the receipt names the signing key', parsed.leaf.key.equals(unit.key));
    check('the receipt holds the hash of the signature',
        parsed.leaf.signatureHash.equals(layout.sha256(record.signature)));

    const again = await submit(client, record);
    check('the same bytes again get the same receipt, byte for byte',
        again.kind === 'KIND_RECEIPT' && again.body.receipt.equals(receipt));
    const asked = await client.ask('KIND_GET_RECEIPT', 'GetReceipt',
        { kind: REPORT, unit: unit.number, id: head.id });
    check('GET_RECEIPT returns it too', asked.kind === 'KIND_RECEIPT' &&
        asked.body.receipt.equals(receipt), asked.kind);
    const kept = await client.ask('KIND_GET_RECORD', 'GetRecord',
        { kind: REPORT, unit: unit.number, id: head.id });
    check('GET_RECORD returns the bytes as sent', kept.kind === 'KIND_RECORD' &&
        kept.body.record.payload.equals(payload) &&
        kept.body.record.signature.equals(record.signature) &&
        kept.body.carrier === unit.number, kept.kind);

    const other = report(protocol, unit, sheet, period, { head, note: '演示数据，另一份' });
    const conflict = await submit(client, unit.record(REPORT, other));
    equal('the same id with other bytes is refused', conflict.kind, 'KIND_REFUSAL');
    if (conflict.kind === 'KIND_REFUSAL') {
        const refusal = layout.verifyRefusal(conflict.body.refusal, [code.signKey]);
        check('the refusal verifies', true);
        check('the refusal names the record', refusal.kind === REPORT &&
            refusal.unit === BigInt(unit.number) && refusal.id.equals(head.id) &&
            refusal.payloadHash.equals(layout.sha256(other)));
        equal('the refusal carries the code of E_ID_CONFLICT', refusal.code, 141);
        check('the refusal holds the hash of its error',
            refusal.errorHash.equals(layout.sha256(conflict.body.error)));
        const error = protocol.decode('Error', conflict.body.error);
        equal('the error carries the same code', error.problem.code, 141);
        checkProblem('conflict', error, 'E_ID_CONFLICT');
    }
    return { id: head.id, payload, receipt };
}

async function checkTrack(client, unit, sheet, period, sent) {
    const deadline = Date.now() + CHECKED_WITHIN_MS;
    let found = null;
    do {
        const answer = await client.ask('KIND_TRACK', 'Track', { form: sheet.form, period });
        if (answer.kind !== 'KIND_TRACKED') break;
        found = answer.body.reports.find((row) => row.id.equals(sent.id));
    } while ((!found || found.state === 'STATE_STORED') && Date.now() < deadline);
    if (!check('TRACK finds the report', found)) return;
    equal('its signature is found good', found.state, 'STATE_CHECKED');
    equal('TRACK names its unit', found.unit, unit.number);
    equal('TRACK names its revision', found.revision, 1);
    check('TRACK names the bytes', found.payload_sha256.equals(layout.sha256(sent.payload)));
    equal('its steps', found.steps.map((step) => step.state).join(' '),
        'STATE_STORED STATE_CHECKED');
}

// The Error of an ERROR or a REFUSAL.
function errorOf(protocol, answer) {
    if (answer.kind === 'KIND_ERROR') return answer.body;
    return answer.kind === 'KIND_REFUSAL' ? protocol.decode('Error', answer.body.error) : null;
}

async function checkForeign(protocol, client, unit, sheet, period, foreign) {
    const stranger = report(protocol, unit, sheet, period,
        { head: { ...unit.head(), unit: foreign }, place: (BigInt(foreign) / 1000n).toString() });
    const carried = await submit(client, unit.record(REPORT, stranger));
    const error = errorOf(protocol, carried);
    if (check('a record of a foreign unit gets an error', error, carried.kind))
        checkProblem('foreign unit', error, 'E_FORBIDDEN');
    const seen = await client.ask('KIND_TRACK', 'Track', { unit: foreign });
    const hidden = seen.kind === 'KIND_ERROR' ||
        (seen.kind === 'KIND_TRACKED' && seen.body.reports.length === 0);
    check('a foreign unit cannot be tracked', hidden, seen.kind);
}

async function checkEnvelope(client) {
    const version = await client.ask('KIND_PING', 'Ping', {}, { version: 2 });
    equal('another version gets an ERROR', version.kind, 'KIND_ERROR');
    if (version.kind === 'KIND_ERROR') checkProblem('version 2', version.body, 'E_VERSION');
    const frames = await client.ask('KIND_PING', 'Ping', {}, { extraFrames: ['two'] });
    equal('two frames get an ERROR', frames.kind, 'KIND_ERROR');
    if (frames.kind === 'KIND_ERROR') checkProblem('two frames', frames.body, 'E_FRAMES');
    const enrolHere = await client.ask('KIND_ENROL', 'Enrol', {});
    equal('ENROL on the main endpoint gets an ERROR', enrolHere.kind, 'KIND_ERROR');
    const pong = await client.ask('KIND_PING', 'Ping', {});
    equal('the connection still works', pong.kind, 'KIND_PONG');
}

async function run(protoDirectory, codeText, foreign, year) {
    const period = Number(year);
    const protocol = new Protocol(protoDirectory);
    const code = layout.parseEnrolCode(codeText);
    const enrolled = await enrol(protocol, code);
    if (!enrolled) return;
    await checkUsedCode(protocol, code);
    const { unit, endpoint } = enrolled;
    const client = new Client(protocol, endpoint, code.curveKey, unit.transport);
    try {
        const pong = await client.ask('KIND_PING', 'Ping', {});
        equal('PING is answered with PONG', pong.kind, 'KIND_PONG');
        equal('PONG names the unit', pong.body.unit, unit.number);
        const forms = await client.ask('KIND_GET_FORM', 'GetForm', {});
        if (!check('GET_FORM is answered with FORM',
            forms.kind === 'KIND_FORM' && forms.body.forms.length > 0, forms.kind)) return;
        const sheet = forms.body.forms[0];
        equal('the form is the village form', sheet.reporter, 'village');
        check('the form has cells with names in both languages', sheet.cells.length > 0 &&
            sheet.cells.every((cell) => cell.cell > 0 && cell.name_zh && cell.name_en));
        const sent = await checkSubmit(protocol, client, code, unit, sheet, period);
        if (sent) await checkTrack(client, unit, sheet, period, sent);
        await checkForeign(protocol, client, unit, sheet, period, foreign);
        await checkEnvelope(client);
    } finally {
        client.close();
    }
}

module.exports = { run };
