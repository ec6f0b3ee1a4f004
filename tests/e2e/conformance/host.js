// The host that the conformance suite drives: it is started with the URL of the suite's server, launches
// `clickflow-mcp serve --url URL` as an assistant does, lists the tools and calls each. What the scenario hands over for
// its client goes to the program in its ordinary options.
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { bridgeTransport } from '../support/host.js';

// The document that the suite's authorization server knows.
const clientMetadataUrl = 'https://conformance-test.local/client-metadata.json';
const signInTool = 'clickflow_sign_in';

const url = process.argv.at(-1);
const scenario = process.env.MCP_CONFORMANCE_SCENARIO;
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');

// No scenario has a keychain, and none a person at the browser.
const args = ['serve', '--url', url, '--token-store', 'file'];
const env = { BROWSER: fileURLToPath(new URL('browser.js', import.meta.url)) };
if (scenario === 'auth/basic-cimd') args.push('--client-metadata-url', clientMetadataUrl);
if (context.client_id) args.push('--client-id', context.client_id);
if (context.client_secret) env.CLICKFLOW_CLIENT_SECRET = context.client_secret;

const client = new Client(
  { name: 'clickflow-mcp-conformance', version: '1.0.0' },
  { capabilities: { elicitation: { form: { applyDefaults: true } } } },
);
client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: {} }));
const transport = bridgeTransport(url, { apiKey: null, args, env });

// What the arguments' schema asks for: any number, any text.
const argumentsFor = ({ properties = {} }) =>
  Object.fromEntries(
    Object.entries(properties).map(([name, { type }]) => [name, type === 'number' ? 5 : 'text']),
  );

const call = ({ name, inputSchema }) => client.callTool({ name, arguments: argumentsFor(inputSchema) });

let failure;
try {
  await client.connect(transport);
  let { tools } = await client.listTools();
  const signIn = tools.find(({ name }) => name === signInTool);
  if (signIn) {
    // Signed out: what a person would have the assistant call.
    const { isError, content } = await call(signIn);
    if (isError) throw new Error(content[0].text);
    ({ tools } = await client.listTools());
  }
  for (const tool of tools) {
    const { isError, content } = await call(tool);
    if (isError) throw new Error(content[0].text);
  }
} catch (error) {
  failure = error;
}
await client.close();
console.error(transport.log);
transport.checkAndTidy();
if (failure) {
  console.error(failure);
  process.exit(1);
}
