import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Json } from '@refold/core';
import { camelCase, snakeCase, toCamelNaming, toSnakeNaming } from '../src/index.ts';
import { envelope } from './envelope-arbitrary.ts';

describe('the spelling of keys', () => {
  it('K-004 X-002 spells envelope and result keys in snake_case and leaves payload keys as they are', () => {
    const result = { items: [{ streamType: 'job', occurredAt: 't', data: { fooBar: 1, nested: { aB: 2 } }, metadata: { modelParams: {} }, changes: { someField: { before: 1, after: 2 } }, git: { codebaseState: { dirtyFlag: true } } }], nextCursor: null };
    expect(toSnakeNaming(result)).toEqual({
      items: [{ stream_type: 'job', occurred_at: 't', data: { fooBar: 1, nested: { aB: 2 } }, metadata: { modelParams: {} }, changes: { someField: { before: 1, after: 2 } }, git: { codebase_state: { dirtyFlag: true } } }],
      next_cursor: null,
    });
  });

  it('leaves names that people chose in the maps of a state', () => {
    expect(toSnakeNaming({ currentPhase: 'Code', agentRuns: { myAgent: { agentName: 'myAgent' } }, schemas: { 'a.bC': '1.0.0' } })).toEqual({ current_phase: 'Code', agent_runs: { myAgent: { agent_name: 'myAgent' } }, schemas: { 'a.bC': '1.0.0' } });
  });

  it('an envelope comes back from snake_case as it was', () => {
    fc.assert(fc.property(envelope, (event) => void expect(toCamelNaming(toSnakeNaming(event as unknown as Json))).toEqual(event)), { numRuns: 500 });
  });

  it('spells single keys both ways', () => {
    expect([snakeCase('restoredSequence'), camelCase('restored_sequence'), camelCase('_refold'), camelCase('occurredAt')]).toEqual(['restored_sequence', 'restoredSequence', '_refold', 'occurredAt']);
    expect(toCamelNaming({ event_id: 'x', issue_key: 'P-1' })).toEqual({ eventId: 'x', issueKey: 'P-1' });
  });
});
