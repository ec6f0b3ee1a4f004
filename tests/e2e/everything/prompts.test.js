// Prompts and the completion of their arguments.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connect, startEverything } from '../support/everything.js';

const limit = { timeout: 20_000 };
const server = await startEverything();
after(() => server.stop());

async function prompt(t, name, args) {
  const host = await connect(t, server);
  const { messages } = await host.client.getPrompt({ name, arguments: args });
  return messages;
}

test('the prompts are those that these tests use', limit, async (t) => {
  const host = await connect(t, server);
  const { prompts } = await host.client.listPrompts();
  assert.deepEqual(prompts.map(({ name }) => name).sort(), [
    'args-prompt',
    'completable-prompt',
    'resource-prompt',
    'simple-prompt',
  ]);
});

test('a prompt without arguments', limit, async (t) => {
  assert.deepEqual(await prompt(t, 'simple-prompt'), [
    { role: 'user', content: { type: 'text', text: 'This is a simple prompt without arguments.' } },
  ]);
});

test('a prompt with a required and an optional argument', limit, async (t) => {
  const [both] = await prompt(t, 'args-prompt', { city: 'Köln', state: 'NRW' });
  assert.equal(both.content.text, "What's weather in Köln, NRW?");
  const [one] = await prompt(t, 'args-prompt', { city: 'Köln' });
  assert.equal(one.content.text, "What's weather in Köln?");
});

test('a prompt without its required argument is refused in the words of the server', limit, async (t) => {
  await assert.rejects(prompt(t, 'args-prompt', {}), {
    code: -32602,
    message: /Invalid arguments for prompt args-prompt/,
  });
});

test('a prompt with completable arguments', limit, async (t) => {
  const [message] = await prompt(t, 'completable-prompt', { department: 'Sales', name: 'Eve' });
  assert.equal(message.content.text, 'Please promote Eve to the head of the Sales team.');
});

test('a prompt with an embedded resource', limit, async (t) => {
  const [, message] = await prompt(t, 'resource-prompt', { resourceType: 'Text', resourceId: '3' });
  assert.equal(message.content.type, 'resource');
  assert.equal(message.content.resource.uri, 'demo://resource/dynamic/text/3');
});

async function complete(t, ref, name, value, context) {
  const host = await connect(t, server);
  const { completion } = await host.client.complete({ ref, argument: { name, value }, context });
  return completion.values;
}

test("a prompt's argument is completed", limit, async (t) => {
  const ref = { type: 'ref/prompt', name: 'completable-prompt' };
  assert.deepEqual(await complete(t, ref, 'department', 'S'), ['Sales', 'Support']);
  assert.deepEqual(await complete(t, ref, 'department', 'X'), []);
});

test('a completion depends on the arguments chosen before', limit, async (t) => {
  const ref = { type: 'ref/prompt', name: 'completable-prompt' };
  assert.deepEqual(await complete(t, ref, 'name', '', { arguments: { department: 'Sales' } }), [
    'David',
    'Eve',
    'Frank',
  ]);
  assert.deepEqual(await complete(t, ref, 'name', 'G', { arguments: { department: 'Marketing' } }), [
    'Grace',
  ]);
});

test("an embedded resource's type and id are completed", limit, async (t) => {
  const ref = { type: 'ref/prompt', name: 'resource-prompt' };
  assert.deepEqual(await complete(t, ref, 'resourceType', 'B'), ['Blob']);
  assert.deepEqual(await complete(t, ref, 'resourceId', '12'), ['12']);
});

test("a resource template's variable is completed", limit, async (t) => {
  const ref = { type: 'ref/resource', uri: 'demo://resource/dynamic/text/{resourceId}' };
  assert.deepEqual(await complete(t, ref, 'resourceId', '5'), ['5']);
  assert.deepEqual(await complete(t, ref, 'resourceId', 'five'), []);
});
