// The features on the official SDK's first server: Streamable HTTP as of 2025-11-25, with sessions, a stream on which the
// server speaks of its own accord, and questions that are requests of the server's own. With REVISION in the environment it
// knows that one only.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import * as types from '@modelcontextprotocol/sdk/types.js';
import { hangUp, noting, revision } from './connection.js';
import { capabilities, info, instructions, levels, makeFeatures, Refusal, say } from './features.js';

const schemas = {
  'tools/list': types.ListToolsRequestSchema,
  'tools/call': types.CallToolRequestSchema,
  'prompts/list': types.ListPromptsRequestSchema,
  'prompts/get': types.GetPromptRequestSchema,
  'resources/list': types.ListResourcesRequestSchema,
  'resources/templates/list': types.ListResourceTemplatesRequestSchema,
  'resources/read': types.ReadResourceRequestSchema,
  'completion/complete': types.CompleteRequestSchema,
};
const results = {
  'elicitation/create': types.ElicitResultSchema,
  'roots/list': types.ListRootsResultSchema,
  'sampling/createMessage': types.CreateMessageResultSchema,
};
const noSuchResource = -32002;
// Before the stream is opened on which the server speaks of its own accord: who counts on it has to wait for it.
const STREAM_PAUSE_MS = 100;

/** By session: its transport, its server, and what the server was asked to announce. */
const sessions = new Map();

const announcements = {
  tools: ({ server }) => server.sendToolListChanged(),
  prompts: ({ server }) => server.sendPromptListChanged(),
  resources: ({ server }) => server.sendResourceListChanged(),
  updated: ({ server, subscribed }, uri) => subscribed.has(uri) && server.sendResourceUpdated({ uri }),
};
const features = makeFeatures((kind, ...details) => {
  for (const session of sessions.values()) void announcements[kind](session, ...details);
});

function turnOf(session, { params = {} }, extra) {
  const { server } = session;
  const { progressToken } = params._meta ?? {};
  return {
    client: { info: server.getClientVersion(), capabilities: server.getClientCapabilities() },
    meta: params._meta ?? {},
    signal: extra.signal,
    hangUp,
    revision,
    async progress(step) {
      if (progressToken === undefined) return;
      await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, ...step } });
    },
    async log(level, data) {
      if (levels.indexOf(level) < levels.indexOf(session.level)) return;
      await extra.sendNotification({
        method: 'notifications/message',
        params: { level, logger: 'eras', data },
      });
    },
    async ask(requests) {
      const answers = Object.entries(requests).map(async ([name, { method, params }]) => {
        const id = params?.mode === 'url' && { elicitationId: randomUUID() };
        const request = params ? { method, params: { ...params, ...id } } : { method };
        return [name, await extra.sendRequest(request, results[method])];
      });
      return Object.fromEntries(await Promise.all(answers));
    },
  };
}

/** A refusal as this era's SDK answers it. */
function asMcpError(error, method) {
  if (!(error instanceof Refusal)) return error;
  const code = method === 'resources/read' ? noSuchResource : error.code;
  return Object.assign(new Error(error.message), { code, data: error.data });
}

function makeSession() {
  const server = new Server(info, { capabilities, instructions, enforceStrictCapabilities: true });
  const session = { server, subscribed: new Set(), level: levels[0] };
  for (const [method, schema] of Object.entries(schemas)) {
    server.setRequestHandler(schema, async (request, extra) => {
      try {
        return await features[method](request.params, turnOf(session, request, extra));
      } catch (error) {
        throw asMcpError(error, method);
      }
    });
  }
  // The SDK has no setting for it.
  if (process.env.REVISION)
    server.setRequestHandler(types.InitializeRequestSchema, ({ method, params }) =>
      server._oninitialize({ method, params: { ...params, protocolVersion: process.env.REVISION } }),
    );
  server.setRequestHandler(types.SetLevelRequestSchema, ({ params }) => {
    session.level = params.level;
    return {};
  });
  server.setRequestHandler(types.SubscribeRequestSchema, ({ params: { uri } }) => {
    session.subscribed.add(uri);
    return {};
  });
  server.setRequestHandler(types.UnsubscribeRequestSchema, ({ params: { uri } }) => {
    session.subscribed.delete(uri);
    say(`unsubscribed from ${uri}`);
    return {};
  });
  session.transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, session),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  return session;
}

createServer(
  noting(async (request, response) => {
    const id = request.headers['mcp-session-id'];
    let session = sessions.get(id);
    if (id && !session) return response.writeHead(404).end();
    if (!session) {
      // Whatever else comes without a session, the transport refuses.
      session = makeSession();
      await session.server.connect(session.transport);
    }
    if (request.method === 'GET') {
      await setTimeout(STREAM_PAUSE_MS);
      if (request.socket.destroyed) return;
      say('a stream opened');
      response.once('close', () => say('a stream closed'));
    }
    await session.transport.handleRequest(request, response);
  }),
).listen();
