// Which revision is spoken to the server: that which it answers a probe with, or that which the settings fix.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Home, refusal, throughBridge } from '../support/host.js';
import { closeAcquainted, openHost } from './host.js';
import { startServer } from './server.js';

const limit = { timeout: 30_000, skip: !throughBridge };

const servers = {
  legacy: await startServer('legacy'),
  modern: await startServer('modern'),
  dual: await startServer('modern', { env: { LEGACY: 'stateless' } }),
};
after(() => Promise.all(Object.values(servers).map((server) => server.stop())));

const open = (t, era, server, protocol, home) =>
  openHost(t, era, server.url, { args: protocol ? ['serve', '--protocol', protocol] : ['serve'], home });

const askRevision = (host) => host.callTool({ name: 'revision' });

/** How often a server was asked what it is. The probe for its era asks that. */
const discoveries = (server, from) =>
  server.output.slice(from).match(/asked for server\/discover/g)?.length ?? 0;

/**
 * The revision in which a tool call arrives (after something that only reads: a call that could not go out twice is sent
 * on no mere belief of what the server speaks), and how often the server was probed by the time when its bridge has ended,
 * which has learnt what the server is.
 */
async function spoken(t, era, server, protocol, home) {
  const from = server.output.length;
  const host = await open(t, era, server, protocol, home);
  await host.client.readResource({ uri: 'eras://text' });
  const { isError, content } = await askRevision(host);
  assert.ok(!isError, content[0].text);
  await closeAcquainted(host);
  return { revision: content[0].text, probes: discoveries(server, from) };
}

for (const era of ['legacy', 'modern']) {
  test(`${era} host: a server that speaks both is spoken to in the newest revision`, limit, async (t) => {
    assert.equal((await spoken(t, era, servers.dual)).revision, '2026-07-28');
  });

  test(
    `${era} host: a legacy server is probed once, and then spoken to in its revision`,
    limit,
    async (t) => {
      assert.deepEqual(await spoken(t, era, servers.legacy), { revision: '2025-11-25', probes: 1 });
    },
  );

  test(`${era} host: a legacy server is not probed by the second start`, limit, async (t) => {
    const home = new Home();
    await spoken(t, era, servers.legacy, undefined, home);
    assert.deepEqual(await spoken(t, era, servers.legacy, undefined, home), {
      revision: '2025-11-25',
      probes: 0,
    });
  });

  test(`${era} host: a modern server is asked once what it is, by each start`, limit, async (t) => {
    const home = new Home();
    for (let start = 1; start <= 2; ++start)
      assert.deepEqual(await spoken(t, era, servers.modern, undefined, home), {
        revision: '2026-07-28',
        probes: 1,
      });
  });

  for (const protocol of ['2025-11-25', '2025-06-18']) {
    test(`${era} host: --protocol ${protocol} at a legacy server, which is not probed`, limit, async (t) => {
      assert.deepEqual(await spoken(t, era, servers.legacy, protocol), { revision: protocol, probes: 0 });
    });

    test(`${era} host: --protocol ${protocol} at a server that speaks both`, limit, async (t) => {
      assert.deepEqual(await spoken(t, era, servers.dual, protocol), { revision: protocol, probes: 0 });
    });
  }

  test(`${era} host: --protocol 2026-07-28 at a modern server`, limit, async (t) => {
    assert.equal((await spoken(t, era, servers.modern, '2026-07-28')).revision, '2026-07-28');
  });
}

// The modern host's SDK would put words of its own in the place of these.
for (const [protocol, name] of [
  ['2026-07-28', 'legacy'],
  ['2025-11-25', 'modern'],
]) {
  test(`legacy host: --protocol ${protocol} at a ${name} server is refused in words`, limit, async (t) => {
    const said = await refusal(open(t, 'legacy', servers[name], protocol).then(askRevision));
    assert.match(said, /--protocol|CLICKFLOW_PROTOCOL/);
  });
}
