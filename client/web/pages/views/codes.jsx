// The administrator's units: who has a key, and a one-time code for who needs one.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { T, timeText } from '../lib/i18n.js';
import { placeOf, roleWord, unitCode } from '../lib/words.js';
import { Failure, Load, Table } from './parts.jsx';

const STATUS = { none: ['未登记', 'none', 'bad'], pending: ['待批准', 'pending', 'warn'], active: ['有效', 'active', 'good'], revoked: ['已吊销', 'revoked', 'bad'] };

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

    render({ units }, { filter, codes, error }) {
        const rows = units.filter((unit) => !filter || unit.name_zh.includes(filter) || unit.name_en.toLowerCase().includes(filter.toLowerCase()) || unitCode(unit.unit).includes(filter)).slice(0, 200);
        return (
            <>
                <div class="field"><label htmlFor="filter">{T('查找', 'Find')}</label><input id="filter" value={filter} onInput={(event) => this.setState({ filter: event.target.value.trim() })} /></div>
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

export function Codes({ title, session }) {
    return (
        <section>
            <h1>{title}</h1>
            <Load load={() => api.askAll('KIND_LIST_UNITS', { place: placeOf(session.unit) }, 'units')}>{(units) => <Units units={units} />}</Load>
        </section>
    );
}
