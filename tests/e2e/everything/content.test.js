// Tools that answer with each kind of content.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connect, startEverything } from '../support/everything.js';

const limit = { timeout: 20_000 };
const server = await startEverything();
after(() => server.stop());

const call = (host, name, args) => host.client.callTool({ name, arguments: args });

test('text comes back as it went, whatever characters it has', limit, async (t) => {
  const host = await connect(t, server);
  const messages = [
    'plain',
    '',
    'quotes " and \\ backslashes',
    'line\nbreaks\r\nand\ttabs',
    'Zürich, Čeština, 日本語, עברית, 👩‍👩‍👧',
    'line and paragraph separators \u2028 \u2029, a null \u0000, a bell \u0007, a byte-order mark \ufeff',
    '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    'data: x\n\nid: 7\n',
  ];
  for (const message of messages) {
    const result = await call(host, 'echo', { message });
    assert.deepEqual(result.content, [{ type: 'text', text: `Echo: ${message}` }]);
  }
});

test('a text of one million characters passes both ways', limit, async (t) => {
  const host = await connect(t, server);
  const message = 'abcdefghij'.repeat(100_000);
  const result = await call(host, 'echo', { message });
  assert.equal(result.content[0].text, `Echo: ${message}`);
});

test('numbers arrive as they were written', limit, async (t) => {
  const host = await connect(t, server);
  for (const [a, b] of [
    [2, 3],
    [-1.5, 0.25],
    [9007199254740991, 0],
    [1e-7, 1e21],
  ]) {
    const result = await call(host, 'get-sum', { a, b });
    assert.equal(result.content[0].text, `The sum of ${a} and ${b} is ${a + b}.`);
  }
});

test('an image arrives as a PNG', limit, async (t) => {
  const host = await connect(t, server);
  const { content } = await call(host, 'get-tiny-image');
  assert.deepEqual(
    content.map((block) => block.type),
    ['text', 'image', 'text'],
  );
  assert.equal(content[1].mimeType, 'image/png');
  const signature = Buffer.from(content[1].data, 'base64').subarray(0, 8);
  assert.deepEqual(signature, Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
});

test('annotations of content arrive', limit, async (t) => {
  const host = await connect(t, server);
  const expected = {
    error: { priority: 1, audience: ['user', 'assistant'] },
    success: { priority: 0.7, audience: ['user'] },
    debug: { priority: 0.3, audience: ['assistant'] },
  };
  for (const [messageType, annotations] of Object.entries(expected)) {
    const { content } = await call(host, 'get-annotated-message', { messageType, includeImage: true });
    assert.deepEqual(content[0].annotations, annotations);
    assert.deepEqual(
      [content[1].type, content[1].annotations],
      ['image', { priority: 0.5, audience: ['user'] }],
    );
  }
});

test('structured content arrives and fits the schema that the tool list gave for it', limit, async (t) => {
  const host = await connect(t, server);
  await host.client.listTools(); // From here on the SDK checks structured content against the tool's schema.
  const result = await call(host, 'get-structured-content', { location: 'Chicago' });
  assert.deepEqual(result.structuredContent, {
    temperature: 36,
    conditions: 'Light rain / drizzle',
    humidity: 82,
  });
  assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent);
});

test('resource links arrive and can be read', limit, async (t) => {
  const host = await connect(t, server);
  const { content } = await call(host, 'get-resource-links', { count: 10 });
  const links = content.filter((block) => block.type === 'resource_link');
  assert.equal(links.length, 10);
  for (const link of links) {
    const { contents } = await host.client.readResource({ uri: link.uri });
    assert.equal(contents[0].uri, link.uri);
  }
});

test('embedded resources arrive, as text and as bytes', limit, async (t) => {
  const host = await connect(t, server);
  for (const [resourceType, decode] of [
    ['Text', ({ text }) => text],
    ['Blob', ({ blob }) => Buffer.from(blob, 'base64').toString()],
  ]) {
    const { content } = await call(host, 'get-resource-reference', { resourceType, resourceId: 7 });
    assert.equal(content[1].type, 'resource');
    assert.equal(content[1].resource.uri, `demo://resource/dynamic/${resourceType.toLowerCase()}/7`);
    assert.match(decode(content[1].resource), /^Resource 7: /);
  }
});

test("the server's environment is the server's, not the bridge's", limit, async (t) => {
  const host = await connect(t, server);
  const { content } = await call(host, 'get-env');
  const environment = JSON.parse(content[0].text);
  assert.equal(environment.LISTEN_PORT, String(server.port));
  assert.equal(environment.CLICKFLOW_API_KEY, process.env.CLICKFLOW_API_KEY);
});

test(
  'arguments that a tool refuses and tools that do not exist are told as the server tells them',
  limit,
  async (t) => {
    const host = await connect(t, server);
    const refused = await call(host, 'get-sum', { a: 'one', b: 2 });
    assert.equal(refused.isError, true);
    assert.match(refused.content[0].text, /expected number, received string/);
    const unknown = await call(host, 'no-such-tool');
    assert.equal(unknown.isError, true);
    assert.match(unknown.content[0].text, /no-such-tool not found/);
  },
);
