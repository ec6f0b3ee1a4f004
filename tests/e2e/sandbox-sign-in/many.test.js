// Many bridges at once against the sandbox, which counts what it sees; and one of them that dies at each step of a
// renewal.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sitDown } from '../support/person.js';
import { control, counters, removeSandbox, sandboxProgram, startSandbox } from '../support/sandbox.js';
import { connectSigned, runCommand, textOf } from '../support/signed.js';
import { until } from '../support/waiting.js';

const limit = { timeout: 180_000 };
// A lock of the dead is free at once: well under the 90 s for which a living holder is waited for.
const RECOVERY_MS = 20_000;
const run = promisify(execFile);

const folder = mkdtempSync(join(tmpdir(), 'clickflow-die-at-'));
const dieAt = join(folder, 'die-at.so');
const source = fileURLToPath(new URL('../support/die-at.c', import.meta.url));
await run('gcc', ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', dieAt, source, '-ldl']);
const sandbox = await startSandbox({ args: ['--test-controls'] });
after(async () => {
  await removeSandbox(sandbox);
  rmSync(folder, { recursive: true });
});

/** What the sandbox has seen since `before`. */
async function since(before) {
  const now = await counters(sandbox);
  const of = ({ token_requests: requests, registrations }) => ({
    refreshes: requests.refresh_token,
    signIns: requests.authorization_code,
    registrations,
  });
  const [was, is] = [of(before), of(now)];
  return Object.fromEntries(Object.keys(is).map((name) => [name, is[name] - was[name]]));
}

/** The person follows the link: the sandbox's program, called with it, does what they do in a browser. */
const visit = (link) => run(sandboxProgram, [link]);

const connectMany = (t, desk, count, settings) =>
  Promise.all(Array.from({ length: count }, () => connectSigned(t, desk, sandbox.url, settings)));

const useAll = (hosts) =>
  Promise.all(hosts.map((host) => textOf(host.call('platform_list_organizations')).then(JSON.parse)));

async function logIn(desk, args = []) {
  const login = runCommand(desk, sandbox.url, ['login', ...args]);
  await visit(await desk.tab());
  assert.match((await login).stdout, /signed in/i);
}

test('ten bridges that are signed out open one tab', limit, async (t) => {
  const desk = sitDown();
  const before = await counters(sandbox);
  const calls = useAll(await connectMany(t, desk, 10));
  await visit(await desk.tab());
  for (const { count } of await calls) assert.equal(count, 2);
  assert.equal(desk.tabs().length, 1);
  assert.deepEqual(await since(before), { refreshes: 0, signIns: 1, registrations: 1 });
});

test('ten bridges whose token has expired renew it once', limit, async (t) => {
  const desk = sitDown();
  await logIn(desk);
  const hosts = await connectMany(t, desk, 10);
  await useAll(hosts);
  const before = await counters(sandbox);
  await control(sandbox, { expire_access_tokens: true });
  for (const { count } of await useAll(hosts)) assert.equal(count, 2);
  assert.deepEqual(await since(before), { refreshes: 1, signIns: 0, registrations: 0 });
  assert.equal(desk.tabs().length, 1);
});

test('a token endpoint that fails for a while costs nobody their sign-in', limit, async (t) => {
  const desk = sitDown();
  await logIn(desk);
  const hosts = await connectMany(t, desk, 10);
  await useAll(hosts);
  await control(sandbox, { expire_access_tokens: true });
  await control(sandbox, { fail_token_endpoint: { times: 2, status: 503 } });
  const before = await counters(sandbox);
  for (const { count } of await useAll(hosts)) assert.equal(count, 2);
  assert.deepEqual(await since(before), { refreshes: 3, signIns: 0, registrations: 0 });
  assert.equal(desk.tabs().length, 1);
});

// `consumed`: the refresh token was used, and its successor died with the process. Only then must the person sign in
// again; `renewals` are those of all processes together.
const steps = [
  { step: 'before the lock', at: 'flock-before', on: '.lock', renewals: 1 },
  { step: 'with the lock, before the request', at: 'flock-after', on: '.lock', renewals: 1 },
  { step: 'after the request, before its answer', slow: true, consumed: true },
  { step: 'after the answer, before it is stored', at: 'rename-before', on: '/tokens/', consumed: true },
  { step: 'when it is stored, with the lock', at: 'rename-after', on: '/tokens/', renewals: 1 },
  { step: 'afterwards', renewals: 1 },
];
for (const { step, at, on, slow, consumed, renewals } of steps) {
  test(`a bridge is killed in a renewal: ${step}`, limit, async (t) => {
    const inFile = { env: { CLICKFLOW_TOKEN_STORE: 'file' } };
    const doomed = { env: { ...inFile.env, ...(at && { LD_PRELOAD: dieAt, DIE_AT: at, DIE_PATH: on }) } };
    const desk = sitDown();
    await logIn(desk, ['--token-store', 'file']);
    const others = await connectMany(t, desk, 3, inFile);
    await useAll(others);
    const victim = await connectSigned(t, desk, sandbox.url, doomed);
    const before = await counters(sandbox);
    await control(sandbox, { expire_access_tokens: true });
    if (slow) await control(sandbox, { delay_token_endpoint_ms: 3_000 });
    const lost = useAll([victim]).then(
      () => 'answered',
      () => 'lost',
    );
    if (slow) await until(async () => (await since(before)).refreshes === 1, 'the renewal to arrive');
    if (!at && !slow) assert.equal(await lost, 'answered');
    if (!at) process.kill(victim.transport.pid, 'SIGKILL');
    assert.equal(await lost, at || slow ? 'lost' : 'answered');
    await control(sandbox, { delay_token_endpoint_ms: 0 });

    const began = Date.now();
    const calls = useAll(others);
    if (consumed) await visit(await desk.tab(2));
    for (const { count } of await calls) assert.equal(count, 2);
    assert.ok(Date.now() - began < RECOVERY_MS, `it took ${Date.now() - began} ms`);
    assert.equal(desk.tabs().length, consumed ? 2 : 1);
    const seen = await since(before);
    assert.equal(seen.signIns, consumed ? 1 : 0);
    if (!consumed) assert.equal(seen.refreshes, renewals);
  });
}
