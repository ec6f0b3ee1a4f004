// The sandbox's pages in Chromium, without scripts and without a mouse, in light and dark.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { checkLooks } from '../support/appearance.js';
import { choose, pressAt, tabTo, typeInto } from '../support/keyboard.js';
import { button, heading, lookAt } from '../support/pages.js';
import { goAway, sitDown } from '../support/person.js';
import { connect, removeSandbox, startSandbox } from '../support/sandbox.js';
import { connectSigned, textOf } from '../support/signed.js';

const limit = { timeout: 90_000 };
const sandbox = await startSandbox();
after(() => Promise.all([removeSandbox(sandbox), goAway()]));

const apiKeysPage = `${sandbox.origin}/dashboard/settings/api-keys`;

for (const scheme of ['light', 'dark']) {
  test(`sign in, choose an organization, allow (${scheme})`, limit, async (t) => {
    const desk = sitDown();
    const host = await connectSigned(t, desk, sandbox.url);
    const call = host.call('platform_list_organizations');
    await lookAt(await desk.tab(), scheme, async (page) => {
      assert.equal(await heading(page), 'Sign in');
      await checkLooks(page);
      await pressAt(page, page.getByRole('button', { name: /Ada Lindqvist/ }));
      assert.match(await heading(page), /^Let “ClickFlow MCP bridge” use ClickFlow as you\?$/);
      await checkLooks(page);
      await tabTo(page, page.getByRole('radio', { name: /Northwind/ }));
      await page.keyboard.press('ArrowDown');
      await pressAt(page, button(page, 'Allow'));
      assert.match(await heading(page), /signed in/);
    });
    assert.equal(JSON.parse(await textOf(call)).count, 2);
    // A tool that only Fabrikam has.
    assert.ok((await host.names()).includes('agents_suggest_keywords'));
  });

  test(`make a key, use it, see that it was used, revoke it (${scheme})`, limit, async (t) => {
    const name = `Newsroom, ${scheme} & <bold>`;
    await lookAt(`${sandbox.origin}/`, scheme, async (page) => {
      assert.equal(page.url(), apiKeysPage);
      await checkLooks(page);
      const row = page.getByRole('row').filter({ hasText: name });
      const cell = (column) => row.getByRole('cell').nth(column).innerText();

      await typeInto(page, page.getByLabel('Name'), name);
      await choose(page, page.getByLabel('Default organization'), 'Fabrikam Outdoors');
      await choose(page, page.getByLabel('Expires'), 'In 7 days');
      for (const scope of ['tools:agents.*', 'tools:platform.list_organizations']) {
        await tabTo(page, page.locator(`input[name="${scope}"]`));
        await page.keyboard.press('Space');
      }
      await pressAt(page, button(page, 'Create key'));
      const apiKey = await page.getByLabel('The key', { exact: true }).innerText();
      assert.match(apiKey, /^cf_ak_\w{20,}$/);
      await checkLooks(page);
      await page.reload();
      assert.ok(!(await page.content()).includes(apiKey), 'the key is shown a second time');
      assert.match(await cell(0), new RegExp(`${apiKey.slice(0, 10)}…`));
      assert.equal(await cell(1), 'active');
      assert.deepEqual((await cell(2)).split('\n'), ['tools:agents.*', 'tools:platform.list_organizations']);
      assert.equal(await cell(3), 'Fabrikam Outdoors');
      assert.equal(await cell(4), 'in 7 days');
      assert.equal(await cell(5), 'Never');

      const host = await connect(t, sandbox, { apiKey, direct: false });
      assert.equal((await host.call('platform.list_organizations')).count, 2);
      await page.reload();
      assert.equal(await cell(5), 'a moment ago');

      await pressAt(page, page.getByRole('link', { name: `Revoke ${name}` }));
      assert.equal(await heading(page), `Revoke “${name}”?`);
      await checkLooks(page);
      await pressAt(page, button(page, 'Revoke'));
      assert.equal(await cell(1), 'revoked');
      assert.equal(await row.getByRole('link').count(), 0);
      await checkLooks(page);
      await assert.rejects(host.call('platform.list_organizations'), /revoked/);
    });
  });
}

test('say no', limit, async (t) => {
  const desk = sitDown();
  const host = await connectSigned(t, desk, sandbox.url);
  const call = host.call('platform_list_organizations');
  await lookAt(await desk.tab(), 'light', async (page) => {
    await typeInto(page, page.getByLabel('Email address'), 'BEN@fabrikam.example');
    await pressAt(page, button(page, 'Continue'));
    await pressAt(page, button(page, 'Be somebody else'));
    await pressAt(page, page.getByRole('button', { name: /Ben Okafor/ }));
    await pressAt(page, button(page, 'Deny'));
    assert.match(await heading(page), /declined/);
  });
  const { isError, content } = await call;
  assert.equal(isError, true);
  assert.match(content[0].text, /declined/);
});
