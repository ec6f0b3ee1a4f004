// Signing in on another device (RFC 8628): the terminal shows a code, and the person types it in a browser elsewhere.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { checkLooks } from '../support/appearance.js';
import { pressAt } from '../support/keyboard.js';
import { button, heading, lookAt } from '../support/pages.js';
import { goAway, sitDown } from '../support/person.js';
import { control, counters, removeSandbox, startSandbox } from '../support/sandbox.js';
import { connectSigned, startInTerminal, textOf } from '../support/signed.js';
import { until } from '../support/waiting.js';

const limit = { timeout: 120_000 };
const INTERVAL_MS = 5_000; // in which the sandbox lets a device ask
const SLACK_MS = 500;
const sandbox = await startSandbox({ args: ['--test-controls'] });
after(() => Promise.all([removeSandbox(sandbox), goAway()]));

const asked = async () => (await counters(sandbox)).token_requests.device_code;

/** `clickflow-mcp login --device` in a terminal, with the link and the code that it shows. */
async function startLogin(t, desk) {
  const terminal = startInTerminal(desk, sandbox.url, ['login', '--device']);
  t.after(() => terminal.kill());
  const shown = () => /(http:\S+\/device)\s+([A-Z]{4}-[A-Z]{4})\s/.exec(terminal.shown);
  const [, link, code] = await until(shown, () => `a code; shown:\n${terminal.shown}`);
  return { terminal, link, code };
}

/** Opens the link, types the code, and decides. */
const answer = ({ link, code }, scheme, decision) =>
  lookAt(link, scheme, async (page) => {
    await checkLooks(page);
    // The field has the focus from the beginning.
    await page.keyboard.type(code.toLowerCase().replace('-', ''));
    await pressAt(page, button(page, 'Continue'));
    await pressAt(page, page.getByRole('button', { name: /Ben Okafor/ }));
    assert.ok(await page.getByText(code, { exact: true }).isVisible(), 'the code can be compared');
    await checkLooks(page);
    await pressAt(page, button(page, decision));
    assert.equal(await heading(page), decision === 'Allow' ? 'Your device is connected' : 'Access denied');
    await checkLooks(page);
  });

test('login --device waits as it is told, and the bridge is signed in', limit, async (t) => {
  const desk = sitDown();
  await control(sandbox, { fail_token_endpoint: { times: 1, status: 400, error: 'slow_down' } });
  const login = await startLogin(t, desk);
  await until(async () => (await asked()) === 1, 'the first question');
  const first = Date.now();
  const second = until(
    async () => (await asked()) === 2 && Date.now(),
    'the second question',
    4 * INTERVAL_MS,
  );
  await answer(login, 'dark', 'Allow');
  const waited = (await second) - first;
  assert.ok(waited > 2 * INTERVAL_MS - SLACK_MS, `after slow_down it waited only ${waited} ms`);
  await login.terminal.ended;
  assert.match(login.terminal.shown, /You are signed in/);

  const host = await connectSigned(t, desk, sandbox.url);
  assert.equal(JSON.parse(await textOf(host.call('platform_list_organizations'))).count, 1);
  assert.deepEqual(desk.tabs(), [], 'a browser was opened');
});

test('a device that was refused says so', limit, async (t) => {
  const login = await startLogin(t, sitDown());
  await answer(login, 'light', 'Deny');
  await login.terminal.ended;
  assert.match(login.terminal.shown, /declined/);
});

test('a code that nobody has is refused on the page', limit, async () => {
  const link = `${sandbox.issuer}/device`;
  const visit = async (page) => {
    await page.keyboard.type('BCDF-GHJK');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await checkLooks(page);
  };
  // Chromium notes the status.
  await assert.rejects(lookAt(link, 'light', visit), /status of 400/);
});
