// What the pages compute, without a browser: node rules.mjs. Bundled by bundle.mjs, because the pages' imports
// are resolved where they are built. Prints `ok` and `FAIL` lines.
import fs from 'node:fs';
import { fromHex, hex, utf8 } from '../../client/web/pages/lib/bytes.js';
import { checkForm, readChecks, readEntry, readNumber } from '../../client/web/pages/lib/form_rules.js';
import { derive, makeKeys, openBundle, sealBundle } from '../../client/web/pages/lib/keys.js';
import { keyId, parseCode, sha256, signPayload, verifyReceipt, verifyRefusal } from '../../client/web/pages/lib/proof.js';
import nacl from 'tweetnacl';

let failed = 0;
function check(name, ok) {
    if (!ok) failed++;
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}`);
}
const refuses = (use) => { try { use(); return false; } catch (error) { return true; } };

function checkVectors(file) {
    const vectors = {};
    for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
        const match = /^(\w+)\s*=\s*([0-9a-f]*)$/.exec(line.trim());
        if (match) vectors[match[1]] = fromHex(match[2]);
    }
    const pair = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(1));
    const pins = [pair.publicKey];
    check('key id', hex(keyId(pair.publicKey)) === hex(vectors.key_id));
    const proof = verifyReceipt(vectors.receipt, pins);
    check('the receipt verifies and says what it is', proof.unit === '450223101201000' && proof.kind === 1 && proof.batch === '7' && hex(proof.payloadHash) === hex(sha256(utf8('payload'))));
    check('a key that is not pinned proves nothing', refuses(() => verifyReceipt(vectors.receipt, [makeKeys().sign.publicKey])));
    let accepted = 0;
    for (let at = 0; at < vectors.receipt.length; at++) {
        const bent = vectors.receipt.slice();
        bent[at] ^= 1;
        if (!refuses(() => verifyReceipt(bent, pins))) accepted++;
    }
    check('no byte of a receipt can be changed', accepted === 0);
    check('a receipt cut short is none', refuses(() => verifyReceipt(vectors.receipt.slice(0, -1), pins)));
    check('the refusal verifies', verifyRefusal(vectors.refusal, utf8('error'), pins).unit === '450223101201000');
    check('with another error it does not', refuses(() => verifyRefusal(vectors.refusal, utf8('other'), pins)));
    check('a report is signed as the page says', hex(signPayload(1, utf8('payload'), pair.secretKey)) === hex(vectors.report_signature));
    const code = new TextDecoder().decode(vectors.enrol_code_text);
    check('an enrolment code is read, blanks and all', hex(parseCode(` ${code.slice(0, 40)}\n${code.slice(40)} `).signKey) === hex(pair.publicKey));
    check('a damaged one is not', refuses(() => parseCode(code.slice(0, -3))));
}

async function checkBundle() {
    const keys = makeKeys();
    const salt = new Uint8Array(16).fill(7);
    const derived = await derive('演示口令 2025', salt);
    const bundle = sealBundle(keys, '450223101201000', [keys.sign.publicKey], derived.key);
    const opened = openBundle(bundle, derived.key);
    check('the bundle opens under its passphrase', hex(opened.sign.secretKey) === hex(keys.sign.secretKey) && opened.unit === '450223101201000');
    const other = await derive('演示口令 2026', salt);
    check('and under no other', refuses(() => openBundle(bundle, other.key)));
    check('what one logs in with is not its key', derived.secret !== hex(derived.key) && refuses(() => openBundle(bundle, fromHex(derived.secret))));
}

const cell = (number, element, stratum = '', more = {}) => ({ cell: number, element, stratum, name_zh: element, name_en: element, unit: 'person', type: 'count', required: true, decimals: 0, min: '0', max: '', ...more });
const rule = (left, op, right, soft = false) => ({ name: `${left}${op}${right}`, left, op, right, soft, zh: '', en: '' });

function checkRules() {
    const sheet = {
        reporter: 'village', cells: [cell(1, 'a', 'sex=m'), cell(2, 'a', 'sex=f'), cell(3, 'b'), cell(4, 'hours', '', { type: 'amount', decimals: 1, max: '168' })],
        checks: [rule('b', '<=', 'a'), rule('b', '=', 'a{sex=m}', true), rule('#3', 'pair', 'a'), rule('@count', 'change', '33% 10 z3', true), rule('x', 'future-operator', 'y')],
    };
    const checks = readChecks(sheet);
    const typed = (...texts) => Object.fromEntries(texts.map((text, index) => [index + 1, readEntry(sheet.cells[index], text)]));
    const run = (values, explanations = {}, history = []) => checkForm(sheet, checks, values, explanations, history, 2025);
    check('an element without a stratum is the sum of its parts', run(typed('3', '4', '7', '1')).hard.length === 0 && run(typed('3', '4', '8', '1')).hard.length === 1);
    check('a soft check is explained in eight characters or not at all', !run(typed('3', '4', '7', '1'), { 3: '情况属实' }).soft[0].explained && run(typed('3', '4', '7', '1'), { 3: '有四名儿童从外乡转入本村' }).soft[0].explained);
    check('a rule of a later version is left to the aggregator', !checks.some((one) => one.op === 'future-operator'));
    check('the kinds of nothing are no numbers', run({ ...typed('3', '4', '不适用', '1') }).hard.every((one) => one.name.includes('pair')));
    check('zero is a figure', run(typed('0', '0', '0', '0')).cells[1] === undefined);
    const last = [{ period: 2024, values: typed('100', '100', '100', '1') }];
    check('a large change asks why', run(typed('100', '20', '100', '1'), {}, last).soft.some((one) => one.at === 2));
    check('a small one does not', !run(typed('100', '95', '100', '1'), {}, last).soft.some((one) => one.at === 2));
    const bad = run(typed('1.5', '-1', 'abc', '168.1'));
    check('each wrong cell is named', [1, 2, 3, 4].every((number) => bad.cells[number]));
    check('full-width digits and separators are read', readNumber('１,２３４').value === 1234 && readNumber(' 12 ').value === 12 && Number.isNaN(readNumber('1e5').value) && Number.isNaN(readNumber('=1+1').value));
}

checkVectors(process.argv[2]);
await checkBundle();
checkRules();
process.exitCode = failed ? 1 : 0;
