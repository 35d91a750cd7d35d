// The figures of a free table, asked for as whoever looks at it: what their unit may not see is named, not shown.
import * as api from './api.js';
import { gatherOwn, loadOwnCatalogue, seesOwnOnly } from './free_own.js';
import { WHOLE, pullsOf } from './free_table.js';
import { T, chinaYear } from './i18n.js';
import { placeOf } from './words.js';

const AT_ONCE = 4;
const KEEP_MS = 60000;
const kept = new Map(); // another order of rows and columns asks for nothing anew

// What there is to choose from: {indicators, strata, places, years}.
export async function loadCatalogue(session) {
    if (seesOwnOnly(session)) return loadOwnCatalogue(session);
    const place = placeOf(session.unit);
    const last = chinaYear() - 1;
    const [pulled, places] = await Promise.all([api.pull(place, last, { analysis: true }), api.askAll('KIND_PLACES', { place }, 'places')]);
    const years = [];
    for (let year = chinaYear(); year >= 2015; year--) years.push(year);
    return {
        indicators: pulled.indicators.filter((one) => one.stratum === WHOLE),
        strata: [...new Set(pulled.indicators.map((one) => one.stratum))].sort(),
        places: places.map((one) => ({ place: String(one.place).padStart(12, '0'), name: one.name_zh, level: one.level, parent: String(one.parent).padStart(12, '0') })), years,
    };
}

async function fetchOne(session, { place, year, indicator }, analysis) {
    const key = [session.unit, place, year, indicator, analysis].join('|');
    const known = kept.get(key);
    if (known && Date.now() - known.at < KEEP_MS) return known.pulled;
    const pulled = await api.pull(place, year, { indicator, analysis });
    if (kept.size > 500) kept.clear();
    kept.set(key, { at: Date.now(), pulled });
    return pulled;
}

function factsOf(pulled, choice, place, year) {
    return pulled.indicators.filter((one) => choice.indicator.includes(one.indicator) && choice.stratum.includes(one.stratum))
        .map((one) => ({ ...one, place, year }));
}

// {facts, denied: places that this unit may not see}; `onStep(done, all)` after each answer.
export async function gather(session, choice, onStep) {
    if (seesOwnOnly(session)) return gatherOwn(session, choice, onStep);
    const pulls = pullsOf(choice);
    if (!pulls) throw new Error(T('选得太多：请少选一些地区、年份或指标', 'too much is chosen: take fewer places, years or indicators'));
    const analysis = choice.stratum.some((one) => one !== WHOLE);
    const answers = new Array(pulls.length);
    const denied = new Set();
    let next = 0;
    let done = 0;
    const work = async () => {
        while (next < pulls.length) {
            const index = next++;
            const pull = pulls[index];
            try {
                answers[index] = denied.has(pull.place) ? [] : factsOf(await fetchOne(session, pull, analysis), choice, pull.place, pull.year);
            } catch (error) {
                if (!error.problem || error.problem.name !== 'E_FORBIDDEN') throw error;
                denied.add(pull.place);
                answers[index] = [];
            }
            onStep(++done, pulls.length);
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return { facts: answers.flat(), denied: [...denied] };
}
