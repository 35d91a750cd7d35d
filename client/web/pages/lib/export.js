// An export as a file: streamed from the gateway, with how far it is, and a way to stop it.
import { ApiError } from './api.js';
import { fromUtf8, hex, join, random } from './bytes.js';
import { T } from './i18n.js';

const ASK_MS = 700;

export const FORMATS = { csv: 'csv', xlsx: 'xlsx', json: 'json', 'sdmx-csv': 'csv', 'sdmx-json': 'json', adx: 'xml' };

async function ask(watch, onStep) {
    const response = await fetch(`/api/progress/${watch}`, { credentials: 'same-origin', cache: 'no-store' });
    if (response.ok) onStep(await response.json());
}

// The whole file as bytes; `onStep({done, all, bytes})` now and then. `stop` is an AbortController. Throws what the gateway
// refuses, and for a stream that breaks off: half a file is none.
export async function fetchExport(wish, stop, onStep) {
    const watch = hex(random(16));
    let told = { done: 0, all: 0 };
    let bytes = 0;
    const timer = setInterval(() => ask(watch, (now) => { if (now.known) told = now; onStep({ done: told.done, all: told.all, bytes }); }).catch(() => {}), ASK_MS);
    try {
        const response = await fetch(`/api/export?${new URLSearchParams({ ...wish, watch })}`, { credentials: 'same-origin', cache: 'no-store', signal: stop.signal });
        if (!response.ok) throw new ApiError(response.status, JSON.parse(fromUtf8(new Uint8Array(await response.arrayBuffer()))).error);
        const reader = response.body.getReader();
        const parts = [];
        for (;;) {
            const { done, value } = await reader.read();
            if (done) return join(...parts);
            parts.push(value);
            bytes += value.length;
            onStep({ done: told.done, all: told.all, bytes });
        }
    } catch (error) {
        if (error.problem) throw error;
        throw stop.signal.aborted ? new Error(T('已停止，没有存文件', 'stopped: no file was saved')) : new Error(T('传送中断，没有存文件；请再试', 'the transfer broke off, no file was saved: try again'));
    } finally {
        clearInterval(timer);
    }
}
