// Where a unit wants to be told besides the inbox, and what became of each notice.
import * as api from '../lib/api.js';
import { T, language, timeText } from '../lib/i18n.js';
import { KIND } from '../lib/proof.js';
import { long } from '../lib/records.js';
import { channelWord, delivery, noticeWord } from '../lib/terms.js';
import { placeOf } from '../lib/words.js';
import { Field, Load, Signer, Table } from './parts.jsx';

const load = (place) => api.askWhole('KIND_GET_NOTICES', place ? { place } : {}, ['notices']);

class Form extends Signer {
    constructor(props) {
        super(props);
        const { now } = props;
        this.state = { email: now ? now.email : '', webhook: now ? now.webhook : '', tongue: now ? now.language : language.now };
    }

    save() {
        const { session, tools, reload } = this.props;
        const { email, webhook, tongue } = this.state;
        return this.sign(KIND.CONTACT, { unit: long(session.unit), email: email.trim(), webhook: webhook.trim(), language: tongue },
            T('联系方式', 'contact'), () => { tools.say(T('联系方式已保存，有回执', 'contact saved, receipted')); reload(); });
    }

    render({ now }, { email, webhook, tongue, busy }) {
        const input = (name) => (event) => this.setState({ [name]: event.target.value });
        return (
            <div class="card">
                <h2>{T('本单位的联系方式', 'Own contact')}</h2>
                <p class="help">{T('催报、逾期、退回、督办等通知除了收件箱，还会发到这里；其中没有数字、理由和别人写的话。两项都留空即停止。', 'Reminders, returns and assignments are told here besides the inbox, without any figure, reason or text that somebody wrote. Leave both empty to end it.')}</p>
                {now && <p class="help">{T('上次更改', 'Last changed')} {timeText(now.time_us)}</p>}
                <div class="fields">
                    <Field id="email" label={T('电子邮箱', 'E-mail')}><input id="email" type="email" maxLength={200} value={email} onInput={input('email')} /></Field>
                    <Field id="webhook" label={T('网址（webhook）', 'Webhook URL')} help={T('只能是服务器管理员允许的主机', 'only hosts that the server allows')}><input id="webhook" type="url" maxLength={400} value={webhook} onInput={input('webhook')} /></Field>
                    <Field id="tongue" label={T('邮件的语言', 'Language of the e-mails')}><select id="tongue" value={tongue} onChange={input('tongue')}><option value="zh" lang="zh">中文</option><option value="en" lang="en">English</option></select></Field>
                </div>
                {this.outcome()}
                <button type="button" class="main" disabled={busy} onClick={() => this.save()}>{T('签名保存', 'Sign and save')}</button>
            </div>
        );
    }
}

const noticeColumns = (many) => [
    ...(many ? [{ title: T('单位', 'Unit'), cell: (row) => row.unit_name }] : []),
    { title: T('事项', 'Event'), cell: (row) => noticeWord(row.event) }, { title: T('方式', 'Way'), cell: (row) => channelWord(row.channel) },
    { title: T('时间', 'Time'), cell: (row) => timeText(row.made_us) },
    { title: T('结果', 'Result'), cell: (row) => { const { word, tone } = delivery(row.state); return <span class={`state ${tone}`}>{word}</span>; }, text: (row) => delivery(row.state).word },
    { title: T('次数', 'Tries'), number: true, cell: (row) => row.tries }, { title: T('上次失败的原因', 'Last failure'), long: true, cell: (row) => row.error },
];

export function Contact({ title, session, tools }) {
    const many = ['admin', 'auditor'].includes(session.role);
    return (
        <section>
            <h1>{title}</h1>
            <Load load={() => load(many ? placeOf(session.unit) : '')}>{({ contacts, notices }, reload) => (
                <>
                    <Form session={session} tools={tools} reload={reload} now={contacts.find((one) => one.unit === session.unit)} />
                    {many && <Table caption={T('各单位的联系方式', 'Contacts of the units')} name="contacts" rows={contacts} columns={[
                        { title: T('单位', 'Unit'), cell: (row) => row.unit_name }, { title: T('电子邮箱', 'E-mail'), cell: (row) => row.email },
                        { title: T('网址', 'Webhook'), cell: (row) => row.webhook }, { title: T('时间', 'Time'), cell: (row) => timeText(row.time_us) },
                    ]} empty={T('还没有单位留下联系方式', 'no unit has left a contact')} />}
                    <Table caption={T('发出的通知，最新在前', 'Notices, newest first')} name="notices" rows={notices} columns={noticeColumns(many)} empty={T('还没有发出过通知', 'no notice was sent yet')} />
                </>
            )}</Load>
        </section>
    );
}
