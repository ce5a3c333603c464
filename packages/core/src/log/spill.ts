/**
 * Makes an event fit: its largest texts move to blobs, the largest first, until the rest is small enough (TRUST.md 2).
 * A blob is beyond redaction, so secrets are masked before.
 */
import { defaultLimits } from '../limits.ts';
import type { Limits } from '../limits.ts';
import type { Redactor } from '../schema/redact.ts';
import { encodeUtf8 } from './bytes.ts';
import type { Blobs } from './blobs.ts';
import type { EventInput, Json, JsonObject } from './event.ts';
import { redactEvent, withNotes } from './redact-event.ts';

/** Room for metadata and for what escaping adds. */
const headroom = 0.75;

export interface SpillParts {
  readonly blobs: Pick<Blobs, 'put'>;
  readonly redactor: Redactor;
  readonly limits: Pick<Limits, 'eventBytesMax'>;
}

/** The same event with large texts as blobs; the very same object when it fits as it is. */
export async function spillLargeTexts(input: EventInput, { blobs, redactor, limits }: SpillParts): Promise<EventInput> {
  const allowed = limits.eventBytesMax * headroom;
  if (sizeOf(textsIn(input.data)) <= allowed) return input;

  const { event, redactions } = redactEvent({ ...input, metadata: input.metadata ?? {} }, redactor);
  const texts = textsIn(event.data);
  let size = sizeOf(texts);
  const moved = new Set<string>();
  for (const { text, length } of texts.toSorted((a, b) => b.length - a.length)) {
    if (size <= allowed) break;
    moved.add(text);
    size -= length;
  }
  const refs = new Map<string, Json>();
  for (const text of moved) refs.set(text, { $blob: { ...(await blobs.put(encodeUtf8(text.toWellFormed()), { mediaType: 'text/plain; charset=utf-8' })).$blob } });
  return { ...event, data: replaced(event.data, refs) as JsonObject, metadata: withNotes(event.metadata, 'redactions', redactions.map((redaction) => ({ ...redaction }))) };
}

const sizeOf = (texts: readonly Text[]): number => texts.reduce((sum, { length }) => sum + length, 0);

interface Text {
  readonly text: string;
  /** In UTF-16 units, which is near enough to choose by. */
  readonly length: number;
}

/** None when the value is larger than anything that could be stored: then it is refused as it is. */
function textsIn(root: Json | undefined): readonly Text[] {
  const found: Text[] = [];
  const open: unknown[] = [root];
  let left: number = defaultLimits.eventBytesMax;
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    for (const member of Object.values(value ?? {})) {
      if (left-- <= 0) return [];
      if (typeof member === 'string') found.push({ text: member, length: member.length });
      else if (typeof member === 'object' && member !== null) open.push(member);
    }
  }
  return found;
}

function replaced(value: Json, refs: ReadonlyMap<string, Json>): Json {
  if (typeof value === 'string') return refs.get(value) ?? value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => replaced(item, refs));
  return Object.fromEntries(Object.entries(value as JsonObject).map(([key, member]) => [key, replaced(member, refs)]));
}
