// The form as a grid: rows by what is counted, columns by group, each cell a figure or one of the kinds of nothing.
import { T } from '../lib/i18n.js';
import { layOut } from '../lib/reports.js';
import { presenceWord, stratumWords, unitWord } from '../lib/words.js';
import { readEntry } from '../lib/form_rules.js';

const NOTHING = [2, 3, 4];

function nameOf(cell) {
    return T(cell.name_zh, cell.name_en);
}

function labelOf(cell) {
    const words = cell.stratum ? `${nameOf(cell)} ${stratumWords(cell.stratum)}` : nameOf(cell);
    return T(`第${cell.cell}项 ${words}`, `item ${cell.cell} ${words}`);
}

// The text that a cell shows of its entry.
function shown(entry) {
    return entry && entry.presence === 1 ? entry.text : '';
}

// Up and down (and Enter) go to the figure above or below, as in a spreadsheet.
function move(event) {
    const step = { ArrowUp: -1, ArrowDown: 1, Enter: event.shiftKey ? -1 : 1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.isComposing) return;
    event.preventDefault();
    const own = event.target.closest('td');
    const rows = [...document.querySelectorAll('.grid tbody tr')];
    const column = own.cellIndex;
    for (let at = rows.indexOf(own.parentNode) + step; at >= 0 && at < rows.length; at += step) {
        const cells = rows[at].querySelectorAll('td.cell');
        const target = cells[Math.min(column - cells[0].cellIndex, cells.length - 1)].querySelector('input:not([disabled]), select.yesno');
        if (!target) continue;
        target.focus();
        if (target.select) target.select();
        return;
    }
}

function YesNo({ cell, entry, problem, onChange }) {
    const value = !entry || entry.presence === 0 ? '' : entry.presence === 1 ? `v${entry.value}` : `p${entry.presence}`;
    const change = (event) => {
        const chosen = event.target.value;
        if (chosen === '') onChange(cell, { presence: 0, value: 0, text: '' });
        else if (chosen[0] === 'v') onChange(cell, { presence: 1, value: Number(chosen.slice(1)), text: chosen.slice(1) });
        else onChange(cell, { presence: Number(chosen.slice(1)), value: 0, text: '' });
    };
    return (
        <select id={`cell-${cell.cell}`} class="yesno" value={value} onChange={change} aria-label={labelOf(cell)} aria-invalid={problem ? 'true' : undefined} aria-describedby={problem ? `problem-${cell.cell}` : undefined}>
            <option value="">{T('请选择', 'choose')}</option>
            <option value="v1">{T('是', 'yes')}</option>
            <option value="v0">{T('否', 'no')}</option>
            {NOTHING.map((presence) => <option key={presence} value={`p${presence}`}>{presenceWord(presence)}</option>)}
        </select>
    );
}

function Figure({ cell, entry, problem, onChange, onPaste }) {
    const presence = entry ? entry.presence : 0;
    const nothing = NOTHING.includes(presence);
    return (
        <>
            <input id={`cell-${cell.cell}`} class="figure" inputMode="decimal" autocomplete="off" value={shown(entry)} disabled={nothing}
                aria-label={labelOf(cell)} aria-invalid={problem ? 'true' : undefined} aria-describedby={problem ? `problem-${cell.cell}` : undefined}
                onKeyDown={move} onInput={(event) => onChange(cell, readEntry(cell, event.target.value), event.target.value)} onPaste={(event) => onPaste(event, cell)} />
            <select class="nothing" value={nothing ? presence : 1} aria-label={T(`${labelOf(cell)}：数值或无数的原因`, `${labelOf(cell)}: a figure, or why there is none`)}
                onChange={(event) => onChange(cell, { presence: Number(event.target.value) === 1 ? 0 : Number(event.target.value), value: 0, text: '' })}>
                <option value={1}>{T('数值', 'figure')}</option>
                {NOTHING.map((one) => <option key={one} value={one}>{presenceWord(one)}</option>)}
            </select>
        </>
    );
}

function saidWord(cell, entry) {
    if (entry.presence !== 1) return presenceWord(entry.presence);
    if (cell.type === 'yesno') return entry.value ? T('是', 'yes') : T('否', 'no');
    return entry.text;
}

// What was reported in the years before: last year's always, up to five on request.
function Before({ cell, history, last, years }) {
    return history.filter((year) => years || year.period === last).map((year) => {
        const entry = year.values[cell.cell];
        if (!entry || !entry.presence) return null;
        return <span key={year.period} class="last">{year.period === last ? T('上年', 'last year') : year.period} {saidWord(cell, entry)}</span>;
    });
}

// What others say of this figure, and whether they wait for an answer.
function Remarks({ cell, items, onRemark }) {
    if (!items) return null;
    const open = items.some((item) => item.state === 'COMMENT_STATE_OPEN');
    return <button type="button" class={open ? 'remark flagged' : 'remark'} aria-label={T(`第${cell.cell}项的意见`, `comments on item ${cell.cell}`)} onClick={() => onRemark(cell.cell)}>{open ? T('有意见，请答复', 'comment to answer') : T(`意见 ${items.length} 条`, `${items.length} comments`)}</button>;
}

function Cell({ cell, entry, history, last, years, problem, remarks, onRemark, ...rest }) {
    return (
        <td class={problem ? 'cell wrong' : 'cell'}>
            {cell.type === 'yesno' ? <YesNo cell={cell} entry={entry} problem={problem} {...rest} />
                : <Figure cell={cell} entry={entry} problem={problem} {...rest} />}
            <Before cell={cell} history={history} last={last} years={years} />
            <Remarks cell={cell} items={remarks[cell.cell]} onRemark={onRemark} />
            {problem && <span class="problem" id={`problem-${cell.cell}`}>{problem}</span>}
        </td>
    );
}

function Block({ block, values, ...rest }) {
    const plain = block.strata.length === 1 && block.strata[0] === '';
    return (
        <div class="scroll" tabIndex={0} role="region" aria-label={T('填报表格', 'entry grid')}>
            <table class={plain ? 'grid plain' : 'grid'}>
                <thead><tr>
                    <th scope="col">{T('指标', 'Item')}</th><th scope="col">{T('单位', 'Unit')}</th>
                    {block.strata.map((stratum) => <th key={stratum} scope="col">{plain ? T('数值', 'Figure') : stratumWords(stratum)}</th>)}
                    {!plain && <th scope="col">{T('合计', 'Sum')}</th>}
                </tr></thead>
                <tbody>{block.rows.map((row) => {
                    const entries = row.cells.map((cell) => values[cell.cell]);
                    const filled = entries.filter((entry) => entry && entry.presence === 1 && Number.isFinite(entry.value));
                    return (
                        <tr key={row.cells[0].cell}>
                            <th scope="row">{nameOf(row.cells[0])}{row.cells[0].required && <abbr class="need" title={T('必填', 'required')}>*</abbr>}</th>
                            <td class="unit">{unitWord(row.cells[0].unit)}</td>
                            {row.cells.map((cell) => <Cell key={cell.cell} cell={cell} entry={values[cell.cell]} history={rest.history} last={rest.last} years={rest.years} problem={rest.problems[cell.cell]} remarks={rest.remarks} onRemark={rest.onRemark} onChange={rest.onChange} onPaste={rest.onPaste} />)}
                            {!plain && <td class="number">{filled.length ? filled.reduce((sum, entry) => sum + entry.value, 0) : ''}</td>}
                        </tr>
                    );
                })}</tbody>
            </table>
        </div>
    );
}

// What a pasted block of cells fills, from `cell` to the right and down: [[cell, text]...].
export function spread(sheet, cell, text) {
    const lines = text.replace(/\r\n?/g, '\n').replace(/\n$/, '').split('\n').map((line) => line.split('\t'));
    const rows = layOut(sheet).reduce((all, block) => all.concat(block.rows), []);
    const first = rows.findIndex((row) => row.cells.includes(cell));
    const column = rows[first].cells.indexOf(cell);
    const filled = [];
    lines.forEach((line, down) => line.forEach((value, right) => {
        const row = rows[first + down];
        const target = row && row.cells[column + right];
        if (target) filled.push([target, value]);
    }));
    return { filled, lost: lines.reduce((sum, line) => sum + line.length, 0) - filled.length };
}

export function Grid({ sheet, ...rest }) {
    return <>{layOut(sheet).map((block, index) => <Block key={index} block={block} {...rest} />)}</>;
}
