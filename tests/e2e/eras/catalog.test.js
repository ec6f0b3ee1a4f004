// What a host is answered before its server has said anything: at the first start, and at the second, from what the server
// said at the first.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Home, refusal, throughBridge } from '../support/host.js';
import { sleep, until } from '../support/waiting.js';
import { closeAcquainted, openHost } from './host.js';
import { info, instructions } from './servers/features.js';
import { startServer } from './server.js';

const limit = { timeout: 60_000, skip: !throughBridge };
// Far below what any exchange with a silent server takes.
const CONNECT_LIMIT_MS = 5_000;
// Longer than the bridge waits before it asks for lists that the host has not asked for.
const SURVEYED_MS = 3_500;
const unheard = 'clickflow-mcp';
const extra = 'extra-tool';

async function start(t, era, settings) {
  const server = await startServer(era, settings);
  t.after(() => server.stop());
  return server;
}

/** Connects a host as `openHost` does, and sees to it that this takes no time. */
async function openAtOnce(t, era, ...settings) {
  await import(`../support/${era}-host.js`); // The SDK takes a while to load.
  const begun = performance.now();
  const host = await openHost(t, era, ...settings);
  const took = Math.round(performance.now() - begun);
  t.diagnostic(`connected after ${took} ms`);
  assert.ok(took < CONNECT_LIMIT_MS, `it took ${took} ms to connect`);
  return host;
}

const describedBy = ({ client }) => [client.getServerVersion(), client.getInstructions()];
const toolsOf = async ({ client }) => (await client.listTools()).tools;
const namesOf = async (host) => (await toolsOf(host)).map(({ name }) => name);

async function resourcesOf({ client }) {
  const found = [];
  let cursor;
  do {
    const { resources, nextCursor } = await client.listResources({ cursor });
    found.push(...resources);
    cursor = nextCursor;
  } while (cursor !== undefined);
  return found;
}

/** Everything that a host can list. */
const listsOf = async (host) => ({
  tools: await toolsOf(host),
  prompts: (await host.client.listPrompts()).prompts,
  resources: await resourcesOf(host),
  templates: (await host.client.listResourceTemplates()).resourceTemplates,
});

const echo = (host, words) => host.callTool({ name: 'echo', arguments: { words } });

/** Notes each change of a list that a host is told of. */
function hearing() {
  const heard = [];
  const prepare = (host) => {
    for (const what of ['tools', 'prompts', 'resources'])
      host.hear(`notifications/${what}/list_changed`, () => heard.push(what));
  };
  return { heard, prepare };
}

/** Has a bridge in this home learn all lists of a server; returns them. */
async function learnLists(t, era, server, home) {
  const host = await openHost(t, era, server.url, { home });
  const lists = await listsOf(host);
  // These come in pages, which the bridge reads to the end by itself.
  const last = lists.resources.at(-1).uri;
  await until(() => home.texts().some((text) => text.includes(last)), 'the resources to be kept');
  await closeAcquainted(host);
  return lists;
}

describe('catalog', { concurrency: 4 }, () => {
  for (const hostEra of ['legacy', 'modern'])
    for (const serverEra of ['legacy', 'modern']) {
      const testPair = (name, run) => test(`${hostEra} host, ${serverEra} server: ${name}`, limit, run);

      testPair('a first start without a server', async (t) => {
        const server = await start(t, serverEra);
        await server.stop();
        const host = await openAtOnce(t, hostEra, server.url);
        assert.equal(host.client.getServerVersion().name, unheard);
        await assert.rejects(host.client.listTools(), /can't be reached/);
        assert.match(await refusal(echo(host, 'nobody')), /can't be reached/);
      });

      testPair('a second start without the server, which comes back', async (t) => {
        const home = new Home();
        const old = await start(t, serverEra);
        const before = await learnLists(t, hostEra, old, home);
        await old.stop();

        const host = await openAtOnce(t, hostEra, old.url, { home });
        assert.deepEqual(describedBy(host), [info, instructions]);
        assert.deepEqual(await listsOf(host), before);
        assert.match(await refusal(echo(host, 'nobody')), /can't be reached/);
        await start(t, serverEra, { port: old.port });
        assert.equal((await echo(host, 'somebody')).content[0].text, 'somebody');
        assert.deepEqual(await listsOf(host), before);
      });

      testPair('a second start with a server that has another tool now', async (t) => {
        const home = new Home();
        const old = await start(t, serverEra);
        const first = await openHost(t, hostEra, old.url, { home });
        const before = await toolsOf(first);
        await closeAcquainted(first);
        await old.stop();

        const server = await start(t, serverEra, { port: old.port, env: { EXTRA_TOOL: extra } });
        server.pause();
        const { heard, prepare } = hearing();
        const host = await openAtOnce(t, hostEra, server.url, { home, prepare });
        assert.deepEqual(await toolsOf(host), before);
        assert.deepEqual(heard, []);
        server.resume();
        await host.watch({ tools: true, prompts: true, resources: true });
        await until(() => heard.length > 0, 'the change');
        assert.deepEqual(
          (await namesOf(host)).toSorted(),
          [...before.map(({ name }) => name), extra].toSorted(),
        );
        await sleep(SURVEYED_MS);
        assert.deepEqual(heard, ['tools']);
      });

      testPair('a second start with a server that is the same', async (t) => {
        const home = new Home();
        const server = await start(t, serverEra);
        const before = await learnLists(t, hostEra, server, home);

        server.pause();
        const { heard, prepare } = hearing();
        const host = await openAtOnce(t, hostEra, server.url, { home, prepare });
        assert.deepEqual(await listsOf(host), before);
        server.resume();
        await host.watch({ tools: true, prompts: true, resources: true });
        assert.equal((await echo(host, 'somebody')).content[0].text, 'somebody');
        await sleep(SURVEYED_MS);
        assert.deepEqual(heard, []);
        assert.deepEqual(await listsOf(host), before);
      });

      testPair("two API keys never see each other's lists", async (t) => {
        const home = new Home();
        const keys = ['one', 'two'].map((name) => ({ name, apiKey: `cf_ak_${name.padEnd(32, '0')}` }));
        let port;
        for (const { name, apiKey } of keys) {
          const server = await start(t, serverEra, { port, env: { EXTRA_TOOL: `for-${name}` } });
          port = server.port;
          const host = await openHost(t, hostEra, server.url, { home, apiKey });
          assert.equal(host.client.getServerVersion().name, unheard, 'it knows the server by the other key');
          assert.ok((await namesOf(host)).includes(`for-${name}`));
          await closeAcquainted(host);
          await server.stop();
        }

        const url = `http://127.0.0.1:${port}/`;
        for (const { name, apiKey } of keys) {
          const host = await openHost(t, hostEra, url, { home, apiKey });
          const names = await namesOf(host);
          assert.deepEqual(
            names.filter((one) => one.startsWith('for-')),
            [`for-${name}`],
          );
        }
        const host = await openHost(t, hostEra, url, { home, apiKey: `cf_ak_${'3'.repeat(32)}` });
        assert.equal(host.client.getServerVersion().name, unheard);
        await assert.rejects(host.client.listTools(), /can't be reached/);
        const texts = home.texts();
        assert.ok(texts.length > 0);
        for (const { apiKey } of keys)
          assert.ok(!texts.some((text) => text.includes(apiKey)), 'an API key is kept in the home');
      });
    }
});
