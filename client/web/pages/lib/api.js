// The gateway's JSON. Every failure is an ApiError whose problem has both languages.
import { T } from './i18n.js';

export class ApiError extends Error {
    constructor(status, error) {
        super(error.problem.en);
        this.status = status;
        this.problem = error.problem;
        this.more = error.more || [];
        this.retry = Boolean(error.retry);
    }
}

const OFFLINE = {
    problem: {
        name: 'OFFLINE', zh: '网络不通：内容已存在本机，恢复后自动继续',
        en: 'no network: everything is kept here and goes on when it returns', field: '', cell: 0,
    },
    retry: true,
};

let token = 'none';
let ended = () => {};

export function setToken(value) {
    token = value || 'none';
}

// Called when the gateway says that the session is over.
export function onSessionEnd(callback) {
    ended = callback;
}

async function send(method, path, body) {
    let response;
    let answer;
    try {
        response = await fetch(path, {
            method, body, credentials: 'same-origin', cache: 'no-store',
            headers: { 'X-Zhibao-Token': token },
        });
        answer = await response.json();
    } catch (error) {
        throw new ApiError(0, OFFLINE);
    }
    if (!response.ok) {
        if (response.status === 401 && answer.error.problem.name === 'SESSION') ended();
        throw new ApiError(response.status, answer.error);
    }
    return answer;
}

export const get = (path) => send('GET', path);
export const post = (path, body) => send('POST', path, JSON.stringify(body));
export const postBytes = (path, bytes) => send('POST', path, bytes);

// One question of the protocol: the body of its answer.
export async function ask(kind, fields = {}) {
    return (await post(`/api/ask/${kind}`, fields)).body;
}

// All pages of a question whose answer has `next`.
export async function askAll(kind, fields, list) {
    const all = [];
    let cursor = '';
    for (let page = 0; page < 200; page++) {
        const body = await ask(kind, { ...fields, cursor });
        all.push(...body[list]);
        cursor = body.next;
        if (!cursor) return all;
    }
    throw new ApiError(0, { problem: { name: 'LIMIT', zh: '结果过多', en: 'too many results', field: '', cell: 0 } });
}

export function failureText(error) {
    if (!error.problem) return String(error.message || error);
    const { problem } = error;
    const at = problem.field ? T(`（${problem.field}）`, ` (${problem.field})`) : '';
    return `${T(problem.zh, problem.en) || problem.name}${at}`;
}
