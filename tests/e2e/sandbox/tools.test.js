// ClickFlow's tools, called by an assistant.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connect, createKey, removeSandbox, shown, startSandbox } from '../support/sandbox.js';
import { refusal, throughBridge } from '../support/host.js';

const limit = { timeout: 20_000 };
const bridgeOnly = { ...limit, skip: !throughBridge };
const server = await startSandbox();
after(() => removeSandbox(server));
const apiKey = await createKey(server);

const toolNames = [
  'platform.create_roadmap_item',
  'platform.get_roadmap_item',
  'platform.list_organizations',
  'platform.list_roadmap_items',
  'platform.switch_organization',
  'workflows.get_status',
  'workflows.resume', // With get_status in workflows.test.js.
];

test('the seven tools are listed', limit, async (t) => {
  const host = await connect(t, server, { apiKey });
  const { tools } = await host.client.listTools();
  assert.deepEqual(tools.map(({ name }) => name).sort(), toolNames.map(shown));
});

test('but for its name, each tool is shown as ClickFlow has it', limit, async (t) => {
  const { tools } = await (await connect(t, server, { apiKey })).client.listTools();
  const own = await (await connect(t, server, { apiKey, direct: true })).client.listTools();
  assert.deepEqual(
    tools,
    own.tools.map((tool) => ({ ...tool, name: shown(tool.name) })),
  );
});

test('a tool can be called by its real name too', limit, async (t) => {
  const host = await connect(t, server, { apiKey });
  const { structuredContent } = await host.client.callTool({ name: 'platform.list_organizations' });
  assert.equal(structuredContent.count, 2);
});

test('with --tool-names original the names stay as they are', bridgeOnly, async (t) => {
  const host = await connect(t, server, { apiKey, args: ['serve', '--tool-names', 'original'] });
  const { tools } = await host.client.listTools();
  assert.deepEqual(tools.map(({ name }) => name).sort(), toolNames);
});

test('an item is made, listed and shown', limit, async (t) => {
  const host = await connect(t, server, { apiKey });
  const made = await host.call('platform.create_roadmap_item', {
    keyword: 'Käse & Brot',
    strategy: 'Listicle',
  });
  assert.equal(made.status, 'ready for review');
  const { items } = await host.call('platform.list_roadmap_items', { status: 'ready for review' });
  const listed = items.find((item) => item._id === made.roadmap_item_id);
  assert.equal(listed.keyword, 'Käse & Brot');
  const item = await host.call('platform.get_roadmap_item', { roadmap_item_id: made.roadmap_item_id });
  assert.deepEqual([item._id, item.strategy], [made.roadmap_item_id, 'Listicle']);
});

test('what ClickFlow refuses is told in its own words', limit, async (t) => {
  const host = await connect(t, server, { apiKey });
  const refused = (args) => refusal(host.request('platform.create_roadmap_item', args));
  assert.match(await refused({}), /keyword/);
  assert.match(await refused({ keyword: 'x', delivery_mode: 'cms' }), /cms_connection_id/);
});
