'use strict';
// Plays the roles' work in Chromium, once in each language: node play.js STAGE.json. The stage says where the
// portal is and gives each role its one-time code; prints `ok` and `FAIL` lines; screenshots go to stage.out.

const crypto = require('node:crypto');
const fs = require('node:fs');
const { chromium } = require('playwright-core');
const { Actor } = require('./actor.js');
const { playCases } = require('./cases.js');
const { playDraft, playOffline, playSlow } = require('./draft.js');
const { playFactor } = require('./factor.js');
const { playComment, playFreeTable } = require('./free.js');
const { playHostile } = require('./hostile.js');
const { playKeyboard } = require('./keyboard.js');
const pages = require('./pages.js');
const words = require('./words.js');

const stage = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
// PLAY_LANGUAGES=zh as one of many tests, or en while a page is worked on: one language is played to its end. Of two
// every page of the second is looked at; PLAY_WHOLE=yes plays it to the end (ctest -C thorough).
const LANGUAGES = (process.env.PLAY_LANGUAGES || 'zh,en').split(',');
const WHOLE = LANGUAGES.length === 1 || process.env.PLAY_WHOLE === 'yes';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'];

// The portal's own certificate is trusted as one that a person has installed: without that, no worker keeps the pages.
function trusted() {
    const key = new crypto.X509Certificate(fs.readFileSync(stage.certificate)).publicKey.export({ type: 'spki', format: 'der' });
    return `--ignore-certificate-errors-spki-list=${crypto.createHash('sha256').update(key).digest('base64')}`;
}

const began = Date.now();

function check(name, ok, detail = '') {
    console.error(`${((Date.now() - began) / 1000).toFixed(1)} s ${name}`);
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}${ok || !detail ? '' : ` (${detail})`}`);
}

// Types into every cell of the form: figures by the stage, yes/no by choice.
async function fillForm(actor, skip = 0) {
    const { page } = actor;
    for (const [cell, value] of Object.entries(stage.figures).slice(skip)) {
        const box = page.locator(`#cell-${cell}`);
        if (await box.evaluate((node) => node.tagName) === 'SELECT') await box.selectOption(value === null ? 'p2' : `v${value}`);
        else if (value === null) await page.locator(`#cell-${cell} + select`).selectOption('2');
        else await box.fill(String(value));
    }
}

// The form as a spreadsheet: downloaded, and figures taken from one that is filled in.
async function importSheet({ page, name }) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#sheet-blank')]);
    check(`${name}: the form can be downloaded`, download.suggestedFilename() === `village-${stage.period}.xlsx`);
    if (!stage.sheet) return;
    await page.setInputFiles('#sheet-file', stage.sheet);
    await page.waitForSelector('#sheet-taken .notice.good');
    const values = await Promise.all([11, 12, 13].map((cell) => page.locator(`#cell-${cell}`).inputValue()));
    check(`${name}: a workbook's figures are taken`, values.join() === [11, 12, 13].map((cell) => stage.figures[cell]).join(), values.join());
}

async function playVillage(actor, w) {
    const { page } = actor;
    await actor.enrol();
    check(`${actor.name}: the tasks name the form`, await page.locator('td a.button').count() >= 1);
    await actor.look('tasks');
    await page.click('td a.button');
    await page.waitForSelector('#cell-1');
    // a block as a spreadsheet puts it on the clipboard
    const block = Object.values(stage.figures).slice(0, stage.pasted).join('\t');
    await page.locator('#cell-1').focus();
    await page.evaluate((text) => {
        const data = new DataTransfer();
        data.setData('text', text);
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, block);
    check(`${actor.name}: a pasted block fills its cells`, await page.locator(`#cell-${stage.pasted}`).inputValue() === String(stage.figures[stage.pasted]));
    await importSheet(actor);
    await page.context().setOffline(true);
    await fillForm(actor, stage.pasted);
    await page.locator('#cell-11').fill('999999');
    await page.locator('button.main').click();
    check(`${actor.name}: a hard error stands at its cell`, await page.locator('#problem-11').count() === 1);
    check(`${actor.name}: and is announced`, (await page.locator('#cell-11').getAttribute('aria-invalid')) === 'true');
    await page.locator('#cell-11').fill(String(stage.figures[11]));
    for (const [index, box] of (await page.locator('[id^="explain-"]').all()).entries()) await box.fill(`${w.explanation} ${index}`);
    await page.locator('#filler').fill('黄小明');
    await actor.look('entry');
    await page.waitForFunction((kept) => document.body.innerText.includes(kept), w.kept);
    await page.locator('button.main').click();
    await page.waitForSelector('#result .notice.warn', { timeout: 15000 });
    check(`${actor.name}: without a network the signed report waits here`, true);
    await page.context().setOffline(false);
    await page.goto(`${stage.address}/#/receipts`);
    await page.waitForSelector('td .state.good', { timeout: 20000 });
    check(`${actor.name}: it goes when the network returns, and its receipt verifies in the page`, true);
    await actor.look('receipts');
    await playPaper(actor);
    await playWitness(actor);
}

// The last root is remembered; a server that says something else is told of.
async function playWitness(actor) {
    const { page } = actor;
    await actor.go('witness');
    await page.locator('#look').click();
    await page.waitForSelector('#seen #anchor');
    const anchor = await page.locator('#anchor').textContent();
    check(`${actor.name}: the newest root is seen and kept`, /^zhibao root \d+ \d{4}-.* chain=[0-9a-f]{32} sha256=[0-9a-f]{64} /.test(anchor), anchor);
    await page.locator('#look').click();
    await page.waitForSelector('#seen .state.good');
    await actor.look('witness');
    await page.evaluate(() => new Promise((resolve, reject) => {
        const opened = indexedDB.open('zhibao');
        opened.onerror = () => reject(opened.error);
        opened.onsuccess = () => {
            const kept = opened.result.transaction('kept', 'readwrite').objectStore('kept');
            kept.get('root').onsuccess = ({ target }) => {
                const { root } = target.result;
                kept.put({ key: 'root', root: { ...root, hash: 'f'.repeat(64) } }).onsuccess = resolve;
            };
        };
    }));
    await actor.go('witness');
    await page.locator('#look').click();
    check(`${actor.name}: what contradicts it raises the alarm`, await page.waitForSelector('#alarm', { timeout: 20000 }).then(() => true, () => false));
}

// The receipt on paper, and its QR code's text checked, whole and altered.
async function playPaper(actor) {
    const { page } = actor;
    await page.locator('td button.quiet').nth(1).click();
    await page.waitForSelector('#paper svg.qr path');
    const text = await page.locator('#paper-text').textContent();
    await page.locator('summary', { hasText: /打印的回执|printed receipt/ }).click();
    await page.locator('#qr-text').fill(`${text.slice(0, 60)}\n${text.slice(60)}`);
    await page.locator('details form button.main').click();
    check(`${actor.name}: the text of a printed receipt's code verifies`, await page.locator('#qr-good').count() === 1);
    await actor.look('paper');
    await page.locator('#qr-text').fill(text.replace(/.(.{40})$/, (tail, rest) => (tail[0] === 'A' ? 'B' : 'A') + rest));
    await page.locator('details form button.main').click();
    check(`${actor.name}: altered it does not`, await page.locator('#qr-good').count() === 0 && await page.locator('details .notice.bad').count() === 1);
}

// Script in what people type is text wherever it is shown.
const SCRIPT = '<img src=x onerror="document.title=`run`"><script>document.title="run"</script>';

// A comment on a figure under review stands beside the cell where it is entered, and is answered there.
async function playRemark(township) {
    const { page } = township;
    await page.locator('td button.quiet').first().click();
    await page.locator('article.card td button.quiet').first().click();
    await page.fill('#comment', `演示：请核对${SCRIPT}`);
    await page.locator('#raise button.main').click();
    await township.unlock(page, '#figure .comment');
    await page.waitForSelector('#figure .comment', { timeout: 20000 });
    await page.locator('#figure > .title button').click();
}

async function playRemarkAnswer(village, w) {
    const { page } = village;
    await page.locator('.remark.flagged').click();
    await page.fill('#figure .answer textarea', '演示：已核对');
    await village.look('remark');
    await page.locator('#figure .answer button.main').click();
    await village.unlock(page, '#figure .comment');
    await page.waitForFunction((text) => document.querySelector('.notices').innerText.includes(text), w.answered, { timeout: 20000 });
    check(`${village.name}: a comment stands beside its cell and is answered there`, await page.locator('.remark').count() === 1);
    await page.locator('#figure > .title button').click();
}

async function playReturn(village, township, w) {
    const { page } = township;
    await township.go('review');
    await page.waitForSelector('td button.quiet');
    await playRemark(township);
    await page.locator('tbody input[type=checkbox]').first().check();
    await page.locator('#reason').fill(w.reason + SCRIPT);
    await township.look('review');
    await page.locator('.bar button').last().click();
    await page.waitForFunction((text) => document.querySelector('.notices').innerText.includes(text), w.returned, { timeout: 20000 });
    check(`${township.name}: returns a report with a reason`, true);
    await village.go('tasks');
    await village.page.waitForSelector('.state.bad');
    await village.page.click('td a.button');
    await village.page.waitForSelector('.notice.bad');
    check(`${village.name}: sees why it was returned`, (await village.page.locator('.notice.bad').first().innerText()).includes(w.reason));
    check(`${village.name}: script in a reason is text`, await village.page.title() !== 'run' && await village.page.locator('main img').count() === 0);
    await village.page.locator('#cell-1').fill(String(stage.figures[1] + 1));
    await playRemarkAnswer(village, w);
    // not every water is marked: that has to be explained
    await village.page.locator('#cell-30').fill('0');
    await village.page.locator('#explain-30').fill(w.explanation);
    await village.page.locator('button.main').click();
    await village.unlock();
    await village.page.waitForSelector('#result .notice.good', { timeout: 20000 });
    check(`${village.name}: amends it`, true);
}

async function playTownship(township, w) {
    const { page } = township;
    await township.go('review');
    await page.waitForSelector('tbody input[type=checkbox]');
    await page.locator('.bar button').first().click();
    await page.locator('.bar button.main').click();
    await page.waitForFunction((text) => document.querySelector('.notices').innerText.includes(text), w.accepted, { timeout: 20000 });
    check(`${township.name}: accepts`, true);
    await township.go('total');
    await page.waitForSelector('.bar button.main');
    await township.look('total');
    await page.locator('.bar button.main').click();
    await page.waitForFunction((text) => document.querySelector('.notices').innerText.includes(text), w.confirmed, { timeout: 20000 });
    check(`${township.name}: confirms the total, its receipt verifies`, true);
}

async function playStatistics(statistics, w) {
    const { page } = statistics;
    await statistics.go('review');
    await page.waitForSelector('tbody input[type=checkbox]');
    await page.locator('.bar button').first().click();
    await page.locator('.bar button.main').click();
    await page.waitForFunction((text) => document.querySelector('.notices').innerText.includes(text), w.accepted, { timeout: 20000 });
    check(`${statistics.name}: accepts the township's total`, true);
    await statistics.go('completeness');
    await page.waitForSelector('.heat');
    await statistics.look('completeness');
}

async function playOffice(office) {
    const { page } = office;
    await office.go('wall');
    await page.waitForSelector('.tile', { timeout: 20000 });
    await page.waitForSelector('.chart canvas');
    await office.look('wall');
    const tiles = await page.locator('.tile').count();
    check(`${office.name}: the wall shows the indicators`, tiles > 50, `${tiles}`);
    await page.goto(`${stage.address}/#/indicator?code=${stage.indicator}&year=${stage.period}`);
    await page.waitForSelector('.chart canvas', { timeout: 20000 });
    const drawn = await page.locator('.chart canvas').first().evaluate((canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value, index) => index % 4 === 3 && value > 0);
    });
    check(`${office.name}: the chart is drawn`, drawn);
    check(`${office.name}: beside its table`, await page.locator('.pair table').count() >= 1);
    await office.look('indicator');
}

async function playTrack(village) {
    const { page } = village;
    await village.go('tasks', `?year=${stage.period}`);
    await page.locator('a[href^="#/track"]').first().click();
    await page.waitForSelector('.steps li');
    await page.locator('.steps button.quiet').first().click();
    await village.unlock();
    await page.waitForSelector('.proof.good');
    check(`${village.name}: follows each hop and verifies its receipt`, await page.locator('.steps li').count() >= 4);
    await village.look('track');
    await village.go('inbox');
    await page.waitForSelector('table');
    await village.look('inbox');
}

// What does not depend on the language.
async function playOnce(browser, open, ...hosts) {
    for (const host of hosts) await playHostile(browser, host, Actor);
    const keyboard = await open('keyboard', 'desk');
    await playKeyboard(keyboard);
    await keyboard.close();
}

// Reports of children in danger, by actors who speak either language.
async function playCare(browser, actors) {
    const open = (role, size, language) => Actor.open(browser, { stage, role, language, size, check, whole: true });
    await playCases({ stage, check, open }, actors);
}

// One part while it is worked on: PLAY_ONLY=village.
async function playOnlyVillage(browser) {
    const village = await Actor.open(browser, { stage, role: 'village', language: 'zh', size: 'phone', check, whole: true });
    await playVillage(village, words.zh);
    await village.close();
}

// The same: PLAY_ONLY=cases.
async function playOnlyCases(browser) {
    const open = async (role, size) => {
        const actor = await Actor.open(browser, { stage, role, language: 'zh', size, check, whole: true });
        await actor.enrol();
        return actor;
    };
    const actors = { village: await open('village', 'phone'), township: await open('township', 'desk'), office: await open('office', 'desk') };
    await playCare(browser, actors);
    for (const actor of Object.values(actors)) await actor.close();
}

async function play(browser, language) {
    const w = words[language];
    const whole = WHOLE || language === LANGUAGES[0];
    const open = (role, size) => Actor.open(browser, { stage, role, language, size, check, whole });
    const village = await open('village', 'phone');
    await village.look('enter');
    await playVillage(village, w);
    const township = await open('township', 'desk');
    await township.enrol();
    await playReturn(village, township, w);
    await playTownship(township, w);
    const statistics = await open('statistics', 'desk');
    await statistics.enrol();
    await playStatistics(statistics, w);
    const handedIn = whole && await pages.playStatisticsPages(statistics, w);
    const office = await open('office', 'desk');
    await office.enrol();
    await playOffice(office);
    if (language === 'zh') await playCare(browser, { village, township, office });
    if (whole) await pages.playOfficePages(office, township, w, handedIn);
    if (whole) await playFreeTable(office, village);
    if (whole) await playComment(office, township);
    if (whole) await playFactor(office);
    const admin = await open('admin', 'desk');
    await admin.enrol();
    if (whole) await pages.playAdminPages(admin, w);
    await playTrack(village);
    if (whole) await playDraft(village, w);
    if (whole) await playOffline(village, w);
    for (const actor of [statistics, office, admin]) await actor.lookAtMenu();
    if (language === 'zh') {
        await playSlow(village);
        await playOnce(browser, open, statistics, township);
    }
    for (const actor of [village, township, statistics, office, admin]) await actor.close();
}

async function main() {
    fs.mkdirSync(stage.out, { recursive: true });
    const browser = await chromium.launch({ executablePath: stage.chromium, headless: true, args: [...FLAGS, trusted()] });
    try {
        if (process.env.PLAY_ONLY === 'cases') await playOnlyCases(browser);
        else if (process.env.PLAY_ONLY === 'village') await playOnlyVillage(browser);
        else for (const language of LANGUAGES) await play(browser, language);
    } catch (error) {
        const open = browser.contexts().flatMap((context) => context.pages());
        for (const [index, page] of open.entries()) await page.screenshot({ path: `${stage.out}/failed-${index}.png` });
        throw error;
    } finally {
        await browser.close();
    }
}

main().catch((error) => {
    check('the play runs to its end', false, String(error.stack || error).replace(/\s+/g, ' ').slice(0, 900));
    process.exitCode = 1;
});
