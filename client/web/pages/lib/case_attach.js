// Attachments of cases: photos and PDF, sealed in pieces under keys that follow from the content key of the record that
// names them (proto/CASES.md section 4.1), and checked by reader and writer against what they say they are.
import { sha256 as digest } from '@noble/hashes/sha2';
import * as api from './api.js';
import { base64, fromBase64, fromHex, hex, join, random, same, utf8 } from './bytes.js';
import { openPiece, sealPiece } from './case_seal.js';
import { zhibao } from './messages.js';
import { problem } from './person.js';
import { long } from './records.js';

export const FILES_MOST = 8;
const BYTES_MOST = 4 * 1024 * 1024;
const CHUNK = 131000;
const ASKED_MOST = 8;
const EDGE_MOST = 2400; // pixels of a photo
const QUALITY = 0.85;
const NAME_MOST = 200;

const BEGINNINGS = { 'image/jpeg': [0xff, 0xd8, 0xff], 'image/png': [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 'application/pdf': [0x25, 0x50, 0x44, 0x46, 0x2d] };
const ENDINGS = { jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', pdf: 'application/pdf' };

const promised = (name) => ENDINGS[(/\.([a-z]+)$/i.exec(name) || ['', ''])[1].toLowerCase()] || '';
const shown = (bytes) => Object.keys(BEGINNINGS).find((type) => BEGINNINGS[type].every((byte, at) => bytes[at] === byte)) || '';

// Whether name, media type and first bytes agree.
export const isWhatItSays = ({ name, type, bytes }) => bytes.length > 0 && bytes.length <= BYTES_MOST && promised(name) !== '' && promised(name) === type && shown(bytes) === type &&
    utf8(name).length <= NAME_MOST && !/[/\\\u0000-\u001f\u007f]/.test(name);

const refuse = (name) => problem(`附件“${name}”不是照片（JPEG、PNG）或PDF，或内容与文件名所称的类型不符，或超过4 MB`, `attachment "${name}" is no photo (JPEG, PNG) and no PDF, or is not of the type that its name says, or is over 4 MB`);

// A photo drawn anew: smaller, and without what the camera wrote into it (place, device, time).
async function redraw(blob, name) {
    const picture = await createImageBitmap(blob);
    const scale = Math.min(1, EDGE_MOST / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    const made = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY));
    return { name: name.replace(/\.[a-z]+$/i, '.jpg'), type: 'image/jpeg', bytes: new Uint8Array(await new Response(made).arrayBuffer()) };
}

// {name, type, bytes} of a file that a person chose. Throws what is wrong with it.
export async function readAttachment(blob) {
    const bytes = new Uint8Array(await new Response(blob).arrayBuffer());
    const type = shown(bytes);
    if (!type || promised(blob.name) !== type) throw refuse(blob.name);
    let file = { name: blob.name, type, bytes };
    try {
        if (type !== 'application/pdf') file = await redraw(blob, blob.name);
    } catch (error) {
        throw refuse(blob.name); // begins like a photo and is none
    }
    if (!isWhatItSays(file)) throw refuse(blob.name);
    return file;
}

// What a record says of files, with ids for their pieces.
export const describe = (files) => files.map(({ name, type, bytes }) => ({
    name, type, size: long(bytes.length), sha256: digest(bytes), pieces: Array.from({ length: Math.ceil(bytes.length / CHUNK) }, () => random(16)),
}));

// Fields of the CasePieces of what was described: [{id, fields}]. `key`: the content key of the record that names them.
export function piecesOf(files, described, { district, caseId, record, key, signPublic }) {
    return files.flatMap(({ bytes }, index) => described[index].pieces.map((id, turn) => {
        const plain = zhibao.CaseChunk.encode({ data: bytes.subarray(turn * CHUNK, (turn + 1) * CHUNK) }).finish();
        const { nonce, ciphertext } = sealPiece({ district, caseId, record: id }, key, plain);
        return { id, fields: { district: long(district), case_id: caseId, record, sign_public: signPublic || new Uint8Array(0), sealing: 1, nonce, ciphertext } };
    }));
}

// The piece with this id, opened; whoever signed it, only who has the record's content key can have made it.
function openOne(row, id, item, key) {
    const piece = row.record ? zhibao.CasePiece.decode(fromBase64(row.record.payload)) : null;
    const good = piece && piece.head && same(piece.head.id, id) && piece.nonce.length === 24;
    const plain = good ? openPiece({ district: item.district, caseId: fromHex(item.caseId), record: id }, key, piece) : null;
    return plain && zhibao.CaseChunk.decode(plain).data;
}

// The file that an entry's record names: its bytes. Throws when it has not arrived, or is not what it says.
export async function fetchAttachment(item, entry, attachment) {
    const parts = [];
    const { pieces } = attachment;
    if (Number(attachment.size) > BYTES_MOST || pieces.length > Math.ceil(BYTES_MOST / CHUNK)) throw refuse(attachment.name);
    while (parts.length < pieces.length) {
        const wanted = pieces.slice(parts.length, parts.length + ASKED_MOST);
        const { records } = await api.ask('KIND_GET_CASE_PIECES', { district: item.district, case_id: base64(fromHex(item.caseId)), pieces: wanted.map(base64) });
        const opened = records.map((row, index) => openOne(row, wanted[index], item, entry.key));
        if (!opened.length || opened.includes(null)) throw problem('附件还没有送到，或打不开', 'the attachment has not arrived yet, or does not open');
        parts.push(...opened);
    }
    const bytes = join(...parts);
    if (bytes.length !== Number(attachment.size) || hex(digest(bytes)) !== hex(attachment.sha256) || !isWhatItSays({ name: attachment.name, type: attachment.type, bytes }))
        throw problem('附件内容与所称的类型或摘要不符，没有打开', 'the attachment is not of the type, or not the file, that it says: not opened');
    return bytes;
}
