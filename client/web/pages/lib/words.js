// Names of things for people.
import { T } from './i18n.js';

const STATES = {
    STATE_STORED: ['已收讫', 'stored'], STATE_CHECKED: ['待审核', 'awaits review'],
    STATE_ACCEPTED: ['乡镇已通过', 'accepted'], STATE_RETURNED: ['已退回', 'returned'],
    STATE_CONFIRMED: ['已计入乡镇汇总', 'in the township total'],
    STATE_FINAL: ['统计部门已通过', 'final'], STATE_LOCKED: ['已锁定', 'locked'],
    STATE_SUPERSEDED: ['已被新版本取代', 'superseded'], STATE_BAD_SIGNATURE: ['签名无效', 'bad signature'],
    STATE_WITHDRAWN: ['已撤回', 'withdrawn'], STATE_UNLOCKED: ['已解锁', 'unlocked'],
    STATE_OBJECTED: ['有异议', 'objected'], STATE_REVIEWED: ['已复核', 'reviewed'],
    STATE_SIGNED: ['已签发', 'signed'], STATE_CORRECTED: ['锁定后更正', 'corrected after locking'],
};
const TONES = {
    STATE_RETURNED: 'bad', STATE_BAD_SIGNATURE: 'bad', STATE_OBJECTED: 'bad', STATE_ACCEPTED: 'good',
    STATE_CONFIRMED: 'good', STATE_FINAL: 'good', STATE_LOCKED: 'good',
};
const ROLES = {
    village: ['村（社区）', 'village'], township: ['乡镇（街道）', 'township'],
    department: ['部门', 'department'], statistics: ['统计部门', 'statistics'],
    office: ['妇儿工委办公室', 'committee office'], admin: ['管理员', 'administrator'], auditor: ['审计员', 'auditor'],
    administrator: ['管理员', 'administrator'],
};
export const TAGS = {
    'sex=m': ['男', 'male'], 'sex=f': ['女', 'female'], 'area=urban': ['城镇', 'urban'],
    'area=rural': ['农村', 'rural'], 'stage=kindergarten': ['幼儿园', 'kindergarten'],
    'stage=preschool': ['学前', 'preschool'], 'stage=primary': ['小学', 'primary'],
    'stage=junior': ['初中', 'junior secondary'], 'stage=senior': ['高中', 'senior secondary'],
    'institution=township_centre': ['乡镇卫生院', 'township health centre'],
    'institution=community_centre': ['社区卫生服务中心', 'community health centre'],
    'cause=poison': ['中毒', 'poisoning'], 'cause=other': ['其他', 'other'], 'cause=fall': ['跌倒', 'fall'],
    'cause=electric': ['触电', 'electric shock'], 'cause=drop': ['跌落', 'drop'],
    'cause=car': ['交通', 'traffic'], 'cause=burn': ['烧烫伤', 'burn'], 'cause=animal': ['动物伤害', 'animal'],
    'cause=drown': ['溺水', 'drowning'], 'disease=hepatitis_b': ['乙肝', 'hepatitis B'],
    'disease=hiv': ['艾滋病', 'HIV'], 'disease=syphilis': ['梅毒', 'syphilis'],
};
export const UNITS = {
    percent: ['%', '%'], permille: ['‰', '‰'], per_1000: ['/千', 'per 1,000'],
    per_10000: ['/万', 'per 10,000'], per_100000: ['/10万', 'per 100,000'], count: ['个', ''],
    person: ['人', 'persons'], household: ['户', 'households'], class_hours: ['课时', 'class hours'], hours: ['小时', 'hours'],
    times: ['次', 'times'], yesno: ['是/否', 'yes/no'], yuan: ['元', 'yuan'],
    institution: ['所', 'institutions'], case: ['件', 'cases'], place: ['处', 'places'],
    class: ['班', 'classes'], community: ['个社区', 'communities'], township: ['个乡镇', 'townships'],
    platform: ['个平台', 'platforms'], law: ['部', 'laws'], measure: ['项', 'measures'],
    item: ['项', 'items'], kind: ['种', 'kinds'], index: ['指数', 'index'], ratio: ['比值', 'ratio'],
    unit: ['个', 'units'], bed: ['张', 'beds'], dose: ['剂次', 'doses'], facility: ['个设施', 'facilities'],
    batch: ['批', 'batches'], sample: ['份', 'samples'], tonne: ['吨', 'tonnes'], room: ['间', 'rooms'],
    team: ['支', 'teams'], '10000 m3': ['万立方米', '10,000 m³'], ug_m3: ['微克/立方米', 'µg/m³'],
};
const DOMAINS = {
    health: ['儿童与健康', 'Children and health'], safety: ['儿童与安全', 'Children and safety'],
    education: ['儿童与教育', 'Children and education'], welfare: ['儿童与福利', 'Children and welfare'],
    family: ['儿童与家庭', 'Children and family'], environment: ['儿童与环境', 'Children and environment'],
    implementation: ['规划实施', 'Implementation'],
    law: ['儿童与法律保护', 'Children and legal protection'],
    legal: ['儿童与法律保护', 'Children and legal protection'],
};
const ATTAINMENTS = {
    ATTAINMENT_MET: ['达标', 'reached', 'good', '✓'],
    ATTAINMENT_MET_UNCERTAIN: ['达标但不确定', 'reached, uncertain', 'good', '≈'],
    ATTAINMENT_NOT_MET: ['未达标', 'not reached', 'bad', '✗'],
    ATTAINMENT_NO_DATA: ['无数据', 'no data', 'none', '–'],
    ATTAINMENT_NOT_JUDGEABLE: ['无法判断', 'not judgeable', 'none', '?'],
    ATTAINMENT_UNSPECIFIED: ['无目标', 'no target', 'none', '·'],
};
export const PRESENCES = {
    1: ['数值', 'a figure'], 2: ['不适用', 'not applicable'], 3: ['未采集', 'not collected'],
    4: ['未报送', 'not reported'],
};

const pick = (pair, otherwise) => (pair ? T(pair[0], pair[1]) : otherwise);

export const stateWord = (state) => pick(STATES[state], state);
export const stateTone = (state) => TONES[state] || 'plain';
export const roleWord = (role) => pick(ROLES[role], role);
export const unitWord = (unit) => pick(UNITS[unit], unit);
export const domainWord = (domain) => pick(DOMAINS[domain], domain || T('未归领域', 'no domain'));
export const presenceWord = (presence) => pick(PRESENCES[presence], '');
const SCOPES = {
    local: ['本规划', 'this plan'], provincial: ['省级规划', 'provincial plan'], national: ['国家规划', 'national plan'],
    municipal: ['市级规划', 'city plan'], each_township: ['以乡镇为单位', 'each township'], each_child: ['每个儿童', 'each child'], each_institution: ['每个机构', 'each institution'],
    each_site: ['每个场所', 'each site'],
};
export const scopeWord = (scope) => pick(SCOPES[scope], scope);
export const attainment = (name) => {
    const row = ATTAINMENTS[name] || ATTAINMENTS.ATTAINMENT_UNSPECIFIED;
    return { word: T(row[0], row[1]), tone: row[2], mark: row[3] };
};

// "sex=m;age=0-2" in words.
export function stratumWords(stratum) {
    if (!stratum) return T('合计', 'all');
    return stratum.split(';').map((tag) => {
        if (tag.startsWith('age=')) return T(`${tag.slice(4)}岁`, `aged ${tag.slice(4)}`);
        return pick(TAGS[tag], tag.slice(tag.indexOf('=') + 1));
    }).join(' ');
}

// A unit as people write it: 450223101201 or 450223000000:17.
export function unitCode(unit) {
    const text = String(unit).padStart(15, '0');
    const number = Number(text.slice(-3));
    return number === 0 ? text.slice(0, -3) : `${text.slice(0, -3)}:${number}`;
}

const FORMS = {
    village: ['村（社区）表', 'village form'], township: ['乡镇（街道）表', 'township form'], health: ['卫生健康表', 'health form'],
    education: ['教育表', 'education form'], civil_affairs: ['民政表', 'civil affairs form'], police: ['公安表', 'police form'],
    court: ['法院表', 'court form'], procuratorate: ['检察院表', 'procuratorate form'], justice: ['司法表', 'justice form'],
    medical_insurance: ['医疗保障表', 'medical insurance form'], disabled_federation: ['残联表', 'disabled persons’ federation form'],
    market: ['市场监管表', 'market supervision form'], water: ['水利表', 'water form'], culture_tourism: ['文化旅游表', 'culture and tourism form'],
    finance: ['财政表', 'finance form'], science_association: ['科协表', 'science association form'], environment: ['生态环境表', 'environment form'],
    housing: ['住建表', 'housing form'], transport: ['交通表', 'transport form'], women_federation: ['妇联表', 'women’s federation form'],
    statistics: ['统计表', 'statistics form'], human_resources: ['人社表', 'human resources form'], agriculture: ['农业农村表', 'agriculture form'],
    publicity: ['宣传表', 'publicity form'], ecology: ['生态环境表', 'ecology form'],
    natural_resources: ['自然资源表', 'natural resources form'], youth_league: ['共青团表', 'youth league form'], radio_tv: ['广电表', 'radio and television form'], sports: ['体育表', 'sports form'],
};

// A form's name, short; the whole title is on the form itself.
export const formWord = (form) => pick(FORMS[form], form.replace(/_/g, ' '));

// What a hop of the timeline did, where that differs from the state it led to.
export const stepWord = (state) => (state === 'STATE_CHECKED' ? T('签名核验无误', 'signature verified') : stateWord(state));

// Somebody's words as they are; the aggregator's own in the reader's language.
export const reasonText = (row) => (row.reason_en ? T(row.reason, row.reason_en) : row.reason);

export function kindWord(kind) {
    return {
        RECORD_REPORT: T('报表', 'report'), RECORD_CONFIRMATION: T('乡镇汇总', 'township total'),
        RECORD_REVIEW: T('审核', 'review'), RECORD_LOCK: T('锁定', 'lock'), RECORD_KEY: T('密钥', 'key'),
        RECORD_NOTICE: T('系统通知', 'notice'), RECORD_PLAN: T('规划', 'plan'), RECORD_CALENDAR: T('截止时间', 'cut-offs'),
        RECORD_EXTENSION: T('延期', 'extension'), RECORD_TASK: T('督办', 'assignment'), RECORD_DOCUMENT: T('文件', 'document'), RECORD_TASK_ESCALATION: T('督办提级', 'escalated assignment'),
        RECORD_PLACE_CHANGE: T('区划变更', 'change of places'), RECORD_CONTACT: T('联系方式', 'contact'), RECORD_COMMENT: T('对数字的意见', 'comment on a figure'), RECORD_CARRIER: T('代送授权', 'carrier'),
    }[kind] || kind;
}

// The place of a unit, as 12 digits.
export function placeOf(unit) {
    return String(unit).padStart(15, '0').slice(0, -3);
}
