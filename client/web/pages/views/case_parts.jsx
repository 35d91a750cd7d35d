// What the pages of cases share: leaving at once, the committee's key that has to be there first, times left.
import { Component } from 'preact';
import { openDirectory, trust } from '../lib/case_home.js';
import { nameOfUnit } from '../lib/case_directory.js';
import { T, timeText } from '../lib/i18n.js';
import { leaveNow, watchKeys } from '../lib/quick_exit.js';
import { unitCode } from '../lib/words.js';
import { Failure, Field, Load } from './parts.jsx';

export class QuickExit extends Component {
    componentDidMount() {
        this.unwatch = watchKeys();
    }

    componentWillUnmount() {
        this.unwatch();
    }

    render() {
        return (
            <p class="leave">
                <button type="button" id="leave" onClick={leaveNow}>{T('立即离开', 'Leave at once')}</button>
                <span class="help">{T('或连按三次 Shift', 'or press Shift three times')}</span>
            </p>
        );
    }
}

// The committee's key, from paper: pinned once on each computer.
export class Trust extends Component {
    state = { text: '', error: null };

    async save(event) {
        event.preventDefault();
        const { tools, onDone } = this.props;
        try {
            await tools.withKeys((keys) => trust(keys, this.state.text));
            onDone();
        } catch (error) {
            this.setState({ error });
        }
    }

    render(props, { text, error }) {
        return (
            <form class="card" onSubmit={(event) => this.save(event)}>
                <h2>{T('先输入委员会的公钥', 'First the committee’s key')}</h2>
                <Field id="committee" label={T('纸面上的64位数字和字母', 'The 64 digits and letters on paper')} help={T('随登记码一起发给本单位；每台电脑只输一次。有了它，才能确认报告只密封给委员会认可的办理人，门户和服务器都换不掉。', 'It was handed out with the enrolment code, and is typed once on each computer. By it this page knows that a report is sealed to those whom the committee approved, and to nobody that the portal or the server would put in.')}>
                    <textarea id="committee" rows={3} spellcheck={false} autocomplete="off" maxLength={100} value={text} onInput={(event) => this.setState({ text: event.target.value })} />
                </Field>
                <Failure error={error} />
                <button class="main">{T('信任', 'Trust it')}</button>
            </form>
        );
    }
}

// Opens keys and directory, then shows; asks for the committee's key where it is missing.
export function WithDirectory({ tools, children }) {
    return (
        <Load load={() => tools.withKeys(async (keys) => ({ keys, ...await openDirectory(keys) }))}>{(value, reload) => {
            if (value.missing === 'trust') return <Trust tools={tools} onDone={reload} />;
            if (value.missing) return <p class="notice warn">{T('本区县还没有发布个案名录，报告送不出去：遇到危险请立即拨打110和县（区）民政局的电话。', 'This district has published no directory of cases yet, so that no report can be sent: in danger call 110 and the civil affairs bureau at once.')}</p>;
            return children(value, reload);
        }}</Load>
    );
}

export const unitName = (directory, unit) => nameOfUnit(directory, unit) || unitCode(unit);

const HOUR = 3600e6;

// "还剩 23 小时", "逾期 2 天"
export function timeLeft(dueUs, nowUs = Date.now() * 1000) {
    const left = Math.abs(dueUs - nowUs);
    const minutes = Math.floor(left / 60e6);
    const [zh, en] = left >= 48 * HOUR ? [`${Math.floor(left / 24 / HOUR)} 天`, `${Math.floor(left / 24 / HOUR)} days`]
        : left >= HOUR ? [`${Math.floor(left / HOUR)} 小时`, `${Math.floor(left / HOUR)} h`] : [`${minutes} 分钟`, `${minutes} min`];
    return dueUs < nowUs ? T(`逾期 ${zh}`, `${en} overdue`) : T(`还剩 ${zh}`, `${en} left`);
}

export function Due({ due, word }) {
    const late = due.overdue || due.dueUs < Date.now() * 1000;
    return <>{word} <span class={`state ${late ? 'bad' : due.dueUs - Date.now() * 1000 < 6 * HOUR ? 'warn' : 'plain'}`}>{timeLeft(due.dueUs)}</span> <time class="help">{timeText(due.dueUs)}</time></>;
}
