// A sign-in takes care of itself, and when it can't, the person is asked once.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startAuthority } from '../support/authority.js';
import { startProtected } from '../support/protected.js';
import { goAway, signIn, sitDown } from '../support/person.js';
import { connectSigned, textOf } from '../support/signed.js';
import { sleep } from '../support/waiting.js';

const limit = { timeout: 120_000 };
const SHORT_S = 4;
const expiry = () => sleep(SHORT_S * 1_000 + 200);

/** Servers of its own for one test, and a host whose person has signed in; the first tokens live `lifetime` seconds. */
async function signedIn(t, { lifetime = 3_600 } = {}) {
  const authority = await startAuthority({ lifetime });
  const notes = await startProtected(authority);
  t.after(() => Promise.all([notes.stop(), authority.stop()]));
  const desk = sitDown();
  const host = await connectSigned(t, desk, notes.url);
  const call = host.call('read_note');
  await signIn(await desk.tab());
  await textOf(call);
  return { authority, notes, desk, host };
}

after(goAway);

test('an expired token is renewed with the newest refresh token, without a browser', limit, async (t) => {
  const { authority, notes, desk, host } = await signedIn(t, { lifetime: SHORT_S });
  // The server takes each refresh token once, and ends everything when one comes twice.
  for (let round = 0; round < 2; ++round) {
    const before = authority.refreshes(); // On a busy machine the first call may have needed one.
    await expiry();
    assert.equal(await textOf(host.call('read_note')), 'the note');
    assert.equal(authority.refreshes(), before + 1);
  }
  assert.equal(new Set(notes.tokens).size, authority.refreshes() + 1);
  assert.equal(desk.tabs().length, 1);
  const spoken = authority.requests.filter(({ path }) => path === '/token');
  assert.deepEqual([...new Set(spoken.map(({ resource }) => resource))], [notes.url]);
});

test('a token endpoint that is broken for a while opens no browser and ends no sign-in', limit, async (t) => {
  const { authority, desk, host } = await signedIn(t, { lifetime: SHORT_S });
  await expiry();
  authority.broken = true;
  await assert.rejects(textOf(host.call('read_note')), /can't answer just now.*Try again/);
  authority.broken = false;
  await sleep(3_000); // It was told that the server was down, and waits a little.
  assert.equal(await textOf(host.call('read_note')), 'the note');
  assert.equal(desk.tabs().length, 1);
});

test('after a revocation the person signs in again, and the call that met it goes on', limit, async (t) => {
  const { authority, notes, desk, host } = await signedIn(t);
  await authority.revoke(notes.tokens.at(-1));
  const call = host.call('read_note');
  await signIn(await desk.tab(2));
  assert.equal(await textOf(call), 'the note');
  assert.equal(authority.count('/reg'), 1);
});

test('a client that the server has deleted is registered anew', limit, async (t) => {
  const { authority, desk, host } = await signedIn(t, { lifetime: SHORT_S });
  const before = authority.clientId;
  await authority.deleteClient();
  await expiry();
  const call = host.call('read_note');
  await signIn(await desk.tab(2));
  assert.equal(await textOf(call), 'the note');
  assert.equal(authority.count('/reg'), 2);
  assert.notEqual(authority.clientId, before);
});

test('another issuer is signed in to anew, and gets nothing of the first one’s', limit, async (t) => {
  const { authority, notes, desk, host } = await signedIn(t);
  const second = await startAuthority();
  t.after(() => second.stop());
  notes.authority = second;
  const asked = authority.requests.length;
  const call = host.call('read_note');
  const link = await desk.tab(2);
  assert.ok(link.startsWith(second.issuer));
  await signIn(link);
  assert.equal(await textOf(call), 'the note');
  assert.equal(second.refreshes(), 0);
  assert.equal(second.count('/reg'), 1);
  assert.deepEqual(
    authority.requests.slice(asked).filter(({ method }) => method === 'POST'),
    [],
  );
});

test('a tool that needs another scope is stepped up to, with those that were there', limit, async (t) => {
  const { desk, host } = await signedIn(t);
  const call = host.call('write_note');
  const link = await desk.tab(2);
  const scopes = new URL(link).searchParams.get('scope').split(' ');
  for (const scope of ['notes:read', 'notes:write', 'offline_access'])
    assert.ok(scopes.includes(scope), scope);
  await signIn(link);
  assert.equal(await textOf(call), 'written');
  assert.equal(await textOf(host.call('read_note')), 'the note');
  assert.equal(desk.tabs().length, 2);
});
