// One indicator: its series with target and forecast, its strata and townships, and what is behind the figure.
import * as api from '../lib/api.js';
import { T } from '../lib/i18n.js';
import { Chart } from '../lib/chart.jsx';
import { attainment, domainWord, placeOf, scopeWord, stratumWords, unitWord } from '../lib/words.js';
import { FigureComments } from './figure.jsx';
import { Load, Table, YearPicker, number, yearOf } from './parts.jsx';
import { Standing, deciding, standing, targetText, valueText } from './wall.jsx';

const FIRST_YEAR = 2021;

async function load(place, code, period) {
    const years = [];
    for (let year = FIRST_YEAR; year <= period; year++) years.push(year);
    const pulls = await Promise.all(years.map((year) => api.pull(place, year, { indicator: code, analysis: year === period })));
    const units = await api.askAll('KIND_LIST_UNITS', { place }, 'units');
    const townships = [];
    for (const unit of units.filter((one) => one.role === 'township')) {
        const { indicators } = await api.pull(placeOf(unit.unit), period, { indicator: code });
        const found = indicators.find((one) => one.stratum === '');
        if (found && found.presence === 'PRESENCE_VALUE') townships.push({ unit, found });
    }
    return { years, pulls, townships, now: pulls[pulls.length - 1] };
}

const whole = (pulled) => pulled.indicators.find((one) => one.stratum === '');
const figure = (indicator) => (indicator && indicator.presence === 'PRESENCE_VALUE' ? indicator.value : null);

function seriesOption({ years, pulls }, indicator) {
    const target = deciding(indicator);
    const outlook = target && target.outlook;
    const ahead = outlook && outlook.forecast_year > years[years.length - 1];
    const labels = ahead ? [...years, outlook.forecast_year] : years;
    const values = pulls.map((pulled) => figure(whole(pulled)));
    const bounded = target && target.has_bound;
    // the axis reaches the target too, with a little room
    const within = (pick) => ({ min, max }) => {
        const edge = pick(pick === Math.min ? min : max, bounded ? target.bound : pick === Math.min ? min : max);
        const room = (Math.max(max, bounded ? target.bound : max) - Math.min(min, bounded ? target.bound : min) || Math.abs(edge) || 1) / 10;
        const wide = pick === Math.min ? edge - room : edge + room;
        return Number((min >= 0 ? Math.max(wide, 0) : wide).toPrecision(2));
    };
    const series = [{
        name: T('实际', 'actual'), type: 'line', data: values, symbolSize: 8, connectNulls: false,
        markLine: bounded ? { silent: true, symbol: 'none', lineStyle: { type: 'dashed', color: '#990000' }, data: [{ yAxis: target.bound }], label: { formatter: T('目标 ', 'target ') + target.value } } : undefined,
    }];
    if (ahead) {
        const gap = years.slice(0, -1).map(() => null);
        const last = values[values.length - 1];
        series.push({ name: T('预测', 'forecast'), type: 'line', lineStyle: { type: 'dotted' }, data: [...gap, last, outlook.forecast] },
            { name: T('80%区间下限', 'low 80%'), type: 'line', lineStyle: { type: 'dotted', opacity: 0.6 }, data: [...gap, last, outlook.low80] },
            { name: T('80%区间上限', 'high 80%'), type: 'line', lineStyle: { type: 'dotted', opacity: 0.6 }, data: [...gap, last, outlook.high80] });
    }
    return { legend: { top: 0 }, grid: { left: 56, right: 84, top: 40, bottom: 28 }, xAxis: { type: 'category', data: labels.map(String) }, yAxis: { type: 'value', scale: true, name: unitWord(indicator.unit), min: within(Math.min), max: within(Math.max) }, series };
}

function barOption(names, values, indicator) {
    return { grid: { left: 130, right: 24, top: 12, bottom: 28 }, xAxis: { type: 'value' }, yAxis: { type: 'category', data: names.slice().reverse() }, series: [{ name: T(indicator.name_zh, indicator.name_en), type: 'bar', barMaxWidth: 28, data: values.slice().reverse() }] };
}

const sourceColumns = (first) => [
    first,
    { title: T('数值', 'Value'), number: true, cell: (row) => (row.found ? valueText(row.found) : '') },
    { title: T('分子', 'Numerator'), number: true, cell: (row) => (row.found && row.found.has_fraction ? number(row.found.numerator) : '') },
    { title: T('分母', 'Denominator'), number: true, cell: (row) => (row.found && row.found.has_fraction ? number(row.found.denominator) : '') },
    { title: T('填报单位', 'Units'), number: true, cell: (row) => (row.found ? `${row.found.reporting}/${row.found.expected}` : '') },
];

function Targets({ indicator }) {
    return (
        <Table caption={T('目标', 'Targets')} rows={indicator.targets} rowKey={(target) => target.target} columns={[
            { title: T('目标', 'Target'), cell: targetText },
            { title: T('范围', 'Scope'), cell: (target) => scopeWord(target.scope) },
            { title: T('情况', 'Attainment'), cell: (target) => attainment(target.attainment).word },
            { title: T('说明', 'Why'), cell: (target) => T(target.why_zh, target.why_en) },
            { title: T('走势', 'Outlook'), cell: (target) => (target.outlook ? T(target.outlook.note_zh, target.outlook.note_en) : '') },
        ]} />
    );
}

function Body({ value, period, session, tools }) {
    const indicator = whole(value.now);
    if (!indicator) return <p class="empty">{T('没有这个指标', 'no such indicator')}</p>;
    const name = T(indicator.name_zh, indicator.name_en);
    const years = value.years.map((year, index) => ({ year, found: whole(value.pulls[index]) }));
    const strata = value.now.indicators.filter((one) => one.stratum !== '').map((found) => ({ found }))
        .sort((one, other) => (one.found.stratum < other.found.stratum ? -1 : 1));
    return (
        <>
            <div class="title"><h1>{name}</h1><Standing name={standing(indicator)} />{value.now.demonstration && <strong class="demo">{T('演示数据', 'Made-up figures (演示数据)')}</strong>}</div>
            <p>{domainWord(indicator.domain)} · {value.now.place_name} · {period} · {T('本年', 'this year')} <b>{valueText(indicator)}</b> · <a href={`#/wall?year=${period}`}>{T('回到全部指标', 'all indicators')}</a></p>
            <Targets indicator={indicator} />
            <FigureComments figure={{ plan: value.now.plan, period, indicator: indicator.indicator, place: value.now.place }} title={`${name} · ${value.now.place_name} · ${period}`} shown={valueText(indicator)} session={session} tools={tools} />
            <h2>{T('逐年', 'By year')}</h2>
            <div class="pair">
                <Chart title={T(`${name}，逐年`, `${name} by year`)} option={seriesOption(value, indicator)} />
                <Table caption={T('逐年', 'By year')} name={`${indicator.indicator}-years`} rows={years} rowKey={(row) => row.year} columns={sourceColumns({ title: T('年份', 'Year'), cell: (row) => row.year })} />
            </div>
            {strata.length > 0 && <>
                <h2>{T('分组', 'By group')}</h2>
                <div class="pair">
                    <Chart title={T(`${name}，分组`, `${name} by group`)} option={barOption(strata.map(({ found }) => stratumWords(found.stratum)), strata.map(({ found }) => figure(found)), indicator)} />
                    <Table caption={T('分组', 'By group')} name={`${indicator.indicator}-groups`} rows={strata} rowKey={(row) => row.found.stratum} columns={sourceColumns({ title: T('分组', 'Group'), cell: (row) => stratumWords(row.found.stratum) })} />
                </div>
            </>}
            {value.townships.length > 0 && <>
                <h2>{T('各乡镇（街道）', 'By township')}</h2>
                <div class="pair">
                    <Chart title={T(`${name}，各乡镇`, `${name} by township`)} option={barOption(value.townships.map(({ unit }) => T(unit.name_zh, unit.name_en)), value.townships.map(({ found }) => figure(found)), indicator)} />
                    <Table caption={T('各乡镇（街道）', 'By township')} name={`${indicator.indicator}-townships`} rows={value.townships} rowKey={(row) => row.unit.unit} columns={sourceColumns({ title: T('乡镇', 'Township'), cell: (row) => T(row.unit.name_zh, row.unit.name_en) })} />
                </div>
            </>}
        </>
    );
}

export function Indicator({ session, query, tools }) {
    const period = yearOf(query);
    const place = query.place || placeOf(session.unit);
    return (
        <section>
            <YearPicker page="indicator" query={query} />
            <Load load={() => load(place, query.code, period)}>{(value) => <Body value={value} period={period} session={session} tools={tools} />}</Load>
        </section>
    );
}
