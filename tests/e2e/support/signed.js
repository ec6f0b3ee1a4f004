// A host whose bridge signs in: each test has a profile of its own, so that none finds another's sign-in in the
// keyring, which they share.
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { bridgeProgram, openHost } from './host.js';

export const COMMAND_LIMIT_MS = 30_000;
const fromSession = ['DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR', 'PATH'];

/** The surroundings of one test: a desk, a profile, and the settings for each bridge in it. */
export function settingsAt(desk, url, { env = {}, args = [] } = {}) {
  const inherited = Object.fromEntries(fromSession.map((name) => [name, process.env[name]]));
  return {
    apiKey: null,
    args: ['serve', ...args],
    env: {
      ...inherited,
      CLICKFLOW_HOME: desk.home,
      CLICKFLOW_PROFILE: (desk.profile ??= randomUUID()),
      CLICKFLOW_SIGN_IN_TIMEOUT: '60',
      BROWSER: desk.browser,
      ...env,
    },
  };
}

/** Connects a host; it has `changes`, how often it was told that the tools have changed, and `call(tool)`. */
export async function connectSigned(t, desk, url, settings = {}) {
  const { prepare = () => {}, ...rest } = settings;
  let changes = 0;
  const host = await openHost(t, url, {
    ...settingsAt(desk, url, rest),
    capabilities: rest.capabilities,
    direct: false,
    prepare(client) {
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => void changes++);
      prepare(client);
    },
  });
  return Object.assign(host, {
    changes: () => changes,
    names: async () => (await host.client.listTools()).tools.map(({ name }) => name),
    call: (name, options = {}) =>
      host.client.callTool({ name, arguments: {} }, undefined, { timeout: 90_000, ...options }),
  });
}

/** The text of a call's result; fails if it is an error. */
export async function textOf(call) {
  const { isError, content } = await call;
  if (isError) throw new Error(content[0].text);
  return content[0].text;
}

const commandEnv = (desk, url) => ({ ...settingsAt(desk, url).env, CLICKFLOW_URL: url, HOME: desk.home });

/**
 * Runs `clickflow-mcp ARGUMENTS` to its end; returns its output, also of one that fails. `onStart` gets its process
 * id.
 */
export async function runCommand(desk, url, args, onStart = () => {}) {
  const options = { env: commandEnv(desk, url), timeout: COMMAND_LIMIT_MS };
  const running = promisify(execFile)(bridgeProgram, args, options);
  onStart(running.child.pid);
  return running.catch((error) => error);
}

/** Starts it in a terminal (script(1) makes one); returns the child with everything it has shown as `shown`. */
export function startInTerminal(desk, url, args) {
  const command = [bridgeProgram, ...args].join(' ');
  const child = spawn('script', ['-qefc', command, '/dev/null'], { env: commandEnv(desk, url) });
  child.shown = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (child.shown += text));
  child.ended = new Promise((resolve) => child.once('close', resolve));
  return child;
}

/** How many entries the keyring holds, whoever's they are. */
export async function keyringEntries() {
  const { stdout } = await promisify(execFile)('dbus-send', [
    '--session',
    '--print-reply',
    '--dest=org.freedesktop.secrets',
    '/org/freedesktop/secrets/aliases/default',
    'org.freedesktop.DBus.Properties.Get',
    'string:org.freedesktop.Secret.Collection',
    'string:Items',
  ]);
  return stdout.split('object path').length - 1;
}
