/** Whatever is logged through the SDK, the states are those of the events, and the engine underneath cannot be told from the answers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStore } from '@refold/sdk';
import type { EventFilter } from '@refold/sdk';
import { LogError } from '@refold/core';
import type { EventInput, JsonObject } from '@refold/core';
import { createTestPorts } from '@refold/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const pool: readonly (readonly [type: string, data: JsonObject])[] = [
  ['OrchestrationStarted', {}],
  ['OrchestrationPaused', {}],
  ['OrchestrationResumed', {}],
  ['OrchestrationFailed', { reason: 'no' }],
  ['PhaseStarted', { phase: 'PLAN' }],
  ['PhaseCompleted', { phase: 'PLAN' }],
  ['PhaseStarted', { phase: 'CODE' }],
  ['PhaseFailed', { phase: 'CODE', error: { message: 'lint' } }],
  ['AgentSpawned', { agent_name: 'coder' }],
  ['AgentBlocked', { agent_name: 'coder', reason: 'no design' }],
  ['AgentCompleted', { agent_name: 'coder', quality_score: 92 }],
  ['GapIdentified', { gap_id: 'g', description: 'no tests' }],
  ['GapResolved', { gap_id: 'g', resolution: 'written' }],
  ['CommitCreated', { sha: 'a1b2c3d', message: 'ä\u{1f600}' }],
  ['WorklogAdded', { time_spent_seconds: 0.1 }],
  ['CheckpointCreated', { checkpoint_id: 'cp' }],
];

const stepArbitrary = fc.record({
  fact: fc.constantFrom(...pool),
  issueKey: fc.constantFrom('PROJ-1', 'PROJ-2'),
  actor: fc.constantFrom('ana', 'ben'),
  /** Minutes after noon that it is said to have happened; the log's clock goes on by one each time. */
  minute: fc.integer({ min: 0, max: 30 }),
});
type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

const filterArbitrary: fc.Arbitrary<EventFilter> = fc.record(
  {
    issueKey: fc.constantFrom('PROJ-1', 'PROJ-2'),
    type: fc.constantFrom('PhaseStarted', 'agent_run.*', 'gap.resolved'),
    phase: fc.constantFrom('PLAN', 'CODE'),
    actorId: fc.constantFrom('ana', 'ben'),
    from: fc.integer({ min: 0, max: 30 }).map(instantOf),
    text: fc.constantFrom('CODER', 'written', 'ä'),
    category: fc.constantFrom('git', 'error'),
  },
  { requiredKeys: [] },
);

function instantOf(minute: number): string {
  return new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
}

const inputOf = ({ fact: [type, data], issueKey, actor, minute }: Step): EventInput => ({ type, data, issueKey, sessionId: `session-${minute}`, actor: { type: 'user', id: actor }, occurredAt: instantOf(minute) });

/** Everything that can be asked after the steps. */
async function answersOf(url: string, steps: readonly Step[], filters: readonly EventFilter[]): Promise<unknown> {
  const ports = createTestPorts(7, { startMs: Date.UTC(2026, 0, 1, 12, 30) });
  const store = new EventStore({ url, ports });
  try {
    const verdicts: string[] = [];
    for (const step of steps) {
      ports.clock.advance(60_000);
      verdicts.push(
        await store.logEvent(inputOf(step)).catch((error: unknown) => {
          if (error instanceof LogError) return error.code;
          throw error;
        }),
      );
    }
    const views: unknown[] = [];
    for (const issueKey of ['PROJ-1', 'PROJ-2']) {
      const revision = await store.getAggregateVersion(`orchestration/${issueKey}`);
      if (revision === 0) continue;
      const { events } = await store.getEventStream(issueKey);
      for (let at = 1; at <= revision; at++) {
        const view = await store.reconstructState(issueKey, { revision: at });
        expect(view.state).toEqual(await store.foldEvents(events.slice(0, at)));
        views.push(view);
      }
      const { fold } = (await store.opened()).log;
      for (const minute of [0, 10, 20, 30]) {
        const view = await store.timeTravelQuery(issueKey, instantOf(minute));
        const happened = events.filter(({ occurredAt }) => occurredAt <= instantOf(minute));
        expect(view.state).toEqual(fold.foldAll(happened, { from: fold.initial('orchestration', issueKey), cut: true }));
        views.push(view);
      }
    }
    const queries: unknown[] = [];
    for (const filter of filters) {
      const { items, total, nextCursor } = await store.queryEvents(filter, { limit: 3, total: true });
      queries.push({ items, total, nextCursor }, await store.stats(filter), await store.timeline(filter));
    }
    const { tree, ok } = await store.verifyIntegrity();
    return { verdicts, views, queries, metrics: await store.agentMetrics(), tree, ok };
  } finally {
    await store.close();
  }
}

test('A-013 A-014 C-094 D-078 the state at any revision and instant is the fold of its events; the same events give the same verdicts, states, state hashes, answers and tree on memory, on SQLite and on lines', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepArbitrary, { minLength: 1, maxLength: 25 }), fc.array(filterArbitrary, { minLength: 1, maxLength: 4 }), async (steps, filters) => {
      const folder = mkdtempSync(join(tmpdir(), 'refold-agree-'));
      try {
        const onMemory = await answersOf('memory:', steps, filters);
        for (const url of [`sqlite:${join(folder, 'log.db')}`, `jsonl:${join(folder, 'log')}`]) expect(await answersOf(url, steps, filters)).toEqual(onMemory);
        expect(onMemory).toMatchObject({ ok: true });
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 25 },
  );
});
