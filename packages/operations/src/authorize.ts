/** The one check that stands in front of every operation, whatever door it is called through. Source: TRUST.md section 10.2. */
import { LogError } from '@refold/core';
import type { AnyOperation, CallTerms, Operation, OperationContext, Scope } from './define.ts';

/**
 * @throws LogError UNAUTHENTICATED when nobody has signed in; FORBIDDEN `scope` {scope} when somebody has who may not.
 */
export function authorize(scope: Scope, { access, principal }: Pick<OperationContext, 'access' | 'principal'>): void {
  if (scope === 'none' || access === undefined || access.scopes.has(scope)) return;
  if (principal === undefined) throw unauthenticated();
  throw new LogError('FORBIDDEN', `This needs the scope "${scope}".`, { details: { reason: 'scope', scope }, hint: 'Ask whoever manages access for a role that has it.' });
}

/** Whether he may make any call of it; before his input is looked at. @throws LogError as `authorize`. */
export function authorizeAny({ scope, dryRun, alsoNeeds }: Pick<AnyOperation, 'scope' | 'dryRun' | 'alsoNeeds'>, context: Pick<OperationContext, 'access' | 'principal'>): void {
  if (dryRun === undefined || !has(context, dryRun.scope)) authorize(scope, context);
  if (alsoNeeds !== undefined) authorize(alsoNeeds, context);
}

/**
 * What only the input can tell: whether a dry run is asked for, and whether the streams are the caller's own. Who may do it may
 * look at it first.
 *
 * @throws LogError as `authorize`; FORBIDDEN `stream_prefix` {streamPrefix}, whether the stream exists or not.
 */
export function authorizeCall<I>({ name, scope, streamsOf }: Pick<Operation<I>, 'name' | 'scope' | 'streamsOf'>, context: OperationContext, input: I, terms: CallTerms): void {
  if (!has(context, scope)) authorize(terms.scope, context);
  const prefix = context.access?.streamPrefix;
  if (prefix === undefined || scope === 'none') return;
  if (streamsOf === undefined) throw held(`${name} is about streams of others, too`, prefix);
  if (!streamsOf(input).every((stream) => stream.startsWith(prefix))) throw held('This stream is not one of yours', prefix);
}

const has = ({ access }: Pick<OperationContext, 'access'>, scope: Scope): boolean => scope !== 'none' && access?.scopes.has(scope) === true;

/** One text for every way a credential can be wrong: who guesses learns nothing from it (bad-input G5). */
export const unauthenticated = (): LogError =>
  new LogError('UNAUTHENTICATED', 'Nobody is signed in, or the credential is not valid.', { details: { reason: 'credential' }, hint: 'Send a valid token as Authorization: Bearer; on this machine the CLI does so by itself.' });

const held = (what: string, streamPrefix: string): LogError =>
  new LogError('FORBIDDEN', `${what}.`, { details: { reason: 'stream_prefix', streamPrefix }, hint: `Name a stream that begins with ${streamPrefix}.` });
