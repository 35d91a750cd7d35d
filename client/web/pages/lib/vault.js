// What is kept on this computer and holds figures is sealed under a key of the user's own, made of the bundle's
// secret: whoever has the computer but not the passphrase reads none of it.
import nacl from 'tweetnacl';
import { fromUtf8, join, utf8 } from './bytes.js';

const DOMAIN = utf8('zhibao kept on this computer, version 1');

function keyOf(keys) {
    return nacl.hash(join(DOMAIN, keys.encrypt.secretKey)).slice(0, nacl.secretbox.keyLength);
}

export function seal(keys, value) {
    const nonce = nacl.randomBytes(nacl.secretbox.nonceLength);
    return join(nonce, nacl.secretbox(utf8(JSON.stringify(value)), nonce, keyOf(keys)));
}

// Null when these keys did not seal it.
export function unseal(keys, box) {
    const size = nacl.secretbox.nonceLength;
    const text = box && nacl.secretbox.open(box.subarray(size), box.subarray(0, size), keyOf(keys));
    return text ? JSON.parse(fromUtf8(text)) : null;
}
