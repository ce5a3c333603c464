/**
 * What is said between a client and the channels: who he is, and what he listens to. The way of an event: log -> operation ->
 * frames -> room in the socket.
 */
import type { IncomingMessage } from 'node:http';
import { LogError } from '@refold/core';
import type { Head, Log } from '@refold/core';
import { runStreamInBatches, unauthenticated } from '@refold/operations';
import type { OperationContext } from '@refold/operations';
import { stranger } from '../auth/caller.ts';
import type { Caller } from '../auth/caller.ts';
import type { Rates } from '../auth/rates.ts';
import type { SignIn } from '../auth/sign-in.ts';
import type { HttpLimits } from '../http-limits.ts';
import type { FrameView, SharedFrames } from '../shared-frames.ts';
import { started } from '../started-stream.ts';
import type { Visit } from '../upgrades.ts';
import type { Channel, Channels, Positioned } from './channels.ts';
import type { ClientMessage, Follow, Subscribe } from './client-message.ts';
import { closing } from './closing.ts';
import type { Outbox } from './outbox.ts';
import { startSubscription } from './subscription.ts';
import type { Subscription } from './subscription.ts';
import { textFrame } from '../text-frame.ts';

export interface ConversationParts {
  readonly log: Log;
  readonly channels: Channels;
  readonly http: HttpLimits;
  readonly frames: SharedFrames;
  /** null: nobody has to sign in. */
  readonly signIn: SignIn | null;
  /** null: nobody is held to a rate. */
  readonly rates: Rates | null;
  readonly contextOf: (caller: Caller, signal: AbortSignal) => OperationContext;
}

/** One way of showing an item; equal keys show the same. */
export interface ItemView {
  readonly key: string;
  readonly view: (item: unknown) => unknown;
}

/** Who has come, and how he wants to be shown what he listens to. */
export interface Visitor {
  readonly request: IncomingMessage;
  readonly caller: Caller;
  readonly visit: Visit;
  /** In the dialect that is named; default: that of the socket. @throws LogError BAD_REQUEST `dialect`. */
  readonly spellingIn: (dialect?: string) => ItemView;
}

/** The connection that it is held over. */
export interface Line {
  readonly outbox: Outbox;
  /** Aborts when the connection has ended, and its subscriptions with it. */
  readonly ended: AbortSignal;
  /** Says what went wrong, with a subscription or with all. */
  readonly tell: (thrown: unknown, name?: object) => void;
  readonly onSignedIn: () => void;
}

export interface Conversation {
  readonly subscriptions: Iterable<Subscription>;
  /** Does what a message asks for. @throws LogError for a wish that is refused, ClosingFault for what ends the connection. */
  take(message: ClientMessage): Promise<void>;
  /** @throws ClosingFault when the credential is not valid any more. */
  assertStillValid(): Promise<void>;
}

interface Beginning {
  readonly name: Subscription['name'];
  readonly found: Pick<Channel, 'operation' | 'item'>;
  readonly head: Head;
  /** null: as the input says. */
  readonly from: number | null;
  readonly input: object;
  readonly spelling: ItemView;
}

export function createConversation({ request, caller: came, visit, spellingIn }: Visitor, { log, channels, http, frames, signIn, rates, contextOf }: ConversationParts, { outbox, ended, tell, onSignedIn }: Line): Conversation {
  const subscriptions = new Map<string, Subscription>();
  let caller = came;

  async function take(message: ClientMessage): Promise<void> {
    if (message.op === 'auth') return await signInWith(message.token);
    if (caller === stranger) throw closing('unauthenticated', unauthenticated());
    switch (message.op) {
      case 'ping':
        return outbox.send({ op: 'pong' });
      case 'unsubscribe':
        return unsubscribe(message.id ?? message.channel ?? '');
      case 'subscribe':
        return await subscribe(message);
      case 'follow':
        return await follow(message);
    }
  }

  async function signInWith(token: string): Promise<void> {
    if (signIn !== null)
      try {
        const shown = await signIn.callerWithToken(request, token);
        visit.admit(shown);
        caller = shown;
      } catch (error) {
        if (!(error instanceof LogError)) throw error;
        throw closing(error.code === 'RATE_LIMITED' ? 'limited' : 'unauthenticated', error);
      }
    onSignedIn();
    outbox.send({ op: 'authenticated' });
  }

  async function subscribe({ channel, id, afterPosition, epoch, filter = {} }: Subscribe): Promise<void> {
    await admit(id ?? channel);
    const found = channels.find(channel);
    const name = { channel, ...(id === undefined ? {} : { id }) };
    const head = await log.head();
    if ((epoch !== undefined && epoch !== head.epoch) || (afterPosition ?? 0) > head.position) return outbox.send({ op: 'error', code: 'RESYNC_REQUIRED', ...name, cursor: head.position, epoch: head.epoch, hint: 'This log has no such place. Read anew what you show, then subscribe after the cursor.' });
    const from = afterPosition ?? head.position;
    await begin({ name, found, head, from, input: inputOf(found, filter, found.item === 'event' ? from : afterPosition), spelling: spellingIn() });
  }

  /** Who follows by name compares epochs himself, as over any other door. */
  async function follow({ id, operation, input = {}, afterPosition, dialect }: Follow): Promise<void> {
    await admit(id);
    const head = await log.head();
    const found = channels.ofOperation(operation);
    const isFromNow = found.item === 'event' && input['afterPosition'] === undefined && input['fromStart'] !== true;
    const from = afterPosition ?? (isFromNow ? head.position : null);
    await begin({ name: { id }, found, head, from, input: { ...input, ...(from === null ? {} : { afterPosition: from }) }, spelling: spellingIn(dialect) });
  }

  async function admit(id: string): Promise<void> {
    await assertStillValid();
    if (subscriptions.has(id)) throw closing('duplicate', new LogError('DUPLICATE_ID', `There is a subscription "${id.slice(0, 128)}" already.`, { details: { reason: 'subscription' }, hint: 'Give each subscription an id of its own.' }));
    if (subscriptions.size >= http.webSocketSubscriptionsMax) throw new LogError('RATE_LIMITED', 'Too many subscriptions are open on this connection.', { details: { reason: 'subscriptions', limit: http.webSocketSubscriptionsMax }, hint: 'Unsubscribe from some, or listen to a wider channel.' });
    if (caller.credential !== null) rates?.take(caller.credential, 'queries');
  }

  async function begin({ name, found, head, from, input, spelling }: Beginning): Promise<void> {
    const id = name.id ?? name.channel ?? '';
    const stop = new AbortController();
    ended.addEventListener('abort', () => stop.abort(), { signal: stop.signal });
    const listening = Promise.withResolvers<void>();
    const batches = runStreamInBatches(found.operation, { ...contextOf(caller, stop.signal), onListening: listening.resolve }, input);
    const stream = await started(batches, listening.promise);
    outbox.send({ op: 'subscribed', ...name, ...(from === null ? {} : { position: from }), epoch: head.epoch });
    if (from !== null && from < head.position) outbox.send({ op: 'missed', ...name, afterPosition: from, toPosition: head.position });
    const subscription = startSubscription({ name, from: from ?? 0, stream, view: viewOf(found, name, spelling), frames, outbox, stop });
    subscriptions.set(id, subscription);
    void subscription.done
      .then(
        (isOver) => isOver && outbox.send({ op: 'complete', ...name }),
        (error: unknown) => tell(error, name),
      )
      .finally(() => subscriptions.get(id) === subscription && subscriptions.delete(id));
  }

  function viewOf({ item }: Pick<Channel, 'item'>, name: Subscription['name'], spelling: ItemView): FrameView<Positioned> {
    return { key: JSON.stringify(['ws', spelling.key, name]), frameOf: (one) => textFrame(JSON.stringify({ op: item, ...name, position: one.position, [item]: spelling.view(one) })) };
  }

  function unsubscribe(id: string): void {
    const subscription = subscriptions.get(id);
    if (subscription === undefined) throw new LogError('NOT_FOUND', `There is no subscription "${id.slice(0, 128)}".`, { details: { reason: 'subscription' }, hint: 'Name the channel, or the id that was given with it.' });
    subscription.stop();
    subscriptions.delete(id);
    outbox.send({ op: 'unsubscribed', ...subscription.name });
  }

  async function assertStillValid(): Promise<void> {
    if (!(await caller.isStillValid())) throw closing('unauthenticated', unauthenticated());
  }

  return { subscriptions: { [Symbol.iterator]: () => subscriptions.values() }, take, assertStillValid };
}

/** The channel says what is listened to, the filter what of it, and each in its own words. */
function inputOf({ input }: Channel, filter: { readonly [name: string]: unknown }, afterPosition: number | undefined): object {
  const own = { ...input, ...(afterPosition === undefined ? {} : { afterPosition }) };
  const taken = Object.keys(filter).find((name) => Object.hasOwn(own, name) || name === 'fromStart');
  if (taken !== undefined) throw new LogError('BAD_REQUEST', `The channel says what "${taken}" is.`, { details: { reason: 'ambiguous', pointer: `/filter/${taken}` }, hint: 'Leave it out of the filter, or choose another channel.' });
  return { ...filter, ...own };
}
