/**
 * Who is calling: the credentials of a request, judged once, before its route. Three kinds are known: the token of this machine
 * (a file that only its owner reads), API keys, and JWTs of a configured issuer; a browser on this machine has a cookie, for
 * which it exchanged a one-time link. What the caller may then do is decided where operations are run, for every door alike.
 * Source: TRUST.md section 10.1.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { LogError } from '@refold/core';
import type { Log } from '@refold/core';
import { auditOf, findApiKey, hashOfKeyText, idOfKeyText, isUsable, noteUseOfApiKey, roles, unauthenticated } from '@refold/operations';
import type { StoredApiKey } from '@refold/operations';
import { stranger } from './caller.ts';
import type { Caller } from './caller.ts';
import { createFailedLogins } from './failed-logins.ts';
import type { JwtVerifier } from './jwt.ts';
import { createPageSessions } from './page-sessions.ts';

export interface SignInOptions {
  readonly log: Log;
  /** The token of this machine; taken from its own connections only, never through a proxy. */
  readonly localToken: string;
  readonly jwt?: JwtVerifier;
  /** Requests come through a proxy that speaks TLS to the world and says in X-Forwarded-For for whom. */
  readonly isBehindProxy?: boolean;
  /** Per address; default 10. */
  readonly failedLoginsPerMinute?: number;
}

export interface SignIn {
  readonly isBehindProxy: boolean;
  /**
   * @returns `stranger` when there is no credential; he may do what needs no sign-in.
   * @throws LogError UNAUTHENTICATED, the same for every credential that is not valid; RATE_LIMITED `logins`; FORBIDDEN `csrf`.
   */
  callerOf(request: IncomingMessage): Promise<Caller>;
  /**
   * The same for a token that was shown later, in the first message on a WebSocket that the request opened.
   *
   * @throws LogError UNAUTHENTICATED, RATE_LIMITED `logins`.
   */
  callerWithToken(request: IncomingMessage, token: string): Promise<Caller>;
  /** Path and query of a link that signs a browser in, once, within a minute. */
  newLink(): string;
  /**
   * Exchanges the code of a link.
   *
   * @returns the value of Set-Cookie.
   * @throws LogError UNAUTHENTICATED, RATE_LIMITED.
   */
  redeem(request: IncomingMessage, code: string): string;
}

/** What a page sends with everything that changes something; a form of another site cannot. */
export const csrfHeader = 'x-refold-csrf';

/** Name of the credential of whoever owns this machine: its token, and the cookies that links made of it give. */
export const ownerCredential = 'local';

export function createSignIn({ log, localToken, jwt, isBehindProxy = false, failedLoginsPerMinute = 10 }: SignInOptions): SignIn {
  const { clock, hasher } = log.ports;
  const failedLogins = createFailedLogins(clock, failedLoginsPerMinute);
  const pages = createPageSessions(clock);
  const recordedUntil = new Map<string, number>();
  const localTokenHash = hash('sha256', localToken, 'buffer');
  // The owner of this machine can do anything to the log's files anyway, and the commands that he types name their actor.
  const local: Caller = { identity: { principal: { type: 'user', id: ownerCredential }, access: { scopes: new Set(roles.admin) } }, credential: ownerCredential, byCookie: false, isStillValid: async () => true };

  const isOfThisMachine = ({ socket, headers }: IncomingMessage): boolean => isLoopbackAddress(socket.remoteAddress) && headers['x-forwarded-for'] === undefined && headers.forwarded === undefined;

  function addressOf({ socket, headers }: IncomingMessage): string {
    const forwarded = isBehindProxy ? headers['x-forwarded-for'] : undefined;
    // The last entry is the proxy's own word; those before it are the client's.
    return (typeof forwarded === 'string' ? forwarded.split(',').at(-1)!.trim() : undefined) ?? socket.remoteAddress ?? '';
  }

  function refuse(request: IncomingMessage): never {
    const from = addressOf(request);
    auditOf(log)?.recordSome('access.sign_in_failed', nobodyKnown, from, { from });
    failedLogins.count(from);
    throw unauthenticated();
  }

  /** A credential that is used all the time is on record once in an hour. */
  function cameIn(caller: Caller): Caller {
    const { credential, identity } = caller;
    if (credential === null || (recordedUntil.get(credential) ?? 0) > clock.now()) return caller;
    recordedUntil.delete(credential);
    if (recordedUntil.size >= credentialsMax) recordedUntil.delete(recordedUntil.keys().next().value!);
    recordedUntil.set(credential, clock.now() + recordedForMs);
    auditOf(log)?.recordSome('access.signed_in', identity.principal ?? nobodyKnown, credential, { credential });
    return caller;
  }

  async function bearerOf(request: IncomingMessage, token: string): Promise<Caller | null> {
    if (isOfThisMachine(request) && timingSafeEqual(hash('sha256', token, 'buffer'), localTokenHash)) return local;
    if (token.startsWith('refold_')) return await callerOfKey(token);
    return jwt === undefined ? null : await callerOfJwt(jwt, token);
  }

  async function callerOfKey(token: string): Promise<Caller | null> {
    const id = idOfKeyText(token, hasher);
    const key = id === null ? null : await findApiKey(log, id);
    // Compared also when there is none, so that both take the same time.
    const isRight = timingSafeEqual(Buffer.from(hashOfKeyText(token, hasher), 'hex'), Buffer.from(key?.hash ?? noHash, 'hex'));
    if (key === null || !isRight || !isUsable(key, clock.now())) return null;
    await noteUseOfApiKey(log, key);
    return { ...callerWith(key), isStillValid: async () => isSameAndUsable(await findApiKey(log, key.id), clock.now()) };
  }

  async function callerOfJwt(verifier: JwtVerifier, token: string): Promise<Caller | null> {
    const found = await verifier.verify(token);
    if (found === null) return null;
    const { principal, access, expiresAtMs } = found;
    return { identity: { principal, access }, credential: `jwt ${principal.type}:${principal.id}`, byCookie: false, isStillValid: async () => clock.now() < expiresAtMs };
  }

  return {
    isBehindProxy,
    async callerOf(request) {
      const { authorization } = request.headers;
      if (authorization !== undefined) {
        const token = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization)?.[1];
        return cameIn((token === undefined ? null : await bearerOf(request, token)) ?? refuse(request));
      }
      const session = cookieOf(request);
      // A cookie that has run out is no attempt at anything: the page asks for a new link.
      if (session === undefined || !pages.isOpen(session)) return stranger;
      refuseForgery(request);
      return { ...local, byCookie: true, isStillValid: async () => pages.isOpen(session) };
    },
    callerWithToken: async (request, token) => (await bearerOf(request, token)) ?? refuse(request),
    newLink: () => `/?ott=${pages.newCode()}`,
    redeem(request, code) {
      const session = pages.redeem(code) ?? refuse(request);
      cameIn(local);
      return `${cookieName(request)}=${session}; HttpOnly; SameSite=Strict; Path=/${isBehindProxy || isEncrypted(request) ? '; Secure' : ''}`;
    },
  };
}

const noHash = '00'.repeat(32);
const nobodyKnown = { type: 'unknown', id: 'stranger' } as const;

const recordedForMs = 3_600_000;
const credentialsMax = 10_000;

const callerWith = ({ id, actor, scopes, streamPrefix }: StoredApiKey): Omit<Caller, 'isStillValid'> => ({
  identity: { principal: actor, access: { scopes: new Set(scopes), ...(streamPrefix === null ? {} : { streamPrefix }) } },
  credential: `key ${id}`,
  byCookie: false,
});

const isSameAndUsable = (key: StoredApiKey | null, now: number): boolean => key !== null && isUsable(key, now);

const isLoopbackAddress = (address: string | undefined): boolean => address === '::1' || /^(?:::ffff:)?127\./.test(address ?? '');

const isEncrypted = ({ socket }: IncomingMessage): boolean => 'encrypted' in socket && socket.encrypted === true;

/** Cookies do not know ports, and two servers on one machine must not sign each other out. */
const cookieName = ({ socket }: IncomingMessage): string => `refold_${socket.localPort ?? 0}`;

const cookieOf = (request: IncomingMessage): string | undefined => {
  const name = `${cookieName(request)}=`;
  return request.headers.cookie?.split('; ').find((pair) => pair.startsWith(name))?.slice(name.length);
};

/** The guard has held a foreign Origin back already; here it must be there, and the header that no form can send. */
function refuseForgery({ method, headers }: IncomingMessage): void {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return;
  if (headers.origin !== undefined && headers[csrfHeader] !== undefined) return;
  throw new LogError('FORBIDDEN', 'A page changes something only when it says so itself.', { details: { reason: 'csrf' }, hint: `Send the header ${csrfHeader}: 1 from a page of this server.` });
}
