import { Component } from 'preact';
import * as api from './lib/api.js';
import { T, language, setLanguage } from './lib/i18n.js';
import { people, reenter, remember } from './lib/person.js';
import { drain } from './lib/records.js';
import { roleWord } from './lib/words.js';
import { Enter, Here, Unlock } from './views/enter.jsx';
import { CaseWatch } from './views/case_sent.jsx';
import { CaseAsk, Menu, Tabs, findPage } from './pages.jsx';

const DRAIN_MS = 15000;
const REPORTERS = ['village', 'township', 'department'];

function readAddress(hash = location.hash) {
    const [name, query] = hash.replace(/^#\/?/, '').split('?');
    return { hash, name: name || 'tasks', query: Object.fromEntries(new URLSearchParams(query || '')) };
}

export class App extends Component {
    constructor() {
        super();
        this.state = { site: null, session: null, keys: null, here: null, address: readAddress(), again: 0, notice: '', unlock: null, offline: !navigator.onLine, slow: null };
        this.tools = {
            // Runs `use` with the open keys, asking for the passphrase first when they are closed.
            withKeys: async (use) => use(this.state.keys || await this.openKeys()),
            say: (notice) => this.setState({ notice }),
        };
    }

    // Asked once, however many wait for it.
    openKeys() {
        if (!this.opening)
            this.opening = new Promise((resolve, reject) => this.setState({ unlock: {
                open: (keys) => { this.setState({ keys, unlock: null }); resolve(keys); },
                cancel: () => { this.setState({ unlock: null }); reject(new Error(T('没有打开密钥', 'the keys were not opened'))); },
            } })).finally(() => { this.opening = null; });
        return this.opening;
    }

    async componentDidMount() {
        api.onSessionEnd(() => this.sessionEnded());
        // of two changes soon after each other both count
        addEventListener('hashchange', ({ newURL }) => {
            this.setState({ address: readAddress(new URL(newURL).hash), notice: '' }, () => document.getElementById('main').focus());
        });
        // A section that is chosen again begins anew, as from a case that is open back to the list.
        addEventListener('click', ({ target }) => {
            const link = target.closest('nav a[href]');
            if (link && link.getAttribute('href') === location.hash) this.setState(({ again }) => ({ again: again + 1, notice: '' }));
        });
        addEventListener('online', () => { this.setState({ offline: false }); this.online(); });
        addEventListener('offline', () => this.setState({ offline: true }));
        addEventListener(api.WAITING, ({ detail }) => this.setState({ slow: detail }));
        setInterval(() => this.online(), DRAIN_MS);
        await this.load();
    }

    async load() {
        try {
            const site = await api.get('/api/site');
            const { session } = await api.get('/api/session');
            this.site = site;
            this.enter(session, null);
            this.setState({ site, failure: '', here: null });
        } catch (error) {
            const here = error.retry ? await people() : [];
            this.setState({ failure: api.failureText(error), here: here.length ? here : null });
        }
    }

    // `secret` is what one logs in with: kept while the page is open, so that a session can begin when the network returns.
    enter(session, keys, secret) {
        api.setToken(session ? session.token : 'none');
        this.secret = secret || null;
        this.setState({ session, keys, notice: '' }, () => this.online());
        if (session && !session.offline) remember(session, this.site);
    }

    sessionEnded() {
        if (this.state.session && this.state.session.offline) return;
        this.setState({ session: null, notice: T('登录已过期，请重新登录；草稿还在', 'your session has ended: log in again, the draft is kept') });
    }

    // What waits is sent; who began without a network gets a session first.
    async online() {
        const { session } = this.state;
        if (!session || !navigator.onLine || this.entering) return;
        if (session.offline) {
            this.entering = true;
            try {
                const now = await reenter(session, this.secret);
                if (now) api.setToken(now.token);
                this.setState({ session: now, here: null, failure: '', notice: now ? '' : T('网络已恢复，请登录；草稿和已签名的材料都在', 'the network is back: log in, drafts and what you signed are kept') });
            } catch (error) {
                return; // not yet
            } finally {
                this.entering = false;
            }
        }
        if (this.state.session) drain(this.state.session.unit).catch(() => {});
    }

    async leave() {
        try {
            await api.post('/api/logout', {});
        } catch (error) {
            // the cookie ends by itself
        }
        location.hash = '';
        this.enter(null, null);
    }

    switchLanguage() {
        setLanguage(language.now === 'en' ? 'zh' : 'en');
        this.setState({ address: readAddress() }); // what a page has put into it since
    }

    renderHead() {
        const { session, site } = this.state;
        return (
            <header class="head">
                <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById('main').focus(); }}>{T('跳到内容', 'Skip to content')}</a>
                <a class="brand" href="#/tasks">{T('直报', 'Zhibao')}</a>
                {site && site.demonstration && <strong class="demo">{T('演示数据', 'Made-up figures (演示数据)')}</strong>}
                <span class="fill" />
                {session && <span class="who">{session.unit_name} · {roleWord(session.role)}</span>}
                <button type="button" class="quiet" lang={language.now === 'en' ? 'zh' : 'en'} onClick={() => this.switchLanguage()}>{language.now === 'en' ? '中文' : 'English'}</button>
                {session && <button type="button" class="quiet" onClick={() => this.leave()}>{T('退出', 'Log out')}</button>}
            </header>
        );
    }

    renderPage() {
        const { session, address, again, site } = this.state;
        const page = findPage(address.name);
        return <page.View key={`${address.hash}${language.now}${again}`} title={page.title()} session={session} site={site} query={address.query} tools={this.tools} reports={REPORTERS.includes(session.role)} />;
    }

    render() {
        const { session, site, here, notice, offline, unlock, failure, slow } = this.state;
        const closed = !session && (site ? null : here);
        const asks = this.state.address.name === 'ask';
        return (
            <>
                {this.renderHead()}
                {session && <Menu role={session.role} name={this.state.address.name} />}
                {session && <Tabs role={session.role} name={this.state.address.name} year={this.state.address.query.year} />}
                <div role="status" aria-live="polite" class="notices">
                    {(offline || (session && session.offline)) && <p class="notice warn">{T('网络不通：可以继续填写，恢复后自动报送', 'no network: go on typing, it is sent when the network returns')}</p>}
                    {notice && <p class="notice">{notice}</p>}
                    {session && <CaseWatch key={session.unit} unit={session.unit} />}
                </div>
                {slow && <div class="notices"><p class="notice warn">{T(`网络较慢，已等 ${slow.seconds} 秒，收到 ${slow.kilobytes} KB…`, `slow network: ${slow.seconds} s so far, ${slow.kilobytes} KB received…`)}</p></div>}
                <main id="main" tabIndex={-1}>
                    {failure && !site && !here && <p class="notice bad">{failure} <button type="button" onClick={() => this.load()}>{T('重试', 'Try again')}</button></p>}
                    {closed && <Here key={language.now} people={closed} onRetry={() => this.load()} onEnter={(now, keys, secret) => this.setState({ site: now.site }, () => this.enter(now, keys, secret))} />}
                    {site && !session && asks && <CaseAsk key={language.now} title={T('凭码查询', 'Ask by code')} />}
                    {site && !session && <p class="openly">{asks ? <a href="#/tasks">{T('回到登录', 'Back to the login')}</a> : <a href="#/ask">{T('凭查询码查强制报告的进展（不用登录）', 'Ask by code how a report goes on (no account needed)')}</a>}</p>}
                    {site && !session && !asks && <Enter key={language.now} site={site} onEnter={(now, keys, secret) => this.enter(now, keys, secret)} />}
                    {site && session && this.renderPage()}
                </main>
                {unlock && <Unlock session={session} onOpen={unlock.open} onCancel={unlock.cancel} />}
            </>
        );
    }
}
