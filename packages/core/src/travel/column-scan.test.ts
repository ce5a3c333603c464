import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeHasher } from '../../test/node-hasher.ts';
import { arbitraryHistory, event, history, registry, voyageId } from '../../test/voyage.ts';
import { createFold } from '../fold/fold.ts';
import type { EventEnvelope, JsonObject } from '../log/event.ts';
import { createColumnIndex } from './column-index.ts';
import type { ColumnIndex } from './column-index.ts';
import { reconstruct } from './reconstruct.ts';
import type { Flip, FlipsOptions } from './flip.ts';
import { flips } from './flips.ts';
import { readerOver } from './stream-reader.ts';
import type { FlipsSummary } from './truth-tally.ts';

const fold = createFold(registry);
const address = { streamType: 'voyage', streamId: voyageId };
const stream = `voyage/${voyageId}`;

interface Answer {
  readonly found: readonly Flip[];
  readonly summary: FlipsSummary | null;
  readonly refused: string | null;
  /** Events that were read for it. */
  readonly read: number;
}

async function ask(events: readonly EventEnvelope[], source: string, columns?: ColumnIndex, options: FlipsOptions = {}): Promise<Answer> {
  const under = readerOver(events, 7);
  let read = 0;
  const reader: typeof under = {
    ...under,
    async *pages(...asked) {
      for await (const page of under.pages(...asked)) {
        read += page.length;
        yield page;
      }
    },
  };
  const found: Flip[] = [];
  const walk = flips({ reader, fold, hasher: nodeHasher, ...(columns === undefined ? {} : { columns }) }, address, source, options);
  try {
    for (;;) {
      const { done, value } = await walk.next();
      if (done === true) return { found, summary: value, refused: null, read };
      found.push(value);
    }
  } catch (error) {
    return { found, summary: null, refused: String(error), read };
  }
}

/** Columns of short histories, too. */
const columnsOver = (limits: Parameters<typeof createColumnIndex>[0] = {}): ColumnIndex => createColumnIndex({ columnLeastEvents: 1, ...limits });

const told = ({ found, summary, refused }: Answer): Omit<Answer, 'read'> => ({ found, summary, refused });

/** The pass that folds a history once. */
async function warm(events: readonly EventEnvelope[], columns: ColumnIndex): Promise<void> {
  await reconstruct({ reader: readerOver(events, 7), fold, hasher: nodeHasher, columns }, address, { kind: 'end' });
}

const sources: readonly string[] = [
  'state.knots > 4',
  'state.status == "sailing" || previous.status == "sailing"',
  'after.knots > before.knots',
  'type == "cargo.loaded"',
  'event_type == "cargo.loaded" && event.severity == "INFO"',
  'event.data.tons > 4',
  'event_data.get("tons", 0) > 4 || event_data.get("id") == "tea"',
  'has(event.data.tons) && data.tons < 5',
  'has(event.data.a.b)',
  'event.data.a.b == 1',
  'event.data.a == null || event.data.a == "x"',
  'event.data["a"]["b"] > event.data.c',
  'event.data.c == -0.0 || 1 / event.data.c > 0',
  'event.data.get("a", 3) == event.data.get("c", event.revision)',
  'revision % 3 == 0',
  'data.a.startsWith("x")',
  'data.c + 1 > 2 ? data.a == "x" : type == "note.added"',
  'has(state.cargo.tea) && state.cargo.tea.tons > 3',
  'state.cargo["constructor"].status == "loaded"',
  'state.cargo.get("toString", null) == null',
  'state.log.size() > 1',
  'state.log.exists(entry, entry == "x")',
  '[1, 2].exists(one, one == event.data.get("c", 0))',
  'event.data == {}',
  'event.data[event.data.get("id", "a")] == "x"',
  'entity("voyage", "V-1") == null',
  'now > timestamp("2026-01-01T00:00:00Z") && state.knots > 4',
  'timestamp(occurredAt) < now',
  'phase == null',
  '1 < 2',
];

const part = fc.constantFrom<JsonObject[string]>(null, true, 'x', 'xy', 0, -0, 1, 2.5, [1], { b: 1 }, { b: 'x' }, { c: 2 }, {}, { b: { d: 1 } });
const payloads: fc.Arbitrary<readonly EventEnvelope[]> = fc
  .array(fc.oneof(fc.record({ a: part }), fc.record({ c: part }), fc.record({ a: part, c: part }), fc.constant({}), fc.constant({ a: 'x' })), { minLength: 1, maxLength: 20 })
  .map((all) => history(...all.map((data) => ['note.added', data as JsonObject] as const)));
const histories = fc.oneof(arbitraryHistory(25), payloads);

describe('a scan over columns', () => {
  it('tells what a scan of every event tells: whatever was asked before, of whatever range, while the stream grows and columns are dropped', async () => {
    const question = fc.record({ source: fc.constantFrom(...sources), length: fc.nat(25), after: fc.oneof(fc.constant(0), fc.nat(25)), upTo: fc.oneof(fc.constant(25), fc.nat(25)), stop: fc.oneof(fc.constant(Infinity), fc.nat(3)) });
    await fc.assert(
      fc.asyncProperty(histories, fc.array(question, { minLength: 2, maxLength: 8 }), fc.constantFrom(50_000, 250_000, 10_000_000), fc.constantFrom(1, 2, 32), fc.boolean(), async (events, asked, columnBytesMax, columnKeysGainedMax, isWarm) => {
        const columns = columnsOver({ columnBytesMax, columnKeysGainedMax });
        let length = 1;
        for (const { source, after, upTo, ...more } of asked) {
          length = Math.min(events.length, Math.max(length, more.length));
          const grown = events.slice(0, length);
          if (isWarm) await warm(grown, columns).catch(() => undefined);
          const options = { now: Date.UTC(2026, 0, 1, 0, 10), after: Math.min(after, upTo, length), upTo: Math.max(after, upTo) };
          // Somebody who stops reading leaves columns that end there.
          for await (const flip of flips({ reader: readerOver(grown, 7), fold, hasher: nodeHasher, columns }, address, source, options)) if (flip.revision > more.stop) break;
          for (const range of [options, { now: options.now }]) expect(told(await ask(grown, source, columns, range))).toEqual(told(await ask(grown, source, undefined, range)));
        }
      }),
      { numRuns: 400 },
    );
  });

  it.each(sources)('asks %s a second time as it did the first', async (source) => {
    await fc.assert(
      fc.asyncProperty(histories, async (events) => {
        const columns = columnsOver();
        const plain = told(await ask(events, source));
        expect(told(await ask(events, source, columns))).toEqual(plain);
        expect(told(await ask(events, source, columns))).toEqual(plain);
      }),
      { numRuns: 25 },
    );
  });

  const long = Array.from({ length: 300 }, (_, index) => event(index + 1, 'speed.changed', { before: 0, after: index % 100 === 50 ? 9 : 1 }, { severity: index === 200 ? 'ERROR' : 'INFO' }));

  it.each<readonly [first: string, second: string, flips: number]>([
    ['severity == "INFO"', 'severity == "ERROR"', 3],
    ['data.get("after", 0) > 4', 'data.after != 9', 7],
    ['has(event.data.other)', 'event.data.other > 1', 0],
  ])('after %s answers %s and reads only the events that turned it', async (first, second, turns) => {
    const columns = columnsOver();
    expect((await ask(long, first, columns)).read).toBe(300);
    const again = await ask(long, second, columns);
    expect(again.found.length).toBe(turns);
    expect(again.read).toBeLessThanOrEqual(2 * turns);
    expect(told(again)).toEqual(told(await ask(long, second)));
  });

  it('of a state reads nothing twice, and goes on with what was appended since', async () => {
    const calm = Array.from({ length: 300 }, (_, index) => event(index + 1, 'note.added', { text: 'x' }));
    const columns = columnsOver();
    await ask(calm, 'state.knots > 4', columns);
    expect((await ask(calm, 'state.knots < 4 || previous.knots < 3', columns)).read).toBe(0);
    const grown = [...calm, event(301, 'speed.changed', { before: 0, after: 9 })];
    // The event, and the last of those that the columns tell of.
    const { found, read } = await ask(grown, 'type == "speed.changed"', columns);
    expect([found.map(({ revision }) => revision), read]).toEqual([[1, 301], 2]);
    expect((await ask([...grown, event(302, 'note.added', { text: 'y' })], 'type == "note.added"', columns)).found.map(({ revision }) => revision)).toEqual([1, 301, 302]);
  });

  it('stops before an event that cannot be folded, as often as it is asked', async () => {
    const columns = columnsOver();
    const broken = [...long.slice(0, 20), event(21, 'voyage.wrecked'), event(22, 'note.added', { text: 'x' })];
    const plain = told(await ask(broken, 'state.knots >= 0'));
    expect(plain.refused).toContain('voyage.wrecked');
    for (let time = 0; time < 3; time++) expect(told(await ask(broken, 'state.knots >= 0', columns))).toEqual(plain);
  });

  it('says nothing of a place whose event is missing', async () => {
    const columns = columnsOver();
    const holed = long.filter(({ revision }) => revision !== 5);
    for (const range of [{ upTo: 4 }, { after: 5 }, {}, {}]) expect(told(await ask(holed, 'severity == "ERROR"', columns, range))).toEqual(told(await ask(holed, 'severity == "ERROR"', undefined, range)));
  });

  it('is forgotten when told: an event that says something else now is read again', async () => {
    const columns = columnsOver();
    await ask(long, 'severity == "ERROR"', columns);
    const erased = long.with(200, event(201, 'speed.changed', {}));
    columns.forget(stream);
    expect(columns.bytes).toBe(0);
    expect((await ask(erased, 'severity == "ERROR"', columns)).summary).toMatchObject({ flips: 0 });
  });

  it('tells its progress and stops when it is told to', async () => {
    const columns = columnsOver();
    await ask(long, 'data.get("after", 0) > 4', columns);
    const seen: number[] = [];
    await ask(long, 'data.get("after", 0) > 5', columns, { onProgress: ({ events }) => void seen.push(events) });
    expect(seen).toEqual([300]);
    expect((await ask(long, 'data.get("after", 0) > 5', columns, { signal: AbortSignal.abort() })).refused).toMatch(/abort/i);
  });
});

describe('the columns that are kept', () => {
  const busy = Array.from({ length: 600 }, (_, index) => event(index + 1, 'note.added', { a: index * 1.5, text: `t${index % 3}`, id: `one of many, ${index}` }));
  const questions = ['data.a > 100', 'data.text == "t1"', 'data.id == "one of many, 7"', 'state.knots > 4'] as const;

  it('are of every value that an event or a state has, by the one pass that folds them', async () => {
    const columns = columnsOver();
    await warm(busy, columns);
    for (const source of questions) {
      const { read, ...answer } = await ask(busy, source, columns);
      expect(answer).toEqual(told(await ask(busy, source)));
      expect(read).toBe(0);
    }
  });

  it.each([1_000_000, 120_000, 60_000, 1_000])('take no more than %s bytes, the largest going first, and what is gone is read', async (columnBytesMax) => {
    const columns = columnsOver({ columnBytesMax });
    await warm(busy, columns);
    for (const source of questions) {
      expect(told(await ask(busy, source, columns))).toEqual(told(await ask(busy, source)));
      expect(columns.bytes).toBeLessThanOrEqual(columnBytesMax);
    }
  });

  it('give way to those of the stream that was asked about since', async () => {
    const columns = columnsOver({ columnBytesMax: 150_000 });
    const fill = (stream: string) => {
      const held = columns.of(stream, 600)!;
      for (const one of busy) held.add(one, null);
      return held;
    };
    const [first, second] = [fill('voyage/A'), fill('voyage/B')];
    expect([first.events.upTo, second.events.upTo]).toEqual([600, 600]);
    expect(columns.of('voyage/B', 600)).toBe(second);
    expect(columns.of('voyage/A', 600)).not.toBe(first);
  });

  it('are none of a short history: reading it costs less', () => {
    const columns = columnsOver({ columnLeastEvents: 600 });
    expect([columns.of('voyage/A', 599), columns.of('voyage/A', 600)?.events.upTo]).toEqual([null, 0]);
  });
});
