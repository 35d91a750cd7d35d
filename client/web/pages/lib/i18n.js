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

// A moment at which something is due: midnight is the end (24:00) of the day before it.
export function dueText(us) {
    const text = timeText(us);
    return text.endsWith(' 00:00') ? timeText(Number(us) - 60e6).replace(/ .*/, ' 24:00') : text;
}

// "2026-03-01" as that day's beginning in China, or its end: microseconds; NaN for what is no day.
export function dayUs(day, end = false) {
    const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day);
    if (!match) return NaN;
    return (Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]) + (end ? 1 : 0)) - 8 * 3600 * 1000) * 1000;
}

// A moment as the day of a date field; of a due moment the day that it ends.
export const dayOf = (us, end = false) => timeText(Number(us) - (end ? 60e6 : 0)).slice(0, 10);
