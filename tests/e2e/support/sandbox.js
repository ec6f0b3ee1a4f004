// `clickflow-sandbox`: a ClickFlow of one's own, with API keys, scopes, organizations and workflows.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openHost, throughBridge } from './host.js';
import { freePort, startProgram } from './program.js';

export const sandboxProgram =
  process.env.CLICKFLOW_SANDBOX ??
  fileURLToPath(new URL('../../../build/dev/clickflow-sandbox', import.meta.url));
const COMMAND_LIMIT_MS = 10_000;

/**
 * Starts it with a data folder of its own, and `port` or a free one. `keep` has the data of one that was stopped; drafting
 * takes 8 s at `speed` 1; `args` are further options. Returns it with its MCP endpoint as `url`, its `origin`, and its
 * authorization server as `issuer`.
 */
export async function startSandbox({ port, keep, speed = 8, args = [] } = {}) {
  const data = keep?.data ?? mkdtempSync(join(tmpdir(), 'clickflow-sandbox-'));
  const ports = ['--port', `${port ?? (await freePort())}`, '--auth-port', '0'];
  const server = await startProgram(
    sandboxProgram,
    ['serve', ...ports, '--data', data, '--speed', `${speed}`, ...args],
    {
      ready: /(http:\/\/127\.0\.0\.1:(\d+)\/v1\/mcp)\s+(http:\S+)\s/,
    },
  );
  const [, url, actualPort, issuer] = server.ready;
  return Object.assign(server, { url, origin: new URL(url).origin, issuer, port: Number(actualPort), data });
}

/** Stops it and removes its data. */
export async function removeSandbox(server) {
  await server.stop();
  rmSync(server.data, { recursive: true, force: true });
}

/** Runs `clickflow-sandbox keys …` and returns what it prints. */
async function keys(server, ...args) {
  const { stdout } = await promisify(execFile)(sandboxProgram, ['keys', ...args, '--data', server.data], {
    timeout: COMMAND_LIMIT_MS,
  });
  return stdout;
}

/** Makes an API key; returns its text. */
export async function createKey(
  server,
  { scopes = ['tools:*'], expiresIn, organization, name = 'e2e' } = {},
) {
  const options = ['--name', name, ...scopes.flatMap((scope) => ['--scope', scope])];
  if (expiresIn) options.push('--expires-in', expiresIn);
  if (organization) options.push('--organization', organization);
  return /cf_ak_\w+/.exec(await keys(server, 'create', ...options))[0];
}

export const listKeys = async (server) => JSON.parse(await keys(server, 'list', '--json'));

/** Revokes the key with this name. */
export async function revokeKey(server, name) {
  const { id } = (await listKeys(server)).find((key) => key.name === name);
  await keys(server, 'revoke', id);
}

/** The name under which a host sees a tool: the bridge shows no dots, which several assistants stumble over. */
export const shown = (name) => (throughBridge ? name.replaceAll('.', '_') : name);

/** Connects a host whose `call(tool, arguments, options)` returns what the tool answered, from its JSON text. */
export async function connect(t, server, settings) {
  const host = await openHost(t, server.url, settings);
  host.request = (tool, args = {}, options) =>
    host.client.callTool({ name: shown(tool), arguments: args }, undefined, options);
  host.call = async (...call) => {
    const { content, isError } = await host.request(...call);
    if (isError) throw new Error(content[0].text);
    return JSON.parse(content[0].text);
  };
  return host;
}

/** What its servers have seen so far. */
export const counters = async (server) => (await fetch(`${server.origin}/sandbox/counters`)).json();

/** Has it go wrong as docs/sandbox.md says; it must have been started with `--test-controls`. */
export async function control(server, orders) {
  const reply = await fetch(`${server.origin}/sandbox/control`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(orders),
  });
  if (!reply.ok) throw new Error(await reply.text());
}
