// The administrator's units: who has a key, and a one-time code for who needs one.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { T, timeText } from '../lib/i18n.js';
import { placeOf, roleWord, unitCode } from '../lib/words.js';
import { Failure, Load, Table, saveCsv } from './parts.jsx';

const STATUS = { none: ['未登记', 'none', 'bad'], pending: ['待批准', 'pending', 'warn'], active: ['有效', 'active', 'good'], revoked: ['已吊销', 'revoked', 'bad'] };

const CODE_COLUMNS = () => [
    { title: T('代码', 'Code'), cell: (code) => unitCode(code.unit) }, { title: T('名称', 'Name'), cell: (code) => code.name_zh },
    { title: T('登记码', 'Enrolment code'), cell: (code) => code.code }, { title: T('有效至', 'Valid until'), cell: (code) => timeText(code.expires_us) },
];

class Units extends Component {
    state = { filter: '', codes: {}, error: null };

    async issue(unit) {
        try {
            const { codes } = await api.ask('KIND_ENROL_CODES', { units: [unit], valid_hours: 0 });
            this.setState((state) => ({ codes: { ...state.codes, [unit]: codes[0] }, error: null }));
        } catch (error) {
            this.setState({ error });
        }
    }

    // One for each unit without a key that works, as a file: each code is good once.
    async issueAll() {
        const { place, tools } = this.props;
        const all = [];
        this.setState({ busy: true, error: null });
        try {
            for (let answer = { more: true }; answer.more;) {
                answer = await api.ask('KIND_ENROL_CODES', { subtree: place, after: all.length ? all[all.length - 1].unit : '0' });
                all.push(...answer.codes);
            }
            if (all.length) saveCsv('codes', CODE_COLUMNS(), all);
            tools.say(all.length ? T(`${all.length} 个登记码已存为 codes.csv，请分别交给本单位`, `${all.length} codes saved as codes.csv: give each to its unit alone`) : T('各单位都有密钥，没有要发的', 'every unit has a key: none is needed'));
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false });
    }

    render({ units }, { filter, codes, error, busy }) {
        const rows = units.filter((unit) => !filter || unit.name_zh.includes(filter) || unit.name_en.toLowerCase().includes(filter.toLowerCase()) || unitCode(unit.unit).includes(filter));
        return (
            <>
                <div class="field"><label htmlFor="filter">{T('查找', 'Find')}</label><input id="filter" value={filter} onInput={(event) => this.setState({ filter: event.target.value.trim() })} /></div>
                <div class="bar"><button type="button" id="issue-all" disabled={busy} onClick={() => this.issueAll()}>{T('给还没有密钥的单位各发一个，存为文件', 'Issue one for each unit without a key, as a file')}</button></div>
                <Failure error={error} />
                <Table caption={T('单位', 'Units')} rows={rows} rowKey={(unit) => unit.unit} columns={[
                    { title: T('代码', 'Code'), cell: (unit) => unitCode(unit.unit) },
                    { title: T('名称', 'Name'), cell: (unit) => T(unit.name_zh, unit.name_en) },
                    { title: T('角色', 'Role'), cell: (unit) => roleWord(unit.role) },
                    { title: T('密钥', 'Key'), cell: (unit) => { const words = STATUS[unit.key_status] || ['', '', 'none']; return <span class={`state ${words[2]}`}>{T(words[0], words[1])}</span>; } },
                    { title: T('登记码', 'Enrolment code'), cell: (unit) => (codes[unit.unit]
                        ? <><code class="code">{codes[unit.unit].code}</code><br /><span class="help">{T('有效至', 'valid until')} {timeText(codes[unit.unit].expires_us)}</span></>
                        : <button type="button" class="quiet" onClick={() => this.issue(unit.unit)}>{T('发一个', 'Issue one')}</button>) },
                ]} />
            </>
        );
    }
}

export function Codes({ title, session, tools }) {
    return (
        <section>
            <h1>{title}</h1>
            <Load load={() => api.askAll('KIND_LIST_UNITS', { place: placeOf(session.unit) }, 'units')}>{(units) => <Units units={units} place={placeOf(session.unit)} tools={tools} />}</Load>
        </section>
    );
}
