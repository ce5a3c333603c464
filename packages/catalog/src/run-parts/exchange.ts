/** What passes between a run and the world around it: timers, signals, updates, child runs, markers. */
import { getOwn, setOwn } from '@refold/core';
import type { EntityRef, EventDefinition, FoldEvent, Json } from '@refold/core';
import { machine, partId, partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { json, looseFact, string } from '../payload.ts';
import { readError, readJson, readText, shown, tail } from '../read.ts';
import { addPart, dropEnded, listFact, movePart } from './keep.ts';
import type { Part } from './keep.ts';
import { emptySpan, endSpan, spanOf, startSpan } from './span.ts';
import type { SpanState } from './span.ts';
import type { Totals } from './totals.ts';

export interface TimerState extends Part {
  id: string;
  status: 'running' | 'fired' | 'cancelled';
  duration: Json;
  startedAt: string | null;
  endedAt: string | null;
}

export interface UpdateState extends Part {
  id: string;
  name: string | null;
  status: 'accepted' | 'completed' | 'rejected';
  at: string;
}

export interface ChildRunState extends SpanState {
  name: string | null;
}

export interface ExchangeFields {
  timers: Record<string, TimerState>;
  signals: { direction: 'received' | 'sent'; name: string; at: string }[];
  updates: Record<string, UpdateState>;
  childRuns: Record<string, ChildRunState>;
  /** How often each kind of marker was set. */
  markers: Record<string, number>;
  totals: Pick<Totals, 'timers' | 'signals' | 'updates' | 'childRuns'>;
}

export const initialExchange = (): Omit<ExchangeFields, 'totals'> => ({ timers: {}, signals: [], updates: {}, childRuns: {}, markers: {} });

export const exchangeEvents = <S extends ExchangeFields>(): Events<S> => ({
  ...timerEvents<S>(),
  ...signalEvents<S>(),
  ...updateEvents<S>(),
  ...childRunEvents<S>(),
  'marker.recorded': {
    doc: 'The run left a note for itself.',
    aliases: { jira: 'MarkerRecorded' },
    schema: looseFact({ name: string }, { details: json }),
    policy: 'tolerate',
    entity: ({ id }) => ({ type: 'marker', id }),
    summary: ({ data }) => `Marker ${shown(data['name'])}`,
    evolve({ markers }, { data }) {
      const name = readText(data['name']) ?? 'unknown';
      setOwn(markers, name, (getOwn(markers, name) ?? 0) + 1);
    },
  },
});

function timerEvents<S extends ExchangeFields>(): Events<S> {
  const timerId = (event: FoldEvent): string => partId(event, 'timer', 'timer_id');
  const timer = machine<S>('timer', (state, event) => getOwn(state.timers, timerId(event))?.status ?? 'absent');
  const fact = { policy: 'tolerate', entity: partOf('timer', 'timer_id'), schema: looseFact({ timer_id: string }, { duration: json }) } as const;
  const timerOf = (draft: ExchangeFields, event: FoldEvent): TimerState => {
    const id = timerId(event);
    const found = getOwn(draft.timers, id) ?? addPart<'timers', TimerState>(draft, 'timers', id, { id, status: 'running', revision: event.revision, duration: null, startedAt: null, endedAt: null });
    found.revision = event.revision;
    return found;
  };
  const end: EventDefinition<S>['evolve'] = (draft, event, status) => {
    const found = timerOf(draft, event);
    if (status === null) return;
    movePart(draft, 'timers', found, status);
    found.endedAt = event.occurredAt;
    dropEnded(draft, 'timers');
  };

  return {
    'timer.started': {
      doc: 'The run waits for some time to pass.',
      aliases: { jira: 'TimerStarted' },
      transition: timer(['absent'], 'running'),
      ...fact,
      summary: ({ data }) => `Timer ${shown(data['timer_id'])} started${tail(' for ', data['duration'])}`,
      evolve(draft, event) {
        const found = timerOf(draft, event);
        found.startedAt ??= event.occurredAt;
        found.duration = readJson(event.data['duration']) ?? found.duration;
      },
    },
    'timer.fired': {
      doc: 'The time is over.',
      aliases: { jira: 'TimerFired' },
      transition: timer(['running'], 'fired'),
      ...fact,
      summary: ({ data }) => `Timer ${shown(data['timer_id'])} fired`,
      evolve: end,
    },
    'timer.cancelled': {
      doc: 'The run no longer waits.',
      aliases: { jira: 'TimerCancelled' },
      transition: timer(['running'], 'cancelled'),
      ...fact,
      summary: ({ data }) => `Timer ${shown(data['timer_id'])} cancelled`,
      evolve: end,
    },
  };
}

function signalEvents<S extends ExchangeFields>(): Events<S> {
  const signal = (direction: 'received' | 'sent', doc: string, alias: string): EventDefinition<S> => ({
    doc,
    aliases: { jira: alias },
    schema: looseFact({ name: string }, { input: json }),
    policy: 'tolerate',
    effect: 'non-repeatable',
    entity: partOf('signal', 'name'),
    summary: ({ data }) => `Signal ${shown(data['name'])} ${direction}`,
    evolve: (draft, { data, occurredAt }) => listFact(draft.signals, draft.totals.signals, { direction, name: readText(data['name']) ?? 'unknown', at: occurredAt }),
  });
  return {
    'signal.received': signal('received', 'A signal reached the run.', 'SignalReceived'),
    'signal.sent': signal('sent', 'The run sent a signal.', 'SignalSent'),
  };
}

function updateEvents<S extends ExchangeFields>(): Events<S> {
  const updateId = (event: FoldEvent): string => partId(event, 'update', 'update_id');
  const update = machine<S>('update', (state, event) => getOwn(state.updates, updateId(event))?.status ?? 'absent');
  const keep: EventDefinition<S>['evolve'] = (draft, event, status) => {
    const id = updateId(event);
    const found = getOwn(draft.updates, id) ?? addPart<'updates', UpdateState>(draft, 'updates', id, { id, name: null, status: 'accepted', revision: event.revision, at: event.occurredAt });
    found.revision = event.revision;
    found.name = readText(event.data['name']) ?? found.name;
    movePart(draft, 'updates', found, status);
    dropEnded(draft, 'updates');
  };
  const fact = {
    policy: 'tolerate',
    effect: 'non-repeatable',
    entity: partOf('update', 'update_id'),
    schema: looseFact({ update_id: string }, { name: string, input: json, output: json }),
    evolve: keep,
  } as const;

  return {
    'update.accepted': {
      doc: 'A request to change the run was accepted.',
      aliases: { jira: 'UpdateAccepted' },
      transition: update(['absent'], 'accepted'),
      ...fact,
      summary: ({ data }) => `Update ${shown(data['name'] ?? data['update_id'])} accepted`,
    },
    'update.completed': {
      doc: 'A requested change was made.',
      aliases: { jira: 'UpdateCompleted' },
      transition: update(['accepted'], 'completed'),
      ...fact,
      summary: ({ data }) => `Update ${shown(data['name'] ?? data['update_id'])} completed`,
    },
    'update.rejected': {
      doc: 'A request to change the run was turned down.',
      aliases: { jira: 'UpdateRejected' },
      transition: update(['absent', 'accepted'], 'rejected'),
      ...fact,
      severity: 'WARN',
      summary: ({ data }) => `Update ${shown(data['name'] ?? data['update_id'])} rejected`,
    },
  };
}

function childRunEvents<S extends ExchangeFields>(): Events<S> {
  const runId = (event: FoldEvent): string => partId(event, 'child_run', 'run');
  const childRun = machine<S>('child_run', (state, event) => getOwn(state.childRuns, runId(event))?.status ?? 'absent');
  const newChild = (id: string, event: FoldEvent): ChildRunState => ({ ...emptySpan(id, event), name: null });
  const childOf = (draft: ExchangeFields, event: FoldEvent): ChildRunState => {
    const child = spanOf<'childRuns', ChildRunState>(draft, 'childRuns', runId(event), event, newChild);
    child.name = readText(event.data['name']) ?? child.name;
    return child;
  };
  const fact = {
    policy: 'tolerate',
    entity: partOf('child_run', 'run'),
    refs: (data: FoldEvent['data']) => addressed(readText(data['run'])),
    schema: looseFact({ run: string }, { name: string, error: json }),
  } as const;

  return {
    'child_run.started': {
      doc: 'Another run was started from this one.',
      aliases: { jira: 'ChildRunStarted' },
      transition: childRun(['absent'], 'running'),
      ...fact,
      effect: 'costly',
      summary: ({ data }) => `Child run ${shown(data['name'] ?? data['run'])} started`,
      evolve: (draft, event) => void startSpan(childOf(draft, event), event),
    },
    'child_run.completed': {
      doc: 'A child run reached its end.',
      aliases: { jira: 'ChildRunCompleted' },
      transition: childRun(['running'], 'completed'),
      ...fact,
      effect: 'outcome',
      summary: ({ data }) => `Child run ${shown(data['name'] ?? data['run'])} completed`,
      evolve: (draft, event, status) => void endSpan<'childRuns', ChildRunState>(draft, 'childRuns', childOf(draft, event), event, status),
    },
    'child_run.failed': {
      doc: 'A child run failed.',
      aliases: { jira: 'ChildRunFailed' },
      transition: childRun(['running'], 'failed'),
      ...fact,
      effect: 'outcome',
      severity: 'ERROR',
      summary: ({ data }) => `Child run ${shown(data['name'] ?? data['run'])} failed${tail(': ', data['error'])}`,
      evolve(draft, event, status) {
        const child = endSpan<'childRuns', ChildRunState>(draft, 'childRuns', childOf(draft, event), event, status);
        child.error = readError(event.data['error']) ?? child.error;
      },
    },
  };
}

/** `type/id` as a link; split at the first slash. */
function addressed(address: string | null): readonly EntityRef[] {
  const at = address?.indexOf('/') ?? -1;
  return address === null || at < 1 || at === address.length - 1 ? [] : [{ type: address.slice(0, at), id: address.slice(at + 1), rel: 'child' }];
}
