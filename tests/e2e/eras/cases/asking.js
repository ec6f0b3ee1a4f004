// What a server asks of the host in the midst of a request: the person's answers, the model's, and the host's roots.
import assert from 'node:assert/strict';
import { refusal } from '../../support/host.js';
import { until } from '../../support/waiting.js';
import { form, page, prompt } from '../servers/features.js';

const answersOf = ({ content: [{ text }] }) => JSON.parse(text);
const accepted = (name) => ({ action: 'accept', content: { name } });
const modelsAnswer = {
  model: 'test-model',
  role: 'assistant',
  stopReason: 'endTurn',
  content: { type: 'text', text: 'Forty-two 👍' },
};
const folders = { roots: [{ uri: 'file:///projects/coffee', name: 'Work' }, { uri: 'file:///tmp' }] };

/** A host that answers each kind of question with what is given; `asked` are the questions' params. */
async function openAnswering(open, { elicitation, sampling = () => modelsAnswer, roots = () => folders }) {
  const asked = [];
  const noting = (answer) => (params) => {
    asked.push(params);
    return answer(params);
  };
  const host = await open({
    prepare(host) {
      host.answer('elicitation/create', noting(elicitation ?? (() => assert.fail('nobody was to be asked'))));
      host.answer('sampling/createMessage', noting(sampling));
      host.answer('roots/list', noting(roots));
    },
  });
  return { host, asked };
}

/** The question's params without what an era adds to them. */
const bare = ({ _meta, elicitationId, task, ...params }) => params;

export const asking = [
  {
    name: 'elicitation by form, accepted',
    async run({ open }) {
      const answer = { action: 'accept', content: { name: 'Zoë 👋', age: 42 } };
      const { host, asked } = await openAnswering(open, { elicitation: () => answer });
      assert.deepEqual(answersOf(await host.callTool({ name: 'ask-form' })), { form: answer });
      assert.deepEqual(asked.map(bare), [form.params]);
    },
  },
  ...['decline', 'cancel'].map((action) => ({
    name: `elicitation by form, ${action}`,
    async run({ open }) {
      const { host, asked } = await openAnswering(open, { elicitation: () => ({ action }) });
      assert.deepEqual(answersOf(await host.callTool({ name: 'ask-form' })), { form: { action } });
      assert.equal(asked.length, 1);
    },
  })),
  ...['accept', 'decline'].map((action) => ({
    name: `elicitation by URL, ${action}`,
    async run({ open, hostEra }) {
      const { host, asked } = await openAnswering(open, { elicitation: () => ({ action }) });
      assert.deepEqual(answersOf(await host.callTool({ name: 'ask-page' })), { page: { action } });
      assert.deepEqual(asked.map(bare), [page.params]);
      // The legacy revision has an id to announce the end of it by; the modern revision took it away.
      if (hostEra === 'legacy') assert.match(asked[0].elicitationId, /./);
      else assert.equal(asked[0].elicitationId, undefined);
    },
  })),
  {
    name: 'sampling',
    async run({ open }) {
      const { host, asked } = await openAnswering(open, {});
      assert.deepEqual(answersOf(await host.callTool({ name: 'ask-model' })), { model: modelsAnswer });
      assert.deepEqual(asked.map(bare), [prompt.params]);
    },
  },
  {
    name: 'roots',
    async run({ open }) {
      const { host } = await openAnswering(open, {});
      assert.deepEqual(answersOf(await host.callTool({ name: 'ask-roots' })), { roots: folders });
    },
  },
  {
    name: 'several questions together',
    async run({ open }) {
      const { host, asked } = await openAnswering(open, { elicitation: () => accepted('Ann') });
      assert.deepEqual(answersOf(await host.callTool({ name: 'ask-together' })), {
        form: accepted('Ann'),
        model: modelsAnswer,
        roots: folders,
      });
      assert.equal(asked.length, 3);
    },
  },
  {
    name: 'several questions, one after another',
    async run({ open }) {
      const { host, asked } = await openAnswering(open, {
        elicitation: ({ message }) => accepted(message.includes('Ann') ? 'Bob' : 'Ann'),
      });
      assert.deepEqual(answersOf(await host.callTool({ name: 'ask-in-turn' })), {
        form: accepted('Ann'),
        again: accepted('Bob'),
      });
      assert.deepEqual(
        asked.map(({ message }) => message),
        [form.params.message, 'And who else, Ann?'],
      );
    },
  },
  {
    name: 'a question for a prompt',
    async run({ open }) {
      const { host } = await openAnswering(open, { elicitation: () => accepted('Zoë') });
      const { messages } = await host.client.getPrompt({ name: 'ask-first' });
      assert.equal(messages[0].content.text, 'Greet Zoë');
    },
  },
  {
    name: 'a question for a resource',
    async run({ open }) {
      const { host } = await openAnswering(open, { elicitation: () => accepted('Zoë') });
      const { contents } = await host.client.readResource({ uri: 'eras://asks' });
      assert.equal(contents[0].text, 'for Zoë');
    },
  },
  {
    name: 'while the person thinks, other calls go on',
    async run({ open }) {
      let answer;
      const thinking = new Promise((resolve) => (answer = () => resolve(accepted('late'))));
      const began = Promise.withResolvers();
      const { host } = await openAnswering(open, {
        elicitation() {
          began.resolve();
          return thinking;
        },
      });
      const slow = host.callTool({ name: 'ask-form' });
      await began.promise;
      const { content } = await host.callTool({ name: 'echo', arguments: { words: 'meanwhile' } });
      assert.equal(content[0].text, 'meanwhile');
      answer();
      assert.deepEqual(answersOf(await slow), { form: accepted('late') });
    },
  },
  {
    name: 'several calls that ask at once, each with its own answer',
    async run({ open }) {
      let count = 0;
      const { host } = await openAnswering(open, {
        elicitation: () => accepted(`number ${++count}`),
      });
      const calls = Array.from({ length: 4 }, () => host.callTool({ name: 'ask-form' }));
      const names = (await Promise.all(calls)).map((result) => answersOf(result).form.content.name);
      assert.deepEqual(names.toSorted(), ['number 1', 'number 2', 'number 3', 'number 4']);
    },
  },
  {
    name: 'a call that is cancelled while the person thinks',
    hosts: 'legacy', // The modern host's question is all that there is of the call, and nobody else's to take back.
    async run({ open, serverEra }) {
      const asked = Promise.withResolvers();
      const { host } = await openAnswering(open, {
        elicitation({ message }) {
          asked.resolve(message);
          return new Promise(() => {});
        },
      });
      const cancellation = new AbortController();
      const call = host.callTool({ name: 'ask-form' }, { signal: cancellation.signal });
      assert.equal(await asked.promise, form.params.message);
      cancellation.abort('changed my mind');
      await assert.rejects(call, /changed my mind/);
      // A modern server has nothing to do with the question any more: it is the bridge's to take back.
      if (serverEra === 'modern') {
        const { id } = host.received.find(({ method }) => method === form.method);
        const takenBack = ({ method, params }) =>
          method === 'notifications/cancelled' && params.requestId === id;
        await until(() => host.received.some(takenBack), 'the question to be taken back');
      }
      const { content } = await host.callTool({ name: 'echo', arguments: { words: 'next' } });
      assert.equal(content[0].text, 'next');
    },
  },
  {
    name: 'a host that cannot be asked is not asked',
    async run({ open }) {
      const host = await open({ capabilities: {} });
      assert.match(await refusal(host.callTool({ name: 'ask-form' })), /elicitation/i);
      assert.deepEqual(
        host.received.filter(({ method }) => method === form.method),
        [],
      );
    },
  },
  {
    name: "a host's failure to answer",
    async run({ open }) {
      const { host } = await openAnswering(open, {
        sampling() {
          throw new Error('The model is out');
        },
      });
      assert.match(await refusal(host.callTool({ name: 'ask-model' })), /./);
    },
  },
];
