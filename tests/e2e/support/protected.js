// A protected MCP server on the official SDK: Streamable HTTP behind the SDK's own check of bearer tokens.
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';

function makeServer() {
  const server = new McpServer({ name: 'notes', version: '1.0.0' });
  const text = (words) => ({ content: [{ type: 'text', text: words }] });
  server.registerTool('read_note', { description: 'Reads the note' }, () => text('the note'));
  server.registerTool('write_note', { description: 'Writes the note' }, () => text('written'));
  return server;
}

/** `authority`, the authorization server that it names and asks, may be exchanged at any time. */
export async function startProtected(authority) {
  const app = createMcpExpressApp();
  const notes = { authority, tokens: [] };
  const http = createServer(app);
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${http.address().port}`;
  notes.url = `${origin}/mcp`;
  const metadata = '/.well-known/oauth-protected-resource/mcp';

  app.get(metadata, (_, response) =>
    response.json({
      resource: notes.url,
      authorization_servers: [notes.authority.issuer],
      scopes_supported: ['openid', 'notes:read'],
      bearer_methods_supported: ['header'],
    }),
  );

  const verifier = {
    async verifyAccessToken(token) {
      const known = await notes.authority.provider.AccessToken.find(token);
      if (!known) throw new InvalidTokenError('The token is not known or has expired');
      notes.tokens.push(token);
      return {
        token,
        clientId: known.clientId,
        scopes: known.scope?.split(' ') ?? [],
        expiresAt: known.exp,
        resource: new URL(known.aud),
      };
    },
  };
  const check = (...requiredScopes) =>
    requireBearerAuth({
      verifier,
      requiredScopes,
      resourceMetadataUrl: `${origin}${metadata}`,
      expectedResource: notes.url,
    });
  const [reading, writing] = [check(), check('notes:write')];
  app.use('/mcp', (request, response, next) => {
    const writes = request.body?.method === 'tools/call' && request.body.params?.name === 'write_note';
    (writes ? writing : reading)(request, response, next);
  });
  app.post('/mcp', async (request, response) => {
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    response.on('close', () => transport.close());
    await makeServer().connect(transport);
    await transport.handleRequest(request, response, request.body);
  });
  app.all('/mcp', (_, response) => response.sendStatus(405));

  notes.stop = () =>
    new Promise((resolve) => {
      http.close(resolve);
      http.closeAllConnections();
    });
  return notes;
}
