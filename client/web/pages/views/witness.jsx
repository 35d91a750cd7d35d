// Being a witness: this browser remembers the last root that the server signed, and says so when the server contradicts it.
import { Component } from 'preact';
import * as api from '../lib/api.js';
import { fromBase64, hex } from '../lib/bytes.js';
import { T, timeText } from '../lib/i18n.js';
import { anchorLine, verifyRoot } from '../lib/proof.js';
import * as store from '../lib/store.js';
import { Failure } from './parts.jsx';

const KEY = 'root';
const alarm = (number, why) => Object.assign(new Error(T(`警报：第 ${number} 批：${why}。请立即用电话告知上级和其他见证单位，查清以前不要采信这台服务器`, `ALARM: batch ${number}: ${why}. Tell the level above and other witnesses by another way at once, and do not rely on this server until it is explained`)), { alarm: true });

// Each root follows the one before it and is signed; from the one that was seen last, that one included.
async function follow(seen, pins) {
    let last = seen;
    for (;;) {
        const after = last ? last.number - 1 : Number((await api.ask('KIND_GET_ROOTS', { after: '0' })).latest) - 1;
        const answer = await api.ask('KIND_GET_ROOTS', { after: String(Math.max(after, 0)) });
        const latest = Number(answer.latest);
        if (last && latest < last.number) throw alarm(last.number, T('服务器已没有这一批：恢复过旧备份，或历史被截去', 'the server has it no longer: an old backup was restored, or the history was cut off'));
        for (const text of answer.roots) {
            const root = verifyRoot(fromBase64(text), pins);
            if (last && root.number === last.number && root.hash !== last.hash) throw alarm(root.number, T('服务器现在说的与以前签名的不同：历史分叉了', 'the server says something else than it signed before: the history forks'));
            if (last && root.number > last.number && (root.number !== last.number + 1 || root.previous !== last.hash)) throw alarm(root.number, T('接不上以前看到的那一批', 'it does not follow the batch that was seen before'));
            last = root;
        }
        if (!last || last.number >= latest) return last;
    }
}

export class Witness extends Component {
    state = { seen: undefined, error: null, busy: false, count: 0 };

    async componentDidMount() {
        const kept = await store.get('kept', KEY).catch(() => null);
        this.setState({ seen: kept ? kept.root : null });
    }

    async look() {
        this.setState({ busy: true, error: null });
        try {
            const { pins } = await this.props.tools.withKeys((open) => open);
            const before = this.state.seen;
            const seen = await follow(before, pins);
            if (seen) await store.put('kept', { key: KEY, root: { ...seen, atMs: Date.now() } });
            this.setState({ seen, count: before && seen ? seen.number - before.number : 0, looked: true });
        } catch (error) {
            this.setState({ error });
        }
        this.setState({ busy: false });
    }

    render({ title }, { seen, error, busy, count, looked }) {
        return (
            <section>
                <h1>{title}</h1>
                <div class="card">
                    <p>{T('服务器每存入一批材料，就签一个“树根”：它把此前的全部历史连成一条链。改动、删去或调换任何一件，树根就对不上。', 'With each batch of records the server signs a root, which ties all history before it into one chain. Whatever is altered, removed or put in another order, the roots no longer fit.')}</p>
                    <p><b>{T('只有见证人才看得出的事', 'What only witnesses reveal')}</b>{T('：如果有人同时掌握了数据库和服务器的签名密钥，他可以把历史整个重写一遍，重写出来的每个签名都是真的，服务器自己的审计也查不出来。能看出来的，只有以前看过、并且自己记住了树根的人。', ': somebody who holds both the database and the server’s signing key can write the whole history anew. Every signature in it is genuine, and the server’s own audit finds nothing. Only who saw a root before, and kept it himself, can tell.')}</p>
                    <p>{T('所以请时常来看一眼：这个浏览器记住上次见到的树根，对不上就报警。再把下面一行打印、抄下或寄给别的单位，与他们见到的对照：若两人见到的不同，就是有人在给不同的人看不同的历史。', 'So look in now and then: this browser remembers the root it saw last and raises an alarm when the server contradicts it. Print the line below, write it down or mail it to others, and compare: if two saw different ones, somebody shows different people different histories.')}</p>
                    <button type="button" class="main" id="look" disabled={busy || seen === undefined} onClick={() => this.look()}>{seen ? T('再看一次', 'Look again') : T('开始见证', 'Begin to witness')}</button>
                </div>
                {error && (error.alarm ? <p class="notice bad" role="alert" id="alarm">{error.message}</p> : <Failure error={error} />)}
                {seen && !error && (
                    <div class="card" id="seen">
                        {looked && <p class="state good">✓ {T(`与以前所见一致，新见 ${count} 批，一批接一批`, `as it was before; ${count} new batches, each linked to the one before`)}</p>}
                        <p>{T(`见到第 ${seen.number} 批，服务器于 ${timeText(seen.timeUs)} 签名。`, `Seen: batch ${seen.number}, signed by the server at ${timeText(seen.timeUs)}.`)}</p>
                        <p><code class="breaks" id="anchor">{anchorLine(seen)}</code></p>
                        <p class="help">{T('这一行可以打印、发邮件，或用 openssl ts 加盖 RFC 3161 时间戳；命令行 zhibao witness --anchor 写出的是同一行。', 'This line can be printed, mailed, or stamped by an RFC 3161 service (openssl ts); zhibao witness --anchor writes the same one.')} <button type="button" class="quiet" onClick={() => window.print()}>{T('打印', 'Print')}</button></p>
                    </div>
                )}
            </section>
        );
    }
}
