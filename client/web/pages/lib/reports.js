// Reports as this page needs them: the figures of a stored record, and a new report from what was typed.
import * as api from './api.js';
import { fromBase64 } from './bytes.js';
import { zhibao } from './messages.js';
import { long } from './records.js';

// Parallel columns as {cell: {presence, value, text}}.
export function readColumns(columns) {
    const { cell, presence, value } = columns || { cell: [], presence: [], value: [] };
    const values = {};
    cell.forEach((number, index) => {
        values[number] = { presence: presence[index], value: Number(value[index]), text: presence[index] === 1 ? String(value[index]) : '' };
    });
    return values;
}

// {values: {cell: {presence, value, text}}, explanations: {cell: text}, report}
export function readReport(payload) {
    const report = zhibao.Report.decode(payload);
    const values = readColumns(report.observations);
    const explanations = {};
    for (const explanation of report.explanations) explanations[explanation.cell] = explanation.text;
    return { values, explanations, report };
}

export async function fetchReport(unit, id) {
    const { record } = await api.ask('KIND_GET_RECORD', { kind: 'RECORD_REPORT', unit: String(unit), id });
    return readReport(fromBase64(record.payload));
}

export function makeReport(sheet, { unit, period, revision, demonstration, draft }) {
    const cells = sheet.cells.filter((cell) => draft.values[cell.cell] && draft.values[cell.cell].presence > 0);
    const entry = (cell) => draft.values[cell.cell];
    return {
        plan: sheet.plan, form: sheet.form, form_version: sheet.version, period,
        place: long(unit).div(1000), revision, provenance: demonstration ? 2 : 1,
        observations: {
            cell: cells.map((cell) => cell.cell),
            presence: cells.map((cell) => entry(cell).presence),
            value: cells.map((cell) => (entry(cell).presence === 1 ? entry(cell).value : 0)),
        },
        explanations: Object.keys(draft.explanations).map(Number).sort((left, right) => left - right)
            .filter((cell) => draft.explanations[cell].trim())
            .map((cell) => ({ cell, text: draft.explanations[cell].trim() })),
        filler: draft.filler, principal: draft.principal, note: draft.note,
    };
}

// The sheet as blocks of rows (elements) with the same columns (strata), in the form's order.
export function layOut(sheet) {
    const rows = [];
    for (const cell of sheet.cells) {
        const last = rows[rows.length - 1];
        if (last && last.element === cell.element) last.cells.push(cell);
        else rows.push({ element: cell.element, cells: [cell] });
    }
    const blocks = [];
    for (const row of rows) {
        const strata = row.cells.map((cell) => cell.stratum);
        const last = blocks[blocks.length - 1];
        if (last && last.strata.join('|') === strata.join('|')) last.rows.push(row);
        else blocks.push({ strata, rows: [row] });
    }
    return blocks;
}
