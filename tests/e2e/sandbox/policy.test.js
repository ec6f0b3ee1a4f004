// What a person lets an assistant do, whatever ClickFlow would let it: some tools, one organization.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { connect, createKey, removeSandbox, shown, startSandbox } from '../support/sandbox.js';
import { refusal, throughBridge } from '../support/host.js';
import { sleep, until } from '../support/waiting.js';

const limit = { timeout: 20_000 };
const bridgeOnly = { ...limit, skip: !throughBridge };
// Some of this is about a session, which only legacy revisions have.
const server = await startSandbox({ args: ['--protocol', 'legacy'] });
after(() => removeSandbox(server));
const apiKey = await createKey(server);

const [home, other] = ['org_abc123', 'org_xyz789'];
const switchTo = (host, organization_id) => host.request('platform.switch_organization', { organization_id });

async function names(host) {
  const { tools } = await host.client.listTools();
  return tools.map(({ name }) => name);
}

async function keywords(host) {
  const { items } = await host.call('platform.list_roadmap_items');
  return items.map(({ keyword }) => keyword);
}

test('with --allow only what is allowed is listed', bridgeOnly, async (t) => {
  const args = ['serve', '--allow', 'tools:platform.list_organizations', '--allow', 'tools:workflows.*'];
  const host = await connect(t, server, { apiKey, args });
  assert.deepEqual((await names(host)).sort(), [
    'platform_list_organizations',
    'workflows_get_status',
    'workflows_resume',
  ]);
});

test('a call that is not allowed is refused by the bridge, whichever name it uses', bridgeOnly, async (t) => {
  const host = await connect(t, server, { apiKey, args: ['serve', '--allow', 'tools:workflows.*'] });
  for (const name of ['platform_list_organizations', 'platform.list_organizations']) {
    const from = server.output.length;
    assert.match(await refusal(host.client.callTool({ name })), /tools:platform\.list_organizations/);
    await sleep(100);
    assert.doesNotMatch(server.output.slice(from), /tools\/call/);
  }
});

test('what --allow allows can be called', bridgeOnly, async (t) => {
  const host = await connect(t, server, { apiKey, args: ['serve', '--allow', 'tools:platform.*'] });
  assert.equal((await host.call('platform.list_organizations')).count, 2);
});

test('a pinned organization is the one that is worked in', limit, async (t) => {
  const pinned = {
    apiKey,
    args: ['serve', '--organization', other],
    headers: { 'X-Organization-Id': other },
  };
  const host = await connect(t, server, pinned);
  await host.call('platform.create_roadmap_item', { keyword: 'pinned' });
  assert.ok((await keywords(host)).includes('pinned'));
  assert.ok(!(await keywords(await connect(t, server, { apiKey }))).includes('pinned'));
});

test('a pinned organization stays pinned', bridgeOnly, async (t) => {
  const host = await connect(t, server, { apiKey, args: ['serve', '--organization', home] });
  const from = server.output.length;
  assert.match(await refusal(switchTo(host, other)), new RegExp(home));
  await sleep(100);
  assert.doesNotMatch(server.output.slice(from), /tools\/call/);
  assert.ok(!(await switchTo(host, home)).isError, 'switching to the pinned one itself is no harm');
});

test('an organization that is foreign to the person is refused by ClickFlow', limit, async (t) => {
  const foreign = {
    apiKey,
    args: ['serve', '--organization', 'org_nobody'],
    headers: { 'X-Organization-Id': 'org_nobody' },
  };
  const host = await connect(t, server, foreign);
  assert.match(
    await refusal(host.request('platform.list_organizations')),
    /Organization not found or you don't have access/,
  );
});

test(
  'without a pin the host can switch, for its own session, and hears that the tools changed',
  limit,
  async (t) => {
    let changes = 0;
    const host = await connect(t, server, {
      apiKey,
      prepare: (client) =>
        client.setNotificationHandler(ToolListChangedNotificationSchema, () => void ++changes),
    });
    const bystander = await connect(t, server, { apiKey });
    assert.ok(!(await names(host)).includes(shown('agents.suggest_keywords')));
    assert.ok(!(await switchTo(host, other)).isError);
    await until(() => changes > 0, 'notifications/tools/list_changed');
    assert.ok((await names(host)).includes(shown('agents.suggest_keywords')));
    assert.ok(!(await names(bystander)).includes(shown('agents.suggest_keywords')));
  },
);
