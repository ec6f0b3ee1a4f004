// What belongs to a call that is running: progress, log messages, its cancellation, and that it runs once.
import assert from 'node:assert/strict';
import { refusal, throughBridge } from '../../support/host.js';
import { sleep } from '../../support/waiting.js';
import { levels } from '../servers/features.js';

const textOf = ({ content }) => content.map(({ text }) => text).join('\n');

const idOf = ({ sent }, tool) => sent.find(({ params }) => params?.name === tool).id;

/** The steps of the call's progress, off the wire: the first SDK's client drops one that comes along with the answer. */
function progressOf({ sent, received }, tool) {
  const { progressToken } = sent.find(({ params }) => params?.name === tool).params._meta;
  return received
    .filter(
      ({ method, params }) => method === 'notifications/progress' && params.progressToken === progressToken,
    )
    .map(({ params: { progress, total, message } }) => ({ progress, total, message }));
}

/** Calls the tool that speaks at every level, and returns the levels that arrived before its answer. */
async function heardOf(host, logLevel) {
  const from = host.received.length;
  await host.callTool({ name: 'speak' }, { logLevel });
  return host.received
    .slice(from)
    .filter(({ method }) => method === 'notifications/message')
    .map(({ params }) => {
      assert.deepEqual(params.data, { said: params.level });
      assert.equal(params.logger, 'eras');
      return params.level;
    });
}

export const running = [
  {
    name: 'progress',
    async run({ open }) {
      const host = await open();
      const result = await host.callTool({ name: 'steps', arguments: { count: 4 } }, { onprogress() {} });
      assert.equal(textOf(result), 'all done');
      assert.deepEqual(
        progressOf(host, 'steps'),
        [1, 2, 3, 4].map((step) => ({ progress: step, total: 4, message: `step ${step}` })),
      );
    },
  },
  {
    name: 'no progress where none was asked for',
    async run({ open }) {
      const host = await open();
      await host.callTool({ name: 'steps', arguments: { count: 4 } });
      assert.deepEqual(
        host.received.filter(({ method }) => method === 'notifications/progress'),
        [],
      );
    },
  },
  {
    name: 'log messages from a level on',
    async run({ open }) {
      const host = await open();
      assert.deepEqual(await heardOf(host, 'warning'), levels.slice(levels.indexOf('warning')));
      assert.deepEqual(await heardOf(host, 'debug'), levels);
      assert.deepEqual(await heardOf(host, 'emergency'), ['emergency']);
    },
  },
  {
    name: 'no log messages for a request that has asked for none',
    hosts: 'modern',
    async run({ open }) {
      const host = await open();
      assert.deepEqual(await heardOf(host), []);
      assert.deepEqual(await heardOf(host, 'error'), levels.slice(levels.indexOf('error')));
      assert.deepEqual(await heardOf(host), []);
    },
  },
  {
    name: 'calls at once, each with log messages from its own level on',
    hosts: 'modern',
    async run({ open }) {
      const host = await open();
      const wanted = ['error', undefined, 'debug', 'warning'];
      await Promise.all(wanted.map((logLevel) => host.callTool({ name: 'speak' }, { logLevel })));
      const heard = host.received.filter(({ method }) => method === 'notifications/message');
      // Nothing says to which call a message belongs, so they can only be counted.
      const expected = levels.map((level) => [
        level,
        wanted.filter((from) => from && levels.indexOf(from) <= levels.indexOf(level)).length,
      ]);
      assert.deepEqual(
        levels.map((level) => [level, heard.filter(({ params }) => params.level === level).length]),
        expected,
      );
    },
  },
  {
    name: 'a long answer to a long question',
    async run({ open }) {
      const host = await open();
      const words = 'Grüße 👋 '.repeat(200_000);
      assert.equal(textOf(await host.callTool({ name: 'echo', arguments: { words } })), words);
    },
  },
  {
    name: 'a call is cancelled, and the server sees it',
    async run({ open, server }) {
      const host = await open();
      const from = server.output.length;
      const cancellation = new AbortController();
      const call = host.callTool({ name: 'wait' }, { signal: cancellation.signal });
      await server.said(/wait began/, { from });
      cancellation.abort('changed my mind');
      await assert.rejects(call, /changed my mind/);
      await server.said(/wait was cancelled/, { from });
      await sleep(200);
      const id = idOf(host, 'wait');
      assert.deepEqual(
        host.received.filter((message) => message.id === id),
        [],
        'a call that was cancelled was answered',
      );
      assert.equal(textOf(await host.callTool({ name: 'echo', arguments: { words: 'next' } })), 'next');
    },
  },
  {
    name: 'a host that goes ends its calls',
    async run({ open, server }) {
      const host = await open();
      const from = server.output.length;
      const call = host.callTool({ name: 'wait' }).catch((error) => error);
      await server.said(/wait began/, { from });
      if (!throughBridge) await host.transport.terminateSession?.().catch(() => {});
      await host.client.close();
      assert.ok((await call) instanceof Error);
      await server.said(/wait was cancelled/, { from });
    },
  },
  {
    name: 'a call runs once',
    async run({ open, server }) {
      const host = await open();
      const from = server.output.length;
      for (let count = 0; count < 5; ++count) await host.callTool({ name: 'tally' });
      await server.said(/(tally ran[^]*){5}/, { from });
      assert.equal(server.output.slice(from).match(/tally ran/g).length, 5);
    },
  },
  {
    name: 'a call whose connection breaks runs once, and is answered',
    bridgeOnly: true,
    async run({ open, server }) {
      const host = await open();
      const from = server.output.length;
      const words = await refusal(host.callTool({ name: 'vanish' }, { onprogress() {} }));
      assert.ok(words.length > 0);
      await sleep(500);
      await server.said(/vanish ran/, { from });
      assert.equal(server.output.slice(from).match(/vanish ran/g).length, 1);
      assert.equal(textOf(await host.callTool({ name: 'echo', arguments: { words: 'next' } })), 'next');
    },
  },
];
