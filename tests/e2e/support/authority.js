// `oidc-provider`, an OpenID-certified authorization server: with its own sign-in and consent pages, dynamic registration,
// rotation of refresh tokens, resource indicators (RFC 8707) and revocation.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

// It warns at each start that it is set up for tests, which is so.
const isReminder = (text) => /^(\S*)oidc-provider (WARNING|NOTICE)/.test(text);
for (const level of ['info', 'warn']) {
  const write = console[level];
  console[level] = (...words) => isReminder(String(words[0])) || write(...words);
}

export const scopes = ['notes:read', 'notes:write'];

/**
 * Starts it. What may be changed at any time: `lifetime`, how many seconds the next access tokens live; `delay`, the
 * milliseconds that the token endpoint takes; and `broken`, when it answers 503.
 */
export async function startAuthority(settings = {}) {
  const http = createServer();
  await new Promise((resolve) => http.listen(settings.port ?? 0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${http.address().port}`;
  const authority = { issuer, lifetime: 3600, requests: [], secrets: new Set(), ...settings };
  Object.assign(authority, { arrivals: 0, delay: 0, broken: false });
  const provider = new Provider(issuer, {
    scopes: ['openid', 'offline_access', ...scopes],
    cookies: { keys: ['only for tests'] },
    features: {
      registration: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          scope: scopes.join(' '),
          audience: resource,
          accessTokenFormat: 'opaque',
          accessTokenTTL: authority.lifetime,
        }),
      },
    },
    clients: settings.clients ?? [],
    rotateRefreshToken: true,
    conformIdTokenClaims: false, // The address goes into the ID token.
    claims: { openid: ['sub', 'email'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@example.com` }) }),
  });
  authority.provider = provider;

  // What the server was asked, and what it gave out that nobody else may see.
  provider.use(async (context, next) => {
    const { path, method } = context;
    const grant = () => context.oidc?.params?.grant_type;
    if (path === '/token') {
      ++authority.arrivals;
      await new Promise((resolve) => setTimeout(resolve, authority.delay));
      // Whoever asked is gone: as if the request had been lost on the way here.
      if (context.req.socket.destroyed) return;
      if (authority.broken) {
        context.status = 503;
        return;
      }
    }
    await next();
    const request = { method, path, status: context.status, grant: path === '/token' ? grant() : undefined };
    request.scope = context.oidc?.params?.scope;
    request.resource = context.oidc?.params?.resource;
    authority.requests.push(request);
    if (path === '/token') {
      for (const name of ['access_token', 'refresh_token', 'id_token'])
        if (context.body?.[name]) authority.secrets.add(context.body[name]);
      for (const name of ['code', 'code_verifier'])
        if (context.oidc?.params?.[name]) authority.secrets.add(context.oidc.params[name]);
    }
    if (context.body?.registration_access_token) {
      authority.secrets.add(context.body.registration_access_token);
      authority.clientId = context.body.client_id;
    }
  });
  http.on('request', provider.callback());

  /** How many requests were made: of a path, and of a grant. */
  authority.count = (path, grant) =>
    authority.requests.filter((made) => made.path === path && (!grant || made.grant === grant)).length;
  /** How many times tokens were renewed, or it was tried. */
  authority.refreshes = () => authority.count('/token', 'refresh_token');
  /** Everything that belongs to the person's consent ends, as when they withdraw it. */
  authority.revoke = async (accessToken) => {
    const token = await provider.AccessToken.find(accessToken);
    for (const model of ['RefreshToken', 'AccessToken']) await provider[model].revokeByGrantId(token.grantId);
    await (await provider.Grant.find(token.grantId))?.destroy();
  };
  authority.deleteClient = () => provider.Client.adapter.destroy(authority.clientId);
  authority.stop = () =>
    new Promise((resolve) => {
      http.close(resolve);
      http.closeAllConnections();
    });
  return authority;
}
