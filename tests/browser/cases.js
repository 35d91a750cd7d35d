'use strict';
// A mandatory report in the browser: from the village's phone to township, district and department, to closing, and back
// to the reporter by the code alone. The committee signs its directory beside it, offline, with the command line.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { tabTo } = require('./keyboard.js');

const SCRIPT = '<img src=x onerror="document.title=`run`"><script>document.title="run"</script>';
const PHONE = '0772-7654321（演示）';
const FIVE_MINUTES_MS = 5 * 60 * 1000;
const notice = (page, text) => page.waitForFunction((wanted) => document.querySelector('.notices').innerText.includes(wanted), text, { timeout: 20000 });

// Everything that this browser keeps, as text: databases, caches, storage.
function keptHere(page) {
    return page.evaluate(async () => {
        const read = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error); });
        const decoder = new TextDecoder();
        const plain = (value) => (value instanceof Uint8Array ? decoder.decode(value) : value && typeof value === 'object' ? Object.values(value).map(plain).join('\n') : String(value));
        const database = await read(indexedDB.open('zhibao'));
        const parts = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), location.href];
        for (const name of database.objectStoreNames) parts.push(plain(await read(database.transaction(name).objectStore(name).getAll())));
        database.close();
        for (const name of await caches.keys())
            for (const request of await (await caches.open(name)).keys()) parts.push(request.url, await (await (await caches.open(name)).match(request)).text());
        return parts.join('\n');
    });
}

class Play {
    constructor({ stage, check, open }) {
        Object.assign(this, { stage, check, open, folder: path.join(stage.out, '..', 'cases') });
        fs.rmSync(this.folder, { recursive: true, force: true });
        fs.mkdirSync(this.folder, { recursive: true });
        this.child = `${stage.planted}，女，九岁`;
        this.event = `邻居听见哭喊，${stage.planted}手臂有伤${SCRIPT}`;
    }

    zhibao(...words) {
        return execFileSync(this.stage.zhibao, [...words, '--lang', 'zh'], { cwd: this.folder, encoding: 'utf8' });
    }

    // Pins the committee's key where it is asked for.
    async trust(actor, name) {
        await actor.page.goto(`${this.stage.address}/#/blank`);
        await actor.page.goto(`${this.stage.address}/#/${name}`);
        await actor.unlock(actor.page, '#committee');
        await actor.page.locator('#committee').fill('0'.repeat(63));
        await actor.page.locator('form.card button.main').click();
        await actor.page.waitForSelector('.notice.bad');
        await actor.page.locator('#committee').fill(this.committee.toUpperCase());
        await actor.page.locator('form.card button.main').click();
        await actor.page.locator('#committee').waitFor({ state: 'detached' });
        await actor.loaded();
    }

    // The request of a handler's key, as it is carried to the committee.
    async request(actor) {
        await this.trust(actor, 'casekeys');
        const [file] = await Promise.all([actor.page.waitForEvent('download'), actor.page.locator('#request').click()]);
        const name = `${actor.role}.request`;
        await file.saveAs(path.join(this.folder, name));
        return name;
    }

    async prepare({ township, office, intake, helper }) {
        this.committee = this.zhibao('admin', 'case-key', 'committee.key').trim().split('\n').pop();
        const duties = [['township', township], ['intake', intake], ['department', helper], ['supervisor', office]];
        const requests = [];
        for (const [duty, actor] of duties) requests.push(`${duty}=${await this.request(actor)}`);
        this.zhibao('admin', 'case-directory', '--key', 'committee.key', '--place', this.stage.district, '--serial', '1', '--phone', PHONE, '-o', 'directory', ...requests);
        await office.page.locator('#directory-file').setInputFiles(path.join(this.folder, 'directory'));
        await notice(office.page, '名录已发布');
        await office.page.waitForFunction(() => document.querySelectorAll('main tbody tr').length === 4);
        this.check(`${office.name}: publishes the directory that the committee signed, and verifies it`, await office.page.locator('.state.good').count() === 1);
        await office.look('casekeys');
    }

    // A key of last year, made while the page's clock stood a year back, is destroyed: two clicks, a signed record, in the list.
    async retire(actor) {
        const { page } = actor;
        const visit = async () => { await page.evaluate(() => { location.hash = '#/blank'; }); await page.evaluate(() => { location.hash = '#/casekeys'; }); await actor.loaded(); };
        await page.evaluate(() => { const { now } = Date; Date.now = () => now() - 366 * 864e5; window.clockForth = () => { Date.now = now; }; });
        await visit();
        await Promise.all([page.waitForEvent('download'), page.locator('#request').click()]);
        await page.evaluate(() => window.clockForth());
        await visit();
        const before = await page.locator('button.destroy').count();
        await page.locator('button.destroy').click();
        await page.locator('button.destroy').click();
        await page.waitForSelector('#destroyed tbody tr', { timeout: 20000 });
        this.check(`${actor.name}: a past year’s key is destroyed with a receipt, and this year’s stays`, before === 1 && await page.locator('button.destroy').count() === 0 &&
            await page.locator('#destroyed tbody tr').count() === 1 && await page.locator('.state.good').count() === 1);
        await actor.look('casekeys-destroyed');
    }

    // The committee's signature is what counts: what another key signed is refused, whoever brings it.
    async distrust(village) {
        this.zhibao('admin', 'case-key', 'other.key');
        this.zhibao('admin', 'case-directory', '--key', 'other.key', '--place', this.stage.district, '--serial', '2', '--phone', '1', '-o', 'forged', 'intake=intake.request', 'supervisor=office.request');
        const forged = fs.readFileSync(path.join(this.folder, 'forged'));
        await village.page.route('**/api/ask/KIND_GET_CASE_DIRECTORY', (route) => route.fulfill({ json: { kind: 'KIND_CASE_DIRECTORY', body: { record: { payload: forged.toString('base64') }, received_us: '1' } } }));
        await village.page.goto(`${this.stage.address}/#/blank`);
        await village.page.goto(`${this.stage.address}/#/send`);
        await village.page.waitForSelector('main .notice.bad');
        this.check(`${village.name}: keys that the committee did not sign are refused`, await village.page.locator('#matter').count() === 0 && (await village.page.locator('main .notice.bad').innerText()).includes('不可信'));
        await village.page.unroute('**/api/ask/KIND_GET_CASE_DIRECTORY');
    }

    async write(village) {
        const { page } = village;
        await this.trust(village, 'send');
        this.check(`${village.name}: the page's address leaves the history`, !page.url().includes('send'));
        const stops = [];
        const field = async (id) => { if (await page.evaluate((one) => document.activeElement.id !== one, id)) await tabTo(page, `#${id}`, stops); };
        for (const [id, keys] of [['matter', ['ArrowDown']], ['emergency', []], ['text', this.event], ['child', this.child], ['sex', ['ArrowDown', 'ArrowDown']], ['age', Array(10).fill('ArrowDown')], ['place', ['ArrowDown']], ['where', '村口小卖部旁']]) {
            await field(id);
            if (Array.isArray(keys)) for (const key of keys) await page.keyboard.press(key);
            else await page.keyboard.insertText(keys);
        }
        await tabTo(page, '#who summary', stops);
        await page.keyboard.press('Enter');
        await field('name');
        await page.keyboard.insertText(`报告人${this.stage.planted}`);
        this.check(`${village.name}: every field is reached by keys, and seen`, stops.every((stop) => stop.seen), stops.filter((stop) => !stop.seen).map((stop) => stop.name).join(' | '));
        const receivers = () => page.locator('form.report p.notice:not(.warn)').innerText();
        const before = await receivers();
        await page.locator('#left-out summary').click();
        const own = page.locator('#left-out label', { hasText: this.stage.townshipName }).locator('input');
        await own.check();
        const without = await receivers();
        await own.uncheck();
        this.check(`${village.name}: who is named is left out, and the page says who receives it`, before.includes(this.stage.townshipName) && !without.includes(this.stage.townshipName) && without.includes('牵头'), without);
        await village.look('send');
        await page.waitForFunction(() => document.querySelector('#saved').innerText !== '');
        const kept = await keptHere(page);
        this.check(`${village.name}: a draft cannot be read without the passphrase`, kept.includes('draft/') && !kept.includes(this.stage.planted));
    }

    // A photo that is drawn anew, and a paper that is none.
    async attach(village) {
        const { page } = village;
        await page.locator('#files').setInputFiles({ name: '材料.pdf', mimeType: 'application/pdf', buffer: Buffer.from('no PDF') });
        await page.waitForSelector('.attach .notice.bad');
        const photo = await page.evaluate(async (text) => {
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [2600, 1300];
            const context = canvas.getContext('2d');
            context.fillStyle = '#0b5394';
            context.fillRect(0, 0, 2600, 1300);
            const bytes = new Uint8Array(await new Response(await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg'))).arrayBuffer());
            // a comment, as a camera writes where it was
            const words = new TextEncoder().encode(text);
            return [...bytes.subarray(0, 2), 0xff, 0xfe, 0, words.length + 2, ...words, ...bytes.subarray(2)];
        }, this.stage.planted);
        await page.locator('#files').setInputFiles({ name: '现场.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(photo) });
        await page.waitForSelector('.files li');
        this.check(`${village.name}: a photo is taken, what is of another type is not`, await page.locator('.files li').count() === 1);
    }

    // Looked at in the page: what was sealed in pieces opens, and says nothing of the camera.
    async seePhoto(township) {
        const { page } = township;
        await page.locator('.attachment .look').click();
        await page.waitForSelector('.attachment canvas');
        const seen = await page.locator('.attachment canvas').evaluate((canvas) => [canvas.width, canvas.height, ...canvas.getContext('2d').getImageData(9, 9, 1, 1).data].join());
        const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.attachment button').last().click()]);
        const bytes = fs.readFileSync(await file.path());
        this.check(`${township.name}: opens the photo, drawn anew without what the camera wrote`, /^2400,1200,/.test(seen) && file.suggestedFilename() === '现场.jpg' && !bytes.includes(Buffer.from(this.stage.planted)), seen);
        await page.locator('.attachment .look').click();
    }

    // A closed page, and a colleague at the same computer without the passphrase.
    async draft(village) {
        const { page } = village;
        await page.goto(`${this.stage.address}/#/blank`);
        await page.reload();
        await page.goto(`${this.stage.address}/#/send`);
        await village.unlock(page, '#text');
        await page.waitForSelector('#text');
        await page.waitForSelector('.files li');
        this.check(`${village.name}: the draft outlives a closed page, with its photo`, await page.locator('#text').inputValue() === this.event && await page.locator('#child').inputValue() === this.child);
    }

    async send(village) {
        const { page } = village;
        await page.context().setOffline(true);
        await page.locator('form.report button.main').click();
        await page.waitForSelector('#case-code');
        this.code = (await page.locator('#case-code').innerText()).trim();
        await page.waitForSelector('#result .notice.warn');
        this.check(`${village.name}: without a line it is sealed and waits here, unreadable`, /^[0-9A-Z-]{33}$/.test(this.code) && !(await keptHere(page)).includes(this.stage.planted));
        await page.evaluate((ms) => { const real = Date.now.bind(Date); globalThis.realNow = Date.now; Date.now = () => real() + ms; }, FIVE_MINUTES_MS);
        await page.waitForSelector('#alarm');
        this.check(`${village.name}: five minutes without a receipt show the duty phone`, (await page.locator('#alarm').innerText()).includes(PHONE));
        await page.evaluate(() => { Date.now = globalThis.realNow; });
        await page.context().setOffline(false);
        await page.waitForSelector('#result .notice.good', { timeout: 20000 });
        this.check(`${village.name}: it goes when the line returns; the receipt is the proof that the duty was met`, (await page.locator('#result .notice.good').innerText()).includes('报告义务已经履行'));
        await village.look('sent');
        await page.locator('#done').click();
        await page.locator('#case-code').waitFor({ state: 'detached' });
    }

    // Away at once, by key; what comes back by "back" shows nothing, and the session is over.
    async leave(village) {
        const { page } = village;
        await page.locator('#text').fill(`第二份${this.stage.planted}`);
        await page.keyboard.press('Shift');
        await page.keyboard.press('Shift');
        await page.keyboard.press('Shift');
        await page.waitForURL('**/calm.html');
        this.check(`${village.name}: leaves at once for a harmless page`, (await page.title()) === '二十四节气');
        await page.goBack();
        await page.waitForSelector('.enter');
        this.check(`${village.name}: going back shows nothing of it, and kept nothing readable`, await page.locator('#text').count() === 0 && !(await keptHere(page)).includes(this.stage.planted));
        await village.login();
    }

    async openCase(actor, closed = false) {
        const { page } = actor;
        await page.goto(`${this.stage.address}/#/blank`);
        await page.goto(`${this.stage.address}/#/cases`);
        await page.waitForSelector('#closed');
        if (closed) await page.locator('#closed').check();
        await page.waitForSelector('tbody tr');
        await page.locator('tbody tr td button').first().click();
        await actor.unlock(page, '#purpose');
        await page.locator('form.card button.main').click();
        await page.waitForSelector('#case', { timeout: 20000 });
        return page.locator('#case').innerText();
    }

    // One step: its button, its fields, signed.
    async step(actor, action, fields = {}) {
        const { page } = actor;
        const count = await page.locator('#case > .steps > li').count();
        await page.locator(`#do-${action}`).click();
        for (const [id, value] of Object.entries(fields)) {
            const box = page.locator(`#step #${id}`);
            if (await box.evaluate((node) => node.tagName) === 'SELECT') await box.selectOption(value);
            else await box.fill(value);
        }
        await page.locator('#step button.main').click();
        await page.waitForFunction((before) => document.querySelectorAll('#case > .steps > li').length > before || document.querySelector('#step .notice.bad'), count, { timeout: 20000 });
        const failed = page.locator('#step .notice.bad');
        this.check(`${actor.name}: ${action}`, await failed.count() === 0, await failed.count() ? await failed.innerText() : '');
    }

    async handle(township, intake, helper) {
        const { planted } = this.stage;
        await intake.go('cases');
        await intake.look('cases');
        let text = await this.openCase(township);
        this.check(`${township.name}: opens what was sealed to it, and not who reported`, text.includes(this.child) && !text.includes('报告人'));
        this.check(`${township.name}: script in a case is text`, await township.page.title() !== 'run' && await township.page.locator('main img').count() === 0 && text.includes('onerror'));
        this.check(`${township.name}: is offered what a township may do`, await township.page.locator('#do-acknowledge').count() === 1 && await township.page.locator('#do-close').count() === 0);
        await this.seePhoto(township);
        await this.step(township, 'act', { words: `${planted}已入户，孩子安全` });
        await township.look('case');
        text = await this.openCase(intake);
        this.check(`${intake.name}: the lead reads the reporter and what the township did`, text.includes(`报告人${planted}`) && text.includes('孩子安全'));
        await this.step(intake, 'acknowledge');
        await intake.page.locator('#do-assess').click();
        await intake.page.locator('#step button.main').click();
        await intake.page.waitForSelector('#step .notice.bad');
        this.check(`${intake.name}: an assessment says the risk`, await intake.page.evaluate(() => document.activeElement.id) === 'risk');
        await intake.page.locator('#do-assess').click();
        await this.step(intake, 'assess', { risk: '3', words: `${planted}评估为高风险` });
        await intake.page.locator('#do-add').click();
        await intake.look('case');
        await intake.page.locator('#do-add').click();
        await this.step(intake, 'add', { unit: this.stage.units.zh.helper, words: `${planted}转学安置` });
        await intake.page.locator('#do-outcome').click();
        await intake.page.locator('#words').fill(`${planted}已安置，谢谢您`);
        await this.assist(helper);
        await this.stale(intake);
        await this.step(intake, 'close', { words: '已安全' });
        this.check(`${intake.name}: closed, with nothing more to do but what is left`, await intake.page.locator('#do-reopen').count() === 1 && await intake.page.locator('#do-assess').count() === 0);
    }

    // A department's step came while the answer was typed: it is shown first, and what was typed stays.
    async stale(intake) {
        const { page } = intake;
        await page.locator('#step button.main').click();
        await page.waitForFunction((text) => document.querySelector('#case').innerText.includes(text), '已转学', { timeout: 20000 });
        await page.waitForFunction(() => document.querySelector('.notices').innerText.includes('meanwhile'));
        this.check(`${intake.name}: what came meanwhile is shown before the next step, what was typed stays`, (await page.locator('#words').inputValue()).includes('已安置'));
        const count = await page.locator('#case > .steps > li').count();
        await page.locator('#step button.main').click();
        await page.waitForFunction((before) => document.querySelectorAll('#case > .steps > li').length > before, count, { timeout: 20000 });
    }

    async assist(helper) {
        const text = await this.openCase(helper);
        this.check(`${helper.name}: a department reads the report and its part, not what was before`, text.includes(this.child) && text.includes('转学安置') && !text.includes('评估为高风险'));
        await this.step(helper, 'assist', { words: `${this.stage.planted}已转学` });
    }

    // By the code, on a device that knows nobody.
    async ask(stranger) {
        const { page } = stranger;
        await page.locator('.openly a').click();
        await page.locator('#code').fill(`${this.code.slice(0, 5)}${this.code[5] === '7' ? '8' : '7'}${this.code.slice(6)}`);
        await page.locator('button.main').click();
        await page.waitForSelector('.notice.bad');
        await page.locator('#code').fill(this.code.toLowerCase().replace(/-/g, ' '));
        await page.locator('button.main').click();
        await page.waitForSelector('#found');
        const text = await page.locator('#found').innerText();
        this.check(`${stranger.name}: the code alone tells the state and the answer`, text.includes('已结案') && text.includes(`${this.stage.planted}已安置`), text);
        await stranger.look('asked');
    }

    // Reopened, a department leaves, and takes the lead when the case is transferred to it.
    async transfer(intake, helper) {
        const unit = this.stage.units.zh.helper;
        await this.openCase(intake, true);
        await this.step(intake, 'reopen', { words: `${this.stage.planted}又有情况` });
        await this.step(intake, 'leave', { unit });
        await this.step(intake, 'offer', { unit, words: '移送（演示）' });
        await helper.page.locator('nav a[href="#/cases"]').first().click();
        await helper.page.waitForSelector('#closed');
        this.check(`${helper.name}: the section chosen again leads from the case back to the list`, true);
        const text = await this.openCase(helper);
        this.check(`${helper.name}: who is offered a case reads the whole of it`, text.includes('评估为高风险') && text.includes('待接收'));
        await this.step(helper, 'accept');
        this.check(`${helper.name}: and leads it from then on`, await helper.page.locator('#do-close, #do-acknowledge').count() > 0 && (await helper.page.locator('#case').innerText()).includes('牵头'));
    }

    // What is overdue stands out, in the list and for the supervisor: clocks cannot be waited for here.
    async late(office) {
        const { page } = office;
        const at = Date.now() * 1000;
        const item = (hours, more) => ({ district: this.stage.district, case_id: Buffer.alloc(16, Math.abs(hours)).toString('base64'), urgency: 'CASE_ORDINARY', state: 'CASE_STATE_REPORTED', role: 'CASE_SUPERVISOR', received_us: String(at - 30 * 3600e6),
            level: 1, due: [{ action: 'CASE_ACKNOWLEDGE', due_us: String(at + hours * 3600e6), overdue: hours < 0 }], last: '', last_us: String(at), acknowledged: false, ...more });
        const cases = [item(5), item(-6), item(-2, { urgency: 'CASE_EMERGENCY', level: 2 })];
        await page.route('**/api/ask/KIND_LIST_CASES', (route) => route.fulfill({ json: { kind: 'KIND_CASE_ITEMS', body: { cases, next: '' } } }));
        await office.go('cases', '');
        await page.waitForSelector('tbody tr');
        const rows = await page.locator('tbody tr').allInnerTexts();
        this.check(`${office.name}: what is overdue longest comes first, with how long`, rows.length === 3 && /逾期 6 小时/.test(rows[0]) && /紧急.*逾期 2 小时/s.test(rows[1]) && /还剩 4 小时/.test(rows[2]), rows.join(' | '));
        await page.locator('#overdue').check();
        this.check(`${office.name}: and can be seen alone`, await page.locator('tbody tr').count() === 2);
        await office.look('cases-overdue');
        await page.unroute('**/api/ask/KIND_LIST_CASES');
    }

    async supervise(office) {
        const { page } = office;
        await office.go('caselog', '');
        await page.waitForSelector('tbody tr');
        const text = await page.locator('main').innerText();
        this.check(`${office.name}: the supervisor sees who read, when and for what`, ['教育', '民政', this.stage.townshipName].every((name) => text.includes(name)) && text.includes('办理'), text.slice(-400));
        await office.look('caselog');
    }
}

async function playCases(tools, { village, township, office }) {
    const play = new Play(tools);
    const intake = await tools.open('intake', 'desk', 'en');
    const helper = await tools.open('helper', 'phone', 'zh');
    for (const actor of [intake, helper]) await actor.enrol();
    await play.prepare({ township, office, intake, helper });
    await play.write(village);
    await play.attach(village);
    await play.distrust(village);
    await play.draft(village);
    await play.send(village);
    await play.leave(village);
    await play.handle(township, intake, helper);
    const stranger = await tools.open('stranger', 'phone', 'zh');
    await play.ask(stranger);
    await play.supervise(office);
    await play.transfer(intake, helper);
    await play.retire(helper);
    await play.late(office);
    for (const actor of [intake, helper, stranger]) await actor.close();
}

module.exports = { playCases };
