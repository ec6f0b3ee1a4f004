// Which revision is spoken to the server: that which it answers a probe with, or that which the settings fix.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { refusal, throughBridge } from '../support/host.js';
import { openHost } from './host.js';
import { startServer } from './server.js';

const limit = { timeout: 30_000, skip: !throughBridge };

const servers = {
  legacy: await startServer('legacy'),
  modern: await startServer('modern'),
  dual: await startServer('modern', { env: { LEGACY: 'stateless' } }),
};
after(() => Promise.all(Object.values(servers).map((server) => server.stop())));

const open = (t, era, server, protocol) =>
  openHost(t, era, server.url, { args: protocol ? ['serve', '--protocol', protocol] : ['serve'] });

const askRevision = (host) => host.callTool({ name: 'revision' });

/** The revision in which a tool call arrives, and how often the server was probed until then. */
async function spoken(t, era, server, protocol) {
  const from = server.output.length;
  const { isError, content } = await askRevision(await open(t, era, server, protocol));
  assert.ok(!isError, content[0].text);
  const probes = server.output.slice(from).match(/asked for server\/discover/g) ?? [];
  return { revision: content[0].text, probes: probes.length };
}

for (const era of ['legacy', 'modern']) {
  // The modern host has asked another bridge before, which has probed for itself.
  const bridges = { legacy: 1, modern: 2 }[era];

  test(`${era} host: a server that speaks both is spoken to in the newest revision`, limit, async (t) => {
    assert.equal((await spoken(t, era, servers.dual)).revision, '2026-07-28');
  });

  test(
    `${era} host: a legacy server is probed once, and then spoken to in its revision`,
    limit,
    async (t) => {
      assert.deepEqual(await spoken(t, era, servers.legacy), { revision: '2025-11-25', probes: bridges });
    },
  );

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
