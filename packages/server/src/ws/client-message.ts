/** What a client may say on a channel socket, one JSON object in one text message. */
import { LogError, parseStrictJson } from '@refold/core';
import { z } from 'zod';
import { closing } from './closing.ts';

const channel = z.string().min(1);
const id = z.string().min(1).max(128).optional().describe('Tells two subscriptions to one channel apart; without it the channel does.');

/** One schema per message, by what `op` says. */
export const clientMessages = {
  subscribe: z.strictObject({
    op: z.literal('subscribe'),
    channel,
    id,
    afterPosition: z.int().nonnegative().optional().describe('Everything after this position is sent first; without it only what comes.'),
    epoch: z.string().optional().describe('Of the log that the position is a place in, as `subscribed` said it.'),
    filter: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))])).optional().describe('Parameters of a query, beside what the channel says.'),
  }).describe('Listen to a channel.'),
  unsubscribe: z.strictObject({ op: z.literal('unsubscribe'), channel: channel.optional(), id }).describe('Listen to it no more.'),
  auth: z.strictObject({ op: z.literal('auth'), token: z.string().min(1) }).describe('Say who you are, where no cookie and no header did.'),
  ping: z.strictObject({ op: z.literal('ping') }).describe('Ask whether anybody is there.'),
} as const;

const clientMessage = z.discriminatedUnion('op', [clientMessages.subscribe, clientMessages.unsubscribe, clientMessages.auth, clientMessages.ping]);

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
