// A plan as its files: what is in force, what was changed here, and the import that would put it in force.
import * as api from './api.js';
import { base64, fromBase64, fromUtf8, utf8 } from './bytes.js';
import { readTable, writeTable } from './csv.js';

export const EDITED = {
    targets: { file: 'targets.csv', key: 'target' },
    definitions: { file: 'definitions.csv', key: 'indicator', header: ['indicator', 'from_year', 'aspect', 'text_zh', 'text_en'] },
};

const contentOf = (checked, name) => {
    const file = checked.files.find((one) => one.name === name);
    return file ? fromBase64(file.content) : null;
};

function tableOf(checked, name, header) {
    const content = contentOf(checked, name);
    return content ? readTable(fromUtf8(content)) : { header, rows: [] };
}

// {checked, targets, definitions, shared (the catalogue's definitions), indicators by code}
export async function loadPlan(plan) {
    const checked = await api.ask('KIND_CHECK_PLAN', { plan: plan || '', with_files: true });
    const list = tableOf(checked, 'catalogue/indicators.csv', []).rows;
    return {
        checked, list, indicators: Object.fromEntries(list.map((row) => [row.indicator, row])),
        targets: tableOf(checked, EDITED.targets.file, []), definitions: tableOf(checked, EDITED.definitions.file, EDITED.definitions.header),
        shared: tableOf(checked, 'catalogue/definitions.csv', EDITED.definitions.header).rows,
    };
}

// The changed files as {name, content (bytes)}.
export const changedFiles = (tables) => Object.entries(tables).map(([name, table]) => ({ name: EDITED[name].file, content: utf8(writeTable(table)) }));

export const checkChanged = (plan, tables) => api.ask('KIND_CHECK_PLAN', {
    plan, files: changedFiles(tables).map((file) => ({ name: file.name, content: base64(file.content) })),
});

// Every file in force, with the changed ones in place of their own.
export function importOf(checked, tables) {
    const changed = changedFiles(tables);
    const kept = checked.files.filter((file) => !changed.some((one) => one.name === file.name)).map((file) => ({ name: file.name, content: fromBase64(file.content) }));
    return { plan: checked.plan, files: [...kept, ...changed] };
}

// A finding of the one that the other does not have.
const sameFinding = (left, right) => left.kind === right.kind && left.subject === right.subject && left.targets === right.targets && left.zh === right.zh;
export const findingsBeside = (these, those) => these.filter((one) => !those.some((other) => sameFinding(one, other)));
