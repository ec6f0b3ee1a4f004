import { fileURLToPath } from 'node:url';
import { startNodeServer } from '../support/program.js';

/** Starts the server of this era, on `port` or a free one; returns it with its `url`. `env` is for it. */
export async function startServer(era, { env, port } = {}) {
  const file = fileURLToPath(new URL(`servers/${era}.js`, import.meta.url));
  const server = await startNodeServer(file, { env, port });
  return Object.assign(server, { url: `http://127.0.0.1:${server.port}/` });
}
