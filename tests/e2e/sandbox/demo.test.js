// What the README asks everybody to try first.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { bridgeProgram, throughBridge } from '../support/host.js';
import { sandboxProgram } from '../support/sandbox.js';

const COMMAND_LIMIT_MS = 60_000;

/** What a run needs and may not fill: an environment in which HOME and TMPDIR are empty folders of the test's own. */
function emptyHome(t) {
  const folder = mkdtempSync(join(tmpdir(), 'clickflow-demo-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = { PATH: process.env.PATH, HOME: join(folder, 'home'), TMPDIR: join(folder, 'tmp') };
  for (const name of ['HOME', 'TMPDIR']) mkdirSync(env[name]);
  return env;
}

function childrenOf(pid) {
  const ofThread = (thread) => {
    try {
      return readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').match(/\d+/g) ?? [];
    } catch {
      return []; // The thread has ended meanwhile.
    }
  };
  return readdirSync(`/proc/${pid}/task`).flatMap(ofThread).map(Number);
}

function assertStillEmpty(env) {
  for (const name of ['HOME', 'TMPDIR']) assert.deepEqual(readdirSync(env[name]), [], name);
}

for (const [args, steps] of [
  [[], 7],
  [['--oauth'], 8],
]) {
  test(`demo ${args} shows its steps and leaves nothing behind`, { skip: !throughBridge }, async (t) => {
    const env = emptyHome(t);
    const { stdout, stderr } = await promisify(execFile)(
      sandboxProgram,
      ['demo', ...args, '--bridge', bridgeProgram],
      { env, timeout: COMMAND_LIMIT_MS },
    );
    assert.match(stdout, /Everything came out as it should/);
    assert.equal(stdout.match(/^ \d+ /gm).length, steps, stdout);
    assert.equal(stderr, '');
    assertStillEmpty(env);
  });
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`a demo that ${signal} interrupts ends the bridge and leaves nothing behind`, { skip: !throughBridge }, async (t) => {
    const env = emptyHome(t);
    const demo = spawn(sandboxProgram, ['demo', '--bridge', bridgeProgram], { env, timeout: COMMAND_LIMIT_MS });
    let stdout = '';
    let bridge;
    demo.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      if (bridge || !stdout.includes('with progress')) return;
      [bridge] = childrenOf(demo.pid);
      demo.kill(signal);
    });
    const [status] = await once(demo, 'close');
    assert.equal(status, 1, stdout);
    assert.match(stdout, /\nInterrupted\.\n$/);
    assert.throws(() => process.kill(bridge, 0), { code: 'ESRCH' });
    assertStillEmpty(env);
  });
}
