// Who has reported: a heat table by township and form, departments below, and who is missing by name.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { T, problemText } from '../lib/i18n.js';
import { KIND } from '../lib/proof.js';
import { deliver, keep, long, sign } from '../lib/records.js';
import { formWord, placeOf } from '../lib/words.js';
import { Failure, Load, Table, YearPicker, yearOf } from './parts.jsx';

const townshipOf = (unit) => `${unit.slice(0, 9)}000000`;

async function load(session, period) {
    const place = placeOf(session.unit);
    const [pulled, units] = await Promise.all([
        pull(place, period), api.askAll('KIND_LIST_UNITS', { place }, 'units'),
    ]);
    return { pulled, units };
}

// All pages of a pull, as one.
export async function pull(place, period, fields = {}) {
    let whole = null;
    let cursor = '';
    do {
        const page = await api.ask('KIND_PULL', { place, period, ...fields, cursor });
        if (whole) {
            whole.indicators.push(...page.indicators);
            whole.names.push(...page.names);
        } else {
            whole = page;
        }
        cursor = page.next;
    } while (cursor);
    return whole;
}

// Expected, received and accepted village reports of each township.
function townshipRows({ pulled, units }) {
    const form = pulled.completeness.find((row) => row.form === 'village');
    const missing = new Set(form ? form.missing : []);
    const waiting = new Set(form ? form.not_accepted : []);
    const own = pulled.completeness.find((row) => row.form === 'township');
    return units.filter((unit) => unit.role === 'township').map((unit) => {
        const villages = units.filter((one) => one.role === 'village' && townshipOf(one.unit) === townshipOf(unit.unit));
        const absent = villages.filter((one) => missing.has(one.unit));
        return {
            unit, expected: villages.length, received: villages.length - absent.length,
            accepted: villages.filter((one) => !missing.has(one.unit) && !waiting.has(one.unit)).length,
            absent, own: own ? !own.missing.includes(unit.unit) : null,
        };
    });
}

function Heat({ part, whole }) {
    if (!whole) return <span class="heat none">–</span>;
    const share = part / whole;
    const tone = share >= 1 ? 'full' : share >= 0.8 ? 'high' : share >= 0.5 ? 'half' : 'low';
    return <span class={`heat ${tone}`}>{part}/{whole} · {Math.round(share * 100)}%</span>;
}

// Statistics closes a year that is done, or opens it again with a reason.
class Lock extends Component {
    state = { busy: false, error: null, refused: null, reason: '' };

    async sign() {
        const { pulled, tools, reload } = this.props;
        const unlock = pulled.locked;
        const { reason } = this.state;
        if (unlock && !reason.trim()) {
            tools.say(T('解锁必须写明理由', 'opening again needs a reason'));
            document.getElementById('unlock-reason').focus();
            return;
        }
        this.setState({ busy: true, error: null, refused: null });
        try {
            const item = await tools.withKeys(async (keys) => deliver(await keep(sign(KIND.LOCK, {
                plan: pulled.plan, place: long(pulled.place), period: pulled.period, unlock, reason: unlock ? reason.trim() : '',
            }, keys), { text: `${unlock ? T('解锁', 'unlock') : T('锁定', 'lock')} ${pulled.period}` }, keys.pins)));
            if (item.state === 'receipted') {
                tools.say(unlock ? T('已解锁，有回执', 'opened again, receipted') : T('已锁定，有回执', 'locked, receipted'));
                reload();
            }
            this.setState({ refused: item.state === 'receipted' ? null : item.error });
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false });
    }

    render({ pulled }, { busy, error, refused, reason }) {
        return (
            <div class="card">
                <div class="bar">
                    {pulled.locked ? <span class="state good">{T('本年度已锁定', 'this year is locked')}</span> : <span class="state plain">{T('本年度未锁定', 'this year is not locked')}</span>}
                    {pulled.locked && <label>{T('解锁理由', 'Reason to open it')} <input id="unlock-reason" maxLength={600} value={reason} onInput={(event) => this.setState({ reason: event.target.value })} /></label>}
                    <button type="button" disabled={busy} onClick={() => this.sign()}>{pulled.locked ? T('签名解锁', 'Sign and open again') : T('签名锁定', 'Sign and lock')}</button>
                </div>
                <Failure error={error} />
                {refused && <p class="notice bad" role="alert">{problemText(refused.problem)}</p>}
            </div>
        );
    }
}

const heat = (title, part, whole) => ({ title, number: true, cell: (row) => <Heat part={part(row)} whole={whole(row)} />, text: (row) => `${part(row)}/${whole(row)}` });

export function Completeness({ title, session, query, tools }) {
    const period = yearOf(query);
    return (
        <section>
            <div class="title"><h1>{title} · {period}</h1><YearPicker page="completeness" query={query} /></div>
            <Load key={period} load={() => load(session, period)}>{(value, reload) => {
                const rows = townshipRows(value);
                const names = Object.fromEntries(value.pulled.names.map((one) => [one.place, one.name]));
                return (
                    <>
                        {value.pulled.demonstration && <p><strong class="demo">{T('演示数据', 'Made-up figures (演示数据)')}</strong></p>}
                        {session.role === 'statistics' && <Lock pulled={value.pulled} tools={tools} reload={reload} />}
                        <Table caption={T('各报表', 'By form')} name={`completeness-${period}`} rows={value.pulled.completeness} rowKey={(row) => row.form} columns={[
                            { title: T('报表', 'Form'), cell: (row) => formWord(row.form) },
                            heat(T('已报', 'Received'), (row) => row.received, (row) => row.expected),
                            heat(T('已通过', 'Accepted'), (row) => row.accepted, (row) => row.expected),
                            heat(T('终审通过', 'Final'), (row) => row.final, (row) => row.expected),
                            { title: T('未报单位', 'Missing'), cell: (row) => row.missing.slice(0, 12).map((unit) => names[unit] || unit).join(T('、', ', ')) + (row.missing.length > 12 ? T(`等 ${row.missing.length} 个`, ` and ${row.missing.length - 12} more`) : '') },
                        ]} />
                        {rows.length > 0 && <Table caption={T('各乡镇（街道）的村报表', 'Villages by township')} name={`townships-${period}`} rows={rows} rowKey={(row) => row.unit.unit} columns={[
                            { title: T('乡镇（街道）', 'Township'), cell: (row) => T(row.unit.name_zh, row.unit.name_en) },
                            heat(T('村已报', 'Villages received'), (row) => row.received, (row) => row.expected),
                            heat(T('村已通过', 'Villages accepted'), (row) => row.accepted, (row) => row.expected),
                            { title: T('乡镇表', 'Own form'), cell: (row) => (row.own === null ? '–' : row.own ? <span class="state good">{T('已报', 'received')}</span> : <span class="state bad">{T('未报', 'missing')}</span>), text: (row) => String(row.own) },
                            { title: T('未报的村', 'Missing villages'), cell: (row) => row.absent.slice(0, 8).map((one) => T(one.name_zh, one.name_en)).join(T('、', ', ')) + (row.absent.length > 8 ? '…' : '') },
                        ]} />}
                    </>
                );
            }}</Load>
        </section>
    );
}
