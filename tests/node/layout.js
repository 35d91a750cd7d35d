'use strict';
// The fixed layouts of PROTOCOL.md sections 3, 4.2, 5 and 7: pure functions over Buffers.

const crypto = require('node:crypto');

const ED25519 = 1;
const LEAF_BYTES = 115;
const HEADER_BYTES = 101;
const REFUSAL_BYTES = 185;
const DOMAIN = {
    1: 'zhibao/report/v1',
    2: 'zhibao/review/v1',
    3: 'zhibao/confirmation/v1',
    4: 'zhibao/lock/v1',
    5: 'zhibao/keychange/v1',
    6: 'zhibao/plan/v1',
    8: 'zhibao/notice/v1',
};

// Ed25519 keys in node:crypto travel as DER; these are the fixed prefixes of RFC 8410.
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

function sha256(...parts) {
    const hash = crypto.createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
}

function tagged(domain, bytes) {
    return Buffer.concat([Buffer.from(domain, 'ascii'), Buffer.from([0]), bytes]);
}

function keyId(publicKey, algorithm = ED25519) {
    return sha256(tagged('zhibao/keyid/v1', Buffer.from([algorithm])), publicKey).subarray(0, 16);
}

function publicKeyObject(raw) {
    return crypto.createPublicKey({
        key: Buffer.concat([SPKI_ED25519, raw]), format: 'der', type: 'spki',
    });
}

function rawPublicKey(keyObject) {
    return keyObject.export({ format: 'der', type: 'spki' }).subarray(-32);
}

function verifyBytes(publicKey, domain, bytes, signature) {
    return crypto.verify(null, tagged(domain, bytes), publicKeyObject(publicKey), signature);
}

function signRecord(kind, payload, privateKey) {
    return crypto.sign(null, tagged(DOMAIN[kind], payload), privateKey);
}

function verifyRecord(kind, payload, publicKey, signature) {
    return verifyBytes(publicKey, DOMAIN[kind], payload, signature);
}

// Section 5.1.
function parseLeaf(leaf) {
    return {
        version: leaf[0],
        kind: leaf[1],
        unit: leaf.readBigUInt64BE(2),
        id: leaf.subarray(10, 26),
        receivedUs: leaf.readBigInt64BE(26),
        algorithm: leaf[34],
        key: leaf.subarray(35, 51),
        payloadHash: leaf.subarray(51, 83),
        signatureHash: leaf.subarray(83, 115),
    };
}

function leafHash(leaf) {
    return sha256(Buffer.from([0]), leaf);
}

function nodeHash(left, right) {
    return sha256(Buffer.from([1]), left, right);
}

// RFC 9162 section 2.1.3.2. The root that the path leads to, or null if its length does not fit.
function climb(hash, index, count, path) {
    if (index >= count) return null;
    let position = index;
    let last = count - 1;
    let result = hash;
    for (const sibling of path) {
        if (last === 0) return null;
        if (position % 2 === 1 || position === last) {
            result = nodeHash(sibling, result);
            while (position % 2 === 0 && position !== 0) {
                position = Math.floor(position / 2);
                last = Math.floor(last / 2);
            }
        } else {
            result = nodeHash(result, sibling);
        }
        position = Math.floor(position / 2);
        last = Math.floor(last / 2);
    }
    return last === 0 ? result : null;
}

// Section 5.3.
function parseHeader(header) {
    return {
        version: header[0],
        chain: header.subarray(1, 17),
        number: header.readBigUInt64BE(17),
        timeUs: header.readBigInt64BE(25),
        leaves: header.readUInt32BE(33),
        root: header.subarray(37, 69),
        previous: header.subarray(69, 101),
    };
}

// Section 5.4. Throws when the bytes are no receipt.
function parseReceipt(receipt) {
    const need = (ok, what) => { if (!ok) throw new Error(`not a receipt: ${what}`); };
    need(receipt.length >= 124, 'too short');
    need(receipt.subarray(0, 4).toString('latin1') === 'ZBR1', 'magic');
    const nodes = receipt[123];
    need(nodes <= 32, 'path too long');
    need(receipt.length === 124 + 32 * nodes + HEADER_BYTES + 1 + 16 + 64, 'length');
    const path = [];
    let at = 124;
    for (let i = 0; i < nodes; i++, at += 32) path.push(receipt.subarray(at, at + 32));
    const leafBytes = receipt.subarray(4, 4 + LEAF_BYTES);
    const headerBytes = receipt.subarray(at, at + HEADER_BYTES);
    at += HEADER_BYTES;
    const parsed = {
        leafBytes, headerBytes, path,
        leaf: parseLeaf(leafBytes),
        header: parseHeader(headerBytes),
        index: receipt.readUInt32BE(119),
        algorithm: receipt[at],
        key: receipt.subarray(at + 1, at + 17),
        signature: receipt.subarray(at + 17),
    };
    need(parsed.leaf.version === 1, 'leaf version');
    need(parsed.header.version === 1, 'header version');
    return parsed;
}

// `pinned`: the raw signing keys that are trusted. Returns the parsed receipt, or throws.
function verifyReceipt(receipt, pinned) {
    const parsed = parseReceipt(receipt);
    if (parsed.algorithm !== ED25519) throw new Error('receipt: algorithm');
    const key = pinned.find((candidate) => keyId(candidate).equals(parsed.key));
    if (!key) throw new Error('receipt: key is not pinned');
    const root = climb(leafHash(parsed.leafBytes), parsed.index, parsed.header.leaves, parsed.path);
    if (!root || !root.equals(parsed.header.root)) throw new Error('receipt: path');
    if (!verifyBytes(key, 'zhibao/batch/v1', parsed.headerBytes, parsed.signature))
        throw new Error('receipt: signature');
    return parsed;
}

// Section 5.4 (d): does a good receipt settle this record?
function settles(parsed, record) {
    return parsed.leaf.kind === record.kind && parsed.leaf.unit === BigInt(record.unit) &&
        parsed.leaf.id.equals(record.id) && parsed.leaf.payloadHash.equals(sha256(record.payload));
}

// Section 5.5. Returns the parsed refusal, or throws.
function verifyRefusal(refusal, pinned) {
    if (refusal.length !== REFUSAL_BYTES) throw new Error('refusal: length');
    if (refusal.subarray(0, 4).toString('latin1') !== 'ZBX1') throw new Error('refusal: magic');
    if (refusal[4] !== 1) throw new Error('refusal: version');
    if (refusal[104] !== ED25519) throw new Error('refusal: algorithm');
    const id = refusal.subarray(105, 121);
    const key = pinned.find((candidate) => keyId(candidate).equals(id));
    if (!key) throw new Error('refusal: key is not pinned');
    if (!verifyBytes(key, 'zhibao/refusal/v1', refusal.subarray(0, 121), refusal.subarray(121)))
        throw new Error('refusal: signature');
    return {
        kind: refusal[5],
        unit: refusal.readBigUInt64BE(6),
        id: refusal.subarray(14, 30),
        payloadHash: refusal.subarray(30, 62),
        timeUs: refusal.readBigInt64BE(62),
        code: refusal.readUInt16BE(70),
        errorHash: refusal.subarray(72, 104),
    };
}

// Section 7. Throws when the text is no enrolment code.
function parseEnrolCode(text) {
    const need = (ok, what) => { if (!ok) throw new Error(`not an enrolment code: ${what}`); };
    need(text.startsWith('ZB1-'), 'prefix');
    const body = text.slice(4);
    need(/^[A-Za-z0-9_-]+$/.test(body), 'alphabet');
    const bytes = Buffer.from(body, 'base64url');
    need(bytes.length >= 102 && bytes[0] === 1, 'version or length');
    const length = bytes[97];
    need(bytes.length === 98 + length + 4, 'length');
    need(sha256(bytes.subarray(0, -4)).subarray(0, 4).equals(bytes.subarray(-4)), 'checksum');
    return {
        curveKey: bytes.subarray(1, 33),
        signKey: bytes.subarray(33, 65),
        unit: bytes.readBigUInt64BE(65),
        codeId: bytes.subarray(73, 81),
        secret: bytes.subarray(81, 97),
        endpoint: bytes.subarray(98, 98 + length).toString('utf8'),
    };
}

function formatEnrolCode(code) {
    const unit = Buffer.alloc(8);
    unit.writeBigUInt64BE(code.unit);
    const endpoint = Buffer.from(code.endpoint, 'utf8');
    const body = Buffer.concat([Buffer.from([1]), code.curveKey, code.signKey, unit, code.codeId,
        code.secret, Buffer.from([endpoint.length]), endpoint]);
    return 'ZB1-' + Buffer.concat([body, sha256(body).subarray(0, 4)]).toString('base64url');
}

module.exports = {
    ED25519, sha256, keyId, rawPublicKey, signRecord, verifyRecord, leafHash, nodeHash, climb,
    parseLeaf, parseReceipt, verifyReceipt, settles, verifyRefusal, parseEnrolCode, formatEnrolCode,
    verifyBytes,
};
