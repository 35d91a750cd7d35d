'use strict';
// A village's report without a mouse: enrolled, filled in, signed, its receipt seen, by keys alone.

const TURNS_MOST = 400;

// Presses Tab until `selector` has the focus, looking at each stop on the way: it can be seen, and it is not where we were.
async function tabTo(page, selector, stops, key = 'Tab') {
    for (let turn = 0; turn < TURNS_MOST; turn++) {
        await page.keyboard.press(key);
        const now = await page.evaluate((wanted) => {
            const at = document.activeElement;
            const style = getComputedStyle(at);
            const box = at.getBoundingClientRect();
            return { there: at.matches(wanted), body: at === document.body, name: at.id || at.outerHTML.slice(0, 60),
                seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 && box.width > 0 && box.right > 0 };
        }, selector);
        if (!now.body) stops.push(now);
        if (now.there) return;
    }
    throw new Error(`no way to ${selector} by ${key}`);
}

async function typeForm(page, figures, stops) {
    await tabTo(page, '#cell-1', stops);
    for (const [cell, value] of Object.entries(figures)) {
        if (await page.evaluate((id) => document.activeElement.id !== id, `cell-${cell}`)) await tabTo(page, `#cell-${cell}`, stops);
        const choice = await page.evaluate(() => document.activeElement.tagName === 'SELECT');
        if (choice) {
            // 请选择、是、否、不适用
            for (let turn = 0; turn < (value === null ? 3 : value ? 1 : 2); turn++) await page.keyboard.press('ArrowDown');
        } else if (value === null) {
            await page.keyboard.press('Tab');
            await page.keyboard.press('ArrowDown');
        } else {
            await page.keyboard.type(String(value));
        }
    }
}

async function playKeyboard(actor) {
    const { page, stage, check, name } = actor;
    const stops = [];
    await page.keyboard.press('Tab');
    check(`${name}: the first key press offers to skip to the content`, await page.evaluate(() => document.activeElement.classList.contains('skip')));
    await tabTo(page, '.tabs button:nth-child(2)', stops);
    await page.keyboard.press('Enter');
    for (const [id, text] of [['code', stage.codes[actor.language].keyboard], ['name', 'keyboard'], ['passphrase', actor.passphrase], ['again', actor.passphrase]]) {
        await tabTo(page, `#${id}`, stops);
        await page.keyboard.insertText(text);
    }
    await page.keyboard.press('Enter');
    await page.waitForSelector('nav.menu', { timeout: 30000 });
    await actor.loaded();
    await tabTo(page, 'td a.button', stops);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#cell-1');
    await typeForm(page, stage.keyboardFigures, stops);
    await page.keyboard.press('ArrowUp');
    check(`${name}: an arrow goes to the figure above`, await page.evaluate(() => document.activeElement.id.startsWith('cell-')));
    for (const box of await page.locator('[id^="explain-"]').all()) {
        await tabTo(page, `#${await box.getAttribute('id')}`, stops);
        await page.keyboard.insertText(`有儿童刚迁入，正在建档 ${await box.getAttribute('id')}`);
    }
    await tabTo(page, '.bar button.main', stops);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#result .notice.good', { timeout: 20000 });
    check(`${name}: fills in, signs and sends a report by keys alone`, true);
    await tabTo(page, 'nav.menu a[href="#/inbox"]', stops, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await actor.loaded();
    await tabTo(page, 'nav.pagetabs a[href^="#/receipts"]', stops, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('td .state.good');
    const unseen = stops.filter((stop) => !stop.seen).map((stop) => stop.name);
    check(`${name}: where the focus is can always be seen`, unseen.length === 0, [...new Set(unseen)].slice(0, 4).join(' | '));
    await playDialog(actor);
}

// A dialog keeps the focus while it is open, and Escape leaves it.
async function playDialog(actor) {
    const { page, stage, check, name } = actor;
    await page.goto(`${stage.address}/#/entry?form=village&year=${stage.period}`);
    await page.reload();
    await page.waitForSelector('#unlock');
    let inside = await page.evaluate(() => document.activeElement.id === 'unlock');
    for (let turn = 0; turn < 8; turn++) {
        await page.keyboard.press(turn < 5 ? 'Tab' : 'Shift+Tab');
        inside = inside && await page.evaluate(() => Boolean(document.activeElement.closest('.dialog')));
    }
    check(`${name}: a dialog keeps the focus`, inside);
    await page.keyboard.press('Escape');
    await page.waitForSelector('.dialog', { state: 'detached' });
    check(`${name}: and Escape leaves it`, true);
}

module.exports = { playKeyboard, tabTo };
