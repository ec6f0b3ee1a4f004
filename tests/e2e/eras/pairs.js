// The official SDK's first and second generation as host and as server, each host with each server, with the bridge
// between. All four pairs go through the same list of cases.
import { after, test } from 'node:test';
import { throughBridge } from '../support/host.js';
import { asking } from './cases/asking.js';
import { basics } from './cases/basics.js';
import { changes } from './cases/changes.js';
import { running } from './cases/running.js';
import { openHost } from './host.js';
import { startServer } from './server.js';

const CASE_LIMIT_MS = 30_000;

async function openPairedHost(t, era, server, settings) {
  const from = server.output.length;
  const host = await openHost(t, era, server.url, settings);
  // A legacy host hears what a server says unasked as soon as there is a stream for it.
  if (era === 'legacy') await server.said(/a stream opened/, { from });
  return host;
}

/** Tests a host of one era with a server of one era. */
export async function testPair(hostEra, serverEra) {
  const server = await startServer(serverEra);
  after(() => server.stop());
  for (const { name, hosts = hostEra, servers = serverEra, bridgeOnly, run } of [
    ...basics,
    ...running,
    ...asking,
    ...changes,
  ]) {
    if (hosts !== hostEra || servers !== serverEra) continue;
    const skip = !throughBridge && (bridgeOnly || hostEra !== serverEra);
    test(`${hostEra} host, ${serverEra} server: ${name}`, { timeout: CASE_LIMIT_MS, skip }, (t) =>
      run({
        server,
        hostEra,
        serverEra,
        open: (settings) => openPairedHost(t, hostEra, server, settings),
        // Another host of the same server's, which needs no bridge.
        openOther: () => openPairedHost(t, serverEra, server, { direct: true }),
      }),
    );
  }
}
