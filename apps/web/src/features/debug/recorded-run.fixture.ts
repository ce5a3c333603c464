/** A small recorded run for tests: an orchestration whose agents call tools. */
import type { EventEnvelope, JsonObject } from '@refold/core';

const zero = '0'.repeat(64);

export function recordedRun(count: number, streamId = 'PROJ-1'): EventEnvelope[] {
  return Array.from({ length: count }, (_, index) => {
    const revision = index + 1;
    const [type, data] = factAt(revision);
    return {
      id: `00000000-0000-7000-8000-${String(revision).padStart(12, '0')}`,
      type,
      schemaVersion: '1.0.0',
      streamType: 'orchestration',
      streamId,
      revision,
      position: revision,
      entityType: 'orchestration',
      entityId: streamId,
      occurredAt: new Date(Date.UTC(2026, 0, 1) + revision * 1_000).toISOString(),
      recordedAt: new Date(Date.UTC(2026, 0, 1) + revision * 1_000).toISOString(),
      actor: { type: 'agent', id: 'planner' },
      correlationId: 'c1',
      correlationChain: ['c1'],
      data,
      metadata: {},
      priority: 'P2',
      severity: 'INFO',
      prevHash: zero,
      hash: zero,
    };
  });
}

function factAt(revision: number): readonly [string, JsonObject] {
  if (revision === 1) return ['orchestration.started', { run_id: 'run-1', summary: 'Work' }];
  if (revision === 2) return ['phase.started', { phase: 'PLAN', attempt: 1 }];
  const call = `call-${revision >> 1}`;
  return revision % 2 === 1 ? ['tool_call.started', { tool_call_id: call, tool: 'Read', kind: 'builtin', effect: 'read', input: { path: `src/${revision}.ts` } }] : ['tool_call.completed', { tool_call_id: `call-${(revision - 1) >> 1}`, output: 'done', duration_ms: revision }];
}
