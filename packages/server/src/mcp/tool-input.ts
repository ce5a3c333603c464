/** From an operation's input schema to a tool's arguments, and from arguments back to an input. */
import { LogError, formatPlace, parsePlace, parseStreamAddress } from '@refold/core';
import type { StreamAddress } from '@refold/core';
import { z } from 'zod';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { JsonSchema } from '../rest/input-shape.ts';
import type { Operation } from '@refold/operations';
import type { OneTool, ToolOfActions, ToolRow } from './tools.ts';

export interface ToolInput {
  /** JSON Schema of the arguments. */
  readonly schema: { readonly type: 'object'; readonly properties: { readonly [argument: string]: unknown }; readonly required: string[]; readonly [keyword: string]: unknown };
  /** The operation gives pages with a cursor of its own. */
  readonly isPaged: boolean;
  /**
   * @throws ProtocolError -32602 for an argument that the tool does not have (bad-input J1).
   * @throws LogError BAD_STREAM_ADDRESS, BAD_TIMESTAMP of `stream`; BAD_REQUEST `stream` when none is named, `action` for one that there is not.
   */
  read(given: Arguments): ReadInput;
}

export type Arguments = { readonly [argument: string]: unknown };

export interface ReadInput {
  // oxlint-disable-next-line no-explicit-any -- as in the table of tools.
  readonly operation: Operation<any, any>;
  readonly input: { readonly [field: string]: unknown };
  /** The stream that is asked about, when it is one. */
  readonly stream: StreamAddress | null;
}

/** Arguments for the answer and not for the operation. */
const ofAnswer = {
  cursor: { type: 'string', description: 'nextCursor of the answer before, with the other arguments as they were.' },
  raw: { type: 'boolean', description: 'true gives the data as recorded, with invisible and control characters in it; default false.' },
};

/** Of a tool that writes to one stream more often than not. */
const ofEveryEvent = {
  stream_type: { type: 'string', description: 'Kind of the stream of every event that names none.' },
  stream_id: { type: 'string', description: 'Id of the stream of every event that names none.' },
};

const ofStream = {
  stream: { type: 'string', description: 'Address of a stream, type/id, for example session/4f1c; where a place is taken, type/id@PLACE with a revision, an instant, start, end or ~n.' },
  issue_key: { type: 'string', description: 'Instead of stream: the orchestration of this issue.' },
};

export const toolInputOf = (tool: ToolRow): ToolInput => ('actions' in tool ? inputOfActions(tool) : inputOfOne(tool));

/** The arguments of all actions in one schema; a call is read as a call of its action alone. */
function inputOfActions({ actions, doc: _doc, ...rest }: ToolOfActions): ToolInput {
  const inputs = new Map(Object.entries(actions).map(([action, operation]) => [action, inputOfOne({ ...rest, operation })]));
  const schemas = [...inputs.values()].map(({ schema }) => schema);
  const action = { type: 'string', enum: [...inputs.keys()], description: Object.entries(actions).map(([name, { doc }]) => `${name}: ${doc}`).join(' ') };
  return {
    schema: {
      type: 'object',
      properties: Object.assign({ action }, ...schemas.map(({ properties }) => properties)) as JsonSchema,
      required: ['action', ...schemas[0]!.required.filter((name) => schemas.every(({ required }) => required.includes(name)))],
      additionalProperties: false,
      $defs: Object.assign({}, ...schemas.map(({ $defs }) => $defs as object)) as object,
    },
    isPaged: false,
    read({ action: asked, ...given }) {
      const input = typeof asked === 'string' ? inputs.get(asked) : undefined;
      if (input === undefined) throw new LogError('BAD_REQUEST', 'No such action.', { details: { reason: 'action', pointer: '/action' }, hint: `One of ${[...inputs.keys()].join(', ')}.` });
      return input.read(given);
    },
  };
}

function inputOfOne(tool: OneTool): ToolInput {
  const { properties, required, definitions } = fieldsOf(tool);
  // A filter has a field of this name itself, and reads the address there.
  const isOneStream = ['streamType', 'streamId'].every((field) => Object.hasOwn(properties, field)) && !Object.hasOwn(properties, 'stream') && tool.takesOneEvent === undefined;
  const takesPlace = isOneStream && Object.hasOwn(properties, 'place');
  const hidden = new Set([...(tool.without ?? []), ...Object.keys(tool.fixed ?? {}), ...(isOneStream ? ['streamType', 'streamId', 'place'] : [])]);
  const named = new Map(Object.entries(tool.names ?? {}));
  const renamed = new Set(named.values());
  for (const field of Object.keys(properties)) if (!hidden.has(field) && !renamed.has(field)) named.set(snakeCase(field), field);

  const argumentOf = new Map([...named].map(([argument, field]) => [field, argument]));
  const streamArguments = isOneStream ? Object.fromEntries(Object.entries(ofStream).filter(([argument]) => !named.has(argument))) : {};
  const schema = {
    type: 'object' as const,
    properties: { ...(tool.sharesStream === undefined ? {} : ofEveryEvent), ...streamArguments, ...Object.fromEntries([...named].map(([argument, field]) => [argument, properties[field]])), ...ofAnswer },
    required: required.flatMap((field) => argumentOf.get(field) ?? []),
    additionalProperties: false,
    ...(definitions === undefined ? {} : { $defs: definitions }),
  };

  return {
    schema,
    isPaged: named.has('cursor'),
    read(given) {
      const fields: { [field: string]: unknown } = {};
      for (const [argument, value] of Object.entries(given)) {
        if (!Object.hasOwn(schema.properties, argument)) throw unknownArgument(tool.name, argument, Object.keys(schema.properties));
        const field = named.get(argument);
        if (field !== undefined && field !== 'cursor') fields[field] = value;
      }
      const stream = isOneStream ? streamOf(given, { takesPlace, isNeeded: required.includes('streamId') }) : null;
      const input = { ...tool.defaults, ...(tool.sharesStream === undefined ? fields : withStream(fields, given)), ...stream, ...tool.fixed };
      return { operation: tool.operation, input: tool.takesOneEvent === undefined ? input : { events: [input] }, stream: stream === null ? null : { streamType: stream.streamType, streamId: stream.streamId } };
    },
  };
}

interface Fields {
  readonly properties: { readonly [field: string]: unknown };
  readonly required: readonly string[];
  readonly definitions: unknown;
}

function fieldsOf({ operation, takesOneEvent }: OneTool): Fields {
  const schema = z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const definitions = schema['$defs'] as { readonly [name: string]: JsonSchema } | undefined;
  // The event among the definitions is inlined: its fields are the tool's own arguments.
  const shape = takesOneEvent === undefined ? schema : definitions!['EventInput']!;
  return { properties: (shape['properties'] ?? {}) as Fields['properties'], required: (shape['required'] ?? []) as readonly string[], definitions };
}

/** What an event says itself stands above what is said once. What is no list of events is refused by the operation. */
function withStream(fields: { readonly [field: string]: unknown }, { stream_type: streamType, stream_id: streamId }: Arguments): { readonly [field: string]: unknown } {
  const shared = { ...(streamType === undefined ? {} : { streamType }), ...(streamId === undefined ? {} : { streamId }) };
  const { events } = fields;
  return Array.isArray(events) ? { ...fields, events: events.map((event: unknown) => (typeof event === 'object' && event !== null ? { ...shared, ...event } : event)) } : fields;
}

const snakeCase = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** @returns the fields that name a stream, and a place in it where the address holds one. */
function streamOf({ stream, issue_key: issueKey }: Arguments, { takesPlace, isNeeded }: { readonly takesPlace: boolean; readonly isNeeded: boolean }): (StreamAddress & { readonly place?: string }) | null {
  if (typeof stream === 'string') return addressIn(stream, takesPlace);
  if (stream === undefined && !isNeeded) return null;
  if (stream === undefined && typeof issueKey === 'string') return parseStreamAddress(`orchestration/${issueKey}`);
  throw new LogError('BAD_REQUEST', 'No stream is named.', { details: { reason: 'stream', pointer: '/stream' }, hint: 'Give stream as type/id, or issue_key; list_runs says what there is.' });
}

function addressIn(text: string, takesPlace: boolean): StreamAddress & { readonly place?: string } {
  const { streamType, streamId, place } = parsePlace(text);
  if (!text.includes('@')) return { streamType, streamId };
  if (!takesPlace) throw new LogError('BAD_STREAM_ADDRESS', 'A whole stream is meant here, and the address names a place in it.', { details: { reason: 'place' }, hint: 'Leave out the @ and what follows it; write @ inside an id as %40.' });
  const written = formatPlace({ streamType, streamId }, place);
  return { streamType, streamId, place: written.slice(written.indexOf('@') + 1) };
}

const unknownArgument = (tool: string, argument: string, known: readonly string[]): ProtocolError =>
  new ProtocolError(ProtocolErrorCode.InvalidParams, `${tool} has no argument ${JSON.stringify(argument.slice(0, 64).toWellFormed())}.`, { code: 'BAD_REQUEST', details: { reason: 'unknown_parameter' }, hint: `There are: ${known.join(', ')}.` });
