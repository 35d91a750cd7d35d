// The office gives a unit an assignment (督办): because of a warning, of a duty not done, or of itself.
import * as api from '../lib/api.js';
import { T, dayUs } from '../lib/i18n.js';
import { KIND } from '../lib/proof.js';
import { long } from '../lib/records.js';
import { placeOf, roleWord } from '../lib/words.js';
import { Field, Load, Signer } from './parts.jsx';

const OPEN = 1;
const WEEKS_MS = 21 * 24 * 3600 * 1000;
const ORDER = ['department', 'township', 'statistics', 'village'];

class Form extends Signer {
    constructor(props) {
        super(props);
        const { about } = props;
        this.state = {
            addressee: about.addressee || '', title: (about.title || '').slice(0, 60), text: about.text || '',
            due: new Date(Date.now() + WEEKS_MS).toISOString().slice(0, 10),
        };
    }

    componentDidMount() {
        document.getElementById('order').scrollIntoView();
        document.getElementById('addressee').focus();
    }

    save() {
        const { about, tools, onClose } = this.props;
        const { addressee, title, text, due } = this.state;
        if (!addressee) return tools.say(T('请选交办给哪个单位', 'say which unit is to do it'));
        if (!title.trim()) return tools.say(T('请写标题', 'a title is needed'));
        if (!(dayUs(due, true) > Date.now() * 1000)) return tools.say(T('期限须在今天或以后', 'the time limit has to lie ahead'));
        return this.sign(KIND.TASK, {
            action: OPEN, addressee: long(addressee), due_us: dayUs(due, true), title: title.trim(), text: text.trim(),
            plan: about.duty || about.indicator ? about.plan : '', duty: about.duty || '', indicator: about.indicator || '', period: about.period || 0,
        }, `${T('督办', 'assignment')} ${title.trim()}`, () => {
            tools.say(T('已交办，有回执', 'assigned, receipted'));
            onClose(true);
        });
    }

    render({ units, onClose }, { addressee, title, text, due, busy }) {
        const input = (name) => (event) => this.setState({ [name]: event.target.value });
        return (
            <div class="card" id="order">
                <h2>{T('督办', 'Assignment')}</h2>
                <div class="fields">
                    <Field id="addressee" label={T('交办给', 'For')}>
                        <select id="addressee" value={addressee} onChange={input('addressee')}>
                            <option value="">{T('请选择', 'choose')}</option>
                            {ORDER.map((role) => (
                                <optgroup key={role} label={roleWord(role)}>{units.filter((unit) => unit.role === role).map((unit) => <option key={unit.unit} value={unit.unit}>{T(unit.name_zh, unit.name_en)}</option>)}</optgroup>
                            ))}
                        </select>
                    </Field>
                    <Field id="due" label={T('期限（当天24时）', 'Due (end of the day)')}><input id="due" type="date" value={due} onInput={input('due')} /></Field>
                </div>
                <Field id="title" label={T('标题', 'Title')}><input id="title" maxLength={60} value={title} onInput={input('title')} /></Field>
                <Field id="text" label={T('要求', 'What is asked')}><textarea id="text" rows={3} maxLength={1200} value={text} onInput={input('text')} /></Field>
                {this.outcome()}
                <div class="bar">
                    <button type="button" class="main" disabled={busy} onClick={() => this.save()}>{T('签名交办', 'Sign and assign')}</button>
                    <button type="button" onClick={() => onClose(false)}>{T('不办了', 'Cancel')}</button>
                </div>
            </div>
        );
    }
}

export function OpenOrder(props) {
    return <Load load={() => api.askAll('KIND_LIST_UNITS', { place: placeOf(props.session.unit) }, 'units')}>{(units) => <Form {...props} units={units} />}</Load>;
}
