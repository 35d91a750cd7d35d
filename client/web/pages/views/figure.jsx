// What is said of one figure: the comments on it, and the form to raise one.
import { T, timeText } from '../lib/i18n.js';
import { commentsOn, later, opening, stepsFor } from '../lib/comments.js';
import { commentAction, commentState } from '../lib/terms.js';
import { Field, Load, Signer } from './parts.jsx';

class Answer extends Signer {
    state = { text: '' };

    save(step) {
        const { item, tools, reload } = this.props;
        const text = this.state.text.trim();
        if (step === 'answer' && !text) return document.getElementById(`say-${item.comment.id}`).focus();
        const [kind, fields] = later(item, step, text);
        return this.sign(kind, fields, T('意见', 'comment'), () => { tools.say(step === 'answer' ? T('已答复，有回执', 'answered, receipted') : T('已了结，有回执', 'closed, receipted')); reload(); });
    }

    render({ item, steps }, { text, busy }) {
        const id = `say-${item.comment.id}`;
        return (
            <div class="answer">
                <Field id={id} label={steps.includes('answer') ? T('答复', 'Answer') : T('了结的说明（可不写）', 'Remark when closing (optional)')}>
                    <textarea id={id} rows={2} maxLength={600} value={text} onInput={(event) => this.setState({ text: event.target.value })} />
                </Field>
                {this.outcome()}
                <div class="bar">
                    {steps.includes('answer') && <button type="button" class="main" disabled={busy} onClick={() => this.save('answer')}>{T('签名答复', 'Sign and answer')}</button>}
                    {steps.includes('close') && <button type="button" class={steps.includes('answer') ? '' : 'main'} disabled={busy} onClick={() => this.save('close')}>{T('签名了结', 'Sign and close')}</button>}
                </div>
            </div>
        );
    }
}

// One comment with its steps and what one may do with it.
export function Comment({ item, session, tools, reload }) {
    const { word, tone } = commentState(item.state);
    const steps = stepsFor(item, session.unit);
    return (
        <article class="comment">
            <p><span class={`state ${tone}`}>{word}</span> {T(`由${item.reporter_name}答复`, `for ${item.reporter_name} to answer`)}{item.shown && T(`，当时的数 ${item.shown}`, `, seen as ${item.shown}`)}</p>
            <ol class="steps">{item.steps.map((step) => <li key={step.id}><b>{commentAction(step.action)}</b> {step.unit_name} · {timeText(step.time_us)}{step.text && <p class="typed">{step.text}</p>}</li>)}</ol>
            {steps.length > 0 && <Answer item={item} steps={steps} tools={tools} reload={reload} />}
        </article>
    );
}

class Raise extends Signer {
    state = { text: '', followUp: true };

    save(event) {
        event.preventDefault();
        const { figure, found, shown, tools, reload } = this.props;
        const text = this.state.text.trim();
        if (!text) return document.getElementById('comment').focus();
        const [kind, fields] = opening(figure, found, { text, followUp: this.state.followUp, shown });
        return this.sign(kind, fields, T('意见', 'comment'), () => { tools.say(T('意见已提出，有回执', 'comment raised, receipted')); reload(); });
    }

    render({ found }, { text, followUp, busy }) {
        return (
            <form id="raise" onSubmit={(event) => this.save(event)}>
                <Field id="comment" label={T('对这个数的意见', 'What you have to say of this figure')}>
                    <textarea id="comment" rows={2} maxLength={600} value={text} onInput={(event) => this.setState({ text: event.target.value })} />
                </Field>
                <label><input id="follow-up" type="checkbox" checked={followUp} onChange={(event) => this.setState({ followUp: event.target.checked })} /> {T(`须跟进：请${found.reporter_name}答复`, `flag it: ${found.reporter_name} is to answer`)}</label>
                {this.outcome()}
                <div class="bar"><button type="submit" class="main" disabled={busy}>{T('签名提出', 'Sign and raise')}</button></div>
            </form>
        );
    }
}

// `figure` as in lib/comments.js; `unit` of a cell; `shown`: the figure as it stands on the page; `answersOnly`: nobody comments here.
export function FigureComments({ figure, unit, shown, title, session, tools, onClose, answersOnly }) {
    const key = JSON.stringify([figure, unit]);
    return (
        <section class="card" id="figure" aria-label={title}>
            <div class="title"><h2>{T('意见：', 'Comments: ')}{title}{shown && ` = ${shown}`}</h2>{onClose && <button type="button" class="quiet" onClick={onClose}>{T('收起', 'Close')}</button>}</div>
            <Load key={key} load={() => commentsOn(figure, unit)}>{(found, reload) => (
                <>
                    {!found.comments.length && <p class="empty">{T('还没有意见', 'no comments yet')}</p>}
                    {found.comments.map((item) => <Comment key={item.comment.id} item={item} session={session} tools={tools} reload={reload} />)}
                    {found.reporter !== '0' && !answersOnly && <Raise figure={figure} found={found} shown={shown || ''} tools={tools} reload={reload} />}
                </>
            )}</Load>
        </section>
    );
}
