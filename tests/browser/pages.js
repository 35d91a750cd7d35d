'use strict';
// The pages of statistics, office and administrator: each is opened, looked at in both sizes, and its main action
// played. What one page does another shows: an assignment is opened by the office, answered by the township, closed.

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
    await page.waitForFunction((wanted) => document.querySelector('tbody').innerText.includes(wanted), `${day(20)} 24:00`);
    check(`${statistics.name}: sets a cut-off`, true);
    await page.locator('summary').nth(1).click();
    await fill(page, { 'grant-until': day(10), 'grant-reason': '演示：停电' });
    await page.locator('.picks input').first().check();
    await page.locator('details[open] button.main').click();
    await page.waitForSelector('details[open] .notice.bad');
    check(`${statistics.name}: an extension that is not later is refused in words`, (await page.locator('details[open] .notice.bad').innerText()).length > 5);
    await fill(page, { 'grant-until': day(30) });
    await signed(statistics, 'details[open] button.main', w.granted);
    await page.waitForFunction((wanted) => document.querySelectorAll('table')[1].innerText.includes(wanted), `${day(30)} 24:00`);
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
    await township.go('orders');
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

async function playOfficePages(office, township, w) {
    const { page, check } = office;
    await playOrder(office, township, w);
    await office.go('duties');
    await page.waitForSelector('table');
    check(`${office.name}: duties are listed`, await page.locator('tbody tr').count() > 5);
    await office.look('duties');
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
    await office.look('downloads');
    await office.go('contact');
    await fill(page, { email: 'office@example.cn' });
    await signed(office, '.card button.main', w.contact);
    check(`${office.name}: leaves an address`, true);
    await office.look('contact');
}

module.exports = { playStatisticsPages, playOfficePages, signed, fill, csv };
