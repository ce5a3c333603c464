/** Whatever is in a log: folding it never fails, never leaves JSON, and says the same every time. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { canonicalText } from '@refold/core';
import type { AnyAggregate, JsonObject, State } from '@refold/core';
import { eventAfter, fold, open, registry } from './history.ts';
import type { Fact } from './history.ts';

const oddKeys = ['__proto__', 'constructor', 'toString', 'CODE', 'x', '7', ''];
const value = fc.oneof(
  fc.constantFrom<JsonObject[string]>(...oddKeys, null, 0, -1, 1e21, true, [], {}, [{}], ['x'], { message: 'm' }, { type: 'task', id: 'x' }, { status: 'running' }, 'running', '2026-01-01T00:00:00.000Z'),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonObject[string]>,
);

/** Keys that the definitions read, so that junk reaches every reader. */
const readKeys = [
  'phase', 'agent_name', 'agent_run_id', 'agent_id', 'gap_id', 'check_id', 'test_run_id', 'checkpoint_id', 'restored_sequence', 'error_id', 'error', 'sha', 'pr_number', 'from_status', 'to_status',
  'status', 'before', 'after', 'steps', 'step', 'index', 'state', 'path', 'rule', 'actions', 'action_index', 'dry_run', 'targets', 'count', 'tool_call_id', 'tool', 'effect', 'usage', 'tokens',
  'message_id', 'role', 'kind', 'field', 'object', 'attribute', 'attributes', 'activity', 'name', 'config', 'metadata', 'params', 'text', 'input', 'id', 'scope', 'findings', 'blockers', 'task_code', 'run',
];
/** What the log takes in has a canonical form. */
const isRecordable = (data: JsonObject): boolean => {
  try {
    return canonicalText(data) !== '';
  } catch {
    return false;
  }
};
const payload = fc.dictionary(fc.constantFrom(...readKeys), value, { maxKeys: 6 }).filter(isRecordable);

/** An imported state with the keys of a real one and any kind of value, save parts of parts that only an exporter can get wrong. */
const importedState = (aggregate: AnyAggregate): fc.Arbitrary<Fact> =>
  fc
    .dictionary(fc.constantFrom(...Object.keys(fold.initial(aggregate.type, 'x'))), fc.oneof(fc.constantFrom<JsonObject[string]>(null, [], {}, 'running', 3, [null], ['x'], { x: null }, { status: 'running' }), value), { maxKeys: 12 })
    .filter((state) => isRecordable(state))
    .map((state) => ['stream.imported', { state, source: 'elsewhere' }]);

const typesIn = (aggregate: AnyAggregate): readonly string[] => [aggregate, ...(aggregate.parts ?? [])].flatMap(({ events }) => Object.keys(events));

const facts = (aggregate: AnyAggregate): fc.Arbitrary<readonly Fact[]> =>
  fc.array(
    fc.tuple(fc.constantFrom(...typesIn(aggregate)), payload, fc.record({ refs: fc.constant([{ type: '__proto__', id: 'x' }]), erased: fc.constant(true as const), causationId: fc.constant('PROJ-1-1') }, { requiredKeys: [] })),
    { minLength: 1, maxLength: 25 },
  );

const foldAll = (type: string, history: readonly Fact[]): State => history.reduce((state, fact) => fold.evolveDraft(state, eventAfter(state, fact)), fold.initial(type, 'PROJ-1'));

describe.each(registry.aggregates().map((aggregate) => [aggregate.type, aggregate] as const))('a stream of kind %s', (type, aggregate) => {
  it('B-057 bad-input A35 M13 folds any history: no failure, plain JSON, the same again, nothing polluted', () => {
    fc.assert(
      fc.property(facts(aggregate), (history) => {
        const state = foldAll(type, history);
        expect(() => canonicalText(state)).not.toThrow();
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
        expect(foldAll(type, history)).toEqual(state);
        expect(Object.getPrototypeOf(open(state).phases ?? {})).toBe(Object.prototype);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('X-027 takes over any imported state without failing, and stays plain JSON', () => {
    fc.assert(
      fc.property(importedState(aggregate), (fact) => {
        const state = foldAll(type, [fact]);
        expect(() => canonicalText(state)).not.toThrow();
        expect([state.revision, state.eventCount, state.exists, state.streamType]).toEqual([1, 1, true, type]);
        for (const [key, before] of Object.entries(fold.initial(type, 'PROJ-1'))) if (Array.isArray(before)) expect([key, Array.isArray(open(state)[key])]).toEqual([key, true]);
      }),
      { numRuns: 100 },
    );
  });

  it('A-116 folding on from a copy in the middle gives what folding all gives', () => {
    fc.assert(
      fc.property(facts(aggregate), fc.nat(), (history, seed) => {
        const middle = seed % history.length;
        const copy = structuredClone(foldAll(type, history.slice(0, middle)));
        const rest = history.slice(middle).reduce((state, fact) => fold.evolveDraft(state, eventAfter(state, fact)), copy);
        expect(rest).toEqual(foldAll(type, history));
      }),
      { numRuns: 60 },
    );
  });

  it('every event has a summary line that is short and has no line breaks', () => {
    fc.assert(
      fc.property(facts(aggregate), (history) => {
        for (const fact of history) {
          const line = registry.definitionIn(type, fact[0])!.summary!(eventAfter(fold.initial(type, 'x'), fact));
          expect(line.length).toBeLessThan(1_000);
          expect(line).not.toMatch(/[\n\r]/);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('no event is changed by being folded', () => {
    fc.assert(
      fc.property(facts(aggregate), (history) => {
        const before = structuredClone(history);
        foldAll(type, history);
        expect(history).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });
});
