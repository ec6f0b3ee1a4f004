// The person and their browser: Chromium, and a program for $BROWSER that hands each link it is asked to open to the
// test.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { until } from './waiting.js';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const STEP_LIMIT_MS = 30_000;
export const password = 'correct-horse-e2e-battery';

const folders = [];
process.once('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/**
 * A desk: where tabs open, and a home directory that outlives a single bridge. It is removed with the test's process: a
 * test's hooks run in their order, and a bridge that is closed by a later one still writes into its home.
 */
export function sitDown() {
  const folder = mkdtempSync(join(tmpdir(), 'clickflow-person-'));
  folders.push(folder);
  const [program, list] = [join(folder, 'browser'), join(folder, 'tabs')];
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$1" >>'${list}'\n`, { mode: 0o755 });
  const desk = { browser: program, home: join(folder, 'home') };
  mkdirSync(desk.home);
  desk.tabs = () => (existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n') : []);
  /** Waits for the `count`th tab; returns its link. */
  desk.tab = (count = 1) => until(() => desk.tabs()[count - 1], `tab ${count} to open`, STEP_LIMIT_MS);
  return desk;
}

let browser;

/** What `visit(page)` returns, which is called with the link open in a fresh browser; `options` as Playwright has them. */
export async function atPage(link, visit, options = {}) {
  browser ??= await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_LIMIT_MS);
    await page.goto(link);
    return await visit(page);
  } finally {
    await context.close();
  }
}

/**
 * Opens the link, signs in and consents as far as the pages ask for it; returns the address that it was led back
 * to, and the text of the page there.
 */
export const signIn = (link, { account = 'ada' } = {}) =>
  atPage(link, async (page) => {
    let callback;
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/callback') callback = request.url();
    });
    for (let steps = 0; !callback && steps < 5; ++steps) {
      if (await page.locator('input[name=login]').count()) {
        await page.fill('input[name=login]', account);
        await page.fill('input[name=password]', password);
      }
      // Where nothing listens for the callback, the last of these leads to an error page, as it should.
      const led = page.waitForNavigation().catch(() => {});
      await page.click('button[type=submit]');
      await led;
    }
    return { callback, text: await page.locator('body').innerText() };
  });

/** Opens the link and cancels; returns the text of the page that it leads back to. */
export const decline = (link) =>
  atPage(link, async (page) => {
    await page.click('a[href$="/abort"]');
    await page.waitForURL('**/callback?*');
    return page.locator('body').innerText();
  });

export const goAway = async () => browser?.close();
