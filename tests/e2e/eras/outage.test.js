// A server that is killed and started again, in the midst of a host's conversation with it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { throughBridge } from '../support/host.js';
import { sleep, until } from '../support/waiting.js';
import { openHost } from './host.js';
import { startServer } from './server.js';

const limit = { timeout: 60_000, skip: !throughBridge };
const updated = 'notifications/resources/updated';
const uri = 'eras://text';
const accepted = { action: 'accept', content: { name: 'Zoë' } };

async function startAndStop(t, era, port) {
  const server = await startServer(era, { port });
  t.after(() => server.stop());
  return server;
}

const echo = async (host, words) => {
  const { content } = await host.callTool({ name: 'echo', arguments: { words } });
  return content[0].text;
};

for (const hostEra of ['legacy', 'modern'])
  for (const serverEra of ['legacy', 'modern']) {
    const testOutage = (name, run) => test(`${hostEra} host, ${serverEra} server: ${name}`, limit, run);

    testOutage('after a restart the next call succeeds', async (t) => {
      const old = await startAndStop(t, serverEra);
      const host = await openHost(t, hostEra, old.url);
      assert.equal(await echo(host, 'before'), 'before');
      await old.stop('SIGKILL');
      await startAndStop(t, serverEra, old.port);
      assert.equal(await echo(host, 'after'), 'after');
    });

    const newEra = { legacy: 'modern', modern: 'legacy' }[serverEra];
    testOutage(`a restart as a ${newEra} server`, async (t) => {
      const old = await startAndStop(t, serverEra);
      const host = await openHost(t, hostEra, old.url, {
        prepare: (host) => host.answer('elicitation/create', () => accepted),
      });
      assert.equal(await echo(host, 'before'), 'before');
      await old.stop('SIGKILL');
      await startAndStop(t, newEra, old.port);
      const next = await echo(host, 'after').catch(({ message }) => message);
      if (next !== 'after') t.diagnostic(`the first call after it was refused: ${next}`);
      assert.equal(await echo(host, 'later'), 'later');
      const { content } = await host.callTool({ name: 'ask-form' });
      assert.deepEqual(JSON.parse(content[0].text), { form: accepted });
    });

    testOutage('a call that finds no server fails, and the next that finds one succeeds', async (t) => {
      const old = await startAndStop(t, serverEra);
      const host = await openHost(t, hostEra, old.url);
      assert.equal(await echo(host, 'before'), 'before');
      await old.stop('SIGKILL');
      const failed = await host.callTool({ name: 'tally' }).catch((error) => error);
      assert.ok(failed instanceof Error || failed.isError, 'a call succeeded without a server');
      const server = await startAndStop(t, serverEra, old.port);
      assert.equal(await echo(host, 'after'), 'after');
      assert.doesNotMatch(server.output, /tally ran/);
    });

    for (const nextEra of [serverEra, newEra]) {
      const name = `what was subscribed is heard again after a restart as a ${nextEra} server, or known to have ended`;
      testOutage(name, async (t) => {
        const old = await startAndStop(t, serverEra);
        const heard = [];
        const host = await openHost(t, hostEra, old.url, {
          prepare: (host) => host.hear(updated, (params) => heard.push(params.uri)),
        });
        let ended = false;
        const watch = async () => {
          const stop = await host.watch({ uris: [uri] });
          ended = false;
          void stop.ended?.then(() => (ended = true));
        };
        await watch();
        await old.stop('SIGKILL');
        await startAndStop(t, nextEra, old.port);
        const touch = () => host.callTool({ name: 'touch', arguments: { uri } });
        const hears = async () => {
          if (ended) await watch();
          await touch();
          await sleep(200);
          return heard.length > 0;
        };
        await until(hears, 'an update from the new server', 30_000);
      });
    }
  }
