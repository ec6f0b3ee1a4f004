// Everything that the program wrote or shows of itself is searched for every secret of the run.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startAuthority } from '../support/authority.js';
import { filesUnder } from '../support/host.js';
import { startProtected } from '../support/protected.js';
import { goAway, password, signIn, sitDown } from '../support/person.js';
import { connectSigned, runCommand, textOf } from '../support/signed.js';
import { sleep } from '../support/waiting.js';

const clientSecret = randomBytes(24).toString('hex');
const registered = {
  client_id: 'registered-by-hand',
  client_secret: clientSecret,
  application_type: 'native',
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: ['http://127.0.0.1/callback'],
  token_endpoint_auth_method: 'client_secret_basic',
};
const LIFETIME_S = 4;
const LOOK_MS = 100;

after(goAway);

/** What the system shows now of a process and of those that it started. */
function processes(pid) {
  const read = (file) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      return ''; // gone meanwhile
    }
  };
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1).split(' ');
        return Number(fields[1]) === pid;
      } catch {
        return false;
      }
    });
  return [
    [`/proc/${pid}/cmdline`, read('cmdline')],
    [`/proc/${pid}/environ`, read('environ')],
    ...children.flatMap((child) => processes(Number(child))),
  ];
}

/**
 * Looks at a process and those that it started all the while, every `LOOK_MS`. Returns what has been seen so far as
 * [name, text], each once, and how often was looked.
 */
function watch(t, pid) {
  const seen = new Map();
  const watched = { looks: 0, seen: () => [...seen.values()] };
  const look = () => {
    ++watched.looks;
    for (const entry of processes(pid)) seen.set(entry.join('\0'), entry);
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  t.after(() => clearInterval(timer));
  return watched;
}

/** Where any of the secrets stands, raw or as a URL or Basic authentication carries it. */
function found(secrets, texts) {
  const spellings = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  return texts.filter(([, text]) => spellings.some((secret) => text.includes(secret))).map(([name]) => name);
}

for (const [kind, clients] of [
  ['registered by itself', []],
  ['with an id and a secret', [registered]],
]) {
  test(`no secret is written anywhere by a client ${kind}`, { timeout: 120_000 }, async (t) => {
    const authority = await startAuthority({ lifetime: LIFETIME_S, clients });
    const notes = await startProtected(authority);
    t.after(() => Promise.all([notes.stop(), authority.stop()]));
    const desk = sitDown();
    const logFile = join(desk.home, 'log');
    // A browser that stays open for a while, to be looked at.
    writeFileSync(desk.browser, `${readFileSync(desk.browser, 'utf8')}sleep 5\n`);
    const env = { CLICKFLOW_LOG_LEVEL: 'trace', CLICKFLOW_LOG_FILE: logFile };
    if (clients.length > 0)
      Object.assign(env, {
        CLICKFLOW_CLIENT_ID: registered.client_id,
        CLICKFLOW_CLIENT_SECRET: clientSecret,
      });

    const host = await connectSigned(t, desk, notes.url, { env });
    // From here on: what a host gives a program at its start stands in the environment until the program takes it out.
    const bridge = watch(t, host.transport.pid);
    const call = host.call('read_note', { onprogress: () => {} });
    const { callback } = await signIn(await desk.tab());
    await textOf(call);
    // On a busy machine the first tokens are renewed even before the first call is over.
    const renewed = authority.refreshes();
    await sleep(LIFETIME_S * 1_000 + 200);
    await textOf(host.call('read_note'));
    assert.ok(authority.refreshes() > renewed, 'the tokens were not renewed');
    const commands = [];
    const run = (args) =>
      runCommand(desk, notes.url, [...args, '--log-level', 'trace'], (pid) => commands.push(watch(t, pid)));
    const status = await run(['status', '--json']);
    const logout = await run(['logout']);
    assert.match(logout.stdout, /gone/);
    await host.client.close();
    const seen = [bridge, ...commands].flatMap((watched) => watched.seen());

    const code = new URL(callback).searchParams.get('code');
    const basic = Buffer.from(`${registered.client_id}:${clientSecret}`).toString('base64');
    const secrets = [...authority.secrets, code, password, clientSecret, basic];
    assert.ok(secrets.length >= 9, `only ${secrets.length} secrets were seen`);
    const texts = [
      ['stderr', host.transport.log],
      ['stdout', JSON.stringify(host.received)],
      ['status', status.stdout + status.stderr],
      ['logout', logout.stdout + logout.stderr],
      ...filesUnder(desk.home),
      ...seen,
    ];
    const names = texts.map(([name]) => name);
    const least = (LIFETIME_S * 1_000) / LOOK_MS / 2;
    assert.ok(bridge.looks >= least, `the bridge was looked at ${bridge.looks} times only`);
    assert.ok(names.includes(logFile), 'the log file was looked at');
    assert.ok(readFileSync(logFile, 'utf8').includes(`GET ${authority.issuer}`), 'the log says much');
    assert.ok(
      seen.some(([, text]) => text.includes(desk.browser)),
      'the browser was looked at',
    );
    assert.deepEqual(found(secrets, [...texts, ['control', `Bearer ${code}`]]), ['control']);
  });
}
