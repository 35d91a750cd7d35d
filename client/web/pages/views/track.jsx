// One record's way: every hop with who, when, why, and its receipt verified here.
import * as api from '../lib/api.js';
import { fromBase64, hex } from '../lib/bytes.js';
import { T, timeText } from '../lib/i18n.js';
import { verifyReceipt } from '../lib/proof.js';
import { formWord, kindWord, reasonText, stateTone, stepWord, unitCode } from '../lib/words.js';
import { Load, State } from './parts.jsx';
import { Component } from 'preact';

// A receipt against the pinned server keys, which are inside the bundle: they ask for the passphrase once.
export class Proof extends Component {
    state = { proof: null, error: '' };

    async check() {
        try {
            const keys = await this.props.tools.withKeys((open) => open);
            const proof = verifyReceipt(fromBase64(this.props.receipt), keys.pins);
            if (this.props.record && hex(proof.id) !== this.props.record)
                throw new Error(T('回执属于另一件材料', 'the receipt is of another record'));
            this.setState({ proof, error: '' });
        } catch (error) {
            this.setState({ proof: null, error: String(error.message || error) });
        }
    }

    render({ receipt }, { proof, error }) {
        if (!receipt) return null;
        if (proof)
            return (
                <span class="proof good">✓ {T(
                    `回执核验通过：第 ${proof.batch} 批第 ${proof.index + 1} 件（共 ${proof.leaves} 件），${timeText(proof.receivedUs)} 存入，服务器密钥 ${hex(proof.serverKey).slice(0, 8)}`,
                    `receipt verified: item ${proof.index + 1} of ${proof.leaves} in batch ${proof.batch}, stored ${timeText(proof.receivedUs)}, server key ${hex(proof.serverKey).slice(0, 8)}`,
                )}</span>
            );
        return (
            <>
                <button type="button" class="quiet" onClick={() => this.check()}>{T('核验回执', 'Verify receipt')}</button>
                {error && <span class="proof bad" role="alert">✗ {T('核验不通过', 'does not verify')}: {error}</span>}
            </>
        );
    }
}

function Steps({ report, tools }) {
    return (
        <article class="card">
            <h2>{report.unit_name} · {kindWord(report.kind)} {formWord(report.form)} · {report.period} · {T(`第 ${report.revision} 版`, `revision ${report.revision}`)} <State state={report.state} /></h2>
            <p class="help">{unitCode(report.unit)} · {T('编号', 'id')} {hex(fromBase64(report.id))}</p>
            <ol class="steps">
                {report.steps.map((step, index) => (
                    <li key={index} class={stateTone(step.state)}>
                        <span class={`state ${stateTone(step.state)}`}>{stepWord(step.state)}</span> <time>{timeText(step.time_us)}</time>{' '}
                        <span>{step.actor_name || T('汇总服务器', 'the aggregator')}</span>
                        {step.reason && <p class="reason">{T('理由：', 'reason: ')}{reasonText(step)}</p>}
                        <p><Proof receipt={step.receipt} record={step.record ? hex(fromBase64(step.record)) : ''} tools={tools} /></p>
                    </li>
                ))}
            </ol>
        </article>
    );
}

export function Track({ title, query, tools }) {
    const load = () => api.askAll('KIND_TRACK', query.id ? { id: query.id, subtree: true } : { period: Number(query.year) || 0 }, 'reports');
    return (
        <section>
            <h1>{title}</h1>
            <Load load={load}>{(reports) => (reports.length
                ? reports.map((report) => <Steps key={report.id} report={report} tools={tools} />)
                : <p class="empty">{T('没有找到，或无权查看', 'not found, or not yours to see')}</p>)}</Load>
        </section>
    );
}
