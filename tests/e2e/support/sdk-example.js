// The official SDK's own example servers, each a different way of serving Streamable HTTP.
import { fileURLToPath } from 'node:url';
import { startNodeServer } from './program.js';

/** Starts the example called `name`, on `port` or a free one; returns the program with its `url`. */
export async function startExample(name, { port } = {}) {
  const examples = new URL(
    '../node_modules/@modelcontextprotocol/sdk/dist/esm/examples/server/',
    import.meta.url,
  );
  const server = await startNodeServer(fileURLToPath(new URL(`${name}.js`, examples)), { port });
  server.url = `http://127.0.0.1:${server.port}/mcp`;
  return server;
}
