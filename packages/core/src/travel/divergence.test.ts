import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relayAt, relayParts, relayRun } from '../../test/relay.ts';
import type { RelayStep, RelaySteps } from '../../test/relay.ts';
import { divergence } from './divergence.ts';
import type { DivergenceOptions, DivergenceReport } from './divergence.ts';
import { stateDivergence } from './state-divergence.ts';
import type { EventEnvelope, JsonObject } from '../log/event.ts';

const compare = (run: RelaySteps, reference: RelaySteps, options: DivergenceOptions = {}): Promise<DivergenceReport> =>
  divergence(relayParts(...relayRun('bad', run), ...relayRun('good', reference)), relayAt('bad'), relayAt('good'), options);

const good: RelaySteps = [
  ['relay.begun', { course: 'forest' }],
  ['runner.off', { runner_id: 'anna', leg: 1 }, { causedBy: 1 }],
  ['tool.taken', { tool_id: 'a-map', by: 'anna', use: 'look' }, { causedBy: 2 }],
  ['tool.returned', { tool_id: 'a-map', found: 'path north' }, { causedBy: 3 }],
  ['runner.home', { runner_id: 'anna', result: 'bridge is open' }, { causedBy: 4 }],
  ['runner.off', { runner_id: 'bert', leg: 2, told: 'bridge is open' }, { causedBy: 5 }],
  ['runner.home', { runner_id: 'bert', result: 'over the bridge' }, { causedBy: 6 }],
  ['relay.won', {}, { causedBy: 7 }],
];

const changed = (steps: RelaySteps, index: number, step: (was: RelayStep) => RelayStep): RelaySteps => steps.map((was, place) => (place === index ? step(was) : was));
const withData = (steps: RelaySteps, index: number, data: JsonObject): RelaySteps => changed(steps, index, ([type, was, more]) => [type, { ...was, ...data }, more]);

describe('two runs', () => {
  it('that did the same are equal, states included (A-201)', async () => {
    expect(await compare(good, good)).toMatchObject({ equal: true, first: null, later: 0, states: 'equal', compared: { run: 8, reference: 8, equal: 8 }, truncated: false });
  });

  it('differ in structure where one did something that the other did not, once and not for all behind it', async () => {
    const more: RelaySteps = [...good.slice(0, 4), ['tool.taken', { tool_id: 'a-rope', by: 'anna', use: 'climb' }], ['tool.returned', { tool_id: 'a-rope', found: 'a way' }], ...good.slice(4)];
    const plain = good.map(([type, data]): RelayStep => [type, data]);
    expect((await compare(more.map(([type, data]): RelayStep => [type, data]), plain)).first).toMatchObject({ kind: 'structure', reason: 'EVENT_EXTRA', atRevision: 5, run: { type: 'tool.taken', place: 'relay > runner[1] > tool[2]' }, reference: null, actual: { use: 'climb' } });
    expect(await compare(more.map(([type, data]): RelayStep => [type, data]), plain)).toMatchObject({ later: 0 });
    expect(await compare(plain, more.map(([type, data]): RelayStep => [type, data]))).toMatchObject({ later: 0, first: { kind: 'structure', reason: 'EVENT_MISSING', atRevision: null, eventId: null, run: null, reference: { type: 'tool.taken', revision: 5 } } });
  });

  it('differ in input where the same step was given something else', async () => {
    const report = await compare(withData(good, 2, { use: 'guess' }), good);
    expect(report).toMatchObject({ equal: false, later: 0, first: { kind: 'input', reason: 'DATA_DIFFERS', path: '/use', expected: 'look', actual: 'guess', atRevision: 3, eventId: 'bad-event-3', run: { place: 'relay > runner[1] > tool[1]' }, reference: { eventId: 'good-event-3' } } });
  });

  it('differ in output where the same step brought something else, or failed', async () => {
    expect((await compare(withData(good, 4, { result: 'bridge is closed' }), good)).first).toMatchObject({ kind: 'output', reason: 'DATA_DIFFERS', path: '/result', expected: 'bridge is open', actual: 'bridge is closed', atRevision: 5 });
    expect((await compare(changed(good, 3, ([, , more]) => ['tool.broken', { tool_id: 'a-map', error: 'torn' }, more]), good)).first).toMatchObject({ kind: 'output', reason: 'TYPE_DIFFERS', expected: 'tool.returned', actual: 'tool.broken', atRevision: 4 });
  });

  it('differ in state where every event agrees and the fold does not', async () => {
    const odd = good.map(([type, data, more]): RelayStep => (type === 'relay.won' ? [type, data, { ...more, schemaVersion: '9.0.0' }] : [type, data, more]));
    expect((await compare(odd, good)).first).toMatchObject({ kind: 'state', reason: 'STATE_DIFFERS', atRevision: 8 });
  });

  it('are told with what stood around the first difference and how many came after it', async () => {
    const bad = withData(withData(good, 4, { result: 'bridge is closed' }), 5, { told: 'bridge is closed' });
    const { first, later, context } = await compare(bad, good, { context: 1 });
    expect([first!.atRevision, later]).toEqual([5, 1]);
    expect(context.run.map(({ revision }) => revision)).toEqual([4, 5, 6]);
    expect(context.reference.map(({ eventId }) => eventId)).toEqual(['good-event-4', 'good-event-5', 'good-event-6']);
  });

  it('may interleave agents that work at the same time', async () => {
    const legs = (first: string): RelaySteps => {
      const turn = (id: string): RelaySteps => [['tool.taken', { tool_id: `${id}-map`, by: id }], ['tool.returned', { tool_id: `${id}-map`, found: id }]];
      return [['relay.begun'], ['runner.off', { runner_id: 'anna' }], ['runner.off', { runner_id: 'bert' }], ...turn(first), ...turn(first === 'anna' ? 'bert' : 'anna')];
    };
    expect(await compare(legs('anna'), legs('bert'), { ignore: { pointers: [] } })).toMatchObject({ first: null, equal: true });
    expect(await compare(legs('anna'), legs('bert'), { align: 'index' })).toMatchObject({ equal: false });
  });

  it('differ where the same was done inside another entity', async () => {
    const under = (cause: number): RelaySteps => [['relay.begun'], ['runner.off', { runner_id: 'anna' }], ['tool.taken', { tool_id: 't' }, { causedBy: cause }]];
    expect((await compare(under(2), under(1))).first).toMatchObject({ kind: 'structure', reason: 'EVENT_EXTRA', run: { place: 'relay > runner[1] > tool[1]' } });
  });

  it('say when they are longer than what is compared', async () => {
    const shouts = (count: number, text: string): RelaySteps => Array.from({ length: count }, (_, index) => ['score.counted', { points: index, text }]);
    expect(await compare(shouts(50, 'a'), shouts(50, 'b'), { eventsMax: 10 })).toMatchObject({ truncated: true, equal: false, first: { atRevision: 1, path: '/text' } });
  });
});

describe('what may differ', () => {
  const noisy = (id: string, at: string, more: JsonObject): RelaySteps => [
    ['relay.begun', { started_at: at, duration_ms: id.length, request_id: id }],
    ['tool.taken', { tool_id: id, note: `see /tmp/${id}/x and ${at}`, sha: `${id.length}abc`, ...more }],
    ['water.drunk', { ml: id.length }],
    ['tool.returned', { tool_id: id, elapsed: id.length, digest: id.length }],
  ];
  const [one, other] = [
    ['0195f3a0-1111-7abc-8def-000000000001', '2026-01-01T10:00:00Z'],
    ['toolu_01VmaERAwhb19LGUwu9Gen', '2026-02-02T22:11:05.123Z'],
  ] as const;

  it('is ids, times, hashes, durations, temporary paths and noise by default', async () => {
    expect(await compare(noisy(...one, {}), noisy(...other, {}), { ignore: { pointers: ['/digest'] } })).toMatchObject({ equal: true });
    expect((await compare(noisy(...one, {}), noisy(...other, {}))).first).toMatchObject({ path: '/digest' });
  });

  it.each([
    ['ids', '/request_id'],
    ['times', '/started_at'],
    ['durations', '/duration_ms'],
  ] as const)('without the rule for %s is a difference at %s', async (rule, path) => {
    expect((await compare(noisy(...one, {}), noisy(...other, {}), { ignore: { [rule]: false } })).first).toMatchObject({ path, kind: 'input' });
  });

  it('is what the caller names, by pointer, by glob and by type', async () => {
    const [a, b] = [noisy(...one, { deep: { price: 1, name: 'x' } }), noisy(...other, { deep: { price: 2, name: 'y' } })];
    const first = async (pointers: readonly string[]): Promise<string | null | undefined> => (await compare(a, b, { ignore: { pointers: ['/digest', ...pointers] } })).first?.path;
    expect(await first([])).toBe('/deep/name');
    expect(await first(['/deep/name'])).toBe('/deep/price');
    expect(await first(['/deep/*'])).toBeUndefined();
    expect(await first(['tool.*:/deep'])).toBeUndefined();
    expect(await first(['relay.*:/deep'])).toBe('/deep/name');
    expect((await compare(a, b, { ignore: { types: ['tool.*'] } })).equal).toBe(true);
  });

  it('is the name of the stream, also inside a text', async () => {
    const named = (id: string): Parameters<typeof relayRun> => [id, [['relay.begun', { title: `Work on ${id}`, near: 'PROJ-1' }]]];
    const parts = relayParts(...relayRun(...named('PROJ-123')), ...relayRun(...named('PROJ-119')));
    expect(await divergence(parts, relayAt('PROJ-123'), relayAt('PROJ-119'))).toMatchObject({ equal: true });
    expect((await divergence(parts, relayAt('PROJ-123'), relayAt('PROJ-119'), { ignore: { ids: false } })).first).toMatchObject({ path: '/title' });
  });

  it('is never a value that a payload holds by name', async () => {
    expect((await compare(noisy(...one, { ticket_id: 'PROJ-77' }), noisy(...other, { ticket_id: 'PROJ-78' }))).first).toMatchObject({ path: '/ticket_id', expected: 'PROJ-78', actual: 'PROJ-77' });
  });
});

describe('properties of the comparison', () => {
  const step = fc.oneof(
    fc.tuple(fc.constantFrom('tool.taken', 'tool.returned', 'tool.broken'), fc.record({ tool_id: fc.constantFrom('t1', 't2', 't3'), value: fc.nat(3) })),
    fc.tuple(fc.constantFrom('runner.off', 'runner.home', 'runner.fell'), fc.record({ runner_id: fc.constantFrom('anna', 'bert'), value: fc.nat(3) })),
    fc.tuple(fc.constant('score.counted'), fc.record({ points: fc.nat(3) })),
  );
  const steps = fc.array(step, { minLength: 1, maxLength: 25 });

  it('a run never differs from itself', async () => {
    await fc.assert(fc.asyncProperty(steps, async (run) => {
        expect(await compare(run, run)).toMatchObject({ equal: true, states: 'equal', compared: { equal: run.length } });
      }),
      { numRuns: 80 });
  });

  it('one changed payload is the first difference, and nothing before it is', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(24), async (run, place) => {
        const at = place % run.length;
        const bad = run.map(([type, data], index): RelayStep => (index === at ? [type, { ...data, wrong: 'value' }] : [type, data]));
        const { first } = await compare(bad, run);
        expect(first!.atRevision ?? first!.reference!.revision).toBe(at + 1);
        expect((await compare(bad, run, { align: 'index' })).first).toMatchObject({ atRevision: at + 1, path: '/wrong', actual: 'value', expected: null });
      }),
      { numRuns: 150 },
    );
  });

  it('a run that stopped early lacks what came after, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(24), async (run, length) => {
        const part = run.slice(0, 1 + (length % run.length));
        const { first, later } = await compare(part, run);
        if (part.length === run.length) expect(first).toBeNull();
        else expect(first).toMatchObject({ reason: 'EVENT_MISSING', run: null });
        expect(later).toBeLessThanOrEqual(Math.max(0, run.length - part.length - 1));
      }),
      { numRuns: 100 },
    );
  });
});

describe('a state that somebody keeps', () => {
  const events: readonly EventEnvelope[] = relayRun('good', good);
  const parts = relayParts(...events);

  it('agrees with the fold of the log, or is told where not and which event set the value', async () => {
    const state = { ...parts.fold.foldAll(events, { from: parts.fold.initial('relay', 'good') }) };
    expect(await stateDivergence(parts, relayAt('good'), { kind: 'end' }, state)).toEqual({ equal: true, first: null, paths: [], differences: 0 });

    const wrong = structuredClone(state) as unknown as { runners: Record<string, { result: string }>; total: number };
    wrong.runners['anna']!.result = 'bridge is closed';
    wrong.total = 3;
    const report = await stateDivergence(parts, relayAt('good'), { kind: 'end' }, wrong);
    expect(report).toMatchObject({ equal: false, differences: 2, paths: ['/runners/anna/result', '/total'], first: { kind: 'state', reason: 'STATE_DIFFERS', path: '/runners/anna/result', expected: 'bridge is closed', actual: 'bridge is open', atRevision: 5, eventId: 'good-event-5' } });
    expect(await stateDivergence(parts, relayAt('good'), { kind: 'end' }, wrong, { ignore: ['/runners/*/result'] })).toMatchObject({ differences: 1, first: { path: '/total', eventId: null } });
  });
});
