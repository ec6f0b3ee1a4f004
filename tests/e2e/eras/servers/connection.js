// What a feature can know of the HTTP exchange that its request came in, and do to it.
import { AsyncLocalStorage } from 'node:async_hooks';
import { say } from './features.js';

const exchanges = new AsyncLocalStorage();

/** Makes an HTTP listener one whose work may call what is below. It says which methods were asked for in a header. */
export const noting = (listen) => (request, response) => {
  const method = request.headers['mcp-method'];
  if (method) say(`asked for ${method}`);
  return exchanges.run(request, () => listen(request, response));
};

export const hangUp = () => exchanges.getStore().socket.destroy();

/** The revision that the request names in its header. */
export const revision = () => exchanges.getStore().headers['mcp-protocol-version'];
