// XChaCha20-Poly1305 (RFC 8439 with the nonce of 24 bytes of draft-irtf-cfrg-xchacha) and libsodium's sealed boxes, on
// tweetnacl's Poly1305 and boxes: Chromium 80 has neither, and the contents policy lets no WebAssembly run.
import { blake2b } from '@noble/hashes/blake2';
import nacl from 'tweetnacl';
import { join, same } from './bytes.js';

const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]; // "expand 32-byte k"
const BLOCK = 64;
const TAG = 16;
export const NONCE_BYTES = 24;

const wordsOf = (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: bytes.length / 4 }, (_, index) => view.getUint32(4 * index, true));
};

function bytesOf(words) {
    const view = new DataView(new ArrayBuffer(4 * words.length));
    words.forEach((word, index) => view.setUint32(4 * index, word, true));
    return new Uint8Array(view.buffer);
}

function quarter(s, a, b, c, d) {
    s[a] += s[b]; s[d] ^= s[a]; s[d] = (s[d] << 16) | (s[d] >>> 16);
    s[c] += s[d]; s[b] ^= s[c]; s[b] = (s[b] << 12) | (s[b] >>> 20);
    s[a] += s[b]; s[d] ^= s[a]; s[d] = (s[d] << 8) | (s[d] >>> 24);
    s[c] += s[d]; s[b] ^= s[c]; s[b] = (s[b] << 7) | (s[b] >>> 25);
}

function rounds(state) {
    const s = Uint32Array.from(state);
    for (let turn = 0; turn < 10; turn++) {
        for (let i = 0; i < 4; i++) quarter(s, i, 4 + i, 8 + i, 12 + i);
        for (let i = 0; i < 4; i++) quarter(s, i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
    }
    return s;
}

// `bytes` with ChaCha20's stream from this block on laid over them.
function stream(key, nonce, first, bytes) {
    const state = [...SIGMA, ...wordsOf(key), 0, ...wordsOf(nonce)];
    const out = new Uint8Array(bytes.length);
    for (let at = 0, block = first; at < bytes.length; at += BLOCK, block++) {
        state[12] = block;
        const mixed = rounds(state);
        const key64 = bytesOf(Array.from(mixed, (word, index) => (word + state[index]) >>> 0));
        for (let i = 0; i < BLOCK && at + i < bytes.length; i++) out[at + i] = bytes[at + i] ^ key64[i];
    }
    return out;
}

// HChaCha20: the key for the rest of the nonce.
function subkey(key, nonce16) {
    const mixed = rounds([...SIGMA, ...wordsOf(key), ...wordsOf(nonce16)]);
    return bytesOf([...mixed.subarray(0, 4), ...mixed.subarray(12, 16)]);
}

const padding = (bytes) => new Uint8Array((16 - (bytes.length % 16)) % 16);
const length = (bytes) => bytesOf([bytes.length, 0]);

function prepare(key, nonce) {
    return { inner: subkey(key, nonce.subarray(0, 16)), short: join(new Uint8Array(4), nonce.subarray(16)) };
}

function tagOf({ inner, short }, ciphertext, data) {
    const tag = new Uint8Array(TAG);
    const text = join(data, padding(data), ciphertext, padding(ciphertext), length(data), length(ciphertext));
    nacl.lowlevel.crypto_onetimeauth(tag, 0, text, 0, text.length, stream(inner, short, 0, new Uint8Array(32)));
    return tag;
}

export function encrypt(key, nonce, plain, data) {
    const prepared = prepare(key, nonce);
    const ciphertext = stream(prepared.inner, prepared.short, 1, plain);
    return join(ciphertext, tagOf(prepared, ciphertext, data));
}

// Null for another key, nonce, additional data or ciphertext.
export function decrypt(key, nonce, sealed, data) {
    if (sealed.length < TAG) return null;
    const prepared = prepare(key, nonce);
    const ciphertext = sealed.subarray(0, sealed.length - TAG);
    if (!same(tagOf(prepared, ciphertext, data), sealed.subarray(sealed.length - TAG))) return null;
    return stream(prepared.inner, prepared.short, 1, ciphertext);
}

const EPHEMERAL = nacl.box.publicKeyLength;
const boxNonce = (ephemeral, recipient) => blake2b(join(ephemeral, recipient), { dkLen: nacl.box.nonceLength });

// Throws for a public key of low order, which is no key.
export function sealBox(plain, recipient) {
    const pair = nacl.box.keyPair();
    if (same(nacl.scalarMult(pair.secretKey, recipient), new Uint8Array(32))) throw new Error('no public key');
    return join(pair.publicKey, nacl.box(plain, boxNonce(pair.publicKey, recipient), recipient, pair.secretKey));
}

// Null for what was not sealed for this secret.
export function openBox(sealed, secret) {
    if (sealed.length < EPHEMERAL + nacl.box.overheadLength) return null;
    const own = nacl.box.keyPair.fromSecretKey(secret).publicKey;
    const ephemeral = sealed.subarray(0, EPHEMERAL);
    return nacl.box.open(sealed.subarray(EPHEMERAL), boxNonce(ephemeral, own), ephemeral, secret);
}
