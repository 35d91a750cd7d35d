// Drafts: sealed, kept at every change, never overwritten by a window that has not seen what it would overwrite.
//
// A draft has a version that each save counts on. Who saves over a version it does not know (another window's) puts
// its own beside it and is told; what a person then decides against is kept too, until the report is signed.
import { hex, random } from './bytes.js';
import * as store from './store.js';
import { seal, unseal } from './vault.js';

export const TAB = hex(random(8));
const news = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('zhibao-draft');

export const keyOf = (unit, form, period) => `${unit}/${form}/${period}`;
const asideOf = (key, at) => `${key}/aside/${at}`;

// {draft, version, at}, or {locked: true} when another key sealed it, or null.
function opened(keys, row) {
    if (!row) return null;
    const draft = unseal(keys, row.box);
    return draft ? { draft, version: row.version, at: row.at, tab: row.tab } : { locked: true, version: row.version, at: row.at, tab: row.tab };
}

export async function read(keys, key) {
    return opened(keys, await store.get('draft', key));
}

// Versions put aside, the newest first: [{key, draft, at}].
export async function asides(keys, key) {
    return (await store.all('draft')).filter((row) => row.key.startsWith(`${key}/aside/`))
        .map((row) => ({ key: row.key, at: row.at, draft: unseal(keys, row.box) }))
        .filter((row) => row.draft).sort((left, right) => right.at - left.at);
}

// Keeps `draft` over `version`: {version, at}, or {other} when another window was there first; then this one is put
// aside, so that closing the window now loses nothing.
export async function write(keys, key, draft, version) {
    const at = Date.now();
    const row = { key, tab: TAB, version: version + 1, at, box: seal(keys, draft) };
    const found = await store.exchange('draft', key, (there) => (
        there && there.version > version && there.tab !== TAB ? [{ ...row, key: asideOf(key, TAB) }] : [{ ...row, version: Math.max(version, there ? there.version : 0) + 1 }]));
    if (found && found.version > version && found.tab !== TAB) return { other: opened(keys, found) };
    if (news) news.postMessage({ key, tab: TAB });
    return { version: Math.max(version, found ? found.version : 0) + 1, at };
}

export async function setAside(keys, key, draft) {
    await store.put('draft', { key: asideOf(key, `${Date.now()}-${TAB}`), tab: TAB, version: 0, at: Date.now(), box: seal(keys, draft) });
    await store.remove('draft', asideOf(key, TAB));
}

// The report is signed: its draft and what was put aside of it go.
export async function forget(key) {
    for (const row of await store.all('draft'))
        if (row.key === key || row.key.startsWith(`${key}/aside/`)) await store.remove('draft', row.key);
}

// Tells of saves by other windows; returns what ends it.
export function watch(key, callback) {
    const heard = ({ data }) => { if (data.key === key && data.tab !== TAB) callback(); };
    if (news) news.addEventListener('message', heard);
    return () => { if (news) news.removeEventListener('message', heard); };
}

// How many places two drafts differ in.
export function differences(left, right) {
    let count = 0;
    const same = (one, other) => JSON.stringify(one === undefined ? '' : one) === JSON.stringify(other === undefined ? '' : other);
    for (const part of ['values', 'explanations'])
        for (const name of new Set([...Object.keys(left[part] || {}), ...Object.keys(right[part] || {})]))
            if (!same((left[part] || {})[name], (right[part] || {})[name])) count++;
    for (const name of ['filler', 'principal', 'note']) if ((left[name] || '') !== (right[name] || '')) count++;
    return count;
}
