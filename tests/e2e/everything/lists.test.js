// What the host is shown is what the server has: the same, in the same order, down to the last byte.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { connect, startEverything } from '../support/everything.js';
import { everyCapability } from '../support/capabilities.js';
import { Home, closeHost, openHost, throughBridge } from '../support/host.js';

const limit = { timeout: 20_000 };
const server = await startEverything();
after(() => server.stop());

// The SDK's own list methods drop what they don't know; the general schema keeps everything.
const raw = (host, method) => host.client.request({ method }, ResultSchema);

for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']) {
  test(`${method} is equal to the server's own`, limit, async (t) => {
    const seen = await raw(await connect(t, server, { capabilities: everyCapability }), method);
    const own = await raw(await connect(t, server, { capabilities: everyCapability, direct: true }), method);
    assert.deepEqual(seen, own);
    assert.equal(JSON.stringify(seen), JSON.stringify(own));
  });
}

test("the server's name, capabilities, instructions and version are its own", limit, async (t) => {
  const about = ({ client }) => [
    client.getServerVersion(),
    client.getServerCapabilities(),
    client.getInstructions(),
  ];
  const home = new Home();
  const first = await connect(t, server, { home });
  if (throughBridge) assert.equal(about(first)[0].name, 'clickflow-mcp'); // It knows nothing of the server yet.
  await closeHost(first);
  const seen = about(await connect(t, server, { home }));
  assert.deepEqual(seen, about(await connect(t, server, { direct: true })));
  assert.equal(seen[0].name, 'mcp-servers/everything');
  assert.match(seen[2], /Server instructions are working!/);
});

test('the tools are those that these tests use', limit, async (t) => {
  const host = await connect(t, server, { capabilities: everyCapability });
  const { tools } = await host.client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name).sort(), [
    'echo', // content.test.js
    'get-annotated-message', // content.test.js
    'get-env', // content.test.js
    'get-resource-links', // content.test.js
    'get-resource-reference', // content.test.js
    'get-roots-list', // roots.test.js
    'get-structured-content', // content.test.js
    'get-sum', // content.test.js
    'get-tiny-image', // content.test.js
    'gzip-file-as-resource', // resources.test.js
    'simulate-research-query', // tasks.test.js
    'toggle-simulated-logging', // logging.test.js
    'toggle-subscriber-updates', // subscriptions.test.js
    'trigger-elicitation-request', // elicitation.test.js
    'trigger-elicitation-request-async', // tasks.test.js
    'trigger-long-running-operation', // progress.test.js
    'trigger-sampling-request', // sampling.test.js
    'trigger-sampling-request-async', // tasks.test.js
    'trigger-url-elicitation', // elicitation.test.js
  ]);
});

test('a list asked for right after the handshake already knows what the host declared', limit, async (t) => {
  // The server adds these tools when it hears `notifications/initialized`: a request that overtakes it misses them.
  for (let round = 0; round < 10; ++round) {
    const host = await openHost(t, server.url, { capabilities: everyCapability });
    const { tools } = await host.client.listTools();
    assert.equal(tools.length, 19, `round ${round}`);
  }
});

test('a host that declares nothing is not offered what it cannot do', limit, async (t) => {
  const host = await connect(t, server);
  const names = (await host.client.listTools()).tools.map((tool) => tool.name);
  assert.ok(!names.includes('trigger-sampling-request'));
  assert.ok(!names.includes('get-roots-list'));
});

test('a ping is answered', limit, async (t) => {
  const host = await connect(t, server);
  assert.deepEqual(await host.client.ping(), {});
});
