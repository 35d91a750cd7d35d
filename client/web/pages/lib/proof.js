// The fixed layouts of PROTOCOL.md sections 3 to 7: key ids, signatures, receipts, refusals, enrolment codes.
// Nothing here trusts a key that comes with what it verifies.
import { sha256 as digest } from '@noble/hashes/sha2';
import nacl from 'tweetnacl';
import { bigEndian, fromBase64, hex, join, same, utf8 } from './bytes.js';

export const KIND = {
    REPORT: 1, REVIEW: 2, CONFIRMATION: 3, LOCK: 4, KEY: 5, PLAN: 6, CALENDAR: 9, EXTENSION: 10, TASK: 11, DOCUMENT: 12, CONTACT: 14, COMMENT: 20,
};
const DOMAIN = {
    1: 'zhibao/report/v1', 2: 'zhibao/review/v1', 3: 'zhibao/confirmation/v1',
    4: 'zhibao/lock/v1', 5: 'zhibao/keychange/v1', 6: 'zhibao/plan/v1', 9: 'zhibao/calendar/v1',
    10: 'zhibao/extension/v1', 11: 'zhibao/task/v1', 12: 'zhibao/document/v1', 14: 'zhibao/contact/v1', 16: 'zhibao/taskescalation/v1', 20: 'zhibao/comment/v1',
    30: 'zhibao/casereport/v1', 31: 'zhibao/casedirectory/v1', 32: 'zhibao/caseevent/v1', 33: 'zhibao/caseread/v1', 46: 'zhibao/casepiece/v1', 47: 'zhibao/casekeyend/v1',
};
const ZERO = new Uint8Array([0]);

export function sha256(...parts) {
    return digest(join(...parts));
}

export function keyId(publicKey) {
    return sha256(utf8('zhibao/keyid/v1'), ZERO, new Uint8Array([1]), publicKey).subarray(0, 16);
}

export function signPayload(kind, payload, secretKey) {
    return nacl.sign.detached(join(utf8(DOMAIN[kind]), ZERO, payload), secretKey);
}

function isSigned(domain, bytes, signature, publicKey) {
    return nacl.sign.detached.verify(join(utf8(domain), ZERO, bytes), signature, publicKey);
}

export const verifyPayload = (kind, payload, signature, publicKey) => signature.length === 64 && isSigned(DOMAIN[kind], payload, signature, publicKey);

function findPin(pins, id) {
    return pins.find((pin) => same(keyId(pin), id));
}

// RFC 9162 section 2.1.3.2: the root that the path leads to, or null.
function climb(hash, index, count, path) {
    let position = index;
    let last = count - 1;
    let result = hash;
    if (index >= count) return null;
    for (const sibling of path) {
        if (last === 0) return null;
        if (position % 2 === 1 || position === last) {
            result = sha256(new Uint8Array([1]), sibling, result);
            while (position % 2 === 0 && position !== 0) {
                position = Math.floor(position / 2);
                last = Math.floor(last / 2);
            }
        } else {
            result = sha256(new Uint8Array([1]), result, sibling);
        }
        position = Math.floor(position / 2);
        last = Math.floor(last / 2);
    }
    return last === 0 ? result : null;
}

const LEAF = 115;
const HEADER = 101;

// Section 5.4. What the receipt says, once it verifies against a pinned key; throws otherwise.
export function verifyReceipt(bytes, pins) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const nodes = bytes.length > 123 ? bytes[123] : 33;
    if (nodes > 32 || bytes.length !== 124 + 32 * nodes + HEADER + 81) throw new Error('receipt length');
    if (view.getUint32(0) !== 0x5a425231) throw new Error('receipt magic');
    const leaf = bytes.subarray(4, 4 + LEAF);
    const path = [];
    for (let i = 0; i < nodes; i++) path.push(bytes.subarray(124 + 32 * i, 156 + 32 * i));
    const at = 124 + 32 * nodes;
    const header = bytes.subarray(at, at + HEADER);
    const pin = findPin(pins, bytes.subarray(at + HEADER + 1, at + HEADER + 17));
    if (leaf[0] !== 1 || header[0] !== 1 || bytes[at + HEADER] !== 1) throw new Error('receipt version');
    if (!pin) throw new Error('receipt key is not pinned');
    const count = view.getUint32(at + 33);
    const root = climb(sha256(ZERO, leaf), view.getUint32(119), count, path);
    if (!root || !same(root, header.subarray(37, 69))) throw new Error('receipt path');
    if (!isSigned('zhibao/batch/v1', header, bytes.subarray(at + HEADER + 17), pin))
        throw new Error('receipt signature');
    return {
        kind: leaf[1],
        unit: bigEndian(leaf.subarray(2, 10)).toString(),
        id: leaf.subarray(10, 26),
        receivedUs: Number(bigEndian(leaf.subarray(26, 34))),
        payloadHash: leaf.subarray(51, 83),
        batch: bigEndian(header.subarray(17, 25)).toString(),
        leaves: count,
        index: view.getUint32(119),
        serverKey: keyId(pin),
    };
}

// Section 5.6. A signed root, as what can be kept; throws when a pinned key did not sign it.
export function verifyRoot(bytes, pins) {
    const header = bytes.subarray(0, HEADER);
    const pin = bytes.length === HEADER + 81 ? findPin(pins, bytes.subarray(HEADER + 1, HEADER + 17)) : null;
    if (!pin || header[0] !== 1 || bytes[HEADER] !== 1) throw new Error('root key is not pinned');
    if (!isSigned('zhibao/batch/v1', header, bytes.subarray(HEADER + 17), pin)) throw new Error('root signature');
    return {
        number: Number(bigEndian(header.subarray(17, 25))), timeUs: Number(bigEndian(header.subarray(25, 33))), chain: hex(header.subarray(1, 17)),
        previous: hex(header.subarray(69, 101)), hash: hex(sha256(header)), key: hex(bytes.subarray(HEADER + 1, HEADER + 17)), signature: hex(bytes.subarray(HEADER + 17)),
    };
}

// Section 5.6: the anchor, times as the command line writes them.
export function anchorLine(root) {
    const time = new Date(root.timeUs / 1000 + 8 * 3600000).toISOString().slice(0, 19).replace('T', ' ');
    return `zhibao root ${root.number} ${time} chain=${root.chain} sha256=${root.hash} key=${root.key} signature=${root.signature}`;
}

// Whether a verified receipt or refusal is for exactly this record.
export function covers(proof, record) {
    return proof.kind === record.kind && proof.unit === record.unit && same(proof.id, record.id) &&
        same(proof.payloadHash, sha256(record.payload));
}

// Section 5.5.
export function verifyRefusal(bytes, error, pins) {
    const pin = bytes.length === 185 ? findPin(pins, bytes.subarray(105, 121)) : null;
    if (!pin || bytes[4] !== 1) throw new Error('refusal key is not pinned');
    if (!isSigned('zhibao/refusal/v1', bytes.subarray(0, 121), bytes.subarray(121), pin))
        throw new Error('refusal signature');
    if (!same(sha256(error), bytes.subarray(72, 104))) throw new Error('refusal error');
    return {
        kind: bytes[5],
        unit: bigEndian(bytes.subarray(6, 14)).toString(),
        id: bytes.subarray(14, 30),
        payloadHash: bytes.subarray(30, 62),
    };
}

// Section 7. Throws for a text that is no whole code.
export function parseCode(text) {
    const body = text.replace(/\s+/g, '');
    if (!body.startsWith('ZB1-')) throw new Error('code prefix');
    const base = body.slice(4).replace(/-/g, '+').replace(/_/g, '/');
    const bytes = fromBase64(base + '='.repeat((4 - (base.length % 4)) % 4));
    if (bytes.length < 102 || bytes[0] !== 1 || bytes.length !== 102 + bytes[97] ||
        !same(sha256(bytes.subarray(0, -4)).subarray(0, 4), bytes.subarray(-4)))
        throw new Error('code is damaged');
    return {
        text: body,
        signKey: bytes.slice(33, 65),
        unit: bigEndian(bytes.subarray(65, 73)).toString(),
        secret: bytes.slice(81, 97),
    };
}
