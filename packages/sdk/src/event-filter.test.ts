import { parseFilter } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { asksForTheNewest, parametersOf } from './event-filter.ts';
import type { EventFilter } from './event-filter.ts';

/** One of each part, so that a name that the type has and the core does not know cannot stay unseen. */
const whole: Required<EventFilter> = {
  id: 'e', ids: 'e', eventId: 'e', event_id: 'e', type: 'job.failed', types: ['job.failed'], eventType: 'job.failed', eventTypes: 'job.failed', event_type: 'job.failed', event_types: 'job.failed', category: 'job',
  stream: { type: 'job', id: '42' }, streamType: 'job', stream_type: 'job', streamId: '42', stream_id: '42', aggregateType: 'job', aggregate_type: 'job', aggregateId: '42', aggregate_id: '42',
  entity: 'job/42', entityType: 'job', entity_type: 'job', entityId: '42', entity_id: '42', entityChain: { type: 'sprint', id: 'S' }, entity_chain: 'sprint/S', issueKey: 'PROJ-1', issue_key: 'PROJ-1',
  sessionId: 's', session_id: 's', sessionKey: 's', session_key: 's', phase: 'CODE', agent: 'coder', actor: 'user/ana', actorId: 'ana', actor_id: 'ana', actorType: 'user', actor_type: 'user', userId: 'ana', user_id: 'ana',
  serviceName: 'runner', service_name: 'runner', correlationId: 'c', correlation_id: 'c', causationId: 'e', causation_id: 'e', traceId: 't', trace_id: 't',
  from: new Date('2025-12-22T10:00:00Z'), fromTimestamp: '2025-12-22T10:00:00Z', from_timestamp: '2025-12-22T10:00:00.000Z', to: '2025-12-22T12:00:00Z', toTimestamp: new Date('2025-12-22T12:00:00Z'), to_timestamp: '2025-12-22T12:00:00Z',
  fromRevision: 1, from_revision: 1, fromSequence: 1, from_sequence: 1, fromVersion: 1, from_version: 1, toRevision: 9, to_revision: 9, toSequence: 9, to_sequence: 9, toVersion: 9, to_version: 9,
  afterPosition: 3, after_position: 3, priority: ['P0'], minSeverity: 'WARN', min_severity: 'WARN', text: 'x', expression: 'true', includeArchived: true, include_archived: true,
};

describe('A filter of a program', () => {
  test('every name that the type knows the core knows, and all spellings of one part are one part', () => {
    expect(parseFilter(parametersOf(whole))).toEqual({
      ids: ['e'], types: ['job.failed'], categories: ['job'], streamType: 'job', streamId: '42', entityType: 'job', entityId: '42', entityChain: { type: 'sprint', id: 'S' }, issueKey: 'PROJ-1', sessionId: 's', phase: 'CODE', agent: 'coder',
      actorType: 'user', actorId: 'ana', serviceName: 'runner', correlationId: 'c', causationId: 'e', traceId: 't', from: '2025-12-22T10:00:00.000Z', to: '2025-12-22T12:00:00.000Z', fromRevision: 1, toRevision: 9, afterPosition: 3,
      priorities: ['P0'], minSeverity: 'WARN', text: 'x', expression: 'true', includeArchived: true,
    });
  });

  test('a part that is undefined asks for nothing', () => {
    expect(parametersOf({ issueKey: undefined, from: undefined })).toEqual({});
  });

  test('K-018 only an empty filter with a limit at most asks for the newest events', () => {
    expect([{}, { limit: 10 }, { limit: 10, total: true }].map(asksForTheNewest)).toEqual([true, true, true]);
    expect([{ issueKey: 'PROJ-1' }, { limit: 10, offset: 0 }, { order: 'asc' }, { cursor: 'x' }].map(asksForTheNewest)).toEqual([false, false, false, false]);
  });
});
