// What this browser keeps for cases, sealed under the account's own key: the committee's key as it came on paper, the
// highest serial of a directory seen, this holder's encryption keys by year. Beside it, as it was signed, the last
// directory that verified, and the duty phone, for work without a network.
import nacl from 'tweetnacl';
import * as api from './api.js';
import { base64, fromBase64, fromHex, hex, join, utf8 } from './bytes.js';
import { verifyDirectory, yearOf } from './case_directory.js';
import { SEALING, encryptionKeyId } from './case_seal.js';
import { chinaYear } from './i18n.js';
import { zhibao } from './messages.js';
import { problem } from './person.js';
import { deliver, keep, long, sign } from './records.js';
import * as store from './store.js';
import { seal, unseal } from './vault.js';

const KEY_END = 47;
const rowOf = (unit) => `home/${unit}`;
const phoneOf = (unit) => `phone/${unit}`;
const listOf = (unit) => `directory/${unit}`;

export const districtOf = (unit) => `${String(unit).padStart(15, '0').slice(0, 6)}000000`;

// {committee (hex, '' until pinned), serial, years: {2026: secret in base64}}
export async function readHome(keys) {
    const row = await store.get('case', rowOf(keys.unit));
    return { committee: '', serial: '0', years: {}, ...(row && unseal(keys, row.box)) };
}

async function writeHome(keys, home) {
    await store.put('case', { key: rowOf(keys.unit), box: seal(keys, home) });
    return home;
}

// Pins the committee's key; the serial begins anew with another one.
export async function trust(keys, text) {
    const digits = text.replace(/[\s-]/g, '').toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(digits)) throw problem('委员会公钥应为64位十六进制数字，请照纸面核对', 'a committee’s key is 64 hexadecimal digits: compare it with the paper');
    const home = await readHome(keys);
    return writeHome(keys, home.committee === digits ? home : { ...home, committee: digits, serial: '0' });
}

// This holder's key of a year, made when there is none; and the request that is carried to the committee.
export async function makeKey(keys, year, name) {
    let home = await readHome(keys);
    if (!home.years[year]) home = await writeHome(keys, { ...home, years: { ...home.years, [year]: base64(nacl.box.keyPair().secretKey) } });
    const { publicKey } = nacl.box.keyPair.fromSecretKey(fromBase64(home.years[year]));
    const key = zhibao.CaseKey.encode({ unit: long(keys.unit), year, sealing: SEALING, sign_public: keys.sign.publicKey, encrypt_public: publicKey, name }).finish();
    const signature = nacl.sign.detached(join(utf8('zhibao/casekeyrequest/v1'), new Uint8Array([0]), key), keys.sign.secretKey);
    return { home, request: zhibao.CaseKeyRequest.encode({ key, signature }).finish() };
}

// What was sealed to a past year's key cannot be opened any more, here; then a signed record says so, which waits in the
// outbox without a network. Destroyed first: a log of what was not done would be worse than none.
export async function destroyKey(keys, year, text) {
    const home = await readHome(keys);
    const years = { ...home.years };
    const key = encryptionKeyId(nacl.box.keyPair.fromSecretKey(fromBase64(years[year])).publicKey);
    delete years[year];
    await writeHome(keys, { ...home, years });
    return deliver(await keep(sign(KEY_END, { year, key }, keys), { text }, keys.pins));
}

// The year keys in a file, sealed under the account's key, and back: for another computer, or when this one is lost.
export const exportKeys = async (keys) => seal(keys, (await readHome(keys)).years);

export async function importKeys(keys, bytes) {
    let years = null;
    try {
        years = unseal(keys, bytes);
    } catch (error) {
        // no such file
    }
    if (!years) throw problem('这个文件不是本账户密封的个案密钥', 'this file does not hold case keys that this account sealed');
    const home = await readHome(keys);
    return writeHome(keys, { ...home, years: { ...years, ...home.years } });
}

// [{id (hex), secret}] of all years there are.
export const secretsOf = (home) => Object.values(home.years).map((text) => {
    const secret = fromBase64(text);
    return { id: hex(encryptionKeyId(nacl.box.keyPair.fromSecretKey(secret).publicKey)), secret };
});

const WHY = {
    signature: ['它不是由本机信任的委员会公钥签名的', 'the committee’s key that is trusted here did not sign it'], malformed: ['内容有误', 'it makes no sense'],
    district: ['它是别的区县的', 'it is another district’s'], old: ['它比以前见过的旧', 'it is older than one seen before'], expired: ['它已过有效期', 'it is past its time'],
};

function distrust(name, phone) {
    const [zh, en] = WHY[name] || WHY.malformed;
    return problem(`服务器给出的个案名录不可信（${zh}），没有使用；请报告委员会，紧急情况请拨打值班电话 ${phone}`, `the directory of cases from the server is not to be trusted (${en}) and was not used: tell the committee, and call the duty phone ${phone} in an emergency`);
}

// The payload of the newest directory, or without a network of the one kept; null: none was published.
async function fetchDirectory(unit) {
    try {
        const { record } = await api.ask('KIND_GET_CASE_DIRECTORY', { district: districtOf(unit) });
        return record ? fromBase64(record.payload) : null;
    } catch (error) {
        const row = await store.get('case', listOf(unit));
        if (!row || !(error.retry || error.status === 401)) throw error;
        return row.payload;
    }
}

// {home, directory}: verified by the pinned key. `missing` instead of a directory: 'trust' or 'directory'.
export async function openDirectory(keys) {
    let home = await readHome(keys);
    if (!home.committee) return { home, missing: 'trust' };
    const payload = await fetchDirectory(keys.unit);
    if (!payload) return { home, missing: 'directory' };
    let directory;
    try {
        directory = verifyDirectory(payload, { committee: fromHex(home.committee), district: districtOf(keys.unit), serial: home.serial }, Date.now() * 1000);
    } catch (error) {
        throw distrust(error.message, await dutyPhone(keys.unit));
    }
    if (directory.serial !== home.serial) home = await writeHome(keys, { ...home, serial: directory.serial });
    await store.put('case', { key: listOf(keys.unit), payload });
    await store.put('case', { key: phoneOf(keys.unit), phone: directory.phone });
    return { home, directory, year: yearOf(directory, chinaYear()) };
}

// The duty phone as last verified; '' when none was seen.
export const dutyPhone = async (unit) => ((await store.get('case', phoneOf(unit))) || {}).phone || '';

// --- the draft of a report: sealed, one to an account ---

const draftOf = (unit) => `draft/${unit}`;

export async function readDraft(keys) {
    const row = await store.get('case', draftOf(keys.unit));
    return row ? unseal(keys, row.box) : null;
}

export const writeDraft = (keys, draft) => store.put('case', { key: draftOf(keys.unit), box: seal(keys, draft) });
export async function forgetDraft(unit) {
    for (const { key } of await store.all('case')) if (key === draftOf(unit) || key.startsWith(fileOf(unit, ''))) await store.remove('case', key);
}

// Its files, each sealed by itself: {id, name, type, bytes}.
const fileOf = (unit, id) => `file/${unit}/${id}`;
export const writeFile = (keys, file) => store.put('case', { key: fileOf(keys.unit, file.id), box: seal(keys, { ...file, bytes: base64(file.bytes) }) });
export const forgetFile = (keys, id) => store.remove('case', fileOf(keys.unit, id));

export async function readFiles(keys) {
    const rows = (await store.all('case')).filter(({ key }) => key.startsWith(fileOf(keys.unit, '')));
    return rows.map((row) => unseal(keys, row.box)).filter(Boolean).map((file) => ({ ...file, bytes: fromBase64(file.bytes) }));
}
