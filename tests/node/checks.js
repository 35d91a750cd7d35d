'use strict';
// One line a check, and the closing count.

let passed = 0;
let failed = 0;

function check(name, ok, detail = '') {
    if (ok) passed++; else failed++;
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}${!ok && detail !== '' ? ` (${detail})` : ''}`);
    return Boolean(ok);
}

function equal(name, actual, expected) {
    return check(name, String(actual) === String(expected), `${actual} instead of ${expected}`);
}

function throws(name, action) {
    try {
        action();
    } catch {
        return check(name, true);
    }
    return check(name, false, 'it was accepted');
}

function finish() {
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 && passed > 0 ? 0 : 1;
}

module.exports = { check, equal, throws, finish };
