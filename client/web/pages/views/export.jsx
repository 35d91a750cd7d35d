// Exports of results and of what units reported, of years and of the places below, as streams with a progress bar.
import { Component } from 'preact';
import { FORMATS, fetchExport } from '../lib/export.js';
import { T } from '../lib/i18n.js';
import { placeOf } from '../lib/words.js';
import { Failure, Field, saveFile } from './parts.jsx';

const FORMAT_WORDS = { csv: 'CSV', xlsx: 'XLSX', json: 'JSON', 'sdmx-csv': 'SDMX-CSV 2.0', 'sdmx-json': 'SDMX-JSON 2.0', adx: 'ADX (DHIS2)' };
const DEPTHS = () => [['0', T('只有本地', 'this place alone')], ['1', T('到下一级', 'and one level below')], ['2', T('到下两级', 'and two levels below')]];
const KINDS = () => [['results', T('汇总结果', 'results')], ['public', T('可公布的汇总结果', 'results fit for publication')], ['strata', T('汇总结果，含分组', 'results with their groups')], ['reports', T('各单位填报的数', 'what units reported')]];

export class Export extends Component {
    state = { kind: 'results', format: 'csv', depth: '0', since: '', step: null, error: null };

    select(id, label, options) {
        return <Field id={`export-${id}`} label={label}><select id={`export-${id}`} value={this.state[id]} onChange={(event) => this.setState({ [id]: event.target.value })}>{options.map(([value, word]) => <option key={value} value={value}>{word}</option>)}</select></Field>;
    }

    async run(event) {
        event.preventDefault();
        const { session, period, tools } = this.props;
        const { kind, format, depth, since } = this.state;
        const place = placeOf(session.unit);
        const wish = { place: String(Number(place)), year: period, since: since || period, format, what: kind === 'reports' ? 'reports' : 'results', ...(kind === 'reports' ? {} : { depth }), ...(kind === 'public' ? { public: 1 } : {}), ...(kind === 'strata' ? { strata: 1 } : {}) };
        const name = `zhibao-${kind}-${place}-${since && Number(since) < period ? `${since}-` : ''}${period}.${FORMATS[format]}`;
        this.stop = new AbortController();
        this.setState({ step: { done: 0, all: 0, bytes: 0 }, error: null });
        try {
            const bytes = await fetchExport(wish, this.stop, (step) => this.setState({ step }));
            saveFile(name, bytes, 'application/octet-stream');
            tools.say(T(`已存为 ${name}，${Math.ceil(bytes.length / 1024)} KB`, `saved as ${name}, ${Math.ceil(bytes.length / 1024)} KB`));
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ step: null });
    }

    componentWillUnmount() {
        if (this.stop) this.stop.abort();
    }

    render({ period }, { step, error }) {
        const years = [];
        for (let year = period; year > period - 11; year--) years.push([year === period ? '' : String(year), String(year)]);
        return (
            <form class="card" id="export" onSubmit={(event) => this.run(event)}>
                <h2>{T('导出', 'Export')}</h2>
                <div class="fields">
                    {this.select('kind', T('内容', 'What'), KINDS())}
                    {this.select('format', T('格式', 'Format'), Object.entries(FORMAT_WORDS))}
                    {this.select('since', T('从哪年起', 'From the year'), years)}
                    {this.state.kind !== 'reports' && this.select('depth', T('哪些地区', 'Places'), DEPTHS())}
                </div>
                <Failure error={error} />
                {step && <p id="export-step"><progress value={step.all ? step.done : undefined} max={step.all || undefined} aria-label={T('导出进度', 'Export progress')} /> {step.all > 0 && `${step.done}/${step.all} · `}{Math.ceil(step.bytes / 1024)} KB <button type="button" class="quiet" onClick={() => this.stop.abort()}>{T('停止', 'Stop')}</button></p>}
                <div class="bar"><button type="submit" class="main" disabled={Boolean(step)}>{step ? T('正在导出…', 'exporting…') : T('导出', 'Export')}</button></div>
            </form>
        );
    }
}
