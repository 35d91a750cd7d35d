// One row of a plan's file as a form: a target, or a change of definition.
import { Component } from 'preact';
import { T } from '../lib/i18n.js';
import { scopeWord } from '../lib/words.js';
import { Field } from './parts.jsx';

const OPERATORS = ['<=', '>=', '<', '>', '=', '~', 'maintain>=', 'maintain<=', 'decrease_by_pct', 'decrease_by_points_per_year', 'increase', 'decrease', 'qualitative'];
const OPERATOR_WORDS = {
    '<=': ['≤', '≤'], '>=': ['≥', '≥'], '<': ['<', '<'], '>': ['>', '>'], '=': ['=', '='], '~': ['约', 'about'], 'maintain>=': ['保持 ≥', 'stay ≥'], 'maintain<=': ['保持 ≤', 'stay ≤'],
    decrease_by_pct: ['降低 %', 'decrease by %'], decrease_by_points_per_year: ['每年降低百分点', 'points less a year'], increase: ['提高', 'increase'], decrease: ['降低', 'decrease'], qualitative: ['定性目标', 'in words only'],
};
const BASES = { explicit: ['文中写明', 'explicit'], implied: ['规划末年', 'implied: the last year'], annual: ['每年', 'every year'], none: ['没有', 'none'] };
const SCOPES = ['local', 'each_township', 'each_institution', 'each_child', 'each_site', 'provincial', 'national', 'municipal'];
const ASPECTS = { definition: ['定义', 'definition'], denominator: ['分母', 'denominator'], source: ['来源', 'source'] };
const words = (pairs) => Object.entries(pairs).map(([value, [zh, en]]) => [value, T(zh, en)]);

// name, label, kind of input: a list of choices, 'indicator', 'year' or 'text'
const FIELDS = {
    targets: () => [
        ['target', T('代码', 'Code'), 'text'], ['indicator', T('指标', 'Indicator'), 'indicator'], ['stratum', T('分组（如 sex=f）', 'Group, such as sex=f'), 'text'],
        ['operator', T('怎样比较', 'Operator'), OPERATORS.map((one) => [one, T(...OPERATOR_WORDS[one])])], ['value', T('数值', 'Value'), 'text'], ['year', T('年份', 'Year'), 'text'],
        ['year_basis', T('年份的依据', 'Basis of the year'), words(BASES)], ['scope', T('范围', 'Scope'), SCOPES.map((one) => [one, scopeWord(one)])],
        ['base_year', T('基期', 'Base year'), 'text'], ['base_value', T('基数', 'Base value'), 'text'], ['section', T('章节', 'Section'), 'text'],
        ['quote', T('规划原文', 'Quote'), 'text'], ['note', T('备注', 'Note'), 'text'],
    ],
    definitions: () => [
        ['indicator', T('指标', 'Indicator'), 'indicator'], ['from_year', T('自哪年起', 'From the year'), 'text'], ['aspect', T('哪方面', 'Aspect'), words(ASPECTS)],
        ['text_zh', T('说明（中文）', 'What changed, in Chinese'), 'text'], ['text_en', T('说明（英文）', 'What changed, in English'), 'text'],
    ],
};

export class EditRow extends Component {
    constructor(props) {
        super(props);
        const { added, ...row } = props.row;
        this.state = { row };
    }

    componentDidMount() {
        document.getElementById('edit').scrollIntoView();
        document.querySelector('#edit input, #edit select').focus();
    }

    input(name, kind) {
        const value = this.state.row[name] || '';
        const set = (event) => { const { value: now } = event.target; this.setState(({ row }) => ({ row: { ...row, [name]: now } })); };
        const id = `edit-${name}`;
        if (kind === 'text') return <input id={id} value={value} onInput={set} />;
        const options = kind === 'indicator' ? [['', T('没有', 'none')], ...this.props.list.map((one) => [one.indicator, `${T(one.name_zh, one.name_en)} (${one.indicator})`])] : kind;
        return <select id={id} value={value} onChange={set}>{options.map(([one, word]) => <option key={one} value={one}>{word}</option>)}</select>;
    }

    render({ name, row: old, onSave, onRemove, onClose }, { row }) {
        return (
            <form class="card" id="edit" onSubmit={(event) => { event.preventDefault(); onSave(row); }}>
                <h2>{old.added ? T('新的一行', 'A new row') : T('修改', 'Edit')} {old.target || old.indicator}</h2>
                <div class="fields">{FIELDS[name]().map(([field, label, kind]) => <Field key={field} id={`edit-${field}`} label={label}>{this.input(field, kind)}</Field>)}</div>
                <div class="bar">
                    <button type="submit" class="main">{T('放进改动', 'Put into the changes')}</button>
                    {!old.added && <button type="button" onClick={onRemove}>{T('删去这一行', 'Take this row out')}</button>}
                    <button type="button" onClick={onClose}>{T('不改了', 'Cancel')}</button>
                </div>
            </form>
        );
    }
}
