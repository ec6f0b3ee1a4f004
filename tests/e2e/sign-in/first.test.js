// The first sign-in, and what a person does about it in a terminal.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { progressOf } from '../support/host.js';
import { startAuthority } from '../support/authority.js';
import { startProtected } from '../support/protected.js';
import { goAway, signIn, sitDown } from '../support/person.js';
import { connectSigned, keyringEntries, runCommand, startInTerminal, textOf } from '../support/signed.js';
import { until } from '../support/waiting.js';

const limit = { timeout: 120_000 };
const authority = await startAuthority();
const notes = await startProtected(authority);
after(() => Promise.all([notes.stop(), authority.stop(), goAway()]));

test(
  'a call while signed out opens one tab, waits, and goes on once the person has signed in',
  limit,
  async (t) => {
    const desk = sitDown();
    const host = await connectSigned(t, desk, notes.url);
    assert.deepEqual(await host.names(), ['clickflow_sign_in']);
    const steps = [];
    const call = host.call('read_note', { onprogress: (step) => steps.push(step) });
    const link = await desk.tab();
    const { text } = await signIn(link);
    assert.match(text, /signed in/i);
    assert.equal(await textOf(call), 'the note');
    assert.deepEqual(desk.tabs(), [link]);
    assert.ok(progressOf(host)[0][0].message.includes(link), 'the progress message holds the link');
    await until(() => host.changes() > 0, 'tools/list_changed');
    assert.deepEqual(await host.names(), ['read_note', 'write_note']);
  },
);

test('the sign-in is there after a restart, without a browser', limit, async (t) => {
  const desk = sitDown();
  const first = await connectSigned(t, desk, notes.url);
  const call = first.call('clickflow_sign_in');
  await signIn(await desk.tab());
  await textOf(call);
  await first.client.close();
  const second = await connectSigned(t, desk, notes.url);
  assert.equal(await textOf(second.call('read_note')), 'the note');
  assert.equal(desk.tabs().length, 1);
});

test('login, status and logout: the server revokes, and the keyring forgets', limit, async (t) => {
  const desk = sitDown();
  const before = await keyringEntries();
  const login = runCommand(desk, notes.url, ['login']);
  await signIn(await desk.tab(), { account: 'grace' });
  const { stdout } = await login;
  assert.match(stdout, /You are signed in.*grace/);
  assert.ok((await keyringEntries()) > before);

  const status = JSON.parse((await runCommand(desk, notes.url, ['status', '--json'])).stdout);
  assert.equal(status.reachable, true);
  assert.equal(status.authentication, 'OAuth');
  assert.equal(status.account, 'grace@example.com');
  assert.ok(status.expires_at);
  for (const secret of authority.secrets) assert.ok(!JSON.stringify(status).includes(secret));

  const token = notes.tokens.at(-1);
  const logout = await runCommand(desk, notes.url, ['logout']);
  assert.match(logout.stdout, /revoked/);
  assert.equal(await authority.provider.AccessToken.find(token), undefined);
  assert.equal(await keyringEntries(), before);
  const again = JSON.parse((await runCommand(desk, notes.url, ['status', '--json'])).stdout);
  assert.equal(again.authentication, 'nobody is signed in');
});

test(
  'status says what a start is answered from; that goes with a logout, and with a login',
  limit,
  async (t) => {
    const desk = sitDown();
    const logIn = async (tab) => {
      const login = runCommand(desk, notes.url, ['login']);
      await signIn(await desk.tab(tab));
      assert.match((await login).stdout, /You are signed in/);
    };
    const listed = async () =>
      JSON.parse((await runCommand(desk, notes.url, ['status', '--json'])).stdout).tools_listed;
    const meet = async () => {
      const host = await connectSigned(t, desk, notes.url);
      assert.deepEqual(await host.names(), ['read_note', 'write_note']);
      await host.client.close();
      await until(async () => (await listed()) === 2, 'the tools to be kept');
    };
    await logIn(1);
    assert.equal(await listed(), null);
    await meet();
    assert.match(
      (await runCommand(desk, notes.url, ['status'])).stdout,
      /Shown at a start +2 tools, as they were at 2/,
    );
    await logIn(2);
    assert.equal(await listed(), null);
    await meet();
    await runCommand(desk, notes.url, ['logout']);
    assert.equal(await listed(), null);
  },
);

test('login --no-browser takes the pasted address', limit, async (t) => {
  const desk = sitDown();
  const terminal = startInTerminal(desk, notes.url, ['login', '--no-browser']);
  t.after(() => terminal.kill());
  const link = await until(
    () => /http:\S+\/auth\S+/.exec(terminal.shown)?.[0],
    () => `a link; shown:\n${terminal.shown}`,
  );
  const { callback } = await signIn(link);
  terminal.stdin.write(`${callback}\n`);
  await terminal.ended;
  assert.match(terminal.shown, /You are signed in/);
  assert.deepEqual(desk.tabs(), []);
});
