// Subscriptions to a resource: the server announces each update for as long as the host wants it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { connect, startEverything } from '../support/everything.js';
import { sleep, until } from '../support/waiting.js';

const server = await startEverything();
after(() => server.stop());

const PACE_MS = 5_000; // of the server's updates

test('updates of subscribed resources arrive until the host unsubscribes', { timeout: 40_000 }, async (t) => {
  const updated = [];
  const host = await connect(t, server, {
    prepare: (client) =>
      client.setNotificationHandler(
        ResourceUpdatedNotificationSchema,
        ({ params }) => void updated.push(params.uri),
      ),
  });
  const [first, second] = ['demo://resource/dynamic/text/1', 'demo://resource/dynamic/text/2'];
  assert.deepEqual(await host.client.subscribeResource({ uri: first }), {});
  await host.client.subscribeResource({ uri: second });

  await host.client.callTool({ name: 'toggle-subscriber-updates' });
  await until(() => updated.includes(first) && updated.includes(second), 'both updates');

  await host.client.unsubscribeResource({ uri: first });
  updated.length = 0;
  await until(() => updated.includes(second), 'another update of the second', PACE_MS + 5_000);
  await sleep(200);
  assert.ok(!updated.includes(first), 'an update came after the host had unsubscribed');
  await host.client.callTool({ name: 'toggle-subscriber-updates' });
});
