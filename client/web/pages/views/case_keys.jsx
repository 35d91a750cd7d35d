// What a handler needs before cases: the committee's key, a key of the year with its request, and a copy of it in a safe
// place. The office or an administrator publishes the directory that the committee signed.
import { Component } from 'preact';
import { destroyKey, exportKeys, importKeys, makeKey, openDirectory } from '../lib/case_home.js';
import { seatsOf } from '../lib/case_directory.js';
import { DUTIES, wordOf } from '../lib/case_words.js';
import { T, chinaYear, timeText } from '../lib/i18n.js';
import * as api from '../lib/api.js';
import { hex } from '../lib/bytes.js';
import { zhibao } from '../lib/messages.js';
import { problem } from '../lib/person.js';
import { keyId } from '../lib/proof.js';
import { KIND_CASE } from '../lib/case_put.js';
import { unitCode } from '../lib/words.js';
import { readCases } from './case_list.jsx';
import { Trust, unitName } from './case_parts.jsx';
import { Failure, Load, Signer, Table, saveFile } from './parts.jsx';

const OCTETS = 'application/octet-stream';
const bytesOf = async (file) => new Uint8Array(await new Response(file).arrayBuffer());

class Publish extends Signer {
    async take(event) {
        const file = event.target.files[0];
        if (!file) return;
        const { tools, reload } = this.props;
        try {
            const { directory, algorithm, committee, signature } = zhibao.CaseDirectoryRecord.decode(await bytesOf(file));
            if (signature.length !== 64) throw new Error('no directory');
            await this.sign(KIND_CASE.directory, { directory, algorithm, committee, signature }, T('个案名录', 'directory of cases'), () => { tools.say(T('名录已发布，有回执', 'directory published, receipted')); reload(); });
        } catch (error) {
            this.setState({ error: problem('这个文件不是个案名录', 'this file is no directory of cases') });
        }
    }

    render() {
        return (
            <div class="card">
                <h2>{T('发布名录', 'Publish a directory')}</h2>
                <p class="help">{T('委员会在不联网的电脑上签出名录文件，在这里发布。没有委员会签名的，各单位的网页和命令行都不会用。', 'The committee signs the directory on a computer that stays offline; it is published here. No page and no command line uses one that the committee did not sign.')}</p>
                <label class="button">{T('选择名录文件…', 'Choose the file…')}<input id="directory-file" class="hidden" type="file" onChange={(event) => this.take(event)} /></label>
                {this.outcome()}
            </div>
        );
    }
}

class OwnKey extends Component {
    state = { error: null, destroying: 0 };

    async run(use) {
        const { tools, reload } = this.props;
        try {
            await tools.withKeys(use);
            reload();
        } catch (error) {
            this.setState({ error });
        }
    }

    request(year) {
        const { session } = this.props;
        return this.run(async (keys) => {
            const { request } = await makeKey(keys, year, session.unit_name);
            saveFile(`case-key-${unitCode(session.unit).replace(':', '-')}-${year}.request`, request, OCTETS);
        });
    }

    // Not while something that came in that year is still handled.
    destroy(year) {
        const { tools } = this.props;
        return this.run(async (keys) => {
            const open = (await Promise.all([false, true].map((register) => readCases({ unfinished: true, register })))).flat()
                .filter((item) => timeText(item.receivedUs).startsWith(`${year}-`));
            if (open.length > 0) throw problem(`${year}年收到的个案和台账档案还有 ${open.length} 件没有办结，其密钥没有销毁`, `${year}: ${open.length} cases or files of the register that came then are not finished: its key was not destroyed`);
            const item = await destroyKey(keys, year, T(`销毁${year}年的个案密钥`, `case key of ${year} destroyed`));
            tools.say(item.state === 'receipted' ? T(`${year}年的密钥已销毁，有回执`, `the key of ${year} is destroyed, receipted`) : T(`${year}年的密钥已销毁，登记待发送`, `the key of ${year} is destroyed; the record of it waits to be sent`));
        });
    }

    render({ value, session }, { error, destroying }) {
        const now = chinaYear();
        const keepYears = value.directory ? value.directory.keepYears : 0;
        const early = (year) => year + keepYears >= now;
        const years = Object.keys(value.home.years).map(Number).sort();
        const inDirectory = (year) => value.directory && seatsOf(value.directory, year).some((key) => key.unit === session.unit && key.holder === hex(keyId(value.keys.sign.publicKey)));
        return (
            <div class="card">
                <h2>{T('本人的个案密钥', 'Own case keys')}</h2>
                <p class="help">{T('办理人每年一把。先下载申请，带给委员会当面核对；委员会列入名录以后，个案才会密封给您。密钥只在这台电脑上（加密）：请保存一份备份；丢了，由本单位另一位办理人继续。', 'A handler has one a year. Download the request and take it to the committee; once the directory lists it, cases are sealed to you. The key is on this computer only (sealed): keep a copy. If it is lost, the unit’s other handler goes on.')}</p>
                <ul>{years.map((year) => (
                    <li key={year}>{year} · {inDirectory(year) ? <span class="state good">{T('已列入名录', 'in the directory')}</span> : <span class="state warn">{T('还没有列入名录', 'not in the directory yet')}</span>}{' '}
                        {year < now && (destroying === year ? <button type="button" class="quiet destroy" onClick={() => this.destroy(year)}>{T('确实销毁：密封给它的都再也打不开', 'Destroy it: nothing sealed to it opens any more')}{early(year) && T(`（名录规定保存到 ${year + keepYears} 年底，这是提前销毁）`, ` (the directory keeps it until the end of ${year + keepYears}: this is early)`)}</button>
                            : <button type="button" class="quiet destroy" onClick={() => this.setState({ destroying: year })}>{T('销毁', 'Destroy')}</button>)}
                    </li>
                ))}</ul>
                <Failure error={error} />
                <div class="bar">
                    <button type="button" id="request" class="main" onClick={() => this.request(now)}>{T(`下载 ${now} 年密钥的申请`, `Download the request for ${now}`)}</button>
                    {years.length > 0 && <button type="button" onClick={() => this.run(async (keys) => saveFile(`case-keys-${unitCode(session.unit).replace(':', '-')}.sealed`, await exportKeys(keys), OCTETS))}>{T('保存备份', 'Save a copy')}</button>}
                    <label class="button">{T('从备份恢复…', 'Restore from a copy…')}<input class="hidden" type="file" onChange={(event) => { const [file] = event.target.files; if (file) this.run(async (keys) => importKeys(keys, await bytesOf(file))); }} /></label>
                </div>
                <p class="help">{T('备份用本账户的密钥加密，别的账户打不开。带给委员会时核对签名密钥编号：', 'The copy is sealed under this account’s key. The committee compares the signing key’s id: ')}<code>{hex(keyId(value.keys.sign.publicKey))}</code></p>
            </div>
        );
    }
}

function Directory({ directory }) {
    return (
        <div class="card">
            <h2>{T('个案名录', 'Directory of cases')}</h2>
            <p>{T(`第 ${directory.serial} 号，委员会签名核验通过，有效期至 ${timeText(directory.until)}，值班电话 ${directory.phone}`, `Number ${directory.serial}; the committee’s signature verifies; good until ${timeText(directory.until)}; duty phone ${directory.phone}`)}</p>
            <Table caption={T(`办理人 ${directory.keys.length} 位`, `${directory.keys.length} handlers`)} rows={directory.keys} rowKey={(key) => `${key.holder}/${key.duty}/${key.year}`} columns={[
                { title: T('单位', 'Unit'), cell: (key) => unitName(directory, key.unit) }, { title: T('代码', 'Code'), cell: (key) => unitCode(key.unit) },
                { title: T('职责', 'Duty'), cell: (key) => wordOf(DUTIES, key.duty) }, { title: T('年份', 'Year'), cell: (key) => key.year }, { title: T('密钥编号', 'Key id'), cell: (key) => <code>{key.holder.slice(0, 16)}</code> },
            ]} />
        </div>
    );
}

function Destroyed({ directory }) {
    return (
        <Load load={() => api.askAll('KIND_LIST_CASE_KEY_ENDS', {}, 'rows')}>{(rows) => rows.length > 0 && (
            <div class="card" id="destroyed">
                <h2>{T('已销毁的密钥', 'Keys that were destroyed')}</h2>
                <Table caption={T('谁在何时销毁了哪一年的密钥', 'Who destroyed which year’s key, and when')} rows={rows} rowKey={(row) => row.key} columns={[
                    { title: T('单位', 'Unit'), cell: (row) => (directory && unitName(directory, String(row.unit))) || unitCode(row.unit) }, { title: T('年份', 'Year'), cell: (row) => row.year }, { title: T('时间', 'Time'), cell: (row) => timeText(row.time_us) },
                ]} />
            </div>
        )}</Load>
    );
}

export function CaseKeys({ title, session, tools }) {
    return (
        <section>
            <h1>{title}</h1>
            <Load load={() => tools.withKeys(async (keys) => ({ keys, ...await openDirectory(keys) }))}>{(value, reload) => (
                <>
                    {value.missing === 'trust' ? <Trust tools={tools} onDone={reload} /> : <p class="notice good">✓ {T('本机信任委员会公钥', 'this computer trusts the committee’s key')} <code class="code">{value.home.committee}</code></p>}
                    {value.missing === 'directory' && <p class="notice warn">{T('本区县还没有发布个案名录', 'this district has published no directory of cases yet')}</p>}
                    <OwnKey value={value} session={session} tools={tools} reload={reload} />
                    {['office', 'admin'].includes(session.role) && <Publish session={session} tools={tools} reload={reload} />}
                    {value.directory && <Directory directory={value.directory} />}
                    <Destroyed directory={value.directory} />
                </>
            )}</Load>
        </section>
    );
}
