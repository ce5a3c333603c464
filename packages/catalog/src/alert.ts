/** An alert: raised, acknowledged, resolved, perhaps raised again. */
import { defineAggregate } from '@refold/core';
import type { Actor, EntityRef, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { machine, moveTo, spelled } from './define.ts';
import { aboutWhat } from './notification.ts';
import { number, oneOf, payload, reference, string } from './payload.ts';
import { readChoice, readId, readReference, readText, shown, tail } from './read.ts';

const alertSeverities = ['info', 'warning', 'critical'] as const;

export interface AlertFields {
  status: 'absent' | 'firing' | 'acknowledged' | 'resolved';
  name: string;
  severity: (typeof alertSeverities)[number];
  summary: string | null;
  about: EntityRef | null;
  fireCount: number;
  raisedAt: string;
  acknowledgedBy: Actor | null;
  resolvedAt: string | null;
}

export type AlertState = State<AlertFields>;

const alertIs = machine<AlertFields>('alert', (state) => state.status);

export const alert = defineAggregate<AlertFields>({
  type: 'alert',
  version: '1.0.0',
  doc: 'Something that somebody must look at.',
  terminal: ['resolved'],
  parts: [anyStream],
  initial: () => ({ status: 'absent', name: '', severity: 'warning', summary: null, about: null, fireCount: 0, raisedAt: '', acknowledgedBy: null, resolvedAt: null }),
  streamIdOf: ({ entityId, data }) => entityId ?? readId(data['alert_id']) ?? undefined,
  events: spelled<AlertFields>({
    'alert.raised': {
      doc: 'Somebody must look at this.',
      ledger: ['X-027', 'K-061'],
      schema: payload(
        { alert_id: string, name: string, severity: oneOf(...alertSeverities) },
        { summary: string, about: reference, value: number, threshold: number },
      ),
      transition: alertIs(['absent', 'resolved'], 'firing'),
      effect: 'non-repeatable',
      priority: 'P0',
      severity: 'ERROR',
      fillWithId: ['alert_id'],
      refs: aboutWhat,
      summary: ({ data }) => `Alert ${shown(data['name'])} (${shown(data['severity'])})${tail(': ', data['summary'])}`,
      evolve(draft, { data, occurredAt }, status) {
        draft.name = readText(data['name']) ?? draft.name;
        draft.severity = readChoice(data['severity'], alertSeverities) ?? draft.severity;
        draft.summary = readText(data['summary']) ?? draft.summary;
        draft.about = readReference(data['about']) ?? draft.about;
        moveTo(draft, status);
        if (status !== null) Object.assign(draft, { fireCount: draft.fireCount + 1, raisedAt: occurredAt, acknowledgedBy: null, resolvedAt: null });
      },
    },
    'alert.acknowledged': {
      doc: 'Somebody looks at it.',
      ledger: ['X-027'],
      schema: payload({}, { note: string }),
      transition: alertIs(['firing'], 'acknowledged'),
      effect: 'non-repeatable',
      priority: 'P1',
      summary: ({ actor, data }) => `Alert acknowledged by ${shown(actor.id)}${tail(': ', data['note'])}`,
      evolve(draft, { actor }, status) {
        moveTo(draft, status);
        if (status !== null) draft.acknowledgedBy = actor;
      },
    },
    'alert.resolved': {
      doc: 'It is over.',
      ledger: ['X-027'],
      schema: payload({}, { reason: string, value: number }),
      transition: alertIs(['firing', 'acknowledged'], 'resolved'),
      effect: 'non-repeatable',
      priority: 'P1',
      summary: ({ data }) => `Alert resolved${tail(': ', data['reason'])}`,
      evolve(draft, { occurredAt }, status) {
        moveTo(draft, status);
        if (status !== null) draft.resolvedAt = occurredAt;
      },
    },
  }),
});
