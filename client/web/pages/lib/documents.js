// A document's content, sent in chunks as PROTOCOL.md section 14 says: begun once, gone on with after a break, whole before
// its record is signed.
import * as api from './api.js';
import { base64, fromBase64, join } from './bytes.js';
import { T } from './i18n.js';

const CHUNK = 262144;
const SIZE_MOST = 52428800;
const TYPES = [
    ['application/pdf', [0x25, 0x50, 0x44, 0x46]],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', [0x50, 0x4b, 0x03, 0x04]],
];

const digest = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
const isWhole = ({ stage }) => stage === 'UPLOAD_COMPLETE' || stage === 'UPLOAD_STORED';
const has = (have, index) => Math.floor(index / 8) < have.length && ((have[Math.floor(index / 8)] >> (index % 8)) & 1) === 1;

// What is wrong with a file, before anything of it is sent; "" when nothing is.
export function fileProblem(name, bytes) {
    if (!bytes.length) return T('文件是空的', 'the file is empty');
    if (bytes.length > SIZE_MOST) return T(`文件有 ${Math.ceil(bytes.length / 1048576)} MB，超过 50 MB 的上限，没有发送`, `the file has ${Math.ceil(bytes.length / 1048576)} MB, over the limit of 50 MB: not sent`);
    if (!TYPES.some(([, begin]) => begin.every((byte, index) => bytes[index] === byte))) return T(`“${name}”不是 PDF 或 DOCX（看的是内容，不是文件名）`, `“${name}” is no PDF or DOCX: what counts is its content, not its name`);
    return '';
}

// Sends what the aggregator does not have yet; resolves to {sha256, size, type}. `onStep(done, all)` in bytes.
export async function sendContent(bytes, onStep) {
    const sha256 = await digest(bytes);
    const name = base64(sha256);
    const all = Math.ceil(bytes.length / CHUNK);
    let state = await api.ask('KIND_GET_UPLOAD', { content_sha256: name });
    const have = state.stage === 'UPLOAD_OPEN' ? fromBase64(state.have) : new Uint8Array(0);
    for (let index = 0; index < all && !isWhole(state); index++) {
        const content = bytes.subarray(index * CHUNK, (index + 1) * CHUNK);
        if (!has(have, index)) state = await api.ask('KIND_PUT_CHUNK', { content_sha256: name, size: String(bytes.length), index, chunk_sha256: base64(await digest(content)), content: base64(content) });
        onStep(Math.min((index + 1) * CHUNK, bytes.length), bytes.length);
    }
    if (!isWhole(state)) throw new Error(T('服务器没有收全文件，请再试一次：已收到的不重传', 'the server has not got the whole file: try again, what it has is not sent anew'));
    return { sha256, size: bytes.length, type: state.media_type };
}

// The name that a document is saved under: what people called it, without what a file system or a page could take for more.
export function fileName(name) {
    return name.replace(/[\u0000-\u001f\u007f"*/:<>?\\|\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '_').replace(/^\.+/, '_') || 'document';
}

const stopped = () => new Error(T('已停止，没有存文件；再点一次从断处接着', 'stopped: no file was saved; once more goes on from there'));

// A document's content as its author signed it: every chunk and the whole are checked. `parts` holds the chunks that are there
// already and takes those that come.
export async function fetchContent(row, parts, signal, onStep) {
    const size = Number(row.size);
    const all = Math.ceil(size / CHUNK);
    for (let index = parts.length; index < all; index++) {
        if (signal.aborted) throw stopped();
        const chunk = await api.ask('KIND_GET_CHUNK', { unit: row.record.unit, document: row.record.id, index });
        const content = fromBase64(chunk.content);
        if (content.length !== Math.min(CHUNK, size - index * CHUNK) || base64(await digest(content)) !== chunk.chunk_sha256)
            throw new Error(T(`第 ${index + 1} 块的内容与其摘要不符，请再试一次`, `piece ${index + 1} does not match its hash: try again`));
        parts.push(content);
        onStep(Math.min((index + 1) * CHUNK, size));
    }
    const bytes = join(...parts);
    if (base64(await digest(bytes)) === row.content_sha256) return bytes;
    parts.length = 0;
    throw new Error(T('取得的文件与报送单位签名中的摘要不符，已丢弃', 'the content is not what its author signed, and is thrown away'));
}
