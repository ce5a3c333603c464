/**
 * The way in for WebSockets: what has to be settled before a socket is handed to the protocol that its path names. It is the
 * front door once more (Host, Origin, room), then who is calling, then the path; a refusal is an ordinary HTTP answer on the
 * socket, in the same form as every other. What the protocol then says on the socket is its own business.
 *
 * A browser's cookie signs in at once; everybody else may show a token as a header, or in the first message of the protocol
 * (`SignIn.callerWithToken`), never in the address. Source: TRUST.md sections 10.1 and 11.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { LogError } from '@refold/core';
import { anyone } from './auth/caller.ts';
import type { Caller } from './auth/caller.ts';
import type { SignIn } from './auth/sign-in.ts';
import type { FrontDoor } from './front-door.ts';
import type { HttpLimits } from './http-limits.ts';
import { answerRaw } from './raw-answer.ts';

export interface Visit {
  /**
   * Counts the socket against a credential that was shown after the upgrade; one that was shown before is counted already.
   *
   * @throws LogError RATE_LIMITED `sockets` {limit}.
   */
  admit(caller: Caller): void;
  /** Aborts when the server closes; what is still open `webSocketCloseMs` later is cut. */
  readonly closing: AbortSignal;
}

/** Takes the socket over. The caller is `stranger` until he has signed in. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller, visit: Visit) => void;

export interface UpgradeOptions {
  /** Host, Origin, room and closing are judged there. */
  readonly door: Pick<FrontDoor, 'refusalOf' | 'requestIdOf'>;
  /** null: nobody has to sign in. */
  readonly signIn: SignIn | null;
  readonly limits: HttpLimits;
  /** By path, exact, without the query. */
  readonly routes: ReadonlyMap<string, UpgradeHandler>;
  /** Told about every upgrade that was refused; the route is null when the path has none. */
  readonly onRefused: (request: { readonly requestId: string; readonly method: string; readonly route: string | null }, error: unknown) => void;
}

export interface Upgrades {
  /** Ends every socket: asks first, cuts after `webSocketCloseMs`. */
  close(): Promise<void>;
}

/** Answers the upgrades of a server. Only WebSockets are upgraded; other wishes are ignored, as RFC 9110, 7.8 allows. */
export function registerUpgrades(server: Server, { door, signIn, limits, routes, onRefused }: UpgradeOptions): Upgrades {
  const room = createRoom(limits);
  const closing = new AbortController();

  async function receive(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const refusal = door.refusalOf(request);
    if (refusal !== null) throw refusal;
    const handler = routes.get(pathOf(request));
    if (handler === undefined) throw new LogError('NOT_FOUND', 'There is nothing at this address.', { details: { reason: 'route' }, hint: `WebSockets are at ${[...routes.keys()].join(' and ')}.` });
    const leave = room.enter(socket);
    const caller = signIn === null ? anyone : await signIn.callerOf(request);
    // A page always says where it is from; a cookie without that was not sent by one (bad-input I1).
    if (caller.byCookie && request.headers.origin === undefined) throw new LogError('ORIGIN_NOT_ALLOWED', 'A cookie came without the Origin of its page.', { details: { reason: 'origin' }, hint: 'Connect from a page of this server, or show a token.' });
    leave.countAgainst(caller);
    if (socket.destroyed) return;
    handler(request, socket, head, caller, { admit: leave.countAgainst, closing: closing.signal });
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Until the protocol listens, a socket that breaks must not end the process.
    socket.on('error', () => socket.destroy());
    receive(request, socket, head).catch((error: unknown) => {
      const requestId = door.requestIdOf(request);
      const path = pathOf(request);
      onRefused({ requestId, method: request.method ?? '', route: routes.has(path) ? path : null }, error);
      if (socket.writable) answerRaw(socket, error, requestId);
    });
  });

  return {
    async close() {
      closing.abort();
      await room.empty(limits.webSocketCloseMs);
    },
  };
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0]!;

interface Room {
  /** Lets a socket in, and out when it closes. @throws LogError LOG_UNAVAILABLE `sockets` when the room is full. */
  enter(socket: Duplex): { countAgainst(caller: Caller): void };
  /** Waits until everybody has gone, and cuts who has not after so many milliseconds. */
  empty(afterMs: number): Promise<void>;
}

function createRoom({ webSocketsMax, webSocketsPerCredentialMax }: HttpLimits): Room {
  const inside = new Set<Duplex>();
  const perCredential = new Map<string, number>();
  let onEmpty = (): void => undefined;

  return {
    enter(socket) {
      if (inside.size >= webSocketsMax) throw new LogError('LOG_UNAVAILABLE', 'Too many WebSockets are open.', { details: { reason: 'sockets', limit: webSocketsMax }, hint: 'Close those that are not used, and try again.' });
      let counted: string | null = null;
      inside.add(socket);
      socket.once('close', () => {
        inside.delete(socket);
        if (counted !== null) perCredential.set(counted, perCredential.get(counted)! - 1);
        if (counted !== null && perCredential.get(counted) === 0) perCredential.delete(counted);
        if (inside.size === 0) onEmpty();
      });
      return {
        countAgainst({ credential }) {
          if (credential === null || counted !== null || socket.destroyed) return;
          const open = perCredential.get(credential) ?? 0;
          if (open >= webSocketsPerCredentialMax) throw new LogError('RATE_LIMITED', 'Too many WebSockets are open with this credential.', { details: { reason: 'sockets', limit: webSocketsPerCredentialMax }, hint: 'Close those that are not used; one carries many subscriptions.' });
          perCredential.set(credential, open + 1);
          counted = credential;
        },
      };
    },
    async empty(afterMs) {
      if (inside.size === 0) return;
      const impatient = setTimeout(() => inside.forEach((socket) => socket.destroy()), afterMs);
      await new Promise<void>((resolve) => (onEmpty = resolve));
      clearTimeout(impatient);
    },
  };
}
