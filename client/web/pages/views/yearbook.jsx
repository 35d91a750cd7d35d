// The monitoring report and yearbook, made by the gateway while one goes on working: begun, watched, downloaded with
// its annexes. Receipts behind the figures are verified against the server keys inside this account's own bundle.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { base64 } from '../lib/bytes.js';
import { T, language } from '../lib/i18n.js';
import { placeOf } from '../lib/words.js';
import { Failure, Field } from './parts.jsx';

const LOOK_MS = 1500;
const FORMATS = () => [['pdf', T('PDF（印刷、存档）', 'PDF (to print and to keep)')], ['docx', T('DOCX（Word、WPS 里再改）', 'DOCX (to edit in Word or WPS)')], ['xlsx', T('XLSX（各表的数）', 'XLSX (the tables’ figures)')], ['html', T('HTML（网页）', 'HTML (a web page)')]];
const isGoing = (book) => book && (book.stage === 'waiting' || book.stage === 'working');

function about(name) {
    if (name.endsWith('-figures.csv')) return T('附件：每个数的来源', 'annex: where each figure comes from');
    if (name.endsWith('-reports.csv')) return T('附件：每份报告的编号、回执和树根', 'annex: each report’s id, receipt and root');
    return T('监测报告与资料汇编', 'monitoring report and yearbook');
}

const sizeText = (bytes) => (bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);
const timeText = (seconds) => (seconds < 60 ? T(`${seconds} 秒`, `${seconds} s`) : T(`${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒`, `${Math.floor(seconds / 60)} min ${seconds % 60} s`));

export class Yearbook extends Component {
    state = { format: 'pdf', book: null, busy: false, error: null };

    componentDidMount() {
        this.look();
    }

    componentWillUnmount() {
        this.gone = true;
        clearTimeout(this.timer);
    }

    // While one is being made it is looked at again; a look that fails is tried again too.
    async look() {
        try {
            this.take(await api.get('/api/yearbook'));
        } catch (error) {
            if (error.retry) this.wait();
            else this.setState({ error });
        }
    }

    take(book) {
        this.setState({ book, error: null });
        if (isGoing(book)) this.wait();
    }

    wait() {
        clearTimeout(this.timer);
        if (!this.gone) this.timer = setTimeout(() => this.look(), LOOK_MS);
    }

    async begin(event) {
        event.preventDefault();
        const { tools, period } = this.props;
        this.setState({ busy: true, error: null });
        try {
            const keys = await tools.withKeys((open) => open);
            this.take(await api.post('/api/yearbook', { year: period, format: this.state.format, english: language.now === 'en', pins: keys.pins.map(base64) }));
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false });
    }

    async stop() {
        try {
            this.take(await api.post('/api/yearbook/stop', {}));
        } catch (error) {
            this.setState({ error });
        }
    }

    outcome(book) {
        const what = T(`${book.year} 年 ${book.format.toUpperCase()}`, `${book.format.toUpperCase()} of ${book.year}`);
        if (isGoing(book))
            return <p id="yearbook-step" role="status"><progress aria-label={T('编制进度', 'Progress')} /> {what}{T('：', ': ')}{book.text || T('前面还有别的单位的，请稍候', 'waiting behind other units')} · {timeText(book.seconds)} <button type="button" class="quiet" onClick={() => this.stop()}>{T('停止', 'Stop')}</button></p>;
        if (book.stage === 'done')
            return <><p class="notice good" role="status">{T(`${what} 已编好（用时 ${timeText(book.seconds)}），点名称下载：`, `${what} is ready (it took ${timeText(book.seconds)}); choose what to download:`)}</p><ul class="files">{book.files.map(({ name, size }) => <li key={name}><a href={`/api/yearbook/${name}`} download={name}>{name}</a> <span class="help">{about(name)}{T('，', ', ')}{sizeText(size)}</span></li>)}</ul></>;
        if (book.stage === 'failed') return <p class="notice bad" role="alert">{T(`${what} 没有编成：`, `${what} was not made: `)}{book.text}</p>;
        return book.stage === 'stopped' ? <p class="notice">{T(`${what} 已停止，没有文件`, `${what} was stopped: there is no file`)}</p> : null;
    }

    render({ session, period }, { format, book, busy, error }) {
        const command = `zhibao yearbook --place ${placeOf(session.unit)} --year ${period} --format ${format}`;
        return (
            <form class="card" id="yearbook" onSubmit={(event) => this.begin(event)}>
                <h2>{T('监测报告与资料汇编', 'Monitoring report and yearbook')} · {period}</h2>
                <p class="help">{T('小于 5 的数和能推出它的数不公布；两个附件列出每个数背后的报告和回执。编制要一两分钟，可以离开本页再回来。', 'Numbers below 5 and whatever would tell them are left out; two annexes list the reports and receipts behind every figure. It takes a minute or two; you may leave this page and come back.')}</p>
                <div class="fields">
                    <Field id="yearbook-format" label={T('格式', 'Format')}><select id="yearbook-format" value={format} onChange={(event) => this.setState({ format: event.target.value })}>{FORMATS().map(([value, word]) => <option key={value} value={value}>{word}</option>)}</select></Field>
                </div>
                <Failure error={error} />
                {book && this.outcome(book)}
                <div class="bar"><button type="submit" class="main" disabled={busy || isGoing(book)}>{isGoing(book) ? T('正在编制…', 'being made…') : T('编制', 'Make it')}</button></div>
                <details><summary>{T('用命令行编（结果逐字节相同）', 'On the command line (the same, byte by byte)')}</summary><p><code class="command">{command}</code></p></details>
            </form>
        );
    }
}
