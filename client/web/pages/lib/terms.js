// Names of what the office and statistics work with; those of reports and figures are in words.js.
import { T } from './i18n.js';

const pick = (pairs, name) => (pairs[name] ? T(pairs[name][0], pairs[name][1]) : String(name || '').replace(/_/g, ' '));

const PARTS = {
    completeness: ['完整', 'completeness'], timeliness: ['及时', 'timeliness'], outliers: ['离群', 'outliers'], peers: ['与同类比', 'peers'],
    consistency: ['历年一致', 'consistency'], related: ['相关指标', 'related'], sums: ['分合相符', 'sums'], slips: ['单位错', 'slips'],
    repeated: ['三年同数', 'repeated'], restated: ['无故改数', 'restated'],
};
export const QUALITY_PARTS = Object.keys(PARTS);
export const partWord = (part) => pick(PARTS, part);

const DUTY_STATES = {
    DUTY_OWED: ['未报', 'owed', 'bad'], DUTY_SENT: ['已报待审', 'sent', 'plain'], DUTY_ACCEPTED: ['已通过', 'accepted', 'good'],
    DUTY_RETURNED: ['已退回', 'returned', 'bad'], DUTY_WORK: ['无需报送', 'nothing to send', 'none'],
};
export const dutyState = (state) => ({ word: pick(DUTY_STATES, state), tone: (DUTY_STATES[state] || [])[2] || 'plain' });

const DUTIES = {
    data: ['年度监测数据', 'yearly data'], implementation_report: ['规划实施情况报告', 'report on implementation'],
    next_year_plan: ['下一年工作安排', 'next year’s arrangements'], monitoring_report: ['监测报告', 'monitoring report'], monitoring: ['开展监测', 'monitoring'],
    evaluation: ['评估', 'evaluation'], yearbook: ['统计资料汇编', 'yearbook'], filing: ['规划或方案备案', 'filing of the plan or programme'],
};
const FREQUENCIES = { mid_term: ['（中期）', ' (mid-term)'], final: ['（终期）', ' (final)'], yearly: ['', ''], once: ['', ''] };
export const dutyWord = (what, frequency) => pick(DUTIES, what) + (FREQUENCIES[frequency] ? pick(FREQUENCIES, frequency) : '');

const RECEIVERS = {
    office_above: ['上一级妇儿工委办公室', 'the committee office above'], department_above: ['上级主管部门', 'the department above'],
    unnamed: ['（文中未写明）', '(the text names none)'], none: ['（无需报送）', '(nothing is sent)'],
};
export const receiverWord = (receiver) => pick(RECEIVERS, receiver);

const LEVELS = { red: ['红', 'red', 'bad'], yellow: ['黄', 'yellow', 'warn'], notice: ['提示', 'notice', 'none'] };
export const levelWord = (level) => ({ word: pick(LEVELS, level), tone: (LEVELS[level] || [])[2] || 'plain' });
const WARNINGS = {
    unlikely: ['不大可能达标', 'unlikely'], very_unlikely: ['很难达标', 'very unlikely'], missed: ['到期未达标', 'missed'],
    fluctuation: ['波动较大', 'large fluctuation'], worsening: ['达标后变差', 'worse after reached'], missing: ['连续两年无数据', 'missing two years'],
};
export const warningWord = (kind) => pick(WARNINGS, kind);

const TASK_STATES = { TASK_STATE_OPEN: ['待办', 'open', 'warn'], TASK_STATE_ANSWERED: ['已答复', 'answered', 'plain'], TASK_STATE_CLOSED: ['已办结', 'closed', 'good'] };
export const taskState = (state) => ({ word: pick(TASK_STATES, state), tone: (TASK_STATES[state] || [])[2] || 'plain' });
const ACTIONS = {
    TASK_OPEN: ['交办', 'opened'], TASK_ANSWER: ['答复', 'answered'], TASK_CLOSE: ['办结', 'closed'], TASK_REOPEN: ['重新交办', 'reopened'], TASK_ESCALATE: ['逾期提级', 'escalated'],
};
export const actionWord = (action) => pick(ACTIONS, action);

const COMMENT_STATES = { COMMENT_STATE_NOTED: ['意见', 'noted', 'plain'], COMMENT_STATE_OPEN: ['须跟进', 'follow up', 'warn'], COMMENT_STATE_ANSWERED: ['已答复', 'answered', 'plain'], COMMENT_STATE_CLOSED: ['已了结', 'closed', 'good'] };
export const commentState = (state) => ({ word: pick(COMMENT_STATES, state), tone: (COMMENT_STATES[state] || [])[2] || 'plain' });
const COMMENT_ACTIONS = { COMMENT_OPEN: ['提出', 'raised'], COMMENT_ANSWER: ['答复', 'answered'], COMMENT_CLOSE: ['了结', 'closed'] };
export const commentAction = (action) => pick(COMMENT_ACTIONS, action);
// of an inbox item, which has the number
export const commentStep = (number) => commentAction(Object.keys(COMMENT_ACTIONS)[number - 1]);
export const taskStep = (number) => actionWord(Object.keys(ACTIONS)[number - 1]);

const TOUCHED = {
    total: ['乡镇汇总', 'total'], sign_off: ['签字', 'sign-off'], lock: ['锁定', 'lock'], document: ['文件', 'document'], attachment: ['附件', 'attachment'],
    uplink: ['上报', 'uplink'],
};
export const touchedWord = (what) => pick(TOUCHED, what);

const CUTOFFS = { CUTOFF_UNIT: ['本单位的报表', 'own report'], CUTOFF_TOTAL: ['乡镇汇总', 'township total'] };
export const cutoffWord = (level) => pick(CUTOFFS, level);

const CHANNELS = { email: ['邮件', 'e-mail'], webhook: ['网址', 'webhook'] };
export const channelWord = (channel) => pick(CHANNELS, channel);
const DELIVERIES = { waiting: ['待送', 'waiting', 'warn'], sent: ['已送达', 'sent', 'good'], given_up: ['未能送达', 'given up', 'bad'] };
export const delivery = (state) => ({ word: pick(DELIVERIES, state), tone: (DELIVERIES[state] || [])[2] || 'plain' });
export const NOTICES = {
    reminder: ['催报', 'reminder'], overdue: ['逾期', 'overdue'], cutoff_moved: ['截止顺延', 'cut-off moved'], returned: ['退回', 'returned'],
    reopened: ['汇总须重报', 'total reopened'], corrected: ['锁定后更正', 'corrected after locking'], task_opened: ['交办', 'assignment opened'],
    task_answered: ['督办答复', 'assignment answered'], task_closed: ['督办办结', 'assignment closed'], task_reopened: ['重新交办', 'assignment reopened'],
    task_overdue: ['督办逾期', 'assignment overdue'], comment_opened: ['有意见', 'comment'], comment_flagged: ['有意见须答复', 'comment to answer'],
    comment_answered: ['意见已答复', 'comment answered'], comment_closed: ['意见已了结', 'comment closed'], uplink_returned: ['上级退回', 'returned above'],
    uplink_refused: ['上级不收', 'refused above'], case_received: ['新的个案', 'new case'], case_emergency: ['紧急个案', 'emergency'],
    case_added: ['协同办理个案', 'asked into a case'], case_reminder: ['个案期限将至', 'case is due'], case_overdue: ['个案逾期提级', 'case overdue'],
    case_flood: ['个案报告过多', 'too many reports of cases'], alarm: ['服务器告警', 'server alarm'],
};
export const noticeWord = (event) => pick(NOTICES, event);

const KEY_STATES = { active: ['有效', 'active', 'good'], pending: ['待批准', 'pending', 'warn'], revoked: ['已吊销', 'revoked', 'bad'] };
export const keyStatus = (status) => ({ word: pick(KEY_STATES, status), tone: (KEY_STATES[status] || [])[2] || 'plain' });
const OFFICES = { filler: ['填表人', 'filler'], reviewer: ['审核人', 'reviewer'], principal: ['负责人', 'principal'] };
export const officeWord = (office) => (office ? pick(OFFICES, office) : '');

const EVENTS = {
    stored: ['存入', 'stored'], accepted: ['通过', 'accepted'], returned: ['退回', 'returned'], withdrawn: ['撤回', 'withdrawn'], objected: ['有异议', 'objected'],
    reviewed: ['审核人签字', 'signed by the reviewer'], signed: ['负责人签字', 'signed by the principal'], confirmed: ['确认汇总', 'total confirmed'], reopened: ['汇总须重报', 'total reopened'],
    locked: ['锁定', 'locked'], unlocked: ['解锁', 'opened again'], corrected: ['锁定后更正', 'corrected after locking'], bad_signature: ['签名无效', 'bad signature'],
    reminder: ['催报', 'reminder'], overdue: ['逾期', 'overdue'], cutoff_moved: ['截止顺延', 'cut-off moved'],
    enrol: ['登记', 'enrolled'], approve: ['批准', 'approved'], revoke: ['吊销', 'revoked'], handover: ['移交', 'handed over'], rotate: ['更换', 'replaced'],
    comment_open: ['提意见', 'comment raised'], comment_answer: ['答复意见', 'comment answered'], comment_close: ['了结意见', 'comment closed'],
    task_open: ['交办', 'opened'], task_answer: ['答复', 'answered'], task_close: ['办结', 'closed'], task_reopen: ['重新交办', 'reopened'], task_escalate: ['督办提级', 'escalated'],
};
export const eventWord = (event) => pick(EVENTS, event);

const SEVERITIES = { high: ['高', 'high', 'bad'], medium: ['中', 'medium', 'warn'], low: ['低', 'low', 'none'] };
export const severityWord = (severity) => ({ word: pick(SEVERITIES, severity), tone: (SEVERITIES[severity] || [])[2] || 'plain' });
