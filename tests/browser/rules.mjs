// What the pages compute, without a browser: node rules.mjs. Bundled by bundle.mjs, because the pages' imports
// are resolved where they are built. Prints `ok` and `FAIL` lines.
import fs from 'node:fs';
import path from 'node:path';
import { fromHex, hex, utf8 } from '../../client/web/pages/lib/bytes.js';
import { parseCsv, readTable, writeTable } from '../../client/web/pages/lib/csv.js';
import { ownFacts } from '../../client/web/pages/lib/free_own.js';
import { measured, pivot, pullsOf, readChoice, sorted, writeChoice } from '../../client/web/pages/lib/free_table.js';
import { matchRegions, readRegions } from '../../client/web/pages/lib/regions.js';
import { checkForm, explanationProblem, readChecks, readEntry, readNumber } from '../../client/web/pages/lib/form_rules.js';
import { dayOf, dayUs, dueText } from '../../client/web/pages/lib/i18n.js';
import { derive, makeKeys, openBundle, sealBundle } from '../../client/web/pages/lib/keys.js';
import { KIND, keyId, parseCode, sha256, signPayload, verifyReceipt, verifyRefusal } from '../../client/web/pages/lib/proof.js';
import { beyondTarget } from '../../client/web/pages/target.mjs';
import { differences } from '../../client/web/pages/lib/drafts.js';
import { seal, unseal } from '../../client/web/pages/lib/vault.js';
import { NOTICES } from '../../client/web/pages/lib/terms.js';
import { TAGS, UNITS } from '../../client/web/pages/lib/words.js';
import { checkCaseReading, checkCaseRules, checkCaseSeal, checkCaseWords } from './rules_case.mjs';
import * as acorn from 'acorn';
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
    const run = (values, explanations = {}, history = []) => checkForm(sheet, checks, values, explanations, { history }, 2025);
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

// A draft that holds figures is nothing to whoever has the computer.
function checkDrafts() {
    const [keys, others] = [makeKeys(), makeKeys()];
    const draft = { values: { 1: { presence: 1, value: 8888, text: '8888' }, 2: { presence: 2, value: 0, text: '' } }, explanations: { 1: '有四名儿童从外乡转入本村' }, filler: '黄小明', principal: '', note: '' };
    const box = seal(keys, draft);
    check('a draft opens under the key that sealed it', JSON.stringify(unseal(keys, box)) === JSON.stringify(draft));
    check('and under no other', unseal(others, box) === null);
    const bent = box.slice();
    bent[bent.length - 1] ^= 1;
    check('nor when a byte of it changed', unseal(keys, bent) === null);
    check('nothing of it can be read', !new TextDecoder().decode(box).includes('8888'));
    check('two drafts are compared place by place', differences(draft, { ...draft, values: { ...draft.values, 2: { presence: 3, value: 0, text: '' }, 3: { presence: 1, value: 1, text: '1' } }, filler: '李' }) === 3 && differences(draft, JSON.parse(JSON.stringify(draft))) === 0);
}

function checkExplanations() {
    const past = { phrases: ['情况属实', '属实'], history: [{ explanations: ['去年因为学校合并，人数减少'] }] };
    const wrong = (text, others = []) => explanationProblem(text, past, others) !== '';
    check('an explanation says something', !wrong('有四名儿童从外乡转入本村') && ['', '情况属实。', '已核对情况属实', '转入四名', '啊啊啊啊啊啊啊啊啊'].every((text) => wrong(text)));
    check('and says it once', wrong('有四名儿童从外乡转入本村', ['有四名儿童，从外乡转入本村！']) && wrong('去年因为学校合并 人数减少'));
}

function checkTarget() {
    const beyond = (text, name = 'a.js') => beyondTarget(acorn, name, text).length > 0;
    const late = ['a ??= b', 'class A { static { a() } }', 'class A { #m() {} }', 'await a', 'a.at(-1)', 'a.replaceAll("b", "c")', 'Object.hasOwn(a, b)', 'structuredClone(a)', 'Promise.any(a)', '/a/d', 'a.findLast(b)', 'crypto.randomUUID()', 'new DecompressionStream("gzip")', 'export * as a from "b"', 'AbortSignal.timeout(1)'];
    const known = ['a?.b ?? c', 'class A { b = 1; #c = 2 }', 'async () => { for await (const a of b) await a }', '1n', 'import("a")', 'a.flatMap(b)', 'typeof structuredClone === "function" && structuredClone(a)', 'a.at'];
    check('what Chromium 80 does not know is found', late.every((text) => beyond(text)));
    check('what it knows is let through', known.every((text) => !beyond(text)));
    check('so with style', ['a{inset:0}', '.a:focus-visible{color:red}', 'a{display:flex;gap:1px}', 'a:is(b){}', 'a{height:1dvh}'].every((text) => beyond(text, 'a.css')) && !beyond(':focus{a:b}:focus:not(:focus-visible){a:c}.a{display:grid;gap:1px}', 'a.css'));
    check('a script that is no script is no pass', refuses(() => beyondTarget(acorn, 'a.js', 'a b')));
}

// The pages' words for units and strata are those of the command line.
function checkWords(file) {
    const source = fs.readFileSync(file, 'utf8');
    const [units, tags] = ['units', 'tags'].map((name) => {
        const table = new RegExp(`word ${name}\\[\\] = \\{(.*?)\\n\\};`, 's').exec(source)[1];
        return [...table.matchAll(/\{"([^"]+)",\s+"([^"]+)"/g)].map((match) => [match[1], match[2]]);
    });
    check('there are words for units and strata', units.length > 20 && tags.length > 20);
    check('units are called as on the command line', units.every(([code, zh]) => UNITS[code] && UNITS[code][0] === zh));
    check('strata too', tags.every(([code, zh]) => TAGS[code] && TAGS[code][0] === zh));
}

// Whatever the aggregator tells of by e-mail has a name on the contact page and on the command line.
function checkNotices(file, cli) {
    const events = [...fs.readFileSync(file, 'utf8').matchAll(/^ {4}\{"(\w+)",/gm)].map((match) => match[1]);
    const listed = fs.readFileSync(cli, 'utf8');
    check('every notice has its words', events.length > 20 && events.every((event) => NOTICES[event] && NOTICES[event].every(Boolean)));
    check('on the command line too', events.every((event) => listed.includes(`{"${event}",`)));
}

// Whatever is signed here has a name on the page of receipts.
function checkKinds(file) {
    const text = fs.readFileSync(file, 'utf8');
    check('every kind of record has its word', Object.values(KIND).every((kind) => new RegExp(`\\b${kind}: \\['`).test(text)));
}

// A view that draws a chart has a table that can be saved.
function checkCharts(folder) {
    const views = fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name), 'utf8')]).filter(([, text]) => text.includes('<Chart '));
    // the free table's chart and map stand above its own table
    const bare = views.filter(([name, text]) => !/^free_(chart|map)/.test(name) && text.match(/<Chart /g).length > (text.match(/<Table [^>]*name=/g) || []).length);
    check('every chart has its table and CSV', views.length >= 6 && bare.length === 0);
}

// An edited plan differs from its file in the edited row alone.
function checkPlanFiles(folder) {
    const files = fs.readdirSync(folder, { withFileTypes: true }).filter((one) => one.isDirectory())
        .flatMap((one) => fs.readdirSync(path.join(folder, one.name)).filter((name) => name.endsWith('.csv')).map((name) => path.join(folder, one.name, name)));
    const same = files.filter((name) => { const text = fs.readFileSync(name, 'utf8'); return writeTable(readTable(text)) === text; });
    check('every file of every plan is written back as it was read', files.length > 40 && same.length === files.length);
    const odd = { header: ['a', 'b'], rows: [{ a: 'x,"y"\n', b: '' }, { a: '=1', b: ' ' }] };
    check('commas, quotes and line ends are kept', JSON.stringify(readTable(writeTable(odd))) === JSON.stringify(odd));
    check('a quote that does not end is an error', refuses(() => parseCsv('a,"b')));
}

// A free table's choice survives its link; cells are facts as they are; what has no figure is last.
function checkFreeTable() {
    const choice = { indicator: ['a', 'b'], place: ['450223000000', '450223104000'], year: [2024, 2025], stratum: ['', 'sex=f'], cols: ['year', 'stratum'], measure: 'numerator', sort: '2025|sex=f', down: true, chart: 'line' };
    const again = readChoice(Object.fromEntries(new URLSearchParams(String(new URLSearchParams(writeChoice(choice))))), '1');
    check('a link holds the whole choice', JSON.stringify(again) === JSON.stringify(choice));
    const wild = readChoice({ p: '1,x', y: 'x', m: 'x', chart: '<', cols: 'x,place' }, '450223000000');
    check('and nothing else', wild.place.join() === '450223000000' && !wild.year.length && wild.measure === 'value' && wild.chart === '' && wild.cols.join() === 'place');
    check('few indicators are asked one by one, many at once', pullsOf(choice).length === 8 && pullsOf({ ...choice, indicator: ['a', 'b', 'c'] }).length === 4);
    check('too much is not asked', pullsOf({ ...choice, place: new Array(300).fill('450223000000') }) === null);
    const plain = { indicator: ['a'], place: ['1', '2', '3'], year: [2024, 2025], stratum: [''], cols: ['year'], measure: 'value', sort: '2025', down: false };
    const fact = (place, year, value) => ({ indicator: 'a', place, year, stratum: '', value, presence: value === null ? 'PRESENCE_NOT_REPORTED' : 'PRESENCE_VALUE' });
    const table = pivot(plain, [fact('1', 2025, null), fact('2', 2025, 7), fact('3', 2025, 5), fact('3', 2024, 4)]);
    const order = (more) => sorted(table, { ...plain, ...more }).map((row) => row.at.place).join('');
    check('rows and columns are those with figures', table.rows.length === 3 && table.cols.length === 2 && measured(table.cell(table.rows[2], table.cols[0]), 'value') === 4 && table.along.join() === 'place');
    check('sorted both ways, what has no figure comes last', order({}) === '321' && order({ down: true }) === '231' && order({ sort: '' }) === '123');
    check('a rate has no numerator where none was told', measured(fact('1', 2025, 7), 'numerator') === null);
}

// A department's table is made of the cells that it reported, each element and group where it belongs.
function checkOwnTable() {
    const cells = [{ cell: 1, element: 'a', stratum: '', unit: 'count', decimals: 0 }, { cell: 2, element: 'a', stratum: 'sex=f', unit: 'count', decimals: 0 }, { cell: 3, element: 'b', stratum: '', unit: 'yesno', decimals: 0 }];
    const answer = { plan: 'p', forms: [{ form: 'health', cells }], reports: [{ form: 0, demonstration: true, observations: { cell: [1, 2, 3], presence: [1, 1, 3], value: [7, 3, 0] } }] };
    const facts = (indicator, stratum) => ownFacts(answer, { indicator, stratum }, '450223000000', 2025);
    const all = facts(['health/a', 'health/b'], ['', 'sex=f']);
    check('a department sees the figures that it reported', all.length === 3 && all[1].value === 3 && all[1].stratum === 'sex=f' && all[2].presence === 'PRESENCE_NOT_COLLECTED' && measured(all[2], 'value') === null && all[0].cell === 1 && all[0].demonstration);
    check('of those chosen alone', facts(['health/b'], ['']).length === 1 && facts(['health/a'], ['sex=f'])[0].cell === 2 && facts(['police/a'], ['']).length === 0);
}

// Outlines find their place by code, whole name, or name without 镇, 乡, 街道 where that is clear.
function checkRegions() {
    const square = (properties) => ({ type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: [[[109, 24], [110, 24], [110, 25], [109, 24]]] } });
    const read = (features) => readRegions(JSON.stringify({ type: 'FeatureCollection', features }));
    const places = [{ place: '450223104000', name: '平山镇' }, { place: '450223100000', name: '鹿寨镇' }, { place: '450223101000', name: '中渡镇' }, { place: '450223200000', name: '中渡乡' }];
    const matched = matchRegions(read([square({ id: 7, code: 450223104 }), square({ NAME: '鹿寨' }), square({ n: '中渡' }), square({ n: '中渡乡' }), square({})]), places);
    check('outlines match by code and name, never twice', matched.found.map((one) => one.place).join() === '450223104000,450223100000,450223101000,450223200000' && matched.rest.length === 1 && !matched.missing.length);
    const unsure = matchRegions(read([square({ n: '中渡' })]), places);
    check('a name that two places have matches neither', !unsure.found.length && unsure.rest[0].name === '中渡' && unsure.missing.length === 4);
    check('what is no GeoJSON of outlines is refused', ['{', '{}', '{"type":"FeatureCollection","features":[]}', '{"type":"FeatureCollection","features":[{"geometry":{"type":"Polygon","coordinates":[[[500000,2700000]]]}}]}'].every((text) => refuses(() => readRegions(text))));
}

// China's days, whatever the zone here.
function checkDays() {
    check('a day begins and ends in China', dayUs('2026-03-01') === Date.UTC(2026, 1, 28, 16) * 1000 && dayUs('2026-03-01', true) === Date.UTC(2026, 2, 1, 16) * 1000);
    check('the end of a day is its 24:00', dueText(dayUs('2026-03-01', true)) === '2026-03-01 24:00' && dayOf(dayUs('2026-03-01', true), true) === '2026-03-01');
    check('any other moment is itself', dueText(dayUs('2026-03-01') + 3600e6) === '2026-03-01 01:00');
    check('what is no day is none', Number.isNaN(dayUs('2026-3-1')) && Number.isNaN(dayUs('')));
}

checkVectors(process.argv[2]);
checkPlanFiles(path.join(path.dirname(process.argv[2]), '../../deploy/plans'));
checkDays();
checkCaseSeal(check, refuses, path.dirname(process.argv[2]));
checkCaseReading(check);
checkCaseRules(check, path.join(path.dirname(process.argv[2]), '../rules'));
checkCaseWords(check, path.join(path.dirname(process.argv[2]), '../../client/cli/case_words.c'));
checkWords(path.join(path.dirname(process.argv[2]), '../../common/plan/unit_words.c'));
checkNotices(path.join(path.dirname(process.argv[2]), '../../server/notify/template.c'), path.join(path.dirname(process.argv[2]), '../../client/cli/cmd_contact.c'));
checkKinds(path.join(path.dirname(process.argv[2]), '../../client/web/pages/views/receipts.jsx'));
checkCharts(path.join(path.dirname(process.argv[2]), '../../client/web/pages/views'));
checkDrafts();
checkFreeTable();
checkOwnTable();
checkRegions();
checkExplanations();
checkTarget();
await checkBundle();
checkRules();
process.exit(failed ? 1 : 0); // the channel between windows would keep it running
