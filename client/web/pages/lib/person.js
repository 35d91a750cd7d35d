// Who works at this browser: logging in, opening the keys, and working on without a network.
//
// What the gateway tells of a session (its bundle is sealed under the passphrase) is kept here, so that the passphrase
// opens keys and drafts also when the gateway cannot be reached; the session itself comes when it can be again.
import * as api from './api.js';
import { fromBase64 } from './bytes.js';
import { derive, openBundle } from './keys.js';
import * as store from './store.js';

export const problem = (zh, en) => ({ problem: { name: 'LOCAL', zh, en, field: '', cell: 0 } });

function open(session, key) {
    try {
        return openBundle(fromBase64(session.bundle), key);
    } catch (error) {
        return null;
    }
}

// {session, keys, secret}. `code` is the second factor's, where the account has one.
export async function login(name, passphrase, code) {
    api.setToken('none');
    const { salt } = await api.post('/api/salt', { name });
    const derived = await derive(passphrase, fromBase64(salt));
    const { session } = await api.post('/api/login', code ? { name, secret: derived.secret, code } : { name, secret: derived.secret });
    const keys = open(session, derived.key);
    // the passphrase was right, or there would be no session
    if (!keys) throw problem('口令对，但门户所存的密钥包已损坏，打不开。请管理员从备份恢复门户的数据，或吊销原密钥、给本单位发新登记码', 'the passphrase is right, but the key bundle that the portal keeps is damaged. Ask the administrator to restore the portal’s data from a backup, or to revoke the key and give your unit a new code');
    return { session, keys, secret: derived.secret };
}

// The keys of a session by its passphrase.
export async function unlock(session, passphrase) {
    const { key } = await derive(passphrase, fromBase64(session.salt));
    const keys = open(session, key);
    if (!keys) throw problem('口令不对', 'wrong passphrase');
    return keys;
}

export async function remember(session, site) {
    const { name, unit, unit_name, role, salt, bundle } = session;
    try {
        await store.put('person', { name, unit, unit_name, role, salt, bundle, site, at: Date.now() });
    } catch (error) {
        // storage may be forbidden: then there is no work without a network
    }
}

// Who has logged in at this browser, the latest first.
export async function people() {
    try {
        return (await store.all('person')).sort((left, right) => right.at - left.at);
    } catch (error) {
        return [];
    }
}

// Without a network: {session, keys, secret}; the session has no token until the gateway gives one.
export async function openHere(person, passphrase) {
    const derived = await derive(passphrase, fromBase64(person.salt));
    const keys = open(person, derived.key);
    if (!keys) throw problem('口令不对', 'wrong passphrase');
    return { session: { ...person, token: 'none', offline: true }, keys, secret: derived.secret };
}

// The network is back: the session that the cookie still has, else a new one. Null when a person has to log in.
export async function reenter(session, secret) {
    const { session: kept } = await api.get('/api/session');
    if (kept && kept.unit === session.unit) return kept;
    try {
        api.setToken('none');
        return (await api.post('/api/login', { name: session.name, secret })).session;
    } catch (error) {
        if (error.retry) throw error;
        return null;
    }
}
