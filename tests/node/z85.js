'use strict';
// Z85 (ZeroMQ RFC 32): how the zeromq package takes CURVE keys.

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ' +
    '.-:+=^!/*?&<>()[]{}@%$#';

function encode(bytes) {
    let text = '';
    for (let at = 0; at < bytes.length; at += 4) {
        let value = bytes.readUInt32BE(at);
        let group = '';
        for (let i = 0; i < 5; i++) {
            group = ALPHABET[value % 85] + group;
            value = Math.floor(value / 85);
        }
        text += group;
    }
    return text;
}

function decode(text) {
    const bytes = Buffer.alloc((text.length / 5) * 4);
    for (let at = 0; at < text.length; at += 5) {
        let value = 0;
        for (const letter of text.slice(at, at + 5)) value = value * 85 + ALPHABET.indexOf(letter);
        bytes.writeUInt32BE(value, (at / 5) * 4);
    }
    return bytes;
}

module.exports = { encode, decode };
