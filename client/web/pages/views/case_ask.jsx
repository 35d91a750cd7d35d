// Where a case stands, for whoever has the reporter's code: without an account too.
import { Component } from 'preact';
import { askState } from '../lib/case_read.js';
import { codeKeys, parseCode } from '../lib/case_seal.js';
import { ACTIONS, STATES, wordOf } from '../lib/case_words.js';
import { T, timeText } from '../lib/i18n.js';
import { problem } from '../lib/person.js';
import { hideAddress } from '../lib/quick_exit.js';
import { Due, QuickExit } from './case_parts.jsx';
import { Failure, Field } from './parts.jsx';

function State({ found }) {
    return (
        <div class="card" id="found" tabIndex={-1}>
            <h2>{T('状态', 'State')}{T('：', ': ')}{wordOf(STATES, found.state)}</h2>
            <p class="help">{T('收到', 'received')} {timeText(found.receivedUs)}</p>
            <ol class="steps">{found.steps.map((step, index) => (
                <li key={index} class={step.action === 'close' ? 'good' : ''}><b>{wordOf(ACTIONS, step.action)}</b> <time>{timeText(step.timeUs)}</time>{step.text && <p class="typed">{step.text}</p>}</li>
            ))}</ol>
            {found.due.map((due) => <p key={due.action}><Due due={due} word={wordOf(ACTIONS, due.action)} /></p>)}
        </div>
    );
}

export class CaseAsk extends Component {
    state = { text: '', found: null, error: null, busy: false };

    componentDidMount() {
        hideAddress();
    }

    async ask(event) {
        event.preventDefault();
        this.setState({ busy: true, error: null, found: null });
        try {
            const code = parseCode(this.state.text);
            if (!code) throw problem('查询码抄错了：共27位字母和数字，请核对', 'the code is not copied rightly: it has 27 letters and digits');
            const found = await askState(codeKeys(code));
            this.setState({ found, busy: false }, () => document.getElementById('found').focus());
        } catch (error) {
            this.setState({ error, busy: false });
        }
    }

    render({ title }, { text, found, error, busy }) {
        return (
            <section class="narrow">
                <div class="title"><h1>{title}</h1><QuickExit /></div>
                <form onSubmit={(event) => this.ask(event)}>
                    <Field id="code" label={T('查询码', 'Code')} help={T('报告时抄下的27位字母和数字，大小写、空格都可以。答复在这台设备上打开，门户看不到。', 'The 27 letters and digits written down with the report; case and blanks do not matter. The answer is opened on this device; the portal does not see it.')}>
                        <input id="code" class="bigcode" autocomplete="off" autocapitalize="characters" spellcheck={false} maxLength={60} value={text} onInput={(event) => this.setState({ text: event.target.value })} />
                    </Field>
                    <Failure error={error} />
                    <button class="main" disabled={busy}>{busy ? T('正在查询…', 'asking…') : T('查询', 'Ask')}</button>
                </form>
                {found && <State found={found} />}
            </section>
        );
    }
}
