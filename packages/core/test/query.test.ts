import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EventEnvelope } from '../src/log/event.ts';
import type { Hasher } from '../src/ports.ts';
import { causeTree, type CauseSource } from '../src/query/cause.ts';
import { validateChain, type ChainSource } from '../src/query/chain.ts';
import { entityChain } from '../src/query/entity-chain.ts';
import { parseFilter } from '../src/query/filter.ts';
import { containsText, createMemorySearch, searchableText } from '../src/query/fulltext.ts';
import { createCursorCodec, fillPage, parsePage, questionOf } from '../src/query/page.ts';
import { statsOf } from '../src/query/stats.ts';
import { timelineOf } from '../src/query/timeline.ts';
import { eventOf, events, registry, uuid } from './query-world.ts';
import { refusalOf } from './refusal.ts';

const hasher: Pick<Hasher, 'hmacSha256'> = { hmacSha256: (key, bytes) => new Uint8Array(createHmac('sha256', key).update(bytes).digest()) };
const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const codec = createCursorCodec(hasher as Hasher, key(1));
/** Cuts a list into batches of two, as pages of a driver come. */
function* batches(all: readonly EventEnvelope[], size = 2): Generator<readonly EventEnvelope[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
const many = (count: number): readonly EventEnvelope[] => Array.from({ length: count }, (_, index) => eventOf({ position: index + 1, revision: index + 1 }));

describe('page requests', () => {
  test('B-054: a limit and an offset are read as numbers or as text', () => {
    expect(parsePage({ limit: '50', offset: '100' })).toEqual({ limit: 50, offset: 100, cursor: null, direction: 'forward', wantsTotal: false });
    expect(parsePage({}).limit).toBe(100);
    expect(parsePage({ limit: 1000 }).limit).toBe(1000);
  });

  test('B-055: the newest first is an order, or a sort with a minus', () => {
    expect(parsePage({ order: 'DESC' }).direction).toBe('backward');
    expect(parsePage({ sort: '-recorded_at' }).direction).toBe('backward');
    expect(parsePage({}, { order: 'desc' }).direction).toBe('backward');
  });

  test.each([[0], [-1], [1e9], ['abc'], ['1.5'], [1001], ['']])('bad-input B1: a limit of %j', (limit) => {
    if (limit === '') expect(parsePage({ limit }).limit).toBe(100);
    else expect(refusalOf(() => parsePage({ limit }))).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'limit', limit: 1000 } });
  });

  test('bad-input B10: an unknown sort field is refused with the known ones', () => {
    expect(refusalOf(() => parsePage({ sort: 'colour' }))).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'sort' }, message: expect.stringContaining('position') as string });
    expect(refusalOf(() => parsePage({ order: 'up' })).details.reason).toBe('order');
  });
});

describe('cursors', () => {
  const question = questionOf(parseFilter({ sessionId: 's1', type: ['task.*'] }));

  test('carry any place there and back', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.constantFrom('forward' as const, 'backward' as const), fc.string(), (place, direction, about) => {
        expect(codec.decode(codec.encode(place, direction, about), direction, about)).toBe(place);
      }),
    );
  });

  test('are the same for two spellings of one filter', () => {
    expect(questionOf(parseFilter({ event_types: ['task.*'], session_id: 's1' }))).toBe(question);
  });

  test('bad-input B2: garbage, cut, or with any one bit flipped is refused', () => {
    const cursor = codec.encode(12, 'forward', question);
    for (const bad of ['', 'garbage', cursor.slice(0, -1), `${cursor}A`, ` ${cursor}`, '='.repeat(32), 'A'.repeat(32), '\u0000'])
      expect(refusalOf(() => codec.decode(bad, 'forward', question))).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'cursor' } });
    for (let at = 0; at < cursor.length; at++)
      for (let bit = 0; bit < 7; bit++) {
        const flipped = cursor.slice(0, at) + String.fromCharCode(cursor.charCodeAt(at) ^ (1 << bit)) + cursor.slice(at + 1);
        expect(refusalOf(() => codec.decode(flipped, 'forward', question)).details.reason).toBe('cursor');
      }
  });

  test('bad-input B3: of another question, direction or log are refused with the same words', () => {
    const cursor = codec.encode(12, 'forward', question);
    const garbage = refusalOf(() => codec.decode('garbage', 'forward', question)).message;
    const foreign = createCursorCodec(hasher as Hasher, key(2));
    for (const decode of [() => codec.decode(cursor, 'forward', questionOf({})), () => codec.decode(cursor, 'backward', question), () => foreign.decode(cursor, 'forward', question)])
      expect(refusalOf(decode)).toMatchObject({ message: garbage, details: { reason: 'cursor' } });
  });
});

describe('filling pages', () => {
  test('A-213 and bad-input B14: paging while events are appended repeats none and skips none', async () => {
    const log = [...many(25)];
    const seen: number[] = [];
    let after = 0;
    for (let next: EventEnvelope | null | undefined; next !== null; ) {
      const page = await fillPage(batches(log.filter(({ position }) => position > after), 3), { limit: 4, residue: ({ position }) => position % 2 === 0 });
      seen.push(...page.items.map(({ position }) => position));
      next = page.last;
      after = next?.position ?? after;
      if (log.length < 60) log.push(...many(log.length + 7).slice(log.length));
    }
    expect(seen).toEqual(log.map(({ position }) => position).filter((position) => position % 2 === 0));
  });

  test('B-054: offsets partition the result', async () => {
    const pages = await Promise.all([0, 4, 8].map((offset) => fillPage(batches(many(10)), { limit: 4, offset })));
    expect(pages.map(({ items }) => items.length)).toEqual([4, 4, 2]);
    expect(new Set(pages.flatMap(({ items }) => items.map(({ id }) => id))).size).toBe(10);
    expect(pages.map(({ last }) => last === null)).toEqual([false, false, true]);
  });

  test('a page that is exactly full ends the list when nothing follows', async () => {
    expect((await fillPage(batches(many(4)), { limit: 4 })).last).toBeNull();
    expect((await fillPage(batches(many(5)), { limit: 4 })).last?.position).toBe(4);
    expect(await fillPage([], { limit: 4 })).toEqual({ items: [], last: null, scanned: 0 });
  });

  test('a scan that has gone far enough gives what it has and where it stopped', async () => {
    const page = await fillPage(batches(many(50)), { limit: 10, scannedMax: 20, residue: ({ position }) => position === 3 });
    expect(page).toMatchObject({ last: { position: 20 }, scanned: 20 });
    expect(page.items.map(({ position }) => position)).toEqual([3]);
  });
});

describe('statistics', () => {
  test('C-046: the numbers equal counting by hand', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(events, { maxLength: 30 }), fc.constantFrom('minute' as const, 'hour' as const, 'day' as const), async (all, bucket) => {
        const stats = await statsOf(batches(all, 7), { bucket });
        const countBy = (read: (event: EventEnvelope) => string): [string, number][] =>
          [...new Set(all.map(read))].map((value): [string, number] => [value, all.filter((event) => read(event) === value).length]).sort(([a], [b]) => (a < b ? -1 : 1));
        const length = { minute: 16, hour: 13, day: 10 }[bucket];
        expect(stats.total).toBe(all.length);
        expect(new Map(Object.entries(stats.byType))).toEqual(new Map(countBy((event) => event.type)));
        expect(new Map(Object.entries(stats.byActor))).toEqual(new Map(countBy((event) => `${event.actor.type}/${event.actor.id}`)));
        expect(new Map(Object.entries(stats.byStreamType))).toEqual(new Map(countBy((event) => event.streamType)));
        expect(new Map(Object.entries(stats.byPriority))).toEqual(new Map(countBy((event) => event.priority)));
        expect(new Map(Object.entries(stats.byDate))).toEqual(new Map(countBy((event) => event.occurredAt.slice(0, 10))));
        expect(stats.buckets.map(({ start, count }) => [start.slice(0, length), count])).toEqual(countBy((event) => event.occurredAt.slice(0, length)));
        for (const { start } of stats.buckets) expect(new Date(start).toISOString()).toBe(start);
        const times = all.map(({ occurredAt }) => occurredAt).sort();
        expect([stats.from, stats.to]).toEqual([times[0] ?? null, times.at(-1) ?? null]);
      }),
    );
  });

  test('C-086: only what the filter lets through is counted', async () => {
    expect((await statsOf(batches(many(10)), { residue: ({ position }) => position > 7 })).total).toBe(3);
  });

  test('more buckets than an answer may hold are refused, with what to do', async () => {
    const all = [0, 1, 2].map((minute) => eventOf({ occurredAt: `2026-01-02T03:0${minute}:00.000Z` }));
    await expect(statsOf(batches(all), { bucket: 'minute', bucketsMax: 2 })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'bucket', limit: 2 } });
    expect((await statsOf(batches(all), { bucket: 'minute', bucketsMax: 3 })).buckets).toHaveLength(3);
  });
});

describe('timelines', () => {
  const at = (second: number): string => `2026-01-02T03:04:${String(second).padStart(2, '0')}.000Z`;
  const task = (verb: string, second: number, more: Partial<EventEnvelope> = {}): EventEnvelope => eventOf({ type: `task.${verb}`, occurredAt: at(second), ...more });
  const tool = (verb: string, call: string, second: number): EventEnvelope => eventOf({ type: `tool_call.${verb}`, streamType: 'run', streamId: 'R', entityType: 'run', entityId: 'R', occurredAt: at(second), data: { call } });

  test('C-045: running is a span, and everything else is a point, each in its lane', async () => {
    const all = [task('created', 1), task('started', 2), task('progressed', 3), task('failed', 4), task('started', 5), task('completed', 6), eventOf({ type: 'note.added', occurredAt: at(7) })];
    const { rows, truncated } = await timelineOf(batches(all), registry);
    expect(truncated).toBe(false);
    expect(rows.map(({ kind, lane, at: from, until, status }) => [kind, lane, from, until, status])).toEqual([
      ['point', 'task', at(1), null, null],
      ['span', 'task', at(2), at(4), 'failed'],
      ['point', 'task', at(3), null, null],
      ['span', 'task', at(5), at(6), 'completed'],
      ['point', 'task', at(7), null, null],
    ]);
    expect(rows.map(({ label }) => label)).toContain('T-1 at work');
    expect([rows[1]!.eventId, rows[1]!.endEventId]).toEqual([all[1]!.id, all[3]!.id]);
  });

  test('C-045: overlapping calls are paired by their own key, and what is open stays open', async () => {
    const { rows } = await timelineOf(batches([tool('started', 'a', 1), tool('started', 'b', 2), tool('returned', 'a', 3), eventOf({ type: 'heartbeat.seen', streamType: 'run' })]), registry);
    expect(rows.map(({ lane, kind, at: from, until, status }) => [lane, kind, from, until, status])).toEqual([
      ['tool', 'span', at(1), at(3), 'returned'],
      ['tool', 'span', at(2), null, 'running'],
    ]);
  });

  test('two streams of one kind do not close each other, and an end without a start is a point', async () => {
    const all = [task('started', 1), task('completed', 2, { streamId: 'T-2' }), task('completed', 3)];
    const { rows } = await timelineOf(batches(all), registry);
    expect(rows.map(({ kind, until }) => [kind, until])).toEqual([
      ['span', at(3)],
      ['point', null],
    ]);
  });

  test('A-023: lanes and rows can be narrowed, and a cut is told', async () => {
    const all = [task('started', 1), tool('started', 'a', 2), tool('started', 'b', 3), tool('returned', 'b', 4)];
    expect((await timelineOf(batches(all), registry, { lanes: ['tool'] })).rows.map(({ lane }) => lane)).toEqual(['tool', 'tool']);
    expect(await timelineOf(batches(all), registry, { lanes: ['tool'], rowsMax: 1 })).toMatchObject({ rows: [{ lane: 'tool' }], truncated: true });
    expect((await timelineOf(batches(all), registry, { rowsMax: 3 })).truncated).toBe(false);
  });

  test('any events give rows that name them, in their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(events, { maxLength: 20 }), async (all) => {
        const { rows } = await timelineOf(batches(all), registry);
        const ids = all.map(({ id }) => id);
        for (const row of rows) expect(ids).toContain(row.eventId);
        expect(rows.length).toBeLessThanOrEqual(all.length);
      }),
    );
  });
});

const sourceOf = (all: readonly EventEnvelope[]): CauseSource => ({
  byIds: (ids) => Promise.resolve(all.filter(({ id }) => ids.includes(id))),
  effectsOf: (id, limit) => Promise.resolve(all.filter(({ causationId }) => causationId === id).slice(0, limit)),
});
const caused = (position: number, by?: number): EventEnvelope => eventOf({ position, ...(by === undefined ? {} : { causationId: uuid(by) }) });

describe('cause trees', () => {
  test('A-068 and A-192: causes lead to the root, effects branch', async () => {
    const tree = await causeTree(uuid(3), sourceOf([caused(1), caused(2, 1), caused(3, 2), caused(4, 3), caused(5, 3), caused(6, 5), caused(7, 1)]));
    expect(tree).toMatchObject({
      causes: [{ position: 2 }, { position: 1 }],
      effects: [
        { event: { position: 4 }, effects: [] },
        { event: { position: 5 }, effects: [{ event: { position: 6 } }] },
      ],
      dangling: [],
      truncated: false,
    });
    expect(await causeTree(uuid(99), sourceOf([]))).toBeNull();
  });

  test('bad-input B13: a cycle is cut and told, a cause that is not there is dangling', async () => {
    const cycle = await causeTree(uuid(1), sourceOf([caused(1, 3), caused(2, 1), caused(3, 2)]));
    expect(cycle).toMatchObject({ truncated: true, causes: [{ position: 3 }, { position: 2 }] });
    const itself = await causeTree(uuid(1), sourceOf([caused(1, 1)]));
    expect(itself).toMatchObject({ truncated: true, causes: [], effects: [] });
    const lost = await causeTree(uuid(2), sourceOf([caused(2, 1)]));
    expect(lost).toMatchObject({ truncated: false, causes: [], dangling: [{ eventId: uuid(2), causationId: uuid(1) }] });
  });

  test('bad-input B13: any tangle of causes ends, and names no event twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }), { minLength: 1, maxLength: 10 }), async (causes) => {
        const tree = await causeTree(uuid(1), sourceOf(causes.map((by, index) => caused(index + 1, by))));
        const down = (nodes: NonNullable<typeof tree>['effects']): string[] => nodes.flatMap(({ event, effects }) => [event.id, ...down(effects)]);
        const ids = [...tree!.causes.map(({ id }) => id), ...down(tree!.effects)];
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  test('a limit cuts and is told', async () => {
    const line = Array.from({ length: 30 }, (_, index) => caused(index + 1, index === 0 ? undefined : index));
    expect(await causeTree(uuid(30), sourceOf(line), { depthMax: 5 })).toMatchObject({ truncated: true, causes: { length: 5 } });
    expect((await causeTree(uuid(1), sourceOf(line), { eventsMax: 10 }))!.truncated).toBe(true);
    expect((await causeTree(uuid(1), sourceOf(line), { eventsMax: 30 }))!.truncated).toBe(false);
  });
});

test('C-042: the chain of a sprint is the sprint, its tasks, and their sessions', async () => {
  const refs = (type: string, id: string) => [{ type, id }];
  const all = [
    eventOf({ streamType: 'sprint', streamId: 'S1' }),
    eventOf({ streamId: 'T-1', refs: refs('sprint', 'S1') }),
    eventOf({ streamId: 'T-2', refs: refs('sprint', 'S2') }),
    eventOf({ streamType: 'session', streamId: 's', refs: refs('task', 'T-1') }),
    eventOf({ streamType: 'sprint', streamId: 'S1', refs: refs('session', 's') }),
  ];
  const chain = await entityChain({ type: 'sprint', id: 'S1' }, () => batches(all));
  expect(chain).toEqual({ entities: [{ type: 'sprint', id: 'S1' }, { type: 'task', id: 'T-1' }, { type: 'session', id: 's' }], truncated: false });
  expect(await entityChain({ type: 'sprint', id: 'S1' }, () => batches(all), { depthMax: 1 })).toMatchObject({ entities: { length: 2 } });
  expect((await entityChain({ type: 'sprint', id: 'S1' }, () => batches(all), { entitiesMax: 2 })).truncated).toBe(true);
});

describe('validating a correlation chain', () => {
  const hash = (revision: number): string => String(revision).repeat(64).slice(0, 64);
  /** Revision r of the stream stands at position r, linked to the one before. */
  const linked = (revision: number, more: Partial<EventEnvelope> = {}): EventEnvelope =>
    eventOf({ position: revision, revision, hash: hash(revision), ...(revision === 1 ? {} : { prevHash: hash(revision - 1) }), ...more });
  const judge = (log: readonly EventEnvelope[], more: Partial<ChainSource> = {}) =>
    validateChain('flow', {
      events: batches(log.filter(({ correlationChain }) => correlationChain.includes('flow'))),
      stream: (type, id, from, to) => batches(log.filter((event) => event.streamType === type && event.streamId === id && event.revision >= from && event.revision <= to)),
      byIds: (ids) => Promise.resolve(log.filter(({ id }) => ids.includes(id))),
      ...more,
    });
  const codes = async (log: readonly EventEnvelope[], more: Partial<ChainSource> = {}): Promise<readonly string[]> => (await judge(log, more)).violations.map(({ code, severity }) => (severity === 'info' ? `${code} (info)` : code));

  test('C-050: a whole chain is ok, and says what was looked at', async () => {
    expect(await judge([linked(1), linked(2, { causationId: uuid(1) }), linked(3)], { leafHash: ({ revision }) => hash(revision) })).toEqual({
      ok: true,
      correlationId: 'flow',
      checked: 3,
      streams: [{ type: 'task', id: 'T-1', fromRevision: 1, toRevision: 3 }],
      violations: [],
    });
    expect(await judge([])).toMatchObject({ ok: true, checked: 0 });
  });

  test('C-083: a missing revision is named, and swapped ones too', async () => {
    expect((await judge([linked(1), linked(2), linked(4), linked(6)])).violations.filter(({ code }) => code === 'REVISION_MISSING')).toMatchObject([{ revision: 3 }, { revision: 5 }]);
    expect(await codes([linked(1), linked(3, { position: 2 }), linked(2, { position: 3 })])).toContain('ORDER');
    expect(await codes([linked(1), linked(2, { position: 5 }), linked(3, { position: 4 })])).toEqual(['ORDER']);
    expect(await codes([linked(1), linked(2), linked(2, { id: uuid(77) })])).toContain('REVISION_DUPLICATE');
  });

  test('C-050: a range that a policy deleted is told and is no fault', async () => {
    const report = await judge([linked(1), linked(6)], { deleted: () => [{ fromRevision: 2, toRevision: 4, policy: 'p3' }] });
    expect(report.violations.map(({ code, severity, revision }) => [code, severity, revision])).toEqual([
      ['DELETED_RANGE', 'info', 2],
      ['REVISION_MISSING', 'error', 5],
    ]);
    expect(await judge([linked(1), linked(4)], { deleted: () => [{ fromRevision: 1, toRevision: 9, policy: 'p3' }] })).toMatchObject({ ok: true, violations: [{ code: 'DELETED_RANGE' }] });
  });

  test('C-050: links and bytes are recomputed', async () => {
    expect(await codes([linked(1), linked(2, { prevHash: hash(9) })])).toEqual(['CHAIN']);
    expect(await codes([linked(1, { prevHash: hash(9) })])).toEqual(['CHAIN']);
    expect(await codes([linked(1), linked(2)], { leafHash: () => hash(1) })).toEqual(['PAYLOAD']);
  });

  test('C-050: causes exist, come first, and form no cycle', async () => {
    expect(await codes([linked(1, { causationId: uuid(50) })])).toEqual(['MISSING_CAUSE']);
    expect(await codes([linked(1, { causationId: uuid(2) }), linked(2)])).toEqual(['CAUSE_AFTER_EFFECT']);
    expect(await codes([linked(1, { causationId: uuid(2) }), linked(2, { causationId: uuid(1) })])).toEqual(['CAUSE_AFTER_EFFECT', 'CAUSE_CYCLE']);
    const elsewhere = eventOf({ position: 1, streamId: 'T-9', correlationId: 'other' });
    expect(await codes([elsewhere, linked(1, { position: 2, causationId: uuid(1) })])).toEqual([]);
  });

  test('C-050: a chain ends in its own id and continues the one that opened it', async () => {
    expect(await codes([linked(1, { correlationChain: ['flow', 'x'] })])).toEqual(['CHAIN_NOT_NESTED']);
    const nested = (chain: readonly string[]) => linked(2, { causationId: uuid(1), correlationId: 'sub', correlationChain: chain });
    expect(await codes([linked(1), nested(['flow', 'sub'])])).toEqual([]);
    expect(await codes([linked(1), nested(['else', 'flow', 'sub'])])).toEqual(['CHAIN_NOT_NESTED']);
    expect(await codes([linked(1), nested(['flow', 'sub']), linked(3, { correlationId: 'sub', correlationChain: ['flow', 'y', 'sub'] })])).toEqual(['CHAIN_NOT_NESTED']);
  });

  test('C-050: what the fold found illegal in the stretch is reported', async () => {
    const anomaly = (revision: number) => ({ eventId: uuid(revision), revision, code: 'ILLEGAL_TRANSITION' as const, detail: 'no' });
    expect((await judge([linked(2), linked(3)], { anomalies: () => Promise.resolve([anomaly(1), anomaly(3)]) })).violations).toMatchObject([{ code: 'ILLEGAL_TRANSITION', revision: 3, severity: 'error' }]);
  });
});

describe('full text', () => {
  test('finds keys and values of payload and metadata, without regard to case, and takes NUL for U+FFFD', () => {
    const event = eventOf({ data: { Error: { message: 'Connection REFUSED' }, list: [1.5, 'two'], odd: 'a\u0000b' }, metadata: { region: 'eu' } });
    for (const text of ['connection refused', 'MESSAGE', 'two', '1.5', 'EU', 'a\u0000b', 'a\ufffdb', 'task.created']) expect(containsText(searchableText(event), text)).toBe(true);
    expect(containsText(searchableText(event), 'missing')).toBe(false);
    expect(searchableText(event)).not.toContain('\u0000');
  });

  test('a payload of any size gives a text of bounded size', () => {
    const text = searchableText(eventOf({ data: { big: 'x'.repeat(1_000_000), more: Array.from({ length: 50_000 }, (_, index) => index) } }));
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(containsText(text, 'more')).toBe(true);
  });

  test('bad-input B8: the memory index takes every question for literal text', async () => {
    const search = createMemorySearch();
    const texts = ['say "hello', 'a * b', 'this AND that', 'NEAR(x, y)', 'plain'];
    await search.add(texts.map((text, index) => ({ position: index + 1, text })), 5);
    expect(await search.cursor()).toBe(5);
    for (const [question, position] of [['"', 1], ['*', 2], ['AND th', 3], ['near(', 4]] as const) expect(await search.search(question)).toEqual([position]);
  });

  test('the memory index pages in both directions, replaces, and empties', async () => {
    const search = createMemorySearch();
    await search.add([3, 1, 2, 10].map((position) => ({ position, text: 'same' })), 10);
    expect(await search.search('same', { limit: 2 })).toEqual([1, 2]);
    expect(await search.search('same', { after: 2 })).toEqual([3, 10]);
    expect(await search.search('same', { after: 10, direction: 'backward', limit: 2 })).toEqual([3, 2]);
    await search.add([{ position: 1, text: 'other' }], 11);
    expect(await search.search('same', { limit: 1 })).toEqual([2]);
    await search.reset();
    expect([await search.cursor(), await search.search('same')]).toEqual([0, []]);
  });
});
