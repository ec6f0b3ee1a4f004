// A modern host with the reference server, which is a legacy one and knows nothing of us.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startEverything } from '../support/everything.js';
import { throughBridge } from '../support/host.js';
import { sleep, until } from '../support/waiting.js';
import { openHost } from './host.js';

const limit = { timeout: 40_000, skip: !throughBridge };
const PACE_MS = 5_000; // of the server's updates

const server = await startEverything();
after(() => server.stop());

const work = { roots: [{ uri: 'file:///projects/coffee', name: 'Work' }] };

// The server asks for the roots when it likes: a modern host gets to see that as a question that any of its calls raises.
function open(t, prepare = () => {}) {
  return openHost(t, 'modern', server.url, {
    prepare(host) {
      host.answer('roots/list', () => work);
      prepare(host);
    },
  });
}

const call = (host, name, args = {}, options) => host.callTool({ name, arguments: args }, options);
const textOf = ({ content }) => content.map(({ text }) => text).join('\n');

test('tools are listed and called', limit, async (t) => {
  const host = await open(t);
  const { tools } = await host.client.listTools();
  const names = tools.map(({ name }) => name);
  // These are offered to who has declared that it can be asked.
  for (const name of ['trigger-sampling-request', 'trigger-elicitation-request', 'get-roots-list'])
    assert.ok(names.includes(name), `${name} is not among ${names}`);
  assert.equal(textOf(await call(host, 'echo', { message: 'Grüße 👋' })), 'Echo: Grüße 👋');
  assert.match(textOf(await call(host, 'get-sum', { a: 40, b: 2 })), /42/);
  const { structuredContent } = await call(host, 'get-structured-content', { location: 'Chicago' });
  assert.equal(typeof structuredContent.temperature, 'number');
});

test('prompts and resources', limit, async (t) => {
  const { client } = await open(t);
  const { prompts } = await client.listPrompts();
  assert.ok(prompts.some(({ name }) => name === 'args-prompt'));
  const { messages } = await client.getPrompt({ name: 'args-prompt', arguments: { city: 'Zürich' } });
  assert.match(messages[0].content.text, /Zürich/);
  const uri = 'demo://resource/dynamic/text/7';
  const { contents } = await client.readResource({ uri });
  assert.equal(contents[0].uri, uri);
});

test('every step of the progress arrives before the answer', limit, async (t) => {
  const host = await open(t);
  await call(host, 'trigger-long-running-operation', { duration: 1, steps: 10 }, { onprogress() {} });
  const steps = host.received.filter(({ method }) => method === 'notifications/progress');
  assert.deepEqual(
    steps.map(({ params: { progress, total } }) => [progress, total]),
    Array.from({ length: 10 }, (_, index) => [index + 1, 10]),
  );
});

test("the server's question for the model", limit, async (t) => {
  const asked = [];
  const host = await open(t, (host) =>
    host.answer('sampling/createMessage', (params) => {
      asked.push(params);
      const content = { type: 'text', text: 'Forty-two 👍' };
      return { model: 'test-model', role: 'assistant', stopReason: 'endTurn', content };
    }),
  );
  const result = await call(host, 'trigger-sampling-request', { prompt: 'What is it?', maxTokens: 7 });
  assert.match(textOf(result), /Forty-two 👍/);
  assert.equal(asked.length, 1);
  assert.deepEqual([asked[0].systemPrompt, asked[0].maxTokens], ['You are a helpful test server.', 7]);
});

test("the server's question for the person", limit, async (t) => {
  const filledIn = { name: 'Zoë Ångström', check: true, email: 'zoe@example.com', integer: 42 };
  const forms = [];
  const host = await open(t, (host) =>
    host.answer('elicitation/create', (params) => {
      forms.push(params);
      return { action: 'accept', content: filledIn };
    }),
  );
  const { content } = await call(host, 'trigger-elicitation-request');
  assert.equal(Object.keys(forms[0].requestedSchema.properties).length, 13);
  const raw = JSON.parse(content.at(-1).text.replace('\nRaw result: ', ''));
  assert.deepEqual(raw, { action: 'accept', content: filledIn });
});

test('a page that the person is sent to', limit, async (t) => {
  const shown = [];
  const host = await open(t, (host) =>
    host.answer('elicitation/create', (params) => {
      shown.push(params.url);
      return { action: 'accept' };
    }),
  );
  const url = 'https://example.com/consent?a=1&b=2';
  const result = await call(host, 'trigger-url-elicitation', {
    url,
    message: 'Please agree',
    elicitationId: 'an-id',
  });
  assert.match(textOf(result), /completed the URL elicitation/);
  assert.deepEqual(shown, [url]);
});

test('an error that asks for a page first comes as a question', limit, async (t) => {
  const shown = [];
  const host = await open(t, (host) =>
    host.answer('elicitation/create', ({ url }) => {
      shown.push(url);
      return { action: 'accept' };
    }),
  );
  const url = 'https://example.com/then';
  const page = { url, message: 'Please agree', elicitationId: 'an-id', errorPath: true };
  assert.match(textOf(await call(host, 'trigger-url-elicitation', page)), /completed the URL elicitation/);
  // The error's page is one of the server's own choice, and the next call asks in the ordinary way.
  assert.deepEqual(shown, ['https://modelcontextprotocol.io', url]);
});

test("the host's roots", limit, async (t) => {
  const host = await open(t);
  assert.match(textOf(await call(host, 'get-roots-list')), /Work\n   URI: file:\/\/\/projects\/coffee/);
});

test('updates of resources arrive until the host has heard enough', limit, async (t) => {
  const updated = [];
  const host = await open(t, (host) =>
    host.hear('notifications/resources/updated', ({ uri }) => updated.push(uri)),
  );
  const [first, second] = ['demo://resource/dynamic/text/1', 'demo://resource/dynamic/text/2'];
  const stop = await host.watch({ uris: [first] });
  await host.watch({ uris: [second] });
  await call(host, 'toggle-subscriber-updates');
  await until(() => updated.includes(first) && updated.includes(second), 'both updates');

  await stop();
  await sleep(200);
  updated.length = 0;
  await until(() => updated.includes(second), 'another update of the second', PACE_MS + 5_000);
  await sleep(200);
  assert.ok(!updated.includes(first), 'an update came after the host had heard enough');
  await call(host, 'toggle-subscriber-updates');
});

// It logs each subscription, and then something from time to time, which belongs to no request of the host's.
test('log messages that nobody has asked for do not arrive', limit, async (t) => {
  const host = await open(t);
  await host.watch({ uris: ['demo://resource/dynamic/text/1'] });
  await call(host, 'toggle-simulated-logging');
  await sleep(PACE_MS + 1_000);
  await call(host, 'toggle-simulated-logging');
  assert.deepEqual(
    host.received.filter(({ method }) => method === 'notifications/message'),
    [],
  );
});
