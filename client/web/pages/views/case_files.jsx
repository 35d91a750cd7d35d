// Files of cases: chosen, listed and taken off before they are sealed; and fetched, looked at and saved by who may read them.
import { Component } from 'preact';
import { hex, random } from '../lib/bytes.js';
import { FILES_MOST, fetchAttachment, readAttachment } from '../lib/case_attach.js';
import { T } from '../lib/i18n.js';
import { Failure, saveFile } from './parts.jsx';

const kilobytes = (size) => `${Math.max(1, Math.round(size / 1024))} KB`;

export class Files extends Component {
    state = { error: null };

    async take(event) {
        const chosen = [...event.target.files];
        event.target.value = '';
        const { files, onAdd } = this.props;
        this.setState({ error: null });
        try {
            for (const blob of chosen.slice(0, FILES_MOST - files.length)) await onAdd({ ...await readAttachment(blob), id: hex(random(8)) });
            if (chosen.length > FILES_MOST - files.length) throw new Error(T(`最多附 ${FILES_MOST} 个文件`, `at most ${FILES_MOST} files`));
        } catch (error) {
            this.setState({ error });
        }
    }

    render({ id, files, onRemove }, { error }) {
        return (
            <div class="attach">
                <label class="button">{T('附照片或PDF…', 'Add photos or PDF…')}<input id={id} class="hidden" type="file" multiple accept="image/jpeg,image/png,application/pdf" onChange={(event) => this.take(event)} /></label>
                <p class="help">{T('每个至多4 MB；照片会缩小，并去掉相机写入的位置和机型。', 'At most 4 MB each; photos are made smaller, and lose the place and device that the camera wrote into them.')}</p>
                {files.length > 0 && <ul class="files">{files.map((file) => <li key={file.id}>{file.name} <span class="help">{kilobytes(file.bytes.length)}</span> <button type="button" class="quiet" aria-label={`${T('去掉', 'Remove')} ${file.name}`} onClick={() => onRemove(file.id)}>{T('去掉', 'Remove')}</button></li>)}</ul>}
                <Failure error={error} />
            </div>
        );
    }
}

// A photo is drawn in the page, so that looking at it leaves nothing on the computer.
export class Attachment extends Component {
    state = { error: null, busy: false, open: false };

    async fetch(use) {
        const { item, entry, attachment } = this.props;
        this.setState({ busy: true, error: null });
        try {
            this.bytes = this.bytes || await fetchAttachment(item, entry, attachment);
            await use(this.bytes);
            this.setState({ busy: false });
        } catch (error) {
            this.setState({ busy: false, error });
        }
    }

    async draw(bytes) {
        const picture = await createImageBitmap(new Blob([bytes], { type: this.props.attachment.type }));
        this.setState({ open: true }, () => {
            this.canvas.width = picture.width;
            this.canvas.height = picture.height;
            this.canvas.getContext('2d').drawImage(picture, 0, 0);
        });
    }

    render({ attachment }, { error, busy, open }) {
        const { name, type } = attachment;
        return (
            <div class="attachment">
                <span>{name}</span> <span class="help">{kilobytes(Number(attachment.size))}</span>{' '}
                {type !== 'application/pdf' && <button type="button" class="quiet look" disabled={busy} aria-label={`${T('查看', 'Look at')} ${name}`} onClick={() => (open ? this.setState({ open: false }) : this.fetch((bytes) => this.draw(bytes)))}>{open ? T('收起', 'Close') : T('查看', 'Look')}</button>}{' '}
                <button type="button" class="quiet" disabled={busy} aria-label={`${T('保存', 'Save')} ${name}`} onClick={() => this.fetch((bytes) => saveFile(name, bytes, type))}>{T('保存', 'Save')}</button>
                {open && <canvas role="img" aria-label={name} ref={(canvas) => { this.canvas = canvas || this.canvas; }} />}
                <Failure error={error} />
            </div>
        );
    }
}
