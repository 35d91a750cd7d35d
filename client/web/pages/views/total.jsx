// The township's total: what it is made of, what is missing, and its signature over exactly that.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { fromBase64 } from '../lib/bytes.js';
import { T, problemText } from '../lib/i18n.js';
import { KIND } from '../lib/proof.js';
import { deliver, keep, long, sign } from '../lib/records.js';
import { placeOf, presenceWord, stratumWords, unitWord } from '../lib/words.js';
import { Failure, Load, State, Table, YearPicker, number, yearOf } from './parts.jsx';
import { newest } from '../lib/entry_load.js';

async function load(session, form, period) {
    const [total, { forms }, units, reports] = await Promise.all([
        api.ask('KIND_TOTAL', { form, period }), api.ask('KIND_GET_FORM', { form }),
        api.askAll('KIND_LIST_UNITS', { place: placeOf(session.unit) }, 'units'),
        api.askAll('KIND_TRACK', { form, period }, 'reports'),
    ]);
    const names = Object.fromEntries(units.map((unit) => [unit.unit, T(unit.name_zh, unit.name_en)]));
    return { total, sheet: forms[0], names, confirmed: newest(reports, 'RECORD_CONFIRMATION', form) };
}

const confirmationOf = (total) => ({
    plan: total.plan, form: total.form, form_version: total.form_version, period: total.period, revision: total.next_revision,
    reports: total.reports.map((ref) => ({ unit: long(ref.unit), id: fromBase64(ref.id), payload_sha256: fromBase64(ref.payload_sha256) })),
    totals: { cell: total.totals.cell, presence: total.totals.presence, value: total.totals.value.map(Number) },
    reporters: total.reporters, missing: total.missing.map(long), demonstration: Boolean(total.demonstration),
});

class Sheet extends Component {
    state = { busy: false, result: null, error: null };

    async confirm() {
        const { value, tools, reload } = this.props;
        this.setState({ busy: true, error: null });
        try {
            const result = await tools.withKeys(async (keys) => deliver(await keep(
                sign(KIND.CONFIRMATION, confirmationOf(value.total), keys),
                { form: value.total.form, period: value.total.period, text: T('乡镇汇总确认', 'township total') }, keys.pins,
            )));
            this.setState({ result });
            if (result.state === 'receipted') tools.say(T('汇总已确认，回执核验通过', 'total confirmed, its receipt verifies'));
            reload();
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false });
    }

    render({ value }, { busy, result, error }) {
        const { total, sheet, names, confirmed } = value;
        const cells = Object.fromEntries(sheet.cells.map((cell) => [cell.cell, cell]));
        const rows = total.totals ? total.totals.cell.map((cell, index) => ({
            cell: cells[cell] || { cell, name_zh: '', name_en: '', stratum: '', unit: '' }, presence: total.totals.presence[index], value: total.totals.value[index], reporters: total.reporters[index],
        })) : [];
        return (
            <>
                <p>{T(`已通过 ${total.reports.length} 个村`, `${total.reports.length} villages accepted`)}{confirmed && <> · {T('最近一次确认', 'last confirmation')} {T(`第 ${confirmed.revision} 版`, `revision ${confirmed.revision}`)} <State state={confirmed.state} /></>}</p>
                {total.demonstration && <p class="notice warn">{T('演示数据：汇总中有虚构的数字', 'Demonstration: the total has made-up figures in it')}</p>}
                {total.missing.length > 0 && <p class="notice warn">{T('还缺：', 'missing: ')}{total.missing.map((unit) => names[unit] || unit).join(T('、', ', '))}</p>}
                <Table caption={T('汇总', 'Total')} name={`total-${total.period}`} rows={rows} rowKey={(row) => row.cell.cell} columns={[
                    { title: T('项', 'Item'), cell: (row) => row.cell.cell },
                    { title: T('名称', 'Name'), cell: (row) => `${T(row.cell.name_zh, row.cell.name_en)}${row.cell.stratum ? ` · ${stratumWords(row.cell.stratum)}` : ''}` },
                    { title: T('单位', 'Unit'), cell: (row) => unitWord(row.cell.unit) },
                    { title: T('合计', 'Total'), number: true, cell: (row) => (row.presence === 1 ? number(row.value) : presenceWord(row.presence)) },
                    { title: T('填报村数', 'Villages'), number: true, cell: (row) => row.reporters },
                ]} />
                <Failure error={error} />
                {result && result.state !== 'receipted' && <p class="notice bad" role="alert">{result.error && problemText(result.error.problem)}</p>}
                <div class="bar"><button type="button" class="main" disabled={busy || !total.reports.length} onClick={() => this.confirm()}>{T('签名确认汇总', 'Sign and confirm the total')}</button></div>
            </>
        );
    }
}

export function Total({ title, session, query, tools }) {
    const period = yearOf(query);
    return (
        <section>
            <div class="title"><h1>{title} · {period}</h1><YearPicker page="total" query={query} /></div>
            <Load key={period} load={() => load(session, query.form || 'village', period)}>{(value, reload) => <Sheet value={value} tools={tools} reload={reload} />}</Load>
        </section>
    );
}
