/**
 * One client on a channel socket, from its first message to its end. His messages are taken one after the other. What is wrong with
 * one is said in an `error` frame; what makes the connection not worth keeping also closes it (closing.ts).
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { LogError } from '@refold/core';
import { unauthenticated } from '@refold/operations';
import type { WebSocket } from 'ws';
import { stranger } from '../auth/caller.ts';
import type { Problem } from '../problem.ts';
import { readClientMessage } from './client-message.ts';
import { ClosingFault, closeCodes, closing } from './closing.ts';
import type { ClosingReason } from './closing.ts';
import { createConversation } from './conversation.ts';
import type { ConversationParts, Visitor } from './conversation.ts';
import { createMessageBudget } from './message-budget.ts';
import { createOutbox } from './outbox.ts';

export interface ConnectionParts extends ConversationParts {
  /** Writes the line about what failed, and says what the client is told. */
  readonly problemOf: (thrown: unknown, request: IncomingMessage) => Problem;
}

export function serveConnection(ws: WebSocket, socket: Duplex, visitor: Visitor, parts: ConnectionParts): void {
  const { http, log, problemOf } = parts;
  const { request, caller, visit } = visitor;
  const ended = new AbortController();
  const budget = createMessageBudget(log.ports.clock, http.webSocketMessagesPerSecond);
  const outbox = createOutbox(ws, socket, { stallMs: http.webSocketStallMs, onStalled: letGo });
  const conversation = createConversation(visitor, parts, { outbox, ended: ended.signal, tell, onSignedIn: () => clearTimeout(impatient) });
  let isAlive = true;

  /* ---- Refusals and the end ---- */

  function tell(thrown: unknown, name: object = {}): void {
    if (ended.signal.aborted) return;
    const { code, detail, details, hint, requestId, retryable } = problemOf(thrown instanceof ClosingFault ? thrown.fault : thrown, request);
    outbox.send({ op: 'error', code, ...name, detail, details, ...(hint === undefined ? {} : { hint }), requestId, retryable });
    if (thrown instanceof ClosingFault) close(thrown.reason, code);
  }

  /** The client reads nothing: it is told where to go on, should it ever look, and its subscriptions end. */
  function letGo(): void {
    for (const { name, position } of conversation.subscriptions) outbox.send({ op: 'error', code: 'RESYNC_REQUIRED', ...name, cursor: position, hint: 'You did not read what you were sent. Connect again, and subscribe after the cursor.' });
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
    outbox.close();
  }

  /* ---- What comes ---- */

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

  async function receive(data: Buffer, isBinary: boolean): Promise<void> {
    if (data.length > http.webSocketFrameBytesMax) throw closing('tooLarge', new LogError('TOO_LARGE', `The message is larger than ${http.webSocketFrameBytesMax} bytes.`, { details: { reason: 'message', limit: http.webSocketFrameBytesMax }, hint: 'Ask for less at once.' }));
    const message = readClientMessage(data, isBinary);
    const { channel, id } = { channel: undefined, id: undefined, ...message };
    await conversation.take(message).catch((error: unknown) => tell(error, { channel, id }));
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
  const recheck = setInterval(() => inTurn(conversation.assertStillValid), http.credentialRecheckMs);
  const heartbeat = setInterval(() => {
    if (!isAlive) return ws.terminate();
    isAlive = false;
    ws.ping();
  }, http.webSocketPingMs);
}
