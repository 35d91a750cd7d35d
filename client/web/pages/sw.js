// Opens the portal without a network: the pages as they were last served. What they say of people and figures is never
// here: nothing below /api/ is touched. FILES and VERSION are written by the build.
const VERSION = 'zhibao-pages-__VERSION__';
const FILES = __FILES__;
const NETWORK_MS = 4000;

self.addEventListener('install', (event) => {
    event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
    event.waitUntil(caches.keys()
        .then((names) => Promise.all(names.filter((name) => name !== VERSION).map((name) => caches.delete(name))))
        .then(() => self.clients.claim()));
});

// The newest page when the network gives it in good time, else the one kept.
async function page(request) {
    const kept = await (await caches.open(VERSION)).match('/');
    if (!kept) return fetch(request);
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), NETWORK_MS);
    try {
        const fresh = await fetch('/', { signal: stop.signal, cache: 'no-store' });
        return fresh.ok ? fresh : kept;
    } catch (error) {
        return kept;
    } finally {
        clearTimeout(timer);
    }
}

// Files change their name with their content.
async function file(request) {
    const cache = await caches.open(VERSION);
    const kept = await cache.match(request);
    if (kept) return kept;
    const answer = await fetch(request);
    if (answer.ok && /-[A-Z0-9]{8}\.(js|css)$/.test(new URL(request.url).pathname)) await cache.put(request, answer.clone());
    return answer;
}

self.addEventListener('fetch', (event) => {
    const { pathname, origin } = new URL(event.request.url);
    if (event.request.method !== 'GET' || origin !== self.location.origin || pathname.startsWith('/api/')) return;
    event.respondWith(event.request.mode === 'navigate' && pathname === '/' ? page(event.request) : file(event.request));
});
