// What was stored, newest first, searched by unit, kind, time and id: each with its place in the chain.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { fromBase64, hex } from '../lib/bytes.js';
import { T, dayUs, timeText } from '../lib/i18n.js';
import { eventWord } from '../lib/terms.js';
import { formWord, kindWord, placeOf, reasonText, unitCode } from '../lib/words.js';
import { Failure, Field, Table } from './parts.jsx';

const KINDS = [
    'RECORD_REPORT', 'RECORD_REVIEW', 'RECORD_CONFIRMATION', 'RECORD_LOCK', 'RECORD_KEY', 'RECORD_PLAN', 'RECORD_NOTICE', 'RECORD_CALENDAR',
    'RECORD_EXTENSION', 'RECORD_TASK', 'RECORD_TASK_ESCALATION', 'RECORD_DOCUMENT', 'RECORD_PLACE_CHANGE', 'RECORD_CONTACT', 'RECORD_CARRIER', 'RECORD_COMMENT',
];
const track = (row) => ['RECORD_REPORT', 'RECORD_CONFIRMATION'].includes(row.kind);

const columns = () => [
    { title: T('收到', 'Received'), short: true, cell: (row) => timeText(row.received_us) },
    { title: T('种类', 'Kind'), cell: (row) => kindWord(row.kind) },
    { title: T('单位', 'By'), cell: (row) => row.unit_name || T('汇总服务器', 'the aggregator') },
    { title: T('事项', 'Event'), cell: (row) => eventWord(row.event) },
    { title: T('关于', 'About'), cell: (row) => [row.subject_name, row.form && formWord(row.form), row.period || '', row.revision ? T(`第${row.revision}版`, `rev. ${row.revision}`) : ''].filter(Boolean).join(' · ') },
    { title: T('理由或内容', 'Reason or content'), long: true, cell: reasonText },
    { title: T('批次', 'Batch'), number: true, cell: (row) => `${row.batch}/${row.leaf + 1}` },
    { title: T('编号', 'Id'), cell: (row) => { const id = hex(fromBase64(row.id)); return track(row) ? <a href={`#/track?id=${encodeURIComponent(row.id)}`}><code>{id.slice(0, 8)}</code></a> : <code>{id.slice(0, 8)}</code>; }, text: (row) => hex(fromBase64(row.id)) },
    { title: T('签名密钥', 'Signed by key'), cell: (row) => <><code>{hex(fromBase64(row.key)).slice(0, 8)}</code> {row.holder}</>, text: (row) => hex(fromBase64(row.key)) },
    { title: T('送达的单位', 'Carried by'), cell: (row) => (row.carrier === row.unit || row.carrier === '0' ? '' : unitCode(row.carrier)) },
];

// 450223101201 or 450223000000:17, as people write units.
function unitOf(text) {
    const match = /^(\d{12})(?::(\d{1,3}))?$/.exec(text);
    return match ? String(BigInt(match[1]) * 1000n + BigInt(match[2] || 0)) : '';
}

export class Events extends Component {
    state = { unit: '', kind: '', from: '', to: '', id: '', rows: [], next: '', busy: false, error: null, looked: false };

    componentDidMount() {
        this.look();
    }

    async look(cursor = '') {
        const { unit, kind, from, to, id, rows } = this.state;
        const code = unit && unitOf(unit);
        if (unit && !code) return this.setState({ error: new Error(T('单位代码应为12位区划代码，部门再加“:编号”，如 450223000000:17', 'a unit is a place’s 12 digits, for departments with ":number", such as 450223000000:17')) });
        this.setState({ busy: true, error: null });
        try {
            const page = await api.ask('KIND_EVENTS', {
                place: placeOf(this.props.session.unit), unit: code || '0', kind: kind || 'RECORD_UNSPECIFIED', from_us: String(from ? dayUs(from) : 0),
                to_us: String(to ? dayUs(to, true) : 0), id_prefix: id.toLowerCase(), cursor,
            });
            this.setState({ rows: cursor ? [...rows, ...page.events] : page.events, next: page.next });
        } catch (error) {
            this.setState({ error });
        }
        return this.setState({ busy: false, looked: true });
    }

    render({ title }, { unit, kind, from, to, id, rows, next, busy, error, looked }) {
        const input = (name) => (event) => this.setState({ [name]: event.target.value.trim() });
        return (
            <section>
                <h1>{title}</h1>
                <form class="card" onSubmit={(event) => { event.preventDefault(); this.look(); }}>
                    <div class="fields">
                        <Field id="unit" label={T('单位代码', 'Unit')}><input id="unit" value={unit} onInput={input('unit')} /></Field>
                        <Field id="kind" label={T('种类', 'Kind')}><select id="kind" value={kind} onChange={input('kind')}><option value="">{T('全部', 'all')}</option>{KINDS.map((one) => <option key={one} value={one}>{kindWord(one)}</option>)}</select></Field>
                        <Field id="from" label={T('从哪天', 'From')}><input id="from" type="date" value={from} onInput={input('from')} /></Field>
                        <Field id="to" label={T('到哪天', 'To')}><input id="to" type="date" value={to} onInput={input('to')} /></Field>
                        <Field id="id" label={T('编号的开头', 'First digits of the id')}><input id="id" value={id} onInput={input('id')} /></Field>
                    </div>
                    <button type="submit" class="main" disabled={busy}>{T('查找', 'Find')}</button>
                </form>
                <Failure error={error} />
                {!looked && <p class="loading">{T('正在读取…', 'loading…')}</p>}
                {looked && <Table caption={T('存入的材料，最新在前', 'Records stored, newest first')} name="events" rows={rows} rowKey={(row) => `${row.batch}/${row.leaf}`} columns={columns()} empty={T('没有找到', 'nothing found')} />}
                {next && <button type="button" disabled={busy} onClick={() => this.look(next)}>{T('更早的', 'Earlier ones')}</button>}
            </section>
        );
    }
}
