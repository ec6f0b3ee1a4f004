// A server that is killed and started again has forgotten its sessions, and says 404 to them, as the specification
// asks. The SDK's client leaves it at that. The bridge makes a new session with the host's own handshake and sends the
// request again, which certainly did not run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElicitRequestSchema, LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { openHost, throughBridge } from '../support/host.js';
import { startExample } from '../support/sdk-example.js';
import { until } from '../support/waiting.js';

const limit = { timeout: 40_000 };
const bridgeOnly = { ...limit, skip: !throughBridge };

/** A host whose server is killed and started again in mid-session: `server` is the new one. */
async function connectAndRestart(t, settings) {
  const old = await startExample('simpleStreamableHttp');
  t.after(() => old.stop());
  const host = await openHost(t, old.url, settings);
  assert.equal(await greet(host, 'before'), 'Hello, before!');
  await old.stop('SIGKILL');
  const server = await startExample('simpleStreamableHttp', { port: old.port });
  t.after(() => server.stop());
  return { host, server };
}

const greet = async (host, name) => {
  const { content } = await host.client.callTool({ name: 'greet', arguments: { name } });
  return content[0].text;
};

async function sessionsOf(server) {
  const begun = /Session initialized with ID: (\S+)/;
  await server.said(begun);
  return [...server.output.matchAll(new RegExp(begun, 'g'))].map(([, id]) => id);
}

test('the next call succeeds', limit, async (t) => {
  const { host, server } = await connectAndRestart(t);
  if (!throughBridge) return assert.rejects(greet(host, 'after'), { code: 404 });
  assert.equal(await greet(host, 'after'), 'Hello, after!');
  assert.equal((await sessionsOf(server)).length, 1);
});

test('ten calls at once all succeed, in one new session', bridgeOnly, async (t) => {
  const { host, server } = await connectAndRestart(t);
  const names = Array.from({ length: 10 }, (_, index) => `number ${index}`);
  assert.deepEqual(
    await Promise.all(names.map((name) => greet(host, name))),
    names.map((name) => `Hello, ${name}!`),
  );
  assert.equal((await sessionsOf(server)).length, 1);
});

test('the new session knows what the host declared, and asks it', bridgeOnly, async (t) => {
  const { host } = await connectAndRestart(t, {
    capabilities: { elicitation: { form: {} } },
    prepare: (client) =>
      client.setRequestHandler(ElicitRequestSchema, () => ({
        action: 'accept',
        content: { name: 'Zoë', email: 'zoe@example.com' },
      })),
  });
  const { content } = await host.client.callTool({
    name: 'collect-user-info',
    arguments: { infoType: 'contact' },
  });
  assert.match(content[0].text, /Zoë/);
});

test('what the server says of its own accord arrives in the new session', bridgeOnly, async (t) => {
  const said = [];
  const { host, server } = await connectAndRestart(t, {
    prepare: (client) =>
      client.setNotificationHandler(
        LoggingMessageNotificationSchema,
        ({ params }) => void said.push(params.data),
      ),
  });
  assert.equal(await greet(host, 'after'), 'Hello, after!');
  await server.said(/Establishing new SSE stream/, { limit: 20_000 });
  const stream = { name: 'start-notification-stream', arguments: { interval: 100, count: 10 } };
  await host.client.callTool(stream);
  await until(
    () => said.some((line) => line.includes('notification #10')),
    () => `all of ${said.join('\n')}`,
  );
});

test('the new session, too, is ended when the host goes', bridgeOnly, async (t) => {
  const { host, server } = await connectAndRestart(t);
  await greet(host, 'after');
  await host.client.close();
  const [session] = await sessionsOf(server);
  const [, ended] = await server.said(/Received session termination request for session (\S+)/);
  assert.equal(ended, session);
});
