'use strict';
// Two-step login, switched on with the key that the page shows, used, and switched off with a recovery code.

const crypto = require('node:crypto');

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

// RFC 6238, as an authenticator computes it.
function password(secret, step) {
    const bits = [...secret].map((digit) => DIGITS.indexOf(digit).toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const hash = crypto.createHmac('sha1', key).update(counter).digest();
    return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
}

async function playFactor(actor) {
    const { page, check, name } = actor;
    await actor.go('factor');
    await page.locator('#passphrase').fill(actor.passphrase);
    await page.locator('button.main').click();
    await page.waitForSelector('svg.qr');
    await actor.look('factor');
    const secret = (await page.locator('code').innerText()).replace(/\s/g, '');
    const step = Math.floor(Date.now() / 30000);
    await page.locator('#code').fill('000000');
    await page.locator('button.main').click();
    await page.waitForSelector('.notice.bad');
    await page.locator('#code').fill(password(secret, step));
    await page.locator('button.main').click();
    await page.waitForSelector('.codes');
    const codes = await page.locator('.codes code').allInnerTexts();
    check(`${name}: two-step login is switched on, with ten recovery codes`, new Set(codes).size === 10);
    await page.locator('button.main').click();
    await page.locator('header button').last().click();
    await actor.startLogin();
    await page.waitForSelector('#code');
    await actor.look('enter-code');
    await page.locator('#code').fill(password(secret, step + 1));
    await page.keyboard.press('Enter');
    await page.waitForSelector('nav.menu');
    check(`${name}: it is asked for at the next login`, true);
    await actor.go('factor');
    await page.locator('#code').fill(codes[0]);
    await page.locator('form button').click();
    await page.waitForSelector('#passphrase');
    check(`${name}: and switched off with a recovery code`, true);
}

module.exports = { playFactor };
