// Read-only tokens with which programs fetch figures: made, shown once, listed, revoked.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { T, timeText } from '../lib/i18n.js';
import { Field, Form } from './form.jsx';
import { Failure, Table } from './parts.jsx';

const DAYS = [30, 90, 365];

function standing(token, nowUs) {
    if (token.revoked_us !== '0') return [T('已吊销', 'revoked'), 'bad'];
    if (Number(token.expires_us) <= nowUs) return [T('已过期', 'expired'), 'bad'];
    return [T('有效', 'active'), 'good'];
}

const gives = (token) => (token.published ? T('可公布的数', 'what may be published') : T('准确数', 'exact figures'));

class Make extends Form {
    async make() {
        const { onMade } = this.props;
        const exact = this.value('gives') === 'exact';
        onMade(await api.post('/api/tokens/create', { label: this.value('label').trim(), days: Number(this.value('days')), published: !exact }));
    }

    render({ exact }, { busy, error }) {
        return (
            <form class="card" onSubmit={(event) => this.go(event, () => this.make())}>
                <h2>{T('新建令牌', 'A new token')}</h2>
                <Field id="label" label={T('用途（给谁、做什么）', 'What it is for')} maxLength={30} />
                <div class="field">
                    <label htmlFor="gives">{T('给出', 'It gives')}</label>
                    <select id="gives">
                        <option value="published">{T('可公布的数：小于5的数和能推出它的数不给', 'what may be published: no number below 5, nor what would tell one')}</option>
                        {exact && <option value="exact">{T('准确数：只在内部使用', 'exact figures: for internal use only')}</option>}
                    </select>
                </div>
                <div class="field">
                    <label htmlFor="days">{T('有效期', 'Valid for')}</label>
                    <select id="days">{DAYS.map((days) => <option key={days} value={days}>{T(`${days} 天`, `${days} days`)}</option>)}</select>
                </div>
                <Failure error={error} />
                <button class="main" disabled={busy}>{T('建立', 'Make it')}</button>
            </form>
        );
    }
}

class Board extends Component {
    state = { made: null, error: null };

    async revoke(id) {
        const { reload, tools } = this.props;
        try {
            await api.post('/api/tokens/revoke', { id });
            this.setState({ error: null, made: null });
            tools.say(T('令牌已吊销', 'token revoked'));
            reload();
        } catch (error) {
            this.setState({ error });
        }
    }

    render({ list, reload }, { made, error }) {
        const nowUs = Date.now() * 1000;
        return (
            <>
                {made && (
                    <div class="card">
                        <p class="notice good">{T('令牌已建立。请现在抄到要用它的程序里：只显示这一次。', 'The token is made. Copy it into the program now: it is shown this once.')}</p>
                        <p><code class="code" id="token">{made.token}</code></p>
                    </div>
                )}
                <Failure error={error} />
                <Table caption={T('令牌', 'Tokens')} rows={list.tokens} rowKey={(token) => token.id} empty={T('还没有令牌', 'no tokens yet')} columns={[
                    { title: T('用途', 'For'), cell: (token) => <span class="typed">{token.label}</span>, text: (token) => token.label },
                    { title: T('给出', 'Gives'), cell: gives },
                    { title: T('建立', 'Made'), cell: (token) => timeText(token.created_us) },
                    { title: T('有效至', 'Valid until'), cell: (token) => timeText(token.expires_us) },
                    { title: T('最近使用', 'Last used'), cell: (token) => timeText(token.used_us) || T('从未', 'never') },
                    { title: T('状态', 'State'), cell: (token) => { const [word, tone] = standing(token, nowUs); return <span class={`state ${tone}`}>{word}</span>; } },
                    { title: T('操作', 'Action'), cell: (token) => (standing(token, nowUs)[1] === 'good' ? <button type="button" class="quiet" aria-label={`${T('吊销', 'Revoke')} ${token.id}`} onClick={() => this.revoke(token.id)}>{T('吊销', 'Revoke')}</button> : '') },
                ]} />
                <Make exact={list.may_be_exact} onMade={(now) => { this.setState({ made: now, error: null }); reload(); }} />
            </>
        );
    }
}

export class Tokens extends Component {
    async componentDidMount() {
        this.reload();
    }

    async reload() {
        try {
            this.setState({ list: await api.get('/api/tokens'), error: null });
        } catch (error) {
            this.setState({ error });
        }
    }

    render({ title, tools }, { list, error }) {
        return (
            <section>
                <h1>{title}</h1>
                <p>{T('程序凭令牌读取汇总结果和填报数，不能改动任何东西。接口说明：', 'Programs read results and reports with a token; they can change nothing. How: ')}<a href="/api/docs" target="_blank" rel="noopener">/api/docs</a></p>
                <Failure error={error} />
                {list && <Board list={list} tools={tools} reload={() => this.reload()} />}
            </section>
        );
    }
}
