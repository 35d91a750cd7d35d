// What survives a closed browser: drafts, signed records on their way, and their receipts, in IndexedDB.
const NAME = 'zhibao';
const VERSION = 1;
let opened = null;

function open() {
    if (!opened)
        opened = new Promise((resolve, reject) => {
            const request = indexedDB.open(NAME, VERSION);
            request.onupgradeneeded = () => {
                request.result.createObjectStore('draft', { keyPath: 'key' });
                request.result.createObjectStore('record', { keyPath: 'id' });
            };
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
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
