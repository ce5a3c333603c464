import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relayAt, relayParts, relayRun } from '../../test/relay.ts';
import type { RelaySteps } from '../../test/relay.ts';
import { LogError } from '../errors.ts';
import type { JsonObject } from '../log/event.ts';
import { coverage } from './coverage.ts';
import type { Coverage, CoverageOptions } from './coverage.ts';
import { readerOver } from './stream-reader.ts';

const cover = (steps: RelaySteps, options: CoverageOptions = {}): Promise<Coverage> => coverage(relayParts(...relayRun('r', steps)), relayAt('r'), { kind: 'end' }, options);
const told = (by: string, more: JsonObject = {}): { readonly metadata: JsonObject } => ({ metadata: { source: { producer: by, format: 'hook', ...more } } });

const whole: RelaySteps = [['relay.begun'], ['runner.off', { runner_id: 'anna' }], ['tool.taken', { tool_id: 't' }], ['tool.returned', { tool_id: 't' }], ['runner.home', { runner_id: 'anna' }], ['relay.won']];

describe('what was not seen', () => {
  it('is nothing in a record without a hole', async () => {
    expect(await cover(whole)).toMatchObject({ complete: true, gaps: 0, events: 6, revision: 6, head: 6, anomalies: {} });
  });

  it('is the end of what began', async () => {
    const { startsWithoutEnd, complete } = await cover(whole.slice(0, 3));
    expect(complete).toBe(false);
    expect(startsWithoutEnd).toMatchObject({ count: 3, items: [{ entityType: 'relay', detail: 'no end was seen; stands at running' }, { entityType: 'runner', entityId: 'anna', revision: 2 }, { entityType: 'tool', entityId: 't', revision: 3, detail: 'no end was seen' }] });
  });

  it('is the beginning of what ended, also where an import concluded it', async () => {
    const { endsWithoutStart, anomalies } = await cover([['relay.begun'], ['runner.home', { runner_id: 'anna' }], ['tool.returned', { tool_id: 't' }], ['tool.taken', { tool_id: 'u' }, { metadata: { derived: 'implicit start' } }], ['tool.returned', { tool_id: 'u' }], ['relay.won']]);
    expect(endsWithoutStart.items.map(({ revision, detail }) => [revision, detail])).toEqual([[2, 'no beginning was seen'], [3, 'no beginning was seen'], [4, 'its beginning was concluded, not seen']]);
    expect(anomalies).toEqual({ MISSING_PREDECESSOR: 1 });
  });

  it('is a parent or a cause that is named and not there, wherever it may stand', async () => {
    const steps: RelaySteps = [
      ['relay.begun'],
      ['score.counted', { parent_span_id: 'gone', parent_runner_id: 'anna' }, { causationId: 'nowhere' }],
      ['score.counted', { parent_id: 'r' }, { causationId: 'r-event-4', refs: [{ type: 'runner', id: 'lost', rel: 'parent' }] }],
      ['runner.off', { runner_id: 'anna' }],
      ['runner.home', { runner_id: 'anna' }],
      ['relay.won'],
    ];
    const { missingParents, missingCauses } = await cover(steps);
    expect(missingParents.items.map(({ names, revision }) => [names, revision])).toEqual([['gone', 2], ['lost', 3]]);
    expect(missingCauses).toMatchObject({ count: 1, items: [{ names: 'nowhere', eventId: 'r-event-2' }] });
    expect((await cover(steps, { knownIds: async (ids) => new Set(ids) })).missingCauses.count).toBe(0);
  });

  it('is an agent who acts and is introduced nowhere', async () => {
    const steps: RelaySteps = [['relay.begun', {}, { agent: 'a', actor: { type: 'agent', id: 'a' } }], ['score.counted', {}, { agent: 'b' }], ['score.counted', {}, { agent: 'c', refs: [{ type: 'agent', id: 'c' }] }], ['relay.won']];
    expect((await cover(steps)).agentsNotIntroduced).toEqual(['b']);
  });

  it('is what nobody declared, and what was erased', async () => {
    expect(await cover([['relay.begun'], ['relay.unheard'], ['relay.unheard'], ['score.counted', {}, { erased: true }], ['relay.won']])).toMatchObject({ unknownTypes: [{ type: 'relay.unheard', count: 2 }], erased: 1, anomalies: { UNKNOWN_TYPE: 2 } });
  });

  it('is a revision that the reader does not give', async () => {
    const events = relayRun('r', whole);
    const parts = { ...relayParts(...events), reader: { ...readerOver(events.filter(({ revision }) => revision !== 3 && revision !== 4 && revision !== 6), 2), head: async () => 6 } };
    expect((await coverage(parts, relayAt('r'))).missingRevisions).toEqual({ count: 2, items: [{ from: 3, to: 4 }, { from: 6, to: 6 }] });
  });

  it('is a number that a producer left out, found in whatever order the numbers came', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 25 }), async (numbers) => {
        const { sequenceHoles } = await cover(numbers.map((nativeSeq) => ['score.counted', {}, told('temporal', { nativeSeq, file: 'h.json' })]));
        const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
        const missing = Array.from({ length: most - least + 1 }, (_, index) => least + index).filter((number) => !numbers.includes(number));
        expect(sequenceHoles.items.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index))).toEqual(missing);
        expect(sequenceHoles.items.every(({ producer, file }) => producer === 'temporal' && file === 'h.json')).toBe(true);
      }),
    );
  });

  it('keeps at most the examples asked for and counts all', async () => {
    const steps: RelaySteps = Array.from({ length: 30 }, (_, index) => ['tool.taken', { tool_id: `t${index}` }]);
    const { startsWithoutEnd } = await cover(steps, { itemsMax: 4 });
    expect([startsWithoutEnd.count, startsWithoutEnd.items.length]).toEqual([30, 4]);
  });

  it('is looked for in a history that cannot be folded to its end, and what ended the fold is told', async () => {
    const events = relayRun('r', [...whole.slice(0, 2), ['score.counted', { points: 1 }], ...whole.slice(2, 3)]);
    const parts = relayParts(...events);
    const evolveDraft: typeof parts.fold.evolveDraft = (draft, event, options) => {
      if (event.type === 'score.counted') throw new LogError('FOLD_FAILED', 'This definition is broken.');
      return parts.fold.evolveDraft(draft, event, options);
    };
    expect(await coverage({ ...parts, fold: { ...parts.fold, evolveDraft } }, relayAt('r'))).toMatchObject({ events: 4, startsWithoutEnd: { count: 3 }, anomalies: { FOLD_FAILED: 1 } });
  });

  it('of a stream that does not exist is refused (bad-input B7)', async () => {
    await expect(coverage(relayParts(), relayAt('none'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('clocks', () => {
  const atSecond = (second: number, more: JsonObject = {}, by = 'p'): { readonly occurredAt: string; readonly metadata: JsonObject } => ({ occurredAt: new Date(Date.UTC(2026, 4, 1) + second * 1_000).toISOString(), metadata: { source: { producer: by }, ...more } });

  it('are watched per producer: steps back beyond the tolerance, times ahead of the log, times nobody told', async () => {
    const { clock } = await cover([
      ['relay.begun', {}, atSecond(0)],
      ['score.counted', {}, atSecond(60)],
      ['score.counted', {}, atSecond(1, {}, 'q')],
      ['score.counted', {}, atSecond(50)],
      ['score.counted', {}, atSecond(49)],
      ['score.counted', {}, atSecond(10, { timeInferred: 'previous' })],
      ['relay.won', {}, atSecond(0, { timeUnknown: true })],
    ]);
    expect(clock.backwards).toMatchObject({ count: 1, tolerated: 1, largestMs: 10_000, items: [{ revision: 4, ms: 10_000 }] });
    expect(clock.ahead).toMatchObject({ count: 3, largestMs: 58_995 });
    expect([clock.inferred, clock.unknown]).toEqual([1, 1]);
  });
});

describe('producers', () => {
  it('are counted each for itself', async () => {
    const { producers } = await cover([['relay.begun'], ['score.counted', {}, told('hooks')], ['score.counted', {}, { metadata: { source: { producer: 'hooks', format: 'transcript' }, late: true, derived: 'x', violations: ['y'] } }], ['relay.won', {}, { serviceName: 'runner' }]]);
    expect(producers.map(({ producer, events, formats, late, derived, flagged }) => ({ producer, events, formats, late, derived, flagged }))).toEqual([
      { producer: 'direct', events: 1, formats: [], late: 0, derived: 0, flagged: 0 },
      { producer: 'hooks', events: 2, formats: ['hook', 'transcript'], late: 1, derived: 1, flagged: 1 },
      { producer: 'runner', events: 1, formats: [], late: 0, derived: 0, flagged: 0 },
    ]);
  });

  it('that tell one fact differently are both named', async () => {
    const { disagreements } = await cover([
      ['relay.begun', {}, told('hooks')],
      ['score.counted', { reason: 'corroborates', refers_to: 'r-event-1', differs: ['/output'] }, told('files')],
      ['score.counted', { reason: 'corroborates', refers_to: 'r-event-1', differs: [] }, told('files')],
      ['relay.won', {}, told('hooks')],
    ]);
    expect(disagreements).toEqual({ count: 1, items: [{ eventId: 'r-event-2', refersTo: 'r-event-1', differs: ['/output'], producer: 'files', otherProducer: 'hooks' }] });
  });
});
