// What became of a report: the code, its receipt, and after five minutes without one the duty phone.
import { Component } from 'preact';
import { fromBase64, fromHex } from '../lib/bytes.js';
import { dutyPhone } from '../lib/case_home.js';
import { piecesLeft, reportsOf } from '../lib/case_put.js';
import { codeText } from '../lib/case_seal.js';
import { ALARM_MS, isLate, waited } from '../lib/case_wait.js';
import { T, problemText, timeText } from '../lib/i18n.js';
import { covers, verifyReceipt } from '../lib/proof.js';
import { SETTLED, deliver } from '../lib/records.js';
import * as store from '../lib/store.js';
import { saveFile } from './parts.jsx';

const TICK_MS = 1000;

function proofOf(item) {
    try {
        const proof = verifyReceipt(item.receipt, item.pins.map(fromBase64));
        return covers(proof, { ...item, id: fromHex(item.id) }) ? proof : null;
    } catch (error) {
        return null;
    }
}

class Ticking extends Component {
    componentDidMount() {
        this.timer = setInterval(() => this.forceUpdate(), TICK_MS);
    }

    componentWillUnmount() {
        clearInterval(this.timer);
    }
}

function Code({ code }) {
    return (
        <div class="card">
            <h2>{T('查询码：请现在抄下', 'The code: write it down now')}</h2>
            <p class="bigcode" id="case-code">{codeText(code)}</p>
            <p class="help">{T('凭它在任何电脑或手机上不登录就能查进展、看答复（登录页“凭码查询”）。它只在这里显示一次，没有别处保存；有了它，别人也能查到，请收好。', 'With it the state and the answer can be read on any computer or phone without an account (“Ask by code” on the login page). It is shown only now and kept nowhere; whoever has it can read them too.')}</p>
        </div>
    );
}

function Receipted({ item, onDone }) {
    const proof = proofOf(item);
    if (!proof) return <p class="notice bad">✗ {T('回执核验不通过，不算送达：请拨打值班电话', 'the receipt does not verify, so it does not count: call the duty phone')}</p>;
    const done = async () => { await store.remove('record', item.id); onDone(); };
    return (
        <div class="notice good">
            <p><b>✓ {T('已送达，报告义务已经履行', 'Received: the duty to report is met')}</b></p>
            <p>{T(`服务器于 ${timeText(proof.receivedUs)} 收到并存入第 ${proof.batch} 批；回执已在本机核验。`, `The server received it at ${timeText(proof.receivedUs)} and stored it in batch ${proof.batch}; the receipt was verified here.`)}</p>
            <div class="bar">
                <button type="button" onClick={() => saveFile(`${item.id}.zbr`, item.receipt, 'application/octet-stream')}>{T('保存回执', 'Save the receipt')}</button>
                <button type="button" onClick={() => saveFile(`${item.id}.sealed`, item.payload, 'application/octet-stream')}>{T('保存密封的报告', 'Save the sealed report')}</button>
                <button type="button" id="done" class="main" onClick={done}>{T('完成，从本机清除', 'Done: remove it from this computer')}</button>
            </div>
        </div>
    );
}

function Waiting({ item, phone }) {
    const why = item.error ? problemText(item.error.problem) : '';
    if (isLate(item)) return <p class="notice bad" role="alert" id="alarm"><b>{waited(item) >= ALARM_MS ? T('五分钟了还没有回执：还没有人收到。请立即拨打值班电话', 'Five minutes without a receipt: nobody has received it. Call the duty phone now:') : T('还没有人收到，事情紧急：请立即拨打值班电话', 'Nobody has received it yet, and it is an emergency: call the duty phone now:')} <a href={`tel:${phone.replace(/[^0-9+]/g, '')}`}>{phone}</a></b> {why}</p>;
    const left = Math.max(0, Math.ceil((ALARM_MS - waited(item)) / 1000));
    return <p class="notice warn">{T(`已密封存在本机，正在送出；网络恢复后自动送达。${Math.floor(left / 60)} 分 ${left % 60} 秒内没有回执，会提示拨打值班电话。`, `Sealed and kept here, on its way; it is sent when the network returns. Without a receipt within ${Math.floor(left / 60)} min ${left % 60} s you are asked to call the duty phone.`)} {why}</p>;
}

export class Sent extends Ticking {
    componentDidMount() {
        super.componentDidMount();
        this.count = async () => this.setState({ left: await piecesLeft(this.props.item.id) });
        addEventListener(SETTLED, this.count);
        this.count();
    }

    componentWillUnmount() {
        super.componentWillUnmount();
        removeEventListener(SETTLED, this.count);
    }

    render({ item, code, phone, onDone }, { left }) {
        const refused = item.state === 'refused' || item.state === 'stuck';
        const again = async () => { await deliver({ ...item, state: 'waiting' }); onDone(); };
        return (
            <>
                {code && <Code code={code} />}
                {item.state === 'receipted' ? <Receipted item={item} onDone={onDone} /> : refused
                    ? <p class="notice bad" role="alert">{T(`没有送达：${problemText(item.error.problem)}。请拨打值班电话 ${phone}`, `Not received: ${problemText(item.error.problem)}. Call the duty phone ${phone}`)} <button type="button" class="quiet" onClick={again}>{T('重新发送', 'Send again')}</button></p>
                    : <Waiting item={item} phone={phone} />}
                {item.state === 'receipted' && left > 0 && <p class="notice warn">{T(`附件还有 ${left} 块在送`, `${left} pieces of the files are on their way`)}</p>}
            </>
        );
    }
}

// On every page: a report that nobody has received for five minutes. It tells nothing of what was sent.
export class CaseWatch extends Component {
    componentDidMount() {
        this.look = () => this.refresh().catch(() => {});
        this.timer = setInterval(this.look, 15000);
        addEventListener(SETTLED, this.look);
        this.look();
    }

    componentWillUnmount() {
        clearInterval(this.timer);
        removeEventListener(SETTLED, this.look);
    }

    async refresh() {
        const late = (await reportsOf(this.props.unit)).some(isLate);
        this.setState({ late, phone: late ? await dutyPhone(this.props.unit) : '' });
    }

    render(props, { late, phone }) {
        return late ? <p class="notice bad">{T(`有一份材料还没有送达，请拨打 ${phone}`, `something has not been received yet: call ${phone}`)}</p> : null;
    }
}
