// Keys with their holders: approve one that waits, revoke one that is lost, with a reason.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { fromBase64, hex } from '../lib/bytes.js';
import { T, timeText } from '../lib/i18n.js';
import { KIND } from '../lib/proof.js';
import { long } from '../lib/records.js';
import { keyStatus, officeWord } from '../lib/terms.js';
import { placeOf, roleWord, unitCode } from '../lib/words.js';
import { Field, Load, Signer, Table } from './parts.jsx';

const APPROVE = 2;
const REVOKE = 3;
const short = (key) => hex(fromBase64(key)).slice(0, 16);

class Change extends Signer {
    state = { reason: '' };

    componentDidMount() {
        document.getElementById('change').scrollIntoView();
        (document.getElementById('reason') || document.querySelector('#change button')).focus();
    }

    save() {
        const { row, tools, onClose } = this.props;
        const revoke = row.status === 'active';
        const reason = this.state.reason.trim();
        if (revoke && !reason) return tools.say(T('吊销须写明理由', 'revoking needs a reason'));
        return this.sign(KIND.KEY, { action: revoke ? REVOKE : APPROVE, subject: long(row.unit), key: fromBase64(row.key), reason },
            `${revoke ? T('吊销密钥', 'revoke a key') : T('批准密钥', 'approve a key')} ${row.unit_name}`, () => {
                tools.say(revoke ? T('密钥已吊销，有回执', 'key revoked, receipted') : T('密钥已批准，有回执', 'key approved, receipted'));
                onClose(true);
            });
    }

    render({ row, onClose }, { reason, busy }) {
        const revoke = row.status === 'active';
        return (
            <div class="card" id="change">
                <h2>{revoke ? T('吊销密钥', 'Revoke a key') : T('批准密钥', 'Approve a key')}{T('：', ': ')}{row.unit_name} <code>{short(row.key)}</code></h2>
                {revoke && <>
                    <p class="help">{T('吊销立即生效：这把密钥不能再签名、再连接；以前签的仍然有效。该单位须用新的登记码重新登记。', 'It takes effect at once: the key signs and connects no more; what it signed stays good. The unit needs a new code to enrol again.')}</p>
                    <Field id="reason" label={T('理由', 'Reason')}><input id="reason" maxLength={600} value={reason} onInput={(event) => this.setState({ reason: event.target.value })} /></Field>
                </>}
                {this.outcome()}
                <div class="bar">
                    <button type="button" class="main" disabled={busy} onClick={() => this.save()}>{revoke ? T('签名吊销', 'Sign and revoke') : T('签名批准', 'Sign and approve')}</button>
                    <button type="button" onClick={() => onClose(false)}>{T('不办了', 'Cancel')}</button>
                </div>
            </div>
        );
    }
}

class Board extends Component {
    state = { status: '', filter: '', row: null };

    columns() {
        const act = (row) => this.setState({ row });
        return [
            { title: T('单位', 'Unit'), cell: (row) => row.unit_name }, { title: T('代码', 'Code'), cell: (row) => unitCode(row.unit) },
            { title: T('角色', 'Role'), cell: (row) => roleWord(row.role) },
            { title: T('密钥编号', 'Key id'), cell: (row) => <code>{short(row.key)}</code>, text: (row) => hex(fromBase64(row.key)) },
            { title: T('持有人', 'Holder'), cell: (row) => [row.holder, officeWord(row.office)].filter(Boolean).join(' · ') },
            { title: T('状态', 'State'), cell: (row) => { const { word, tone } = keyStatus(row.status); return <span class={`state ${tone}`}>{word}</span>; }, text: (row) => keyStatus(row.status).word },
            { title: T('登记时间', 'Enrolled'), cell: (row) => timeText(row.enrolled_us) }, { title: T('单位最近联系', 'Unit last heard of'), cell: (row) => timeText(row.seen_us) },
            { title: T('办理', 'Do'), cell: (row) => (row.status === 'revoked' ? '' : <button type="button" class="quiet" aria-label={`${row.status === 'active' ? T('吊销', 'Revoke') : T('批准', 'Approve')} ${row.unit_name}`} onClick={() => act(row)}>{row.status === 'active' ? T('吊销', 'Revoke') : T('批准', 'Approve')}</button>), text: () => '' },
        ];
    }

    render({ keys, tools, reload }, { status, filter, row }) {
        const shown = keys.filter((key) => (!status || key.status === status) && (!filter || key.unit_name.includes(filter) || unitCode(key.unit).includes(filter) || short(key.key).startsWith(filter) || key.holder.includes(filter)));
        return (
            <>
                <div class="bar">
                    <label>{T('状态', 'State')} <select id="status" value={status} onChange={(event) => this.setState({ status: event.target.value })}><option value="">{T('全部', 'all')}</option>{['active', 'pending', 'revoked'].map((one) => <option key={one} value={one}>{keyStatus(one).word}</option>)}</select></label>
                    <label>{T('查找', 'Find')} <input id="filter" value={filter} onInput={(event) => this.setState({ filter: event.target.value.trim() })} /></label>
                </div>
                {row && <Change key={row.key} row={row} tools={tools} onClose={(done) => { this.setState({ row: null }); if (done) reload(); }} />}
                <Table caption={T(`密钥 ${shown.length} 把`, `${shown.length} keys`)} name="keys" rows={shown} rowKey={(key) => key.key} columns={this.columns()} empty={T('没有', 'none')} />
            </>
        );
    }
}

export function Keys({ title, session, tools }) {
    return (
        <section>
            <h1>{title}</h1>
            <Load load={() => api.askAll('KIND_LIST_KEYS', { place: placeOf(session.unit) }, 'keys')}>{(keys, reload) => <Board keys={keys} tools={tools} reload={reload} />}</Load>
        </section>
    );
}
