// What the README asks everybody to try first.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { bridgeProgram, throughBridge } from '../support/host.js';
import { sandboxProgram } from '../support/sandbox.js';

const COMMAND_LIMIT_MS = 60_000;

for (const [args, steps] of [
  [[], 7],
  [['--oauth'], 8],
]) {
  test(`demo ${args} shows its steps and leaves nothing behind`, { skip: !throughBridge }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'clickflow-demo-test-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const env = { PATH: process.env.PATH, HOME: join(folder, 'home'), TMPDIR: join(folder, 'tmp') };
    for (const name of ['HOME', 'TMPDIR']) mkdirSync(env[name]);
    const { stdout, stderr } = await promisify(execFile)(
      sandboxProgram,
      ['demo', ...args, '--bridge', bridgeProgram],
      { env, timeout: COMMAND_LIMIT_MS },
    );
    assert.match(stdout, /Everything came out as it should/);
    assert.equal(stdout.match(/^ \d+ /gm).length, steps, stdout);
    assert.equal(stderr, '');
    for (const name of ['HOME', 'TMPDIR']) assert.deepEqual(readdirSync(env[name]), [], name);
  });
}
