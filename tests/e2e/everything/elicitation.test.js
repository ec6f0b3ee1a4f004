// Elicitation: in the middle of a tool call the server asks the person, in a form or by sending them to a page.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { connect, startEverything } from '../support/everything.js';

const limit = { timeout: 20_000 };
const server = await startEverything();
after(() => server.stop());

const connectWithPerson = (t, person) =>
  connect(t, server, {
    capabilities: { elicitation: { form: {}, url: {} } },
    prepare: (client) => client.setRequestHandler(ElicitRequestSchema, ({ params }) => person(params)),
  });

const textOf = ({ content }) => content.map(({ text }) => text).join('\n');

test('the form reaches the host whole, and what the person fills in reaches the server', limit, async (t) => {
  const forms = [];
  const filledIn = {
    name: 'Zoë Ångström',
    check: true,
    email: 'zoe@example.com',
    integer: 42,
    number: 3.14,
    untitledMultipleSelectEnum: ['Guitar', 'Violin'],
    titledSingleSelectEnum: 'hero-3',
  };
  const host = await connectWithPerson(t, (form) => {
    forms.push(form);
    return { action: 'accept', content: filledIn };
  });
  const result = await host.client.callTool({ name: 'trigger-elicitation-request' });
  assert.equal(forms.length, 1);
  assert.deepEqual(forms[0].requestedSchema.required, ['name']);
  assert.equal(Object.keys(forms[0].requestedSchema.properties).length, 13);
  assert.deepEqual(forms[0].requestedSchema.properties.legacyTitledEnum.enumNames, [
    'Cats',
    'Dogs',
    'Birds',
    'Fish',
    'Reptiles',
  ]);
  const raw = JSON.parse(result.content.at(-1).text.replace('\nRaw result: ', ''));
  assert.deepEqual(raw, { action: 'accept', content: filledIn });
});

for (const [action, said] of [
  ['decline', /declined to provide/],
  ['cancel', /cancelled the elicitation/],
]) {
  test(`a person can ${action} a form`, limit, async (t) => {
    const host = await connectWithPerson(t, () => ({ action }));
    assert.match(textOf(await host.client.callTool({ name: 'trigger-elicitation-request' })), said);
  });
}

const page = {
  url: 'https://example.com/consent?a=1&b=2',
  message: 'Please agree',
  elicitationId: 'consent-7',
};
const visit = (host, more) =>
  host.client.callTool({ name: 'trigger-url-elicitation', arguments: { ...page, ...more } });

for (const [action, said] of [
  ['accept', /completed the URL elicitation/],
  ['decline', /declined to open/],
  ['cancel', /cancelled the URL/],
]) {
  test(`a person who is sent to a page can ${action}`, limit, async (t) => {
    const shown = [];
    const host = await connectWithPerson(t, (request) => {
      shown.push(request);
      return { action };
    });
    assert.match(textOf(await visit(host)), said);
    assert.deepEqual(shown, [{ mode: 'url', ...page }]);
  });
}

test(
  'an error that asks for a page first reaches the host with all it says, and the call can be made again',
  limit,
  async (t) => {
    const host = await connectWithPerson(t, () => ({ action: 'accept' }));
    await assert.rejects(visit(host, { errorPath: true }), (error) => {
      assert.equal(error.code, -32042);
      assert.match(error.message, /requires browser-based authorization/);
      assert.equal(error.data.elicitations[0].url, 'https://modelcontextprotocol.io');
      return true;
    });
    assert.match(textOf(await visit(host, { errorPath: true })), /completed the URL elicitation/);
  },
);
