// Chinese first, English in full. T(zh, en) is the text in the language chosen.
const STORED = 'zhibao-language';

export const language = { now: 'zh' };
try {
    language.now = localStorage.getItem(STORED) || 'zh';
} catch (error) {
    // storage may be forbidden: Chinese then
}

export function T(zh, en) {
    return language.now === 'en' ? en : zh;
}

export function setLanguage(name) {
    language.now = name;
    document.documentElement.lang = name === 'en' ? 'en' : 'zh-CN';
    document.title = T('直报 · 儿童发展规划监测', 'Zhibao · children’s plan monitoring');
    try {
        localStorage.setItem(STORED, name);
    } catch (error) {
        // not kept, that is all
    }
}

// China's time, whatever the machine's zone.
export function timeText(us) {
    if (!us || us === '0') return '';
    const time = new Date(Number(us) / 1000 + 8 * 3600 * 1000);
    return time.toISOString().slice(0, 16).replace('T', ' ');
}

export function chinaYear() {
    return new Date(Date.now() + 8 * 3600 * 1000).getUTCFullYear();
}

export function problemText(problem) {
    return T(problem.zh, problem.en) || problem.name;
}
