// The user's own keys: made here, kept at the gateway only as a bundle under the passphrase, opened here.
//
// scrypt(passphrase, salt, N = 2^15, r = 8, p = 1) gives 64 bytes: the bundle's key, and the secret one
// logs in with, which tells nothing of the other. The gateway chooses none of these numbers.
import { scryptAsync } from '@noble/hashes/scrypt';
import nacl from 'tweetnacl';
import { base64, fromBase64, fromUtf8, hex, join, utf8 } from './bytes.js';

const SCRYPT = { N: 2 ** 15, r: 8, p: 1, dkLen: 64 };
export const PASSPHRASE_LEAST = 8;

// The form of a passphrase that is the same from every keyboard.
function plain(passphrase) {
    return utf8(passphrase.normalize('NFC').trim());
}

export async function derive(passphrase, salt) {
    const both = await scryptAsync(plain(passphrase), salt, SCRYPT);
    return { key: both.slice(0, 32), secret: hex(both.slice(32)) };
}

export function makeKeys() {
    return { sign: nacl.sign.keyPair(), encrypt: nacl.box.keyPair() };
}

export function sealBundle(keys, unit, pins, key) {
    const text = JSON.stringify({
        v: 1, unit, sign: base64(keys.sign.secretKey.slice(0, 32)),
        encrypt: base64(keys.encrypt.secretKey), pins: pins.map(base64),
    });
    const nonce = nacl.randomBytes(nacl.secretbox.nonceLength);
    return join(nonce, nacl.secretbox(utf8(text), nonce, key));
}

// Throws when the key does not open it.
export function openBundle(bytes, key) {
    const size = nacl.secretbox.nonceLength;
    const text = nacl.secretbox.open(bytes.subarray(size), bytes.subarray(0, size), key);
    if (!text) throw new Error('bundle does not open');
    const bundle = JSON.parse(fromUtf8(text));
    return {
        unit: bundle.unit,
        sign: nacl.sign.keyPair.fromSeed(fromBase64(bundle.sign)),
        encrypt: nacl.box.keyPair.fromSecretKey(fromBase64(bundle.encrypt)),
        pins: bundle.pins.map(fromBase64),
    };
}
