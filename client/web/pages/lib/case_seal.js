// Sealing what a case says, as common/case does it byte for byte (proto/CASES.md sections 3 and 4); the vectors of both
// are tests/vectors/case.txt.
import { sha256 as digest } from '@noble/hashes/sha2';
import nacl from 'tweetnacl';
import { join, random, same, utf8 } from './bytes.js';
import { NONCE_BYTES, decrypt, encrypt, openBox, sealBox } from './case_chacha.js';

export const SEALING = 1;
export const PART = { content: 1, reporter: 2, piece: 3 };
export const MAILBOX = 99;
const SIZES = [2048, 8192, 32768, 131072];
const TAG_BYTES = 16;
const REPLY_PLAIN = 2048;

const named = (name, ...parts) => digest(join(utf8(name), new Uint8Array([0]), ...parts));

export const encryptionKeyId = (key) => named('zhibao/casekey/v1', new Uint8Array([SEALING]), key).subarray(0, 16);
export const commitmentOf = (key) => named('zhibao/casecommit/v1', key);

function eight(number) {
    const bytes = new Uint8Array(8);
    let rest = BigInt(number);
    for (let at = 7; at >= 0; at--) {
        bytes[at] = Number(rest & 255n);
        rest >>= 8n;
    }
    return bytes;
}

// {district, caseId, record, part}: where a sealed part belongs; it opens nowhere else.
const dataOf = (context, commitment) => join(utf8('zhibao/casecontext/v1'), new Uint8Array([0]), eight(context.district), context.caseId, context.record, new Uint8Array([context.part]), commitment);

export function pad(plain, room) {
    const padded = new Uint8Array(room);
    padded.set(plain);
    padded[plain.length] = 0x80;
    return padded;
}

// Null for what is not padded.
export function unpad(padded) {
    let size = padded.length;
    while (size > 0 && padded[size - 1] === 0) size--;
    return size > 0 && padded[size - 1] === 0x80 ? padded.subarray(0, size - 1) : null;
}

export const sealedSizeGood = (size) => SIZES.some((room) => size === room + TAG_BYTES);

// {key, nonce, commitment, ciphertext} under a fresh content key. Throws for what is too long.
export function seal(context, plain, key = random(32), nonce = random(NONCE_BYTES)) {
    const room = SIZES.find((one) => plain.length < one);
    if (!room) throw new Error('too long to be sealed');
    const commitment = commitmentOf(key);
    return { key, nonce, commitment, ciphertext: encrypt(key, nonce, pad(plain, room), dataOf(context, commitment)) };
}

// The plain text; null for another key, context or content.
export function open(context, key, { nonce, commitment, ciphertext }) {
    if (!sealedSizeGood(ciphertext.length) || nonce.length !== NONCE_BYTES || !same(commitmentOf(key), commitment)) return null;
    const padded = decrypt(key, nonce, ciphertext, dataOf(context, commitment));
    return padded && unpad(padded);
}

// A piece of an attachment: its key follows from the content key of the record that names it. `context` without part.
const pieceKey = (context, recordKey) => named('zhibao/casepiecekey/v1', recordKey, context.record);

export const sealPiece = (context, recordKey, plain) => seal({ ...context, part: PART.piece }, plain, pieceKey(context, recordKey));

export function openPiece(context, recordKey, { nonce, ciphertext }) {
    const key = pieceKey(context, recordKey);
    return open({ ...context, part: PART.piece }, key, { nonce, ciphertext, commitment: commitmentOf(key) });
}

export const wrap = (key, recipient) => sealBox(key, recipient);

// The content key; null for what was not wrapped for this secret.
export function unwrap(wrapped, secret) {
    const key = openBox(wrapped, secret);
    return key && key.length === 32 ? key : null;
}

export function sealReply(plain, replyPublic) {
    if (plain.length >= REPLY_PLAIN) throw new Error('too long to be sealed');
    return sealBox(pad(plain, REPLY_PLAIN), replyPublic);
}

export function openReply(sealed, replySecret) {
    const padded = openBox(sealed, replySecret);
    return padded && unpad(padded);
}

// --- the reporter's code ---

// What follows from it: {sign, reply, lookup}; `sign` and `reply` are pairs of tweetnacl's.
export function codeKeys(code) {
    return {
        sign: nacl.sign.keyPair.fromSeed(named('zhibao/casesign/v1', code)),
        reply: nacl.box.keyPair.fromSecretKey(named('zhibao/casereply/v1', code)),
        lookup: named('zhibao/caselookup/v1', code).slice(0, 16),
    };
}

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'; // Crockford's
const COUNT = 26;
const checkOf = (values) => values.reduce((sum, value, index) => (sum + (2 * index + 1) * value) % 32, 0);

// 27 characters in groups of four.
export function codeText(code) {
    const values = new Array(COUNT).fill(0);
    for (let bit = 0; bit < 128; bit++) if (code[bit >> 3] & (0x80 >> (bit & 7))) values[Math.floor(bit / 5)] |= 0x10 >> (bit % 5);
    return [...values, checkOf(values)].map((value) => DIGITS[value]).join('').replace(/.{4}(?=.)/g, '$&-');
}

// Either case, with or without dashes and blanks; O is read as 0, I and L as 1. Null for anything else.
export function parseCode(text) {
    const plain = text.toUpperCase().replace(/[-\s]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
    const values = [...plain].map((digit) => DIGITS.indexOf(digit));
    if (values.length !== COUNT + 1 || values.includes(-1)) return null;
    const check = values.pop();
    if (check !== checkOf(values) || values[COUNT - 1] & 3) return null;
    const code = new Uint8Array(16);
    for (let bit = 0; bit < 128; bit++) if (values[Math.floor(bit / 5)] & (0x10 >> (bit % 5))) code[bit >> 3] |= 0x80 >> (bit & 7);
    return code;
}
