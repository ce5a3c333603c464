/** The event of documents 000 and 001: snake_case, `metadata` is the payload, one stream per issue. */
import type { GitContext, JsonObject } from '@refold/core';
import { readObject, readText } from '../read.ts';
import { createDialect } from './dialect.ts';
import type { Dialect } from './dialect.ts';
import { actorAt, instantAt, optionalRevision, optionalText, requiredObject, requiredText } from './foreign-field.ts';
import type { Spellings } from './spellings.ts';

export const jiraDialect = (spellings: Spellings): Dialect =>
  createDialect({
    name: 'jira',
    ext: 'jira',
    residueIn: 'top',
    home: ['id', 'schemaVersion', 'revision', 'issueKey', 'sessionId', 'actor', 'data', 'git'],
    looksRight: (value) => 'event_id' in value && 'event_type' in value && 'timestamp' in value && !('aggregate_id' in value),

    write: (event) => ({
      event_id: event.id,
      event_type: spellings.own('jira', event.type) ?? event.type,
      event_version: event.schemaVersion,
      timestamp: event.occurredAt,
      event_sequence: event.revision,
      issue_key: event.issueKey,
      session_id: event.sessionId,
      correlation_id: event.correlationId,
      causation_id: event.causationId ?? null,
      actor: { ...event.actor },
      metadata: event.data,
      git_sha: event.git?.sha,
      branch: event.git?.branch,
      codebase_state: event.git?.codebaseState,
    }),

    read(value) {
      const id = requiredText(value, 'event_id');
      const spelling = requiredText(value, 'event_type');
      const type = spellings.canonical(spelling) ?? spelling;
      const [issueKey, sessionId] = [optionalText(value['issue_key']), optionalText(value['session_id'])];
      return {
        id,
        type,
        schemaVersion: optionalText(value['event_version']),
        streamType: spellings.streamTypeOf(type) ?? (issueKey === undefined ? 'session' : 'orchestration'),
        streamId: issueKey ?? sessionId ?? id,
        revision: optionalRevision(value['event_sequence']),
        occurredAt: instantAt(value['timestamp'], 'timestamp'),
        issueKey,
        sessionId,
        correlationId: readText(value['correlation_id']) ?? sessionId ?? id,
        causationId: optionalText(value['causation_id']),
        actor: actorAt(value['actor']) ?? { type: 'unknown', id: 'unknown' },
        data: requiredObject(value, 'metadata'),
        git: codeState(value),
      };
    },
  });

function codeState(value: JsonObject): GitContext | undefined {
  const [sha, branch, codebaseState] = [readText(value['git_sha']), readText(value['branch']), readObject(value['codebase_state'])];
  if (sha === null && branch === null && codebaseState === null) return undefined;
  return { ...(sha === null ? {} : { sha }), ...(branch === null ? {} : { branch }), ...(codebaseState === null ? {} : { codebaseState }) };
}

