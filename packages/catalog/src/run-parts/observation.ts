/**
 * What was observed from outside, one line of a log after the other: activities of a process, changed objects and fields, log
 * lines, kept records. Of each thing the last activity, its time, how often, and the newest attributes are kept.
 */
import { getOwn, setOwn } from '@refold/core';
import type { FoldEvent, Json, JsonObject } from '@refold/core';
import { partOf } from '../define.ts';
import type { Events } from '../define.ts';
import { json, looseFact, string } from '../payload.ts';
import { readId, readJson, readObject, readText, shown, tail } from '../read.ts';
import { factOf } from './keep.ts';
import type { Kept } from './keep.ts';
import { recordKept } from './record-kept.ts';
import { noFacts } from './totals.ts';
import type { Totals } from './totals.ts';

export interface ActivityState extends Kept {
  count: number;
  lastAt: string;
  lifecycle: string | null;
}

export interface ObjectState extends Kept {
  lastActivity: string | null;
  lastAt: string;
  count: number;
  attributes: { [attribute: string]: Json };
}

export interface ObservationFields {
  lastActivity: string | null;
  lastActivityAt: string | null;
  activities: Record<string, ActivityState>;
  /** By `type/id`. */
  objects: Record<string, ObjectState>;
  /** Newest value of each field of an issue. */
  fields: Record<string, Json>;
  logs: { count: number; bySeverity: Record<string, number> };
  /** How many records were kept as they are, by reason. */
  recordsKept: Record<string, number>;
  totals: Pick<Totals, 'activities' | 'objects'>;
}

/** For a kind of stream that is only observed; a run counts more. */
export const observationTotals = (): ObservationFields['totals'] => ({ activities: noFacts(), objects: noFacts() });

export const initialObservation = (): Omit<ObservationFields, 'totals'> => ({
  lastActivity: null,
  lastActivityAt: null,
  activities: {},
  objects: {},
  fields: {},
  logs: { count: 0, bySeverity: {} },
  recordsKept: {},
});

export const observationEvents = <S extends ObservationFields>(): Events<S> => ({
  'activity.recorded': {
    doc: 'A step of a business process was carried out.',
    aliases: { jira: 'ActivityRecorded' },
    schema: looseFact({ activity: string }, { lifecycle: string, attributes: json }),
    policy: 'tolerate',
    entity: partOf('activity', 'activity'),
    summary: ({ data }) => `${shown(data['activity'])}${tail(' (', data['lifecycle'])}${readText(data['lifecycle']) === null ? '' : ')'}`,
    evolve(draft, event) {
      const activity = readText(event.data['activity']) ?? 'unknown';
      draft.lastActivity = activity;
      draft.lastActivityAt = event.occurredAt;
      const lifecycle = readText(event.data['lifecycle']);
      const found = factOf<'activities', ActivityState>(draft, 'activities', activity, event, newActivity);
      Object.assign(found, { count: found.count + 1, lastAt: event.occurredAt, lifecycle });
      for (const { type, id } of event.refs ?? []) noteActivity(objectOf(draft, `${type}/${id}`, event), activity, event);
    },
  },
  'object.changed': {
    doc: 'An attribute of an object got another value.',
    aliases: { jira: 'ObjectChanged' },
    schema: looseFact({ object: string, attribute: string, after: json }, { before: json }),
    policy: 'tolerate',
    entity: partOf('object', 'object'),
    summary: ({ data }) => `${shown(data['object'])}: ${shown(data['attribute'])} is now ${shown(data['after'])}`,
    evolve(draft, event) {
      const [object, attribute] = [readId(event.data['object']) ?? event.entityId, readText(event.data['attribute'])];
      const found = objectOf(draft, object, event);
      found.lastAt = event.occurredAt;
      if (attribute !== null) setOwn(found.attributes, attribute, readJson(event.data['after']));
    },
  },
  'issue.field_changed': {
    doc: 'A field of an issue got another value.',
    aliases: { jira: 'IssueFieldChanged' },
    schema: looseFact({ field: string }, { before: json, after: json }),
    policy: 'tolerate',
    effect: 'non-repeatable',
    entity: ({ issueKey, streamId }) => ({ type: 'issue', id: issueKey ?? streamId }),
    summary: ({ data }) => `${shown(data['field'])} changed${tail(' from ', data['before'])}${tail(' to ', data['after'])}`,
    evolve({ fields }, { data }) {
      const field = readText(data['field']);
      if (field !== null) setOwn(fields, field, readJson(data['after']));
    },
  },
  'log.recorded': {
    doc: 'A line of a log.',
    aliases: { jira: 'LogRecorded' },
    schema: looseFact({ severity: string, body: json }, { event_name: string, attributes: json }),
    policy: 'tolerate',
    severity: 'DEBUG',
    entity: ({ id }) => ({ type: 'log', id }),
    summary: ({ data }) => `${shown(data['severity'])}${tail(' ', data['event_name'])}${tail(': ', data['body'])}`,
    evolve({ logs }, { data }) {
      const severity = readText(data['severity']) ?? 'unknown';
      logs.count += 1;
      setOwn(logs.bySeverity, severity, (getOwn(logs.bySeverity, severity) ?? 0) + 1);
    },
  },
  'record.kept': recordKept<S>(({ recordsKept }, reason) => setOwn(recordsKept, reason, (getOwn(recordsKept, reason) ?? 0) + 1)),
});

const newActivity = (_activity: string, event: FoldEvent): ActivityState => ({ count: 0, lastAt: event.occurredAt, lifecycle: null, revision: event.revision });

const objectOf = (draft: ObservationFields, object: string, event: FoldEvent): ObjectState => factOf<'objects', ObjectState>(draft, 'objects', object, event, newObject);

const newObject = (_object: string, event: FoldEvent): ObjectState => ({ lastActivity: null, lastAt: event.occurredAt, count: 0, attributes: {}, revision: event.revision });

function noteActivity(object: ObjectState, activity: string, event: FoldEvent): void {
  Object.assign(object, { lastActivity: activity, lastAt: event.occurredAt, count: object.count + 1 });
  const attributes: JsonObject = readObject(event.data['attributes']) ?? {};
  for (const [attribute, value] of Object.entries(attributes)) setOwn(object.attributes, attribute, value);
}
