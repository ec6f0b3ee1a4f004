// A modern host without an SDK: single messages, for what an SDK's client would not send or does not show.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Home, throughBridge } from '../support/host.js';
import { sleep, until } from '../support/waiting.js';
import { initializeParams, openWire } from '../support/wire.js';
import { nameIn } from './host.js';
import { form, info, instructions } from './servers/features.js';
import { startServer } from './server.js';

const limit = { timeout: 30_000, skip: !throughBridge };
const prefix = 'io.modelcontextprotocol/';
const revision = '2026-07-28';
const unsupportedRevision = -32022;
const invalidParams = -32602;

const meta = {
  [`${prefix}protocolVersion`]: revision,
  [`${prefix}clientInfo`]: { name: 'wire', version: '1.0.0' },
  [`${prefix}clientCapabilities`]: { elicitation: { form: {} } },
};
const call = (name, rest = {}) => ['tools/call', { _meta: meta, name, arguments: {}, ...rest }];
const accepted = { action: 'accept', content: { name: 'Zoë' } };

const servers = { legacy: await startServer('legacy'), modern: await startServer('modern') };
const older = await startServer('legacy', { env: { REVISION: '2025-03-26' } });
after(() => Promise.all([...Object.values(servers), older].map((server) => server.stop())));

for (const [era, { url }] of Object.entries(servers)) {
  const testWire = (name, run) =>
    test(`raw modern host, ${era} server: ${name}`, limit, async (t) => run(await openWire(t, url)));

  test(`raw modern host, ${era} server: discovery`, limit, async (t) => {
    const home = new Home();
    const discover = async ({ request }) => {
      const { result } = await request('server/discover', { _meta: meta });
      assert.equal(result.resultType, 'complete');
      assert.ok(result.supportedVersions.includes(revision), `${result.supportedVersions}`);
      assert.deepEqual(result.capabilities.resources, { listChanged: true, subscribe: true });
      assert.ok(['private', 'public'].includes(result.cacheScope));
      return result;
    };

    const first = await openWire(t, url, { home });
    const unheard = await discover(first);
    assert.equal(nameIn(unheard), 'clickflow-mcp');
    assert.equal(unheard.ttlMs, 0, 'what nobody has heard was to be kept');
    await first.request('tools/list', { _meta: meta });
    await until(async () => nameIn(await discover(first)) === info.name, "the server's own name");
    await first.close();

    const known = await discover(await openWire(t, url, { home }));
    assert.deepEqual(known._meta[`${prefix}serverInfo`], info);
    assert.equal(known.instructions, instructions);
    assert.equal(known.ttlMs, 0, 'what this bridge has not heard was to be kept');
  });

  testWire('the first line may be any request', async ({ request }) => {
    const { result } = await request('tools/list', { _meta: meta });
    assert.ok(result.tools.some(({ name }) => name === 'add'));
  });

  testWire('a revision that nobody knows is refused, with those that are known', async ({ request }) => {
    const { error } = await request('tools/list', {
      _meta: { ...meta, [`${prefix}protocolVersion`]: '1900-01-01' },
    });
    assert.equal(error.code, unsupportedRevision);
    assert.ok(error.data.supported.includes(revision), `${error.data.supported}`);
    assert.equal(error.data.requested, '1900-01-01');
  });

  testWire('a request that does not say what the host can do is refused', async ({ request }) => {
    const { [`${prefix}clientCapabilities`]: _, ...incomplete } = meta;
    const { error } = await request('tools/list', { _meta: incomplete });
    assert.equal(error.code, invalidParams);
  });

  testWire('a question comes as a result, and its answer in another request', async ({ request }) => {
    const { result } = await request(...call('ask-form'));
    assert.equal(result.resultType, 'input_required');
    const [[key, question], ...more] = Object.entries(result.inputRequests);
    assert.deepEqual(more, []);
    assert.equal(question.method, form.method);
    assert.deepEqual(question.params.requestedSchema, form.params.requestedSchema);
    const { requestState } = result;
    const { result: last } = await request(
      ...call('ask-form', { inputResponses: { [key]: accepted }, ...(requestState && { requestState }) }),
    );
    assert.equal(last.resultType, 'complete');
    assert.deepEqual(JSON.parse(last.content[0].text), { form: accepted });
  });

  testWire('a question whose answer lacks is put again', async ({ request }) => {
    const { result } = await request(...call('ask-form'));
    const { requestState } = result;
    const { result: again } = await request(...call('ask-form', { inputResponses: {}, requestState }));
    assert.equal(again.resultType, 'input_required');
    const [key] = Object.keys(again.inputRequests);
    const { result: last } = await request(
      ...call('ask-form', { inputResponses: { [key]: accepted }, requestState: again.requestState }),
    );
    assert.deepEqual(JSON.parse(last.content[0].text), { form: accepted });
  });

  testWire('a request may say that the host can do more than the one before it', async ({ request }) => {
    const nothing = { ...meta, [`${prefix}clientCapabilities`]: {} };
    const { error, result: refused } = await request(...call('ask-form', { _meta: nothing }));
    assert.ok(error ?? refused.isError, 'a host that can not be asked was asked');
    const { result } = await request(...call('ask-form'));
    assert.equal(result.resultType, 'input_required');
    const [key] = Object.keys(result.inputRequests);
    const { requestState } = result;
    const answer = { inputResponses: { [key]: accepted }, requestState };
    const { result: last } = await request(...call('ask-form', answer));
    assert.deepEqual(JSON.parse(last.content[0].text), { form: accepted });
  });

  testWire('a request may say that the host can do less than the one before it', async ({ request }) => {
    assert.equal((await request(...call('ask-form'))).result.resultType, 'input_required');
    const nothing = { ...meta, [`${prefix}clientCapabilities`]: {} };
    const { error, result } = await request(...call('ask-form', { _meta: nothing }));
    assert.ok(error ?? result.isError, 'a host that can not be asked was asked');
  });

  testWire('a subscription begins with what it grants, and ends without a word', async (wire) => {
    const heard = [];
    const { onmessage } = wire.transport;
    wire.transport.onmessage = (message) => {
      heard.push(message);
      onmessage(message);
    };
    const uri = 'eras://text';
    const subscriptionId = 'my-subscription';
    const ofMine = ({ id, params }) =>
      id === subscriptionId || params?._meta?.[`${prefix}subscriptionId`] === subscriptionId;
    await wire.transport.send({
      jsonrpc: '2.0',
      id: subscriptionId,
      method: 'subscriptions/listen',
      params: { _meta: meta, notifications: { toolsListChanged: true, resourceSubscriptions: [uri] } },
    });
    const [acknowledged] = await until(
      () => heard.filter(ofMine).length > 0 && heard.filter(ofMine),
      'its beginning',
    );
    assert.equal(acknowledged.method, 'notifications/subscriptions/acknowledged');
    assert.deepEqual(acknowledged.params.notifications, {
      toolsListChanged: true,
      resourceSubscriptions: [uri],
    });

    await wire.request(...call('touch', { arguments: { uri } }));
    await until(() => heard.filter(ofMine).length > 1, 'the update');
    await wire.notify('notifications/cancelled', { requestId: subscriptionId });
    await sleep(300);
    await wire.request(...call('touch', { arguments: { uri } }));
    await sleep(300);
    assert.deepEqual(
      heard.filter(ofMine).map(({ method }) => method),
      ['notifications/subscriptions/acknowledged', 'notifications/resources/updated'],
    );
  });
}

/** What a handshake is answered with, in a home where it may have been made before; ends after a call that works. */
async function shakeHands(t, url, home, asked) {
  const { request, notify, close } = await openWire(t, url, { home });
  const { result } = await request('initialize', initializeParams(asked));
  await notify('notifications/initialized');
  const { result: sum } = await request('tools/call', { name: 'add', arguments: { a: 40, b: 2 } });
  assert.equal(sum.content[0].text, '42');
  await close();
  return result;
}

for (const [era, { url }] of Object.entries(servers)) {
  for (const [asked, answered] of [
    ['2025-11-25', '2025-11-25'],
    ['2025-06-18', '2025-06-18'],
    ['2025-03-26', '2025-03-26'],
    ['1999-12-31', '2025-11-25'],
    ['2026-07-28', '2025-11-25'], // Knows no handshake: who makes one wants a revision that does.
  ]) {
    const name = `a handshake that asks for ${asked} gets ${answered}`;
    test(`raw legacy host, ${era} server: ${name}`, limit, async (t) => {
      const home = new Home();
      const first = await shakeHands(t, url, home, asked);
      assert.deepEqual([first.protocolVersion, first.serverInfo.name], [answered, 'clickflow-mcp']);
      const second = await shakeHands(t, url, home, asked);
      assert.equal(second.protocolVersion, answered);
      assert.deepEqual([second.serverInfo, second.instructions], [info, instructions]);
    });
  }
}

test(
  `raw legacy host, older server: a handshake is answered as the server did the last time`,
  limit,
  async (t) => {
    const home = new Home();
    const answers = [];
    for (let start = 1; start <= 2; ++start)
      answers.push((await shakeHands(t, older.url, home, '2025-11-25')).protocolVersion);
    assert.deepEqual(answers, ['2025-11-25', '2025-03-26']);
    // It is not known what the server would say to another revision.
    assert.equal((await shakeHands(t, older.url, home, '2025-06-18')).protocolVersion, '2025-06-18');
  },
);

for (const [era, { url }] of Object.entries(servers)) {
  test(`raw host that speaks both eras in turn, ${era} server`, limit, async (t) => {
    const { request, notify } = await openWire(t, url);
    const sum = { name: 'add', arguments: { a: 40, b: 2 } };
    const modern = async () => (await request('tools/call', { _meta: meta, ...sum })).result;
    const old = async () => (await request('tools/call', sum)).result;

    assert.equal((await modern()).resultType, 'complete');
    const { result } = await request('initialize', initializeParams('2025-11-25'));
    assert.equal(result.protocolVersion, '2025-11-25');
    await notify('notifications/initialized');
    for (const add of [old, modern, old]) assert.deepEqual((await add()).structuredContent, { sum: 42 });
    // What the host said in its handshake does not hold for a modern request, nor the other way about.
    assert.equal((await request(...call('ask-form'))).result.resultType, 'input_required');
    const { error, result: refused } = await request('tools/call', { name: 'ask-form' });
    assert.ok(error ?? refused.isError, 'a host that can not be asked was asked');
  });
}

test(
  'raw modern host, legacy server: an answer is good for the call that asked, and for no other',
  limit,
  async (t) => {
    const { request } = await openWire(t, servers.legacy.url);
    const { result } = await request(...call('ask-form'));
    const [key] = Object.keys(result.inputRequests);
    const answer = { inputResponses: { [key]: accepted }, requestState: result.requestState };
    const { error, result: other } = await request(...call('ask-in-turn', answer));
    assert.ok(error ?? other.isError, "another call's state was taken");
    const { result: last } = await request(...call('ask-form', answer));
    assert.deepEqual(JSON.parse(last.content[0].text), { form: accepted });
  },
);

test('raw modern host, legacy server: the same answer twice lets the call run once', limit, async (t) => {
  const { request } = await openWire(t, servers.legacy.url);
  const { result } = await request(...call('ask-form'));
  const [key] = Object.keys(result.inputRequests);
  const answer = call('ask-form', { inputResponses: { [key]: accepted }, requestState: result.requestState });
  assert.equal((await request(...answer)).result.resultType, 'complete');
  const { error, result: second } = await request(...answer);
  assert.ok(error ?? second.isError, 'a state that was used up was taken again');
});
