import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogError } from '../src/errors.ts';
import type { EventEnvelope } from '../src/log/event.ts';
import { matchesQuery } from '../src/log/query-match.ts';
import { tagsOf } from '../src/log/tags.ts';
import { compileFilter } from '../src/query/compile-filter.ts';
import { parseFilter, type Filter } from '../src/query/filter.ts';
import { matchesGlob } from '../src/query/glob.ts';
import { matches } from '../src/query/match.ts';
import { eventOf, events, filterInputs, registry, uuid } from './query-world.ts';
import { refusalOf } from './refusal.ts';

const tagged = (event: EventEnvelope): readonly string[] => tagsOf(event, registry);

/** What a driver answers to a request, in the plainest way. */
function answers({ request }: ReturnType<typeof compileFilter>, event: EventEnvelope): boolean {
  const place = request.stream === undefined ? event.position : event.revision;
  if (request.stream !== undefined && request.stream !== `${event.streamType}/${event.streamId}`) return false;
  if (request.ids !== undefined && !request.ids.includes(event.id)) return false;
  if (request.query !== undefined && !matchesQuery(request.query, { type: event.type, tags: tagged(event) })) return false;
  return place > (request.after ?? 0) && place <= (request.upTo ?? Infinity);
}

const found = (filter: Filter, all: readonly EventEnvelope[]): readonly EventEnvelope[] => {
  const compiled = compileFilter(filter, registry);
  return all.filter((event) => answers(compiled, event) && (compiled.residue?.(event) ?? true));
};
const idsOf = (all: readonly EventEnvelope[]): readonly string[] => all.map(({ id }) => id);
const refusal = (input: Record<string, unknown>): LogError => refusalOf(() => parseFilter(input));

describe('a compiled filter', () => {
  test('A-012 and B-051: what the driver answers and the residue lets through is what the filter means', () => {
    let matched = 0;
    fc.assert(
      fc.property(filterInputs, fc.array(events, { minLength: 1, maxLength: 12 }), (input, all) => {
        const filter = parseFilter(input);
        const expected = all.filter((event) => matches(filter, event, registry));
        matched += expected.length;
        expect(idsOf(found(filter, all))).toEqual(idsOf(expected));
      }),
      { numRuns: 3000 },
    );
    expect(matched).toBeGreaterThan(500);
  });

  test('a filter taken from an event itself finds it, however awkward its values', () => {
    const parts: readonly (readonly [string, (event: EventEnvelope) => unknown])[] = [
      ['type', (event) => event.type],
      ['streamType', (event) => event.streamType],
      ['streamId', (event) => event.streamId],
      ['entity', (event) => ({ type: event.entityType, id: event.entityId })],
      ['entityChain', (event) => event.refs?.at(-1)],
      ['correlationId', (event) => event.correlationChain[0]],
      ['sessionId', (event) => event.sessionId],
      ['issueKey', (event) => event.issueKey],
      ['causationId', (event) => event.causationId],
      ['actorId', (event) => event.actor.id],
      ['actorType', (event) => event.actor.type],
      ['serviceName', (event) => event.serviceName],
      ['traceId', (event) => event.trace?.traceId],
      ['phase', (event) => event.phase],
      ['agent', (event) => event.agent],
      ['from', (event) => event.occurredAt],
      ['to', (event) => event.occurredAt],
      ['priority', (event) => event.priority],
      ['minSeverity', (event) => event.severity],
      ['fromRevision', (event) => event.revision],
      ['toRevision', (event) => event.revision],
    ];
    fc.assert(
      fc.property(events, fc.subarray([...parts]), (event, chosen) => {
        const filter = parseFilter({ includeArchived: true, ...Object.fromEntries(chosen.map(([name, read]) => [name, read(event)])) });
        expect(found(filter, [event])).toHaveLength(1);
      }),
      { numRuns: 2000 },
    );
  });

  test('a query has few items however much is asked', () => {
    fc.assert(
      fc.property(filterInputs, (input) => {
        const { request } = compileFilter(parseFilter(input), registry);
        expect(request.query?.items.length ?? 1).toBeLessThanOrEqual(128);
        expect([request.stream, request.query, request.ids].filter((way) => way !== undefined).length).toBeLessThanOrEqual(1);
        for (const item of request.query?.items ?? []) expect((item.types ?? []).length + (item.tags ?? []).length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });

  test('days become tags up to 62 of them, and stay with the residue beyond', () => {
    const days = (from: string, to: string) => compileFilter(parseFilter({ from, to }), registry).request.query?.items.map(({ tags }) => tags?.join());
    expect(days('2026-01-31', '2026-02-02')).toEqual(['day:2026-01-31', 'day:2026-02-01', 'day:2026-02-02']);
    expect(days('2026-01-01', '2026-03-03')).toHaveLength(62);
    expect(days('2026-01-01', '2026-03-04')).toBeUndefined();
  });

  test('C-096, B-127: conversation, session and time are asked of the index, which each event is found in by them', () => {
    const event = eventOf({ correlationId: 'c', correlationChain: ['b', 'c'], sessionId: 's', occurredAt: '2026-01-02T03:04:05.678Z' });
    const asked: readonly (readonly [Record<string, string>, string])[] = [[{ correlationId: 'b' }, 'correlation:b'], [{ sessionId: 's' }, 'session:s'], [{ from: '2026-01-02', to: '2026-01-02' }, 'day:2026-01-02']];
    for (const [filter, tag] of asked) {
      const { request } = compileFilter(parseFilter(filter), registry);
      expect(request.query?.items.map(({ tags }) => tags![0])).toContain(tag);
      expect(tagged(event)).toContain(tag);
      expect(answers({ request } as ReturnType<typeof compileFilter>, event)).toBe(true);
    }
  });

  test('a stream alone is read as a stream, and together with types by tag', () => {
    const stream = { streamType: 'task', streamId: 'T-1' };
    expect(compileFilter(parseFilter({ ...stream, fromRevision: 5, toRevision: 9 }), registry)).toMatchObject({ request: { stream: 'task/T-1', after: 4, upTo: 9 }, counts: 'revisions' });
    expect(compileFilter(parseFilter({ ...stream, type: 'task.failed', afterPosition: 7 }), registry)).toMatchObject({
      request: { query: { items: [{ types: ['task.failed'], tags: ['entity:task/T-1'] }] }, after: 7 },
      counts: 'positions',
    });
  });

  test('what an expression cannot be true without is asked for by type and tag', () => {
    const itemsOf = (expression: string, more: object = {}): unknown => compileFilter(parseFilter({ expression, ...more }), registry).request.query?.items;
    expect(itemsOf('type == "task.failed" && (data.cost > 3.0 && "planner" == event.agent)')).toEqual([{ types: ['task.failed'], tags: ['agent:planner'] }]);
    expect(itemsOf('phase == "plan"', { type: 'task.failed', agent: 'planner' })).toEqual([{ types: ['task.failed'], tags: ['agent:planner', 'phase:plan'] }]);
    for (const promisesNothing of ['agent == "a" || agent == "b"', '!(agent == "a")', 'agent == "a" ? true : false', 'agent != "a"', 'data.agent == "a"', 'event.actor.id == "a"', 'agent == ""']) expect(itemsOf(promisesNothing)).toBeUndefined();
  });

  test('C5: events an expression cannot be evaluated for do not match, and are counted', () => {
    const compiled = compileFilter(parseFilter({ expression: 'data.reward > 0.8' }), registry);
    const all = [eventOf({ data: { reward: 0.9 } }), eventOf({ data: {} }), eventOf({ data: { reward: 'much' } }), eventOf({ data: { reward: 0.1 } })];
    expect(all.map((event) => compiled.residue?.(event))).toEqual([true, false, false, false]);
    expect(compiled.notEvaluated()).toEqual({ count: 2, firstError: 'There is no "data.reward" here.' });
  });
});

describe('what a filter means', () => {
  const task = (verb: string, more: Partial<EventEnvelope> = {}): EventEnvelope => eventOf({ type: `task.${verb}`, ...more });

  test('A-009: an issue key finds exactly the events of the issue, over all days', () => {
    const all = ['A-1', 'B-2'].flatMap((issueKey) => [1, 2, 3].map((day) => task('created', { issueKey, occurredAt: `2026-01-0${day}T00:00:00.000Z` })));
    expect(found(parseFilter({ issue_key: 'A-1' }), all)).toEqual(all.slice(0, 3));
  });

  test('A-010: a list of types finds these only, the same under aliases', () => {
    const all = [task('created'), task('completed'), task('failed'), task('started')];
    expect(found(parseFilter({ event_types: ['TaskFailed', 'TaskCompleted'] }), all)).toEqual(all.slice(1, 3));
    expect(found(parseFilter({ type: ['task.failed', 'task.completed'] }), all)).toEqual(all.slice(1, 3));
    expect(found(parseFilter({ type: 'task.failed,TaskCompleted' }), all)).toEqual(all.slice(1, 3));
  });

  test('A-011: a range of time includes both its ends, to the millisecond', () => {
    const at = (time: string) => task('created', { occurredAt: `2026-01-02T${time}Z` });
    const all = [at('09:59:59.999'), at('10:00:00.000'), at('10:30:00.500'), at('11:00:00.000'), at('11:00:00.001')];
    expect(found(parseFilter({ from_timestamp: '2026-01-02T10:00:00Z', to_timestamp: '2026-01-02T11:00:00.000Z' }), all)).toEqual(all.slice(1, 4));
    expect(found(parseFilter({ from: '2026-01-02T11:00:00+01:00', to: '2026-01-02T13:00:00+02:00' }), all)).toEqual(all.slice(1, 4));
  });

  test('B-052: the verb alone beside its aggregate type is the type', () => {
    const all = [task('failed'), task('completed'), eventOf({ type: 'tool_call.failed', streamType: 'run' })];
    expect(found(parseFilter({ event_type: 'failed', aggregate_type: 'task' }), all)).toEqual(all.slice(0, 1));
  });

  test('B-053: dates, texts with and without an offset, and a date alone are accepted', () => {
    const bounds = (from: unknown, to: unknown) => parseFilter({ from_timestamp: from, to_timestamp: to });
    expect(bounds(new Date(Date.UTC(2026, 0, 2)), '2026-01-02T10:00:00.123456')).toEqual({ from: '2026-01-02T00:00:00.000Z', to: '2026-01-02T10:00:00.123Z' });
    expect(bounds('2026-01-02', '2026-01-02')).toEqual({ from: '2026-01-02T00:00:00.000Z', to: '2026-01-02T23:59:59.999Z' });
  });

  test('C-038: a correlation id finds the flows nested in it', () => {
    const all = [eventOf({ correlationId: 'a' }), eventOf({ correlationId: 'b', correlationChain: ['a', 'b'] }), eventOf({ correlationId: 'c' })];
    expect(found(parseFilter({ correlationId: 'a' }), all)).toEqual(all.slice(0, 2));
  });

  test('C-039: a session key finds what has this session and nothing else', () => {
    const all = [eventOf({ sessionId: 's1' }), eventOf({ sessionId: 's2' }), eventOf()];
    expect(found(parseFilter({ session_key: 's1' }), all)).toEqual(all.slice(0, 1));
  });

  test('a glob finds types of any spelling, and those that nobody registered', () => {
    const all = [task('created'), eventOf({ type: 'strange.thing' }), task('strange')];
    expect(found(parseFilter({ type: 'Task*' }), all)).toEqual(all.slice(0, 1));
    expect(found(parseFilter({ type: 'task.*' }), all)).toEqual([all[0], all[2]]);
    expect(found(parseFilter({ type: 'strange.*' }), all)).toEqual([all[1]]);
  });

  test('a glob and a category find undeclared types in a kind of stream that takes any', () => {
    const inBox = (type: string): EventEnvelope => eventOf({ type, streamType: 'box', streamId: 'b' });
    const all = [inBox('box.opened'), inBox('box.strange'), inBox('task.strange'), eventOf({ type: 'task.created' })];
    expect(found(parseFilter({ type: 'box.*' }), all)).toEqual(all.slice(0, 2));
    expect(found(parseFilter({ type: 'task.*' }), all)).toEqual(all.slice(2));
    expect(found(parseFilter({ category: 'box' }), all)).toEqual(all.slice(0, 2));
    expect(found(parseFilter({ streamType: 'box' }), all)).toEqual(all.slice(0, 3));
  });

  test('a category is what the definition says, else the noun of the type', () => {
    const all = [task('created'), eventOf({ type: 'note.added' }), eventOf({ type: 'strange.thing' })];
    expect(found(parseFilter({ category: 'talk' }), all)).toEqual([all[1]]);
    expect(found(parseFilter({ category: 'strange' }), all)).toEqual([all[2]]);
  });

  test.each([["' OR 1=1 --"], ['$where'], ['%00'], ['{"$gt":""}'], ['*'], ['task/../x']])('bad-input B9: %s as a value is literal text and finds nothing', (value) => {
    const all = [eventOf({ sessionId: 's' }), eventOf()];
    for (const part of ['sessionId', 'issueKey', 'agent', 'correlationId', 'streamId', 'text']) expect(found(parseFilter({ [part]: value }), all)).toEqual([]);
  });

  test('bad-input B7: an unknown stream as a filter finds nothing', () => {
    expect(found(parseFilter({ streamType: 'task', streamId: 'nobody' }), [eventOf()])).toEqual([]);
  });

  test('archived events are left out unless they are asked for', () => {
    const archived = eventOf({ archivedAt: '2026-02-01T00:00:00.000Z' });
    expect(found({}, [archived])).toEqual([]);
    expect(found(parseFilter({ includeArchived: 'true' }), [archived])).toEqual([archived]);
  });
});

describe('what is refused', () => {
  test('bad-input B11: from after to, in time and in revisions', () => {
    expect(refusal({ from: '2026-01-02', to: '2026-01-01' })).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'range' } });
    expect(refusal({ fromRevision: 3, toRevision: 2 })).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'range' } });
    expect(parseFilter({ from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' }).from).toBe('2026-01-01T00:00:00.000Z');
  });

  test('bad-input B5: an instant that is no date', () => {
    for (const from of ['yesterday', '2026-02-30', '2026-01-01T25:00:00Z']) expect(refusal({ from })).toMatchObject({ code: 'BAD_TIMESTAMP', details: { pointer: '/from' } });
  });

  test('bad-input B8: a text of 1 KiB is taken and one byte more is refused; NUL is literal text', () => {
    expect(parseFilter({ text: 'x'.repeat(1024) }).text).toHaveLength(1024);
    expect(refusal({ text: 'x'.repeat(1025) })).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'text', limit: 1024 } });
    const odd = eventOf({ data: { text: 'say "*" AND NEAR( \u0000 now' } });
    for (const text of ['"', '*', 'AND', 'near(', '\u0000 NOW']) expect(found(parseFilter({ text }), [odd, eventOf()])).toEqual([odd]);
  });

  test.each([
    ['agent/planner', { actorType: 'agent', actorId: 'planner' }],
    ['agent:planner', { actorType: 'agent', actorId: 'planner' }],
    ['agent:team/planner', { actorType: 'agent', actorId: 'team/planner' }],
    ['planner', { actorId: 'planner' }],
    ['bot:planner', { actorId: 'bot:planner' }],
    ['agents/planner', { actorId: 'agents/planner' }],
  ])('C-041: the actor %s is %j', (given, filter) => {
    expect(parseFilter({ actor: given })).toEqual(filter);
  });

  test('an unknown parameter is told with the nearest ones', () => {
    expect(refusal({ sesionId: 'x' })).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'unknown_parameter', pointer: '/sesionId' }, hint: expect.stringContaining('sessionId') as string });
    expect(parseFilter({ bucket: 'day', limit: 5, cursor: 'x' }, { also: ['bucket'] })).toEqual({});
    expect(refusal({ constructor: 'x' }).details.reason).toBe('unknown_parameter');
  });

  test.each([
    [{ sessionId: { $gt: '' } }, 'filter'],
    [{ fromRevision: '-1' }, 'filter'],
    [{ afterPosition: 1.5 }, 'filter'],
    [{ priority: 'P9' }, 'filter'],
    [{ minSeverity: 'loud' }, 'filter'],
    [{ actorType: 'robot' }, 'filter'],
    [{ entityChain: 'task' }, 'filter'],
    [{ includeArchived: 'maybe' }, 'filter'],
    [{ streamId: 'a', aggregate_id: 'b' }, 'ambiguous'],
    [{ agent: 'x'.repeat(5000) }, 'filter'],
  ])('%j is refused as %s', (input, reason) => {
    expect(refusal(input)).toMatchObject({ code: 'BAD_REQUEST', details: { reason } });
  });

  test('bad-inputs C1, C2, C3 and C6 hold for the expression of a filter', () => {
    for (const [where, reason] of [['1 +', 'syntax'], ['nobody', 'unknown_name'], ['1 + 1', 'type'], ['x'.repeat(2049), 'size'], ['state.x == 1', 'unknown_name']])
      expect(refusal({ where })).toMatchObject({ code: 'BAD_EXPRESSION', details: { reason } });
  });
});

describe('tags', () => {
  test('are sorted, unique, at most 32 and at most 256 bytes', () => {
    fc.assert(
      fc.property(events, (event) => {
        const tags = tagged(event);
        expect(tags).toEqual([...new Set(tags)].sort());
        expect(tags.length).toBeLessThanOrEqual(32);
        for (const tag of tags) {
          expect(new TextEncoder().encode(tag).length).toBeLessThanOrEqual(256);
          expect(tag.isWellFormed() && tag !== '').toBe(true);
          // oxlint-disable-next-line no-control-regex
          expect(/[\u0000-\u001f]/.test(tag)).toBe(false);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('say what an event can be found by', () => {
    const event = eventOf({
      type: 'task.started',
      data: { lot: 'L1' },
      sessionId: 's1',
      causationId: uuid(7),
      entityType: 'step',
      entityId: '2',
      refs: [{ type: 'sprint', id: 'S1' }],
      priority: 'P0',
      severity: 'ERROR',
      correlationChain: ['root', 'flow'],
    });
    expect(tagged(event)).toEqual([
      'actor:agent/planner',
      `cause:${uuid(7)}`,
      'correlation:flow',
      'correlation:root',
      'day:2026-01-02',
      'entity:sprint/S1',
      'entity:step/2',
      'entity:task/T-1',
      'lot:L1',
      'priority:P0',
      'session:s1',
      'severity:ERROR',
    ]);
  });
});

test('a glob means the same as the regular expression it stands for', () => {
  const pieces = fc.array(fc.constantFrom('a', 'b', '.', '*'), { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(pieces, pieces, (pattern, text) => {
      const expected = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(text);
      expect(matchesGlob(pattern, text)).toBe(expected);
    }),
    { numRuns: 3000 },
  );
});
