// What the pages do with cases, without a browser: sealing against the vectors that the C code is held to, who receives a
// case and who may do what against the rules of tests/rules, words against those of the command line.
import fs from 'node:fs';
import path from 'node:path';
import nacl from 'tweetnacl';
import { fromHex, hex, random, utf8, fromUtf8 } from '../../client/web/pages/lib/bytes.js';
import { isWhatItSays } from '../../client/web/pages/lib/case_attach.js';
import { verifyDirectory, yearOf } from '../../client/web/pages/lib/case_directory.js';
import { ALARM_MS, isLate, waited } from '../../client/web/pages/lib/case_wait.js';
import { makeReport, makeStep } from '../../client/web/pages/lib/case_put.js';
import { openFile } from '../../client/web/pages/lib/case_read.js';
import { ACTION, may } from '../../client/web/pages/lib/case_rules.js';
import { DUTY, route, textNames } from '../../client/web/pages/lib/case_route.js';
import * as sealing from '../../client/web/pages/lib/case_seal.js';
import * as words from '../../client/web/pages/lib/case_words.js';
import { zhibao } from '../../client/web/pages/lib/messages.js';
import { keyId, sha256 } from '../../client/web/pages/lib/proof.js';

const PLAIN_MOST = 131071;

function readVectors(file) {
    const lines = fs.readFileSync(file, 'utf8').trim().split('\n');
    return Object.fromEntries(lines.map((line) => line.split(' = ')).map(([name, value]) => [name, fromHex(value)]));
}

export function checkCaseSeal(check, refuses, folder) {
    const v = readVectors(path.join(folder, 'case.txt'));
    const context = { district: '450223000000', caseId: utf8('case id 16 bytes'), record: utf8('record 16 bytes.'), part: 1 };
    const same = (left, right) => hex(left) === hex(right);
    const made = sealing.seal(context, v.plain, v.content_key, v.nonce);
    check('a part is sealed as the C code seals it, byte for byte', same(made.ciphertext, v.ciphertext) && same(made.commitment, v.commitment));
    check('and opens again', same(sealing.open(context, v.content_key, made), v.plain));
    const elsewhere = [{ district: '450224000000' }, { caseId: v.nonce.slice(0, 16) }, { record: v.nonce.slice(0, 16) }, { part: 2 }];
    check('nowhere but where it belongs', elsewhere.every((change) => sealing.open({ ...context, ...change }, v.content_key, made) === null));
    const bent = (bytes, at) => { const copy = bytes.slice(); copy[at] ^= 1; return copy; };
    check('nor under another key, nonce, commitment or text', sealing.open(context, bent(v.content_key, 0), made) === null &&
        ['nonce', 'commitment', 'ciphertext'].every((name) => sealing.open(context, v.content_key, { ...made, [name]: bent(made[name], 3) }) === null));
    const sizes = [0, 1, 2047, 2048, 8191, 8192, 32767, 32768, PLAIN_MOST].map((size) => [size, sealing.seal(context, new Uint8Array(size).fill(0x80))]);
    check('lengths show as four sizes', sizes.map(([, one]) => one.ciphertext.length).join() === '2064,2064,2064,8208,8208,32784,32784,131088,131088');
    check('every length opens', sizes.every(([size, one]) => sealing.open(context, one.key, one).length === size));
    check('what is too long is not sealed', refuses(() => sealing.seal(context, new Uint8Array(PLAIN_MOST + 1))));
    const secret = new Uint8Array(32).fill(4);
    check('a wrap of the C code’s opens, for its recipient alone', same(sealing.unwrap(v.wrapped, secret), v.content_key) && sealing.unwrap(v.wrapped, random(32)) === null && sealing.unwrap(bent(v.wrapped, 50), secret) === null);
    check('a wrap of ours is its size and opens', sealing.wrap(v.content_key, v.encrypt_public).length === 80 && same(sealing.unwrap(sealing.wrap(v.content_key, v.encrypt_public), secret), v.content_key));
    check('nothing is wrapped for what is no key', refuses(() => sealing.wrap(v.content_key, new Uint8Array(32))));
    check('an encryption key has its id', same(sealing.encryptionKeyId(v.encrypt_public), v.encrypt_key_id));
    checkCode(check, v, bent);
    checkDirectory(check, v, bent);
}

function checkCode(check, v, bent) {
    const text = fromUtf8(v.code_text);
    const keys = sealing.codeKeys(v.code);
    check('the reporter’s code is written and read', sealing.codeText(v.code) === text && hex(sealing.parseCode(text.toLowerCase().replace(/-/g, ' '))) === hex(v.code));
    check('every single mistake in it shows', [...text].every((digit, at) => digit === '-' || sealing.parseCode(text.slice(0, at) + (digit === '7' ? '8' : '7') + text.slice(at + 1)) === null));
    check('what is no code is none', ['', `${text}0`, text.slice(1), '0000-0000-0000-0000-0000-0000-00U'].every((wrong) => sealing.parseCode(wrong) === null) && hex(sealing.parseCode('oOoO 0000 0000 0000 0000 0000 000')) === '0'.repeat(32));
    check('its keys follow from it', hex(keys.sign.publicKey) === hex(v.code_sign_public) && hex(keys.reply.publicKey) === hex(v.code_reply_public) && hex(keys.lookup) === hex(v.code_lookup));
    const opened = sealing.openReply(v.reply, keys.reply.secretKey);
    check('an answer opens with it', zhibao.CaseReply.decode(opened).text === '演示：已安排临时照料' && sealing.openReply(bent(v.reply, 0), keys.reply.secretKey) === null);
    check('and ours too', hex(sealing.openReply(sealing.sealReply(v.plain, keys.reply.publicKey), keys.reply.secretKey)) === hex(v.plain));
}

function checkDirectory(check, v, bent) {
    const trust = { committee: v.committee, district: '450223000000', serial: '3' };
    const why = (payload, change = {}, now = 1500) => { try { verifyDirectory(payload, { ...trust, ...change }, now); return ''; } catch (error) { return error.message; } };
    const directory = verifyDirectory(v.directory, trust, 1500);
    check('the committee’s directory verifies', directory.keys[0].name === '鹿寨县民政局' && directory.keys[0].unit === '450223000000012');
    check('another committee’s does not', why(v.directory, { committee: nacl.sign.keyPair().publicKey }) === 'signature');
    check('nor another district’s, an old one, one past its time', why(v.directory, { district: '450224000000' }) === 'district' && why(v.directory, { serial: '4' }) === 'old' && why(v.directory, {}, 2000) === 'expired');
    const years = (...all) => ({ keys: all.map((year) => ({ year })) });
    check('a new year whose keys are not signed yet uses the old one’s', yearOf(years(2025, 2026), 2027) === 2026 && yearOf(years(2026, 2027), 2027) === 2027 && yearOf(years(2026, 2027), 2026) === 2026 && yearOf(years(2026), 2001) === 2026);
    const changes = Array.from(v.directory, (_, at) => why(bent(v.directory, at)));
    // what stands between the two tells nothing that anybody relies on
    check('any bit of what was signed, or of the signature, is refused', [...changes.slice(3, 149), ...changes.slice(-64)].every((name) => name !== ''));
}

// The directory that tests/rules/case_route.rules names.
const PLACES = { v4: '450223104201', v5: '450223105201', d: '450223000000', '?': '' };
const SEATS = { t4: ['450223104000000', 'township'], t4b: ['450223104000000', 'township'], t5: ['450223105000000', 'township'], in1: ['450223000000012', 'intake'], in2: ['450223000000012', 'intake'], pol: ['450223000000013', 'police'], sup: ['450223000000002', 'supervisor'], top: ['450200000000002', 'above'], edu: ['450223000000014', 'department'] };

function rulesOf(file) {
    return fs.readFileSync(file, 'utf8').split('\n').map((line) => line.replace(/#.*/, '').trim()).filter(Boolean);
}

export function checkCaseRules(check, folder) {
    const seats = Object.entries(SEATS).map(([holder, [unit, duty]]) => ({ holder, unit, duty: DUTY[duty] }));
    const roles = ['', 'lead', 'handler', 'member', 'supervisor'];
    const cases = rulesOf(path.join(folder, 'case_route.rules')).map((line) => /^(\S+) (\S+) (\S+)\s*-> (.*)$/.exec(line));
    const wrong = cases.filter(([, place, urgency, said, wanted]) => {
        const named = said === '-' ? [] : said.split(',');
        const found = route(seats, PLACES[place], urgency === 'emergency', { units: named.filter((one) => one.startsWith('unit:')).map((one) => SEATS[one.slice(5)][0]), holders: named.filter((one) => !one.startsWith('unit:')) });
        const shown = found ? found.map((one) => `${one.level}:${roles[one.role]}:${one.seat.holder}`).join(' ') : 'none';
        return shown !== wanted.trim();
    });
    check('who receives a case follows the rules', cases.length > 20 && !cases.includes(null) && wrong.length === 0);
    const seat = { unit: '450223000000012', holder: 'a1b2c3d4e5f60718293a4b5c6d7e8f90' };
    check('who is named is known by code or key, and nobody else', ['450223000000:12', '校长；民政局 450223000000:12；x', 'y, A1B2C3D4E5F60718293A4B5C6D7E8F90'].every((text) => textNames(text, seat)) &&
        !['', '450223000000', '450223000000:1', '450223000000:123', 'a1b2c3d4e5f60718293a4b5c6d7e8f9', '民政局'].some((text) => textNames(text, seat)));
    checkSteps(check, path.join(folder, 'case.rules'));
}

function checkSteps(check, file) {
    const allowed = new Set(rulesOf(file).flatMap((line) => {
        const [, action, states, actors] = /^(\S+) (\S+) (\S+) -> \S+$/.exec(line);
        return states.split(',').flatMap((state) => actors.split(',').map((actor) => `${action} ${state} ${actor}`));
    }));
    const states = words.STATES.filter(Boolean).map(([name]) => name);
    const actors = ['lead', 'handler', 'member', 'supervisor', 'offered'];
    const all = Object.keys(ACTION).flatMap((action) => states.flatMap((state) => actors.map((actor) => [action, state, actor])));
    check('the pages offer each what the rules allow, and nothing else', allowed.size > 100 && all.every(([action, state, actor]) => may(action, state, actor) === allowed.has(`${action} ${state} ${actor}`)));
}

// The words for cases are those of the command line.
export function checkCaseWords(check, file) {
    const source = fs.readFileSync(file, 'utf8');
    const tables = { matters: words.MATTERS, channels: words.CHANNELS, risks: words.RISKS, states: words.STATES, actions: words.ACTIONS, roles: words.ROLES, purposes: words.PURPOSES, duties: words.DUTIES, difficulties: words.DIFFICULTIES };
    const wrong = Object.entries(tables).filter(([name, table]) => {
        const body = new RegExp(`case_word case_${name}\\[\\] = \\{(.*?)END`, 's').exec(source)[1];
        const rows = [...body.matchAll(/\{"([^"]*)",\s+"([^"]*)",\s+"([^"]*)"\s*\}/g)].map(([, slug, zh, en]) => [slug, zh, en]);
        return JSON.stringify(rows.slice(1)) !== JSON.stringify(table.slice(1)) || rows.length < 5;
    });
    check('cases are spoken of as on the command line', wrong.length === 0);
}

// --- reading: what an aggregator that lies, or a stranger who writes, gets ---

const DISTRICT = '450223000000';
const YEAR = 2026;
const b64 = (bytes) => Buffer.from(bytes).toString('base64');

// A person with keys, and the entry of the directory.
function holderOf(unit, duty) {
    const keys = { unit, sign: nacl.sign.keyPair(), pins: [] };
    const pair = nacl.box.keyPair();
    const seat = { unit, duty, year: YEAR, name: '', sign: keys.sign.publicKey, encrypt: pair.publicKey, holder: hex(keyId(keys.sign.publicKey)) };
    return { keys, seat, secrets: [{ id: hex(sealing.encryptionKeyId(pair.publicKey)), secret: pair.secretKey }] };
}

// A record as GET_CASE gives it.
function rowOf({ record }) {
    const { kind, payload, key, signature } = zhibao.Record.decode(record);
    return { received_us: '1', record: { kind: kind === 30 ? 'RECORD_CASE_REPORT' : 'RECORD_CASE_EVENT', payload: b64(payload), key: b64(key), signature: b64(signature) } };
}

const memberOf = ({ seat }, role) => ({ unit: seat.unit, holder: b64(fromHex(seat.holder)), role, level: 0, open: true });

export function checkCaseReading(check) {
    const [lead, town, helper, stranger] = [holderOf('450223000000012', DUTY.intake), holderOf('450223104000000', DUTY.township), holderOf('450223000000014', DUTY.department), holderOf('450223000000015', DUTY.department)];
    const village = { unit: '450223104201000', sign: nacl.sign.keyPair(), pins: [] };
    const directory = { district: DISTRICT, serial: '1', phone: '', keys: [lead, town, helper].map((one) => one.seat) };
    const targets = [{ seat: lead.seat, role: 1, level: 0 }, { seat: town.seat, role: 2, level: 0 }];
    const photo = { name: 'a.png', type: 'image/png', bytes: new Uint8Array(300000).fill(7) };
    const made = makeReport(village, { directory, targets, emergency: false, content: { matter: 1, channel: 1, text: '演示' }, name: '演示报告人', phone: '', files: [photo] });
    const blank = { district: DISTRICT, caseId: hex(made.record.id), due: [], state: 'CASE_STATE_REPORTED', role: 'CASE_LEAD', case_id: b64(made.record.id), last: '', received_us: '1', last_us: '1', level: 0 };
    const read = (holder, rows, members = [], item = blank) => openFile({ item: blank, records: rows, members }, item, { secrets: holder.secrets, directory, year: YEAR });
    const report = rowOf(made.record);
    const [byLead, byTown, byStranger] = [lead, town, stranger].map((one) => read(one, [report]).entries[0]);
    check('the lead opens a report and who sends it, the township the report alone, a stranger nothing', byLead.message.text === '演示' && byLead.reporter.good && byLead.reporter.name === '演示报告人' && byTown.message.text === '演示' && !byTown.reporter && !byStranger.message);
    check('a report is of its case alone', read(lead, [report], [], { ...blank, caseId: '00'.repeat(16) }).entries[0].body === null);
    const step = (holder, more) => rowOf(makeStep(holder.keys, { item: blank, seen: '', action: 4, text: '演示步骤', targets, ...more }).record);
    const steps = read(lead, [report, step(town), step(stranger, { targets: [...targets, { seat: stranger.seat, role: 3, level: 0 }] })], [memberOf(lead, 'CASE_LEAD'), memberOf(town, 'CASE_HANDLER'), memberOf(helper, 'CASE_MEMBER'), memberOf(stranger, 'CASE_MEMBER')]);
    check('a step is opened when a key of the directory signed it, and no other', steps.entries[1].message.text === '演示步骤' && steps.entries[2].body === null);
    check('the next step is sealed to none that the aggregator alone names, nor a stranger', steps.targets.map((one) => one.seat.unit).join() === '450223000000012,450223104000000' && steps.unlisted === 2);
    const grant = [{ record: blank.caseId, key: byLead.key, target: { seat: helper.seat, role: 3, level: 0 } }];
    const withHelper = [...targets, { seat: helper.seat, role: 3, level: 0 }];
    const rows = [report, step(lead), step(lead, { action: 10, targets: withHelper, shares: grant })];
    const granted = read(helper, rows).entries;
    check('a newcomer opens what was granted and what comes, not what was before', granted[0].message.text === '演示' && !granted[0].reporter && !granted[1].message && granted[2].message.text === '演示步骤');
    checkWaiting(check, (emergency) => makeReport(village, { directory, targets, emergency, content: { matter: 1, channel: 1, text: '演示' }, name: '', phone: '' }).record);
    checkPieces(check, { made, photo, entry: byLead, item: blank, granted: granted[0] });
}

// When the duty phone is shown instead of patience.
function checkWaiting(check, report) {
    const item = (emergency, age, more) => ({ ...report(emergency), id: hex(random(16)), at: Date.now() - age, state: 'waiting', error: null, ...more });
    const failed = { error: { problem: {}, more: [] } };
    check('a report waits five minutes for its receipt, and no more', !isLate(item(false, ALARM_MS - 60000, failed)) && isLate(item(false, ALARM_MS)) && !isLate(item(false, ALARM_MS, { state: 'receipted' })));
    check('an emergency that did not go through waits for nothing', isLate(item(true, 0, failed)) && !isLate(item(true, 0)));
    const back = item(false, -24 * 3600 * 1000);
    const real = performance.now;
    waited(back);
    performance.now = () => real.call(performance) + ALARM_MS;
    const late = isLate(back);
    performance.now = real;
    check('a clock set back by a day puts it off by nothing', late);
}

function checkPieces(check, { made, photo, entry, item, granted }) {
    const context = (id) => ({ district: DISTRICT, caseId: fromHex(item.caseId), record: id });
    const open = (key) => made.pieces.map(({ id, payload }) => sealing.openPiece(context(id), key, zhibao.CasePiece.decode(payload)));
    const opened = open(entry.key).map((plain) => zhibao.CaseChunk.decode(plain).data);
    check('a file goes in pieces that its record’s readers open, and nobody else', opened.map((one) => one.length).join() === '131000,131000,38000' && opened.every((one) => one.every((byte) => byte === 7)) && open(granted.key).every(Boolean) && open(random(32)).every((one) => one === null));
    const [named] = entry.message.attachments;
    check('the record names what they make', named.pieces.length === 3 && Number(named.size) === photo.bytes.length && hex(named.sha256) === hex(sha256(photo.bytes)));
    const says = (name, type, begin) => isWhatItSays({ name, type, bytes: Uint8Array.from([...begin, 1, 2, 3]) });
    const jpeg = [0xff, 0xd8, 0xff];
    check('name, type and first bytes agree, or it is not opened', says('a.JPG', 'image/jpeg', jpeg) && !says('a.pdf', 'application/pdf', jpeg) && !says('a.jpg', 'image/png', jpeg) && !says('a.html', 'text/html', jpeg) && !says('../a.jpg', 'image/jpeg', jpeg) && !says('a.jpg', 'image/jpeg', utf8('<html>')));
}
