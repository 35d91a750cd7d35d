// The free table: chosen figures in rows and columns, sorted, drawn, saved, shared by a link and taken as a file.
import { Component } from 'preact';
import { gather, loadCatalogue } from '../lib/free_facts.js';
import { CHARTS, DIMENSIONS, MEASURES, measured, pivot, readChoice, sorted, writeChoice } from '../lib/free_table.js';
import { T } from '../lib/i18n.js';
import * as store from '../lib/store.js';
import { WORKBOOK_TYPE, makeWorkbook } from '../lib/workbook.js';
import { placeOf, presenceWord, stratumWords, unitWord } from '../lib/words.js';
import { FreeChart } from './free_chart.jsx';
import { FreeMap } from './free_map.jsx';
import { Pick } from './free_pick.jsx';
import { FigureComments } from './figure.jsx';
import { Demo, Failure, Load, number, saveCsv, saveFile } from './parts.jsx';

const dimensionWord = (name) => ({ indicator: T('指标', 'Indicator'), place: T('地区', 'Place'), year: T('年份', 'Year'), stratum: T('分组', 'Group') }[name]);
const measureWord = (name) => ({ value: T('数值', 'Value'), numerator: T('分子', 'Numerator'), denominator: T('分母', 'Denominator') }[name]);
const chartWord = (name) => ({ '': T('不画图', 'no chart'), bar: T('柱形图', 'bars'), line: T('折线图', 'lines'), map: T('地图', 'map') }[name]);
const PRESENCE = { PRESENCE_NOT_APPLICABLE: 2, PRESENCE_NOT_COLLECTED: 3, PRESENCE_NOT_REPORTED: 4 };

// The word of a value of a dimension.
function wordsOf(catalogue) {
    const indicators = new Map(catalogue.indicators.map((one) => [one.indicator, one]));
    const places = new Map(catalogue.places.map((one) => [one.place, one.name]));
    return {
        indicator: (code) => { const one = indicators.get(code); return one ? `${T(one.name_zh, one.name_en)}${unitWord(one.unit) ? T(`（${unitWord(one.unit)}）`, ` (${unitWord(one.unit)})`) : ''}` : code; },
        place: (code) => places.get(code) || code, year: String, stratum: stratumWords,
    };
}

function cellText(fact, measure) {
    if (!fact) return '';
    const value = measured(fact, measure);
    if (value !== null && fact.unit === 'yesno' && fact.cell) return value ? T('是', 'yes') : T('否', 'no');
    if (value !== null) return measure === 'value' ? number(value, fact.decimals) : number(value);
    return fact.presence === 'PRESENCE_VALUE' ? '' : presenceWord(PRESENCE[fact.presence] || 4);
}

// The columns of the files: heads of the rows, then the figures.
function fileColumns(table, words, measure) {
    const head = (names, at) => names.map((name) => words[name](at[name])).join(' · ');
    return [...table.along.map((name) => ({ title: dimensionWord(name), cell: (row) => words[name](row.at[name]) })),
        ...table.cols.map((col) => ({ title: head(table.across, col.at) || measureWord(measure), cell: (row) => { const fact = table.cell(row, col); const value = measured(fact, measure); return value === null ? cellText(fact, measure) : value; } }))];
}

function Head({ table, words, choice, onSort }) {
    const arrow = (col) => (choice.sort === col.key ? (choice.down ? ' ↓' : ' ↑') : '');
    return (
        <thead><tr>
            {table.along.map((name) => <th key={name} scope="col">{dimensionWord(name)}</th>)}
            {table.cols.map((col) => (
                <th key={col.key} scope="col" class="number" aria-sort={choice.sort === col.key ? (choice.down ? 'descending' : 'ascending') : 'none'}>
                    <button type="button" class="sort" onClick={() => onSort(col.key)}>{table.across.map((name) => words[name](col.at[name])).join(' · ') || measureWord(choice.measure)}{arrow(col)}</button>
                </th>
            ))}
        </tr></thead>
    );
}

// A figure leads to what is said of it.
function Cell({ fact, measure, onOpen }) {
    return fact ? <button type="button" class="cell" onClick={() => onOpen(fact)}>{cellText(fact, measure)}</button> : '';
}

const ROWS_FIRST = 100;

class Cross extends Component {
    state = { whole: false };

    render({ table, rows, words, choice, onSort, onOpen, caption }, { whole }) {
        const shown = whole ? rows : rows.slice(0, ROWS_FIRST);
        return (
            <div class="tablebox">
                <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
                    <table id="free">
                        <caption>{caption}</caption>
                        <Head table={table} words={words} choice={choice} onSort={onSort} />
                        <tbody>{shown.map((row) => (
                            <tr key={row.key}>
                                {table.along.map((name) => <th key={name} scope="row">{words[name](row.at[name])}</th>)}
                                {table.cols.map((col) => <td key={col.key} class="number"><Cell fact={table.cell(row, col)} measure={choice.measure} onOpen={onOpen} /></td>)}
                            </tr>
                        ))}</tbody>
                    </table>
                </div>
                {shown.length < rows.length && <button type="button" onClick={() => this.setState({ whole: true })}>{T(`显示全部 ${rows.length} 行`, `Show all ${rows.length} rows`)}</button>}
            </div>
        );
    }
}

function Layout({ choice, own, onChange }) {
    const option = (values, word) => values.map((value) => <option key={value} value={value}>{word(value)}</option>);
    const swap = (name, side) => onChange({ cols: DIMENSIONS.filter((one) => (one === name ? side === 'cols' : choice.cols.includes(one))), sort: '', down: false });
    return (
        <div class="bar" id="layout">
            {DIMENSIONS.map((name) => (
                <label key={name} class="picker">{dimensionWord(name)}{' '}
                    <select id={`lay-${name}`} value={choice.cols.includes(name) ? 'cols' : 'rows'} onChange={(event) => swap(name, event.target.value)}>
                        <option value="rows">{T('在行', 'rows')}</option><option value="cols">{T('在列', 'columns')}</option>
                    </select>
                </label>
            ))}
            {!own && <label class="picker">{T('看', 'Show')}{' '}<select id="measure" value={choice.measure} onChange={(event) => onChange({ measure: event.target.value })}>{option(MEASURES, measureWord)}</select></label>}
            <label class="picker">{T('图', 'Chart')}{' '}<select id="chart" value={choice.chart} onChange={(event) => onChange({ chart: event.target.value })}>{option(own ? CHARTS.filter((one) => one !== 'map') : CHARTS, chartWord)}</select></label>
        </div>
    );
}

const savedKey = (unit, name) => `table/${unit}/${name}`;

// Tables under names of one's own on this computer, and the link that leads to this one.
class Keep extends Component {
    state = { saved: [], copied: false };

    async componentDidMount() {
        await this.read();
    }

    async read() {
        const rows = await store.all('kept').catch(() => []);
        this.setState({ saved: rows.filter((row) => row.key.startsWith(savedKey(this.props.session.unit, ''))).sort((left, right) => (left.name < right.name ? -1 : 1)) });
    }

    async save(event) {
        event.preventDefault();
        const { session, choice } = this.props;
        const name = document.getElementById('save-name').value.trim();
        if (!name) return;
        await store.put('kept', { key: savedKey(session.unit, name), name, choice: writeChoice(choice) });
        await this.read();
    }

    async remove(row) {
        await store.remove('kept', row.key);
        await this.read();
    }

    async copy(link) {
        document.getElementById('link').select();
        try {
            await navigator.clipboard.writeText(link);
            this.setState({ copied: true });
        } catch (error) {
            // selected: the person copies it
        }
    }

    render({ choice, made }, { saved, copied }) {
        const link = `${location.origin}/#/table?${new URLSearchParams(writeChoice(choice))}`;
        return (
            <>
                {made && <form class="bar" onSubmit={(event) => this.save(event)}>
                    <label class="picker">{T('存为', 'Save as')}{' '}<input id="save-name" maxLength={60} required /></label>
                    <button type="submit" class="quiet">{T('保存', 'Save')}</button>
                    <label class="picker">{T('链接', 'Link')}{' '}<input id="link" class="link" readOnly value={link} onFocus={(event) => event.target.select()} /></label>
                    <button type="button" class="quiet" onClick={() => this.copy(link)}>{copied ? T('已复制', 'copied') : T('复制链接', 'Copy the link')}</button>
                    <span class="help">{T('链接里只有选择，没有数：打开的人只看到本单位可看的', 'the link holds the choice, no figures: who opens it sees what their unit may')}</span>
                </form>}
                {saved.length > 0 && <p class="row" id="saved-tables">{T('已存：', 'Saved: ')}{saved.map((row) => (
                    <span key={row.key}><a class="typed" href={`#/table?${new URLSearchParams(row.choice)}`}>{row.name}</a>{' '}<button type="button" class="quiet" aria-label={T(`删除 ${row.name}`, `Delete ${row.name}`)} onClick={() => this.remove(row)}>×</button></span>
                ))}</p>}
            </>
        );
    }
}

class Board extends Component {
    constructor(props) {
        super(props);
        this.state = { choice: readChoice(props.query, placeOf(props.session.unit)), facts: null, denied: [], error: null, step: null, open: null };
    }

    componentDidMount() {
        if (this.state.choice.indicator.length && this.state.choice.year.length) this.show(this.state.choice);
    }

    // The address tells the choice, without opening the page anew.
    take(choice) {
        history.replaceState(null, '', `#/table?${new URLSearchParams(writeChoice(choice))}`);
        this.setState({ choice });
    }

    async show(choice) {
        this.take(choice);
        this.setState({ error: null, step: [0, 1], open: null });
        try {
            this.setState({ ...await gather(this.props.session, choice, (done, all) => this.setState({ step: [done, all] })), step: null });
        } catch (error) {
            this.setState({ error, step: null });
        }
    }

    sort(key) {
        const { choice } = this.state;
        const again = choice.sort === key;
        this.take({ ...choice, sort: again && choice.down ? '' : key, down: again && !choice.down });
    }

    renderFigure(fact, words) {
        const { session, tools } = this.props;
        const place = String(Number(fact.place));
        const figure = fact.cell ? { plan: fact.plan, period: fact.year, form: fact.form, cell: fact.cell, place } : { period: fact.year, indicator: fact.indicator, stratum: fact.stratum, place };
        return <FigureComments key={JSON.stringify(figure)} figure={figure} unit={fact.cell ? session.unit : undefined} title={DIMENSIONS.map((name) => words[name](fact[name])).join(' · ')} shown={cellText(fact, 'value')} session={session} tools={tools} onClose={() => this.setState({ open: null })} />;
    }

    renderTable() {
        const { catalogue } = this.props;
        const { choice, facts, open } = this.state;
        const words = wordsOf(catalogue);
        const table = pivot(choice, facts);
        const rows = sorted(table, choice);
        const columns = fileColumns(table, words, choice.measure);
        const alone = DIMENSIONS.filter((name) => !table.along.includes(name) && !table.across.includes(name));
        const caption = [T('自选表', 'Free table'), ...alone.map((name) => words[name](choice[name][0]))].join(' · ');
        const workbook = () => makeWorkbook(caption, [columns.map((one) => one.title), ...rows.map((row) => columns.map((one) => one.cell(row)))]);
        return (
            <>
                <Layout choice={choice} own={catalogue.own} onChange={(change) => this.take({ ...choice, ...change })} />
                <p>{T(`${rows.length} 行 × ${table.cols.length} 列`, `${rows.length} rows × ${table.cols.length} columns`)} <Demo of={facts.some((fact) => fact.demonstration)} /></p>
                {choice.chart === 'map' && <FreeMap table={table} rows={rows} words={words} choice={choice} catalogue={catalogue} session={this.props.session} />}
                {choice.chart && choice.chart !== 'map' && <FreeChart table={table} rows={rows} words={words} choice={choice} />}
                <Cross table={table} rows={rows} words={words} choice={choice} caption={caption} onSort={(key) => this.sort(key)} onOpen={(open) => this.setState({ open })} />
                <p class="help">{T('点一个数，看对它的意见，或提意见', 'click a figure to see what is said of it, or to comment on it')}</p>
                {open && this.renderFigure(open, words)}
                <div class="bar">
                    <button type="button" id="as-csv" onClick={() => saveCsv('table', columns, rows)}>{T('下载 CSV', 'Download CSV')}</button>
                    <button type="button" id="as-xlsx" onClick={() => saveFile('table.xlsx', workbook(), WORKBOOK_TYPE)}>{T('下载 XLSX', 'Download XLSX')}</button>
                </div>
            </>
        );
    }

    render({ catalogue, session }, { choice, facts, denied, error, step }) {
        return (
            <>
                <Keep session={session} choice={choice} made={Boolean(facts)} />
                <details open={!facts}><summary>{T('选择指标、地区、年份、分组', 'Choose indicators, places, years, groups')}</summary>
                    <Pick catalogue={catalogue} choice={choice} busy={Boolean(step)} onShow={(chosen) => this.show({ ...chosen, sort: '', down: false })} />
                </details>
                {step && <p class="loading" role="status"><progress value={step[0]} max={step[1]} aria-label={T('正在读取…', 'loading…')} /> {T(`正在读取 ${step[0]}/${step[1]}`, `reading ${step[0]} of ${step[1]}`)}</p>}
                <Failure error={error} />
                {denied.length > 0 && <p class="notice warn" id="denied">{T(`有 ${denied.length} 个地区不在本单位可看的范围内，没有显示：`, `${denied.length} places are outside what your unit may see and are not shown: `)}{denied.join(T('、', ', '))}</p>}
                {facts && !facts.length && !step && <p class="empty">{T('选的这些没有数', 'there are no figures for this choice')}</p>}
                {facts && facts.length > 0 && this.renderTable()}
            </>
        );
    }
}

export function FreeTable({ title, session, query, tools }) {
    return (
        <section>
            <h1>{title}</h1>
            <Load load={() => loadCatalogue(session)}>{(catalogue) => <Board catalogue={catalogue} session={session} query={query} tools={tools} />}</Load>
        </section>
    );
}
