// A server that is not there: at the start, in the middle of a call, and back again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { connect, startEverything } from '../support/everything.js';
import { openHost, refusal, throughBridge } from '../support/host.js';
import { sleep, until, within } from '../support/waiting.js';

const limit = { timeout: 40_000 };
const bridgeOnly = { ...limit, skip: !throughBridge };

const echo = async (host, message) => {
  const { content } = await host.client.callTool({ name: 'echo', arguments: { message } });
  return content[0].text;
};

async function start(t, settings) {
  const server = await startEverything(settings);
  t.after(() => server.stop());
  return server;
}

/** An address at which nothing listens, and at which a server can be started later. */
async function addressWithoutServer(t) {
  const server = await start(t);
  await server.stop();
  return server;
}

/** Words that a person can read: what happened, and what to do. Without the bridge: what Node's fetch says. */
function assertInWords(text) {
  assert.match(text, throughBridge ? / \S+\. [A-Z].+\.$/s : /fetch failed/);
}

test('without a server the host hears so in words, and works once there is one', limit, async (t) => {
  const { url, port } = await addressWithoutServer(t);
  if (!throughBridge) {
    assertInWords(await refusal(openHost(t, url)));
    const server = await start(t, { port });
    assert.equal(await echo(await connect(t, server), 'back'), 'Echo: back');
    return;
  }
  // The bridge greets the host itself, and makes up for the handshake when the server is there.
  const host = await openHost(t, url);
  assertInWords(await refusal(host.client.listTools()));
  assertInWords(await refusal(host.client.callTool({ name: 'echo', arguments: { message: 'nobody' } })));
  await start(t, { port });
  assert.equal(await echo(host, 'back'), 'Echo: back');
});

test('a call whose server is killed under it ends with an error in words', bridgeOnly, async (t) => {
  const server = await start(t);
  const host = await connect(t, server);
  const call = host.client.callTool({
    name: 'trigger-long-running-operation',
    arguments: { duration: 20, steps: 1 },
  });
  await sleep(500);
  await server.stop('SIGKILL');
  // Not by the SDK's own limit of 60 seconds, after which it would give up.
  assertInWords(await within(20_000, refusal(call), 'an answer'));
});

test('calls while the server is away end with an error in words, at once', limit, async (t) => {
  const server = await start(t);
  const host = await connect(t, server);
  await server.stop('SIGKILL');
  for (let round = 0; round < 3; ++round) {
    const call = host.client.callTool({ name: 'echo', arguments: { message: 'hello?' } });
    assertInWords(await within(5_000, refusal(call), 'an answer'));
  }
});

test('a server that comes back without its sessions is worked with on', limit, async (t) => {
  const updated = [];
  const old = await start(t);
  const host = await connect(t, old, {
    prepare: (client) =>
      client.setNotificationHandler(
        ResourceUpdatedNotificationSchema,
        ({ params }) => void updated.push(params.uri),
      ),
  });
  await old.stop('SIGKILL');
  const server = await start(t, { port: old.port });
  // It says 400 and that there is no such session, where the specification has 404: the bridge knows that too.
  if (!throughBridge) return assert.rejects(echo(host, 'back'), { code: 400 });
  assert.equal(await echo(host, 'back'), 'Echo: back');

  // The stream on which the server speaks of its own accord comes back as well. (The host's subscriptions were the
  // session's, and went with it.)
  await server.said(/Establishing new SSE stream for session/, { limit: 20_000 });
  await host.client.subscribeResource({ uri: 'demo://resource/dynamic/text/1' });
  await host.client.callTool({ name: 'toggle-subscriber-updates' });
  await until(() => updated.length > 0, 'an update');
});

test(
  'however long the server was away, its own stream is back with the new session',
  bridgeOnly,
  async (t) => {
    const old = await start(t);
    const host = await connect(t, old);
    await old.stop('SIGKILL');
    await sleep(8_000);
    const server = await start(t, { port: old.port });
    assert.equal(await echo(host, 'back'), 'Echo: back');
    await server.said(/Establishing new SSE stream for session/, { limit: 3_000 });
  },
);

test(
  "the server's own stream is back with the new session, too, where the stream found the old one lost",
  bridgeOnly,
  async (t) => {
    const old = await start(t);
    const host = await connect(t, old);
    await old.stop('SIGKILL');
    const server = await start(t, { port: old.port });
    await server.said(/Received MCP GET request/, { limit: 20_000 }); // While the host is idle.
    assert.equal(await echo(host, 'back'), 'Echo: back');
    await server.said(/Establishing new SSE stream for session/, { limit: 3_000 });
  },
);
