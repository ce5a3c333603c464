/**
 * A stream as a list that a person scrolls: rows without payloads, and which revisions a filter finds. A row is what one line of a
 * list shows, about 120 bytes; a list of a million of them is asked for page by page, and a jump is one question.
 */
import { LogError, base64Of, categoryOf, formatStreamAddress, parseFilter, streamNotFound } from '@refold/core';
import type { EventEnvelope, JsonObject, Registry } from '@refold/core';
import { readTokens } from '@refold/catalog';
import { z } from 'zod';
import { defineOperation } from './define.ts';
import { filterInput, wholeNumber } from './inputs.ts';
import { selectEvents } from './select-events.ts';
import { count, instant, revision, streamKey, warnings } from './shapes.ts';

const summaryCharactersMax = 160;
const rowsDefault = 500;
const rowsMax = 1_000;

/** What a row says of an event beside its fields; added up. */
export const rowFlags = { erased: 1, unknownType: 2, archived: 4 } as const;

const row = z
  .tuple([revision, instant, z.string(), z.string(), z.string(), z.string(), z.string().nullable(), count.nullable(), count.nullable(), count, z.string()])
  .meta({ description: '[revision, occurredAt, family, severity, type, summary, agent, durationMs, tokens, flags, id]; flags: 1 erased, 2 of a type that nobody declared, 4 archived.' });

export type EventRow = readonly [revision: number, occurredAt: string, family: string, severity: string, type: string, summary: string, agent: string | null, durationMs: number | null, tokens: number | null, flags: number, id: string];

export const streamRows = defineOperation({
  name: 'streamRows',
  doc: 'The events of one stream as the rows of a list: no payloads, one line of text each.',
  scope: 'read',
  input: filterInput.extend({
    ...streamKey,
    fromRevision: wholeNumber.optional().meta({ description: 'First revision, inclusive; default 1.' }),
    toRevision: wholeNumber.optional().meta({ description: 'Last revision, inclusive; default the newest.' }),
    limit: wholeNumber.optional().meta({ description: `Rows at most; default ${rowsDefault}, up to ${rowsMax}.` }),
  }),
  output: z.object({ head: revision.meta({ description: 'Newest revision of the stream.' }), rows: z.array(row), next: revision.nullable().meta({ description: 'Where the next rows begin; null when these were all.' }), warnings }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/rows' },
  run: async (context, input: { readonly [parameter: string]: unknown }) => {
    // The schema has seen to these; a filter's own parameters have no names that a type could know.
    const { streamType, streamId, limit = rowsDefault, ...asked } = input as unknown as { readonly streamType: string; readonly streamId: string; readonly limit?: number };
    if (limit < 1 || limit > rowsMax) throw new LogError('BAD_REQUEST', `"limit" is a number from 1 to ${rowsMax}.`, { details: { reason: 'limit', pointer: '/limit', limit: rowsMax }, hint: 'Ask for the next rows from "next" on.' });
    const info = await context.log.stream(formatStreamAddress({ streamType, streamId }));
    if (info === null) throw streamNotFound(`${streamType}/${streamId}`);
    const { batches, residue, ...selection } = await selectEvents(context, parseFilter({ ...asked, streamType, streamId }), { expected: limit + 1 });
    const rows: EventRow[] = [];
    let next: number | null = null;
    reading: for await (const batch of batches)
      for (const event of batch) {
        if (residue !== null && !residue(event)) continue;
        if (rows.length === limit) {
          next = event.revision;
          break reading;
        }
        rows.push(rowOf(event, context.log.registry));
      }
    return { head: info.revision, rows, next, ...selection.warnings() };
  },
});

function rowOf(event: EventEnvelope, registry: Registry): EventRow {
  const definition = registry.definitionIn(event.streamType, event.type) ?? registry.eventType(event.type)?.definition ?? null;
  const flags = (event.erased === true ? rowFlags.erased : 0) + (definition === null ? rowFlags.unknownType : 0) + (event.archivedAt === undefined ? 0 : rowFlags.archived);
  const summary = event.erased === true ? event.type : (definition?.summary?.(event) ?? event.type);
  return [event.revision, event.occurredAt, categoryOf(event, registry), event.severity, event.type, shortened(summary), event.agent ?? null, durationOf(event.data), tokensOf(event.data), flags, event.id];
}

/** Cut between characters, never inside of one. */
const shortened = (text: string): string => (text.length <= summaryCharactersMax ? text : `${text.slice(0, summaryCharactersMax - 1).toWellFormed()}…`);

const wholeAmount = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.round(value) : null);

const durationOf = (data: JsonObject): number | null => wholeAmount(data['duration_ms']);

/** All that was read and written, wherever the producer told it. */
function tokensOf(data: JsonObject): number | null {
  const told = readTokens(data['usage']) ?? readTokens(data['tokens']);
  return told === null ? null : told.input + told.output;
}

export const streamIndex = defineOperation({
  name: 'streamIndex',
  doc: 'Which revisions of a stream a filter finds, one bit each: exact counts and the length of a filtered list.',
  scope: 'read',
  kind: 'long',
  input: filterInput.extend(streamKey),
  output: z.object({
    head: revision.meta({ description: 'Newest revision that was looked at.' }),
    matched: count,
    bitmap: z.string().meta({ description: 'Base64; revision r is the bit r - 1, the lowest bit of a byte first.' }),
    warnings,
  }),
  http: { method: 'GET', path: '/streams/{streamType}/{streamId}/index' },
  run: async (context, input: { readonly [parameter: string]: unknown }) => {
    const { streamType, streamId, ...asked } = input as unknown as { readonly streamType: string; readonly streamId: string };
    const info = await context.log.stream(formatStreamAddress({ streamType, streamId }));
    if (info === null) throw streamNotFound(`${streamType}/${streamId}`);
    const { revision: head } = info;
    const bits = new Uint8Array(Math.ceil(head / 8));
    const { batches, residue, ...selection } = await selectEvents(context, parseFilter({ ...asked, streamType, streamId }));
    let matched = 0;
    for await (const batch of batches)
      for (const event of batch) {
        // What came while this was read is for the next question.
        if (event.revision > head || (residue !== null && !residue(event))) continue;
        bits[(event.revision - 1) >> 3]! |= 1 << ((event.revision - 1) & 7);
        matched++;
      }
    return { head, matched, bitmap: base64Of(bits), ...selection.warnings() };
  },
});
