/** What a client may say on a channel socket, one JSON object in one text message. */
import { LogError, parseStrictJson } from '@refold/core';
import { z } from 'zod';
import { closing } from './closing.ts';

const channel = z.string().min(1);
/** Tells two subscriptions to one channel apart; without it the channel does. */
const id = z.string().min(1).max(128).optional();

const clientMessage = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('subscribe'),
    channel,
    id,
    /** Everything after this position is sent first; without it only what comes. */
    afterPosition: z.number().int().nonnegative().optional(),
    /** Of the log that the position is a place in, as `subscribed` said it. */
    epoch: z.string().optional(),
    filter: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))])).optional(),
  }),
  z.strictObject({ op: z.literal('unsubscribe'), channel: channel.optional(), id }),
  z.strictObject({ op: z.literal('auth'), token: z.string().min(1) }),
  z.strictObject({ op: z.literal('ping') }),
]);

export type ClientMessage = z.infer<typeof clientMessage>;
export type Subscribe = Extract<ClientMessage, { op: 'subscribe' }>;

/** @throws what ends the connection: BAD_JSON, BAD_UTF8, BAD_NUMBER; BAD_REQUEST `binary`, `shape`. */
export function readClientMessage(bytes: Uint8Array, isBinary: boolean): ClientMessage {
  if (isBinary) throw closing('malformed', new LogError('BAD_REQUEST', 'The message is not a text.', { details: { reason: 'binary' }, hint: 'Send JSON as a text message.' }));
  const read = clientMessage.safeParse(jsonOf(bytes));
  if (read.success) return read.data;
  const issue = read.error.issues[0]!;
  const pointer = issue.path.map((part) => `/${String(part)}`).join('');
  throw closing('malformed', new LogError('BAD_REQUEST', `The message is none of a client${pointer === '' ? '' : `; ${pointer}`}: ${issue.message}.`, { details: { reason: 'shape', pointer }, hint: 'Send {"op":"subscribe","channel":...}, unsubscribe, auth or ping.' }));
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    throw error instanceof LogError ? closing('malformed', error) : error;
  }
}
