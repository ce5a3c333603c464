/** What a server says on a channel socket, one JSON object in one text message. What is listened to comes in `event` and `update` (itemMessage). */
import { errorCodes } from '@refold/core';
import { z } from 'zod';

/** Which subscription is meant: the channel, and the `id` when the client gave one; what is followed by its operation has an `id` alone. */
const name = { channel: z.string().optional(), id: z.string().optional() };
const position = z.int().nonnegative();

/** One schema per message, by what `op` says. */
export const serverMessages = {
  authenticated: z.strictObject({ op: z.literal('authenticated') }).describe('The credential was taken.'),
  subscribed: z.strictObject({ op: z.literal('subscribed'), ...name, position: position.optional(), epoch: z.string() }).describe('What comes after this position of this log follows; without one, what the input says.'),
  missed: z.strictObject({ op: z.literal('missed'), ...name, afterPosition: position, toPosition: position }).describe('What was appended meanwhile is sent first.'),
  unsubscribed: z.strictObject({ op: z.literal('unsubscribed'), ...name }).describe('Nothing follows any more.'),
  complete: z.strictObject({ op: z.literal('complete'), ...name }).describe('What was followed has come to its end.'),
  pong: z.strictObject({ op: z.literal('pong') }).describe('The answer to a ping.'),
  error: z
    .strictObject({
      op: z.literal('error'),
      code: z.enum([...errorCodes, 'RESYNC_REQUIRED']),
      ...name,
      cursor: position.optional().describe('Where to go on, with RESYNC_REQUIRED.'),
      epoch: z.string().optional(),
      detail: z.string().optional(),
      details: z.record(z.string(), z.unknown()).optional(),
      hint: z.string().optional(),
      requestId: z.string().optional(),
      retryable: z.boolean().optional(),
    })
    .describe('A wish was refused, or a listener has to read anew.'),
} as const;

export type ServerMessage = { readonly [K in keyof typeof serverMessages]: z.input<(typeof serverMessages)[K]> }[keyof typeof serverMessages];

/** A message with an item of what is listened to. What tells of now and not of a place in the log has no position. */
export const itemMessage = (op: 'event' | 'update', item: z.ZodType): z.ZodType => z.object({ op: z.literal(op), ...name, position: position.optional(), [op]: item });
