// The gateway's JSON. Every failure is an ApiError whose problem has both languages.
//
// Lines may be slow: a request is given up when nothing at all has come for a while, not when it takes long, and
// a question that failed for the network is asked again.
import { fromUtf8, join } from './bytes.js';
import { T } from './i18n.js';

const QUIET_MS = 45000;
const SHOW_AFTER_MS = 3000;
const AGAIN_MS = [1000, 4000];
const SEND_MOST = 1024 * 1024;

export class ApiError extends Error {
    constructor(status, error) {
        super(error.problem.en);
        this.status = status;
        this.problem = error.problem;
        this.more = error.more || [];
        this.retry = Boolean(error.retry);
    }
}

const local = (name, zh, en, retry) => new ApiError(0, { problem: { name, zh, en, field: '', cell: 0 }, retry });
const offline = () => local('OFFLINE', '网络不通：内容已存在本机，恢复后自动继续', 'no network: everything is kept here and goes on when it returns', true);
const slow = () => local('SLOW', `网络太慢，${QUIET_MS / 1000} 秒没有收到任何内容；内容已存在本机，请稍后重试`,
    `the network is too slow: nothing came for ${QUIET_MS / 1000} s; everything is kept here, try again later`, true);

let token = 'none';
let ended = () => {};
const waiting = new Set();

export function setToken(value) {
    token = value || 'none';
}

// Called when the gateway says that the session is over.
export function onSessionEnd(callback) {
    ended = callback;
}

// The event that tells of requests that take long: detail is {seconds, kilobytes} of the longest, or null.
export const WAITING = 'zhibao-waiting';
let shown = false;

function tellWaiting() {
    const begun = Math.min(...[...waiting].map((one) => one.begun));
    const late = waiting.size > 0 && Date.now() - begun >= SHOW_AFTER_MS;
    if (!late && !shown) return;
    shown = late;
    const bytes = [...waiting].reduce((sum, one) => sum + one.bytes, 0);
    dispatchEvent(new CustomEvent(WAITING, { detail: late ? { seconds: Math.round((Date.now() - begun) / 1000), kilobytes: Math.round(bytes / 1024) } : null }));
}
setInterval(tellWaiting, 1000);

// The whole body, as it comes; `heard` is called for every piece.
async function readAll(response, heard) {
    if (!response.body) return new Uint8Array(await response.arrayBuffer());
    const reader = response.body.getReader();
    const parts = [];
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return join(...parts);
        parts.push(value);
        heard(value.length);
    }
}

async function transfer(method, path, body, by) {
    const stop = new AbortController();
    const one = { begun: Date.now(), bytes: 0, quiet: false };
    let timer;
    const heard = (bytes) => {
        one.bytes += bytes;
        clearTimeout(timer);
        timer = setTimeout(() => { one.quiet = true; stop.abort(); }, QUIET_MS);
    };
    heard(0);
    waiting.add(one);
    try {
        const response = await fetch(path, {
            method, body, credentials: 'same-origin', cache: 'no-store', signal: stop.signal,
            headers: { 'X-Zhibao-Token': by || token },
        });
        return { response, answer: JSON.parse(fromUtf8(await readAll(response, heard))) };
    } catch (error) {
        throw one.quiet ? slow() : offline();
    } finally {
        clearTimeout(timer);
        waiting.delete(one);
        tellWaiting();
    }
}

async function send(method, path, body, by) {
    const { response, answer } = await transfer(method, path, body, by);
    if (!response.ok) {
        if (response.status === 401 && answer.error.problem.name === 'SESSION') ended();
        throw new ApiError(response.status, answer.error);
    }
    return answer;
}

export const get = (path) => send('GET', path);
export const post = (path, body) => send('POST', path, JSON.stringify(body));

// Ends the session while the page goes; nobody waits for the answer.
export function hangUp() {
    fetch('/api/logout', { method: 'POST', body: '{}', credentials: 'same-origin', cache: 'no-store', keepalive: true, headers: { 'X-Zhibao-Token': token } }).catch(() => {});
}

// What anybody may ask, account or not.
export const postOpenly = (path, body) => send('POST', path, JSON.stringify(body), 'none');

// What the gateway would refuse for its size is not sent for minutes first.
export async function postBytes(path, bytes, most = SEND_MOST) {
    if (bytes.length > most)
        throw local('E_TOO_LARGE', `内容有 ${Math.ceil(bytes.length / 1024)} KB，超过 ${most / 1024} KB 的上限，没有发送`,
            `${Math.ceil(bytes.length / 1024)} KB is over the limit of ${most / 1024} KB: not sent`, false);
    return send('POST', path, bytes);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// One question of the protocol: the body of its answer. Asking changes nothing, so it is asked again where
// the network failed.
export async function ask(kind, fields = {}) {
    for (let turn = 0; ; turn++) {
        try {
            return (await post(`/api/ask/${kind}`, fields)).body;
        } catch (error) {
            if (!error.retry || turn === AGAIN_MS.length || !navigator.onLine) throw error;
            await pause(AGAIN_MS[turn]);
        }
    }
}

// All pages of a question whose answer has `next`, as its first page with these lists joined.
export async function askWhole(kind, fields, lists) {
    let whole = null;
    let cursor = '';
    for (let page = 0; page < 200; page++) {
        const body = await ask(kind, { ...fields, cursor });
        if (whole) for (const list of lists) for (const row of body[list]) whole[list].push(row);
        else whole = body;
        cursor = body.next;
        if (!cursor) return whole;
    }
    throw local('LIMIT', '结果过多', 'too many results', false);
}

// One list of them.
export const askAll = async (kind, fields, list) => (await askWhole(kind, fields, [list]))[list];

// Results of a place and year.
export const pull = (place, period, fields = {}) => askWhole('KIND_PULL', { place, period, ...fields }, ['indicators', 'names']);

export function failureText(error) {
    if (!error.problem) return String(error.message || error);
    const { problem } = error;
    const at = problem.field ? T(`（${problem.field}）`, ` (${problem.field})`) : '';
    return `${T(problem.zh, problem.en) || problem.name}${at}`;
}
