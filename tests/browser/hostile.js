'use strict';
// Whatever the names, reasons and explanations of others say, the pages show it as text: every text that the gateway
// answers with is made to carry script, and every page is opened.

const SCRIPT = '<img src=x onerror="document.title=`run`"><script>document.title="run"</script><svg onload="document.title=`run`">';
// codes, numbers and keys that the page works with stay as they are
const TEXTS = /^(name_zh|name_en|unit_name|title_zh|title_en|authority|reason|text|comment|by|source|note|title|holder|filler|principal|zh|en|unit_zh|message|summary|why|words)$/;

function taint(value, key) {
    if (typeof value === 'string') return TEXTS.test(key) ? `${value}${SCRIPT}` : value;
    if (Array.isArray(value)) return value.map((one) => taint(one, key));
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, taint(one, name)]));
    return value;
}

async function playHostile(browser, actor, Actor) {
    const { stage, check, name } = actor;
    const context = await browser.newContext({ ignoreHTTPSErrors: true, serviceWorkers: 'block', viewport: { width: 1366, height: 768 } });
    const page = await context.newPage();
    const other = new Actor(page, { stage, role: actor.role, language: actor.language, check });
    let tainted = 0;
    await page.route('**/api/**', async (route) => {
        const answer = await route.fetch();
        tainted++;
        await route.fulfill({ response: answer, json: taint(await answer.json(), '') });
    });
    await page.goto(stage.address);
    await other.login();
    const names = await other.pages();
    const ran = [];
    for (const one of names) {
        await other.go(one);
        await page.waitForTimeout(50);
        const found = await page.evaluate(() => ({ title: document.title, images: document.querySelectorAll('main img, main script, header img').length }));
        if (found.title === 'run' || found.images) ran.push(one);
    }
    check(`${name}: script in any text is only text, on every page`, ran.length === 0 && tainted > names.length, `${ran.join(' ')} ${tainted}`);
    check(`${name}: and was there to be seen`, (await page.locator('header').innerText()).includes('onerror'));
    await page.unrouteAll({ behavior: 'wait' }); // what the last page still asks for
    await context.close();
}

module.exports = { playHostile };
