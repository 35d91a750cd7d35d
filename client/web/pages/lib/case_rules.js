// What each may do with a case now, as common/case/case_rules.c says it, so that a page offers nothing that the aggregator
// would refuse. Rules as data: tests/rules/case.rules.
export const ACTION = {
    report: 1, acknowledge: 2, assess: 3, act: 4, assist: 5, review: 6, outcome: 7, close: 8, reopen: 9, add: 10, leave: 11, offer: 12, accept: 13, decline: 14, supplement: 15, register: 16, visit: 17, deregister: 18, rewrap: 19,
};
const HANDLED = ['assessed', 'acted', 'assisted', 'reviewed'];
const BEGUN = [...HANDLED, 'acknowledged'];
const OPEN = [...BEGUN, 'reported', 'reopened'];
const ANY = [...OPEN, 'closed'];
const FILED = ['registered']; // a child's file in the register
const MOVES = ['lead', 'supervisor'];
const TAKES_PART = ['handler', 'member'];

const RULES = [
    ['acknowledge', ['reported', 'reopened'], MOVES], ['acknowledge', OPEN, TAKES_PART],
    ['assess', ['acknowledged', ...HANDLED], MOVES], ['assess', OPEN, TAKES_PART],
    ['act', OPEN, [...MOVES, ...TAKES_PART]], ['assist', OPEN, [...MOVES, ...TAKES_PART]],
    ['review', HANDLED, MOVES], ['outcome', [...BEGUN, 'closed'], MOVES], ['close', HANDLED, MOVES], ['reopen', ['closed'], [...MOVES, 'handler']],
    ['visit', FILED, [...MOVES, ...TAKES_PART]], ['assist', FILED, [...MOVES, ...TAKES_PART]], ['deregister', FILED, MOVES], ['reopen', ['left'], MOVES],
    ['add', [...OPEN, ...FILED], MOVES], ['leave', [...ANY, ...FILED, 'left'], [...MOVES, ...TAKES_PART]], ['offer', [...OPEN, ...FILED], MOVES], ['accept', [...OPEN, ...FILED], ['offered']], ['decline', [...OPEN, ...FILED], ['offered']],
    ['supplement', [...ANY, ...FILED, 'left'], [...MOVES, ...TAKES_PART]], ['rewrap', [...ANY, ...FILED, 'left'], [...MOVES, 'handler']],
];

export const may = (action, state, role) => RULES.some(([one, states, roles]) => one === action && states.includes(state) && roles.includes(role));

// Names of actions, in the order in which they are offered.
export const actionsOf = (state, role) => [...new Set(RULES.map(([one]) => one))].filter((action) => may(action, state, role));

// CASE_STATE_ACKNOWLEDGED -> acknowledged, CASE_LEAD -> lead
export const nameOf = (value, prefix) => String(value || '').replace(prefix, '').toLowerCase();
