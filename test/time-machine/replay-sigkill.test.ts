/** A replay that is killed in the middle, at every moment there is, and run again under its id. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@refold/sdk';
import { nodeArguments } from '@refold/testing';
import { describe, expect, test } from 'vitest';
import { createWorld, diedRun, eventsOf, execute, handlersFor, planFor, recordDiedRun, stream, unchanged } from './replay-world.ts';

/** Runs the worker; it must end by its own SIGKILL. */
async function runUntilKilled(...argument: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [...nodeArguments(new URL('./replay-worker.ts', import.meta.url)), ...argument], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect([signal, complaints]).toEqual(['SIGKILL', '']);
}

/** Four calls (orchestration, phase, the costly agent, the check), and the commits from the start on record to the last step. */
const moments: readonly (readonly [moment: string, count: number, isCostlyDone: boolean])[] = [
  ...[0, 1, 2, 3].map((call) => ['before', call, call !== 2] as const),
  ...[0, 1, 2, 3].map((call) => ['after', call, true] as const),
  // 0 started, 1 and 2 the first steps, 3 the note before the costly one, 4 it is done, 5 what the check produced, 6 the check is done.
  ...[0, 1, 2, 3, 4, 5, 6].map((commit) => ['appended', commit, commit !== 3] as const),
];

describe('A-203 a replay killed in the middle and run again under its id', () => {
  test.each(moments)('killed at "%s %i": each effect happens at most once, idempotent ones exactly once by key, and nothing that must not be repeated', async (moment, count, isCostlyDone) => {
    const folder = mkdtempSync(join(tmpdir(), 'refold-sigkill-'));
    const url = `sqlite:${join(folder, 'log.db')}`;
    const file = join(folder, 'world.jsonl');
    const world = createWorld(file);
    const first = await openStore(url);
    await recordDiedRun(first.log);
    await first.close();

    await runUntilKilled(url, file, 'r-1', moment, String(count));
    const { log, close } = await openStore(url);
    const plan = await planFor(log, { allowTypes: ['agent_run.spawned'] });
    const report = await execute(log, plan, { replayId: 'r-1', handlers: handlersFor(log, world), preconditions: [unchanged(log)] });

    expect(report).toMatchObject({ status: 'completed', failed: 0 });
    const types = world.calls().map(({ type }) => type);
    expect(types).not.toContain('jira.comment_posted');
    expect(types).not.toContain('git.commit_created');
    // Killed between the note and the call, a costly effect stays undone; it is never done twice.
    expect(types.filter((type) => type === 'agent_run.spawned')).toHaveLength(isCostlyDone ? 1 : 0);
    expect(world.effects().map(({ type }) => type).toSorted()).toEqual([...(isCostlyDone ? ['agent_run.spawned'] : []), 'orchestration.started', 'phase.started', 'quality_check.started']);
    // Only the call that was under way may come a second time, and then under its key.
    expect(world.calls().length - world.effects().length).toBeLessThanOrEqual(1);

    const recorded = (await eventsOf(log, 'replay/r-1')).map(({ type }) => type);
    expect([recorded.filter((type) => type === 'replay.started').length, recorded.at(-1)]).toEqual([1, 'replay.completed']);
    expect((await eventsOf(log, stream)).slice(diedRun.length).map(({ type }) => type)).toEqual(['quality_check.started', 'quality_check.completed']);
    // The agent was done again and led to nothing; the check led to another score, told by the first attempt or by this one.
    const isCostlyKnown = report.steps[2]!.action === 'executed';
    expect(report.divergences.map(({ reason, path }) => [reason, path])).toEqual([...(isCostlyKnown ? [['EVENT_MISSING', null]] : []), ['DATA_DIFFERS', '/score']]);
    if (!isCostlyKnown) expect(report.steps[2]).toMatchObject({ action: 'skipped', reason: 'attempted_before' });
    await close();
  });
});
