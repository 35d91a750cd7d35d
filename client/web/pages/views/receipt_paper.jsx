// A receipt on paper: what it proves in words, and a QR code with the receipt itself, which this page and `zhibao verify
// --qr` check. Chinese and English side by side, as it may be shown to anybody.
import { Component } from 'preact';
import { base64, fromBase64, hex } from '../lib/bytes.js';
import { T, timeText } from '../lib/i18n.js';
import { verifyReceipt } from '../lib/proof.js';
import { kindWord, unitCode } from '../lib/words.js';
import { Failure } from './parts.jsx';

const PREFIX = 'ZBR1:';
const textOf = (receipt) => PREFIX + base64(receipt).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

// The receipt that a text of a QR code holds; throws for anything else.
function receiptOf(text) {
    const stripped = text.replace(/\s+/g, '');
    if (!stripped.startsWith(PREFIX)) throw new Error(T('不是回执的二维码', 'this is no receipt’s QR code'));
    const body = stripped.slice(PREFIX.length).replace(/-/g, '+').replace(/_/g, '/');
    return fromBase64(body + '='.repeat((4 - (body.length % 4)) % 4));
}

function Code({ square }) {
    const rows = square.data.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('');
    return <svg class="qr big" viewBox={`0 0 ${square.size} ${square.size}`} role="img" aria-label={T('回执的二维码', 'the receipt’s QR code')} shapeRendering="crispEdges"><rect width={square.size} height={square.size} fill="#fff" /><path d={rows} fill="#000" /></svg>;
}

const KIND_NAMES = { 1: 'REPORT', 2: 'REVIEW', 3: 'CONFIRMATION', 4: 'LOCK', 5: 'KEY', 6: 'PLAN', 9: 'CALENDAR', 10: 'EXTENSION', 11: 'TASK', 12: 'DOCUMENT', 14: 'CONTACT', 20: 'COMMENT' };

function Lines({ proof, what }) {
    const rows = [
        ['单位', 'Unit', unitCode(proof.unit)], ['材料', 'Record', what || kindWord(`RECORD_${KIND_NAMES[proof.kind]}`)], ['编号', 'Id', hex(proof.id)],
        ['收到', 'Received', timeText(proof.receivedUs)], ['批次', 'Batch', `${proof.batch} (${proof.index + 1}/${proof.leaves})`], ['服务器密钥', 'Server key', hex(proof.serverKey)],
        ['内容摘要', 'SHA-256', hex(proof.payloadHash)],
    ];
    return <table class="paper"><tbody>{rows.map(([zh, en, text]) => <tr key={en}><th scope="row">{zh} {en}</th><td>{text}</td></tr>)}</tbody></table>;
}

export class Paper extends Component {
    componentWillUnmount() {
        document.body.classList.remove('paper');
    }

    async componentDidMount() {
        document.body.classList.add('paper'); // of the page this alone is printed
        const { encode } = await import('uqr');
        this.setState({ square: encode(textOf(this.props.item.receipt), { border: 4 }) });
    }

    render({ item, what, onClose }, { square }) {
        const proof = verifyReceipt(item.receipt, item.pins.map(fromBase64));
        return (
            <section class="card sheet" id="paper">
                <h2>回执 Receipt</h2>
                <p>汇总服务器声明：下列材料已存入。 The aggregator states that this record is stored.</p>
                {square ? <Code square={square} /> : <p class="loading">{T('正在读取…', 'loading…')}</p>}
                <Lines proof={proof} what={what} />
                <p>核验：扫码，把得到的文字贴到门户的“回执”页，或运行 <code>zhibao verify --qr</code>。只信登记时固定的服务器密钥。</p>
                <p>To verify: scan the code and paste its text into the portal’s page of receipts, or run <code>zhibao verify --qr</code>. Only the key pinned at enrolment is trusted.</p>
                <details class="noprint"><summary>{T('二维码的文字', 'Text of the QR code')}</summary><code id="paper-text" class="breaks">{textOf(item.receipt)}</code></details>
                <p class="row noprint"><button type="button" class="main" disabled={!square} onClick={() => window.print()}>{T('打印', 'Print')}</button> <button type="button" onClick={onClose}>{T('关闭', 'Close')}</button></p>
            </section>
        );
    }
}

// A text scanned from paper, checked against this browser's pinned keys.
export class CheckPaper extends Component {
    state = { proof: null, error: null };

    check(event) {
        event.preventDefault();
        try {
            this.setState({ proof: verifyReceipt(receiptOf(document.getElementById('qr-text').value), this.props.pins), error: null });
        } catch (error) {
            this.setState({ proof: null, error: new Error(T(`核验不通过：${error.message}`, `Does not verify: ${error.message}`)) });
        }
    }

    render(props, { proof, error }) {
        return (
            <details class="card">
                <summary>{T('核验打印的回执', 'Check a printed receipt')}</summary>
                <form onSubmit={(event) => this.check(event)}>
                    <div class="field">
                        <label htmlFor="qr-text">{T('扫码得到的文字（ZBR1: 开头）', 'Text of the QR code (it begins with ZBR1:)')}</label>
                        <textarea id="qr-text" rows="4" required />
                    </div>
                    <button type="submit" class="main">{T('核验', 'Check')}</button>
                </form>
                <Failure error={error} />
                {proof && <><p class="state good" id="qr-good">✓ {T('核验通过：服务器声明已存入', 'Verified: the server stated that this is stored')}</p><Lines proof={proof} /></>}
            </details>
        );
    }
}
