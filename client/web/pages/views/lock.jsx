// Statistics closes a year that is done, or opens it again with a reason.
import { T } from '../lib/i18n.js';
import { KIND } from '../lib/proof.js';
import { long } from '../lib/records.js';
import { Signer } from './parts.jsx';

export class Lock extends Signer {
    state = { reason: '' };

    save() {
        const { year, tools, reload } = this.props;
        const unlock = year.locked;
        const reason = this.state.reason.trim();
        if (unlock && !reason) {
            tools.say(T('解锁必须写明理由', 'opening again needs a reason'));
            document.getElementById('unlock-reason').focus();
            return;
        }
        this.sign(KIND.LOCK, { plan: year.plan, place: long(year.place), period: year.period, unlock, reason: unlock ? reason : '' },
            `${unlock ? T('解锁', 'unlock') : T('锁定', 'lock')} ${year.period}`, () => {
                tools.say(unlock ? T('已解锁，有回执', 'opened again, receipted') : T('已锁定，有回执', 'locked, receipted'));
                reload();
            });
    }

    render({ year }, { busy, reason }) {
        return (
            <div class="card">
                <div class="bar">
                    {year.locked ? <span class="state good">{T('本年度已锁定', 'this year is locked')}</span> : <span class="state plain">{T('本年度未锁定', 'this year is not locked')}</span>}
                    {year.locked && <label>{T('解锁理由', 'Reason to open it')} <input id="unlock-reason" maxLength={600} value={reason} onInput={(event) => this.setState({ reason: event.target.value })} /></label>}
                    <button type="button" id="lock" disabled={busy} onClick={() => this.save()}>{year.locked ? T('签名解锁', 'Sign and open again') : T('签名锁定', 'Sign and lock')}</button>
                </div>
                {this.outcome()}
            </div>
        );
    }
}
