// Coming in: logging in, enrolling with a one-time code, and opening the keys again.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { base64, fromBase64, random } from '../lib/bytes.js';
import { T } from '../lib/i18n.js';
import { PASSPHRASE_LEAST, derive, makeKeys, sealBundle } from '../lib/keys.js';
import { Long, zhibao } from '../lib/messages.js';
import { login, openHere, problem, unlock } from '../lib/person.js';
import { KIND, covers, keyId, parseCode, sha256, signPayload, verifyReceipt } from '../lib/proof.js';
import { long } from '../lib/records.js';
import { Dialog } from './dialog.jsx';
import { Field, Form } from './form.jsx';
import { Failure } from './parts.jsx';

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

class Login extends Form {
    render({ onEnter, site }, { busy, error, second }) {
        return (
            <form onSubmit={(event) => this.go(event, async () => {
                const code = this.state.second ? this.value('code').trim() : '';
                try {
                    const { session, keys, secret } = await login(this.value('name').trim(), this.value('passphrase'), code);
                    onEnter(session, keys, secret);
                } catch (error) {
                    if (error.problem && error.problem.field === 'code') this.setState({ second: true }, () => document.getElementById('code').focus());
                    throw error;
                }
            })}>
                <Field id="name" label={T('账户名', 'Account')} autocomplete="username" />
                <Field id="passphrase" label={T('口令', 'Passphrase')} type="password" autocomplete="current-password" />
                {second && <Field id="code" label={T('验证码（验证器上的6位数字，或一个恢复码）', 'Code (6 digits of your authenticator, or a recovery code)')} autocomplete="one-time-code" maxLength={32} />}
                <Failure error={error} />
                <button class="main" disabled={busy}>{busy ? T('正在登录…', 'logging in…') : T('登录', 'Log in')}</button>
                <Lost />
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

// Without a network: who has logged in here before goes on with forms and drafts that are kept here.
export class Here extends Form {
    render({ people, onEnter, onRetry }, { busy, error }) {
        return (
            <div class="enter">
                <h1>{T('网络不通，先在本机填写', 'No network: work on here')}</h1>
                <p class="lead">{T('用口令打开本机存着的表和草稿，可以照常填写、签名；网络恢复后自动送达。', 'Your passphrase opens the forms and drafts kept on this computer. Fill in and sign as usual; everything is sent when the network returns.')}</p>
                <form onSubmit={(event) => this.go(event, async () => {
                    const person = people.find((one) => one.name === this.value('person'));
                    const { session, keys, secret } = await openHere(person, this.value('passphrase'));
                    onEnter(session, keys, secret);
                })}>
                    <div class="field">
                        <label htmlFor="person">{T('账户', 'Account')}</label>
                        <select id="person">{people.map((one) => <option key={one.name} value={one.name}>{one.name} · {one.unit_name}</option>)}</select>
                    </div>
                    <Field id="passphrase" label={T('口令', 'Passphrase')} type="password" autocomplete="current-password" />
                    <Failure error={error} />
                    <div class="row">
                        <button class="main" disabled={busy}>{busy ? T('正在打开…', 'opening…') : T('打开', 'Open')}</button>
                        <button type="button" onClick={onRetry}>{T('再连一次', 'Try the network again')}</button>
                    </div>
                </form>
            </div>
        );
    }
}

function Lost() {
    return (
        <details class="help">
            <summary>{T('忘记口令，或打不开密钥？', 'Passphrase forgotten, or keys that do not open?')}</summary>
            <p>{T('口令谁也找不回，管理员也不能重设：本单位的签名密钥由它加密。', 'Nobody can recover or reset a passphrase, not even the administrator: your unit’s signing key is sealed under it.')}</p>
            <p>{T('请管理员吊销本单位原来的密钥，再发一个新的登记码；用它在“首次登记”里取一个新账户名登记。已送达的材料和回执都还有效；这台电脑上没送出的草稿由原密钥加密，打不开了，须重填。', 'Ask the administrator to revoke your unit’s key and to give you a new one-time code, and enrol with it under a new account name. What was sent, and its receipts, stay valid. Drafts on this computer were sealed under the old key: they cannot be opened and have to be typed again.')}</p>
        </details>
    );
}

// After the page was opened anew the keys are closed: drafts and signing ask for the passphrase once.
export class Unlock extends Form {
    render({ session, onOpen, onCancel }, { busy, error }) {
        return (
            <Dialog title={T('打开密钥', 'Open your keys')} onCancel={onCancel}>
                <form onSubmit={(event) => this.go(event, async () => onOpen(await unlock(session, this.value('unlock'))))}>
                    <p>{T('草稿和签名密钥都用口令加密，只在本机打开。', 'Drafts and your signing key are sealed under your passphrase and opened on this computer only.')}</p>
                    <Field id="unlock" label={T('口令', 'Passphrase')} type="password" autocomplete="current-password" />
                    <Failure error={error} />
                    <div class="row">
                        <button class="main" disabled={busy}>{busy ? T('正在打开…', 'opening…') : T('打开', 'Open')}</button>
                        <button type="button" onClick={onCancel}>{T('取消', 'Cancel')}</button>
                    </div>
                    <Lost />
                </form>
            </Dialog>
        );
    }
}
