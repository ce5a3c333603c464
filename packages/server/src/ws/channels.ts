/**
 * The channels, in one table: what a channel's name says is asked of an operation, and the operation says who may. A server
 * that was given fewer operations has fewer channels. Source: the unified model, 3.4.4; documents 003 and 004.
 */
import { LogError } from '@refold/core';
import { isStream } from '@refold/operations';
import type { AnyOperation, StreamOperation } from '@refold/operations';

export interface ChannelOptions {
  /** First word of the channels of entities; default `orchestration`. */
  readonly prefix?: string;
  /** Types of events that channels carry, or globs; default: those whose definition does not keep them off. */
  readonly types?: readonly string[];
}

/** What is listened to under a name. */
export interface Channel {
  // oxlint-disable-next-line no-explicit-any -- as AnyOperation: a table holds many shapes.
  readonly operation: StreamOperation<any, Positioned>;
  readonly input: { readonly [name: string]: unknown };
  /** Under which name an item goes out: an event of the log, or an update of what is followed. */
  readonly item: 'event' | 'update';
}

/** What tells of now and not of a place in the log (health) has no position. */
export interface Positioned {
  readonly position?: number;
}

/** A kind of channel. */
export interface ChannelForm {
  /** `job.{id}.logs` */
  readonly form: string;
  // oxlint-disable-next-line no-explicit-any -- as AnyOperation: a table holds many shapes.
  readonly operation: StreamOperation<any, Positioned>;
  readonly item: 'event' | 'update';
}

export interface Channels {
  readonly forms: readonly ChannelForm[];
  /** @throws LogError NOT_FOUND `channel`; BAD_REQUEST `channel` for a name of no channel's form. */
  find(name: string): Channel;
  /** The same for an operation by its own name. @throws LogError NOT_FOUND `operation`. */
  ofOperation(name: string): Omit<Channel, 'input'>;
}

type Parts = { readonly [part: string]: string };

/** A part in the middle of a name holds no dot; the last one takes what is left. */
const table: readonly (readonly [form: string, operation: string, input: (parts: Parts) => Parts])[] = [
  ['{prefix}.*', 'tailEvents', () => ({})],
  ['{prefix}.{type}.*', 'tailEvents', ({ type }) => ({ about: `${type}/*` })],
  ['{prefix}.{type}.{id}', 'tailEvents', ({ type, id }) => ({ about: `${type}/${id}` })],
  ['issue.{issueKey}', 'tailEvents', (parts) => parts],
  ['session.{sessionId}', 'tailEvents', (parts) => parts],
  ['correlation.{correlationId}', 'tailEvents', (parts) => parts],
  ['stream.{streamType}.{streamId}', 'tailEvents', (parts) => parts],
  ['job.{id}.logs', 'followJobLogs', (parts) => parts],
  ['job.{id}', 'followJob', (parts) => parts],
  ['replay.{id}', 'followReplay', (parts) => parts],
  ['system.stats', 'followStats', () => ({})],
  ['system.health', 'followOrchestratorHealth', () => ({})],
];

export function createChannels(operations: readonly AnyOperation[], { prefix = 'orchestration', types }: ChannelOptions = {}): Channels {
  const streams = new Map(operations.flatMap((operation) => (isStream(operation) ? [[operation.name, operation] as const] : [])));
  const rows = table.flatMap(([form, name, input]) => {
    const operation = streams.get(name);
    const named = form.replace('{prefix}', prefix);
    return operation === undefined ? [] : [{ form: named, operation, input, pattern: patternOf(named), item: name === 'tailEvents' ? ('event' as const) : ('update' as const) }];
  });
  const families = new Set(rows.map(({ form }) => form.split('.', 1)[0]));

  return {
    forms: rows,
    ofOperation(name) {
      const operation = streams.get(name);
      if (operation === undefined) throw new LogError('NOT_FOUND', `There is no stream "${shortened(name)}" to follow.`, { details: { reason: 'operation' }, hint: `There are ${[...streams.keys()].join(', ')}.` });
      return { operation, item: name === 'tailEvents' ? 'event' : 'update' };
    },
    find(name) {
      for (const { pattern, operation, input, item } of rows) {
        const match = pattern.exec(name);
        if (match === null) continue;
        return { operation, input: { ...input(match.groups ?? {}), ...(item === 'event' ? { broadcast: types ?? true } : {}) }, item };
      }
      const forms = rows.map(({ form }) => form).join(', ');
      if (families.has(name.split('.', 1)[0])) throw new LogError('BAD_REQUEST', `"${shortened(name)}" is not the name of a channel.`, { details: { reason: 'channel' }, hint: `The forms are ${forms}; * stands for all, at the end.` });
      throw new LogError('NOT_FOUND', `There is no channel "${shortened(name)}".`, { details: { reason: 'channel' }, hint: `There are ${forms}.` });
    },
  };
}

function patternOf(form: string): RegExp {
  const words = form.split('.').map((word, index, all) => {
    const part = /^\{(\w+)\}$/.exec(word)?.[1];
    if (part === undefined) return word.replace(/[^\w]/g, '\\$&');
    return index === all.length - 1 ? `(?<${part}>[^*]+)` : `(?<${part}>[^.*]+)`;
  });
  return new RegExp(`^${words.join('\\.')}$`);
}

const shortened = (name: string): string => name.slice(0, 128);
