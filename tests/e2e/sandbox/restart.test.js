// ClickFlow is restarted under a running assistant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, createKey, removeSandbox, startSandbox } from '../support/sandbox.js';
import { throughBridge } from '../support/host.js';

test('the assistant works on as if nothing had been', { timeout: 30_000 }, async (t) => {
  const old = await startSandbox();
  let server = old;
  t.after(() => removeSandbox(server));
  const host = await connect(t, old, { apiKey: await createKey(old) });
  assert.equal((await host.call('platform.list_organizations')).count, 2);
  await old.stop('SIGKILL');
  server = await startSandbox({ port: old.port, keep: old });
  // The session is lost, and the server says 404. The SDK's client leaves it at that; the bridge makes a new one.
  if (!throughBridge) return assert.rejects(host.call('platform.list_organizations'), { code: 404 });
  assert.equal((await host.call('platform.list_organizations')).count, 2);
});
