// The plan's year judged: annual, mid-term or final, as of now or of a day, with what it rests on.
import * as api from '../lib/api.js';
import { fromBase64, hex } from '../lib/bytes.js';
import { Chart } from '../lib/chart.jsx';
import { T, dayUs, timeText } from '../lib/i18n.js';
import { attainment, domainWord, formWord, placeOf, scopeWord, stratumWords, unitCode } from '../lib/words.js';
import { Choice, Demo, Load, Table, YearPicker, number, saveFile, yearOf } from './parts.jsx';
import { targetText, valueText } from './wall.jsx';

const KINDS = () => [['annual', T('年度', 'annual')], ['midterm', T('中期', 'mid-term')], ['final', T('终期', 'final')]];
const COUNTS = [
    ['met', '达标', 'reached', '#1e6b34'], ['met_uncertain', '其中不确定', 'of those uncertain', '#6aa84f'], ['not_met', '未达标', 'not reached', '#a61c00'],
    ['no_data', '无数据', 'no data', '#9aa5ae'], ['not_judgeable', '无法判断', 'not judgeable', '#c9d1d8'],
];
const ID = 16;
const SHA = 32;

function inputsOf(page) {
    const [ids, hashes] = [fromBase64(page.input_id), fromBase64(page.input_sha256)];
    return page.input_unit.map((unit, index) => ({
        unit, form: page.forms[page.input_form[index]], period: page.input_period[index], revision: page.input_revision[index],
        id: hex(ids.subarray(index * ID, (index + 1) * ID)), sha256: hex(hashes.subarray(index * SHA, (index + 1) * SHA)),
    }));
}

async function load(place, period, kind, asOf) {
    const fields = { place, period, kind, as_of_us: String(asOf || 0) };
    const first = await api.ask('KIND_EVALUATE', fields);
    const whole = { ...first, indicators: [...first.result.indicators], inputRows: inputsOf(first) };
    for (let cursor = first.next; cursor;) {
        const page = await api.ask('KIND_EVALUATE', { ...fields, batch: first.batch, cursor });
        whole.indicators.push(...page.result.indicators);
        whole.inputRows.push(...inputsOf(page));
        cursor = page.next;
    }
    return whole;
}

const share = (has, value) => (has ? `${number(value * 100, 1)}%` : '–');

function Summary({ pass, title }) {
    const rows = COUNTS.map(([key, zh, en, color]) => ({ key, word: T(zh, en), color, count: pass[key] }));
    const option = {
        grid: { left: 12, right: 50, top: 10, bottom: 10, containLabel: true }, xAxis: { type: 'value', minInterval: 1 },
        yAxis: { type: 'category', inverse: true, data: rows.map((row) => row.word) },
        series: [{ type: 'bar', data: rows.map((row) => ({ value: row.count, itemStyle: { color: row.color } })), label: { show: true, position: 'right' } }],
    };
    return (
        <>
            <dl class="facts">
                <div><dt>{T('能判断的目标中达标的', 'Reached, of the judgeable')}</dt><dd>{share(pass.has_rates, pass.of_judgeable)}</dd></div>
                <div><dt>{T('全部目标中达标的', 'Reached, of all')}</dt><dd>{share(pass.has_rates, pass.of_all)}</dd></div>
                <div><dt>{T('实现程度（各目标平均）', 'Realisation (mean of targets)')}</dt><dd>{share(pass.has_realisation, pass.realisation)}</dd></div>
                <div><dt>{T('从基数到目标走了（中位数）', 'Way from base to target (median)')}</dt><dd>{share(pass.has_progress, pass.progress)}</dd></div>
            </dl>
            <div class="pair">
                <Chart title={title} option={option} />
                <Table caption={T('起决定作用的目标', 'Targets that decide')} name="evaluation-counts" rows={rows} rowKey={(row) => row.key} columns={[
                    { title: T('情况', 'Attainment'), cell: (row) => row.word }, { title: T('目标数', 'Targets'), number: true, cell: (row) => row.count },
                ]} />
            </div>
        </>
    );
}

const columns = () => [
    { title: T('领域', 'Domain'), short: true, cell: ({ indicator }) => domainWord(indicator.domain) },
    { title: T('指标', 'Indicator'), cell: ({ indicator }) => <a href={`#/indicator?code=${encodeURIComponent(indicator.indicator)}`}>{T(indicator.name_zh, indicator.name_en)}{indicator.stratum && ` · ${stratumWords(indicator.stratum)}`}</a>, text: ({ indicator }) => T(indicator.name_zh, indicator.name_en) + (indicator.stratum ? ` · ${stratumWords(indicator.stratum)}` : '') },
    { title: T('数', 'Figure'), number: true, cell: ({ indicator }) => valueText(indicator) },
    { title: T('目标', 'Target'), cell: ({ target }) => targetText(target) },
    { title: T('范围', 'Scope'), short: true, cell: ({ target }) => scopeWord(target.scope) },
    { title: T('情况', 'Attainment'), cell: ({ target }) => { const { word, tone } = attainment(target.attainment); return <span class={`state ${tone}`}>{word}</span>; }, text: ({ target }) => attainment(target.attainment).word },
    { title: T('说明', 'Why'), long: true, cell: ({ target }) => <>{T(target.why_zh, target.why_en)} {target.outlook && T(target.outlook.note_zh, target.outlook.note_en)}</>, text: ({ target }) => [T(target.why_zh, target.why_en), target.outlook && T(target.outlook.note_zh, target.outlook.note_en)].filter(Boolean).join(' ') },
];

const inputColumns = () => [
    { title: T('单位', 'Unit'), cell: (row) => unitCode(row.unit) }, { title: T('报表', 'Form'), cell: (row) => formWord(row.form) },
    { title: T('年份', 'Year'), number: true, cell: (row) => row.period }, { title: T('版本', 'Revision'), number: true, cell: (row) => row.revision },
    { title: T('编号', 'Id'), cell: (row) => <code>{row.id}</code>, text: (row) => row.id }, { title: 'SHA-256', cell: (row) => <code class="code">{row.sha256}</code>, text: (row) => row.sha256 },
];

function Body({ value, period, kind }) {
    const rows = value.indicators.flatMap((indicator) => indicator.targets.filter((target) => target.decides).map((target) => ({ indicator, target })));
    const heading = `${value.result.place_name} · ${period} · ${KINDS().find(([name]) => name === kind)[1]}`;
    return (
        <>
            <p>{heading} · {T('看到第', 'up to batch')} {value.batch} {T('批', '')} · {value.as_of_us === '0' ? T('现在', 'now') : timeText(value.as_of_us)} <Demo of={value.result.demonstration} /></p>
            <Summary pass={value.result.pass} title={heading} />
            <Table caption={T('逐个目标', 'Target by target')} name={`evaluation-${kind}-${period}`} rows={rows} columns={columns()} empty={T('规划没有目标', 'the plan has no targets')} />
            <details class="card">
                <summary>{T(`所依据的 ${value.inputs} 份报表`, `The ${value.inputs} reports it rests on`)}</summary>
                <p class="help">{T('全部报表合起来的摘要', 'Digest of all of them')} <code class="code">{hex(fromBase64(value.inputs_sha256))}</code></p>
                <p class="help">{T('规划导入的摘要', 'Digest of the plan’s import')} <code class="code">{hex(fromBase64(value.plan_sha256))}</code></p>
                <Table caption={T('报表', 'Reports')} name={`evaluation-inputs-${period}`} rows={value.inputRows} columns={inputColumns()} empty={T('还没有通过的报表', 'no report is accepted yet')} />
                <button type="button" class="quiet" onClick={() => saveFile(`evaluation-${kind}-${period}.json`, JSON.stringify(value, null, 1), 'application/json')}>{T('下载 JSON', 'Download JSON')}</button>
            </details>
        </>
    );
}

export function Evaluation({ title, session, query }) {
    const period = yearOf(query);
    const kind = query.kind || 'annual';
    const asOf = query.asof ? dayUs(query.asof, true) - 1 : 0;
    return (
        <section>
            <div class="title"><h1>{title} · {period}</h1><YearPicker page="evaluation" query={query} />
                <Choice page="evaluation" query={query} name="kind" label={T('种类', 'Kind')} options={KINDS()} otherwise="annual" />
                <label class="picker">{T('只看这天以前收到的', 'As known by')} <input type="date" value={query.asof || ''} onChange={(event) => { location.hash = `#/evaluation?${new URLSearchParams({ ...query, asof: event.target.value })}`; }} /></label>
            </div>
            <Load key={`${period}${kind}${asOf}`} load={() => load(placeOf(session.unit), period, kind, asOf)}>{(value) => <Body value={value} period={period} kind={kind} />}</Load>
        </section>
    );
}
