// What the downloads page offers: one row each. `load(place, period)` gives the rows, `fields` the columns of the CSV in
// their order (null: every field that is not a list). What is made elsewhere is a row with `href(place, period)` and
// `ends`, the ending of its file's name. A new one is a new row here.
import * as api from './api.js';

const flat = (rows, list, keep) => rows.flatMap((row) => row[list].map((one) => ({ ...Object.fromEntries(keep.map((name) => [name, row[name]])), ...one })));
const FIGURES = ['indicator', 'name_zh', 'name_en', 'domain', 'unit', 'stratum', 'presence', 'value', 'numerator', 'denominator', 'reporting', 'expected', 'demonstration', 'suppressed'];
const TARGETS = ['indicator', 'name_zh', 'name_en', 'stratum', 'unit', 'value_now', 'target', 'op', 'value', 'year', 'scope', 'decides', 'attainment', 'why_zh', 'why_en'];

export const DOWNLOADS = [
    { name: 'consolidated', zh: '汇总结果', en: 'Consolidated results', about: ['每个指标和分组的数，分子分母，多少单位报了', 'every indicator and group with numerator and denominator, and how many units reported'],
        fields: FIGURES, load: async (place, period) => (await api.pull(place, period, { analysis: true })).indicators },
    { name: 'published', zh: '可公布的汇总结果', en: 'Results fit for publication', about: ['小于 5 的数和能推出它的数已隐去', 'numbers below 5 and whatever would tell them are left out'],
        fields: FIGURES, load: async (place, period) => (await api.pull(place, period, { published: true })).indicators },
    { name: 'attainment', zh: '达标情况', en: 'Attainment', about: ['每个目标的判断和理由', 'each target, how it was judged and why'], fields: TARGETS,
        load: async (place, period) => flat((await api.pull(place, period)).indicators.map((row) => ({ ...row, value_now: row.presence === 'PRESENCE_VALUE' ? row.value : '' })), 'targets', ['indicator', 'name_zh', 'name_en', 'stratum', 'unit', 'value_now']) },
    { name: 'completeness', zh: '报送进度和及时情况', en: 'Completeness and timeliness', about: ['每个单位每张表，何时截止，何时报', 'each unit and form, when it was due and when it came'],
        fields: null, load: (place, period) => api.askAll('KIND_GET_COMPLETENESS', { place, period }, 'units') },
    { name: 'warnings', zh: '预警', en: 'Warnings', about: ['每条预警和所依据的预测', 'each warning with its forecast'],
        fields: ['level', 'kind', 'indicator', 'name_zh', 'name_en', 'stratum', 'unit', 'target', 'op', 'value', 'year', 'since', 'demonstration', 'zh', 'en'], load: (place, period) => api.askAll('KIND_WARNINGS', { place, period }, 'warnings') },
    { name: 'quality', zh: '数据质量发现', en: 'Data quality findings', about: ['逐条发现', 'finding by finding'],
        fields: ['unit', 'name', 'part', 'form', 'cell', 'period', 'zh', 'en'], load: async (place, period) => flat(await api.askAll('KIND_QUALITY', { place, period }, 'rows'), 'findings', ['unit', 'name']) },
    { name: 'reconciliation', zh: '部门数对账', en: 'Reconciliation', about: ['同一个数由几个部门各报的', 'the same count from several units'],
        fields: null, load: async (place, period) => flat((await api.ask('KIND_RECONCILE', { place, period })).counts, 'figures', ['count', 'name_zh', 'name_en']) },
    { name: 'duties', zh: '报送任务', en: 'Duties', about: ['谁欠什么、何时到期', 'who owes what by when'], fields: null, load: (place, period) => api.askAll('KIND_DUTIES', { place, year: period }, 'items') },
    { name: 'assignments', zh: '督办', en: 'Assignments', about: ['交办、答复、办结', 'opened, answered, closed'],
        fields: ['title', 'office_name', 'addressee_name', 'plan', 'duty', 'period', 'indicator', 'state', 'due_us', 'overdue'], load: () => api.askAll('KIND_TASKS', {}, 'tasks') },
    { name: 'units', zh: '单位', en: 'Units', about: ['各单位的代码、名称、角色、是否已登记', 'code, name, role and key of each unit'],
        fields: ['unit', 'name_zh', 'name_en', 'role', 'department', 'key_status'], load: (place) => api.askAll('KIND_LIST_UNITS', { place }, 'units') },
];
