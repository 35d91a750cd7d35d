// What this browser has signed: on its way, refused, receipted; every receipt can be verified and kept.
import { Component } from 'preact';
import { fromBase64, fromHex } from '../lib/bytes.js';
import { T, problemText } from '../lib/i18n.js';
import { SETTLED, deliver, list } from '../lib/records.js';
import * as store from '../lib/store.js';
import { covers, verifyReceipt } from '../lib/proof.js';
import { Load, Table } from './parts.jsx';
import { CheckPaper, Paper } from './receipt_paper.jsx';

const KINDS = {
    1: ['报表', 'report'], 2: ['审核', 'review'], 3: ['汇总确认', 'confirmation'], 4: ['锁定', 'lock'], 5: ['密钥', 'key'], 6: ['规划', 'plan'],
    9: ['截止时间', 'cut-offs'], 10: ['延期', 'extension'], 11: ['督办', 'assignment'], 12: ['文件', 'document'], 14: ['联系方式', 'contact'], 20: ['意见', 'comment'], 31: ['个案名录', 'directory of cases'], 32: ['个案办理', 'case'], 33: ['个案查阅', 'case'], 46: ['个案附件', 'case'],
};

function save(item) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([item.receipt], { type: 'application/octet-stream' }));
    link.download = `${item.id}.zbr`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function isGood(item) {
    try {
        const id = fromHex(item.id);
        return covers(verifyReceipt(item.receipt, item.pins.map(fromBase64)), { ...item, id });
    } catch (error) {
        return false;
    }
}

function Standing({ item }) {
    if (item.state === 'receipted')
        return isGood(item) ? <span class="state good">✓ {T('有回执，核验通过', 'receipted, verified')}</span>
            : <span class="state bad">✗ {T('回执核验不通过', 'the receipt does not verify')}</span>;
    const why = item.error ? problemText(item.error.problem) : '';
    if (item.state === 'waiting') return <span class="state warn">{T('等待送达', 'on its way')} {why}</span>;
    return <span class="state bad">{item.state === 'refused' ? T('被拒', 'refused') : T('送不出', 'cannot be sent')}{T('：', ': ')}{why}</span>;
}

export class Receipts extends Component {
    componentDidMount() {
        this.sent = () => this.setState(({ sent }) => ({ sent: (sent || 0) + 1 }));
        addEventListener(SETTLED, this.sent);
    }

    componentWillUnmount() {
        removeEventListener(SETTLED, this.sent);
    }

    async again(item, reload) {
        await deliver({ ...item, state: 'waiting' });
        reload();
    }

    async forget(item, reload) {
        await store.remove('record', item.id);
        reload();
    }

    render({ title, session }, { sent, paper }) {
        return (
            <section>
                {paper && <Paper item={paper} what={paper.label.text} onClose={() => this.setState({ paper: null })} />}
                <h1>{title}</h1>
                <p class="help">{T('回执证明：服务器声明已把这份材料存入它的第几批第几件。核验只信登记时固定下来的服务器密钥。', 'A receipt proves that the server stated where it stored this record. It is verified only against the server key pinned at enrolment.')}</p>
                <Load key={sent} load={() => list(session.unit)}>{(items, reload) => (
                    <>
                    <CheckPaper pins={[...new Set(items.flatMap((item) => item.pins))].map(fromBase64)} />
                    <Table caption={T('本机签名的材料', 'Signed on this computer')} rows={items} rowKey={(item) => item.id} empty={T('还没有', 'nothing yet')} columns={[
                        { title: T('种类', 'Kind'), cell: (item) => T(...(KINDS[item.kind] || ['材料', 'record'])) },
                        { title: T('内容', 'What'), cell: (item) => item.label.text || `${item.label.form} ${item.label.period}` },
                        { title: T('编号', 'Id'), cell: (item) => <code>{item.id.slice(0, 8)}</code> },
                        { title: T('状态', 'State'), cell: (item) => <Standing item={item} /> },
                        { title: T('办理', 'Do'), cell: (item) => (
                            <span class="row">
                                {item.receipt && <button type="button" class="quiet" onClick={() => save(item)}>{T('保存回执', 'Save receipt')}</button>}
                                {item.receipt && isGood(item) && <button type="button" class="quiet" onClick={() => { this.setState({ paper: item }); window.scrollTo(0, 0); }}>{T('打印回执', 'Print receipt')}</button>}
                                {(item.state === 'waiting' || item.state === 'stuck') && <button type="button" class="quiet" onClick={() => this.again(item, reload)}>{T('重新发送', 'Send again')}</button>}
                                {item.state === 'refused' && <button type="button" class="quiet" onClick={() => this.forget(item, reload)}>{T('从列表移去', 'Take off the list')}</button>}
                            </span>
                        ) },
                    ]} />
                    </>
                )}</Load>
            </section>
        );
    }
}

