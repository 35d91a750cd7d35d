// Leaving at once: what is on the page goes, the session ends, and a harmless page takes this one's place in the history.
// What is kept on the computer stays sealed (lib/vault.js); answers are never cached (no-store).
import { hangUp } from './api.js';

const CALM = '/calm.html';
const TURNS = 3;
const WITHIN_MS = 1500;

export function leaveNow() {
    hangUp();
    document.body.textContent = '';
    document.title = '';
    location.replace(CALM);
}

// A page that was kept whole by the browser does not come back as it was.
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });

// Three times Shift, and nothing between; returns what ends it.
export function watchKeys() {
    let times = [];
    const pressed = (event) => {
        if (event.key !== 'Shift') times = [];
        else if (!event.repeat) times = [...times, Date.now()].slice(-TURNS);
        if (times.length === TURNS && times[TURNS - 1] - times[0] <= WITHIN_MS) leaveNow();
    };
    addEventListener('keydown', pressed, true);
    return () => removeEventListener('keydown', pressed, true);
}

// The address of a page that nobody else need see leaves the history; the page stays.
export const hideAddress = () => history.replaceState(null, '', '#/');
