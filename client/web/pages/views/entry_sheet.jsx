// The form as a spreadsheet: a blank one to fill in elsewhere, and a filled-in one to take figures from.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { fromBase64 } from '../lib/bytes.js';
import { T, language, problemText } from '../lib/i18n.js';
import { Failure } from './parts.jsx';

const LARGEST = 4 * 1024 * 1024;
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const TAKEN = '.xlsx,.xlsm,.csv,.txt';

const tooLarge = { problem: { name: 'E_TOO_LARGE', zh: '文件过大：填好的表格最多 4 MB', en: 'the file is too large: a filled-in sheet has at most 4 MB', field: '', cell: 0 } };
const unreadable = { problem: { name: 'IO', zh: '文件读不出：可能正被别的程序打开，或已移走', en: 'the file cannot be read: another program may hold it, or it was moved', field: '', cell: 0 } };

function save(name, bytes) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytes], { type: TYPE }));
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

export class Sheets extends Component {
    state = { busy: false, error: null, taken: null };

    async go(work) {
        if (this.state.busy) return;
        this.setState({ busy: true, error: null, taken: null });
        try {
            await work();
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false });
    }

    download() {
        const { form, period } = this.props;
        return this.go(async () => {
            const { name, bytes } = await api.post('/api/sheet/blank', { form, period, english: language.now === 'en' });
            save(name, fromBase64(bytes));
        });
    }

    // The same file may be chosen again after it was corrected.
    choose(event) {
        const { form, period, onTake } = this.props;
        const input = event.target;
        const file = input.files[0];
        if (!file) return null;
        return this.go(async () => {
            if (file.size > LARGEST) throw tooLarge;
            const bytes = await new Response(file).arrayBuffer().catch(() => { throw unreadable; });
            const taken = await api.postBytes(`/api/sheet/import/${encodeURIComponent(form)}/${period}`, bytes, LARGEST);
            onTake(taken);
            this.setState({ taken });
        }).then(() => { input.value = ''; });
    }

    render(props, { busy, error, taken }) {
        const problems = taken ? taken.problems : [];
        return (
            <>
                <p class="row">
                    <button type="button" id="sheet-blank" class="quiet" disabled={busy} onClick={() => this.download()}>{T('下载表样（.xlsx）', 'Download the form (.xlsx)')}</button>
                    <button type="button" class="quiet" disabled={busy} onClick={() => this.input.click()}>{T('导入填好的表格…', 'Import a filled-in sheet…')}</button>
                    <input id="sheet-file" type="file" hidden accept={TAKEN} ref={(input) => { this.input = input; }} onChange={(event) => this.choose(event)} />
                </p>
                <Failure error={error} />
                <div aria-live="polite" id="sheet-taken">
                    {taken && <p class={problems.length ? 'notice warn' : 'notice good'}>{T(`已读入 ${taken.figures.length} 项`, `${taken.figures.length} items taken`)}{problems.length > 0 && T(`，${problems.length} 处读不出，留空，请改：`, `; ${problems.length} could not be read and are left blank:`)}</p>}
                    {problems.length > 0 && <ul class="notice bad">{problems.slice(0, 20).map((problem, index) => <li key={index}>{problem.field && <strong>{problem.field}</strong>} {problemText(problem)}</li>)}</ul>}
                </div>
            </>
        );
    }
}
