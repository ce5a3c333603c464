/** What the door needs of the server it is in, over HTTP and on a WebSocket alike. */
import type { Log } from '@refold/core';
import type { Operation, OperationContext } from '@refold/operations';
import type { Caller } from '../auth/caller.ts';
import type { Rates } from '../auth/rates.ts';
import type { SignIn } from '../auth/sign-in.ts';
import type { HttpLimits } from '../http-limits.ts';

export interface GraphqlOptions {
  readonly log: Log;
  readonly http: HttpLimits;
  /** null: nobody has to sign in. */
  readonly signIn: SignIn | null;
  /** null: nobody is held to a rate. */
  readonly rates: Rates | null;
  /** What the operations of this caller work on. */
  readonly contextOf: (caller: Caller) => OperationContext;
}

export const graphqlPath = '/graphql';

/** Beyond this machine requests come through a proxy (listen.ts), and then the schema is not told. */
export const isOnNetwork = ({ signIn }: Pick<GraphqlOptions, 'signIn'>): boolean => signIn?.isBehindProxy ?? false;

/** A request counts once, and each append in it for what it writes. */
export const counterOf = ({ rates }: GraphqlOptions, { credential }: Caller): ((operation: Pick<Operation, 'scope'>, input: object) => void) => {
  if (rates === null || credential === null) return () => undefined;
  rates.take(credential, 'queries');
  return ({ scope }, input) => {
    if (scope !== 'append') return;
    rates.take(credential, 'appends');
    if ('events' in input && Array.isArray(input.events)) rates.take(credential, 'events', input.events.length);
  };
};
