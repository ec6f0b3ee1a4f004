// Workflows: they run for a while, report their progress, can wait for a person, and go on.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connect, createKey, removeSandbox, startSandbox } from '../support/sandbox.js';
import { progressOf, refusal } from '../support/host.js';
import { sleep } from '../support/waiting.js';

const limit = { timeout: 30_000 };
const server = await startSandbox({ speed: 2 }); // A draft takes 4 s, and is seen in progress.
after(() => removeSandbox(server));
const apiKey = await createKey(server);

/** Starts drafting an article; returns the workflow's id. */
async function draft(host, { keyword = 'espresso', prompt = '' } = {}) {
  const made = await host.call('platform.create_roadmap_item', { keyword, prompt, start_drafting: true });
  assert.equal(made.status, 'In Progress');
  return made.workflow_id;
}

const onprogress = () => {}; // With it, the SDK asks for progress.

/** Follows the workflow until it ends or waits; returns its status. */
const follow = (host, workflow_id) => host.call('workflows.get_status', { workflow_id }, { onprogress });

test('a draft reports its progress and ends with its output', limit, async (t) => {
  const host = await connect(t, server, { apiKey });
  const { status, output } = await follow(host, await draft(host, { keyword: 'café crème' }));
  assert.equal(status, 'Completed');
  assert.match(output.html, /café crème/);
  const [steps] = progressOf(host);
  assert.ok(steps.length >= 3, `${steps.length} steps`);
  const values = steps.map(({ progress }) => progress);
  assert.deepEqual(
    values,
    [...new Set(values)].sort((a, b) => a - b),
    'the progress did not only grow',
  );
  assert.equal(values.at(-1), 100);
  const { items } = await host.call('platform.list_roadmap_items', { status: 'drafted' });
  assert.ok(
    items.some(({ keyword }) => keyword === 'café crème'),
    'the item is not drafted',
  );
});

test('a draft can be asked after, without waiting for it', limit, async (t) => {
  const host = await connect(t, server, { apiKey });
  const { status, progress, currentAction } = await host.call('workflows.get_status', {
    workflow_id: await draft(host),
  });
  assert.equal(status, 'In Progress');
  assert.ok(progress < 100 && currentAction.length > 0);
});

test('a draft waits for a person and goes on with the decision', limit, async (t) => {
  const host = await connect(t, server, { apiKey });
  const workflow_id = await draft(host, { prompt: 'sandbox:keywords_review' });
  const waiting = await follow(host, workflow_id);
  assert.equal(waiting.status, 'Human Review');
  assert.equal(waiting.review.type, 'keywords_review');
  assert.match(
    await refusal(host.request('workflows.resume', { workflow_id, decision: 'rewrite' })),
    /rewrite/,
  );
  await host.call('workflows.resume', { workflow_id, decision: 'approve' });
  assert.equal((await follow(host, workflow_id)).status, 'Completed');
});

test('a draft that a person rejects fails, and says why', limit, async (t) => {
  const host = await connect(t, server, { apiKey });
  const workflow_id = await draft(host, { prompt: 'sandbox:answer_review' });
  await follow(host, workflow_id);
  await host.call('workflows.resume', { workflow_id, decision: 'reject' });
  const { status, error } = await follow(host, workflow_id);
  assert.equal(status, 'Failed');
  assert.match(error, /rejected/);
});

test('three drafts are followed side by side', limit, async (t) => {
  const host = await connect(t, server, { apiKey });
  const started = [await draft(host), await draft(host), await draft(host)];
  const ended = await Promise.all(started.map((id) => follow(host, id)));
  assert.deepEqual(
    ended.map(({ status }) => status),
    Array(3).fill('Completed'),
  );
  assert.deepEqual(
    progressOf(host).map((steps) => steps.at(-1).progress),
    Array(3).fill(100),
  );
});

test('who stops following leaves the draft running', limit, async (t) => {
  const host = await connect(t, server, { apiKey });
  const workflow_id = await draft(host);
  const stop = new AbortController();
  const following = host.call('workflows.get_status', { workflow_id }, { onprogress, signal: stop.signal });
  await sleep(200);
  stop.abort('enough');
  await assert.rejects(following, /enough/);
  assert.equal((await follow(host, workflow_id)).status, 'Completed');
});
