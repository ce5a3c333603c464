/** Which format a file is in, by its content: its name and extension say nothing. */
import { recogniseDialect } from '@refold/catalog';
import type { DialectName, Dialects } from '@refold/catalog';
import { readStrictJson } from '@refold/core';
import type { JsonObject } from '@refold/core';
import { listIn, objectIn } from './json-shape.ts';
import { looksLikeDocument } from './reader.ts';
import { eventsIn, isHistoryEvent } from './temporal/history.ts';

const newline = 0x0a;

/** The first records of a file, as far as its first bytes go: whole lines, or the keys of a document or of a line that is cut. */
function firstRecords(head: Uint8Array): readonly JsonObject[] {
  if (looksLikeDocument(head)) return [parsed(head) ?? beginning(head)];
  const records: JsonObject[] = [];
  for (let from = 0; from < head.length && records.length < recordsLookedAt; ) {
    const found = head.indexOf(newline, from);
    const end = found === -1 ? head.length : found;
    const record = parsed(head.subarray(from, end));
    if (record !== undefined) records.push(record);
    from = end + 1;
  }
  return records.length > 0 || !head.includes(openingBrace) ? records : [beginning(head)];
}

const recordsLookedAt = 8;
const openingBrace = 0x7b;

/** The members that begin in a text that may be cut off: keys, with their values where these are short texts. */
function beginning(head: Uint8Array): JsonObject {
  const members = new TextDecoder().decode(head).matchAll(/"((?:[^"\\]|\\.)*)"\s*:\s*(?:"((?:[^"\\]|\\.)*)")?/g);
  const entries = [...members].map(([, key = '', value = '']) => [key, value] as const);
  return Object.fromEntries(entries.toReversed());
}

function parsed(bytes: Uint8Array): JsonObject | undefined {
  try {
    const { value } = readStrictJson(bytes, { bigNumbersAsText: true, sanitize: true });
    return objectIn(value) ?? objectIn(listIn(value)?.[0]);
  } catch {
    return undefined;
  }
}

const transcriptTypes = new Set(['user', 'assistant', 'system', 'progress', 'summary', 'file-history-snapshot', 'queue-operation', 'pr-link', 'attachment', 'custom-title', 'ai-title', 'last-prompt']);

function isTranscriptRecord(record: JsonObject): boolean {
  if (Object.hasOwn(record, 'loglines')) return true;
  if (typeof record.type !== 'string' || !transcriptTypes.has(record.type)) return false;
  return ['sessionId', 'message', 'leafUuid', 'snapshot', 'operation', 'prNumber'].some((key) => Object.hasOwn(record, key));
}

export const isTranscript = (head: Uint8Array): boolean => firstRecords(head).some(isTranscriptRecord);

/** A Temporal history: an event of one, or a document that begins with one. */
export const isTemporalHistory = (head: Uint8Array): boolean => firstRecords(head).some((record) => isHistoryEvent(record) || isHistoryEvent(objectIn(eventsIn(record)?.[0])));

/** The first record that is in one of the documents' forms decides. */
export const isRowForm =
  (dialects: Dialects, form: DialectName) =>
  (head: Uint8Array): boolean =>
    firstRecords(head).map((record) => recogniseDialect(dialects, record)).find((found) => found !== null) === form;

/** Lines of JSON objects, of whatever kind. */
export const isJsonLines = (head: Uint8Array): boolean => /^\s*\{/.test(new TextDecoder().decode(head.subarray(0, 64))) && !looksLikeDocument(head);
