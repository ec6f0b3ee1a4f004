// A host without the SDK's client on top: single messages over the SDK's transport, for handshakes that the client
// would not make.
import { bridgeTransport, directTransport, throughBridge } from './host.js';
import { within } from './waiting.js';

const ANSWER_LIMIT_MS = 15_000;

/** Opens the transport; `request` sends one and resolves to the message that answers it, result or error. */
export async function openWire(t, url, settings) {
  const transport = throughBridge ? bridgeTransport(url, settings) : directTransport(url, settings);
  const waiting = new Map();
  let lastId = 0;
  transport.onmessage = (message) => {
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  };
  await transport.start();
  t.after(async () => {
    await transport.close();
    transport.checkAndTidy?.();
  });
  return {
    transport,
    async request(method, params = {}) {
      const id = ++lastId;
      const answered = new Promise((resolve) => waiting.set(id, resolve));
      await transport.send({ jsonrpc: '2.0', id, method, params });
      return within(ANSWER_LIMIT_MS, answered, `an answer to ${method}`);
    },
    close: () => transport.close(),
    notify: (method, params = {}) => transport.send({ jsonrpc: '2.0', method, params }),
  };
}

export const initializeParams = (protocolVersion) => ({
  protocolVersion,
  capabilities: {},
  clientInfo: { name: 'clickflow-mcp-e2e', version: '1.0.0' },
});
