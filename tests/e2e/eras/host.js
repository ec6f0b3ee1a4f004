// Hosts of both eras, whose every message is noted and looked at.
import assert from 'node:assert/strict';
import { throughBridge } from '../support/host.js';
import { until, within } from '../support/waiting.js';
import { info } from './servers/features.js';

const CLOSE_LIMIT_MS = 8_000;

const everyCapability = { elicitation: { form: {}, url: {} }, roots: {}, sampling: {} };

// What these results have to say of how long they may be kept.
const cacheable = new Set([
  'prompts/list',
  'resources/list',
  'resources/read',
  'resources/templates/list',
  'server/discover',
  'tools/list',
]);

/** Everything that a host got, whatever the test, is of its own era. */
function checkMessages({ era, sent, received }) {
  const results = received.filter(({ result }) => result);
  if (era === 'legacy') {
    const questions = results.filter(({ result }) => result.resultType === 'input_required');
    assert.deepEqual(questions, [], 'a legacy host got a result that asks');
    return;
  }
  const requests = received.filter(({ id, method }) => method && id !== undefined);
  assert.deepEqual(requests, [], 'a modern host got a request');
  for (const { id, result } of results) {
    const { method } = sent.find((message) => message.id === id);
    assert.ok(['complete', 'input_required'].includes(result.resultType), `${method}: ${result.resultType}`);
    if (!cacheable.has(method) || result.resultType !== 'complete') continue;
    assert.ok(result.ttlMs >= 0, `${method}: ttlMs ${result.ttlMs}`);
    assert.ok(
      ['private', 'public'].includes(result.cacheScope),
      `${method}: cacheScope ${result.cacheScope}`,
    );
  }
}

/**
 * Connects a host of this era and closes it after the test. Beside its own face, it has all messages that it `sent` and
 * `received`. `prepare(host)` is called before it connects, `direct` leaves the bridge out, and `known` is what
 * modern-host.js says.
 */
export async function openHost(
  t,
  era,
  url,
  { capabilities = everyCapability, prepare = () => {}, direct = !throughBridge, known, ...settings } = {},
) {
  const { Host, ...transports } = await import(`../support/${era}-host.js`);
  const host = new Host({ name: 'eras-host', version: '4.5.6' }, { capabilities });
  const transport = (direct ? transports.direct : transports.bridge)(url, settings);
  Object.assign(host, { era, transport, sent: [], received: [] });
  transport.onmessage = (message) => host.received.push(message); // The client calls this and goes on by itself.
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    host.sent.push(message);
    return send(message, options);
  };
  const errors = [];
  host.client.onerror = (error) => errors.push(error);
  prepare(host);
  t.after(async () => {
    if (direct) await transport.terminateSession?.().catch(() => {});
    await within(CLOSE_LIMIT_MS, host.client.close(), 'the host to close');
    transport.checkAndTidy?.();
    checkMessages(host);
    const noise = errors.filter((error) => error instanceof SyntaxError || error.name === 'ZodError');
    if (!direct) assert.deepEqual(noise, [], 'the bridge wrote something else than MCP to stdout');
  });
  await host.connect(transport, { known });
  return host;
}

/** The name that a discovery's result gives the server. */
export const nameIn = ({ _meta }) => _meta['io.modelcontextprotocol/serverInfo'].name;

/** Ends a host, not before its bridge has heard from the server what it is and which tools it has. */
export async function closeAcquainted(host) {
  await host.client.listTools();
  // A legacy host's list comes after the handshake with the server, which says what it is.
  if (host.era === 'modern')
    await until(
      async () => nameIn(await host.request('server/discover')) === info.name,
      'the bridge to learn what the server is',
    );
  await host.client.close();
}
