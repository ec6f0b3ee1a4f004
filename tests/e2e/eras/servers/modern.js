// The features on the official SDK's second server: Streamable HTTP as of 2026-07-28. There are no sessions, announcements
// go to who listens, and a question is a result that has to be answered in another request. With LEGACY=stateless in the
// environment it answers legacy hosts as well, as far as that goes without sessions; otherwise it refuses them.
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  InMemoryServerEventBus,
  inputRequired,
  ProtocolError,
  Server,
} from '@modelcontextprotocol/server';
import { hangUp, noting, revision } from './connection.js';
import { capabilities, info, instructions, makeFeatures, Refusal, say } from './features.js';

const features = makeFeatures((kind, ...details) => announcements[kind](...details));

/** Thrown where a feature needs answers first. */
class Questions extends Error {
  constructor(requests) {
    super('needs answers');
    this.requests = requests;
  }
}

function turnOf({ mcpReq }, answers) {
  const { envelope = {}, _meta: meta = {} } = mcpReq;
  return {
    client: {
      info: envelope['io.modelcontextprotocol/clientInfo'],
      capabilities: envelope['io.modelcontextprotocol/clientCapabilities'],
    },
    meta,
    signal: mcpReq.signal,
    hangUp,
    revision,
    async progress(step) {
      if (meta.progressToken === undefined) return;
      const params = { progressToken: meta.progressToken, ...step };
      await mcpReq.notify({ method: 'notifications/progress', params });
    },
    log: (level, data) => mcpReq.log(level, data, 'eras'),
    ask(requests) {
      const missing = Object.entries(requests).filter(([name]) => !Object.hasOwn(answers, name));
      if (missing.length > 0) throw new Questions(Object.fromEntries(missing));
      return Object.fromEntries(Object.keys(requests).map((name) => [name, answers[name]]));
    },
  };
}

function makeServer() {
  const server = new Server(info, { capabilities, instructions });
  for (const [method, feature] of Object.entries(features)) {
    server.setRequestHandler(method, async ({ params }, context) => {
      // What was answered in earlier rounds travels in the state, as there is no session to keep it.
      const { mcpReq } = context;
      const answers = { ...JSON.parse(mcpReq.requestState() ?? '{}'), ...mcpReq.inputResponses };
      try {
        return await feature(params, turnOf(context, answers));
      } catch (error) {
        if (error instanceof Questions)
          return inputRequired({ inputRequests: error.requests, requestState: JSON.stringify(answers) });
        throw error instanceof Refusal ? new ProtocolError(error.code, error.message, error.data) : error;
      }
    });
  }
  return server;
}

const bus = new InMemoryServerEventBus();
const handler = createMcpHandler(makeServer, {
  legacy: process.env.LEGACY ?? 'reject',
  bus: {
    publish: (event) => bus.publish(event),
    subscribe(listener) {
      say('a stream opened');
      const stop = bus.subscribe(listener);
      return () => {
        say('a stream closed');
        stop();
      };
    },
  },
});
const announcements = {
  tools: () => handler.notify.toolsChanged(),
  prompts: () => handler.notify.promptsChanged(),
  resources: () => handler.notify.resourcesChanged(),
  updated: (uri) => handler.notify.resourceUpdated(uri),
};

const listen = toNodeHandler(handler);
createServer(noting((request, response) => void listen(request, response))).listen();
