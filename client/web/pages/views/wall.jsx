// Every indicator by domain: reached or not, and what its series says of the target.
import { pull } from '../lib/api.js';
import { T } from '../lib/i18n.js';
import { Chart } from '../lib/chart.jsx';
import { domainWord, placeOf, presenceWord, unitWord } from '../lib/words.js';
import { Load, Table, YearPicker, number, yearOf } from './parts.jsx';

// class of the outlook or attainment -> words, tone, mark
const STANDINGS = {
    reached: ['达标', 'reached', 'good', '✓'], uncertain: ['达标但不确定', 'reached, uncertain', 'good', '≈'],
    likely: ['很可能达标', 'likely', 'likely', '↗'], watch: ['需关注', 'watch', 'watch', '!'],
    unlikely: ['不大可能', 'unlikely', 'bad', '↘'], very_unlikely: ['很难达标', 'very unlikely', 'worst', '✗'],
    not_met: ['未达标', 'not reached', 'bad', '✗'], no_data: ['无数据', 'no data', 'none', '–'],
    not_judgeable: ['无法判断', 'not judgeable', 'none', '?'], no_target: ['无目标', 'no target', 'none', '·'],
};
const COLOURS = {
    reached: '#1e6b34', uncertain: '#6aa84f', likely: '#93c47d', watch: '#e69138', unlikely: '#cc4125', very_unlikely: '#6d0000',
    not_met: '#a61c00', no_data: '#9aa5ae', not_judgeable: '#c9d1d8', no_target: '#dfe4e8',
};
export const ORDER = Object.keys(STANDINGS);
export const standingWord = (name) => T(STANDINGS[name][0], STANDINGS[name][1]);
const ATTAINED = { ATTAINMENT_MET: 'reached', ATTAINMENT_MET_UNCERTAIN: 'uncertain', ATTAINMENT_NO_DATA: 'no_data', ATTAINMENT_NOT_JUDGEABLE: 'not_judgeable' };

export function deciding(indicator) {
    return indicator.targets.find((target) => target.decides) || indicator.targets[0];
}

export function standing(indicator) {
    const target = deciding(indicator);
    if (!target) return indicator.presence === 'PRESENCE_VALUE' ? 'no_target' : 'no_data';
    const attained = ATTAINED[target.attainment];
    if (attained) return attained;
    const outlook = target.outlook && target.outlook.class;
    return STANDINGS[outlook] && outlook !== 'reached' ? outlook : 'not_met';
}

export function Standing({ name }) {
    return <span class={`mark ${STANDINGS[name][2]}`}><b aria-hidden="true">{STANDINGS[name][3]}</b> {standingWord(name)}</span>;
}

const PRESENCE = { PRESENCE_NOT_APPLICABLE: 2, PRESENCE_NOT_COLLECTED: 3, PRESENCE_NOT_REPORTED: 4 };

export function valueText(indicator) {
    if (indicator.presence !== 'PRESENCE_VALUE') return presenceWord(PRESENCE[indicator.presence] || 4);
    if (indicator.unit === 'yesno') return indicator.value ? T('是', 'yes') : T('否', 'no');
    const unit = unitWord(indicator.unit);
    return `${number(indicator.value, indicator.decimals)}${/^[%‰]/.test(unit) ? '' : ' '}${unit}`.trim();
}

// What a target asks, in words where the plan has no number.
const OPERATORS = {
    '>=': ['≥', '≥'], '<=': ['≤', '≤'], '~': ['约', 'about'], 'maintain>=': ['保持 ≥', 'stay ≥'], 'maintain<=': ['保持 ≤', 'stay ≤'],
    increase: ['提高', 'increase'], decrease: ['降低', 'decrease'], maintain: ['保持', 'maintain'], qualitative: ['定性目标', 'in words only'],
    increase_by_pct: ['提高 %', 'increase by %'], decrease_by_pct: ['降低 %', 'decrease by %'],
    decrease_by_points_per_year: ['每年降低百分点', 'points less a year'], '=': ['=', '='],
    increase_by_points: ['提高百分点', 'increase by points'], decrease_by_points: ['降低百分点', 'decrease by points'],
};

export function targetText(target) {
    if (!target) return '';
    const words = OPERATORS[target.op];
    return `${words ? T(words[0], words[1]) : target.op} ${target.value} · ${target.year}`.replace(/ +/g, ' ');
}

function Tile({ indicator, period }) {
    const name = standing(indicator);
    return (
        <a class={`tile ${STANDINGS[name][2]}`} href={`#/indicator?code=${encodeURIComponent(indicator.indicator)}&year=${period}`}>
            <span class="name">{T(indicator.name_zh, indicator.name_en)}</span>
            <span class="value">{valueText(indicator)}</span>
            <span class="target">{targetText(deciding(indicator))}</span>
            <Standing name={name} />
        </a>
    );
}

function Overview({ domains }) {
    const option = {
        legend: { top: 0 }, grid: { left: 110, right: 20, top: 56, bottom: 24 }, xAxis: { type: 'value', minInterval: 1 },
        yAxis: { type: 'category', data: domains.map((domain) => domainWord(domain.code)).reverse() },
        series: ORDER.filter((name) => domains.some((domain) => domain.counts[name])).map((name) => ({
            name: standingWord(name), type: 'bar', stack: 'all', itemStyle: { color: COLOURS[name] }, data: domains.map((domain) => domain.counts[name] || 0).reverse(),
        })),
    };
    return (
        <div class="pair">
            <Chart title={T('各领域达标情况', 'Attainment by domain')} option={option} />
            <Table caption={T('各领域达标情况', 'Attainment by domain')} name="domains" rows={domains} rowKey={(domain) => domain.code} columns={[
                { title: T('领域', 'Domain'), cell: (domain) => domainWord(domain.code) },
                ...ORDER.filter((name) => domains.some((domain) => domain.counts[name])).map((name) => ({ title: standingWord(name), number: true, cell: (domain) => domain.counts[name] || 0 })),
            ]} />
        </div>
    );
}

function group(indicators) {
    const domains = [];
    for (const indicator of indicators.filter((one) => one.stratum === '')) {
        let domain = domains.find((one) => one.code === indicator.domain);
        if (!domain) domains.push(domain = { code: indicator.domain, indicators: [], counts: {} });
        domain.indicators.push(indicator);
        const name = standing(indicator);
        domain.counts[name] = (domain.counts[name] || 0) + 1;
    }
    return domains;
}

export function Wall({ title, session, query }) {
    const period = yearOf(query);
    const place = query.place || placeOf(session.unit);
    return (
        <section>
            <div class="title"><h1>{title} · {period}</h1><YearPicker page="wall" query={query} /></div>
            <Load key={`${place}${period}`} load={() => pull(place, period, { analysis: true })}>{(pulled) => {
                const domains = group(pulled.indicators);
                return (
                    <>
                        <p>{pulled.place_name} · {T(pulled.plan_name_zh, pulled.plan_name_en)} {pulled.locked ? <span class="state good">{T('已锁定', 'locked')}</span> : <span class="state plain">{T('未锁定，随时更新', 'not locked, current')}</span>} {pulled.demonstration && <strong class="demo">{T('演示数据', 'Made-up figures (演示数据)')}</strong>}</p>
                        {domains.length > 0 && <Overview domains={domains} />}
                        {domains.map((domain) => (
                            <section key={domain.code} aria-label={domainWord(domain.code)}>
                                <h2>{domainWord(domain.code)}</h2>
                                <div class="wall">{domain.indicators.map((indicator) => <Tile key={indicator.indicator} indicator={indicator} period={period} />)}</div>
                            </section>
                        ))}
                    </>
                );
            }}</Load>
        </section>
    );
}
