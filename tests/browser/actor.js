'use strict';
// One person at one browser: a window of a certain size, a language, and an eye for what goes wrong.

const fs = require('node:fs');
const path = require('node:path');

const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const SIZES = { desk: { width: 1366, height: 768 }, phone: { width: 390, height: 844 } };
const PASSPHRASE = '演示口令 2025';
const TALLEST = 2400; // of a picture: what is below is more of the same table
const LOOKED = { zh: new Set(), en: new Set() };
const ROWS_EXAMINED = 6;
const HAN = /[\u4e00-\u9fff]/;

// In the page: axe on what a person sees, but of a long table its first rows and, of the rest, those that show a state
// or a class that no earlier one has: rows are alike, and axe looks at each for as long as at the first.
async function fewRows(most) {
    const hidden = [];
    for (const body of document.querySelectorAll('tbody')) {
        const seen = new Set();
        for (const [index, row] of [...body.rows].entries()) {
            const classes = [...row.querySelectorAll('[class]')].map((node) => `${node.tagName} ${node.className}`);
            const fresh = classes.some((name) => !seen.has(name));
            for (const name of classes) seen.add(name);
            if (index >= most && !fresh) hidden.push(row);
        }
    }
    for (const row of hidden) row.hidden = true;
    const found = await globalThis.axe.run(document, { resultTypes: ['violations'], preload: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
    for (const row of hidden) row.hidden = false;
    return found;
}

class Actor {
    static async open(browser, { stage, role, language, size, check, whole = true }) {
        const context = await browser.newContext({ viewport: SIZES[size], locale: language === 'en' ? 'en-GB' : 'zh-CN' });
        const page = await context.newPage();
        const actor = new Actor(page, { stage, role, language, check, whole });
        page.setDefaultTimeout(30000);
        await page.addInitScript((name) => localStorage.setItem('zhibao-language', name), language);
        await page.goto(stage.address);
        await page.waitForSelector('.enter').catch((error) => { throw new Error(`${error.message} ${actor.troubles.join(' | ')}`); });
        return actor;
    }

    constructor(page, { stage, role, language, check, whole }) {
        this.passphrase = PASSPHRASE;
        // shared: a page that one role has shown is not looked at again by the next
        this.looked = LOOKED[language];
        Object.assign(this, { page, stage, role, language, check, whole, name: `${language} ${role}`, troubles: [] });
        page.on('pageerror', (error) => this.troubles.push(String(error)));
        page.on('console', (message) => {
            // what the network's cut makes the browser say is no trouble
            if (message.type() === 'error' && !/ERR_INTERNET_DISCONNECTED|ERR_FAILED|status of 4\d\d|status of 5\d\d/.test(message.text())) this.troubles.push(message.text());
        });
        page.on('request', (request) => {
            if (!request.url().startsWith(stage.address) && !/^(blob|data):/.test(request.url())) this.troubles.push(`asks ${request.url()}`);
        });
    }

    async enrol() {
        const { page } = this;
        await page.locator('.tabs button').nth(1).click();
        await page.locator('#code').fill(this.stage.codes[this.language][this.role]);
        await page.locator('#name').fill(`${this.role}-${this.language}`);
        await page.locator('#passphrase').fill(PASSPHRASE);
        await page.locator('#again').fill(PASSPHRASE);
        if (this.role === 'village') await this.look('enrol');
        await page.locator('button.main').click();
        await page.waitForSelector('nav.menu', { timeout: 30000 });
        await this.loaded();
        this.check(`${this.name}: enrols in the browser`, true);
    }

    // Opens the keys if the page asks for the passphrase.
    // `other` is what the page shows when they are open.
    async unlock(page = this.page, other = 'main .bar button.main, .proof') {
        const box = page.locator('#unlock');
        // an open page shows either the question or what it would hide
        await page.waitForSelector(`#unlock, .enter, ${other}`, { timeout: 1500 }).catch(() => {});
        if (!await box.isVisible()) return;
        await box.fill(PASSPHRASE);
        await page.locator('.dialog button.main').click();
    }

    async login() {
        await this.startLogin();
        await this.page.waitForSelector('nav.menu');
    }

    async startLogin() {
        const { page } = this;
        await page.waitForSelector('.enter');
        await page.locator('#name').fill(`${this.role}-${this.language}`);
        await page.locator('#passphrase').fill(PASSPHRASE);
        await page.keyboard.press('Enter');
    }

    async go(name, query = `?year=${this.stage.period}`) {
        await this.page.goto(`${this.stage.address}/#/blank`);
        await this.page.goto(`${this.stage.address}/#/${name}${query}`);
        await this.loaded();
    }

    // Until the page shows what it asked for: its heading first, then nothing that is still loading.
    async loaded() {
        await this.page.waitForFunction(() => document.querySelector('main h1') && !document.querySelector('.loading'), null, { timeout: 20000 });
    }

    // What a person with another eye would meet: overflow, untranslated words, and a picture; where the language is played to
    // its end, axe and a picture of the phone too.
    async look(what) {
        const { page } = this;
        this.looked.add(what);
        await this.charts(what);
        const usual = page.viewportSize();
        for (const [size, shape] of Object.entries(SIZES)) {
            await page.setViewportSize(shape);
            const [wide, tall] = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight]);
            this.check(`${this.name} ${what}: nothing overflows (${size})`, wide <= 0, `${wide} px`);
            if (this.whole || size === 'desk') await page.screenshot({ path: path.join(this.stage.out, `${this.language}-${what}-${size}.png`), fullPage: true, clip: { x: 0, y: 0, width: shape.width, height: Math.min(tall, TALLEST) }, animations: 'disabled' });
        }
        await page.setViewportSize(usual);
        if (this.whole) await this.examine(what);
        if (this.language === 'en') {
            const own = await page.locator('h1, h2:not(.typed), nav a, button, th[scope=col], label, caption, .state').allInnerTexts();
            const left = own.filter((text) => HAN.test(text) && text.trim() !== '中文' && !text.includes('演示数据') && !this.isData(text));
            this.check(`${this.name} ${what}: every word is English`, left.length === 0, left.slice(0, 5).join(' | '));
        }
    }

    // Every chart is drawn, and stands beside its table with a CSV.
    async charts(what) {
        const { page } = this;
        if (await page.locator('.chart').count() === 0) return;
        await page.waitForFunction(() => [...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('canvas')));
        const poor = await page.evaluate(() => [...document.querySelectorAll('.chart')].filter((chart) => {
            const canvas = chart.querySelector('canvas');
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            const box = chart.closest('.pair') || chart.closest('section');
            return !data.some((value) => value > 0) || !box.querySelector('table') || ![...box.querySelectorAll('button')].some((button) => button.textContent.includes('CSV'));
        }).map((chart) => chart.getAttribute('aria-label')));
        this.check(`${this.name} ${what}: every chart is drawn and has its table and CSV`, poor.length === 0, poor.join(' | '));
    }

    async examine(what) {
        const { page } = this;
        if (!await page.evaluate(() => Boolean(globalThis.axe))) await page.evaluate(AXE);
        const found = await page.evaluate(fewRows, ROWS_EXAMINED);
        const serious = found.violations.filter((one) => ['serious', 'critical'].includes(one.impact));
        this.check(`${this.name} ${what}: axe finds nothing serious`, serious.length === 0,
            serious.map((one) => `${one.id}: ${one.nodes.slice(0, 2).map((node) => node.html.slice(0, 160)).join(' | ')}`).join('; '));
    }

    // Names of units come from the divisions, which have Chinese names only.
    isData(text) {
        return this.stage.names.some((name) => text.includes(name));
    }

    // The addresses of all pages that the menu leads to, tabs of pages among them.
    async pages() {
        const { page } = this;
        const read = (selector) => page.locator(selector).evaluateAll((links) => links.map((link) => link.getAttribute('href').replace(/^#\/|\?.*$/g, '')));
        const names = [];
        for (const first of await read('nav.menu a')) {
            await this.go(first);
            names.push(...new Set([first, ...await read('nav.pagetabs a')]));
        }
        return names;
    }

    // Every page of the menu that nobody has looked at yet.
    async lookAtMenu() {
        for (const name of (await this.pages()).filter((one) => !this.looked.has(one))) {
            await this.go(name);
            await this.look(name);
        }
    }

    async close() {
        this.check(`${this.name}: no error, no request elsewhere`, this.troubles.length === 0, [...new Set(this.troubles)].slice(0, 4).join(' | '));
        await this.page.context().close();
    }
}

module.exports = { Actor };
