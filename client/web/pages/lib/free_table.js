// The free table: which figures are wanted, what stands in rows and what in columns. Nothing here asks or draws.
//
// A choice is all there is to a table, so that a link can hold it; the figures are asked for by whoever opens it.
export const DIMENSIONS = ['indicator', 'place', 'year', 'stratum'];
export const MEASURES = ['value', 'numerator', 'denominator'];
export const CHARTS = ['', 'bar', 'line', 'map'];
export const WHOLE = ''; // the stratum of all
const CELLS_MOST = 20000;
const PULLS_MOST = 400;
const EACH_INDICATOR = 2; // with more, one answer with all indicators costs less than one each

const list = (text) => (text ? text.split(',') : []);
const among = (options, value) => (options.includes(value) ? value : options[0]);

// From the address, whatever stands there.
export function readChoice(query, own) {
    const cols = list(query.cols).filter((one) => DIMENSIONS.includes(one));
    return {
        indicator: list(query.i), place: list(query.p).filter((one) => /^\d{12}$/.test(one)).length ? list(query.p).filter((one) => /^\d{12}$/.test(one)) : [own],
        year: list(query.y).filter((one) => /^\d{4}$/.test(one)).map(Number), stratum: query.s === undefined ? [WHOLE] : query.s.split(','),
        cols: query.cols === undefined ? ['year'] : cols, measure: among(MEASURES, query.m), sort: query.sort || '', down: query.down === '1', chart: among(CHARTS, query.chart),
    };
}

export function writeChoice(choice) {
    const query = { i: choice.indicator.join(','), p: choice.place.join(','), y: choice.year.join(','), cols: choice.cols.join(',') };
    if (choice.stratum.join(',') !== WHOLE) query.s = choice.stratum.join(',');
    if (choice.measure !== 'value') query.m = choice.measure;
    if (choice.sort) query.sort = choice.sort;
    if (choice.down) query.down = '1';
    if (choice.chart) query.chart = choice.chart;
    return query;
}

// The pulls that the choice takes: {place, year, indicator: '' for all of them}; null when they are too many.
export function pullsOf(choice) {
    const some = choice.indicator.length <= EACH_INDICATOR ? choice.indicator : [''];
    const pulls = choice.place.flatMap((place) => choice.year.flatMap((year) => some.map((indicator) => ({ place, year, indicator }))));
    const cells = DIMENSIONS.reduce((product, name) => product * Math.max(choice[name].length, 1), 1);
    return pulls.length > PULLS_MOST || cells > CELLS_MOST ? null : pulls;
}

const keyOf = (dimensions, at) => dimensions.map((name) => at[name]).join('|');

// What stands where: a dimension with one value says nothing in a table, unless it is the only one in rows.
export function sides(choice) {
    const many = (name) => choice[name].length > 1;
    const along = DIMENSIONS.filter((name) => !choice.cols.includes(name) && many(name));
    const across = DIMENSIONS.filter((name) => choice.cols.includes(name));
    const first = DIMENSIONS.find((name) => !choice.cols.includes(name));
    return { along: along.length || !first ? along : [first], across };
}

// Facts as {rows, cols}: heads of rows and columns in the order chosen, without those that have no figure at all.
// A cell is one fact: nothing is ever added up here. `facts` are {indicator, place, year, stratum, ...}.
export function pivot(choice, facts) {
    const { across, along } = sides(choice);
    const cells = new Map();
    const used = { rows: new Set(), cols: new Set() };
    for (const fact of facts) {
        const row = keyOf(along, fact);
        const col = keyOf(across, fact);
        cells.set(`${row}\n${col}`, fact);
        used.rows.add(row);
        used.cols.add(col);
    }
    const heads = (dimensions, kept) => dimensions.reduce((all, name) => all.flatMap((head) => choice[name].map((value) => ({ ...head, [name]: value }))), [{}])
        .map((head) => ({ key: keyOf(dimensions, head), at: head })).filter((head) => kept.has(head.key));
    return { along, across, rows: heads(along, used.rows), cols: heads(across, used.cols), cell: (row, col) => cells.get(`${row.key}\n${col.key}`) };
}

// What is shown of a fact: a number, or null for the kinds of nothing and what the measure does not have.
export function measured(fact, measure) {
    if (!fact || fact.presence !== 'PRESENCE_VALUE') return null;
    if (measure === 'value') return fact.value;
    return fact.has_fraction ? fact[measure] : null;
}

// The rows by a column's figures; what has none comes last both ways. Rows that tie keep their order.
export function sorted(table, choice) {
    const col = table.cols.find((one) => one.key === choice.sort);
    if (!col) return table.rows;
    const way = choice.down ? -1 : 1;
    const value = (row) => measured(table.cell(row, col), choice.measure);
    return table.rows.map((row, index) => ({ row, index, at: value(row) })).sort((left, right) => {
        if (left.at === null || right.at === null) return (left.at === null) - (right.at === null) || left.index - right.index;
        return way * (left.at - right.at) || left.index - right.index;
    }).map(({ row }) => row);
}
