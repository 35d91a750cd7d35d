'use strict';
// The pages of statistics, office and administrator: each is opened, looked at in both sizes, and its main action
// played. What one page does another shows: an assignment is opened by the office, answered by the township, closed.

const crypto = require('node:crypto');
const fs = require('node:fs');

// A day so many days from now, in China.
const day = (days) => new Date(Date.now() + (8 * 3600 + days * 24 * 3600) * 1000).toISOString().slice(0, 10);

async function fill(page, values) {
    for (const [id, value] of Object.entries(values)) await page.locator(`#${id}`).fill(value);
}

// Signs with the button, opens the keys if asked, and waits for the words that a receipt brings.
async function signed(actor, button, text) {
    const { page } = actor;
    const settled = (wanted) => document.querySelector('#unlock') || document.querySelector('.notices').innerText.includes(wanted);
    await page.locator(button).click();
    await page.waitForFunction(settled, text, { timeout: 20000 });
    if (await page.locator('#unlock').isVisible()) await actor.unlock();
    await page.waitForFunction((wanted) => document.querySelector('.notices').innerText.includes(wanted), text, { timeout: 20000 });
}

// Until the page's table of this number has the text in it.
const shows = (page, number, text) => page.waitForFunction(([index, wanted]) => {
    const table = document.querySelectorAll('table')[index];
    return table && table.innerText.includes(wanted);
}, [number, text]);

async function csv(actor, button) {
    const [file] = await Promise.all([actor.page.waitForEvent('download'), button.click()]);
    const stream = await file.createReadStream();
    const parts = [];
    for await (const part of stream) parts.push(part);
    return Buffer.concat(parts).toString('utf8');
}

async function playCalendar(statistics, w) {
    const { page, check } = statistics;
    await statistics.go('calendar');
    await page.locator('summary').nth(0).click();
    await fill(page, { 'set-due': day(20), 'set-note': '演示' });
    await signed(statistics, 'details[open] button.main', w.cutoff);
    await shows(page, 0, `${day(20)} 24:00`);
    check(`${statistics.name}: sets a cut-off`, true);
    await page.locator('summary').nth(1).click();
    await fill(page, { 'grant-until': day(10), 'grant-reason': '演示：停电' });
    await page.locator('.picks input').first().check();
    await page.locator('details[open] button.main').click();
    await page.waitForSelector('details[open] .notice.bad');
    check(`${statistics.name}: an extension that is not later is refused in words`, (await page.locator('details[open] .notice.bad').innerText()).length > 5);
    await fill(page, { 'grant-until': day(30) });
    await signed(statistics, 'details[open] button.main', w.granted);
    await shows(page, 1, `${day(30)} 24:00`);
    check(`${statistics.name}: grants an extension`, true);
    await statistics.look('calendar');
}

async function playStatisticsPages(statistics, w) {
    const { page, check } = statistics;
    await playCalendar(statistics, w);
    await statistics.go('quality');
    await page.waitForSelector('.heat');
    check(`${statistics.name}: data quality can be saved as CSV`, (await csv(statistics, page.locator('.tablebox button.quiet').first())).split('\r\n').length > 3);
    await statistics.look('quality');
    await statistics.go('reconcile');
    await page.waitForSelector('table');
    await page.locator('main section button:not(.quiet)').first().click();
    await page.waitForFunction(() => document.querySelectorAll('table').length >= 2);
    check(`${statistics.name}: reconciliation goes down to the units`, true);
    await statistics.look('reconcile');
    await statistics.go('explained');
    await page.waitForSelector('td.long');
    check(`${statistics.name}: the explanation of a deviation is shown`, (await page.locator('td.long').allInnerTexts()).some((text) => text.includes(w.explanation)));
    await statistics.look('explained');
    await statistics.go('completeness');
    await page.waitForSelector('.heat');
    await signed(statistics, '#lock', w.locked);
    await page.waitForSelector('#unlock-reason');
    await fill(page, { 'unlock-reason': '演示：更正' });
    await signed(statistics, '#lock', w.unlocked);
    check(`${statistics.name}: locks the year and opens it again`, true);
    await statistics.go('duties');
    return playDocument(statistics, w);
}

async function playOrder(office, township, w) {
    const { page, check } = office;
    await office.go('warnings');
    await page.waitForSelector('td button.quiet');
    await office.look('warnings');
    await page.locator('td button.quiet').first().click();
    await page.waitForSelector('#addressee');
    await page.locator('#addressee').selectOption(township.stage.units[township.language].township);
    await fill(page, { due: day(14), text: '演示：请核实' });
    await signed(office, '#order button.main', w.assigned);
    check(`${office.name}: a warning becomes an assignment`, true);
    await township.go('tasks');
    await township.page.locator('.card a.button[href="#/orders"]').click();
    await township.loaded();
    check(`${township.name}: finds it among the tasks`, true);
    await township.page.locator('td button.quiet').first().click();
    await fill(township.page, { answer: '演示：已核实' });
    await signed(township, '#task button.main', w.answered);
    check(`${township.name}: answers it`, true);
    await office.go('orders');
    await page.locator('td button.quiet').first().click();
    await page.waitForSelector('#answer');
    await office.look('orders');
    await signed(office, '#task button.main', w.closed);
    check(`${office.name}: and closes it`, true);
    await fill(page, { answer: '演示：还缺一项' });
    await signed(office, '#task .bar button', w.reopened);
    check(`${office.name}: or reopens it with a reason`, true);
}

// A document of several chunks for a duty; what is none is refused before anything of it is sent.
async function playDocument(office, w) {
    const { page, check } = office;
    const file = (name, bytes) => page.setInputFiles('#document-file', { name, mimeType: 'application/pdf', buffer: bytes });
    await page.locator('td button.quiet', { hasText: w.hand }).first().click();
    await file('实施情况.pdf', Buffer.from('no document'));
    await page.locator('#document button.main').click();
    await page.waitForSelector('#document .notice.bad');
    check(`${office.name}: what is no document is refused, whatever its name`, (await page.locator('#document .notice.bad').innerText()).includes('PDF'));
    const content = Buffer.concat([Buffer.from('%PDF-1.7\n'), crypto.randomBytes(600 * 1024), Buffer.from('\n%%EOF\n')]);
    await file('实施情况.pdf', content);
    await office.look('document');
    await signed(office, '#document button.main', w.handed);
    check(`${office.name}: hands in a document, its receipt verifies`, true);
    return content;
}

// What statistics handed in: downloaded as it was sent, returned with a reason, then accepted.
async function playDocumentReview(office, w, content) {
    const { page, check } = office;
    const review = () => page.locator('td button', { hasText: w.review }).first().click();
    await office.go('documents');
    await review();
    await page.locator('#verdict-return').click();
    await page.waitForSelector('#verdict .notice.bad');
    await office.look('documents');
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('td button').first().click()]);
    check(`${office.name}: a document is downloaded as it was handed in`, fs.readFileSync(await file.path()).equals(content));
    await fill(page, { 'verdict-reason': '演示：缺盖章页' });
    await signed(office, '#verdict-return', w.sentBack);
    await office.go('documents', `?scope=all&year=${office.stage.period}`);
    await page.locator('tr', { has: page.locator('.state.bad') }).first().locator('button', { hasText: w.review }).click();
    await signed(office, '#verdict button.main', w.taken);
    await page.waitForSelector('td .state.good');
    check(`${office.name}: returns it with a reason, and accepts it`, true);
}

async function playOfficePages(office, township, w, handedIn) {
    const { page, check } = office;
    await playOrder(office, township, w);
    await office.go('duties');
    await page.waitForSelector('table');
    check(`${office.name}: duties are listed`, await page.locator('tbody tr').count() > 5);
    await office.look('duties');
    await playDocument(office, w);
    await playDocumentReview(office, w, handedIn);
    await office.go('evaluation');
    await page.waitForSelector('.facts');
    await page.waitForSelector('.chart canvas');
    await office.look('evaluation');
    await page.locator('.picker select').nth(1).selectOption('midterm');
    await page.waitForFunction((word) => document.querySelector('main').innerText.includes(word), w.midterm);
    check(`${office.name}: the mid-term evaluation is made`, true);
    await office.go('affected');
    await page.waitForSelector('table');
    check(`${office.name}: the opening of a locked year is listed`, (await page.locator('tbody').first().innerText()).includes('演示：更正'));
    await office.look('affected');
    await office.go('downloads');
    check(`${office.name}: the published results are a file`, (await csv(office, page.locator('td button').nth(2))).startsWith('\ufeffindicator,'));
    await page.selectOption('#export-depth', '1');
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('#export button.main').click()]);
    const exported = fs.readFileSync(await file.path(), 'utf8');
    check(`${office.name}: an export of a place and those below is a file`, file.suggestedFilename().endsWith('.csv') && exported.split('\n').length > 200 && exported.includes(String(office.stage.parent)), exported.slice(0, 200));
    await page.selectOption('#yearbook-format', 'html');
    await page.locator('#yearbook button.main').click();
    await office.unlock(page, '#yearbook progress');
    await page.waitForSelector('#yearbook .files a', { timeout: 120000 });
    const [book] = await Promise.all([page.waitForEvent('download'), page.locator('#yearbook .files a').first().click()]);
    check(`${office.name}: the yearbook is made in the browser, with its annexes`, fs.readFileSync(await book.path(), 'utf8').startsWith('<!') && await page.locator('#yearbook .files a').count() === 3);
    await office.look('downloads');
    await office.go('tokens');
    await fill(page, { label: '演示' });
    await page.locator('form.card button.main').click();
    await page.waitForSelector('#token');
    check(`${office.name}: makes a token, which is shown once`, /^zbt_[\w-]{43}$/.test(await page.locator('#token').innerText()));
    await shows(page, 0, '演示');
    await office.look('tokens');
    await page.locator('td button.quiet').first().click();
    await page.waitForSelector('td .state.bad');
    check(`${office.name}: and revokes it`, await page.locator('#token').count() === 0);
    await office.go('contact');
    await fill(page, { email: 'office@example.cn' });
    await signed(office, '.card button.main', w.contact);
    check(`${office.name}: leaves an address`, true);
    await office.look('contact');
}

async function playKeys(admin, w) {
    const { page, check } = admin;
    await admin.go('keys');
    await page.waitForSelector('td button.quiet');
    await admin.look('keys');
    const row = page.locator('tr', { hasText: admin.stage.spare[admin.language] }).first();
    await row.locator('button').click();
    await page.locator('#change button.main').click();
    check(`${admin.name}: a key is not revoked without a reason`, await page.locator('#change').count() === 1);
    await fill(page, { reason: '演示：电脑遗失' });
    await signed(admin, '#change button.main', w.revoked);
    check(`${admin.name}: revokes a key`, true);
}

async function playPlan(admin, w) {
    const { page, check } = admin;
    await admin.go('plan');
    await page.waitForSelector('tbody tr');
    await page.locator('#shown').selectOption('findings');
    check(`${admin.name}: what to mind in the plan is listed`, await page.locator('tbody tr').count() > 20);
    await admin.look('plan');
    await page.locator('#shown').selectOption('targets');
    await page.locator('td button.quiet').nth(1).click();
    await fill(page, { 'edit-value': 'x' });
    await page.locator('#edit button.main').click();
    await page.locator('#changes button.main').click();
    await page.waitForSelector('#changes .notice.bad');
    check(`${admin.name}: a wrong value is named by file, row and column`, /targets\.csv:\d+:value/.test(await page.locator('#changes .notice.bad').innerText()));
    await page.locator('td button.quiet').nth(1).click();
    // another one in each language: what was imported before is in force
    await fill(page, { 'edit-value': admin.language === 'zh' ? '99' : '98', 'edit-note': '演示' });
    await page.locator('#edit button.main').click();
    await page.locator('#changes button.main').click();
    await page.waitForSelector('#changes .notice.good');
    check(`${admin.name}: a target looser than its base is a new finding`, await page.locator('#changes tbody tr').count() > 0);
    await page.locator('#changes').scrollIntoViewIfNeeded();
    await admin.look('plan-changes');
    await page.waitForSelector('#plan-saved');
    await page.reload();
    await page.waitForSelector('#plan-kept');
    await page.locator('#plan-kept button').first().click();
    await admin.unlock();
    await page.locator('#changes button.main').click();
    await page.waitForSelector('#changes .notice.good');
    check(`${admin.name}: what was changed in the plan outlives the page`, await page.locator('#changes tbody tr').count() > 0);
    await signed(admin, '#changes button.main', w.imported);
    check(`${admin.name}: imports the changed plan`, true);
}

async function playAdminPages(admin, w) {
    const { page, check } = admin;
    await playKeys(admin, w);
    await admin.go('codes');
    await page.waitForSelector('tbody tr');
    check(`${admin.name}: codes for all who have no key are a file`, (await csv(admin, page.locator('#issue-all'))).split('ZB1-').length > 100);
    await admin.look('codes');
    await admin.go('accounts');
    const township = page.locator('tr', { hasText: `township-${admin.language}` });
    await township.locator('button').first().click();
    await page.waitForFunction((text) => document.querySelector('.notices').innerText.includes(text), w.shut);
    await admin.loaded();
    await admin.look('accounts');
    await page.locator('tr', { hasText: `township-${admin.language}` }).locator('button').first().click();
    await page.waitForFunction((text) => document.querySelector('.notices').innerText.includes(text), w.opened);
    check(`${admin.name}: closes an account and opens it again`, true);
    await admin.go('events');
    await page.waitForSelector('tbody tr');
    await page.locator('#kind').selectOption('RECORD_KEY');
    await page.locator('form button.main').click();
    await shows(page, 0, '演示：电脑遗失');
    check(`${admin.name}: finds the revocation in the audit`, true);
    await admin.look('events');
    await admin.go('health');
    await page.waitForSelector('.facts');
    check(`${admin.name}: sees how the server does`, await page.locator('.facts dd').count() >= 14);
    await admin.look('health');
    await playPlan(admin, w);
}

module.exports = { playStatisticsPages, playOfficePages, playAdminPages };
