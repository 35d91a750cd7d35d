// A department's free table: it sees no place's results, but every figure that it reported itself, as it counts.
import * as api from './api.js';
import { T, chinaYear } from './i18n.js';
import { formWord, placeOf } from './words.js';

const FIRST_YEAR = 2015;
const PRESENCES = { 1: 'PRESENCE_VALUE', 2: 'PRESENCE_NOT_APPLICABLE', 3: 'PRESENCE_NOT_COLLECTED', 4: 'PRESENCE_NOT_REPORTED' };
const NO_FIGURES = ['E_PLAN_UNKNOWN', 'E_PERIOD'];

export const seesOwnOnly = (session) => session.role === 'department';
const codeOf = (form, element) => `${form}/${element}`;

// In the shape of loadCatalogue of free_facts.js: what is chosen are the elements of the unit's forms.
export async function loadOwnCatalogue(session) {
    const { forms } = await api.ask('KIND_GET_FORM');
    const indicators = new Map();
    const strata = new Set();
    for (const sheet of forms) {
        for (const { element, name_zh, name_en, unit, stratum } of sheet.cells) {
            const indicator = codeOf(sheet.form, element);
            strata.add(stratum);
            if (!indicators.has(indicator)) indicators.set(indicator, { indicator, name_zh, name_en, unit, about: formWord(sheet.form) });
        }
    }
    const years = [];
    for (let year = chinaYear(); year >= FIRST_YEAR; year--) years.push(year);
    return { own: true, indicators: [...indicators.values()], strata: [...strata].sort(), places: [{ place: placeOf(session.unit), name: session.unit_name, level: 0, parent: '' }], years };
}

// What the rows of one year's reports say of the chosen elements.
export function ownFacts({ plan, forms, reports }, choice, place, year) {
    const facts = [];
    for (const report of reports) {
        const { form, cells } = forms[report.form];
        const { cell, presence, value } = report.observations;
        const known = new Map(cells.map((one) => [one.cell, one]));
        cell.forEach((number, index) => {
            const about = known.get(number);
            const indicator = about && codeOf(form, about.element);
            if (!about || !choice.indicator.includes(indicator) || !choice.stratum.includes(about.stratum)) return;
            facts.push({ indicator, stratum: about.stratum, place, year, plan, form, cell: number, unit: about.unit, decimals: about.decimals, presence: PRESENCES[presence[index]] || PRESENCES[4], value: Number(value[index]), has_fraction: false, demonstration: report.demonstration });
        });
    }
    return facts;
}

// As gather of free_facts.js. A year that no plan covers has no figures.
export async function gatherOwn(session, choice, onStep) {
    const place = placeOf(session.unit);
    const facts = [];
    if (!choice.place.includes(place)) throw new Error(T('本单位只能看本单位填报的数', 'your unit sees the figures that it reported itself'));
    for (const [index, year] of choice.year.entries()) {
        try {
            facts.push(...ownFacts(await api.askWhole('KIND_FIGURES', { place, period: year }, ['reports']), choice, place, year));
        } catch (error) {
            if (!error.problem || !NO_FIGURES.includes(error.problem.name)) throw error;
        }
        onStep(index + 1, choice.year.length);
    }
    return { facts, denied: choice.place.filter((one) => one !== place) };
}
