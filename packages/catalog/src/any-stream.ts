/**
 * Events at home in every kind of stream: the genesis of a stream that comes from a store without events, the generic undo,
 * and records of a producer that have no better type.
 */
import { definePart, getOwn, setOwn } from '@refold/core';
import type { FoldEvent, Json, JsonObject, Refusal, State } from '@refold/core';
import { spelled } from './define.ts';
import { isEqualJson } from './json-equal.ts';
import { instant, json, object, payload, string } from './payload.ts';
import { isObject, readObject, readText, shown } from './read.ts';
import { recordKept } from './run-parts/record-kept.ts';
import { recountAfter } from './run-parts/recount.ts';

type AnyState = State<Record<string, unknown>>;

/** What the fold itself keeps; no payload may set it. */
const keptByTheFold: ReadonlySet<string> = new Set([
  'streamType', 'streamId', 'exists', 'revision', 'lastEventId', 'lastEventAt', 'createdAt', 'updatedAt', 'correlationChain', 'eventCount', 'anomalies',
]);

export const anyStream = definePart<Record<string, unknown>>({
  name: 'any',
  version: '1.1.0',
  initial: () => ({}),
  events: spelled<Record<string, unknown>>({
    'stream.imported': {
      doc: 'The stream begins with a state taken over from a store that kept no events.',
      ledger: ['X-027'],
      schema: payload({ state: object, source: string }, { as_of: instant }),
      transition: {
        machine: 'stream',
        status: (state) => (state.revision === 0 ? 'absent' : 'present'),
        from: ['absent'],
        to: (event) => readText(readObject(event.data['state'])?.['status']) ?? 'present',
      },
      broadcast: false,
      refuse: (state) => (state.revision === 0 ? null : { code: 'ILLEGAL_TRANSITION', detail: 'a state can only be imported as revision 1' }),
      effect: 'non-repeatable',
      priority: 'P1',
      summary: ({ data }) => `State imported from ${shown(data['source'])}`,
      evolve(draft, event, status) {
        if (status === null) return;
        const known = Object.entries(readObject(event.data['state']) ?? {}).filter(([key]) => !keptByTheFold.has(key));
        recountAfter(draft, known.some(([key]) => key === 'totals'), () => takeOver(draft, structuredClone(Object.fromEntries(known))));
      },
    },
    'stream.state_compensated': {
      doc: 'One value of the state was set back by an operator: the undo where no reverse event exists.',
      ledger: ['X-027', 'K-038'],
      schema: payload({ path: string, before: json, after: json, compensates: string, reason: string }),
      refuse: compensationProblem,
      policy: 'tolerate',
      effect: 'non-repeatable',
      priority: 'P0',
      severity: 'WARN',
      summary: ({ data }) => `${shown(data['path'])} set back: ${shown(data['reason'])}`,
      evolve(draft, event) {
        const place = placeOf(draft, readText(event.data['path']) ?? '', true);
        const after = event.data['after'] ?? null;
        const isTotal = readText(event.data['path'])?.startsWith('/totals') === true;
        if (place !== null && fits(valueAt(place), after)) recountAfter(draft, isTotal, () => setValue(place, structuredClone(after)));
      },
    },
    'record.kept': recordKept(() => undefined),
  }),
});

/**
 * Fills a state, or a part of fixed shape in it, with imported values that fit; empty lists and maps take what comes. What a
 * part of the state must hold to be folded on is its exporter's business: one that lacks it ends in FOLD_FAILED.
 */
function takeOver(holder: Record<string, unknown>, imported: JsonObject): void {
  for (const [key, value] of Object.entries(imported)) {
    const current = getOwn(holder, key);
    if (!fits(current, value)) continue;
    if (isObject(current) && isObject(value) && Object.keys(current).length > 0) takeOver(current, value);
    else setOwn(holder, key, Array.isArray(current) && Array.isArray(value) ? value.filter((item: Json) => item !== null) : value);
  }
}

/** A list stays a list and a map a map, so that later events find what they expect. */
function fits(current: unknown, value: Json): boolean {
  if (current === null || current === undefined) return true;
  if (Array.isArray(current)) return Array.isArray(value);
  return isObject(current) ? isObject(value) : !isObject(value) && !Array.isArray(value);
}

/** A value's holder and key inside the state. */
type Place = { readonly holder: Record<string, unknown>; readonly key: string } | { readonly holder: unknown[]; readonly key: number };

const valueAt = (place: Place): unknown => (isList(place) ? place.holder[place.key] : getOwn(place.holder, place.key));
const isList = (place: Place): place is Extract<Place, { readonly key: number }> => typeof place.key === 'number';

function setValue(place: Place, value: Json): void {
  if (isList(place)) place.holder[place.key] = value;
  else setOwn(place.holder, place.key, value);
}

/**
 * Where a JSON pointer (RFC 6901) leads; null when it leads nowhere, or to what the fold itself keeps.
 *
 * @param isToBeSet  What is settled on the way, and so shared between copies of the state, becomes this state's own.
 */
function placeOf(state: AnyState, pointer: string, isToBeSet = false): Place | null {
  const keys = pointer.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (keys.shift() !== '' || keys.length === 0 || keptByTheFold.has(keys[0]!)) return null;
  let holder: unknown = state;
  for (const [index, key] of keys.entries()) {
    const place = step(holder, key);
    if (place === null || index === keys.length - 1) return place;
    holder = valueAt(place);
    if (isToBeSet && Object.isFrozen(holder)) setValue(place, (holder = structuredClone(holder)) as Json);
  }
  return null;
}

function step(holder: unknown, key: string): Place | null {
  if (Array.isArray(holder)) return /^(0|[1-9]\d*)$/.test(key) && Number(key) < holder.length ? { holder, key: Number(key) } : null;
  return isObject(holder) && Object.hasOwn(holder, key) ? { holder: holder as Record<string, unknown>, key } : null;
}

function compensationProblem(state: AnyState, event: FoldEvent): Refusal | null {
  const path = readText(event.data['path']) ?? '';
  const place = placeOf(state, path);
  if (place === null) return { code: 'SCHEMA_VIOLATION', detail: `${path} is no value of the state that can be set`, details: { reason: 'path', path } };
  const actual = valueAt(place);
  if (!fits(actual, event.data['after'] ?? null)) return { code: 'SCHEMA_VIOLATION', detail: `${path} holds another kind of value`, details: { reason: 'kind', path } };
  if (isEqualJson(actual, event.data['before'])) return null;
  return { code: 'BEFORE_MISMATCH', detail: `${path} is not what "before" says`, details: { path, actual } };
}
