// When a report that nobody has received is told to call the duty phone.
import { zhibao } from './messages.js';

export const ALARM_MS = 5 * 60 * 1000;
const EMERGENCY = 2;

// How long a report has waited, by two clocks: setting the computer's back puts nothing off.
const seen = new Map();

export function waited(item) {
    if (!seen.has(item.id)) seen.set(item.id, performance.now());
    return Math.max(Date.now() - item.at, performance.now() - seen.get(item.id));
}

// After five minutes without a receipt; in an emergency at once when it did not go through.
export const isLate = (item) => item.state !== 'receipted' &&
    (waited(item) >= ALARM_MS || (item.error !== null && zhibao.CaseReport.decode(item.payload).urgency === EMERGENCY));
