// Two-step login: switched on with an authenticator, its recovery codes shown once, switched off.
import * as api from '../lib/api.js';
import { fromBase64 } from '../lib/bytes.js';
import { T } from '../lib/i18n.js';
import { derive } from '../lib/keys.js';
import { Field, Form } from './form.jsx';
import { Failure, Load } from './parts.jsx';

// Drawn as one path: the content policy lets no image in that is not ours, and this needs none.
function Code({ square }) {
    const rows = square.data.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('');
    return <svg class="qr" viewBox={`0 0 ${square.size} ${square.size}`} role="img" aria-label={T('验证器扫描的二维码；也可手工输入下面的密钥', 'QR code for the authenticator; the key below can be typed instead')} shapeRendering="crispEdges"><rect width={square.size} height={square.size} fill="#fff" /><path d={rows} fill="#000" /></svg>;
}

class Begin extends Form {
    async begin() {
        const { session, onBegun } = this.props;
        const { secret } = await derive(this.value('passphrase'), fromBase64(session.salt));
        const begun = await api.post('/api/factor/begin', { secret });
        const { encode } = await import('uqr');
        onBegun({ ...begun, square: encode(begun.uri, { border: 4 }) });
    }

    render(props, { busy, error }) {
        return (
            <form class="card" onSubmit={(event) => this.go(event, () => this.begin())}>
                <p>{T('现在只凭口令登录。开启后，登录时还要输入手机验证器上的6位数字，别人知道口令也登不进来。', 'You log in with your passphrase only. With two-step login the 6 digits of your phone’s authenticator are asked for too, so that knowing the passphrase is not enough.')}</p>
                <Field id="passphrase" label={T('先输入口令', 'Your passphrase first')} type="password" autocomplete="current-password" />
                <Failure error={error} />
                <button class="main" disabled={busy}>{busy ? T('请稍候…', 'one moment…') : T('开启两步验证', 'Switch two-step login on')}</button>
            </form>
        );
    }
}

class Confirm extends Form {
    render({ begun, onCodes }, { busy, error }) {
        return (
            <form class="card" onSubmit={(event) => this.go(event, async () => onCodes((await api.post('/api/factor/confirm', { code: this.value('code').trim() })).codes))}>
                <p>{T('用手机上的验证器（任何一种）扫描，或手工输入密钥。密钥只显示这一次。', 'Scan this with any authenticator on your phone, or type the key. It is shown this once.')}</p>
                <Code square={begun.square} />
                <p><span class="help">{T('密钥', 'Key')} </span><code class="code">{begun.secret.replace(/(.{4})/g, '$1 ')}</code></p>
                <p><a href={begun.uri}>{T('在这台设备的验证器里打开', 'Open in this device’s authenticator')}</a></p>
                <Field id="code" label={T('验证器现在显示的6位数字', 'The 6 digits that it shows now')} inputMode="numeric" autocomplete="one-time-code" maxLength={6} />
                <Failure error={error} />
                <button class="main" disabled={busy}>{T('确认', 'Confirm')}</button>
            </form>
        );
    }
}

function Codes({ codes, onDone }) {
    return (
        <div class="card">
            <h2>{T('已开启。请抄下恢复码', 'It is on. Write down the recovery codes')}</h2>
            <p>{T('手机丢了用它登录，每个只能用一次，只显示这一次。手机和恢复码都丢了，只有运行门户的人能取消两步验证。', 'They log you in when the phone is lost, each once, and are shown this once. Without phone and codes, only whoever runs the portal can switch two-step login off.')}</p>
            <ol class="codes">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ol>
            <button type="button" class="main" onClick={onDone}>{T('已抄好', 'I have them')}</button>
        </div>
    );
}

class End extends Form {
    render({ left, onDone }, { busy, error }) {
        return (
            <form class="card" onSubmit={(event) => this.go(event, async () => { await api.post('/api/factor/end', { code: this.value('code').trim() }); onDone(); })}>
                <p><span class="state good">{T('两步验证已开启', 'two-step login is on')}</span> {T(`恢复码还剩 ${left} 个`, `${left} recovery codes left`)}</p>
                <Field id="code" label={T('验证码或一个恢复码', 'A code, or a recovery code')} autocomplete="one-time-code" maxLength={32} />
                <Failure error={error} />
                <button disabled={busy}>{T('关闭两步验证', 'Switch two-step login off')}</button>
            </form>
        );
    }
}

export class Factor extends Form {
    render({ title, session }, { begun, codes }) {
        const anew = (reload) => { this.setState({ begun: null, codes: null }); reload(); };
        return (
            <section class="narrow">
                <h1>{title}</h1>
                <Load load={() => api.get('/api/factor')}>{({ on, codes_left: left }, reload) => {
                    if (codes) return <Codes codes={codes} onDone={() => anew(reload)} />;
                    if (on) return <End left={left} onDone={() => anew(reload)} />;
                    return begun ? <Confirm begun={begun} onCodes={(all) => this.setState({ codes: all })} />
                        : <Begin session={session} onBegun={(one) => this.setState({ begun: one })} />;
                }}</Load>
            </section>
        );
    }
}
