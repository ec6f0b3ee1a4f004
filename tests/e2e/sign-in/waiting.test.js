// What waits for the person, what does not, and for how long.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { openHost } from '../eras/host.js';
import { startAuthority } from '../support/authority.js';
import { startProtected } from '../support/protected.js';
import { decline, goAway, signIn, sitDown } from '../support/person.js';
import { connectSigned, runCommand, settingsAt, textOf } from '../support/signed.js';
import { until } from '../support/waiting.js';

const limit = { timeout: 120_000 };
const AT_ONCE_MS = 5_000; // on a machine that is busy; it takes some 100 ms
const authority = await startAuthority();
const notes = await startProtected(authority);
after(() => Promise.all([notes.stop(), authority.stop(), goAway()]));

test('initialize and tools/list are answered at once, and nobody is bothered', limit, async (t) => {
  const desk = sitDown();
  const began = Date.now();
  const host = await connectSigned(t, desk, notes.url);
  assert.deepEqual(await host.names(), ['clickflow_sign_in']);
  assert.ok(Date.now() - began < AT_ONCE_MS, `${Date.now() - began} ms`);
  assert.deepEqual(desk.tabs(), []);
  assert.equal(authority.count('/reg'), 0);
});

test('a call that has waited long enough returns the link, which goes on working', limit, async (t) => {
  const desk = sitDown();
  const host = await connectSigned(t, desk, notes.url, { env: { CLICKFLOW_SIGN_IN_TIMEOUT: '2' } });
  const late = await host.call('read_note');
  assert.equal(late.isError, true);
  const link = await desk.tab();
  assert.ok(late.content[0].text.includes(link), late.content[0].text);
  const { text } = await signIn(link);
  assert.match(text, /signed in/i);
  assert.equal(await textOf(host.call('read_note')), 'the note');
  assert.deepEqual(desk.tabs(), [link]);
});

test('declined is said on the page and to the assistant, and the next call asks anew', limit, async (t) => {
  const desk = sitDown();
  const host = await connectSigned(t, desk, notes.url);
  const call = host.call('read_note');
  assert.match(await decline(await desk.tab()), /declined|not signed in/i);
  const { isError, content } = await call;
  assert.equal(isError, true);
  assert.match(content[0].text, /declined/);
  const again = host.call('read_note');
  await signIn(await desk.tab(2));
  assert.equal(await textOf(again), 'the note');
});

test('a host that can show links is asked to, in place of the browser', limit, async (t) => {
  const desk = sitDown();
  let shown;
  const host = await connectSigned(t, desk, notes.url, {
    capabilities: { elicitation: { url: {} } },
    prepare: (client) =>
      client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
        shown = params;
        return { action: 'accept' };
      }),
  });
  const call = host.call('read_note');
  await until(() => shown, 'the host to be asked');
  assert.equal(shown.mode, 'url');
  await signIn(shown.url);
  assert.equal(await textOf(call), 'the note');
  assert.deepEqual(desk.tabs(), []);
  const completed = host.received.filter(({ method }) => method === 'notifications/elicitation/complete');
  assert.deepEqual(
    completed.map(({ params }) => params.elicitationId),
    [shown.elicitationId],
  );
});

for (const when of ['before', 'after'])
  test(
    `a modern host is shown the link in the answer; the person signs in ${when} it says so`,
    limit,
    async (t) => {
      const desk = sitDown(t);
      const shown = [];
      const host = await openHost(t, 'modern', notes.url, {
        ...settingsAt(desk, notes.url),
        direct: false,
        capabilities: { elicitation: { url: {} } },
        prepare: (host) =>
          host.answer('elicitation/create', async (params) => {
            shown.push(params);
            if (when === 'before') await signIn(params.url);
            return { action: 'accept' };
          }),
      });
      const call = host.callTool({ name: 'read_note', arguments: {} }, { timeout: 90_000 });
      if (when === 'after') {
        await until(() => shown.length > 0, 'the host to be asked');
        await signIn(shown[0].url);
      }
      assert.equal(await textOf(call), 'the note');
      assert.deepEqual(
        shown.map(({ mode }) => mode),
        ['url'],
      );
      assert.deepEqual(desk.tabs(), []);
      assert.equal(host.sent.filter(({ method }) => method === 'tools/call').length, 2);
    },
  );

test(
  'a modern host whose person declines the link is told so, and asked again by the next call',
  limit,
  async (t) => {
    const desk = sitDown(t);
    const answers = ['decline', 'accept'];
    const host = await openHost(t, 'modern', notes.url, {
      ...settingsAt(desk, notes.url),
      direct: false,
      capabilities: { elicitation: { url: {} } },
      prepare: (host) =>
        host.answer('elicitation/create', async ({ url }) => {
          const action = answers.shift();
          if (action === 'accept') await signIn(url);
          return { action };
        }),
    });
    const call = () => textOf(host.callTool({ name: 'read_note', arguments: {} }));
    await assert.rejects(call(), /declined/);
    assert.equal(await call(), 'the note');
    assert.deepEqual(desk.tabs(), []);
  },
);

test('a host is told of the tools when the person signs in elsewhere', limit, async (t) => {
  const desk = sitDown();
  const host = await connectSigned(t, desk, notes.url);
  await host.names();
  const login = runCommand(desk, notes.url, ['login']);
  await signIn(await desk.tab());
  await login;
  await until(() => host.changes() > 0, 'tools/list_changed');
  assert.deepEqual(await host.names(), ['read_note', 'write_note']);
});
