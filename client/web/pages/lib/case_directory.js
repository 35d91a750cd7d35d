// The directory of cases: who receives a district's cases, with which keys. What counts is the committee's signature,
// whose key came on paper and the aggregator never holds (proto/CASES.md section 2).
import nacl from 'tweetnacl';
import { hex, join, utf8 } from './bytes.js';
import { SEALING } from './case_seal.js';
import { DUTY } from './case_route.js';
import { Long, zhibao } from './messages.js';
import { keyId } from './proof.js';

const DOMAIN = 'zhibao/casedirectory-signed/v1';
const DAYS_MOST = 400;
const DAY_US = 24 * 3600 * 1e6;
const NAME_MOST = 100;

const ZERO = new Uint8Array([0]);
const contains = (outer, inner) => {
    const width = outer % 1e6 !== 0 ? (outer % 1000 !== 0 ? 1 : 1000) : outer % 1e8 !== 0 ? 1e6 : outer % 1e10 !== 0 ? 1e8 : outer % 1e12 !== 0 ? 1e10 : 1e12;
    return inner >= outer && inner < outer + width;
};

function keyGood(key, district) {
    const place = Math.floor(Number(key.unit) / 1000);
    const within = contains(district, place);
    const known = key.duty >= DUTY.township && key.duty <= DUTY.department && key.sealing === SEALING;
    const whole = key.sign_public.length === 32 && key.encrypt_public.length === 32 && key.year >= 2020 && key.year <= 2200 && utf8(key.name).length <= NAME_MOST;
    return known && whole && (within || (key.duty === DUTY.above && contains(place, district)));
}

function isGood(directory) {
    const [issued, until] = [Number(directory.issued_us), Number(directory.valid_until_us)];
    const district = Number(directory.district);
    return district > 0 && district % 1e6 === 0 && district % 1e8 !== 0 && Number(directory.serial) > 0 && issued > 0 && until > issued && until - issued <= DAYS_MOST * DAY_US &&
        directory.keys.length > 0 && directory.keys.every((key) => keyGood(key, district));
}

// The directory inside a CaseDirectoryRecord, when the pinned key signed it; throws a sentence's name otherwise:
// 'signature', 'malformed', 'district', 'old' (a serial below the highest seen), 'expired'.
export function verifyDirectory(payload, trust, nowUs) {
    let record;
    let directory;
    try {
        record = zhibao.CaseDirectoryRecord.decode(payload);
    } catch (error) {
        throw new Error('malformed');
    }
    const text = join(utf8(DOMAIN), ZERO, record.directory);
    if (record.algorithm !== 1 || record.signature.length !== 64 || !nacl.sign.detached.verify(text, record.signature, trust.committee)) throw new Error('signature');
    try {
        directory = zhibao.CaseDirectory.decode(record.directory);
    } catch (error) {
        throw new Error('malformed');
    }
    if (!isGood(directory)) throw new Error('malformed');
    if (String(directory.district) !== String(trust.district)) throw new Error('district');
    if (Long.fromValue(directory.serial).lt(Long.fromString(trust.serial, true))) throw new Error('old');
    if (Number(directory.valid_until_us) <= nowUs) throw new Error('expired');
    return {
        district: String(directory.district), serial: String(directory.serial), phone: directory.duty_phone, until: Number(directory.valid_until_us), keepYears: directory.keep_years,
        keys: directory.keys.map((key) => ({
            unit: String(key.unit), duty: key.duty, year: key.year, name: key.name, sign: key.sign_public, encrypt: key.encrypt_public, holder: hex(keyId(key.sign_public)),
        })),
    };
}

// The holders who receive cases in this year.
export const seatsOf = (directory, year) => directory.keys.filter((key) => key.year === year);

// The year whose keys are used in `year`: that one, else the newest before it (the committee has not signed the new year's
// yet), else the oldest (this computer's clock is years behind). A report does not wait for either.
export function yearOf(directory, year) {
    const years = directory.keys.map((key) => key.year);
    const before = years.filter((one) => one <= year);
    return before.length ? Math.max(...before) : Math.min(...years);
}

// The key listed for a holder, of this year where there is one; null for none.
export function listed(directory, holder, year) {
    const all = directory.keys.filter((key) => key.holder === holder);
    return all.find((key) => key.year === year) || all[all.length - 1] || null;
}

export const nameOfUnit = (directory, unit) => (directory.keys.find((key) => key.unit === String(unit) && key.name) || {}).name || '';
