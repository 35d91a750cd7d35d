// The reporter's page (强制报告): one short page, sealed in this browser to those who handle it. What is typed is a draft
// sealed on this computer; what is sent is shown until there is a receipt, which is the proof that the duty was met.
import { Component } from 'preact';
import { forgetDraft, forgetFile, readDraft, readFiles, writeDraft, writeFile } from '../lib/case_home.js';
import { putReport, reportsOf, targetsOf } from '../lib/case_put.js';
import { DUTY, ROLE } from '../lib/case_route.js';
import { CHANNELS, DUTIES, MATTERS, wordOf } from '../lib/case_words.js';
import { T, timeText } from '../lib/i18n.js';
import { problem } from '../lib/person.js';
import { SETTLED, deliver, drain, long } from '../lib/records.js';
import { hideAddress } from '../lib/quick_exit.js';
import { placeOf, unitCode } from '../lib/words.js';
import { Files } from './case_files.jsx';
import { Sent } from './case_sent.jsx';
import { QuickExit, WithDirectory, unitName } from './case_parts.jsx';
import { Failure, Field } from './parts.jsx';

const SAVE_MS = 300;
const NUMBERS = (table) => table.map((row, index) => index).filter(Boolean);
const CHANNEL_OF = { village: 1 };

const blank = (session) => ({
    matter: 0, channel: CHANNEL_OF[session.role] || 0, emergency: false, place: '', where: '', found: timeText(Date.now() * 1000), child: '', sex: '', age: '', text: '',
    units: [], holders: [], named: '', name: '', phone: '', open: false,
});

// The places that say who receives it: the own one, the townships of the directory, or none in particular.
function placesOf(directory, session) {
    const own = placeOf(session.unit);
    const townships = [...new Set(directory.keys.filter((key) => key.duty === DUTY.township).map((key) => key.unit))];
    const rows = townships.filter((unit) => placeOf(unit) !== own).map((unit) => [placeOf(unit), unitName(directory, unit)]);
    return [...(own === directory.district ? [] : [[own, session.unit_name]]), ...rows, [directory.district, T('本区县其他地方', 'elsewhere in the district')]];
}

function Named({ directory, year, draft, onToggle, children }) {
    const seats = directory.keys.filter((key) => key.year === year && key.duty !== DUTY.department);
    const units = [...new Set(seats.map((seat) => seat.unit))];
    return (
        <details id="left-out" open={draft.units.length + draft.holders.length > 0 || draft.named !== ''}>
            <summary>{T('有单位或人不该收到？（涉及他们，或您信不过）', 'Must somebody not receive it? (named in it, or not trusted)')}</summary>
            {units.map((unit) => {
                const persons = [...new Set(seats.filter((seat) => seat.unit === unit).map((seat) => seat.holder))];
                const duty = seats.find((seat) => seat.unit === unit).duty;
                return (
                    <div key={unit}>
                        <label class="tick"><input type="checkbox" checked={draft.units.includes(unit)} onChange={() => onToggle('units', unit)} /> {unitName(directory, unit)} <span class="help">{wordOf(DUTIES, duty)}</span></label>
                        {persons.length > 1 && persons.map((holder) => <label key={holder} class="tick inner"><input type="checkbox" checked={draft.holders.includes(holder)} onChange={() => onToggle('holders', holder)} /> {T('只是其中一人，密钥', 'only one of them, key')} <code>{holder.slice(0, 8)}</code></label>)}
                    </div>
                );
            })}
            {children}
        </details>
    );
}

// Who will receive it, as it now stands.
function Recipients({ directory, targets }) {
    if (!targets) return <p class="notice bad">{T(`这样就没有人可以受理了，请立即拨打值班电话 ${directory.phone}`, `Then nobody is left who could take it: call the duty phone ${directory.phone} now`)}</p>;
    const names = (level) => [...new Set(targets.filter((one) => (level ? one.level > 0 : one.level === 0)).map(({ seat, role }) => `${unitName(directory, seat.unit)}${role === ROLE.lead ? T('（牵头）', ' (leads)') : ''}`))].join(T('、', ', '));
    return <p class="notice">{T('同时送达：', 'Received at the same moment by: ')}{names(0)}{names(1) && <>{T('；逾期不办时升级到：', '; when it is overdue also by: ')}{names(1)}</>}{T('。别人都打不开。', '. Nobody else can open it.')}</p>;
}

class Form extends Component {
    constructor(props) {
        super(props);
        this.state = { files: props.files, draft: { ...blank(props.session), ...props.draft }, error: null, busy: false, tried: false, saved: '' };
    }

    componentDidMount() {
        this.hidden = () => { if (this.timer) this.save(); };
        addEventListener('pagehide', this.hidden);
    }

    componentWillUnmount() {
        removeEventListener('pagehide', this.hidden);
        this.hidden();
    }

    edit(change) {
        this.setState(({ draft }) => ({ draft: { ...draft, ...change(draft) }, error: null }));
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.save(), SAVE_MS);
    }

    async save() {
        clearTimeout(this.timer);
        this.timer = null;
        try {
            await writeDraft(this.props.keys, this.state.draft);
            this.setState({ saved: T('草稿已加密存在本机', 'draft kept on this computer, sealed') });
        } catch (error) {
            this.setState({ saved: T('草稿没有存下：请不要关闭窗口', 'the draft could not be kept: do not close this window') });
        }
    }

    targets() {
        const { directory, year } = this.props;
        const { place, emergency, units, holders } = this.state.draft;
        try {
            return targetsOf(directory, year, place, emergency, { units, holders });
        } catch (error) {
            return null;
        }
    }

    // What is missing: the id of the first field.
    missing() {
        const { matter, channel, text } = this.state.draft;
        return !matter ? 'matter' : !text.trim() ? 'text' : !channel ? 'channel' : '';
    }

    content() {
        const { draft } = this.state;
        const { directory } = this.props;
        const named = [draft.named.trim(), ...draft.units.map((unit) => `${unitName(directory, unit)} ${unitCode(unit)}`), ...draft.holders].filter(Boolean).join('；');
        return {
            matter: draft.matter, channel: draft.channel, place: long(draft.place || 0), found: draft.found.trim(), child: draft.child.trim(), sex: draft.sex, age: draft.age === '' ? 0 : Number(draft.age) + 1,
            text: (draft.where.trim() ? `${T('地点', 'Where')}${T('：', ': ')}${draft.where.trim()}\n` : '') + draft.text.trim(), named, reporter: draft.open ? draft.name.trim() : '',
        };
    }

    async send(event) {
        event.preventDefault();
        const missing = this.missing();
        this.setState({ tried: true });
        if (missing) {
            document.getElementById(missing).focus();
            return;
        }
        this.setState({ busy: true });
        try {
            const { keys, directory, onSent } = this.props;
            const { draft } = this.state;
            const targets = this.targets();
            if (!targets) throw problem(`没有人可以受理，请立即拨打值班电话 ${directory.phone}`, `nobody is left who could take it: call ${directory.phone} now`);
            const made = await putReport(keys, { directory, targets, emergency: draft.emergency, content: this.content(), name: draft.name.trim(), phone: draft.phone.trim(), files: this.state.files });
            clearTimeout(this.timer);
            this.timer = null;
            await forgetDraft(keys.unit);
            onSent(made);
        } catch (error) {
            this.setState({ error, busy: false });
        }
    }

    toggle(name, value) {
        this.edit((draft) => ({ [name]: draft[name].includes(value) ? draft[name].filter((one) => one !== value) : [...draft[name], value] }));
    }

    async addFile(file) {
        this.setState(({ files }) => ({ files: [...files, file] }));
        await writeFile(this.props.keys, file);
    }

    async removeFile(id) {
        this.setState(({ files }) => ({ files: files.filter((file) => file.id !== id) }));
        await forgetFile(this.props.keys, id);
    }

    renderPeople() {
        const { draft } = this.state;
        const input = (name) => (event) => { const { value } = event.target; this.edit(() => ({ [name]: value })); };
        return (
            <details id="who" open={Boolean(draft.name || draft.phone || draft.open)}>
                <summary>{T('您是谁（可以不写；默认只有牵头单位看得到）', 'Who you are (may be left out; only the unit that leads sees it)')}</summary>
                <div class="fields">
                    <Field id="name" label={T('姓名', 'Name')}><input id="name" maxLength={100} autocomplete="off" value={draft.name} onInput={input('name')} /></Field>
                    <Field id="phone" label={T('电话', 'Phone')}><input id="phone" type="tel" maxLength={60} autocomplete="off" value={draft.phone} onInput={input('phone')} /></Field>
                </div>
                <label class="tick"><input id="open" type="checkbox" checked={draft.open} onChange={() => this.edit((now) => ({ open: !now.open }))} /> {T('也让乡镇等其他办理单位知道我是谁', 'Let the others who handle it know who I am too')}</label>
            </details>
        );
    }

    render({ directory, year, session }, { draft, files, error, busy, tried, saved }) {
        const input = (name, read = (value) => value) => (event) => { const value = read(event.target.value); this.edit(() => ({ [name]: value })); };
        const wrong = (name) => (tried && this.missing() === name ? 'true' : undefined);
        return (
            <form class="report" onSubmit={(event) => this.send(event)} novalidate>
                <p class="notice warn"><b>{T('有人正处在危险中？', 'Is somebody in danger now?')}</b> {T('先打', 'Call')} <a href="tel:110">110</a>{directory.phone && <>{T('，值班电话', ', duty phone')} {directory.phone}</>}</p>
                <Field id="matter" label={T('发生了什么事', 'What it is about')}>
                    <select id="matter" value={draft.matter} aria-invalid={wrong('matter')} onChange={input('matter', Number)}><option value={0}>{T('请选择', 'choose')}</option>{NUMBERS(MATTERS).map((one) => <option key={one} value={one}>{wordOf(MATTERS, one)}</option>)}</select>
                </Field>
                <label class="tick urgent"><input id="emergency" type="checkbox" checked={draft.emergency} onChange={() => this.edit((now) => ({ emergency: !now.emergency }))} /> {T('紧急：公安同时收到，一小时内必须受理', 'Emergency: the police receive it too, and it has to be taken up within an hour')}</label>
                <Field id="text" label={T('看到、听到了什么', 'What was seen or heard')}><textarea id="text" rows={5} maxLength={20000} aria-invalid={wrong('text')} value={draft.text} onInput={input('text')} /></Field>
                <Files id="files" files={files} onAdd={(file) => this.addFile(file)} onRemove={(id) => this.removeFile(id)} />
                <Field id="child" label={T('孩子是谁（姓名、住处，知道多少写多少）', 'Who the child is (name, home, as far as known)')}><textarea id="child" rows={2} maxLength={2000} value={draft.child} onInput={input('child')} /></Field>
                <div class="fields">
                    <Field id="sex" label={T('性别', 'Sex')}><select id="sex" value={draft.sex} onChange={input('sex')}><option value="">{T('不清楚', 'not known')}</option><option value="m">{T('男', 'male')}</option><option value="f">{T('女', 'female')}</option></select></Field>
                    <Field id="age" label={T('几岁（周岁）', 'Age in years')}><select id="age" value={draft.age} onChange={input('age')}><option value="">{T('不清楚', 'not known')}</option>{Array.from({ length: 18 }, (_, one) => <option key={one} value={String(one)}>{one}</option>)}</select></Field>
                    <Field id="place" label={T('在哪里', 'Where')}><select id="place" value={draft.place} onChange={input('place')}><option value="">{T('不清楚', 'not known')}</option>{placesOf(directory, session).map(([place, name]) => <option key={place} value={place}>{name}</option>)}</select></Field>
                    <Field id="where" label={T('详细地点', 'Exact place')}><input id="where" maxLength={300} autocomplete="off" value={draft.where} onInput={input('where')} /></Field>
                    <Field id="found" label={T('什么时候发现的', 'When it was found')}><input id="found" maxLength={100} autocomplete="off" value={draft.found} onInput={input('found')} /></Field>
                    <Field id="channel" label={T('从哪里知道的', 'Where it was noticed')}><select id="channel" aria-invalid={wrong('channel')} value={draft.channel} onChange={input('channel', Number)}><option value={0}>{T('请选择', 'choose')}</option>{NUMBERS(CHANNELS).map((one) => <option key={one} value={one}>{wordOf(CHANNELS, one)}</option>)}</select></Field>
                </div>
                <Named directory={directory} year={year} draft={draft} onToggle={(name, value) => this.toggle(name, value)}>
                    <Field id="named" label={T('还涉及谁（学校、单位或人，写名称）', 'Who else is named (school, unit or person)')}><input id="named" maxLength={300} autocomplete="off" value={draft.named} onInput={input('named')} /></Field>
                </Named>
                {this.renderPeople()}
                <Recipients directory={directory} targets={this.targets()} />
                {tried && this.missing() && <p class="notice bad" role="alert">{T('请选事项、渠道，并写情况', 'Choose what it is about and where it was noticed, and say what was seen')}</p>}
                <Failure error={error} />
                <div class="bar"><button class="main" disabled={busy}>{busy ? T('正在密封…', 'sealing…') : T('密封并报告', 'Seal and report')}</button><span id="saved" class="help">{saved}</span></div>
            </form>
        );
    }
}

// The form, or what became of the report that was just sent; and reports of before that still wait.
class Desk extends Component {
    constructor(props) {
        super(props);
        this.state = { made: null, items: props.items, fresh: false };
    }

    componentDidMount() {
        this.sent = () => this.refresh();
        addEventListener(SETTLED, this.sent);
    }

    componentWillUnmount() {
        removeEventListener(SETTLED, this.sent);
    }

    async refresh() {
        this.setState({ items: await reportsOf(this.props.session.unit) });
    }

    async begin(made) {
        this.setState({ made, fresh: true });
        await this.refresh();
        await deliver(made.item);
        await this.refresh();
        drain(this.props.session.unit).catch(() => {}); // its files, behind it
        const result = document.getElementById('result');
        if (result) result.focus();
    }

    render(props, { made, items, fresh }) {
        const shown = made && items.find((item) => item.id === made.item.id);
        const others = items.filter((item) => item !== shown);
        return (
            <>
                <div id="result" tabIndex={-1} aria-live="polite">
                    {shown && <Sent key={shown.id} item={shown} code={made.code} phone={props.directory.phone} onDone={() => { this.setState({ made: null }); this.refresh(); }} />}
                    {others.map((item) => <Sent key={item.id} item={item} phone={props.directory.phone} onDone={() => this.refresh()} />)}
                </div>
                {!shown && <Form {...props} {...(fresh ? { draft: null, files: [] } : {})} onSent={(one) => this.begin(one)} />}
            </>
        );
    }
}

export class CaseSend extends Component {
    componentDidMount() {
        hideAddress();
    }

    render({ title, session, tools }) {
        return (
            <section class="narrow">
                <div class="title"><h1>{title}</h1><QuickExit /></div>
                <p class="help">{T('在这台电脑上密封后才送出：门户、服务器和它们的管理员都打不开。', 'It is sealed on this computer before it is sent: the portal, the server and those who run them cannot open it.')}</p>
                <WithDirectory tools={tools}>{(value) => <Opened {...value} session={session} />}</WithDirectory>
            </section>
        );
    }
}

class Opened extends Component {
    async componentDidMount() {
        const { keys, session } = this.props;
        this.setState({ draft: await readDraft(keys), files: await readFiles(keys), items: await reportsOf(session.unit), ready: true });
    }

    render(props, { ready, draft, files, items }) {
        return ready ? <Desk {...props} files={files} draft={draft} items={items} /> : <p class="loading">{T('正在读取…', 'loading…')}</p>;
    }
}
