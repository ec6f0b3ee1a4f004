// `@modelcontextprotocol/server-everything`, the reference server that uses every feature of the protocol.
import { fileURLToPath } from 'node:url';
import { openHost } from './host.js';
import { startNodeServer } from './program.js';

const program = fileURLToPath(
  new URL('../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url),
);

/** Starts it on `port` or a free one; returns the program with its `url`. */
export async function startEverything({ port } = {}) {
  const server = await startNodeServer(program, { args: ['streamableHttp'], port });
  server.url = `http://127.0.0.1:${server.port}/mcp`;
  return server;
}

/**
 * Connects a host and waits until the stream is open on which the server speaks of its own accord: what it says
 * earlier is lost, with every client. The host gets the `sessionId` that the server gave.
 */
export async function connect(t, server, settings) {
  const from = server.output.length;
  const host = await openHost(t, server.url, settings);
  const [, sessionId] = await server.said(/Establishing new SSE stream for session (\S+)/, { from });
  return Object.assign(host, { sessionId });
}
