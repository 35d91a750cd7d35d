// The words of cases, in both languages; those of the command line are the same (client/cli/case_words.c). The index is the
// enumeration's value.
import { T } from './i18n.js';

export const MATTERS = [null, ['violence', '遭受暴力', 'violence'], ['neglect', '疏忽照料', 'neglect'], ['no-guardian', '无人监护', 'no guardian'], ['bullying', '校园欺凌', 'school bullying'],
    ['sexual-abuse', '疑似性侵害', 'suspected sexual abuse'], ['injury', '意外伤害', 'injury, accident'], ['missing', '失踪', 'missing'], ['dropping-out', '失学辍学', 'dropping out'], ['other', '其他困境', 'other difficulty']];
export const CHANNELS = [null, ['village', '村（社区）', 'village'], ['school', '学校', 'school'], ['kindergarten', '幼儿园', 'kindergarten'], ['childcare', '托育机构', 'childcare'], ['hospital', '医疗机构', 'hospital'],
    ['police', '公安', 'police'], ['civil-affairs', '民政', 'civil affairs'], ['hotline', '热线', 'hotline'], ['patrol', '巡查走访', 'patrol'], ['self', '儿童本人', 'the child']];
export const RISKS = [null, ['low', '低风险', 'low'], ['medium', '中风险', 'medium'], ['high', '高风险', 'high'], ['emergency', '紧急', 'emergency']];
export const STATES = [null, ['reported', '已报告', 'reported'], ['acknowledged', '已受理', 'acknowledged'], ['assessed', '已评估', 'assessed'], ['acted', '已处置', 'acted on'], ['assisted', '帮扶中', 'assisted'],
    ['reviewed', '已复查', 'reviewed'], ['closed', '已结案', 'closed'], ['reopened', '重新开启', 'reopened'], ['registered', '在册', 'registered'], ['left', '已离开台账', 'left']];
export const ACTIONS = [null, ['report', '报告', 'report'], ['acknowledge', '受理', 'acknowledge'], ['assess', '评估', 'assess'], ['act', '处置', 'act'], ['assist', '帮扶', 'assist'], ['review', '复查', 'review'],
    ['outcome', '答复报告人', 'outcome'], ['close', '结案', 'close'], ['reopen', '重新开启', 'reopen'], ['add', '增加办理单位', 'add a handler'], ['leave', '退出', 'leave'], ['transfer', '移送', 'transfer'],
    ['accept', '接收移送', 'accept'], ['decline', '不接收移送', 'decline'], ['supplement', '补充', 'supplement'],
    ['register', '建档', 'register'], ['visit', '走访', 'visit'], ['deregister', '离开台账', 'leave the register'], ['rewrap', '换发密钥', 'wrap for another key']];
export const DIFFICULTIES = [null, ['orphan', '孤儿', 'orphan'], ['unraised', '事实无人抚养', 'raised by nobody'], ['left-behind', '留守', 'left behind'], ['hardship', '困难家庭', 'family in hardship'], ['disabled', '残疾', 'disabled'], ['ill', '重病', 'gravely ill'],
    ['absent', '失学辍学', 'out of school'], ['harmed', '遭受侵害', 'harmed'], ['strayed', '流浪', 'strayed'], ['other', '其他', 'other']];
export const ROLES = [null, ['lead', '牵头', 'lead'], ['handler', '办理', 'handler'], ['member', '协同', 'member'], ['supervisor', '督查', 'supervisor'], ['offered', '待接收', 'offered']];
export const PURPOSES = [null, ['handling', '办理', 'handling'], ['supervision', '督查', 'supervision'], ['transfer', '移送', 'transfer'], ['figures', '统计', 'figures'], ['complaint', '申诉、举报核查', 'complaint']];
export const DUTIES = [null, ['township', '乡镇', 'township'], ['intake', '一门受理', 'intake'], ['police', '公安', 'police'], ['supervisor', '督查', 'supervisor'], ['above', '上级', 'level above'], ['department', '部门', 'department']];

const OTHER_NAMES = { offer: 'transfer' };

// The word for a value (a number, or the name as a message has it).
export function wordOf(table, value) {
    const row = typeof value === 'number' ? table[value] : table.find((one) => one && one[0] === (OTHER_NAMES[value] || String(value).replace(/_/g, '-')));
    return row ? T(row[1], row[2]) : '';
}

// For people the acts are sentences on buttons.
export const buttonOf = (action) => ({
    acknowledge: T('受理', 'Acknowledge'), assess: T('评估风险', 'Assess the risk'), act: T('登记处置', 'Record an act'), assist: T('登记帮扶', 'Record help'), review: T('登记复查', 'Record a review'),
    outcome: T('答复报告人', 'Answer the reporter'), close: T('结案', 'Close'), reopen: T('重新开启', 'Reopen'), add: T('交办部门', 'Assign a department'), leave: T('退出办理', 'Leave the case'),
    offer: T('移送', 'Transfer'), accept: T('接收移送', 'Accept the transfer'), decline: T('不接收', 'Decline it'), supplement: T('补充情况', 'Add what became known'), visit: T('登记走访', 'Record a visit'), deregister: T('移出台账', 'Take off the register'), rewrap: T('给新密钥加封', 'Seal to a new key'),
}[action]);
