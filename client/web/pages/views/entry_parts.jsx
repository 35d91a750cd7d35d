// The pieces around the entry grid: rates, explanations, people, what became of it, drafts of another window.
import { base64 } from '../lib/bytes.js';
import { differences } from '../lib/drafts.js';
import { rateOf } from '../lib/form_rules.js';
import { T, problemText, timeText } from '../lib/i18n.js';
import { number } from './parts.jsx';
import { Proof } from './track.jsx';

export const clock = (ms) => timeText(ms * 1000).slice(5);

export function Rates({ rates, values }) {
    const rows = rates.map((rate) => ({ rate, value: rateOf(rate, values) })).filter((row) => row.value !== null);
    if (!rows.length) return null;
    return (
        <aside class="card" aria-live="off">
            <h2>{T('按所填算出的比率', 'Rates made from what is typed')}</h2>
            <dl class="rates">{rows.map(({ rate, value }) => (
                <div key={rate.zh}><dt>{T(rate.zh, rate.en)}</dt><dd>{number(value * 100, 2)}%</dd></div>
            ))}</dl>
        </aside>
    );
}

// `tried`: a person has tried to send it, so that what is missing is said.
export function Explanations({ soft, texts, tried, onText }) {
    if (!soft.length) return null;
    return (
        <section class="card">
            <h2>{T('须说明的情况', 'To be explained')}</h2>
            <p class="help">{T('写明原因，至少8个字；“情况属实”一类的套话会被退回。', 'Give the reason in 8 characters or more; phrases that say nothing are refused.')}</p>
            {soft.map((rule) => {
                const wrong = rule.why && (tried || texts[rule.at]) ? rule.why : '';
                return (
                    <div class="field" key={rule.name}>
                        <label htmlFor={`explain-${rule.at}`}>{rule.text}</label>
                        <textarea id={`explain-${rule.at}`} rows={2} maxLength={600} value={texts[rule.at] || ''} aria-invalid={wrong && tried ? 'true' : undefined} aria-describedby={wrong ? `why-${rule.at}` : undefined}
                            onInput={(event) => onText(rule.at, event.target.value)} />
                        {wrong && <span class="problem" id={`why-${rule.at}`}>{wrong}</span>}
                    </div>
                );
            })}
        </section>
    );
}

export function People({ draft, onText }) {
    const field = (name, label) => (
        <div class="field"><label htmlFor={name}>{label}</label>
            <input id={name} maxLength={60} autocomplete="off" value={draft[name]} onInput={(event) => onText(name, event.target.value)} /></div>
    );
    return <div class="people">{field('filler', T('填表人', 'Filled in by'))}{field('principal', T('负责人', 'Principal'))}{field('note', T('备注', 'Note'))}</div>;
}

export function Result({ result, tools }) {
    if (!result) return null;
    if (result.state === 'receipted')
        return (
            <div class="notice good">
                <p><strong>✓ {T('已报送，服务器已存入，回执核验通过。', 'Reported: the server has stored it and its receipt verifies.')}</strong></p>
                <Proof receipt={base64(result.receipt)} record={result.id} tools={tools} />
                {' '}<a href="#/tasks">{T('回到我的任务', 'Back to my tasks')}</a>
            </div>
        );
    const why = result.error ? problemText(result.error.problem) : '';
    if (result.state === 'waiting')
        return <p class="notice warn">{T('已签名并存在本机，网络恢复后自动送达。可以关闭浏览器。', 'Signed and kept here; it is sent when the network returns. You may close the browser.')} {why}</p>;
    if (result.state === 'stuck')
        return <p class="notice bad" role="alert">{T('已签名但送不出（在“回执”里可以重新发送）：', 'Signed, but it cannot be sent (try again under Receipts): ')}{why}</p>;
    return <p class="notice bad" role="alert">{T('被拒，没有存入：', 'Refused, nothing was stored: ')}{why}</p>;
}

// Another window saved this draft while this one had it open: a person says which goes on; the other is put aside.
export function Conflict({ conflict, draft, onChoose }) {
    const at = clock(conflict.at);
    if (conflict.locked)
        return <p class="notice bad" role="alert">{T(`另一个窗口用别的密钥在 ${at} 存了这份草稿，这里看不到它的内容。`, `Another window saved this draft under other keys at ${at}; it cannot be read here.`)}{' '}
            <button type="button" onClick={() => onChoose('mine')}>{T('用这里的', 'Keep this one')}</button></p>;
    const count = differences(draft, conflict.draft);
    return (
        <p class="notice warn" role="alert">{T(`另一个窗口在 ${at} 也改了这份草稿，与这里有 ${count} 处不同。两份都已存下；选一份接着填，另一份放在一边，可以换回。`,
            `Another window changed this draft too, at ${at}: ${count} places differ. Both are kept; choose one to go on with, the other is put aside and can be taken back.`)}{' '}
            <button type="button" onClick={() => onChoose('mine')}>{T('用这里的', 'Keep this one')}</button>{' '}
            <button type="button" onClick={() => onChoose('other')}>{T('用那边的', 'Take the other')}</button>
        </p>
    );
}

export function Asides({ aside, onTake }) {
    if (!aside.length) return null;
    return (
        <p class="help">{T('放在一边的草稿：', 'Drafts put aside: ')}
            {aside.slice(0, 5).map((one) => <button key={one.key} type="button" class="quiet" onClick={() => onTake(one)}>{clock(one.at)} {T('换回', 'take back')}</button>)}
        </p>
    );
}
