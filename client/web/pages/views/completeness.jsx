// Who has reported: a heat table by township and form, departments below, and who is missing by name.
import * as api from '../lib/api.js';
import { T } from '../lib/i18n.js';
import { placeOf } from '../lib/words.js';
import { Load, Table, YearPicker, yearOf } from './parts.jsx';

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

const heat = (title, part, whole) => ({ title, number: true, cell: (row) => <Heat part={part(row)} whole={whole(row)} />, text: (row) => `${part(row)}/${whole(row)}` });

export function Completeness({ title, session, query }) {
    const period = yearOf(query);
    return (
        <section>
            <div class="title"><h1>{title} · {period}</h1><YearPicker page="completeness" query={query} /></div>
            <Load key={period} load={() => load(session, period)}>{(value) => {
                const rows = townshipRows(value);
                const names = Object.fromEntries(value.pulled.names.map((one) => [one.place, one.name]));
                return (
                    <>
                        {value.pulled.demonstration && <p class="demo">{T('演示数据', 'Made-up figures (演示数据)')}</p>}
                        <Table caption={T('各报表', 'By form')} name={`completeness-${period}`} rows={value.pulled.completeness} rowKey={(row) => row.form} columns={[
                            { title: T('报表', 'Form'), cell: (row) => row.form },
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
