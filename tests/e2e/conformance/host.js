// The host that the conformance suite drives, of the era that its first argument names: it is started with the URL of the
// suite's server, launches `clickflow-mcp serve --url URL` as an assistant does, lists the tools and calls each. What
// the scenario hands over for its client goes to the program in its ordinary options.
//
// For scenarios that are about a refusal, the suite does not mind how its client ends. So this one says at its end on
// stdout whether all went as it has to: run.sh looks for that line.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { throughBridge } from '../support/host.js';

const [era, url] = process.argv.slice(-2);
const { Host, bridge, direct } = await import(`../support/${era}-host.js`);

// The document that the suite's authorization server knows.
const clientMetadataUrl = 'https://conformance-test.local/client-metadata.json';
const signInTool = 'clickflow_sign_in';
const mostSignIns = 3;

const scenario = process.env.MCP_CONFORMANCE_SCENARIO;
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');

// The program has to refuse what it is told about the sign-in or by the sign-in, or to give up on a server that is never
// content; and it has to say why.
const refusals = {
  'auth/iss-normalized': /from another sign-in server/,
  'auth/iss-supported-missing': /does not say which sign-in server it is from/,
  'auth/iss-unexpected': /from another sign-in server/,
  'auth/iss-wrong-issuer': /from another sign-in server/,
  'auth/metadata-issuer-mismatch': /is the description of another one/,
  'auth/resource-mismatch': /another resource/,
  'auth/scope-retry-limit': /wants the scope .* which it was not given/,
};
const refusal = refusals[scenario];

// No scenario has a keychain, and none a person at the browser.
const args = ['serve', '--url', url, '--token-store', 'file'];
const env = { BROWSER: fileURLToPath(new URL('browser.js', import.meta.url)) };
if (scenario === 'auth/basic-cimd') args.push('--client-metadata-url', clientMetadataUrl);
if (context.client_id) args.push('--client-id', context.client_id);
if (context.client_secret) env.CLICKFLOW_CLIENT_SECRET = context.client_secret;

const host = new Host(
  { name: 'clickflow-mcp-conformance', version: '1.0.0' },
  { capabilities: { elicitation: { form: { applyDefaults: true } }, roots: {}, sampling: {} } },
);
const { client } = host;
host.answer('elicitation/create', async ({ requestedSchema: { properties } }) => {
  // In the midst of one call's questions, another call.
  if (scenario === 'sep-2322-client-request-state') await call('test_mrtr_unrelated', {});
  return { action: 'accept', content: 'confirmed' in properties ? { confirmed: true } : {} };
});

async function call(name, args) {
  const { isError, content } = await host.callTool({ name, arguments: args });
  if (isError) throw new Error(content[0].text);
}

/** The server's tools, which are shown once a person, as the assistant asks, has signed in. */
async function listTools() {
  for (let signIns = 0; signIns <= mostSignIns; ++signIns) {
    const { tools } = await client.listTools();
    if (!tools.some(({ name }) => name === signInTool)) return tools;
    await call(signInTool, {});
  }
  throw new Error(`signed in ${mostSignIns} times and still signed out`);
}

// What the arguments' schema asks for: any number, any text.
const values = { number: 5, integer: 5, boolean: true };
const argumentsFor = ({ properties = {} }) =>
  Object.fromEntries(Object.entries(properties).map(([name, { type }]) => [name, values[type] ?? 'text']));

async function callEveryTool() {
  for (const { name, inputSchema } of await listTools()) {
    // This one's server leaves out `resultType`. The SDK's modern client minds; the bridge has to make up for it.
    const minds = name === 'test_mrtr_no_result_type' && !throughBridge;
    await call(name, argumentsFor(inputSchema)).catch((error) => assert.ok(minds, error));
  }
}

async function readEverything() {
  for (const { uri } of (await client.listResources()).resources) await client.readResource({ uri });
  for (const { name } of (await client.listPrompts()).prompts) await client.getPrompt({ name });
}

async function makeTheCallsOfTheContext() {
  await listTools();
  for (const { name, arguments: args } of context.toolCalls) await call(name, args);
}

// What is to be done in a scenario, where that is not to call every tool.
const plays = {
  'http-custom-headers': makeTheCallsOfTheContext,
  'http-standard-headers': () => callEveryTool().then(readEverything),
  'json-schema-ref-no-deref': listTools, // Its server has a tool to look at, and none to call.
};

const transport = (throughBridge ? bridge : direct)(url, { apiKey: null, args, env });
let failure;
try {
  await host.connect(transport, { known: refusal !== undefined });
  await (plays[scenario] ?? callEveryTool)();
} catch (error) {
  failure = error;
}
await client.close();
if (throughBridge) console.error(transport.log);
transport.checkAndTidy?.();
if (failure) console.error(failure);
if (refusal ? refusal.test(failure?.message) : !failure) console.log('as expected');
process.exit(failure ? 1 : 0);
