// The sandbox as a server of each era, with a host of each: ClickFlow's own tools, whatever the two speak.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { throughBridge } from '../support/host.js';
import { createKey, removeSandbox, shown, startSandbox } from '../support/sandbox.js';
import { openHost } from './host.js';

const limit = { timeout: 40_000 };
const eras = ['legacy', 'modern'];

for (const serverEra of eras) {
  const server = await startSandbox({ speed: 2, args: ['--protocol', serverEra, '--test-controls'] });
  after(() => removeSandbox(server));
  const apiKey = await createKey(server);

  for (const hostEra of eras) {
    const testPair = (name, run) =>
      test(
        `${hostEra} host, ${serverEra} sandbox: ${name}`,
        { ...limit, skip: !throughBridge && hostEra !== serverEra },
        async (t) => {
          const open = (settings) => openHost(t, hostEra, server.url, { apiKey, ...settings });
          const call = async (host, tool, args = {}, options) => {
            const { content, isError } = await host.callTool({ name: shown(tool), arguments: args }, options);
            if (isError) throw new Error(content[0].text);
            return JSON.parse(content[0].text);
          };
          await run({ open, call });
        },
      );

    testPair('an article is drafted, and its progress seen', async ({ open, call }) => {
      const host = await open();
      const { tools } = await host.client.listTools();
      assert.ok(tools.some(({ name }) => name === shown('platform.create_roadmap_item')));
      const { workflow_id } = await call(host, 'platform.create_roadmap_item', {
        keyword: 'café crème',
        start_drafting: true,
      });
      const { status, output } = await call(
        host,
        'workflows.get_status',
        { workflow_id },
        { onprogress() {} },
      );
      assert.equal(status, 'Completed');
      assert.match(output.html, /café crème/);
      const steps = host.received.filter(({ method }) => method === 'notifications/progress');
      assert.ok(steps.length >= 3, `${steps.length} steps`);
    });

    testPair('what a key does not allow is refused in words', async ({ open, call }) => {
      const reader = await createKey(server, { scopes: ['tools:platform.list_roadmap_items'] });
      const host = await open({ apiKey: reader });
      assert.ok((await call(host, 'platform.list_roadmap_items')).items);
      await assert.rejects(
        call(host, 'platform.create_roadmap_item', { keyword: 'x' }),
        /tools:platform\.create_roadmap_item/,
      );
    });

    testPair('a key that is none gets an answer in words', async ({ open, call }) => {
      const host = await open({ apiKey: `cf_ak_${'x'.repeat(32)}`, known: true }).catch((error) => error);
      const said =
        host instanceof Error
          ? host
          : await call(host, 'platform.list_roadmap_items').catch((error) => error);
      assert.match(`${said}`, /key/i);
    });
  }
}

for (const hostEra of eras) {
  test(
    `${hostEra} host, modern sandbox: a review is put to the person, and the workflow goes on`,
    limit,
    async (t) => {
      if (!throughBridge && hostEra === 'legacy') return t.skip('two eras need the bridge');
      const server = await startSandbox({ args: ['--protocol', 'modern', '--test-controls'] });
      t.after(() => removeSandbox(server));
      const questions = [];
      const host = await openHost(t, hostEra, server.url, {
        apiKey: await createKey(server),
        prepare(host) {
          host.answer('elicitation/create', (params) => {
            questions.push(params);
            return { action: 'accept', content: { decision: 'approve' } };
          });
        },
      });
      const call = async (tool, args, options) =>
        JSON.parse((await host.callTool({ name: shown(tool), arguments: args }, options)).content[0].text);
      const { workflow_id } = await call('platform.create_roadmap_item', {
        keyword: 'tea',
        prompt: 'sandbox:keywords_review',
        start_drafting: true,
      });
      assert.equal(
        (await call('workflows.get_status', { workflow_id }, { onprogress() {} })).status,
        'Human Review',
      );
      await call('sandbox.review_workflow', { workflow_id });
      assert.equal(questions.length, 1);
      assert.match(questions[0].message, /tea|review/i);
      assert.equal(
        (await call('workflows.get_status', { workflow_id }, { onprogress() {} })).status,
        'Completed',
      );
    },
  );
}
