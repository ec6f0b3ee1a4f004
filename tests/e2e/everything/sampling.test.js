// Sampling: in the middle of a tool call the server asks the host's language model.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CreateMessageRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import { connect, startEverything } from '../support/everything.js';
import { sleep } from '../support/waiting.js';

const limit = { timeout: 20_000 };
const server = await startEverything();
after(() => server.stop());

const connectWithModel = (t, model) =>
  connect(t, server, {
    capabilities: { sampling: {} },
    prepare: (client) => client.setRequestHandler(CreateMessageRequestSchema, model),
  });

const sample = async (host, prompt) => {
  const { content } = await host.client.callTool({
    name: 'trigger-sampling-request',
    arguments: { prompt, maxTokens: 7 },
  });
  return content[0].text;
};

const answer = (text) => ({
  model: 'test-model',
  role: 'assistant',
  stopReason: 'endTurn',
  content: { type: 'text', text },
});

test('the question reaches the host and the answer reaches the server', limit, async (t) => {
  const asked = [];
  const host = await connectWithModel(t, ({ params }) => {
    asked.push(params);
    return answer('Forty-two 👍');
  });
  const text = await sample(host, 'What is it?');
  assert.equal(asked.length, 1);
  assert.deepEqual(asked[0].messages, [
    {
      role: 'user',
      content: { type: 'text', text: 'Resource trigger-sampling-request context: What is it?' },
    },
  ]);
  assert.deepEqual(
    [asked[0].systemPrompt, asked[0].maxTokens, asked[0].temperature],
    ['You are a helpful test server.', 7, 0.7],
  );
  assert.deepEqual(JSON.parse(text.replace('LLM sampling result: \n', '')), answer('Forty-two 👍'));
});

test('a refusal of the host reaches the server as an error', limit, async (t) => {
  const host = await connectWithModel(t, () => {
    throw new McpError(-1, 'The person said no');
  });
  const result = await host.client.callTool({ name: 'trigger-sampling-request', arguments: { prompt: 'x' } });
  assert.equal(result.isError, true);
  assert.match(result.content[0].text, /The person said no/);
});

test('while the model thinks, other calls go on', limit, async (t) => {
  let finish;
  const host = await connectWithModel(
    t,
    () => new Promise((resolve) => (finish = () => resolve(answer('done')))),
  );
  const slow = sample(host, 'take your time');
  while (!finish) await sleep(10);
  const quick = await host.client.callTool({ name: 'echo', arguments: { message: 'meanwhile' } });
  assert.equal(quick.content[0].text, 'Echo: meanwhile');
  finish();
  assert.match(await slow, /done/);
});

test('several questions at once each get their own answer', limit, async (t) => {
  const host = await connectWithModel(t, async ({ params }) => {
    const number = Number(/number (\d+)/.exec(params.messages[0].content.text)[1]);
    await sleep((5 - number) * 30); // The last one asked is answered first.
    return answer(`answer ${number}`);
  });
  const answers = await Promise.all([0, 1, 2, 3, 4].map((number) => sample(host, `number ${number}`)));
  answers.forEach((text, number) => assert.match(text, new RegExp(`answer ${number}`)));
});
