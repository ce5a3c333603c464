/** The few keys that the documents' forms call differently and the importer needs: identity, time, sequence, scope. */
import type { Json, JsonObject } from '@refold/core';
import type { DialectName } from '@refold/catalog';
import { numberIn, objectIn, textIn, wordIn } from '../json-shape.ts';

export interface RowForm {
  /** First part of the key of every row of this form. */
  readonly producer: string;
  readonly nativeId: (row: JsonObject) => string | undefined;
  /** What the native id is unique in. */
  readonly scope: (row: JsonObject) => string | undefined;
  readonly time: (row: JsonObject) => string | undefined;
  readonly withTime: (row: JsonObject, at: string) => JsonObject;
  readonly sequence: (row: JsonObject) => number | undefined;
  /** Sequence numbers rise within a session; another one may begin again. */
  readonly session: (row: JsonObject) => string | undefined;
}

const nothing = (): undefined => undefined;
const scopeOf = (type: Json | undefined, id: Json | undefined): string => `${textIn(type) ?? ''}/${textIn(id) ?? ''}`;

export const rowForms: { readonly [form in DialectName]: RowForm } = {
  jira: {
    producer: 'jira',
    nativeId: (row) => wordIn(row.event_id),
    scope: (row) => wordIn(row.issue_key) ?? wordIn(row.session_id),
    time: (row) => textIn(row.timestamp),
    withTime: (row, at) => ({ ...row, timestamp: at }),
    sequence: (row) => numberIn(row.event_sequence),
    session: (row) => wordIn(row.session_id),
  },
  agentLightning: {
    producer: 'agent-lightning',
    nativeId: (row) => wordIn(row.event_id),
    scope: (row) => scopeOf(row.aggregate_type, row.aggregate_id),
    time: (row) => textIn(row.timestamp),
    withTime: (row, at) => ({ ...row, timestamp: at }),
    sequence: (row) => numberIn(row.version),
    session: nothing,
  },
  orchestration: {
    producer: 'orchestration',
    nativeId: (row) => wordIn(row.id),
    scope: (row) => scopeOf(row.entity_type, row.entity_id),
    time: (row) => textIn(objectIn(row.metadata)?.timestamp) ?? textIn(row.emitted_at),
    withTime: (row, at) => ({ ...row, metadata: { ...objectIn(row.metadata), timestamp: at } }),
    sequence: nothing,
    session: nothing,
  },
  job: {
    producer: 'job',
    nativeId: (row) => wordIn(row.id),
    scope: (row) => wordIn(row.jobId),
    time: (row) => textIn(row.timestamp),
    withTime: (row, at) => ({ ...row, timestamp: at }),
    sequence: (row) => numberIn(row.sequence),
    session: nothing,
  },
  cloudevents: {
    producer: 'ce',
    nativeId: (row) => wordIn(row.id),
    scope: (row) => wordIn(row.source),
    time: (row) => textIn(row.time),
    withTime: (row, at) => ({ ...row, time: at }),
    sequence: nothing,
    session: nothing,
  },
};
