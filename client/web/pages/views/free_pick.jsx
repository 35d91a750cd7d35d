// What a free table is made of: indicators, places, years and groups to tick, long lists with a filter.
import { Component } from 'preact';
import { T } from '../lib/i18n.js';
import { domainWord, stratumWords } from '../lib/words.js';

class Ticks extends Component {
    state = { filter: '' };

    toggle(value, on) {
        const { options, chosen, onChange } = this.props;
        // in the order of the list, whatever the order of ticking
        onChange(options.map(([one]) => one).filter((one) => (one === value ? on : chosen.includes(one))));
    }

    render({ id, label, options, chosen, onChange, groups }, { filter }) {
        const shown = options.filter(([value, word]) => !filter || word.includes(filter) || String(value).includes(filter));
        return (
            <fieldset class="ticks">
                <legend>{label}{T('：', ': ')}{chosen.length}</legend>
                {options.length > 12 && <input id={`${id}-filter`} value={filter} aria-label={T(`筛选${label}`, `Filter: ${label}`)} placeholder={T('筛选', 'filter')} onInput={(event) => this.setState({ filter: event.target.value })} />}
                <div class="bar">
                    {(groups || []).map(([word, values]) => <button key={word} type="button" class="quiet" onClick={() => onChange(values)}>{word}</button>)}
                    <button type="button" class="quiet" aria-label={T(`${label}：选中所列`, `${label}: tick what is listed`)} onClick={() => onChange(options.map(([value]) => value).filter((value) => chosen.includes(value) || shown.some(([one]) => one === value)))}>{T('选中所列', 'tick listed')}</button>
                    <button type="button" class="quiet" aria-label={T(`${label}：清空`, `${label}: none`)} onClick={() => onChange([])}>{T('清空', 'none')}</button>
                </div>
                <div class="picks" id={id}>{shown.map(([value, word]) => (
                    <label key={value}><input type="checkbox" value={value} checked={chosen.includes(value)} onChange={(event) => this.toggle(value, event.target.checked)} /> {word}</label>
                ))}</div>
            </fieldset>
        );
    }
}

const TOWNSHIP = 4;

function placeGroups(places) {
    const at = (level) => places.filter((one) => one.level === level).map((one) => one.place);
    return [[T('全部乡镇', 'all townships'), at(TOWNSHIP)]].filter(([, values]) => values.length > 1);
}

// Changes nothing by itself: `onShow` gets the choice when the person has made it.
export class Pick extends Component {
    constructor(props) {
        super(props);
        this.state = { choice: props.choice };
    }

    set(name, value) {
        this.setState(({ choice }) => ({ choice: { ...choice, [name]: value } }));
    }

    render({ catalogue, onShow, busy }, { choice }) {
        const ready = choice.indicator.length && choice.place.length && choice.year.length && choice.stratum.length;
        return (
            <form class="card" id="pick" onSubmit={(event) => { event.preventDefault(); if (ready) onShow(choice); }}>
                <div class="pickgrid">
                    <Ticks id="pick-indicator" label={T('指标', 'Indicators')} chosen={choice.indicator} onChange={(value) => this.set('indicator', value)}
                        options={catalogue.indicators.map((one) => [one.indicator, `${T(one.name_zh, one.name_en)} · ${one.about || domainWord(one.domain)}`])} />
                    <Ticks id="pick-place" label={T('地区', 'Places')} chosen={choice.place} onChange={(value) => this.set('place', value)} groups={placeGroups(catalogue.places)}
                        options={catalogue.places.map((one) => [one.place, one.name])} />
                    <Ticks id="pick-year" label={T('年份', 'Years')} chosen={choice.year} onChange={(value) => this.set('year', value)} options={catalogue.years.slice().reverse().map((one) => [one, String(one)])} />
                    <Ticks id="pick-stratum" label={T('分组', 'Groups')} chosen={choice.stratum} onChange={(value) => this.set('stratum', value)} options={catalogue.strata.map((one) => [one, stratumWords(one)])} />
                </div>
                <div class="bar">
                    <button type="submit" class="main" id="show" disabled={busy || !ready}>{T('出表', 'Show the table')}</button>
                    {!ready && <span class="help">{T('四样各至少选一个', 'tick at least one of each of the four')}</span>}
                </div>
            </form>
        );
    }
}
