// Long calls: their progress, their cancellation, and what goes on beside them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connect, startEverything } from '../support/everything.js';
import { progressOf } from '../support/host.js';
import { sleep } from '../support/waiting.js';

const limit = { timeout: 20_000 };
const server = await startEverything();
after(() => server.stop());

const run = (host, duration, steps, options) =>
  host.client.callTool(
    { name: 'trigger-long-running-operation', arguments: { duration, steps } },
    undefined,
    options,
  );

const onprogress = () => {}; // With it, the SDK asks for progress.
const stepsTo = (total) => Array.from({ length: total }, (_, index) => ({ progress: index + 1, total }));

test('every step of the progress arrives, in order, before the answer', limit, async (t) => {
  const host = await connect(t, server);
  const result = await run(host, 1, 20, { onprogress });
  assert.match(result.content[0].text, /completed. Duration: 1 seconds, Steps: 20/);
  assert.deepEqual(progressOf(host), [stepsTo(20)]);
});

test('progress comes while the call runs, not at its end', limit, async (t) => {
  const host = await connect(t, server);
  let first;
  await run(host, 3, 6, { onprogress: () => (first ??= Date.now()) });
  assert.ok(Date.now() - first > 1_500, `it came ${Date.now() - first} ms before the answer`);
});

test('calls side by side keep their progress apart', limit, async (t) => {
  const host = await connect(t, server);
  await Promise.all([run(host, 1.5, 10, { onprogress }), run(host, 0.5, 5, { onprogress })]);
  assert.deepEqual(progressOf(host), [stepsTo(5), stepsTo(10)]);
});

test('a slow call holds up no other', limit, async (t) => {
  const host = await connect(t, server);
  let finished = false;
  const stop = new AbortController();
  const slow = run(host, 10, 1, { signal: stop.signal }).finally(() => (finished = true));
  const stopped = assert.rejects(slow, /enough/);
  for (let i = 0; i < 20; ++i) await host.client.callTool({ name: 'echo', arguments: { message: `${i}` } });
  assert.equal(finished, false);
  stop.abort('enough');
  await stopped;
});

test('twenty slow calls at once take the time of one', limit, async (t) => {
  const host = await connect(t, server);
  const start = Date.now();
  const results = await Promise.all(Array.from({ length: 20 }, () => run(host, 2, 1)));
  assert.equal(results.length, 20);
  assert.ok(Date.now() - start < 6_000, `${Date.now() - start} ms`);
});

test('a hundred calls at once each get their own answer', limit, async (t) => {
  const host = await connect(t, server);
  const numbers = Array.from({ length: 100 }, (_, index) => index);
  const results = await Promise.all(
    numbers.map((a) => host.client.callTool({ name: 'get-sum', arguments: { a, b: 1000 } })),
  );
  results.forEach(({ content }, a) =>
    assert.equal(content[0].text, `The sum of ${a} and 1000 is ${a + 1000}.`),
  );
});

test('a cancelled call ends at once, is cancelled at the server, and is never answered', limit, async (t) => {
  const host = await connect(t, server);
  const stop = new AbortController();
  const call = run(host, 1.5, 1, { signal: stop.signal });
  await sleep(300);
  const from = server.output.length;
  stop.abort('The person pressed Stop');
  await assert.rejects(call, /The person pressed Stop/);
  await server.said(/Received MCP POST request/, { from }); // notifications/cancelled

  // Where the server did not hear of it, its answer would come now, to nobody's question.
  await sleep(2_000);
  assert.deepEqual(
    host.errors.filter(({ message }) => /unknown message ID/.test(message)),
    [],
  );
  const { content } = await host.client.callTool({ name: 'echo', arguments: { message: 'still here' } });
  assert.equal(content[0].text, 'Echo: still here');
});

test("a host's own time limit ends a call, and the session goes on", limit, async (t) => {
  const host = await connect(t, server);
  await assert.rejects(run(host, 2, 1, { timeout: 300 }), { code: -32001 });
  const { content } = await host.client.callTool({ name: 'echo', arguments: { message: 'still here' } });
  assert.equal(content[0].text, 'Echo: still here');
});

test("a host's time limit that progress extends is extended", limit, async (t) => {
  const host = await connect(t, server);
  const options = { timeout: 1_000, resetTimeoutOnProgress: true, onprogress };
  const { content } = await run(host, 2.5, 10, options);
  assert.match(content[0].text, /completed/);
});
