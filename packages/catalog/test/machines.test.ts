/**
 * Every pair of every machine: for each status that a machine can have, a real history is searched that leads there, and then
 * every type of the machine is judged against the model's table.
 */
import { describe, expect, it } from 'vitest';
import type { JsonObject, State } from '@refold/core';
import { eventAfter, fold, given, judged, registry } from './history.ts';
import type { Fact } from './history.ts';
import { catalogue, fixture, fullPayload } from './samples.ts';

interface Move {
  readonly from?: readonly string[];
  readonly to?: string;
  readonly or?: string;
  readonly note?: string;
}

const machines = fixture<{ readonly [name: string]: { readonly states: readonly string[]; readonly t: { readonly [type: string]: Move } } }>('machines.json');
const pairs = fixture<{ readonly [entity: string]: { readonly [from: string]: readonly string[] } }>('status-pairs.json');
const rowOf = new Map(catalogue.map((row) => [row.type, row]));

/** Parts of a run need a run that goes on. */
const preambles: { readonly [streamType: string]: readonly Fact[] } = {
  orchestration: [['orchestration.started']],
  job: [['job.created'], ['job.started']],
};

/** Payloads beside the plain one, where the next status depends on the payload. */
const variants: { readonly [type: string]: readonly JsonObject[] } = {
  'automation.rule_registered': [{ rule: { id: 'r', enabled: false } }],
  'automation.rule_matched': [{ rule_id: 'r', trigger_event_id: 'e', dry_run: false, actions: [{ action: 'emit' }, { action: 'notify' }] }],
  'automation.action_executed': [{ rule_id: 'r', action_index: 0, action: 'emit' }],
  'automation.action_undone': [{ rule_id: 'r', action_index: 0 }],
  'task.created': ['pending', 'received', 'in_progress', 'blocked', 'failed', 'completed', 'cancelled'].map((status) => ({ task_code: 't', status })),
  'sprint.created': ['planned', 'active', 'paused', 'completed', 'cancelled'].map((status) => ({ sprint_code: 's', status })),
};

const facts = (type: string): readonly Fact[] => [fullPayload(rowOf.get(type)!), ...(variants[type] ?? [])].map((data) => [type, data]);

const statusIn = (state: State, streamType: string, fact: Fact): string => {
  const event = eventAfter(state, fact);
  return state.eventCount > 0 && !state.exists ? 'deleted' : registry.definitionIn(streamType, event.type)!.transition!.status(state, event);
};

/** Shortest histories to every status that the machine's own events can reach. */
function reach(streamType: string, types: readonly string[], start: State): ReadonlyMap<string, State> {
  const moves = types.flatMap(facts).filter(([type]) => registry.definitionIn(streamType, type)!.transition !== undefined);
  const probe = moves[0]!;
  const found = new Map<string, State>([[statusIn(start, streamType, probe), start]]);
  const queue = [start];
  for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
    for (const fact of moves) {
      const verdict = judged(state, fact);
      if (!verdict.legal) continue;
      const next = fold.apply(state, eventAfter(state, fact));
      const status = statusIn(next, streamType, probe);
      if (!found.has(status)) {
        found.set(status, next);
        queue.push(next);
      }
    }
  }
  return found;
}

const streamTypeOf = (type: string): string => rowOf.get(type)!.streamType;

describe.each(Object.entries(machines).filter(([name, { states }]) => states.length > 0 && name !== 'any'))('the machine %s', (name, { states, t }) => {
  const types = Object.keys(t);
  const streamType = streamTypeOf(types[0]!);
  const isPart = name !== streamType;
  // The three components are one machine in the model and three of the kind in a job.
  const families = name === 'component' ? ['planner', 'coder', 'critique'].map((part) => types.filter((type) => type.startsWith(`${part}.`))) : [types];

  it.each(families.map((family) => [family.join(', '), family] as const))('A-031 B-031 C-022 D-018 3.3.3: %s are legal exactly where the model says', (_names, family) => {
    const start = given(`${streamType}/PROJ-1`, isPart ? (preambles[streamType] ?? []) : []);
    const reached = reach(streamType, family, start);
    const wanted = name === 'context' ? ['absent', 'assembled'] : states;
    expect([...reached.keys()].toSorted()).toEqual([...wanted].toSorted());

    for (const [status, state] of reached) {
      for (const type of family) {
        const move = t[type]!;
        if (move.from === undefined) continue;
        const legal = move.from.includes('*') || move.from.includes(status);
        for (const fact of facts(type)) {
          const data: { [key: string]: JsonObject[string] } = { ...fact[1] };
          if ('before' in data && type !== 'task.assigned') data['before'] = (state as { [key: string]: JsonObject[string] })[beforeField(type)]!;
          const verdict = judged(state, [type, data]);
          const refusal = verdict.legal ? 'legal' : isRemark(verdict.code) && legal ? 'legal' : verdict.code;
          // A creating event begins a new life after a deletion (3.3.1, rule 8).
          const rebirth = status === 'deleted' && type.endsWith('.created');
          expect([status, type, refusal === 'legal']).toEqual([status, type, legal || rebirth]);
          const targets = move.to === 'data.status' ? states.filter((to) => to !== 'absent' && to !== 'deleted') : [move.to === 'same' ? status : move.to, move.or];
          if (legal && verdict.legal) expect(targets).toContain(verdict.status);
        }
      }
    }
  });

  it('an illegal event that is in the log leaves the status of an enforced machine, and is marked', () => {
    const start = given(`${streamType}/PROJ-1`, isPart ? (preambles[streamType] ?? []) : []);
    for (const family of families) {
      for (const [status, state] of reach(streamType, family, start)) {
        for (const type of family) {
          const fact: Fact = [type, fullPayload(rowOf.get(type)!)];
          const verdict = judged(state, fact);
          if (verdict.legal || isRemark(verdict.code)) continue;
          const after = fold.apply(state, eventAfter(state, fact));
          expect([type, after.anomalies.length]).toEqual([type, state.anomalies.length + 1]);
          const moved = verdict.policy === 'tolerate' || verdict.code === 'BEFORE_MISMATCH';
          if (!moved) expect([type, statusIn(after, streamType, fact)]).toEqual([type, status]);
        }
      }
    }
  });
});

const isRemark = (code: string): boolean => code === 'MISSING_PREDECESSOR' || code === 'DUPLICATE_FACT';
const beforeField = (type: string): string => (type.includes('priority') ? 'priority' : type.includes('progress') ? 'progress' : 'metadata');

describe.each(Object.entries(pairs))('the status pairs of a %s', (entity, table) => {
  const statuses = Object.keys(table);
  const cases = statuses.filter((status) => status !== 'deleted').flatMap((before) => statuses.map((after) => [before, after, table[before]!.includes(after)] as const));

  it.each(cases)('C-013 C-022: %s to %s is legal: %s', (before, after, legal) => {
    const state = given(`${entity}/x`, [[`${entity}.created`, { [`${entity}_code`]: 'x', status: before }]]);
    const fact: Fact = [`${entity}.status_changed`, { before, after }];
    const verdict = judged(state, fact);
    expect(verdict.legal).toBe(legal);
    if (!verdict.legal) expect(verdict).toMatchObject({ code: 'ILLEGAL_TRANSITION', policy: 'enforce' });
    expect((fold.apply(state, eventAfter(state, fact)) as { status?: unknown }).status).toBe(legal ? after : before);
  });

  it('nothing may be set on one that was deleted, or never was', () => {
    const deleted = given(`${entity}/x`, [[`${entity}.created`, { [`${entity}_code`]: 'x' }], [`${entity}.deleted`]]);
    for (const state of [deleted, fold.initial(entity, 'x')])
      expect(judged(state, [`${entity}.status_changed`, { before: statuses[0]!, after: statuses[1]! }])).toMatchObject({ legal: false, code: 'ILLEGAL_TRANSITION' });
  });
});
