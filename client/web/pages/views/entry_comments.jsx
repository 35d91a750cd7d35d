// What is said of a figure, beside the cell where it is entered: read and answered without leaving the form.
import { Component } from 'preact';
import { T } from '../lib/i18n.js';
import { placeOf, stratumWords } from '../lib/words.js';
import { FigureComments } from './figure.jsx';

// {cell: its comments}
export function byCell(comments) {
    const found = {};
    for (const item of comments) (found[item.figure.cell] = found[item.figure.cell] || []).push(item);
    return found;
}

export class CellComments extends Component {
    componentDidMount() {
        document.getElementById('figure').scrollIntoView({ block: 'center' });
    }

    render({ cell, sheet, period, session, tools, onClose }) {
        const name = [`${T(`第${cell.cell}项`, `item ${cell.cell}`)} ${T(cell.name_zh, cell.name_en)}`, cell.stratum && stratumWords(cell.stratum)].filter(Boolean).join(' · ');
        return <FigureComments key={cell.cell} figure={{ plan: sheet.plan, period, form: sheet.form, cell: cell.cell, place: String(Number(placeOf(session.unit))) }} unit={session.unit} title={name} shown="" answersOnly session={session} tools={tools} onClose={onClose} />;
    }
}
