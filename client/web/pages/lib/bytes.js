// Bytes and their texts.
const DIGITS = '0123456789abcdef';

export function hex(bytes) {
    let text = '';
    for (const byte of bytes) text += DIGITS[byte >> 4] + DIGITS[byte & 15];
    return text;
}

export function fromHex(text) {
    const bytes = new Uint8Array(text.length / 2);
    for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.substr(2 * i, 2), 16);
    return bytes;
}

export function base64(bytes) {
    let text = '';
    for (let i = 0; i < bytes.length; i += 8192)
        text += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192));
    return btoa(text);
}

export function fromBase64(text) {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
}

export function utf8(text) {
    return new TextEncoder().encode(text);
}

export function fromUtf8(bytes) {
    return new TextDecoder().decode(bytes);
}

export function join(...parts) {
    const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
    }
    return bytes;
}

export function same(left, right) {
    if (left.length !== right.length) return false;
    let difference = 0;
    for (let i = 0; i < left.length; i++) difference |= left[i] ^ right[i];
    return difference === 0;
}

// A big-endian unsigned integer, exact for what fits a double, else a decimal text through BigInt.
export function bigEndian(bytes) {
    let value = 0n;
    for (const byte of bytes) value = (value << 8n) | BigInt(byte);
    return value;
}

export function random(size) {
    return crypto.getRandomValues(new Uint8Array(size));
}
