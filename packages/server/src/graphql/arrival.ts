/** A socket that was let in to be a GraphQL WebSocket, and what is known about who opened it. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Caller } from '../auth/caller.ts';
import type { Visit } from '../upgrades.ts';

export interface Arrival {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly caller: Caller;
  readonly visit: Visit;
}
