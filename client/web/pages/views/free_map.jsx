// The free table as a map: one column's figures on the outlines of places that the person has brought as a file.
import { Component } from 'preact';
import { Chart } from '../lib/chart.jsx';
import { measured } from '../lib/free_table.js';
import { T } from '../lib/i18n.js';
import { matchRegions, readRegions } from '../lib/regions.js';
import * as store from '../lib/store.js';
import { Failure } from './parts.jsx';

const keyOf = (session) => `map/${session.unit}`;

// GeoJSON as ECharts wants it: each outline under the place's code, others under a name of their own.
function geography({ found, rest }) {
    const feature = (name, geometry) => ({ type: 'Feature', properties: { name }, geometry });
    return { type: 'FeatureCollection', features: [...found.map((one) => feature(one.place, one.geometry)), ...rest.map((one, index) => feature(`?${index}`, one.geometry))] };
}

export class FreeMap extends Component {
    state = { regions: null, col: '', error: null };

    async componentDidMount() {
        const kept = await store.get('kept', keyOf(this.props.session)).catch(() => null);
        if (kept) this.setState({ regions: kept.regions });
    }

    async open(event) {
        const [file] = event.target.files;
        if (!file) return;
        try {
            const regions = readRegions(await file.text());
            await store.put('kept', { key: keyOf(this.props.session), regions }).catch(() => {}); // for the next time here
            this.setState({ regions, error: null });
        } catch (error) {
            this.setState({ error });
        }
    }

    option(matched, col) {
        const { table, rows, words, choice } = this.props;
        const data = rows.map((row) => ({ name: row.at.place, value: measured(table.cell(row, col), choice.measure) })).filter((one) => one.value !== null);
        const values = data.map((one) => one.value);
        const word = (code) => (code[0] === '?' ? matched.rest[Number(code.slice(1))].name : words.place(code));
        return {
            geography: geography(matched), aria: { enabled: true, decal: { show: false } },
            tooltip: { trigger: 'item', renderMode: 'richText', formatter: ({ name, value }) => `${word(name)} ${Number.isFinite(value) ? value : T('没有数', 'no figure')}` },
            visualMap: { min: Math.min(...values, 0), max: Math.max(...values, 0), calculable: true, left: 8, bottom: 8, inRange: { color: ['#e3eef9', '#6fa8dc', '#073763'] } },
            series: [{ type: 'map', map: 'places', data, itemStyle: { areaColor: '#e8ebee', borderColor: '#56616b' }, label: { show: matched.found.length <= 30, formatter: ({ name }) => word(name), fontSize: 11, color: '#1b1f24', textBorderColor: '#fff', textBorderWidth: 3 } }],
        };
    }

    renderMap(regions) {
        const { table, rows, words, catalogue } = this.props;
        const col = table.cols.find((one) => one.key === this.state.col) || table.cols[table.cols.length - 1];
        const name = (one) => table.across.map((dimension) => words[dimension](one.at[dimension])).join(' · ') || T('数值', 'value');
        const matched = matchRegions(regions, catalogue.places.filter((one) => rows.some((row) => row.at.place === one.place)));
        return (
            <>
                {table.cols.length > 1 && <label class="picker">{T('画哪一列', 'Column')}{' '}<select id="map-column" value={col.key} onChange={(event) => this.setState({ col: event.target.value })}>{table.cols.map((one) => <option key={one.key} value={one.key}>{name(one)}</option>)}</select></label>}
                {matched.found.length > 0 && <Chart title={T(`地图：${name(col)}`, `Map: ${name(col)}`)} option={this.option(matched, col)} />}
                <p id="map-told" class={`notice ${matched.found.length ? '' : 'bad'}`}>{T(`对上 ${matched.found.length} 个地区。`, `${matched.found.length} places are matched.`)}
                    {matched.missing.length > 0 && T(`图里没有：${matched.missing.map((one) => one.name).join('、')}。`, ` Without an outline: ${matched.missing.map((one) => one.name).join(', ')}.`)}
                    {matched.rest.length > 0 && T(`表里没有：${matched.rest.map((one) => one.name).join('、')}。`, ` Not in the table: ${matched.rest.map((one) => one.name).join(', ')}.`)}</p>
            </>
        );
    }

    render({ table }, { regions, error }) {
        const ready = table.along.join() === 'place';
        return (
            <>
                <div class="bar">
                    <label class="button">{T('打开乡镇边界（GeoJSON）', 'Open outlines (GeoJSON)')} <input id="outlines" type="file" accept=".json,.geojson,application/geo+json" class="hidden" onChange={(event) => this.open(event)} /></label>
                    <span class="help">{T('文件只在这个浏览器里读，不上传；按代码或名称对上地区', 'read in this browser only and never sent; places are matched by code or name')}</span>
                </div>
                <Failure error={error} />
                {!ready && <p class="notice warn">{T('画地图要把地区放在行、其余放在列，至少选两个地区', 'a map needs places in rows, everything else in columns, and two places at least')}</p>}
                {ready && regions && this.renderMap(regions)}
            </>
        );
    }
}
