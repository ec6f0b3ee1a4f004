// Sessions: their beginning in each revision, two at once, and their end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { connect, startEverything } from '../support/everything.js';
import { closeHost, throughBridge } from '../support/host.js';
import { sleep, until, within } from '../support/waiting.js';
import { initializeParams, openWire } from '../support/wire.js';

const limit = { timeout: 20_000 };
const END_LIMIT_MS = 10_000;
const server = await startEverything();
after(() => server.stop());

/** Closes stdin of a host's bridge and waits until that has ended. (The SDK itself sends SIGTERM after 2 s.) */
async function closeStdin({ transport }) {
  const bridge = transport._process;
  const ended = once(bridge, 'exit');
  bridge.stdin.end();
  assert.deepEqual(await within(END_LIMIT_MS, ended, 'the bridge to end'), [0, null]);
}

const echo = async (host, message) => {
  const { content } = await host.client.callTool({ name: 'echo', arguments: { message } });
  return content[0].text;
};

for (const revision of ['2025-03-26', '2025-06-18', '2025-11-25']) {
  test(`a host that speaks ${revision} is answered in it`, limit, async (t) => {
    const wire = await openWire(t, server.url);
    const { result } = await wire.request('initialize', initializeParams(revision));
    assert.equal(result.protocolVersion, revision);
    wire.transport.setProtocolVersion?.(revision); // The direct transport has to be told; the bridge reads it.
    await wire.notify('notifications/initialized');
    const answer = await wire.request('tools/call', { name: 'echo', arguments: { message: revision } });
    assert.equal(answer.result.content[0].text, `Echo: ${revision}`);
  });
}

test('two hosts at once have a session each, and hear only their own', limit, async (t) => {
  const said = { first: [], second: [] };
  const listenTo = (list) => ({
    prepare: (client) =>
      client.setNotificationHandler(
        LoggingMessageNotificationSchema,
        ({ params }) => void list.push(params.data),
      ),
  });
  const first = await connect(t, server, listenTo(said.first));
  const second = await connect(t, server, listenTo(said.second));
  assert.notEqual(first.sessionId, second.sessionId);

  const numbers = Array.from({ length: 20 }, (_, index) => index);
  const ask = (host, who) => Promise.all(numbers.map((number) => echo(host, `${who} ${number}`)));
  const [ofFirst, ofSecond] = await Promise.all([ask(first, 'first'), ask(second, 'second')]);
  assert.deepEqual(
    ofFirst,
    numbers.map((number) => `Echo: first ${number}`),
  );
  assert.deepEqual(
    ofSecond,
    numbers.map((number) => `Echo: second ${number}`),
  );

  await first.client.subscribeResource({ uri: 'demo://resource/dynamic/text/1' }); // The server logs it.
  await until(() => said.first.length > 0, 'the log message');
  await sleep(200);
  assert.deepEqual(said.second, []);
});

test('the end of one host leaves the other alone', limit, async (t) => {
  const first = await connect(t, server);
  const second = await connect(t, server);
  await closeHost(first);
  assert.equal(await echo(second, 'still here'), 'Echo: still here');
});

test('at its end the session is ended at the server too', limit, async (t) => {
  const host = await connect(t, server);
  const from = server.output.length;
  await closeHost(host);
  const [, ended] = await server.said(/Received session termination request for session (\S+)/, { from });
  assert.equal(ended, host.sessionId);
});

test(
  'when the host closes stdin, the bridge ends by itself',
  { ...limit, skip: !throughBridge },
  async (t) => {
    const host = await connect(t, server);
    await closeStdin(host);
  },
);

test(
  'a host that goes in the middle of a call leaves no bridge behind',
  { ...limit, skip: !throughBridge },
  async (t) => {
    const host = await connect(t, server);
    const call = host.client.callTool({
      name: 'trigger-long-running-operation',
      arguments: { duration: 10, steps: 1 },
    });
    call.catch(() => {});
    await sleep(300);
    await closeStdin(host);
  },
);
