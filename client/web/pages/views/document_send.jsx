// Handing in a document for a duty: its content in chunks, then its record, signed here.
import { T } from '../lib/i18n.js';
import { fileProblem, sendContent } from '../lib/documents.js';
import { KIND } from '../lib/proof.js';
import { dutyWord } from '../lib/terms.js';
import { Field, Signer } from './parts.jsx';

export class SendDocument extends Signer {
    state = { file: null, note: '', day: '', step: null };

    async send(event) {
        event.preventDefault();
        const { row, site, tools, onDone } = this.props;
        const { file, note, day } = this.state;
        if (!file) return;
        this.setState({ busy: true, error: null, left: null, step: [0, file.size] });
        try {
            if (file.size > 50 * 1048576) throw new Error(fileProblem(file.name, { length: file.size }));
            const bytes = new Uint8Array(await file.arrayBuffer());
            const problem = fileProblem(file.name, bytes);
            if (problem) throw new Error(problem);
            const content = await sendContent(bytes, (done, all) => this.setState({ step: [done, all] }));
            await this.sign(KIND.DOCUMENT, {
                plan: row.plan, duty: row.duty, period: row.period, file_name: file.name.slice(0, 60), media_type: content.type, size: content.size, content_sha256: content.sha256,
                note: note.trim(), provenance: site.demonstration ? 2 : 1, promulgated: Number(day.replace(/-/g, '')) || 0,
            }, `${T('文件', 'document')} ${file.name}`, () => { tools.say(T('文件已报送，有回执', 'document handed in, receipted')); onDone(); });
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false, step: null });
    }

    render({ row, onClose }, { busy, note, day, step }) {
        return (
            <form class="card" id="document" onSubmit={(event) => this.send(event)}>
                <h2>{T('报送文件：', 'Hand in: ')}{dutyWord(row.what, row.frequency)}{row.period > 0 && ` · ${row.period}`}</h2>
                <Field id="document-file" label={T('文件（PDF 或 DOCX，不超过 50 MB）', 'File: PDF or DOCX, at most 50 MB')}><input id="document-file" type="file" accept=".pdf,.docx" required onChange={(event) => this.setState({ file: event.target.files[0] || null })} /></Field>
                {row.what === 'filing' && <Field id="document-day" label={T('印发日期', 'Day of promulgation')}><input id="document-day" type="date" value={day} onInput={(event) => this.setState({ day: event.target.value })} /></Field>}
                <Field id="document-note" label={T('说明（可不写）', 'Note (optional)')}><input id="document-note" maxLength={300} value={note} onInput={(event) => this.setState({ note: event.target.value })} /></Field>
                {this.outcome()}
                {step && <p id="document-step"><progress value={step[0]} max={step[1]} aria-label={T('传送进度', 'Transfer progress')} /> {Math.floor(step[0] / 1024)}/{Math.ceil(step[1] / 1024)} KB</p>}
                <p class="help">{T('断了可以再选同一个文件接着传，已收到的不重传', 'after a break choose the same file again: what has arrived is not sent anew')}</p>
                <div class="bar"><button type="submit" class="main" disabled={busy}>{busy ? T('正在传送…', 'sending…') : T('签名报送', 'Sign and hand in')}</button><button type="button" onClick={onClose}>{T('取消', 'Cancel')}</button></div>
            </form>
        );
    }
}
