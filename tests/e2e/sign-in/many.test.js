// Assistants start one bridge for each window: what ten of them do at the same moment.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startAuthority } from '../support/authority.js';
import { startProtected } from '../support/protected.js';
import { goAway, signIn, sitDown } from '../support/person.js';
import { connectSigned, runCommand, textOf } from '../support/signed.js';
import { sleep, until } from '../support/waiting.js';

const limit = { timeout: 180_000 };
const LIFETIME_S = 20; // Ten bridges have started by then, also on a busy machine.
const READ_LIMIT_MS = 20_000;

after(goAway);

async function servers(t, settings) {
  const authority = await startAuthority(settings);
  const notes = await startProtected(authority);
  t.after(() => Promise.all([notes.stop(), authority.stop()]));
  return { authority, notes, desk: sitDown() };
}

const connectMany = (t, desk, url, count) =>
  Promise.all(Array.from({ length: count }, () => connectSigned(t, desk, url)));

const readAll = (hosts) => Promise.all(hosts.map((host) => textOf(host.call('read_note'))));

/** Ends once what was signed in for has expired. */
async function logInAndConnect(t, { authority, notes, desk }, count) {
  const login = runCommand(desk, notes.url, ['login']);
  await signIn(await desk.tab());
  await login;
  const expired = Date.now() + LIFETIME_S * 1_000 + 200;
  const hosts = await connectMany(t, desk, notes.url, count);
  assert.equal(authority.refreshes(), 0, 'the bridges were too slow to start');
  await sleep(expired - Date.now());
  authority.lifetime = 3_600;
  return hosts;
}

test('ten bridges that are signed out open one tab', limit, async (t) => {
  const { authority, notes, desk } = await servers(t);
  const hosts = await connectMany(t, desk, notes.url, 10);
  const calls = readAll(hosts);
  await signIn(await desk.tab());
  assert.deepEqual(await calls, Array(10).fill('the note'));
  assert.equal(desk.tabs().length, 1);
  assert.equal(authority.count('/reg'), 1);
  assert.equal(authority.count('/token', 'authorization_code'), 1);
});

test('ten bridges that find the token expired renew it once', limit, async (t) => {
  const all = await servers(t, { lifetime: LIFETIME_S });
  const hosts = await logInAndConnect(t, all, 10);
  assert.deepEqual(await readAll(hosts), Array(10).fill('the note'));
  assert.equal(all.authority.refreshes(), 1);
  assert.equal(all.desk.tabs().length, 1);
});

test('a bridge that is killed in the middle of a renewal leaves it to the next', limit, async (t) => {
  const all = await servers(t, { lifetime: LIFETIME_S });
  const { authority, desk } = all;
  const [first, ...others] = await logInAndConnect(t, all, 3);
  const arrived = authority.arrivals;
  authority.delay = 2_000;
  const lost = first.call('read_note').catch(() => 'lost');
  await until(() => authority.arrivals > arrived, 'the renewal to begin');
  process.kill(first.transport.pid, 'SIGKILL');
  assert.equal(await lost, 'lost');
  const began = Date.now();
  assert.deepEqual(await readAll(others), ['the note', 'the note']);
  assert.ok(Date.now() - began < READ_LIMIT_MS, `${Date.now() - began} ms`);
  assert.equal(desk.tabs().length, 1);
});
