'use strict';
// The free table: chosen, turned, sorted, drawn, saved, shared with one who may see less, taken as files.

const fs = require('node:fs');

async function tick(page, name, values) {
    for (const value of values) await page.locator(`#pick-${name} input[value="${value}"]`).check();
}

const heads = (page) => page.locator('#free thead th').allInnerTexts();
const column = (page, number) => page.locator(`#free tbody tr td:nth-of-type(${number})`).allInnerTexts();

async function saved(page, selector) {
    const [file] = await Promise.all([page.waitForEvent('download'), page.click(selector)]);
    return fs.readFileSync(await file.path());
}

async function playFreeTable(office, village) {
    const { page, check, name, stage } = office;
    const { period, indicator, parent } = stage;
    await office.go('table', '');
    await page.waitForSelector('#pick-indicator input');
    check(`${name}: a free table is of the chosen alone`, await page.locator('#show').isDisabled());
    await page.locator('#pick-indicator-filter').fill(indicator);
    await tick(page, 'indicator', [indicator]);
    await tick(page, 'place', [parent]);
    await tick(page, 'year', [period - 1, period]);
    await page.click('#show');
    await page.waitForSelector('#free');
    check(`${name}: places stand in rows, years in columns`, (await heads(page)).slice(1).map((text) => text.trim()).join() === `${period - 1},${period}`, (await heads(page)).join('|'));
    await page.selectOption('#lay-year', 'rows');
    await page.selectOption('#lay-place', 'cols');
    check(`${name}: and turn`, (await page.locator('#free tbody tr').count()) === 2 && (await heads(page)).length === 3, (await heads(page)).join('|'));
    await page.locator('#free button.sort').first().click();
    await page.waitForSelector('#free th[aria-sort=ascending]');
    await page.selectOption('#chart', 'bar');
    await page.waitForSelector('.chart canvas');
    check(`${name}: a column sorts its rows`, (await column(page, 1)).length === 2);
    await office.look('table');
    const text = (await saved(page, '#as-csv')).toString('utf8');
    check(`${name}: as CSV it has the same rows`, text.startsWith('\ufeff') && text.trim().split('\r\n').length === 3, text);
    fs.writeFileSync(`${stage.out}/table-${office.language}.xlsx`, await saved(page, '#as-xlsx'));
    await page.fill('#save-name', '演示表');
    await page.locator('#save-name').press('Enter');
    await page.waitForSelector('#saved-tables a');
    const link = await page.inputValue('#link');
    await page.goto(`${stage.address}/#/blank`);
    await page.goto(link);
    await page.waitForSelector('#free th[aria-sort=ascending]');
    check(`${name}: its link leads back to it`, await page.locator('.chart canvas').count() > 0 && await page.inputValue('#lay-year') === 'rows');
    await village.page.goto(link);
    await village.page.waitForSelector('#denied');
    check(`${village.name}: a link shows nobody more than their unit may see`, await village.page.locator('#free').count() === 0 && (await village.page.locator('#denied').innerText()).includes(String(parent)));
}

module.exports = { playFreeTable };
