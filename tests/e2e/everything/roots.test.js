// Roots: the folders that a host lets the server know of. The server asks for them after the handshake, unprompted,
// and again whenever the host says that they changed.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ListRootsRequestSchema, LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { connect, startEverything } from '../support/everything.js';
import { until } from '../support/waiting.js';

const server = await startEverything();
after(() => server.stop());

test('the server asks for the roots, and again when they change', { timeout: 20_000 }, async (t) => {
  let roots = [{ uri: 'file:///home/zo%C3%AB/project', name: 'Project' }];
  let asked = 0;
  const said = [];
  const host = await connect(t, server, {
    capabilities: { roots: { listChanged: true } },
    prepare: (client) => {
      client.setRequestHandler(ListRootsRequestSchema, () => {
        ++asked;
        return { roots };
      });
      client.setNotificationHandler(
        LoggingMessageNotificationSchema,
        ({ params }) => void said.push(params.data),
      );
    },
  });
  const heard = (count) =>
    until(() => said.includes(`Roots updated: ${count} root(s) received from client`), `${count} roots`);
  await heard(1);
  assert.equal(asked, 1);

  roots = [...roots, { uri: 'file:///srv/notes', name: 'Notes' }];
  await host.client.sendRootsListChanged();
  await heard(2);
  assert.equal(asked, 2);

  const { content } = await host.client.callTool({ name: 'get-roots-list' });
  assert.match(content[0].text, /Current MCP Roots \(2 total\)/);
  assert.match(content[0].text, /Project\n   URI: file:\/\/\/home\/zo%C3%AB\/project/);
  assert.match(content[0].text, /Notes\n   URI: file:\/\/\/srv\/notes/);
});
