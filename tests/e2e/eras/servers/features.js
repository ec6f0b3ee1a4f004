// What the legacy and the modern server offer, said once. Each server hands over, for every request, a `turn`: what it
// knows of the request, and its era's way to say and to ask something meanwhile:
//  - `client`: `{ info, capabilities }` of who asks; `meta`: the request's `_meta`; `signal`: aborted when cancelled
//  - `progress(step)`, `log(level, data)`
//  - `ask(requests)`: puts questions to the host, by name, and resolves to the answers, by name
//  - `revision()`: that which the request names in its header; `hangUp()`: breaks the connection that it came on
// EXTRA_TOOL in the environment names one tool more. What is written to stdout is for the tests, which wait for it and count
// it.
import { once } from 'node:events';

export const info = { name: 'eras', title: 'Both eras', version: '3.2.1' };
export const instructions = 'Ask `who` who you are. Grüße! 👋';
export const capabilities = {
  completions: {},
  logging: {},
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  tools: { listChanged: true },
};

export const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

export const say = (text) => console.log(text);

/** An error that is answered with this code and data. */
export class Refusal extends Error {
  constructor(code, message, data) {
    super(message);
    Object.assign(this, { code, data });
  }
}

const invalidParams = -32602;
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const string = { type: 'string' };
const number = { type: 'number' };
const object = (properties = {}, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
});
const text = (words) => ({ content: [{ type: 'text', text: words }] });
const json = (value) => text(JSON.stringify(value));

export const form = {
  method: 'elicitation/create',
  params: {
    mode: 'form',
    message: 'Who are you? 👋',
    requestedSchema: object(
      { name: { type: 'string', title: 'Name' }, age: { type: 'integer', minimum: 0 } },
      ['name'],
    ),
  },
};
export const page = {
  method: 'elicitation/create',
  params: { mode: 'url', message: 'Sign in there', url: 'https://pages.example.com/sign-in?for=eras' },
};
export const prompt = {
  method: 'sampling/createMessage',
  params: {
    messages: [{ role: 'user', content: { type: 'text', text: 'What is it?' } }],
    systemPrompt: 'Be brief.',
    maxTokens: 7,
    temperature: 0.5,
  },
};
export const roots = { method: 'roots/list' };

const tools = {
  add: {
    description: 'Adds two numbers',
    inputSchema: object({ a: number, b: number }),
    outputSchema: object({ sum: number }),
    annotations: { readOnlyHint: true },
    call: ({ a, b }) => ({ ...text(`${a + b}`), structuredContent: { sum: a + b } }),
  },
  echo: {
    inputSchema: object({ words: string, after: number }, ['words']),
    async call({ words, after = 0 }) {
      await new Promise((resolve) => setTimeout(resolve, after));
      return text(words);
    },
  },
  content: {
    call: () => ({
      content: [
        { type: 'text', text: 'Grüße', annotations: { audience: ['user'], priority: 0.5 } },
        { type: 'image', data: pixel, mimeType: 'image/png' },
        { type: 'audio', data: 'UklGRg==', mimeType: 'audio/wav' },
        { type: 'resource_link', uri: 'eras://text', name: 'text' },
        { type: 'resource', resource: { uri: 'eras://text', mimeType: 'text/plain', text: 'inside' } },
      ],
      _meta: { 'example.com/kept': { deep: [1, null, true] } },
    }),
  },
  meta: { call: (_, { meta }) => json(meta) },
  who: { call: (_, { client }) => json(client) },
  'naïve: the tool!': {
    description: 'Has a name that not every assistant takes',
    call: () => text('called'),
  },
  revision: { call: (_, { revision }) => text(`${revision()}`) },
  tally: {
    call() {
      say('tally ran');
      return text('counted');
    },
  },
  vanish: {
    async call(_, { hangUp, progress }) {
      say('vanish ran');
      await progress({ progress: 1 });
      hangUp();
      await new Promise(() => {});
    },
  },
  region: {
    inputSchema: object({ region: { type: 'string', 'x-mcp-header': 'Region' }, other: string }),
    call: ({ region, other }) => text(`${region}, ${other}`),
  },
  steps: {
    inputSchema: object({ count: number }),
    async call({ count }, { progress }) {
      for (let step = 1; step <= count; ++step)
        await progress({ progress: step, total: count, message: `step ${step}` });
      return text('all done');
    },
  },
  wait: {
    async call(_, { signal }) {
      say('wait began');
      if (!signal.aborted) await once(signal, 'abort');
      say('wait was cancelled');
      return text('too late');
    },
  },
  speak: {
    async call(_, { log }) {
      for (const level of levels) await log(level, { said: level });
      return text('spoke');
    },
  },
  fail: { call: () => ({ ...text('It failed'), isError: true }) },
  break: {
    call() {
      throw new Refusal(-32603, 'It broke', { why: 'for the test' });
    },
  },
  'ask-form': { call: async (_, { ask }) => json(await ask({ form })) },
  'ask-page': { call: async (_, { ask }) => json(await ask({ page })) },
  'ask-model': { call: async (_, { ask }) => json(await ask({ model: prompt })) },
  'ask-roots': { call: async (_, { ask }) => json(await ask({ roots })) },
  'ask-together': { call: async (_, { ask }) => json(await ask({ form, model: prompt, roots })) },
  'ask-in-turn': {
    async call(_, { ask }) {
      const first = await ask({ form });
      const { name } = first.form.content;
      const again = structuredClone(form);
      again.params.message = `And who else, ${name}?`;
      return json({ ...first, ...(await ask({ again })) });
    },
  },
};

const prompts = {
  greeting: {
    description: 'Greets somebody',
    arguments: [{ name: 'name', required: true }, { name: 'style' }],
    get: ({ name, style = 'plain' }) => `Greet ${name}, ${style}`,
  },
  grüße: { get: () => 'Grüße' },
  'ask-first': {
    async get(_, { ask }) {
      const { form: answer } = await ask({ form });
      return `Greet ${answer.content.name}`;
    },
  },
};

const resources = {
  'eras://text': { name: 'text', mimeType: 'text/plain', read: () => ({ text: 'Grüße aus dem Text' }) },
  'eras://image': { name: 'image', mimeType: 'image/png', read: () => ({ blob: pixel }) },
  'eras://grüße/ä b': { name: 'grüße', read: () => ({ text: 'found' }) },
  'eras://asks': {
    name: 'asks',
    async read({ ask }) {
      const { form: answer } = await ask({ form });
      return { text: `for ${answer.content.name}` };
    },
  },
};
const template = { uriTemplate: 'eras://item/{number}', name: 'item', mimeType: 'text/plain' };
const resourcesPerPage = 3;

const suggestions = { name: ['Ada', 'Alan', 'Grace'], number: ['1', '12', '123'] };

/** Those of `table` as a list shows them. */
const listed = (table, hidden, key) =>
  Object.entries(table).map(([id, { [hidden]: _, ...shown }]) => ({ [key]: id, ...shown }));

/**
 * The features, by the method's name: each takes the request's params and the turn, and returns its result. `publish(kind)`
 * announces that the list of 'tools', 'prompts' or 'resources' has changed, and `publish('updated', uri)` a resource.
 */
export function makeFeatures(publish) {
  const all = {
    tools: { ...tools },
    prompts: { ...prompts },
    resources: { ...resources },
  };
  const additions = {
    tools: (name) => (all.tools[name] = { call: () => text('new') }),
    prompts: (name) => (all.prompts[name] = { get: () => 'new' }),
    resources: (name) => (all.resources[`eras://${name}`] = { name, read: () => ({ text: 'new' }) }),
  };
  const { EXTRA_TOOL } = process.env;
  if (EXTRA_TOOL) additions.tools(EXTRA_TOOL);
  all.tools.change = {
    inputSchema: object({ what: { enum: Object.keys(additions) }, name: string }),
    call({ what, name }) {
      additions[what](name);
      publish(what);
      return text('changed');
    },
  };
  all.tools.touch = {
    inputSchema: object({ uri: string }),
    call({ uri }) {
      publish('updated', uri);
      return text('touched');
    },
  };
  const find = (table, id, what) => {
    if (Object.hasOwn(table, id)) return table[id];
    throw new Refusal(invalidParams, `Unknown ${what}: ${id}`);
  };

  return {
    'tools/list': () => ({
      tools: listed(all.tools, 'call', 'name').map((tool) => ({ inputSchema: object(), ...tool })),
    }),
    'tools/call': ({ name, arguments: args = {} }, turn) => find(all.tools, name, 'tool').call(args, turn),
    'prompts/list': () => ({ prompts: listed(all.prompts, 'get', 'name') }),
    'prompts/get': async ({ name, arguments: args = {} }, turn) => ({
      messages: [
        {
          role: 'user',
          content: { type: 'text', text: await find(all.prompts, name, 'prompt').get(args, turn) },
        },
      ],
    }),
    'resources/list': ({ cursor = '0' } = {}) => {
      const from = Number(cursor);
      const rest = listed(all.resources, 'read', 'uri').slice(from);
      return {
        resources: rest.slice(0, resourcesPerPage),
        ...(rest.length > resourcesPerPage && { nextCursor: `${from + resourcesPerPage}` }),
      };
    },
    'resources/templates/list': () => ({ resourceTemplates: [template] }),
    'resources/read': async ({ uri }, turn) => {
      const [, item] = /^eras:\/\/item\/(\d+)$/.exec(uri) ?? [];
      if (item) return { contents: [{ uri, mimeType: 'text/plain', text: `item ${item}` }] };
      const { mimeType, read } = find(all.resources, uri, 'resource');
      return { contents: [{ uri, ...(mimeType && { mimeType }), ...(await read(turn)) }] };
    },
    'completion/complete': ({ ref, argument: { name, value }, context }) => {
      const among = (suggestions[name] ?? []).filter((one) => one.startsWith(value));
      const values = context?.arguments?.style
        ? among.map((one) => `${one} ${context.arguments.style}`)
        : among;
      return {
        completion: {
          values: ref.type === 'ref/prompt' ? values : values.toReversed(),
          total: values.length,
        },
      };
    },
  };
}
