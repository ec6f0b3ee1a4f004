// An assistant, as far as MCP is concerned: the official SDK's client, which launches `clickflow-mcp` over stdio as
// Claude Desktop or Cursor do. With TRANSPORT=direct the same client speaks to the same server without the bridge:
// the control run, which tells a fault of the bridge from a habit of the server.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { within } from './waiting.js';

const transport = process.env.TRANSPORT ?? 'bridge';
assert.ok(['bridge', 'direct'].includes(transport), `TRANSPORT is bridge or direct, not ${transport}`);

export const throughBridge = transport === 'bridge';
export const bridgeProgram =
  process.env.CLICKFLOW_MCP ?? fileURLToPath(new URL('../../../build/dev/clickflow-mcp', import.meta.url));

/** Has a key's form and opens nothing: for servers that ask for none. */
export const placeholderKey = 'cf_ak_e2ePlaceholder0123456789abcdef';

const CLOSE_LIMIT_MS = 8_000;

/** The paths and texts of all files under `folder`, without those that are renamed or removed meanwhile. */
export function filesUnder(folder) {
  const read = (path) => {
    try {
      return statSync(path).isFile() ? [[path, readFileSync(path, 'utf8')]] : [];
    } catch (error) {
      if (error.code === 'ENOENT') return []; // It was listed, and is gone.
      throw error;
    }
  };
  return readdirSync(folder, { recursive: true }).flatMap((name) => read(join(folder, name)));
}

/** Where a bridge keeps what it learns, for those that come after it. It is removed when the last of them is tidied up. */
export class Home {
  #bridges = 0;

  enter() {
    if (this.#bridges++ === 0) this.folder = mkdtempSync(join(tmpdir(), 'clickflow-e2e-'));
    return this.folder;
  }

  /** The texts of all files in it. */
  texts() {
    return filesUnder(this.folder).map(([, text]) => text);
  }

  leave() {
    if (--this.#bridges === 0) rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * The SDK's stdio transport for one bridge, with everything that the bridge wrote to stderr so far as `log`. The bridge
 * has a home of its own, so that no test meets what another, or the person at the machine, left, unless it is given that
 * of an earlier one; and logs all it can, so that `checkAndTidy()`, called once the test is over, can find a secret in
 * it. `Stdio` is the transport's class, where it is not this SDK's.
 */
export function bridgeTransport(url, settings = {}) {
  const {
    apiKey = placeholderKey,
    args = ['serve'],
    env = {},
    home = new Home(),
    Stdio = StdioClientTransport,
  } = settings;
  const credentials = apiKey ? { CLICKFLOW_API_KEY: apiKey } : {};
  const stdio = new Stdio({
    command: bridgeProgram,
    args,
    env: { HOME: home.enter(), CLICKFLOW_URL: url, CLICKFLOW_LOG_LEVEL: 'trace', ...credentials, ...env },
    stderr: 'pipe',
  });
  stdio.log = '';
  stdio.stderr.setEncoding('utf8').on('data', (text) => (stdio.log += text));
  stdio.checkAndTidy = () => {
    home.leave();
    if (apiKey) assert.ok(!stdio.log.includes(apiKey), 'the bridge wrote the API key to its log');
  };
  return stdio;
}

export function directTransport(url, { apiKey = placeholderKey, headers = {} } = {}) {
  const credentials = apiKey ? { Authorization: `Bearer ${apiKey}` } : {};
  return new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...credentials, ...headers } },
  });
}

/**
 * Connects a host to the server at `url` and closes it after the test.
 *  - `capabilities`, `options`: what the client declares, and the SDK's other client options
 *  - `prepare(client)`: sets handlers before the handshake
 *  - `direct`: without the bridge; by default as TRANSPORT says
 *  - `apiKey`, `args`, `env`, `home`: for the bridge; `headers`: their equivalent for the direct connection
 * Returns the client, its transport, the errors that the SDK met outside of any request, and every message received.
 */
export async function openHost(t, url, settings = {}) {
  const { capabilities = {}, options = {}, prepare = () => {}, direct = !throughBridge } = settings;
  const client = new Client({ name: 'clickflow-mcp-e2e', version: '1.0.0' }, { capabilities, ...options });
  const transport = direct ? directTransport(url, settings) : bridgeTransport(url, settings);
  const host = { client, transport, errors: [], received: [] };
  client.onerror = (error) => host.errors.push(error);
  transport.onmessage = (message) => host.received.push(message); // The client calls this and goes on by itself.
  prepare(client);
  t.after(async () => {
    await within(CLOSE_LIMIT_MS, closeHost(host), 'the host to close');
    transport.checkAndTidy?.();
    const noise = host.errors.filter((error) => error instanceof SyntaxError || error.name === 'ZodError');
    if (!direct) assert.deepEqual(noise, [], 'the bridge wrote something else than MCP to stdout');
  });
  await client.connect(host.transport);
  return host;
}

/** What a host does at its end. The bridge ends the session at the server itself; a direct client has to say so. */
export async function closeHost({ client, transport }) {
  if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession().catch(() => {});
  await client.close();
}

/**
 * The progress that a host received for each call that ended, one list for each call, in the order of the answers. Read
 * off the wire, since the SDK's client drops the last step where it comes in one piece with the answer.
 */
export function progressOf({ received }) {
  const running = new Map();
  const ended = [];
  for (const { id, method, params, result } of received) {
    if (method === 'notifications/progress') {
      const { progressToken, ...step } = params;
      running.set(progressToken, [...(running.get(progressToken) ?? []), step]);
    } else if (result && running.has(id)) {
      // The SDK takes the request's id as the token.
      ended.push(running.get(id));
      running.delete(id);
    }
  }
  assert.deepEqual([...running.keys()], [], 'progress came after its answer');
  return ended;
}

/** The words in which a request was refused, whether as an error or as a tool's result that is one. */
export async function refusal(request) {
  const result = await request.catch((error) => error);
  if (result instanceof Error) return result.message;
  assert.equal(result.isError, true, 'the request was not refused');
  return result.content.map(({ text }) => text).join('\n');
}
