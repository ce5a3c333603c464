import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relayAt, relayParts, relayRun } from '../../test/relay.ts';
import type { RelayStep, RelaySteps } from '../../test/relay.ts';
import { blame, firstBadRevision } from './blame.ts';
import type { Blame, BlameOptions, Suspect } from './blame.ts';
import type { Place } from '../log/place.ts';

const end: Place = { kind: 'end' };
const at = (revision: number): Place => ({ kind: 'revision', revision });

const ask = (steps: RelaySteps, place: Place = end, options: BlameOptions = {}, reference: RelaySteps = []): Promise<Blame> =>
  blame(relayParts(...relayRun('bad', steps), ...relayRun('good', reference)), relayAt('bad'), place, { ...options, ...(reference.length > 0 ? { reference: relayAt('good') } : {}) });

const revisionsOf = (suspects: readonly Suspect[]): readonly (readonly [number, string])[] => suspects.map(({ event, basis }) => [event.revision, basis]);
const chainOf = (suspect: Suspect): readonly string[] => suspect.chain.map(({ from, to, kind, reason }) => `${from.revision} -> ${to.revision} ${kind} ${reason}`);

/** A torn map, a guess made from it, and in the end the relay is lost; every cause is recorded. */
const torn: RelaySteps = [
  ['relay.begun'],
  ['runner.off', { runner_id: 'anna' }, { causedBy: 1 }],
  ['tool.taken', { tool_id: 'a-map', by: 'anna' }, { causedBy: 2 }],
  ['tool.broken', { tool_id: 'a-map' }, { causedBy: 3 }],
  ['runner.home', { runner_id: 'anna', result: 'a guess' }, { causedBy: 4 }],
  ['runner.off', { runner_id: 'bert' }, { causedBy: 5 }],
  ['tool.taken', { tool_id: 'b-rope', by: 'bert' }, { causedBy: 6 }],
  ['tool.broken', { tool_id: 'b-rope' }],
  ['runner.fell', { runner_id: 'bert' }, { causedBy: 6 }],
  ['relay.lost', {}, { causedBy: 9 }],
];

describe('the first bad event', () => {
  it('is the earliest bad one among what the failure came from over recorded edges', async () => {
    const { target, targetReason, firstBad, suspects, causes } = await ask(torn, end, { inferred: false });
    expect([target!.revision, targetReason]).toEqual([10, 'stream_failed']);
    expect(revisionsOf(suspects)).toEqual([[4, 'recorded'], [9, 'recorded'], [10, 'recorded']]);
    expect(firstBad).toMatchObject({ event: { revision: 4, type: 'tool.broken', place: 'relay > runner[1] > tool[1]' }, why: 'severity', isConnected: true, strength: 1 });
    expect(chainOf(firstBad!)).toEqual(['4 -> 5 recorded cause', '5 -> 6 recorded cause', '6 -> 9 recorded cause', '9 -> 10 recorded cause']);
    expect(causes.map(({ revision }) => revision)).toEqual([9, 6, 5, 4, 3, 2, 1]);
  });

  it('is nobody\'s where nothing is an error; what failed on the way is listed, can be asked about, and what was made good is not', async () => {
    const fell = (runner_id: string): RelaySteps => [['runner.off', { runner_id }], ['runner.fell', { runner_id }, { severity: 'WARN' }]];
    const steps: RelaySteps = [['relay.begun'], ...fell('anna'), ...fell('bert'), ...fell('carl'), ['runner.off', { runner_id: 'bert' }], ['relay.won']];
    const answer = await ask(steps, end, { suspectsMax: 1 });
    expect(answer).toMatchObject({ target: null, firstBad: null, suspects: [], failuresTotal: 2 });
    expect(answer.failures.map(({ revision, type, severity }) => [revision, type, severity])).toEqual([[3, 'runner.fell', 'WARN']]);
    expect((await ask(steps)).failures.map(({ revision }) => revision)).toEqual([3, 7]);
    expect(await ask(steps, at(3))).toMatchObject({ targetReason: 'at_place', firstBad: { event: { revision: 3 } } });
    await expect(firstBadRevision(relayParts(...relayRun('bad', steps)), relayAt('bad'))).rejects.toMatchObject({ details: { reason: 'first_bad' } });
  });

  it('over inferred edges comes after every recorded one and is marked', async () => {
    // Bert's rope broke inside his leg; nobody recorded that he fell because of it.
    const { suspects } = await ask(torn);
    expect(revisionsOf(suspects)).toEqual([[4, 'recorded'], [9, 'recorded'], [10, 'recorded'], [8, 'inferred']]);
    expect(suspects.at(-1)!.strength).toBeLessThan(1);
    expect(chainOf(suspects.at(-1)!)[0]).toBe('8 -> 9 inferred inside');
  });

  it('is shown over recorded edges, however short an inferred way would be', async () => {
    const told = { note: 'the rope is in the boat house' };
    const steps: RelaySteps = [['relay.begun'], ['tool.broken', { tool_id: 't', ...told }], ['score.counted', {}, { causedBy: 2 }], ['score.counted', {}, { causedBy: 3 }], ['relay.lost', told, { causedBy: 4 }]];
    expect(chainOf((await ask(steps)).firstBad!)).toEqual(['2 -> 3 recorded cause', '3 -> 4 recorded cause', '4 -> 5 recorded cause']);
  });

  it('reaches what began the same entity, and the entity around it', async () => {
    const steps: RelaySteps = [['relay.begun'], ['runner.off', { runner_id: 'anna' }, { severity: 'WARN' }], ['tool.taken', { tool_id: 't', by: 'anna' }], ['tool.broken', { tool_id: 't' }, { severity: 'ERROR' }]];
    const { firstBad, target } = await ask(steps, end, { inferred: false });
    expect(target!.revision).toBe(4);
    expect(chainOf(firstBad!)).toEqual(['2 -> 4 recorded parent']);
    expect(firstBad!.event.revision).toBe(2);
  });

  it('is the failed event itself when nothing led to it', async () => {
    const { firstBad, targetReason } = await ask([['relay.begun'], ['relay.lost']]);
    expect([firstBad!.event.revision, firstBad!.chain, targetReason]).toEqual([2, [], 'stream_failed']);
  });

  it('is an unresolved error where the stream did not fail, and not one that was made good', async () => {
    const fell: RelaySteps = [['relay.begun'], ['runner.off', { runner_id: 'anna' }], ['runner.fell', { runner_id: 'anna' }]];
    expect(await ask(fell)).toMatchObject({ targetReason: 'unresolved_error', firstBad: { event: { revision: 3 }, why: 'failed' } });
    expect(await ask([...fell, ['runner.off', { runner_id: 'anna' }], ['runner.home', { runner_id: 'anna' }]])).toMatchObject({ target: null, firstBad: null, suspects: [] });
  });

  it('is none where nothing is bad, and the place first-bad says so', async () => {
    const fine: RelaySteps = [['relay.begun'], ['relay.won']];
    expect(await ask(fine)).toMatchObject({ target: null, targetReason: null, firstBad: null });
    await expect(firstBadRevision(relayParts(...relayRun('bad', fine)), relayAt('bad'))).rejects.toMatchObject({ code: 'NOT_FOUND', details: { reason: 'first_bad' } });
    expect(await firstBadRevision(relayParts(...relayRun('bad', torn)), relayAt('bad'))).toBe(4);
  });

  it('of a place by number is asked of the event there', async () => {
    expect(await ask(torn, at(8), { inferred: false })).toMatchObject({ targetReason: 'at_place', target: { revision: 8 }, firstBad: { event: { revision: 4 } } });
    expect(await ask(torn.slice(1), at(3), { inferred: false })).toMatchObject({ targetReason: 'at_place', target: { revision: 3 }, firstBad: { event: { revision: 3 } } });
    expect(await ask(torn, at(5))).toMatchObject({ target: null });
  });

  it('may carry a mark of the fold and nothing else', async () => {
    const { firstBad } = await ask([['relay.begun'], ['relay.begun'], ['relay.lost', {}, { causedBy: 2 }]]);
    expect(firstBad).toMatchObject({ event: { revision: 2 }, why: 'anomaly' });
  });

  it('is found in spite of causes that lie, go round in a circle or lead out of the log (bad-input B13)', async () => {
    const steps: RelaySteps = [['relay.begun', {}, { causedBy: 3 }], ['tool.broken', { tool_id: 't' }, { causationId: 'elsewhere' }], ['relay.lost', {}, { causedBy: 2 }]];
    expect(await ask(steps, end)).toMatchObject({ firstBad: { event: { revision: 2 } }, dangling: [{ eventId: 'bad-event-2', causationId: 'elsewhere' }, { eventId: 'bad-event-1', causationId: 'bad-event-3' }], truncated: false });

    const [outside] = relayRun('other', [['tool.broken', { tool_id: 'x' }, { id: 'elsewhere', causationId: 'bad-event-3', position: 0 }]]);
    const { firstBad, dangling } = await ask(steps, end, { byIds: async (ids) => (ids.includes('elsewhere') ? [outside!] : []) });
    expect([firstBad!.event.stream, firstBad!.event.place, dangling]).toEqual(['relay/other', null, [{ eventId: 'bad-event-1', causationId: 'bad-event-3' }, { eventId: 'elsewhere', causationId: 'bad-event-3' }]]);
    expect(chainOf(firstBad!)).toEqual(['1 -> 2 recorded cause', '2 -> 3 recorded cause']);
  });
});

/** Every call succeeds; Anna's map was old, and what she said went through two others before anybody noticed. */
const handover = (bridge: string, lost: boolean): RelaySteps => [
  ['relay.begun'],
  ['runner.off', { runner_id: 'anna' }],
  ['tool.taken', { tool_id: 'a-map', by: 'anna' }],
  ['tool.returned', { tool_id: 'a-map', pages: 12 }],
  ['runner.home', { runner_id: 'anna', result: bridge }],
  ['runner.off', { runner_id: 'bert', told: `cross at ${bridge} and turn left` }],
  ['tool.taken', { tool_id: 'b-boat', by: 'bert', to: bridge }],
  ['tool.returned', { tool_id: 'b-boat' }],
  ['runner.home', { runner_id: 'bert', result: lost ? 'no bridge there' : 'crossed' }],
  ['runner.off', { runner_id: 'cleo', from: lost ? 'no bridge there' : 'crossed' }],
  ['runner.home', { runner_id: 'cleo', result: lost ? 'gave up' : 'done' }],
  lost ? ['relay.lost', { why: 'gave up' }] : ['relay.won', { why: 'done' }],
];
const wrong = handover('https://maps.example/old-bridge', true);
const right = handover('https://maps.example/new-bridge', false);

describe('a cascade in which every call succeeds', () => {
  it('is traced to the agent that was wrong first, by a run that worked', async () => {
    const { firstBad, divergence, target, suspects } = await ask(wrong, end, {}, right);
    expect(divergence).toMatchObject({ kind: 'output', path: '/result', atRevision: 5, expected: 'https://maps.example/new-bridge', actual: 'https://maps.example/old-bridge' });
    expect(firstBad).toMatchObject({ basis: 'divergence', why: null, isConnected: true, event: { revision: 5, type: 'runner.home' } });
    expect(target!.type).toBe('relay.lost');
    expect(chainOf(firstBad!)).toEqual(['5 -> 6 inferred data', '6 -> 9 recorded start', '9 -> 10 inferred data', '10 -> 11 recorded start', '11 -> 12 inferred inside']);
    // Without the comparison only the failure itself is bad.
    expect(revisionsOf(suspects)).toEqual([[5, 'divergence'], [12, 'recorded']]);
  });

  it('is traced by what was expected', async () => {
    const { firstBad } = await ask(wrong, end, { expectation: '!state.runners["anna"].result.contains("old")' });
    expect(firstBad).toMatchObject({ basis: 'expectation', event: { revision: 5 } });
  });

  it('is told in its own words also when nothing leads from what is accused to the failure', async () => {
    const { firstBad } = await ask(wrong, end, { inferred: false }, right);
    expect(firstBad).toMatchObject({ basis: 'divergence', isConnected: false, chain: [], event: { revision: 5, place: 'relay > runner[1]', summary: 'Home: https://maps.example/old-bridge' } });
  });

  it('shows each hop of the chain with its kind, the data that went from hand to hand included', async () => {
    const { firstBad } = await ask(wrong, at(7), {}, right);
    expect(chainOf(firstBad!)).toEqual(['5 -> 6 inferred data', '6 -> 7 recorded parent']);
    expect(firstBad!.chain[0]).toMatchObject({ strength: 0.6, detail: '"https://maps.example/old-bridge" stands in both' });
    // Where causes are recorded they are the chain.
    const caused = wrong.map(([type, data, more], index): RelayStep => [type, data, index === 0 ? (more ?? {}) : { ...more, causedBy: index }]);
    const chain = chainOf((await ask(caused, end, {}, right)).firstBad!);
    expect(chain).toEqual(['5 -> 6 recorded cause', '6 -> 9 recorded start', '9 -> 10 recorded cause', '10 -> 11 recorded cause', '11 -> 12 recorded cause']);
  });

  it('that ends well all the same is asked about by its end', async () => {
    const sly = handover('https://maps.example/old-bridge', false);
    expect(await ask(sly)).toMatchObject({ target: null });
    expect(await ask(sly, end, {}, right)).toMatchObject({ targetReason: 'end', target: { revision: 12 }, firstBad: { basis: 'divergence', event: { revision: 5 } } });
  });

  it('names no event for what the run lacks', async () => {
    const { firstBad, divergence } = await ask(right.slice(0, 8), end, {}, right);
    expect([firstBad, divergence!.reason, divergence!.reference!.revision]).toEqual([null, 'EVENT_MISSING', 9]);
  });
});

describe('a place before the end', () => {
  it('is not behind a run that worked because it stands before its end', async () => {
    expect(await ask(wrong, at(4), {}, right)).toMatchObject({ divergence: null, targetReason: 'end', firstBad: null });
    expect(await ask(wrong, at(5), {}, right)).toMatchObject({ firstBad: { event: { revision: 5 }, basis: 'divergence' } });
  });
});

describe('a value', () => {
  it('is told with who set it and what led to that', async () => {
    const { value, target, targetReason, firstBad, causes } = await ask(torn, end, { pointer: '/runners/bert/status' });
    expect(value).toMatchObject([{ path: '/runners/bert/status', value: 'failed', before: 'running', setBy: { revision: 9 } }]);
    expect([target!.revision, targetReason, firstBad!.event.revision]).toEqual([9, 'value', 4]);
    expect(causes.map(({ revision }) => revision)).toEqual([6, 5, 4, 3, 2, 1]);
    await expect(ask(torn, end, { pointer: '/nowhere' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('properties of blame', () => {
  const step = fc.tuple(fc.constantFrom('runner.off', 'runner.home', 'runner.fell', 'tool.taken', 'tool.broken', 'score.counted'), fc.constantFrom('a', 'b', 'c'), fc.nat(12));
  const steps = fc.array(step, { minLength: 1, maxLength: 14 }).map((facts): RelaySteps => [
    ['relay.begun'],
    ...facts.map(([type, id, cause], index): RelayStep => [type, type.startsWith('runner') ? { runner_id: id } : { tool_id: id }, { causedBy: 1 + (cause % (index + 1)) }]),
    ['relay.lost', {}, { causedBy: facts.length + 1 }],
  ]);

  it('every chain leads from the suspect to the target, and only inferred suspects lean on inferred edges', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (run) => {
        const { suspects, target, firstBad } = await ask(run);
        expect(target!.type).toBe('relay.lost');
        for (const { chain, event, basis } of suspects) {
          const places = [event.eventId, ...chain.map(({ to }) => to.eventId)];
          expect(chain.map(({ from }) => from.eventId)).toEqual(places.slice(0, -1));
          expect(places.at(-1)).toBe(target!.eventId);
          expect(chain.some(({ kind }) => kind === 'inferred')).toBe(basis === 'inferred');
        }
        const sure = suspects.filter(({ basis }) => basis === 'recorded').map(({ event }) => event.position);
        expect(firstBad!.event.position).toBe(Math.min(...sure));
        expect((await ask(run, end, { inferred: false })).firstBad).toEqual(firstBad);
      }),
      { numRuns: 150 },
    );
  });
});
