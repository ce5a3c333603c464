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
  follow: z.strictObject({
    op: z.literal('follow'),
    id: z.string().min(1).max(128).describe('By which all that is said about it names it.'),
    operation: z.string().min(1).max(64).describe('A stream operation by its own name.'),
    input: z.record(z.string(), z.unknown()).optional().describe('What the operation takes.'),
    afterPosition: z.int().nonnegative().optional().describe('Everything after this position; it stands above what the input says.'),
    dialect: z.string().max(64).optional().describe('Of the events in it; default: that of the socket.'),
  }).describe('Follow an operation: what a page shows has no channel of its name.'),
  unsubscribe: z.strictObject({ op: z.literal('unsubscribe'), channel: channel.optional(), id }).describe('Listen to it no more.'),
  auth: z.strictObject({ op: z.literal('auth'), token: z.string().min(1) }).describe('Say who you are, where no cookie and no header did.'),
  ping: z.strictObject({ op: z.literal('ping') }).describe('Ask whether anybody is there.'),
} as const;

const clientMessage = z.discriminatedUnion('op', [clientMessages.subscribe, clientMessages.follow, clientMessages.unsubscribe, clientMessages.auth, clientMessages.ping]);

export type ClientMessage = z.infer<typeof clientMessage>;
export type Subscribe = Extract<ClientMessage, { op: 'subscribe' }>;
export type Follow = Extract<ClientMessage, { op: 'follow' }>;

/** @throws what ends the connection: BAD_JSON, BAD_UTF8, BAD_NUMBER; BAD_REQUEST `binary`, `shape`. */
export function readClientMessage(bytes: Uint8Array, isBinary: boolean): ClientMessage {
  if (isBinary) throw closing('malformed', new LogError('BAD_REQUEST', 'The message is not a text.', { details: { reason: 'binary' }, hint: 'Send JSON as a text message.' }));
  const read = clientMessage.safeParse(jsonOf(bytes));
  if (read.success) return read.data;
  const issue = read.error.issues[0]!;
  const pointer = issue.path.map((part) => `/${String(part)}`).join('');
  throw closing('malformed', new LogError('BAD_REQUEST', `The message is none of a client${pointer === '' ? '' : `; ${pointer}`}: ${issue.message}.`, { details: { reason: 'shape', pointer }, hint: 'Send {"op":"subscribe","channel":...}, follow, unsubscribe, auth or ping.' }));
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    throw error instanceof LogError ? closing('malformed', error) : error;
  }
}
