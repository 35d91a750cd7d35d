// The free table as a chart: its rows along the axis, its columns as series. The table stands below.
import { Chart } from '../lib/chart.jsx';
import { measured } from '../lib/free_table.js';
import { T } from '../lib/i18n.js';

const SERIES_MOST = 12;
const POINTS_MOST = 60;

export function FreeChart({ table, rows, words, choice }) {
    const name = (names, at) => names.map((one) => words[one](at[one])).join(' · ');
    const cols = table.cols.slice(0, SERIES_MOST);
    const shown = rows.slice(0, POINTS_MOST);
    const labels = shown.map((row) => name(table.along, row.at));
    const option = {
        legend: { top: 0, type: 'scroll' }, grid: { left: 56, right: 24, top: 40, bottom: 28, containLabel: true },
        xAxis: { type: 'category', data: labels, axisLabel: { width: 110, overflow: 'truncate', rotate: labels.length > 8 ? 40 : 0 } }, yAxis: { type: 'value', scale: choice.chart === 'line' },
        series: cols.map((col) => ({ name: name(table.across, col.at) || T('数值', 'value'), type: choice.chart, barMaxWidth: 28, connectNulls: false, data: shown.map((row) => measured(table.cell(row, col), choice.measure)) })),
    };
    const left = rows.length > shown.length || table.cols.length > cols.length;
    return (
        <>
            <Chart title={T('自选表的图', 'Chart of the free table')} option={option} />
            {left && <p class="help">{T(`图中只画前 ${shown.length} 行、前 ${cols.length} 列，表中是全部`, `the chart has the first ${shown.length} rows and ${cols.length} columns; the table has all`)}</p>}
        </>
    );
}
