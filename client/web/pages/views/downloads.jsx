// Everything that the unit may have as a file: CSV for spreadsheets, JSON for programs.
import { Component } from 'preact';
import { DOWNLOADS } from '../lib/downloads.js';
import { T } from '../lib/i18n.js';
import { placeOf } from '../lib/words.js';
import { Export } from './export.jsx';
import { Failure, Table, YearPicker, saveCsv, saveFile, yearOf } from './parts.jsx';
import { Yearbook } from './yearbook.jsx';

const isPlain = (value) => value === null || typeof value !== 'object';

// The columns of the CSV: those named, or every field of the rows that is no list.
function csvColumns(fields, rows) {
    const names = fields || (rows[0] ? Object.keys(rows[0]).filter((name) => rows.every((row) => isPlain(row[name]))) : []);
    return names.map((name) => ({ title: name, cell: (row) => row[name] }));
}

export class Downloads extends Component {
    state = { busy: '', error: null };

    async get(item, format) {
        const { session, query, tools } = this.props;
        const period = yearOf(query);
        const file = `${item.name}-${placeOf(session.unit)}-${period}`;
        this.setState({ busy: item.name + format, error: null });
        try {
            const rows = await item.load(placeOf(session.unit), period);
            if (format === 'csv') saveCsv(file, csvColumns(item.fields, rows), rows);
            else saveFile(`${file}.json`, JSON.stringify(rows, null, 1), 'application/json');
            tools.say(T(`${item.zh}：${rows.length} 行已存为 ${file}.${format}`, `${item.en}: ${rows.length} rows saved as ${file}.${format}`));
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: '' });
    }

    files(item) {
        const { session, query } = this.props;
        const { busy } = this.state;
        if (item.href) return <a class="button" href={item.href(placeOf(session.unit), yearOf(query))} download>{item.ends}</a>;
        return (
            <span class="row">{['csv', 'json'].map((format) => (
                <button key={format} type="button" class="quiet" disabled={Boolean(busy)} aria-label={`${T(item.zh, item.en)} ${format.toUpperCase()}`} onClick={() => this.get(item, format)}>{busy === item.name + format ? T('正在取…', 'fetching…') : format.toUpperCase()}</button>
            ))}</span>
        );
    }

    render({ title, session, query, tools }, { error }) {
        return (
            <section>
                <div class="title"><h1>{title} · {yearOf(query)}</h1><YearPicker page="downloads" query={query} /></div>
                <Failure error={error} />
                <Table caption={T('可下载的内容', 'What can be downloaded')} rows={DOWNLOADS} rowKey={(item) => item.name} columns={[
                    { title: T('内容', 'What'), cell: (item) => T(item.zh, item.en) },
                    { title: T('文件', 'Files'), short: true, cell: (item) => this.files(item) },
                    { title: T('说明', 'About'), long: true, cell: (item) => T(item.about[0], item.about[1]) },
                ]} />
                <Export session={session} period={yearOf(query)} tools={tools} />
                <Yearbook key={yearOf(query)} session={session} period={yearOf(query)} tools={tools} />
            </section>
        );
    }
}
