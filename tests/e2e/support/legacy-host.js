// A host of the legacy era: the official SDK's first client, whose conversation begins with `initialize`. It has the same
// face as the host in modern-host.js.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import * as types from '@modelcontextprotocol/sdk/types.js';
import { bridgeTransport, directTransport } from './host.js';

const requests = {
  'elicitation/create': types.ElicitRequestSchema,
  'roots/list': types.ListRootsRequestSchema,
  'sampling/createMessage': types.CreateMessageRequestSchema,
};

const notifications = {
  'notifications/elicitation/complete': types.ElicitationCompleteNotificationSchema,
  'notifications/message': types.LoggingMessageNotificationSchema,
  'notifications/prompts/list_changed': types.PromptListChangedNotificationSchema,
  'notifications/resources/list_changed': types.ResourceListChangedNotificationSchema,
  'notifications/resources/updated': types.ResourceUpdatedNotificationSchema,
  'notifications/tools/list_changed': types.ToolListChangedNotificationSchema,
};

export const bridge = bridgeTransport;
export const direct = directTransport;

export class Host {
  constructor(info, { capabilities = {} } = {}) {
    this.client = new Client(info, { capabilities });
  }

  /** Answers the server's requests of this kind: `answer(params)` returns the result. */
  answer(method, answer) {
    this.client.setRequestHandler(requests[method], ({ params }) => answer(params));
  }

  /** Calls `hear(params)` for each notification of this kind. */
  hear(method, hear) {
    this.client.setNotificationHandler(notifications[method], ({ params }) => void hear(params));
  }

  connect(transport) {
    return this.client.connect(transport);
  }

  /** Sends a request that the client has no method for. */
  request(method, params = {}) {
    return this.client.request({ method, params }, types.ResultSchema);
  }

  /** `logLevel` is that from which on the server's log messages are wanted: for this call, and for all that follow. */
  async callTool(params, { logLevel, ...options } = {}) {
    if (logLevel) await this.client.setLoggingLevel(logLevel);
    return this.client.callTool(params, undefined, options);
  }

  /**
   * Asks to hear of changes: of the lists of `tools`, `prompts` or `resources` (of which this era's servers speak
   * unasked), and of the resources in `uris`. Resolves to what asks for an end of it.
   */
  async watch({ uris = [] }) {
    for (const uri of uris) await this.client.subscribeResource({ uri });
    return async () => {
      for (const uri of uris) await this.client.unsubscribeResource({ uri });
    };
  }
}
