'use strict';
// What is typed is not lost: not to a closed page, a second window, a session that ends, or a network that is gone.

// What the browser keeps of drafts, as its text; what is typed must not be readable there.
async function keptText(page) {
    return page.evaluate(() => new Promise((resolve, reject) => {
        const request = indexedDB.open('zhibao');
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
            const database = request.result;
            const all = database.transaction(['draft', 'kept']);
            const texts = [];
            for (const name of ['draft', 'kept'])
                all.objectStore(name).getAll().onsuccess = ({ target }) => {
                    for (const row of target.result) texts.push(JSON.stringify({ ...row, box: undefined }), row.box ? new TextDecoder().decode(row.box) : '');
                };
            all.oncomplete = () => { database.close(); resolve(texts.join('\n')); };
        };
    }));
}

const saved = (page, w) => page.waitForFunction((kept) => document.querySelector('#saved').innerText.includes(kept), w.kept);

async function openEntry(actor, year) {
    await actor.page.goto(`${actor.stage.address}/#/entry?form=village&year=${year}`);
    await actor.unlock();
    await actor.page.waitForSelector('#note');
}

// The same form's cut-off on the page of tasks, in a window of its own.
async function dueOfTasks(page, stage) {
    const other = await page.context().newPage();
    await other.goto(`${stage.address}/#/tasks?year=${stage.period}`);
    await other.waitForSelector('td .due');
    const due = await other.locator('tr', { has: other.locator(`a[href^="#/entry?form=village"]`) }).locator('.due').innerText();
    await other.close();
    return due;
}

// A draft outlives the browser's window, a second window that edits it too, and the session.
async function playDraft(actor, w) {
    const { page, check, name, stage } = actor;
    await openEntry(actor, stage.period + 1);
    check(`${name}: last year's figures stand beside`, await page.locator('.grid .last').count() > 5);
    await openEntry(actor, stage.period);
    const due = await page.locator('.due').innerText();
    check(`${name}: the form says the cut-off in force`, due.length > 0 && due === await dueOfTasks(page, stage), due);
    await page.locator('#note').fill('draft that stays');
    await saved(page, w);
    check(`${name}: a kept draft cannot be read without the passphrase`, !(await keptText(page)).includes('draft that stays'));
    await page.reload();
    await actor.unlock();
    await page.waitForSelector('#note');
    check(`${name}: the draft survives a closed page`, await page.locator('#note').inputValue() === 'draft that stays');
    const other = await page.context().newPage();
    await other.goto(page.url());
    await actor.unlock(other);
    await other.waitForSelector('#note');
    await other.locator('#note').fill('from the other window');
    await saved(other, w);
    await page.waitForSelector('.notice.warn button');
    check(`${name}: a window hears that another changes its draft`, await page.locator('#note').inputValue() === 'draft that stays');
    await page.locator('.notice.warn button').last().click();
    await page.waitForFunction(() => document.querySelector('#note').value === 'from the other window');
    await saved(page, w);
    await page.locator('button.quiet', { hasText: w.back }).first().click();
    await page.waitForFunction(() => document.querySelector('#note').value === 'draft that stays');
    check(`${name}: one may take the other's, and one's own back`, true);
    await other.close();
    await page.context().clearCookies();
    await page.locator('#note').fill('typed after the session ended');
    await page.locator('#cell-2').fill('13');
    await saved(page, w);
    await page.locator('button.main').click();
    await actor.login();
    await page.waitForSelector('#note, #result');
    await actor.go('receipts');
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length >= 2);
    check(`${name}: what was signed when the session ended is not lost`, true);
}

// The browser is closed and opened again while the network is gone, and the session is over when it returns.
async function playOffline(actor, w) {
    const { page, check, name, stage } = actor;
    await openEntry(actor, stage.period);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.context().setOffline(true);
    await page.context().clearCookies();
    await page.goto(`${stage.address}/`).catch(() => {});
    await page.waitForSelector('#person');
    check(`${name}: the portal opens without a network`, true);
    await actor.look('offline');
    await page.locator('#passphrase').fill('wrong passphrase');
    await page.locator('button.main').click();
    await page.waitForSelector('.notice.bad');
    await page.locator('#passphrase').fill(actor.passphrase);
    await page.locator('button.main').click();
    await page.waitForSelector('nav.menu');
    await actor.loaded();
    await openEntry(actor, stage.period);
    check(`${name}: a form that was open before opens without a network`, await page.locator('#cell-1').count() === 1);
    const before = Number(await page.locator('#cell-1').inputValue());
    await page.locator('#cell-1').fill(String(before + 1));
    for (const box of await page.locator('[id^="explain-"]').all()) await box.fill(`${w.explanation} ${Math.random()}`);
    await page.locator('button.main').click();
    await page.waitForSelector('#result .notice.warn');
    await page.context().setOffline(false);
    await page.waitForSelector('#result .notice.good', { timeout: 20000 });
    check(`${name}: it logs in and sends by itself when the network returns`, true);
}

// A line on which the first request is lost and the second takes long: asked again, and said what is waited for.
async function playSlow(actor) {
    const { page, check, name } = actor;
    let asked = 0;
    await page.route('**/api/ask/KIND_INBOX', async (route) => {
        if (++asked === 1) { await route.abort(); return; }
        await new Promise((resolve) => setTimeout(resolve, 4500));
        await route.continue();
    });
    await page.goto(`${actor.stage.address}/#/inbox`);
    await page.waitForFunction(() => /(已等|slow network:) *\d+/.test(document.body.innerText), null, { timeout: 10000 });
    await actor.loaded();
    check(`${name}: on a slow line it says what it waits for, and asks again what was lost`, asked === 2 && await page.locator('main table, main .empty').count() > 0, `${asked}`);
    await page.unroute('**/api/ask/KIND_INBOX');
}

module.exports = { playDraft, playOffline, playSlow };
