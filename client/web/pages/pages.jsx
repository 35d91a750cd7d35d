// The portal's pages: address, title, who has them in the menu, and what draws them. Pages that belong together are
// one entry of the menu, with tabs; what is not needed at once is loaded when it is opened.
import { Component } from 'preact';
import { T } from './lib/i18n.js';
import { Tasks } from './views/tasks.jsx';
import { Inbox } from './views/inbox.jsx';
import { Receipts } from './views/receipts.jsx';
import { Track } from './views/track.jsx';
import { Entry } from './views/entry.jsx';
import { Review } from './views/review.jsx';
import { Total } from './views/total.jsx';
import { Completeness } from './views/completeness.jsx';
import { Wall } from './views/wall.jsx';
import { Indicator } from './views/indicator.jsx';
import { Codes } from './views/codes.jsx';

// Asked without an account too.
export const CaseAsk = later(() => import('./views/case_ask.jsx'), 'CaseAsk');

// A view that arrives when it is needed.
function later(load, name) {
    return class extends Component {
        async componentDidMount() {
            try {
                const View = (await load())[name];
                this.setState({ View });
            } catch (error) {
                this.setState({ failed: true });
            }
        }

        render(props, { View, failed }) {
            if (failed) return <p class="notice bad" role="alert">{T('这一页没有读到', 'this page could not be loaded')} <button type="button" onClick={() => location.reload()}>{T('重试', 'Try again')}</button></p>;
            return View ? <View {...props} /> : <p class="loading">{T('正在读取…', 'loading…')}</p>;
        }
    };
}

const all = () => true;
const is = (...roles) => (role) => roles.includes(role);
const SEERS = is('statistics', 'office', 'admin', 'auditor');
const OVERSEERS = is('admin', 'auditor');
const reached = null; // from another page only

// of the menu: name -> title; a page's own title is that of its tab
const GROUPS = {
    work: () => T('我的任务', 'My tasks'),
    care: () => T('儿童保护', 'Child protection'),
    review: () => T('审核', 'Review'),
    total: () => T('乡镇汇总', 'Township total'),
    progress: () => T('报送进度', 'Completeness'),
    quality: () => T('数据质量', 'Data quality'),
    results: () => T('达标情况', 'Attainment'),
    table: () => T('自选表', 'Free table'),
    evaluation: () => T('评估', 'Evaluation'),
    plan: () => T('规划', 'Plan'),
    units: () => T('单位与密钥', 'Units and keys'),
    server: () => T('审计与服务器', 'Audit and server'),
    downloads: () => T('下载', 'Downloads'),
    inbox: () => T('收件箱', 'Inbox'),
};

// group, address, title, who has it among the tabs, view
const PAGES = [
    ['work', 'tasks', () => T('我的任务', 'My tasks'), all, Tasks],
    ['work', 'duties', () => T('报送任务', 'Duties'), all, later(() => import('./views/duties.jsx'), 'Duties')],
    ['work', 'documents', () => T('文件', 'Documents'), all, later(() => import('./views/documents.jsx'), 'Documents')],
    ['work', 'orders', () => T('督办', 'Assignments'), all, later(() => import('./views/orders.jsx'), 'Orders')],
    ['work', 'entry', () => T('填报', 'Entry'), reached, Entry],
    ['care', 'send', () => T('强制报告', 'Report a case'), all, later(() => import('./views/case_send.jsx'), 'CaseSend')],
    ['care', 'ask', () => T('凭码查询', 'Ask by code'), all, CaseAsk],
    ['care', 'cases', () => T('个案办理', 'Cases'), is('township', 'department', 'office'), later(() => import('./views/case_list.jsx'), 'Cases')],
    ['care', 'register', () => T('台账', 'Register'), is('township', 'department', 'office'), later(() => import('./views/case_list.jsx'), 'Register')],
    ['care', 'caselog', () => T('查阅与逾期', 'Readings and overdue'), is('department', 'office'), later(() => import('./views/case_log.jsx'), 'CaseLog')],
    ['care', 'casekeys', () => T('个案密钥', 'Case keys'), is('township', 'department', 'office', 'admin'), later(() => import('./views/case_keys.jsx'), 'CaseKeys')],
    ['review', 'review', () => T('审核', 'Review'), is('township', 'statistics'), Review],
    ['total', 'total', () => T('乡镇汇总', 'Township total'), is('township'), Total],
    ['progress', 'completeness', () => T('报送进度', 'Completeness'), SEERS, Completeness],
    ['progress', 'calendar', () => T('截止与例外', 'Cut-offs and exceptions'), SEERS, later(() => import('./views/calendar.jsx'), 'Calendar')],
    ['quality', 'quality', () => T('数据质量', 'Data quality'), is('statistics'), later(() => import('./views/quality.jsx'), 'Quality')],
    ['quality', 'reconcile', () => T('部门数对账', 'Reconciliation'), is('statistics'), later(() => import('./views/reconcile.jsx'), 'Reconcile')],
    ['quality', 'explained', () => T('偏差说明', 'Explained deviations'), is('statistics'), later(() => import('./views/explained.jsx'), 'ExplainedList')],
    ['results', 'wall', () => T('达标情况', 'Attainment'), SEERS, Wall],
    ['results', 'warnings', () => T('预警', 'Warnings'), SEERS, later(() => import('./views/warnings.jsx'), 'Warnings')],
    ['table', 'table', () => T('自选表', 'Free table'), all, later(() => import('./views/free_table.jsx'), 'FreeTable')],
    ['results', 'indicator', () => T('指标', 'Indicator'), reached, Indicator],
    ['evaluation', 'evaluation', () => T('评估', 'Evaluation'), is('office'), later(() => import('./views/evaluation.jsx'), 'Evaluation')],
    ['evaluation', 'affected', () => T('更正的影响', 'Effects of corrections'), is('office'), later(() => import('./views/affected.jsx'), 'AffectedResults')],
    ['plan', 'plan', () => T('规划', 'Plan'), SEERS, later(() => import('./views/plan.jsx'), 'Plan')],
    ['units', 'codes', () => T('单位与登记码', 'Units and codes'), is('admin'), Codes],
    ['units', 'keys', () => T('密钥', 'Keys'), OVERSEERS, later(() => import('./views/keys.jsx'), 'Keys')],
    ['units', 'accounts', () => T('门户账户', 'Portal accounts'), is('admin'), later(() => import('./views/accounts.jsx'), 'Accounts')],
    ['server', 'health', () => T('服务器状况', 'Server health'), OVERSEERS, later(() => import('./views/health.jsx'), 'Health')],
    ['server', 'events', () => T('审计', 'Audit'), OVERSEERS, later(() => import('./views/events.jsx'), 'Events')],
    ['downloads', 'downloads', () => T('下载', 'Downloads'), is('statistics', 'office'), later(() => import('./views/downloads.jsx'), 'Downloads')],
    ['downloads', 'tokens', () => T('数据接口', 'Data API'), is('statistics', 'office'), later(() => import('./views/tokens.jsx'), 'Tokens')],
    ['inbox', 'inbox', () => T('收件箱', 'Inbox'), all, Inbox],
    ['inbox', 'comments', () => T('意见', 'Comments'), all, later(() => import('./views/comments.jsx'), 'Comments')],
    ['inbox', 'receipts', () => T('回执', 'Receipts'), all, Receipts],
    ['inbox', 'witness', () => T('见证', 'Witness'), all, later(() => import('./views/witness.jsx'), 'Witness')],
    ['inbox', 'contact', () => T('联系方式', 'Contact'), all, later(() => import('./views/contact.jsx'), 'Contact')],
    ['inbox', 'factor', () => T('两步验证', 'Two-step login'), SEERS, later(() => import('./views/factor.jsx'), 'Factor')],
    ['inbox', 'track', () => T('跟踪', 'Track'), reached, Track],
].map(([group, name, title, who, View]) => ({ group, name, title, who, View }));

export const findPage = (name) => PAGES.find((page) => page.name === name) || PAGES[0];

const pagesOf = (role) => PAGES.filter((page) => page.who && page.who(role));

export function Menu({ role, name }) {
    const mine = pagesOf(role);
    const now = findPage(name).group;
    return (
        <nav class="menu" aria-label={T('栏目', 'Sections')}>
            {Object.keys(GROUPS).map((group) => [group, mine.find((page) => page.group === group)]).filter(([, first]) => first).map(([group, first]) => (
                <a key={group} href={`#/${first.name}`} aria-current={group === now ? 'true' : undefined}>{GROUPS[group]()}</a>
            ))}
        </nav>
    );
}

// The pages of the entry that is open, when there are several.
export function Tabs({ role, name, year }) {
    const now = findPage(name);
    const pages = pagesOf(role).filter((page) => page.group === now.group);
    if (pages.length < 2) return null;
    return (
        <nav class="pagetabs" aria-label={T('本栏目的页面', 'Pages of this section')}>
            {pages.map((page) => <a key={page.name} href={`#/${page.name}${year ? `?year=${year}` : ''}`} aria-current={page === now ? 'page' : undefined}>{page.title()}</a>)}
        </nav>
    );
}
