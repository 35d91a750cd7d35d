// The portal's own accounts of the units below: who has one, who is locked out; close, open, let try again, remove.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { T, timeText } from '../lib/i18n.js';
import { roleWord, unitCode } from '../lib/words.js';
import { Failure, Load, Table } from './parts.jsx';

function standing(row, nowUs) {
    if (row.closed) return [T('已停用', 'closed'), 'bad'];
    if (Number(row.locked_until_us) > nowUs) return [T('连续输错，暂停登录', 'resting after wrong passphrases'), 'warn'];
    if (row.prepared) return [T('登记未完成', 'enrolment not finished'), 'warn'];
    return [T('可用', 'in use'), 'good'];
}

class Board extends Component {
    state = { error: null, asked: '' };

    async act(name, what, said) {
        const { reload, tools } = this.props;
        try {
            await api.post('/api/account', { name, do: what });
            this.setState({ error: null, asked: '' });
            tools.say(said);
            reload();
        } catch (error) {
            this.setState({ error });
        }
    }

    actions(row) {
        const { name } = row;
        const own = name === this.props.session.name;
        const button = (word, what, said) => <button type="button" class="quiet" aria-label={`${word} ${name}`} onClick={() => this.act(name, what, said)}>{word}</button>;
        if (own) return T('本人', 'yourself');
        if (this.state.asked === name)
            return (
                <span class="row">
                    <span>{T('移除后，本人须用新的登记码重新登记。', 'Once removed, its person needs a new code to enrol again.')}</span>
                    {button(T('确定移除', 'Remove it'), 'remove', T('账户已移除', 'account removed'))}
                    <button type="button" class="quiet" onClick={() => this.setState({ asked: '' })}>{T('不移除', 'Keep it')}</button>
                </span>
            );
        return (
            <span class="row">
                {row.closed ? button(T('启用', 'Open'), 'open', T('账户已启用', 'account opened')) : button(T('停用', 'Close'), 'close', T('账户已停用，已登录的也退出', 'account closed, and logged out'))}
                {row.failures > 0 && button(T('允许再试', 'Let try again'), 'forgive', T('可以再登录了', 'it may try again'))}
                <button type="button" class="quiet" aria-label={`${T('移除', 'Remove')} ${name}`} onClick={() => this.setState({ asked: name })}>{T('移除', 'Remove')}</button>
            </span>
        );
    }

    render({ accounts }, { error }) {
        const nowUs = Date.now() * 1000;
        return (
            <>
                <Failure error={error} />
                <Table caption={T(`账户 ${accounts.length} 个`, `${accounts.length} accounts`)} name="accounts" rows={accounts} rowKey={(row) => row.name} columns={[
                    { title: T('账户名', 'Name'), cell: (row) => row.name }, { title: T('单位', 'Unit'), cell: (row) => row.unit_name }, { title: T('代码', 'Code'), cell: (row) => unitCode(row.unit) },
                    { title: T('角色', 'Role'), cell: (row) => roleWord(row.role) },
                    { title: T('状态', 'State'), cell: (row) => { const [word, tone] = standing(row, nowUs); return <span class={`state ${tone}`}>{word}</span>; }, text: (row) => standing(row, nowUs)[0] },
                    { title: T('连续输错', 'Wrong in a row'), number: true, cell: (row) => row.failures }, { title: T('登录着', 'Logged in'), number: true, cell: (row) => row.sessions },
                    { title: T('建立', 'Made'), cell: (row) => timeText(row.created_us) },
                    { title: T('办理', 'Do'), cell: (row) => this.actions(row), text: () => '' },
                ]} />
            </>
        );
    }
}

export function Accounts({ title, session, tools }) {
    return (
        <section>
            <h1>{title}</h1>
            <p class="help">{T('口令和签名密钥只有本人知道，门户和管理员都不能重设。忘了口令的：移除账户、吊销密钥、发新的登记码，本人重新登记。', 'Passphrase and signing keys are known to their person alone: neither portal nor administrator can set them anew. For a forgotten passphrase remove the account, revoke its key and issue a new code.')}</p>
            <Load load={() => api.get('/api/accounts')}>{({ accounts }, reload) => <Board accounts={accounts} session={session} tools={tools} reload={reload} />}</Load>
        </section>
    );
}
