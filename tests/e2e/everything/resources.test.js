// Resources, resource templates, and a resource that appears while the session runs.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { connect, startEverything } from '../support/everything.js';
import { within } from '../support/waiting.js';

const limit = { timeout: 20_000 };
const server = await startEverything();
after(() => server.stop());

test('every listed resource can be read', limit, async (t) => {
  const host = await connect(t, server);
  const { resources } = await host.client.listResources();
  assert.equal(resources.length, 7);
  for (const { uri, mimeType } of resources) {
    const { contents } = await host.client.readResource({ uri });
    assert.deepEqual([contents[0].uri, contents[0].mimeType], [uri, mimeType]);
    assert.ok(contents[0].text.length > 0);
  }
});

test('every resource template can be filled in and read', limit, async (t) => {
  const host = await connect(t, server);
  const { resourceTemplates } = await host.client.listResourceTemplates();
  assert.deepEqual(resourceTemplates.map(({ uriTemplate }) => uriTemplate).sort(), [
    'demo://resource/dynamic/blob/{resourceId}',
    'demo://resource/dynamic/text/{resourceId}',
  ]);
  const read = async (kind) => {
    const { contents } = await host.client.readResource({ uri: `demo://resource/dynamic/${kind}/42` });
    return contents[0];
  };
  assert.match((await read('text')).text, /^Resource 42: /);
  assert.match(Buffer.from((await read('blob')).blob, 'base64').toString(), /^Resource 42: /);
});

test('a resource that does not exist is refused in the words of the server', limit, async (t) => {
  const host = await connect(t, server);
  await assert.rejects(host.client.readResource({ uri: 'demo://nowhere' }), {
    code: -32602,
    message: /Resource demo:\/\/nowhere not found/,
  });
});

test('a resource that a tool makes is announced, listed and read', limit, async (t) => {
  let announce;
  const announced = new Promise((resolve) => (announce = resolve));
  const onChanged = (error, resources) => announce(error ?? resources);
  const host = await connect(t, server, {
    options: { listChanged: { resources: { autoRefresh: true, debounceMs: 0, onChanged } } },
  });
  const text = 'compress me '.repeat(1000);
  const { content } = await host.client.callTool({
    name: 'gzip-file-as-resource',
    arguments: { name: 'made.gz', data: `data:text/plain,${encodeURIComponent(text)}` },
  });
  assert.deepEqual([content[0].type, content[0].uri], ['resource_link', 'demo://resource/session/made.gz']);

  const resources = await within(5_000, announced, 'notifications/resources/list_changed');
  assert.ok(resources.some(({ uri }) => uri === content[0].uri));
  const { contents } = await host.client.readResource({ uri: content[0].uri });
  assert.equal(gunzipSync(Buffer.from(contents[0].blob, 'base64')).toString(), text);
});

test('a resource that a tool makes can come back inside the answer', limit, async (t) => {
  const host = await connect(t, server);
  const { content } = await host.client.callTool({
    name: 'gzip-file-as-resource',
    arguments: { name: 'inside.gz', data: 'data:text/plain,inside', outputType: 'resource' },
  });
  assert.equal(content[0].type, 'resource');
  assert.equal(gunzipSync(Buffer.from(content[0].resource.blob, 'base64')).toString(), 'inside');
});
