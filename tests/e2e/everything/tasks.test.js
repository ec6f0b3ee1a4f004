// Tasks (2025-11-25): calls that are started, asked after, and fetched. The server runs them for the host, and the
// host for the server.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js';
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { everyCapability } from '../support/capabilities.js';
import { connect, startEverything } from '../support/everything.js';
import { sleep } from '../support/waiting.js';

const limit = { timeout: 40_000 };
const server = await startEverything();
after(() => server.stop());

async function research(host, args) {
  const seen = [];
  const call = { name: 'simulate-research-query', arguments: args };
  for await (const message of host.client.experimental.tasks.callToolStream(call, undefined, {
    task: { ttl: 60_000 },
  })) {
    seen.push(message);
  }
  return seen;
}

test('a task reports its stages and is fetched when it is done', limit, async (t) => {
  const host = await connect(t, server);
  const seen = await research(host, { topic: 'bridges' });
  assert.equal(seen[0].type, 'taskCreated');
  const stages = seen.filter(({ type }) => type === 'taskStatus').map(({ task }) => task.statusMessage);
  assert.ok(stages.length >= 3, stages.join());
  assert.equal(seen.at(-1).type, 'result');
  assert.match(seen.at(-1).result.content[0].text, /# Research Report: bridges/);
});

test('a task that needs input asks the person and goes on', limit, async (t) => {
  const asked = [];
  const host = await connect(t, server, {
    capabilities: { elicitation: { form: {} } },
    prepare: (client) =>
      client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
        asked.push(params.message);
        return { action: 'accept', content: { interpretation: 'snake' } };
      }),
  });
  const seen = await research(host, { topic: 'python', ambiguous: true });
  assert.equal(asked.length, 1);
  assert.ok(seen.some(({ type, task }) => type === 'taskStatus' && task.status === 'input_required'));
  assert.match(seen.at(-1).result.content[0].text, /# Research Report: python \(snake\)/);
});

test('tasks are listed, asked after and cancelled', limit, async (t) => {
  const host = await connect(t, server);
  const { tasks } = host.client.experimental;
  const stream = tasks.callToolStream(
    { name: 'simulate-research-query', arguments: { topic: 'x' } },
    undefined,
    { task: {} },
  );
  const { taskId } = (await stream.next()).value.task;
  assert.ok((await tasks.listTasks()).tasks.some((task) => task.taskId === taskId));
  assert.equal((await tasks.getTask(taskId)).status, 'working');
  await tasks.cancelTask(taskId);
  assert.equal((await tasks.getTask(taskId)).status, 'cancelled');
  await assert.rejects(tasks.getTask('no-such-task'), { code: -32602 });
});

// The host's half: it answers with a task at once and finishes it later; the server asks after it and fetches it.
async function connectWithTasks(t, schema, result) {
  const taskStore = new InMemoryTaskStore();
  t.after(() => taskStore.cleanup());
  return connect(t, server, {
    capabilities: everyCapability,
    options: { taskStore },
    prepare: (client) =>
      client.setRequestHandler(schema, async (request, extra) => {
        const task = await extra.taskStore.createTask({ ttl: 60_000, pollInterval: 500 });
        sleep(500).then(() => extra.taskStore.storeTaskResult(task.taskId, 'completed', result));
        return { task };
      }),
  });
}

test('the host can answer a sampling request with a task', limit, async (t) => {
  const host = await connectWithTasks(t, CreateMessageRequestSchema, {
    model: 'test-model',
    role: 'assistant',
    content: { type: 'text', text: 'thought about it' },
  });
  const { content } = await host.client.callTool({
    name: 'trigger-sampling-request-async',
    arguments: { prompt: 'think' },
  });
  assert.match(content[0].text, /^\[COMPLETED\] [\s\S]*thought about it/);
});

test('the host can answer an elicitation with a task', limit, async (t) => {
  const host = await connectWithTasks(t, ElicitRequestSchema, { action: 'accept', content: { name: 'Zoë' } });
  const { content } = await host.client.callTool({ name: 'trigger-elicitation-request-async' });
  assert.match(content[0].text, /^\[COMPLETED\]/);
  assert.ok(
    content.some(({ text }) => text.includes('Name: Zoë')),
    JSON.stringify(content),
  );
});
