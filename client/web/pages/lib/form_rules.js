// The checks of a form sheet, applied as one types (PROTOCOL.md section 6, "Checks of a form"). The
// aggregator applies them again and has the last word.
import { T } from './i18n.js';

const SLACK = 1e-9;
const RELATIONS = ['<=', '>=', '<', '=', 'pair'];
// What makes a deviation from earlier years large is said by the form; these names only read it (section 16).
const MAD_SCALE = 1.4826;
export const EXPLANATION_LEAST = 8;

const tags = (stratum) => (stratum ? stratum.split(';') : []);

// The cells that an element, or an element with a stratum, stands for in this form.
function cellsOf(sheet, element, stratum) {
    const wanted = tags(stratum).filter((tag) => sheet.reporter !== 'village' || !tag.startsWith('area='));
    const cells = sheet.cells.filter((cell) => cell.element === element &&
        wanted.every((tag) => tags(cell.stratum).includes(tag)));
    const exact = cells.filter((cell) => tags(cell.stratum).length === wanted.length);
    if (exact.length) return exact;
    if (!cells.length) return [];
    const keys = (cell) => tags(cell.stratum).map((tag) => tag.split('=')[0]).sort().join();
    return cells.filter((cell) => keys(cell) === keys(cells[0]));
}

// A sum such as "a + b{sex=m} - #12" as [{cell, sign}], or null.
function parseSum(sheet, text) {
    const terms = [];
    const pattern = /\s*([+-]?)\s*(?:#(\d+)|([a-z0-9_]+)(?:\{([^}]*)\})?)\s*/y;
    let at = 0;
    while (at < text.length) {
        pattern.lastIndex = at;
        const match = pattern.exec(text);
        if (!match || (at > 0 && !match[1])) return null;
        const sign = match[1] === '-' ? -1 : 1;
        const cells = match[2] ? sheet.cells.filter((cell) => cell.cell === Number(match[2]))
            : cellsOf(sheet, match[3], match[4] || '');
        if (!cells.length) return null;
        for (const cell of cells) terms.push({ cell: cell.cell, sign });
        at = pattern.lastIndex;
    }
    return terms.length ? terms : null;
}

// The sheet's checks with their cells; those this page cannot read are left to the aggregator.
export function readChecks(sheet) {
    const checks = [];
    for (const check of sheet.checks.filter((one) => RELATIONS.includes(one.op))) {
        const scaled = /^\s*([0-9.]+)\s*\*\s*\((.*)\)\s*$/.exec(check.right);
        const left = parseSum(sheet, check.left);
        const right = parseSum(sheet, scaled ? scaled[2] : check.right);
        if (left && right) checks.push({ ...check, left, right, factor: scaled ? Number(scaled[1]) : 1 });
    }
    return checks;
}

// The sum of cells that have values; null when one has none.
function sumOf(terms, values) {
    let sum = 0;
    for (const { cell, sign } of terms) {
        const entry = values[cell];
        if (!entry || entry.presence !== 1 || !Number.isFinite(entry.value)) return null;
        sum += sign * entry.value;
    }
    return sum;
}

function holds(op, left, right) {
    const slack = SLACK * Math.max(Math.abs(left), Math.abs(right), 1);
    if (op === '<=') return left <= right + slack;
    if (op === '>=') return left >= right - slack;
    if (op === '<') return left < right - slack;
    return Math.abs(left - right) <= slack;
}

// Rates that the form's figures make: pairs of numerator and denominator, with the indicator's name.
export function readRates(checks) {
    const rates = [];
    for (const check of checks.filter((row) => row.op === 'pair')) {
        const zh = /^“([^”]*)”/.exec(check.zh);
        const en = /^(.*?) needs numerator/.exec(check.en);
        rates.push({ left: check.left, right: check.right, zh: zh ? zh[1] : check.zh, en: en ? en[1] : check.en });
    }
    return rates;
}

export function rateOf(rate, values) {
    const left = sumOf(rate.left, values);
    const right = sumOf(rate.right, values);
    return left === null || right === null || right === 0 ? null : left / right;
}

// What is wrong with one cell as typed: "" or a sentence.
export function cellProblem(cell, entry) {
    if (!entry || entry.presence === 0) return cell.required ? T('必填', 'required') : '';
    if (entry.presence !== 1) return '';
    const { value } = entry;
    if (!Number.isFinite(value)) return T('不是数值：请填数字，如 12 或 3.5', 'not a number: write digits, such as 12 or 3.5');
    if (cell.type === 'yesno' && value !== 0 && value !== 1) return T('只能选是或否', 'yes or no');
    if (value < 0) return T('不能为负数', 'negative');
    if (cell.min !== '' && value < Number(cell.min)) return T(`不能小于 ${cell.min}`, `below ${cell.min}`);
    if (cell.max !== '' && value > Number(cell.max)) return T(`不能大于 ${cell.max}`, `above ${cell.max}`);
    const decimals = (String(entry.text).split('.')[1] || '').length;
    if (decimals > cell.decimals)
        return cell.decimals ? T(`最多 ${cell.decimals} 位小数`, `at most ${cell.decimals} decimals`)
            : T('应为整数', 'a whole number');
    return '';
}

// "33% 10 z3" or "5mad 10 4y" as numbers.
function limits(text) {
    const found = { share: 0, plain: 0, z: 0, mad: 0, years: 1 };
    for (const word of text.split(/\s+/)) {
        const number = parseFloat(word.replace(/^z/, ''));
        if (/%$/.test(word)) found.share = number / 100;
        else if (/^z/.test(word)) found.z = number;
        else if (/mad$/.test(word)) found.mad = number;
        else if (/y$/.test(word)) found.years = number;
        else if (Number.isFinite(number)) found.plain = number;
    }
    return found;
}

function median(values) {
    const sorted = [...values].sort((one, other) => one - other);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function isChanged(now, last, limit) {
    const change = Math.abs(now - last);
    return change > limit.share * Math.abs(last) && change >= limit.plain &&
        (!limit.z || change >= limit.z * Math.sqrt(Math.abs(now) + Math.abs(last)));
}

function isOutlier(now, earlier, limit, isCount) {
    if (earlier.length < limit.years) return false;
    const centre = median(earlier);
    const spread = MAD_SCALE * median(earlier.map((value) => Math.abs(value - centre)));
    const scale = Math.max(spread, isCount ? Math.sqrt(Math.abs(centre)) : Math.abs(centre) / 10);
    const distance = Math.abs(now - centre);
    return distance >= limit.plain && distance > limit.mad * scale;
}

// Cells whose figures are far from the years before: [{check, cell, why}]. `history` has the newest year first.
function suspects(sheet, values, history, period) {
    const found = [];
    for (const op of ['change', 'outlier'])
        for (const cell of sheet.cells.filter((one) => one.type !== 'yesno')) {
            const rows = sheet.checks.filter((check) => check.op === op);
            const check = rows.find((row) => row.left === cell.element) || rows.find((row) => row.left === `@${cell.type}`);
            const entry = values[cell.cell];
            if (!check || !entry || entry.presence !== 1 || !Number.isFinite(entry.value)) continue;
            const earlier = history.filter((year) => year.values[cell.cell] && year.values[cell.cell].presence === 1);
            const last = earlier.find((year) => year.period === period - 1);
            const limit = limits(check.right);
            const far = op === 'change' ? last && isChanged(entry.value, last.values[cell.cell].value, limit)
                : isOutlier(entry.value, earlier.map((year) => year.values[cell.cell].value), limit, cell.type === 'count');
            if (far) found.push({ check, cell });
        }
    return found;
}

// Every problem of the form: {cells: {number: sentence}, hard: [...], soft: [...]}, where soft ones ask for
// an explanation at one of their cells.
// `past` is what the aggregator knows: {history, sums, phrases}.
export function checkForm(sheet, checks, values, explanations, past = {}, period = 0) {
    const { history = [], sums = [] } = past;
    const found = { cells: {}, hard: [], soft: [], past };
    for (const cell of sheet.cells) {
        const problem = cellProblem(cell, values[cell.cell]);
        if (problem) found.cells[cell.cell] = problem;
    }
    for (const check of checks) {
        const left = sumOf(check.left, values);
        const right = sumOf(check.right, values);
        const cells = [...check.left, ...check.right].map((term) => term.cell);
        const broken = check.op === 'pair' ? (left === null) !== (right === null) &&
                cells.some((cell) => values[cell] && values[cell].presence === 1)
            : left !== null && right !== null && !holds(check.op, left, right * check.factor);
        if (!broken) continue;
        const problem = { text: T(check.zh, check.en), name: check.name, cells, at: check.left[0].cell };
        if (!check.soft) found.hard.push(problem);
        else ask(found, explanations, problem);
    }
    for (const { check, cell } of suspects(sheet, values, history, period)) {
        const name = T(cell.name_zh, cell.name_en);
        ask(found, explanations, { name: `${check.name}-${cell.cell}`, cells: [cell.cell], at: cell.cell, text: `${T(`第${cell.cell}项 ${name}：`, `item ${cell.cell} ${name}: `)}${T(check.zh, check.en)}` });
    }
    for (const { cell, sum, reports } of sums) {
        const one = sheet.cells.find((row) => row.cell === cell);
        if (!one || !isUnlikeVillages(sheet, one, values[cell], sum)) continue;
        ask(found, explanations, { name: `villages-${cell}`, cells: [cell], at: cell, text: T(`第${cell}项 ${one.name_zh}：与已通过的 ${reports} 个村之和 ${sum} 不同`, `item ${cell} ${one.name_en}: differs from ${sum}, the sum of ${reports} accepted villages`) });
    }
    return found;
}

function isUnlikeVillages(sheet, cell, entry, sum) {
    const row = sheet.checks.find((check) => check.op === 'villages' && cellsOf(sheet, ...elementOf(check.left)).includes(cell));
    const percent = row && /([0-9.]+)%/.exec(row.right);
    const share = percent ? Number(percent[1]) / 100 : 0;
    return Boolean(entry) && entry.presence === 1 && Number.isFinite(entry.value) && Math.abs(entry.value - sum) > share * Math.abs(sum) + SLACK;
}

function elementOf(text) {
    const match = /^([^{]*)(?:\{(.*)\})?$/.exec(text.trim());
    return match ? [match[1], match[2] || ''] : [text, ''];
}

const plainText = (text) => (text || '').normalize('NFKC').toLowerCase().replace(/[\s\p{P}]/gu, '');

// What is wrong with an explanation, as PROTOCOL.md section 16 says it: "" or a sentence.
export function explanationProblem(text, { phrases = [], history = [] }, others) {
    const plain = plainText(text);
    if (plain === '') return T('请说明原因', 'give the reason');
    const listed = phrases.map(plainText);
    const rest = listed.filter((phrase) => phrase.length >= 3).reduce((left, phrase) => left.split(phrase).join(''), plain);
    if (listed.includes(plain) || rest.length < 4 || new Set(plain).size < 4) return T('这样的话没有说明原因', 'this gives no reason');
    if (plain.length < EXPLANATION_LEAST) return T(`太短，至少 ${EXPLANATION_LEAST} 个字`, `too short: ${EXPLANATION_LEAST} characters or more`);
    const last = history[0] ? history[0].explanations || [] : [];
    if ([...others, ...last].map(plainText).includes(plain)) return T('与另一处或上年的说明相同，请写这一项的原因', 'the same as another one, or last year’s: give the reason of this item');
    return '';
}

// Each cell is asked about once.
export function ask(found, explanations, problem) {
    if (found.soft.some((one) => one.at === problem.at)) return;
    const others = Object.keys(explanations).filter((cell) => Number(cell) !== problem.at).map((cell) => explanations[cell]);
    const why = explanationProblem(explanations[problem.at], found.past, others);
    found.soft.push({ ...problem, why, explained: why === '' });
}

// A typed text as a number: full-width digits, thousands separators and blanks are as good as plain.
export function readNumber(text) {
    const plain = text.normalize('NFKC').replace(/[\s,，]/g, '');
    return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(plain) ? { text: plain, value: Number(plain) }
        : { text: plain, value: NaN };
}

const WORDS = { 不适用: 2, 未采集: 3, 未报送: 4, na: 2, 'n/a': 2, 'not applicable': 2, 'not collected': 3, 'not reported': 4 };

// What a person typed or pasted as an entry {presence, value, text}.
export function readEntry(cell, text) {
    const trimmed = text.trim();
    if (trimmed === '') return { presence: 0, value: 0, text: '' };
    const word = WORDS[trimmed.toLowerCase()];
    if (word) return { presence: word, value: 0, text: '' };
    if (cell.type === 'yesno') {
        const value = { 是: 1, 有: 1, yes: 1, 1: 1, 否: 0, 无: 0, no: 0, 0: 0 }[trimmed.toLowerCase()];
        return { presence: 1, value: value === undefined ? NaN : value, text: trimmed };
    }
    return { presence: 1, ...readNumber(trimmed) };
}
