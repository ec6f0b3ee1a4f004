// Log messages of the server, at the level that the host asks for.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { connect, startEverything } from '../support/everything.js';
import { sleep, until } from '../support/waiting.js';

const limit = { timeout: 20_000 };
const server = await startEverything();
after(() => server.stop());

async function connectListening(t) {
  const said = [];
  const host = await connect(t, server, {
    prepare: (client) =>
      client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void said.push(params)),
  });
  return { host, said };
}

test('what the server logs reaches the host', limit, async (t) => {
  const { host, said } = await connectListening(t);
  await host.client.setLoggingLevel('debug');
  const { content } = await host.client.callTool({ name: 'toggle-simulated-logging' });
  assert.match(content[0].text, new RegExp(`Started simulated.*${host.sessionId}`));
  const [first] = await until(() => said.length > 0 && said, 'a log message');
  assert.ok(first.data.endsWith(`SessionId ${host.sessionId}`), first.data);
  await host.client.callTool({ name: 'toggle-simulated-logging' });
});

test('what is below the level that the host set does not', limit, async (t) => {
  const { host, said } = await connectListening(t);
  // The server logs each subscription at the level info.
  await host.client.setLoggingLevel('error');
  await host.client.subscribeResource({ uri: 'demo://resource/dynamic/text/1' });
  await host.client.setLoggingLevel('info');
  await host.client.subscribeResource({ uri: 'demo://resource/dynamic/text/2' });
  await until(() => said.length > 0, 'the second message');
  await sleep(200);
  assert.deepEqual(
    said.map(({ level }) => level),
    ['info'],
  );
  assert.match(said[0].data, /Subscribe Resource request for URI: demo:\/\/resource\/dynamic\/text\/2/);
});
