// What a host asks for and a server has: tools, prompts, resources, completion, errors.
import assert from 'node:assert/strict';
import { Home, throughBridge } from '../../support/host.js';
import { closeAcquainted } from '../host.js';
import { info, instructions } from '../servers/features.js';

const textOf = ({ content }) => content.map(({ text }) => text).join('\n');
const methodNotFound = -32601;
const invalidParams = -32602;
const internalError = -32603;
const noSuchResource = -32002;

/** All pages of a list. */
async function allOf(list, key) {
  const found = [];
  let pages = 0;
  for (let cursor; cursor !== undefined || pages === 0; ++pages) {
    const page = await list(cursor === undefined ? undefined : { cursor });
    found.push(...page[key]);
    cursor = page.nextCursor;
  }
  return { found, pages };
}

export const basics = [
  {
    name: "the server's name, version and instructions",
    async run({ open }) {
      const home = new Home();
      const first = await open({ home });
      // A bridge that has not heard of the server yet gives its own.
      const name = throughBridge ? 'clickflow-mcp' : info.name;
      assert.equal(first.client.getServerVersion().name, name);
      await closeAcquainted(first);
      const { client } = await open({ home });
      assert.deepEqual(client.getServerVersion(), info);
      assert.equal(client.getInstructions(), instructions);
    },
  },
  {
    name: 'capabilities',
    async run({ open }) {
      const { client } = await open();
      const { tools, prompts, resources, completions, logging } = client.getServerCapabilities();
      assert.deepEqual(
        { tools, prompts, resources, completions, logging },
        {
          tools: { listChanged: true },
          prompts: { listChanged: true },
          resources: { listChanged: true, subscribe: true },
          completions: {},
          logging: {},
        },
      );
    },
  },
  {
    name: 'the revision that the host speaks',
    async run({ open, hostEra }) {
      const { client, received } = await open();
      if (hostEra === 'modern') assert.equal(client.getNegotiatedProtocolVersion(), '2026-07-28');
      else assert.equal(received[0].result.protocolVersion, '2025-11-25');
    },
  },
  {
    name: 'who the host is and what it can do',
    async run({ open }) {
      const host = await open();
      const client = JSON.parse(textOf(await host.callTool({ name: 'who' })));
      assert.deepEqual([client.info.name, client.info.version], ['eras-host', '4.5.6']);
      assert.deepEqual(Object.keys(client.capabilities).toSorted(), ['elicitation', 'roots', 'sampling']);
      assert.deepEqual(client.capabilities.elicitation, { form: {}, url: {} });
    },
  },
  {
    name: 'tools are listed',
    async run({ open }) {
      const { client } = await open();
      const { tools } = await client.listTools();
      const { _meta, ...add } = tools.find(({ name }) => name === 'add');
      assert.deepEqual(add, {
        name: 'add',
        description: 'Adds two numbers',
        inputSchema: {
          type: 'object',
          properties: { a: { type: 'number' }, b: { type: 'number' } },
          required: ['a', 'b'],
        },
        outputSchema: { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] },
        annotations: { readOnlyHint: true },
      });
      assert.deepEqual(
        ['echo', 'region', 'ask-in-turn', 'touch'].filter(
          (wanted) => !tools.some(({ name }) => name === wanted),
        ),
        [],
      );
    },
  },
  {
    name: 'a tool is called',
    async run({ open }) {
      const host = await open();
      await host.client.listTools(); // From now on the SDK holds the results against their schemas.
      const { content, structuredContent } = await host.callTool({ name: 'add', arguments: { a: 40, b: 2 } });
      assert.deepEqual(content, [{ type: 'text', text: '42' }]);
      assert.deepEqual(structuredContent, { sum: 42 });
    },
  },
  {
    name: 'a tool whose name not every assistant takes',
    async run({ open }) {
      const host = await open();
      const { tools } = await host.client.listTools();
      const { name } = tools.find(({ description }) => description?.startsWith('Has a name'));
      if (throughBridge) assert.match(name, /^[A-Za-z0-9_-]{1,64}$/);
      assert.equal(textOf(await host.callTool({ name })), 'called');
    },
  },
  {
    name: 'every kind of content',
    async run({ open }) {
      const host = await open();
      const { content, _meta } = await host.callTool({ name: 'content' });
      assert.deepEqual(
        content.map(({ type }) => type),
        ['text', 'image', 'audio', 'resource_link', 'resource'],
      );
      assert.deepEqual(content[0], {
        type: 'text',
        text: 'Grüße',
        annotations: { audience: ['user'], priority: 0.5 },
      });
      assert.deepEqual(content[3], { type: 'resource_link', uri: 'eras://text', name: 'text' });
      assert.deepEqual(content[4].resource, { uri: 'eras://text', mimeType: 'text/plain', text: 'inside' });
      assert.deepEqual(_meta['example.com/kept'], { deep: [1, null, true] });
    },
  },
  {
    name: "a request's own `_meta`",
    async run({ open }) {
      const host = await open();
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01';
      const own = { traceparent, 'example.com/mine': { deep: ['ü'] } };
      const meta = JSON.parse(textOf(await host.callTool({ name: 'meta', _meta: own })));
      assert.deepEqual({ traceparent: meta.traceparent, 'example.com/mine': meta['example.com/mine'] }, own);
    },
  },
  {
    name: 'twenty calls at once, each with its own answer',
    async run({ open }) {
      const host = await open();
      const words = Array.from({ length: 20 }, (_, index) => `number ${index}`);
      const calls = words.map((one, index) =>
        host.callTool({ name: 'echo', arguments: { words: one, after: (20 - index) * 10 } }),
      );
      assert.deepEqual((await Promise.all(calls)).map(textOf), words);
    },
  },
  {
    name: 'a parameter that a modern server wants as a header, too',
    async run({ open }) {
      const host = await open();
      await host.client.listTools();
      for (const region of ['us-west1', 'Zürich, 世界', ' padded ', '=?base64?aGk=?=']) {
        const result = await host.callTool({ name: 'region', arguments: { region, other: 'x' } });
        assert.equal(textOf(result), `${region}, x`);
      }
    },
  },
  {
    name: 'a parameter that is wanted as a header, of a tool that nobody has listed',
    async run({ open }) {
      const host = await open();
      const result = await host.callTool({ name: 'region', arguments: { region: 'us-west1', other: 'x' } });
      assert.equal(textOf(result), 'us-west1, x');
    },
  },
  {
    name: 'prompts are listed and gotten',
    async run({ open }) {
      const { client } = await open();
      const { prompts } = await client.listPrompts();
      const { _meta, ...greeting } = prompts.find(({ name }) => name === 'greeting');
      assert.deepEqual(greeting, {
        name: 'greeting',
        description: 'Greets somebody',
        arguments: [{ name: 'name', required: true }, { name: 'style' }],
      });
      const { messages } = await client.getPrompt({
        name: 'greeting',
        arguments: { name: 'Zoë', style: 'loud' },
      });
      assert.deepEqual(messages, [{ role: 'user', content: { type: 'text', text: 'Greet Zoë, loud' } }]);
    },
  },
  {
    name: 'names that no header can hold as they are',
    async run({ open }) {
      const { client } = await open();
      const { messages } = await client.getPrompt({ name: 'grüße' });
      assert.equal(messages[0].content.text, 'Grüße');
      const uri = 'eras://grüße/ä b';
      assert.deepEqual((await client.readResource({ uri })).contents, [{ uri, text: 'found' }]);
    },
  },
  {
    name: 'resources are listed, page by page',
    async run({ open }) {
      const { client } = await open();
      const { found, pages } = await allOf((params) => client.listResources(params), 'resources');
      const uris = found.map(({ uri }) => uri);
      for (const uri of ['eras://text', 'eras://image', 'eras://grüße/ä b', 'eras://asks'])
        assert.ok(uris.includes(uri), uri);
      assert.equal(new Set(uris).size, uris.length);
      if (client.listen) return; // The second SDK's client has put the pages together by itself.
      assert.ok(pages > 1, 'there was one page only');
    },
  },
  {
    name: 'resources are read',
    async run({ open }) {
      const { client } = await open();
      const { contents } = await client.readResource({ uri: 'eras://text' });
      assert.deepEqual(contents, [
        { uri: 'eras://text', mimeType: 'text/plain', text: 'Grüße aus dem Text' },
      ]);
      const [{ blob }] = (await client.readResource({ uri: 'eras://image' })).contents;
      assert.match(blob, /^iVBOR/);
    },
  },
  {
    name: 'resource templates',
    async run({ open }) {
      const { client } = await open();
      const { resourceTemplates } = await client.listResourceTemplates();
      assert.deepEqual(
        resourceTemplates.map(({ uriTemplate }) => uriTemplate),
        ['eras://item/{number}'],
      );
      const { contents } = await client.readResource({ uri: 'eras://item/7' });
      assert.equal(contents[0].text, 'item 7');
    },
  },
  {
    name: 'completion',
    async run({ open }) {
      const { client } = await open();
      const { completion } = await client.complete({
        ref: { type: 'ref/prompt', name: 'greeting' },
        argument: { name: 'name', value: 'A' },
        context: { arguments: { style: 'loud' } },
      });
      assert.deepEqual(completion, { values: ['Ada loud', 'Alan loud'], total: 2 });
      const { completion: numbers } = await client.complete({
        ref: { type: 'ref/resource', uri: 'eras://item/{number}' },
        argument: { name: 'number', value: '12' },
      });
      assert.deepEqual(numbers.values, ['123', '12']);
    },
  },
  {
    name: "a tool's failure",
    async run({ open }) {
      const host = await open();
      const { isError, content } = await host.callTool({ name: 'fail' });
      assert.equal(isError, true);
      assert.deepEqual(content, [{ type: 'text', text: 'It failed' }]);
    },
  },
  {
    name: "a server's error, with what it says",
    async run({ open }) {
      const host = await open();
      await assert.rejects(host.callTool({ name: 'break' }), (error) => {
        assert.equal(error.code, internalError);
        assert.match(error.message, /It broke/);
        assert.deepEqual(error.data, { why: 'for the test' });
        return true;
      });
    },
  },
  {
    name: 'an unknown tool',
    async run({ open }) {
      const host = await open();
      await assert.rejects(host.callTool({ name: 'nothing-like-it' }), (error) => {
        assert.equal(error.code, invalidParams);
        assert.match(error.message, /Unknown tool: nothing-like-it/);
        return true;
      });
    },
  },
  {
    name: 'an unknown method',
    async run({ open }) {
      const host = await open();
      await assert.rejects(host.request('example/nothing'), ({ code, message }) => {
        // Without the bridge, the second SDK's client shows the HTTP response and not what is in it.
        assert.equal(throughBridge ? code : Number(/-\d+/.exec(message)), methodNotFound);
        return true;
      });
      assert.equal(
        textOf(await host.callTool({ name: 'echo', arguments: { words: 'still there' } })),
        'still there',
      );
    },
  },
  {
    name: 'an unknown resource',
    async run({ open, hostEra }) {
      const { client } = await open();
      await assert.rejects(client.readResource({ uri: 'eras://nothing' }), ({ code, message }) => {
        assert.match(message, /Unknown resource: eras:\/\/nothing|Resource not found/);
        // The modern revision's servers must not use the older code, which its clients may know nothing of.
        if (hostEra === 'modern') assert.equal(code, invalidParams);
        else assert.ok([invalidParams, noSuchResource].includes(code), `${code}`);
        return true;
      });
    },
  },
  {
    name: 'a ping',
    hosts: 'legacy',
    async run({ open }) {
      const { client } = await open();
      assert.deepEqual(await client.ping(), {});
    },
  },
];
