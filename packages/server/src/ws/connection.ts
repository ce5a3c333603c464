/**
 * One client on a channel socket: who he is, what he listens to, and how much he may ask. His messages are taken one after the
 * other. What is wrong with a message is said in an `error` frame; what makes a connection not worth keeping also closes it
 * (closing.ts). The way of an event: log -> operation -> frames -> room in the socket.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { LogError } from '@refold/core';
import type { Log } from '@refold/core';
import { runStreamInBatches, unauthenticated } from '@refold/operations';
import type { OperationContext } from '@refold/operations';
import type { WebSocket } from 'ws';
import { stranger } from '../auth/caller.ts';
import type { Caller } from '../auth/caller.ts';
import type { Rates } from '../auth/rates.ts';
import type { SignIn } from '../auth/sign-in.ts';
import type { HttpLimits } from '../http-limits.ts';
import type { Problem } from '../problem.ts';
import type { FrameView, SharedFrames } from '../shared-frames.ts';
import { started } from '../started-stream.ts';
import type { Visit } from '../upgrades.ts';
import type { Channel, Channels, Positioned } from './channels.ts';
import { readClientMessage } from './client-message.ts';
import type { ClientMessage, Subscribe } from './client-message.ts';
import { ClosingFault, closeCodes, closing } from './closing.ts';
import type { ClosingReason } from './closing.ts';
import { createMessageBudget } from './message-budget.ts';
import { createOutbox } from './outbox.ts';
import { startSubscription } from './subscription.ts';
import type { Subscription } from './subscription.ts';
import { textFrame } from './text-frame.ts';

export interface ConnectionParts {
  readonly log: Log;
  readonly channels: Channels;
  readonly http: HttpLimits;
  readonly frames: SharedFrames;
  /** null: nobody has to sign in. */
  readonly signIn: SignIn | null;
  /** null: nobody is held to a rate. */
  readonly rates: Rates | null;
  readonly contextOf: (caller: Caller, signal: AbortSignal) => OperationContext;
  /** Writes the line about what failed, and says what the client is told. */
  readonly problemOf: (thrown: unknown, request: IncomingMessage) => Problem;
}

/** Who has come, and how he wants to be shown what he listens to. */
export interface Visitor {
  readonly request: IncomingMessage;
  readonly caller: Caller;
  readonly visit: Visit;
  readonly spelling: { readonly key: string; readonly view: (item: unknown) => unknown };
}

export function serveConnection(ws: WebSocket, socket: Duplex, { request, caller: came, visit, spelling }: Visitor, { log, channels, http, frames, signIn, rates, contextOf, problemOf }: ConnectionParts): void {
  const subscriptions = new Map<string, Subscription>();
  const ended = new AbortController();
  const budget = createMessageBudget(log.ports.clock, http.webSocketMessagesPerSecond);
  const outbox = createOutbox(ws, socket, { stallMs: http.webSocketStallMs, onStalled: letGo });
  let caller = came;
  let isAlive = true;

  /* ---- Messages ---- */

  async function receive(data: Buffer, isBinary: boolean): Promise<void> {
    if (data.length > http.webSocketFrameBytesMax) throw closing('tooLarge', new LogError('TOO_LARGE', `The message is larger than ${http.webSocketFrameBytesMax} bytes.`, { details: { reason: 'message', limit: http.webSocketFrameBytesMax }, hint: 'Ask for less at once.' }));
    const message = readClientMessage(data, isBinary);
    const { channel, id } = { channel: undefined, id: undefined, ...message };
    await handle(message).catch((error: unknown) => tell(error, { channel, id }));
  }

  async function handle(message: ClientMessage): Promise<void> {
    if (message.op === 'auth') return await signInWith(message.token);
    if (caller === stranger) throw closing('unauthenticated', unauthenticated());
    switch (message.op) {
      case 'ping':
        return outbox.send({ op: 'pong' });
      case 'unsubscribe':
        return unsubscribe(message.id ?? message.channel ?? '');
      case 'subscribe':
        return await subscribe(message);
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
    clearTimeout(impatient);
    outbox.send({ op: 'authenticated' });
  }

  async function subscribe({ channel, id: given, afterPosition, epoch, filter = {} }: Subscribe): Promise<void> {
    await assertStillValid();
    const name = { channel, ...(given === undefined ? {} : { id: given }) };
    const id = given ?? channel;
    if (subscriptions.has(id)) throw closing('duplicate', new LogError('DUPLICATE_ID', `There is a subscription "${id.slice(0, 128)}" already.`, { details: { reason: 'subscription' }, hint: 'Give each subscription an id of its own.' }));
    if (subscriptions.size >= http.webSocketSubscriptionsMax) throw new LogError('RATE_LIMITED', 'Too many subscriptions are open on this connection.', { details: { reason: 'subscriptions', limit: http.webSocketSubscriptionsMax }, hint: 'Unsubscribe from some, or listen to a wider channel.' });
    if (caller.credential !== null) rates?.take(caller.credential, 'queries');
    const found = channels.find(channel);
    const head = await log.head();
    if ((epoch !== undefined && epoch !== head.epoch) || (afterPosition ?? 0) > head.position) return outbox.send({ op: 'error', code: 'RESYNC_REQUIRED', ...name, cursor: head.position, epoch: head.epoch, hint: 'This log has no such place. Read anew what you show, then subscribe after the cursor.' });

    const from = afterPosition ?? head.position;
    const stop = new AbortController();
    const stream = await started(runStreamInBatches(found.operation, contextOf(caller, stop.signal), inputOf(found, filter, found.item === 'event' ? from : afterPosition)));
    outbox.send({ op: 'subscribed', ...name, position: from, epoch: head.epoch });
    if (from < head.position) outbox.send({ op: 'missed', ...name, afterPosition: from, toPosition: head.position });
    const subscription = startSubscription({ name, from, stream, view: viewOf(found, name), frames, outbox, stop });
    subscriptions.set(id, subscription);
    void subscription.done
      .then(
        (isOver) => isOver && outbox.send({ op: 'complete', ...name }),
        (error: unknown) => tell(error, name),
      )
      .finally(() => subscriptions.get(id) === subscription && subscriptions.delete(id));
  }

  function viewOf({ item }: Channel, name: Subscription['name']): FrameView<Positioned> {
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

  /* ---- Refusals and the end ---- */

  function tell(thrown: unknown, name: object = {}): void {
    if (ended.signal.aborted) return;
    const { code, detail, details, hint, requestId, retryable } = problemOf(thrown instanceof ClosingFault ? thrown.fault : thrown, request);
    outbox.send({ op: 'error', code, ...name, detail, details, ...(hint === undefined ? {} : { hint }), requestId, retryable });
    if (thrown instanceof ClosingFault) close(thrown.reason, code);
  }

  /** The client reads nothing: it is told where to go on, should it ever look, and its subscriptions end. */
  function letGo(): void {
    for (const { name, position } of subscriptions.values()) outbox.send({ op: 'error', code: 'RESYNC_REQUIRED', ...name, cursor: position, hint: 'You did not read what you were sent. Connect again, and subscribe after the cursor.' });
    close('slow', 'RESYNC_REQUIRED');
  }

  function close(reason: ClosingReason, text: string): void {
    end();
    ws.close(closeCodes[reason], text);
  }

  function end(): void {
    ended.abort();
    clearTimeout(impatient);
    clearInterval(heartbeat);
    clearInterval(recheck);
    for (const subscription of subscriptions.values()) subscription.stop();
    outbox.close();
  }

  /* ---- The socket ---- */

  let last: Promise<unknown> = Promise.resolve();
  let isOverBudget = false;
  const inTurn = (work: () => unknown): void => void (last = last.then(() => (ended.signal.aborted ? undefined : work())).catch(tell));

  /** True when the client may say this; else it hears so after the answers that are due to it, and nothing is taken any more. */
  function mayStillSay(): boolean {
    isAlive = true;
    if (isOverBudget || budget.take()) return !isOverBudget;
    isOverBudget = true;
    inTurn(() => tell(closing('limited', new LogError('RATE_LIMITED', `More than ${http.webSocketMessagesPerSecond} messages in a second.`, { details: { reason: 'messages', limit: http.webSocketMessagesPerSecond }, hint: 'Send fewer; one subscription carries any number of events.' }))));
    return false;
  }

  ws.on('message', (data: Buffer, isBinary) => void (mayStillSay() && inTurn(() => receive(data, isBinary))));
  // Answers to pings are answers, too; nobody may fill the outbox with them.
  ws.on('ping', (data: Buffer) => void (mayStillSay() && ws.pong(data)));
  ws.on('pong', () => void (isAlive = true));
  // The library closes after a breach of the protocol by itself; there is nothing to add.
  ws.on('error', () => undefined);
  ws.once('close', end);
  visit.closing.addEventListener('abort', () => close('goingAway', 'the server is closing'), { signal: ended.signal });

  const impatient = caller === stranger ? setTimeout(() => tell(closing('initTimeout', unauthenticated())), http.webSocketInitMs) : undefined;
  const recheck = setInterval(() => inTurn(assertStillValid), http.credentialRecheckMs);
  const heartbeat = setInterval(() => {
    if (!isAlive) return ws.terminate();
    isAlive = false;
    ws.ping();
  }, http.webSocketPingMs);
}

/** The channel says what is listened to, the filter what of it, and each in its own words. */
function inputOf({ input }: Channel, filter: { readonly [name: string]: unknown }, afterPosition: number | undefined): object {
  const own = { ...input, ...(afterPosition === undefined ? {} : { afterPosition }) };
  const taken = Object.keys(filter).find((name) => Object.hasOwn(own, name) || name === 'fromStart');
  if (taken !== undefined) throw new LogError('BAD_REQUEST', `The channel says what "${taken}" is.`, { details: { reason: 'ambiguous', pointer: `/filter/${taken}` }, hint: 'Leave it out of the filter, or choose another channel.' });
  return { ...filter, ...own };
}
