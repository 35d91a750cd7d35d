// What survives a closed browser, in IndexedDB: sealed drafts, signed records on their way and their receipts,
// sealed answers to work from without a network, who has logged in here (with the bundle, sealed as it is), and what cases
// need (lib/case_home.js).
const NAME = 'zhibao';
const VERSION = 3;
const STORES = { draft: 'key', record: 'id', kept: 'key', person: 'name', case: 'key' };
let opened = null;

function open() {
    if (!opened)
        opened = new Promise((resolve, reject) => {
            const request = indexedDB.open(NAME, VERSION);
            request.onupgradeneeded = () => {
                const database = request.result;
                for (const [name, keyPath] of Object.entries(STORES))
                    if (!database.objectStoreNames.contains(name)) database.createObjectStore(name, { keyPath });
            };
            request.onsuccess = () => {
                // a page of a later version may open it anew
                request.result.onversionchange = () => { request.result.close(); opened = null; };
                resolve(request.result);
            };
            request.onerror = () => { opened = null; reject(request.error); };
        });
    return opened;
}

// One request in a transaction of its own; resolves when the transaction is complete, not before.
async function run(store, mode, make) {
    const database = await open();
    return new Promise((resolve, reject) => {
        const transaction = database.transaction(store, mode);
        const request = make(transaction.objectStore(store));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onerror = () => reject(transaction.error);
        transaction.onabort = () => reject(transaction.error);
    });
}

export const put = (store, value) => run(store, 'readwrite', (objects) => objects.put(value));
export const get = (store, key) => run(store, 'readonly', (objects) => objects.get(key));
export const remove = (store, key) => run(store, 'readwrite', (objects) => objects.delete(key));
export const all = (store) => run(store, 'readonly', (objects) => objects.getAll());

// Puts what `decide` makes of the value that is there, in one transaction; resolves to what was there.
export const exchange = (store, key, decide) => run(store, 'readwrite', (objects) => {
    const request = objects.get(key);
    request.onsuccess = () => { for (const value of decide(request.result)) objects.put(value); };
    return request;
});
