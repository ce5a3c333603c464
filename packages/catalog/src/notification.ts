/** A notification to people, and where it was delivered. */
import { defineAggregate } from '@refold/core';
import type { EntityRef, JsonObject, State } from '@refold/core';
import { anyStream } from './any-stream.ts';
import { machine, moveTo, spelled } from './define.ts';
import { payload, reference, string, strings } from './payload.ts';
import { readId, readReference, readText, readTexts, shown, tail } from './read.ts';

export interface NotificationFields {
  status: 'absent' | 'created' | 'delivered' | 'retracted';
  title: string;
  body: string | null;
  audience: string[];
  about: EntityRef | null;
  deliveries: { channel: string; target: string; at: string }[];
}

export type NotificationState = State<NotificationFields>;

const notificationIs = machine<NotificationFields>('notification', (state) => state.status);

export const notification = defineAggregate<NotificationFields>({
  type: 'notification',
  version: '1.0.0',
  doc: 'A notification to people.',
  terminal: ['delivered', 'retracted'],
  parts: [anyStream],
  initial: () => ({ status: 'absent', title: '', body: null, audience: [], about: null, deliveries: [] }),
  streamIdOf: ({ entityId, data }) => entityId ?? readId(data['notification_id']) ?? undefined,
  events: spelled<NotificationFields>({
    'notification.created': {
      doc: 'Somebody is to be told something.',
      ledger: ['X-027', 'K-061'],
      schema: payload({ notification_id: string, title: string }, { body: string, audience: strings, about: reference }),
      transition: notificationIs(['absent'], 'created'),
      effect: 'non-repeatable',
      priority: 'P1',
      fillWithId: ['notification_id'],
      refs: aboutWhat,
      summary: ({ data }) => `Notification: ${shown(data['title'])}`,
      evolve(draft, { data }, status) {
        moveTo(draft, status);
        draft.title = readText(data['title']) ?? draft.title;
        draft.body = readText(data['body']) ?? draft.body;
        draft.audience = readTexts(data['audience']);
        draft.about = readReference(data['about']) ?? draft.about;
      },
    },
    'notification.delivered': {
      doc: 'The notification reached a channel.',
      ledger: ['X-027'],
      schema: payload({ channel: string }, { target: string }),
      transition: notificationIs(['created', 'delivered'], 'delivered'),
      policy: 'tolerate',
      broadcast: false,
      effect: 'non-repeatable',
      summary: ({ data }) => `Delivered by ${shown(data['channel'])}${tail(' to ', data['target'])}`,
      evolve(draft, { data, occurredAt }, status) {
        moveTo(draft, status);
        draft.deliveries.push({ channel: readText(data['channel']) ?? 'unknown', target: readText(data['target']) ?? '', at: occurredAt });
      },
    },
    'notification.retracted': {
      doc: 'The notification no longer holds.',
      ledger: ['X-027', 'K-038'],
      schema: payload({}, { reason: string }),
      transition: notificationIs(['created', 'delivered'], 'retracted'),
      policy: 'tolerate',
      effect: 'non-repeatable',
      summary: ({ data }) => `Notification retracted${tail(': ', data['reason'])}`,
      evolve: (draft, _event, status) => moveTo(draft, status),
    },
  }),
});

/** What a notification or an alert is about, as a link. */
export function aboutWhat(data: JsonObject): readonly EntityRef[] {
  const about = readReference(data['about']);
  return about === null ? [] : [about];
}
