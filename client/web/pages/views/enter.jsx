// Coming in: logging in, enrolling with a one-time code, and opening the keys again.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { base64, fromBase64, random } from '../lib/bytes.js';
import { T } from '../lib/i18n.js';
import { PASSPHRASE_LEAST, derive, makeKeys, openBundle, sealBundle } from '../lib/keys.js';
import { Long, zhibao } from '../lib/messages.js';
import { KIND, covers, keyId, parseCode, sha256, signPayload, verifyReceipt } from '../lib/proof.js';
import { long } from '../lib/records.js';
import { Failure } from './parts.jsx';

const problem = (zh, en) => ({ problem: { name: 'LOCAL', zh, en, field: '', cell: 0 } });

export class Enter extends Component {
    state = { enrol: false };

    render({ onEnter, site }, { enrol }) {
        return (
            <div class="enter">
                <h1>{T('儿童发展规划年度监测 · 直报', 'Children’s plan monitoring')}</h1>
                <p class="lead">{T('一次填报，逐级审核，每一步都有回执。', 'Reported once, reviewed at each level, every step receipted.')}</p>
                <div class="tabs">
                    <button type="button" aria-pressed={!enrol} onClick={() => this.setState({ enrol: false })}>{T('登录', 'Log in')}</button>
                    <button type="button" aria-pressed={enrol} onClick={() => this.setState({ enrol: true })}>{T('首次登记', 'First enrolment')}</button>
                </div>
                {enrol ? <Enrol onEnter={onEnter} /> : <Login onEnter={onEnter} site={site} />}
            </div>
        );
    }
}

async function login(name, passphrase) {
    api.setToken('none');
    const { salt } = await api.post('/api/salt', { name });
    const derived = await derive(passphrase, fromBase64(salt));
    const { session } = await api.post('/api/login', { name, secret: derived.secret });
    return { session, keys: openBundle(fromBase64(session.bundle), derived.key) };
}

class Form extends Component {
    state = { busy: false, error: null };

    // Runs `work` once, showing that it is at work and what failed.
    async go(event, work) {
        event.preventDefault();
        if (this.state.busy) return;
        this.setState({ busy: true, error: null });
        try {
            await work();
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false });
    }

    value(name) {
        return document.getElementById(name).value;
    }
}

function Field({ id, label, type = 'text', help, ...rest }) {
    return (
        <div class="field">
            <label htmlFor={id}>{label}</label>
            <input id={id} type={type} required aria-describedby={help ? `${id}-help` : undefined} {...rest} />
            {help && <p class="help" id={`${id}-help`}>{help}</p>}
        </div>
    );
}

class Login extends Form {
    render({ onEnter, site }, { busy, error }) {
        return (
            <form onSubmit={(event) => this.go(event, async () => {
                const { session, keys } = await login(this.value('name').trim(), this.value('passphrase'));
                onEnter(session, keys);
            })}>
                <Field id="name" label={T('账户名', 'Account')} autocomplete="username" />
                <Field id="passphrase" label={T('口令', 'Passphrase')} type="password" autocomplete="current-password" />
                <Failure error={error} />
                <button class="main" disabled={busy}>{busy ? T('正在登录…', 'logging in…') : T('登录', 'Log in')}</button>
                {site.demonstration && <p class="help">{T('演示账户见启动时打印的说明。', 'Accounts of the demonstration were printed when it was started.')}</p>}
            </form>
        );
    }
}

class Enrol extends Form {
    async enrol() {
        const name = this.value('name').trim();
        const passphrase = this.value('passphrase');
        if (passphrase !== this.value('again')) throw problem('两次口令不一致', 'the passphrases differ');
        let code;
        try {
            code = parseCode(this.value('code'));
        } catch (error) {
            throw problem('登记码不完整或有误：请从“ZB1-”开始完整复制', 'the code is damaged: copy all of it, beginning with "ZB1-"');
        }
        api.setToken('none');
        const lent = await api.post('/api/enrol/key', { code: code.text });
        const keys = { ...makeKeys(), unit: code.unit, pins: [code.signKey] };
        const salt = random(16);
        const derived = await derive(passphrase, salt);
        const id = random(16);
        const payload = zhibao.KeyChange.encode({
            head: { id, unit: long(code.unit), signed_at_us: Long.fromNumber(Date.now() * 1000) },
            action: 1, subject: long(code.unit), key: keyId(keys.sign.publicKey), algorithm: 1,
            sign_public: keys.sign.publicKey, transport_public: fromBase64(lent.transport_public),
            encrypt_public: keys.encrypt.publicKey, code_hash: sha256(code.secret),
        }).finish();
        const record = zhibao.Record.encode({
            kind: KIND.KEY, payload, key: keyId(keys.sign.publicKey), algorithm: 1,
            signature: signPayload(KIND.KEY, payload, keys.sign.secretKey),
        }).finish();
        const bundle = sealBundle(keys, code.unit, keys.pins, derived.key);
        const { session } = await api.post('/api/enrol', {
            code: code.text, name, secret: derived.secret, salt: base64(salt), bundle: base64(bundle), record: base64(record),
        });
        api.setToken(session.token);
        await this.check(code, id, payload);
        this.props.onEnter(session, keys);
    }

    // The server that answered is the one whose key the code named.
    async check(code, id, payload) {
        const { receipt } = await api.ask('KIND_GET_RECEIPT', { kind: 'RECORD_KEY', unit: code.unit, id: base64(id) });
        const proof = verifyReceipt(fromBase64(receipt), [code.signKey]);
        if (!covers(proof, { kind: KIND.KEY, unit: code.unit, id, payload }))
            throw problem('登记的回执核验不通过，请向管理员核实', 'the enrolment’s receipt does not verify: ask the administrator');
    }

    render(props, { busy, error }) {
        return (
            <form onSubmit={(event) => this.go(event, () => this.enrol())}>
                <div class="field">
                    <label htmlFor="code">{T('一次性登记码', 'One-time code')}</label>
                    <textarea id="code" required rows={3} spellcheck={false} autocomplete="off" aria-describedby="code-help" />
                    <p class="help" id="code-help">{T('管理员给本单位的，以“ZB1-”开头，只能用一次。', 'Given to your unit by the administrator; begins with "ZB1-", good once.')}</p>
                </div>
                <Field id="name" label={T('账户名（自己取，登录用）', 'Account (choose one)')} autocomplete="username" maxLength={60} pattern="\S+" />
                <Field id="passphrase" label={T('口令', 'Passphrase')} type="password" autocomplete="new-password" minLength={PASSPHRASE_LEAST} help={T('至少8个字符。本单位的签名密钥由它保护，谁也找不回它，请记牢。', 'At least 8 characters. It protects your unit’s signing key and nobody can recover it.')} />
                <Field id="again" label={T('再输一次', 'Once more')} type="password" autocomplete="new-password" minLength={PASSPHRASE_LEAST} />
                <Failure error={error} />
                <button class="main" disabled={busy}>{busy ? T('正在登记…', 'enrolling…') : T('登记', 'Enrol')}</button>
            </form>
        );
    }
}

// After the page was opened anew the keys are closed: signing asks for the passphrase once.
export class Unlock extends Form {
    componentDidMount() {
        document.getElementById('unlock').focus();
    }

    async open() {
        const { session, onOpen } = this.props;
        const { key } = await derive(this.value('unlock'), fromBase64(session.salt));
        let keys;
        try {
            keys = openBundle(fromBase64(session.bundle), key);
        } catch (error) {
            throw problem('口令不对', 'wrong passphrase');
        }
        onOpen(keys);
    }

    render({ onCancel }, { busy, error }) {
        return (
            <div class="veil" onKeyDown={(event) => { if (event.key === 'Escape') onCancel(); }}>
                <form class="dialog" role="dialog" aria-modal="true" aria-labelledby="unlock-title" onSubmit={(event) => this.go(event, () => this.open())}>
                    <h2 id="unlock-title">{T('签名', 'Sign')}</h2>
                    <p>{T('签名密钥只在本机打开，请输入口令。', 'Your signing key is opened on this computer only: enter the passphrase.')}</p>
                    <Field id="unlock" label={T('口令', 'Passphrase')} type="password" autocomplete="current-password" />
                    <Failure error={error} />
                    <div class="row">
                        <button class="main" disabled={busy}>{T('签名', 'Sign')}</button>
                        <button type="button" onClick={onCancel}>{T('取消', 'Cancel')}</button>
                    </div>
                </form>
            </div>
        );
    }
}
