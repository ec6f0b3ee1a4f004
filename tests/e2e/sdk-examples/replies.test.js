// Servers that use only a part of the protocol, each another one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  LoggingMessageNotificationSchema,
  ResourceListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { openHost } from '../support/host.js';
import { startExample } from '../support/sdk-example.js';
import { until } from '../support/waiting.js';

const limit = { timeout: 30_000 };

async function connectTo(t, example, settings) {
  const server = await startExample(example);
  t.after(() => server.stop());
  return { server, host: await openHost(t, server.url, settings) };
}

const greet = async (host, name) => {
  const { content } = await host.client.callTool({ name: 'greet', arguments: { name } });
  return content[0].text;
};

test('a server that answers with plain JSON and has no stream of its own', limit, async (t) => {
  const { host } = await connectTo(t, 'jsonResponseStreamableHttp');
  assert.deepEqual(
    (await host.client.listTools()).tools.map(({ name }) => name),
    ['greet', 'multi-greet'],
  );
  assert.equal(await greet(host, 'Zoë'), 'Hello, Zoë!');
  const slow = host.client.callTool({ name: 'multi-greet', arguments: { name: 'Ann' } });
  assert.equal(await greet(host, 'Bob'), 'Hello, Bob!');
  assert.equal((await slow).content[0].text, 'Good morning, Ann!');
});

test('a server without sessions', limit, async (t) => {
  const { host } = await connectTo(t, 'simpleStatelessStreamableHttp');
  const { messages } = await host.client.getPrompt({ name: 'greeting-template', arguments: { name: 'Zoë' } });
  assert.match(messages[0].content.text, /greet Zoë/);
  const { contents } = await host.client.readResource({ uri: 'https://example.com/greetings/default' });
  assert.equal(contents[0].text, 'Hello, world!');
});

test('a server that hangs up in the middle of a call and is asked for the rest later', limit, async (t) => {
  const said = [];
  const { server, host } = await connectTo(t, 'ssePollingExample', {
    prepare: (client) =>
      client.setNotificationHandler(
        LoggingMessageNotificationSchema,
        ({ params }) => void said.push(params.data),
      ),
  });
  const { content } = await host.client.callTool({ name: 'long-task' });
  assert.equal(content[0].text, 'Long task completed successfully!');
  assert.match(server.output, /Closing SSE stream to trigger client polling/);
  assert.equal(server.output.match(/Starting long-task/g).length, 1, 'the task ran more than once');
  assert.ok(
    said.some((line) => line.startsWith('Progress: 100%')),
    said.join(),
  );
});

test('a server that speaks only on its own stream', limit, async (t) => {
  let changes = 0;
  const { host } = await connectTo(t, 'standaloneSseWithGetStreamableHttp', {
    prepare: (client) =>
      client.setNotificationHandler(ResourceListChangedNotificationSchema, () => void ++changes),
  });
  assert.equal((await host.client.listResources()).resources.length, 1);
  await until(() => changes > 0, 'a change of the list'); // One is due every 5 seconds.
  assert.equal((await host.client.listResources()).resources.length, 2);
});
