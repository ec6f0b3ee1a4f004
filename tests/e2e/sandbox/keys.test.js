// API keys: what a person is told when theirs does not open the door.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connect, counters, createKey, listKeys, removeSandbox, revokeKey, startSandbox } from '../support/sandbox.js';
import { placeholderKey, refusal, throughBridge } from '../support/host.js';
import { sleep, until } from '../support/waiting.js';

const limit = { timeout: 20_000 };
const bridgeOnly = { ...limit, skip: !throughBridge };
const server = await startSandbox();
after(() => removeSandbox(server));

/** Asks for the organizations with a key, from the handshake on; returns the words of the refusal. */
const refusedWith = (t, settings) =>
  refusal(connect(t, server, settings).then((host) => host.request('platform.list_organizations')));

/** Through the bridge: a sentence about the key, and what to do. Without it: the status that the server sent. */
function assertToldAboutKey(text, aboutIt = /API key/) {
  if (!throughBridge) return assert.match(text, /unauthorized|HTTP 401/);
  assert.match(text, aboutIt);
  assert.match(
    text,
    /\. \S.*\./s,
    `a sentence that says what happened, and one that says what to do: ${text}`,
  );
}

test('an active key opens, and its use is noted', limit, async (t) => {
  const apiKey = await createKey(server, { name: 'active' });
  const host = await connect(t, server, { apiKey });
  assert.equal((await host.call('platform.list_organizations')).count, 2);
  const used = async () => (await listKeys(server)).find(({ name }) => name === 'active').lastUsedAt;
  await until(used, 'lastUsedAt');
});

test('a person without a key is told how to get one', limit, async (t) => {
  assertToldAboutKey(await refusedWith(t, { apiKey: null }), /CLICKFLOW_API_KEY|sign in/i);
});

test('a key that ClickFlow does not know is refused', limit, async (t) => {
  const text = await refusedWith(t, { apiKey: placeholderKey });
  assertToldAboutKey(text);
  assert.ok(!text.includes(placeholderKey));
});

test('something that is no key is refused before anything is sent', bridgeOnly, async (t) => {
  const before = await counters(server);
  const text = await refusedWith(t, { apiKey: 'sk-proj-4f9a8b7c6d5e4f3a2b1c' });
  assert.match(text, /cf_ak_/);
  assert.ok(!text.includes('4f9a8b7c6d5e'), 'the message shows more of it than its first characters');
  assert.deepEqual(await counters(server), before);
});

test('an expired key is refused', limit, async (t) => {
  const apiKey = await createKey(server, { expiresIn: '1s' });
  await sleep(1_100);
  assertToldAboutKey(await refusedWith(t, { apiKey }), /expired/);
});

test('a key that is revoked in mid-session is refused from then on', limit, async (t) => {
  const apiKey = await createKey(server, { name: 'to be revoked' });
  const host = await connect(t, server, { apiKey });
  await host.call('platform.list_organizations');
  await revokeKey(server, 'to be revoked');
  assertToldAboutKey(await refusal(host.request('platform.list_organizations')), /revoked/);
});

test('a tool outside the scopes of the key is refused in the words of ClickFlow', limit, async (t) => {
  const apiKey = await createKey(server, {
    scopes: ['tools:workflows.*', 'tools:platform.list_organizations'],
  });
  const host = await connect(t, server, { apiKey });
  assert.equal((await host.call('platform.list_organizations')).count, 2);
  const result = await host.request('platform.create_roadmap_item', { keyword: 'x' });
  assert.equal(result.isError, true);
  assert.deepEqual(result.content, [
    { type: 'text', text: 'Insufficient scope: tools:platform.create_roadmap_item' },
  ]);
});
