// What a server announces to who wants to hear it: changes of its lists and of its resources.
import assert from 'node:assert/strict';
import { throughBridge } from '../../support/host.js';
import { sleep, until } from '../../support/waiting.js';

const QUIET_MS = 300;
const updated = 'notifications/resources/updated';
const one = 'eras://text';
const other = 'eras://image';

/** A host that notes the notifications of this kind in `heard`. */
async function openHearing(open, method) {
  const heard = [];
  const host = await open({ prepare: (host) => host.hear(method, (params) => heard.push(params)) });
  return { host, heard };
}

const touch = (host, uri) => host.callTool({ name: 'touch', arguments: { uri } });

const lists = {
  tools: async ({ client }) => (await client.listTools()).tools.map(({ name }) => name),
  prompts: async ({ client }) => (await client.listPrompts()).prompts.map(({ name }) => name),
  async resources({ client }) {
    const names = [];
    for (let cursor = '0'; cursor;) {
      const { resources, nextCursor } = await client.listResources({ cursor });
      names.push(...resources.map(({ name }) => name));
      cursor = nextCursor;
    }
    return names;
  },
};

export const changes = [
  ...Object.entries(lists).map(([what, list]) => ({
    name: `a change of the list of ${what}`,
    async run({ open }) {
      const { host, heard } = await openHearing(open, `notifications/${what}/list_changed`);
      const name = `new-${what}`;
      assert.ok(!(await list(host)).includes(name));
      await host.watch({ [what]: true });
      await host.callTool({ name: 'change', arguments: { what, name } });
      await until(() => heard.length > 0, 'the announcement');
      assert.ok((await list(host)).includes(name), 'the list is the old one');
      await sleep(QUIET_MS);
      assert.equal(heard.length, 1);
    },
  })),
  {
    name: 'updates of resources, of those that are subscribed only',
    async run({ open }) {
      const { host, heard } = await openHearing(open, updated);
      await host.watch({ uris: [one] });
      await touch(host, other);
      await touch(host, one);
      await until(() => heard.length > 0, 'the update');
      await sleep(QUIET_MS);
      assert.deepEqual(
        heard.map(({ uri }) => uri),
        [one],
      );
    },
  },
  {
    name: 'an update that somebody else causes as soon as the subscription is granted',
    async run({ open, openOther }) {
      const other = await openOther();
      const { host, heard } = await openHearing(open, updated);
      await host.watch({ uris: [one] });
      await touch(other, one);
      await until(() => heard.length > 0, 'the update');
    },
  },
  {
    name: 'two subscriptions, of which one ends',
    async run({ open, server, serverEra }) {
      const { host, heard } = await openHearing(open, updated);
      const stop = await host.watch({ uris: [one] });
      await host.watch({ uris: [other] });
      await touch(host, one);
      await touch(host, other);
      await until(() => heard.length >= 2, 'both updates');
      assert.deepEqual(heard.map(({ uri }) => uri).toSorted(), [other, one]);

      const from = server.output.length;
      await stop();
      // A modern host's end of it is a notification, which nobody answers.
      await server.said(serverEra === 'legacy' ? /unsubscribed from eras:\/\/text/ : /a stream closed/, { from });
      heard.length = 0;
      await touch(host, one);
      await touch(host, other);
      await until(() => heard.length > 0, 'the update');
      await sleep(QUIET_MS);
      assert.deepEqual(
        heard.map(({ uri }) => uri),
        [other],
      );
    },
  },
  {
    name: 'a subscription that ends is ended at the server',
    servers: 'legacy',
    async run({ open, server }) {
      const host = await open();
      const from = server.output.length;
      const stop = await host.watch({ uris: [one] });
      await stop();
      await server.said(/unsubscribed from eras:\/\/text/, { from });
    },
  },
  {
    name: 'a host that goes ends the stream of announcements',
    async run({ open, server }) {
      const start = server.output.length;
      const host = await open();
      await host.watch({ tools: true, uris: [one] });
      await server.said(/a stream opened/, { from: start });
      const from = server.output.length;
      if (!throughBridge) await host.transport.terminateSession?.().catch(() => {});
      await host.client.close();
      await server.said(/a stream closed/, { from });
    },
  },
  {
    name: 'nothing that was not asked for',
    hosts: 'modern',
    async run({ open }) {
      const { host, heard } = await openHearing(open, 'notifications/prompts/list_changed');
      host.hear(updated, (params) => heard.push(params));
      await host.watch({ tools: true });
      await host.callTool({ name: 'change', arguments: { what: 'prompts', name: 'unheard' } });
      await touch(host, one);
      await sleep(QUIET_MS);
      assert.deepEqual(heard, []);
      const announced = host.received.filter(({ method }) => /list_changed|updated/.test(method));
      assert.deepEqual(announced, []);
    },
  },
  {
    name: 'every announcement says to which subscription it belongs',
    hosts: 'modern',
    async run({ open }) {
      const { host, heard } = await openHearing(open, updated);
      await host.watch({ uris: [one] });
      await host.watch({ uris: [one, other] });
      await touch(host, other);
      await until(() => heard.length > 0, 'the update');
      const [, second] = host.sent.filter(({ method }) => method === 'subscriptions/listen');
      const [update] = host.received.filter(({ method }) => method === updated);
      assert.equal(update.params._meta['io.modelcontextprotocol/subscriptionId'], second.id);
    },
  },
];
