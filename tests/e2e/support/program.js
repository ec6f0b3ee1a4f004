// Starts the programs that the tests talk to, and ends them by their process id.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { within } from './waiting.js';

const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 3_000;

export class Program {
  #child;

  constructor(child) {
    this.#child = child;
    /** Everything that it has written to stdout and stderr so far. */
    this.output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.output += text;
        child.emit('output');
      });
    }
    child.on('error', (error) => (this.output += `${error.message}\n`));
    this.ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
    // The last resort, where a test file ends without its hooks.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('close', () => process.off('exit', kill));
  }

  get pid() {
    return this.#child.pid;
  }

  /** Waits until its output from the position `from` on matches, and returns the match. */
  async said(pattern, { from = 0, limit = 10_000 } = {}) {
    const wait = async () => {
      for (;;) {
        const match = pattern.exec(this.output.slice(from));
        if (match) return match;
        await once(this.#child, 'output');
      }
    };
    return within(limit, wait(), () => `output like ${pattern}; it said:\n${this.output.slice(from)}`);
  }

  /** Lets it do nothing until `resume()`; what it is sent waits. */
  pause() {
    this.#child.kill('SIGSTOP');
  }

  resume() {
    this.#child.kill('SIGCONT');
  }

  /** Ends it, at the latest with SIGKILL; returns once it is gone. */
  async stop(signal = 'SIGTERM') {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill(signal);
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.ended;
    clearTimeout(insist);
  }
}

async function endedAtOnce(program, name) {
  const status = await program.ended;
  throw new Error(`${name} ended at once (${status}):\n${program.output}`);
}

/**
 * A port of loopback at which nothing listens, and at which a server can be started again: it is none of those that the
 * system gives to connections and to who asks for any (ip_local_port_range, from 32,768 on).
 */
export async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const probe = createServer();
    const listening = once(probe, 'listening');
    probe.listen(port, '127.0.0.1');
    try {
      await listening;
    } catch (error) {
      if (error.code === 'EADDRINUSE') continue;
      throw error;
    }
    probe.close();
    await once(probe, 'close');
    return port;
  }
}

/** Starts a server written for Node on loopback, on `port` or a free one; returns it with its `port`. */
export async function startNodeServer(file, { args = [], env = {}, port } = {}) {
  const child = fork(file, args, {
    execArgv: ['--require', fileURLToPath(new URL('loopback.cjs', import.meta.url))],
    env: { ...process.env, ...env, LISTEN_PORT: String(port ?? (await freePort())) },
    silent: true,
  });
  const program = new Program(child);
  const started = Promise.race([
    once(child, 'message').then(([message]) => message.port),
    endedAtOnce(program, file),
  ]);
  program.port = await within(START_LIMIT_MS, started, () => `${file} to listen:\n${program.output}`);
  return program;
}

/** Starts any program and waits until its output matches `ready`; returns it with the match as `ready`. */
export async function startProgram(command, args, { env = {}, ready }) {
  const program = new Program(
    spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  program.ready = await Promise.race([
    program.said(ready, { limit: START_LIMIT_MS }),
    endedAtOnce(program, command),
  ]);
  return program;
}
