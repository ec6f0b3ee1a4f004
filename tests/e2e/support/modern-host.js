// A host of the modern era: the official SDK's second client, which knows no handshake: each of its requests says in its
// `_meta` what it has to say of itself. It takes no legacy server. Before it launches the bridge for good, it asks a
// bridge of its own, which lives no longer than that, with `server/discover`.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { bridgeTransport, placeholderKey } from './host.js';

export const revision = '2026-07-28';

const anything = { '~standard': { version: 1, vendor: 'e2e', validate: (value) => ({ value }) } };

export const bridge = (url, settings) => bridgeTransport(url, { ...settings, Stdio: StdioClientTransport });

export const direct = (url, { apiKey = placeholderKey } = {}) =>
  new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: apiKey ? { Authorization: `Bearer ${apiKey}` } : {} },
  });

export class Host {
  constructor(info, { capabilities = {} } = {}) {
    this.client = new Client(info, { capabilities, versionNegotiation: { mode: { pin: revision } } });
  }

  /** Answers the server's requests of this kind, which come in results: `answer(params)` returns the result. */
  answer(method, answer) {
    this.client.setRequestHandler(method, ({ params }) => answer(params));
  }

  /** Calls `hear(params)` for each notification of this kind. */
  hear(method, hear) {
    this.client.setNotificationHandler(method, ({ params }) => void hear(params));
  }

  /**
   * With `known`, the host remembers from before that the server is a modern one, and does not ask. (If it does ask and
   * gets an error, it says so in words of its own.)
   */
  connect(transport, { known = false } = {}) {
    const discover = { supportedVersions: [revision], capabilities: { tools: {} } };
    return this.client.connect(transport, known ? { prior: { kind: 'modern', discover } } : {});
  }

  /** Sends a request that the client has no method for. */
  request(method, params = {}) {
    return this.client.request({ method, params }, anything);
  }

  /** `logLevel` is that from which on the server's log messages are wanted: for this call, and for no other. */
  callTool({ _meta = {}, ...params }, { logLevel, ...options } = {}) {
    if (logLevel) _meta = { ..._meta, 'io.modelcontextprotocol/logLevel': logLevel };
    return this.client.callTool({ ...params, _meta }, options);
  }

  /**
   * Asks to hear of changes: of the lists of `tools`, `prompts` or `resources`, and of the resources in `uris`. Resolves
   * to what asks for an end of it, which has a promise, `ended`, of the end from the other side.
   */
  async watch({ tools, prompts, resources, uris }) {
    const subscription = await this.client.listen({
      ...(tools && { toolsListChanged: true }),
      ...(prompts && { promptsListChanged: true }),
      ...(resources && { resourcesListChanged: true }),
      ...(uris && { resourceSubscriptions: uris }),
    });
    return Object.assign(() => subscription.close(), { ended: subscription.closed });
  }
}
