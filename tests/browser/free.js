'use strict';
// The free table: chosen, turned, sorted, drawn, saved, shared with one who may see less, taken as files.

const fs = require('node:fs');

const SCRIPT = '<img src=x onerror="document.title=`run`">';
const WORDS = { zh: { raised: '意见已提出', answered: '已答复', closed: '已了结' }, en: { raised: 'comment raised', answered: 'answered', closed: 'closed' } };

async function tick(page, name, values) {
    for (const value of values) await page.locator(`#pick-${name} input[value="${value}"]`).check();
}

const heads = (page) => page.locator('#free thead th').allInnerTexts();
const column = (page, number) => page.locator(`#free tbody tr td:nth-of-type(${number})`).allInnerTexts();

async function saved(page, selector) {
    const [file] = await Promise.all([page.waitForEvent('download'), page.click(selector)]);
    return fs.readFileSync(await file.path());
}

// Outlines that a person brings: matched by code and by name, what does not match is told.
async function playMap(office) {
    const { page, check, name, stage } = office;
    const square = (properties, x) => ({ type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: [[[x, 24], [x + 1, 24], [x + 1, 25], [x, 25], [x, 24]]] } });
    const file = (text) => page.setInputFiles('#outlines', { name: 'a.geojson', mimeType: 'application/geo+json', buffer: Buffer.from(text) });
    await page.selectOption('#lay-place', 'rows');
    await page.selectOption('#lay-year', 'cols');
    await page.selectOption('#chart', 'map');
    await file('{"type":"Point"}');
    await page.waitForSelector('.notice.bad');
    await file(JSON.stringify({ type: 'FeatureCollection', features: [square({ code: String(stage.parent).slice(0, 9) }, 109), square({ name: '鹿寨' }, 110), square({ name: '别处镇' }, 111)] }));
    await page.waitForSelector('#map-told');
    await page.waitForSelector('.chart canvas');
    const told = await page.locator('#map-told').innerText();
    check(`${name}: outlines are matched by code; what is not is named`, /对上 1 个|^1 places/.test(told) && told.includes('别处镇'), told);
    await office.look('map');
    await page.selectOption('#lay-place', 'cols');
    await page.selectOption('#lay-year', 'rows');
    await page.selectOption('#chart', 'bar');
    await page.locator('#free button.sort').first().click();
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
    await playMap(office);
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

// A comment on a figure of the table, flagged; its reporter finds it, answers; who raised it closes it.
async function playComment(office, township) {
    const { page, check, name, stage } = office;
    const says = (one, text) => one.page.waitForFunction((wanted) => document.querySelector('.notices').innerText.includes(wanted), text, { timeout: 20000 });
    const press = async (one, button) => {
        await one.page.locator(button).click();
        await one.unlock();
    };
    const w = WORDS[office.language];
    await page.goto(`${stage.address}/#/blank`);
    await page.goto(`${stage.address}/#/table?${new URLSearchParams({ i: stage.indicator, p: stage.parents[office.language], y: stage.period, cols: 'year' })}`);
    await page.locator('#free button.cell').first().click();
    await page.waitForSelector('#raise');
    await page.fill('#comment', `演示：请核对${SCRIPT}`);
    await press(office, '#raise button.main');
    await says(office, w.raised);
    await page.waitForSelector('#figure .comment');
    check(`${name}: comments on a figure, and sees it kept with it`, await page.title() !== 'run' && await page.locator('#figure .comment .state.warn').count() === 1);
    await office.look('figure');
    await township.go('tasks');
    await township.page.waitForSelector('.card a[href="#/comments"]');
    await township.go('inbox', '');
    await township.page.locator('td a[href^="#/comments?id"]').first().click();
    await township.page.waitForSelector('#one textarea');
    await township.page.locator('#one textarea').fill('演示：已核对');
    await township.look('comments');
    await press(township, '#one button.main');
    await says(township, w.answered);
    check(`${township.name}: finds it in the inbox and answers`, true);
    await office.go('comments', '?scope=mine');
    await page.locator('td button.quiet').first().click();
    await press(office, '#one button.main');
    await says(office, w.closed);
    check(`${name}: closes it`, true);
}

module.exports = { playComment, playFreeTable };
