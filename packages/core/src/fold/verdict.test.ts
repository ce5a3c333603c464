import { describe, expect, it } from 'vitest';
import { event, history, registry, voyageId } from '../../test/voyage.ts';
import type { Fact } from '../../test/voyage.ts';
import type { EventEnvelope, JsonObject } from '../log/event.ts';
import { defineAggregate } from './aggregate.ts';
import { createRegistry } from '../schema/registry.ts';
import { createFold } from './fold.ts';
import { refusalOf } from './verdict.ts';
import type { IllegalVerdict, Verdict } from './verdict.ts';

const fold = createFold(registry);
const stateAfter = (...facts: readonly Fact[]) => fold.foldAll(history(...facts), { from: fold.initial('voyage', voyageId) });
const judged = (type: string, data: JsonObject, ...facts: readonly Fact[]): Verdict => fold.judge(stateAfter(...facts), event(facts.length + 1, type, data));
const refused = (verdict: Verdict): IllegalVerdict => {
  if (verdict.legal) throw new Error('the event is legal');
  return verdict;
};
const planned: Fact = ['voyage.planned', { ship: 'Beagle' }];

describe('judging an event', () => {
  it('says where a legal transition leads, and null where there is no machine', () => {
    expect(judged('voyage.departed', {}, planned)).toEqual({ legal: true, status: 'sailing' });
    expect(judged('note.added', { text: 'x' }, planned)).toEqual({ legal: true, status: null });
    expect(judged('custom.thing', {}, planned)).toEqual({ legal: true, status: null });
  });

  it('tells an illegal transition with what would be allowed (X-008, bad-input A42)', () => {
    const verdict = refused(judged('voyage.arrived', {}, planned));
    expect(verdict).toMatchObject({ code: 'ILLEGAL_TRANSITION', machine: 'voyage', from: 'planned', to: 'arrived', allowedFrom: ['sailing'], allowedEvents: ['voyage.departed', 'voyage.cancelled'], policy: 'enforce' });
    expect(verdict.detail).toBe('voyage.arrived is not allowed in status planned (allowed: voyage.departed, voyage.cancelled)');
    const error = refusalOf(verdict, event(2, 'voyage.arrived'), 1);
    expect(error.code).toBe('ILLEGAL_TRANSITION');
    expect(error.details).toMatchObject({ stream: 'voyage/V-1', type: 'voyage.arrived', from: 'planned', to: 'arrived', allowed: ['voyage.departed', 'voyage.cancelled'], revision: 1 });
  });

  it('judges the machine of a part by its own status', () => {
    const verdict = refused(judged('cargo.loaded', { id: 'tea' }, planned, ['cargo.loaded', { id: 'tea' }]));
    expect(verdict).toMatchObject({ machine: 'cargo', from: 'loaded', allowedFrom: ['absent', 'unloaded'], allowedEvents: ['cargo.unloaded'] });
    expect(judged('cargo.loaded', { id: 'silk' }, planned, ['cargo.loaded', { id: 'tea' }]).legal).toBe(true);
  });

  it('compares a before with the state (bad-input A43)', () => {
    expect(judged('speed.changed', { before: 0, after: 5 }, planned).legal).toBe(true);
    const verdict = refused(judged('speed.changed', { before: 4, after: 5 }, planned));
    expect(verdict).toMatchObject({ code: 'BEFORE_MISMATCH', policy: 'enforce', details: { path: '/knots', actual: 0 } });
    const error = refusalOf(verdict, event(2, 'speed.changed'), 1);
    expect([error.code, error.details['path'], error.details['actual']]).toEqual(['BEFORE_MISMATCH', '/knots', 0]);
  });

  it('only remarks on an outside fact that does not fit', () => {
    expect(refused(judged('cargo.unloaded', { id: 'tea' }, planned))).toMatchObject({ code: 'MISSING_PREDECESSOR', policy: 'tolerate', from: 'absent', to: 'unloaded' });
    expect(refused(judged('cargo.unloaded', { id: 'tea' }, planned, ['cargo.unloaded', { id: 'tea' }]))).toMatchObject({ code: 'DUPLICATE_FACT', policy: 'tolerate' });
  });

  it('allows only a creating event after a deleting one', () => {
    const verdict = refused(judged('note.added', { text: 'x' }, planned, ['voyage.cancelled']));
    expect(verdict).toMatchObject({ code: 'ILLEGAL_TRANSITION', from: 'cancelled', allowedEvents: ['voyage.planned'] });
    expect(judged('voyage.planned', { ship: 'Fram' }, planned, ['voyage.cancelled'])).toEqual({ legal: true, status: 'planned' });
    expect(judged('voyage.planned', { ship: 'Fram' }, planned).legal).toBe(false);
  });
});

describe('folding what was judged illegal', () => {
  const anomalies = (events: readonly EventEnvelope[]) => fold.foldAll(events, { from: fold.initial('voyage', voyageId) }).anomalies.map(({ revision, code }) => [revision, code]);

  it('keeps the status, merges the data and notes the anomaly', () => {
    const state = stateAfter(planned, ['voyage.departed'], ['voyage.planned', { ship: 'Fram' }]);
    expect(state).toMatchObject({ status: 'sailing', ship: 'Fram', anomalies: [{ revision: 3, code: 'ILLEGAL_TRANSITION' }] });
  });

  it('applies an outside fact and a mismatching change, and nothing twice', () => {
    const events = history(planned, ['cargo.unloaded', { id: 'tea' }], ['cargo.unloaded', { id: 'tea' }], ['speed.changed', { before: 4, after: 9 }]);
    expect(stateAfter(planned, ['cargo.unloaded', { id: 'tea' }], ['speed.changed', { before: 4, after: 9 }])).toMatchObject({ knots: 9, cargo: { tea: { implicit: true, status: 'unloaded' } } });
    expect(anomalies(events)).toEqual([[2, 'MISSING_PREDECESSOR'], [3, 'DUPLICATE_FACT'], [4, 'BEFORE_MISMATCH']]);
  });

  it('lets a definition remark without refusing: the status still moves', () => {
    const door = createFold(
      createRegistry({
        aggregates: [
          defineAggregate<{ status: string }>({
            type: 'door',
            version: '1',
            initial: () => ({ status: 'absent' }),
            events: { 'door.opened': { transition: { machine: 'door', status: ({ status }) => status, from: 'any', to: 'open' }, refuse: ({ exists }) => (exists ? null : { code: 'MISSING_PREDECESSOR', detail: 'never hung' }) } },
          }),
        ],
      }),
    );
    const opened = event(1, 'door.opened', {}, { streamType: 'door', streamId: 'd' });
    expect(door.judge(door.initial('door', 'd'), opened)).toMatchObject({ legal: false, policy: 'tolerate', code: 'MISSING_PREDECESSOR' });
    expect(door.foldAll([opened])).toMatchObject({ status: 'open', anomalies: [{ code: 'MISSING_PREDECESSOR' }] });
  });
});
