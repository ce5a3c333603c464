/** Checkpoints and snapshots: made where a run stands, looked at before they set it back, and kept. */
import { createCatalogRegistry } from '@refold/catalog';
import type { EventInput } from '@refold/core';
import { collectSnapshots, createCheckpoint, createSnapshot, listCheckpoints, listSnapshots, parseInput, replayEvents, restoreCheckpoint, termsOf, stateAt, verifySnapshots } from '@refold/operations';
import { beforeEach, describe, expect, test } from 'vitest';
import { openWorld } from './world.ts';
import type { World } from './world.ts';

const kinds = createCatalogRegistry();
const address = { streamType: 'orchestration', streamId: 'PROJ-1' };
const actor = { type: 'user', id: 'ana' } as const;
const event = (type: string, data: EventInput['data']): EventInput => ({ type, ...address, issueKey: 'PROJ-1', sessionId: 's1', actor: { type: 'agent', id: 'coder' }, data });

let world: World;
const append = async (...events: readonly EventInput[]): Promise<void> => void (await world.log.append({ events }));
const state = async (): Promise<Record<string, unknown>> => (await world.call(stateAt, address)).state;

beforeEach(async () => {
  world = await openWorld({ kinds });
  await append(event('OrchestrationStarted', { goal: 'fix' }), event('PhaseStarted', { phase: 'PLAN' }), event('CommitCreated', { sha: 'a1', message: 'first' }));
});

describe('Checkpoints', () => {
  test('A-060 K-027 one is made where the run stands: listed, with the hash of that state, and a pinned snapshot at its revision', async () => {
    const before = await world.call(stateAt, address);
    const made = await world.call(createCheckpoint, { ...address, checkpointId: 'cp-1', label: 'planned', actor });
    expect(made).toMatchObject({ id: 'cp-1', label: 'planned', sequence: 4, stateHash: before.stateHash, restoredCount: 0, hasSnapshot: true });
    expect(await world.call(listCheckpoints, address)).toMatchObject({ revision: 4, items: [made] });
    expect((await world.call(listSnapshots, address)).items).toMatchObject([{ revision: 4, pinned: true }]);
    expect(createCheckpoint.output.safeParse(made).error?.issues).toBeUndefined();
  });

  test('A-082 A-083 they are listed oldest first; without a name one is called by its event', async () => {
    await world.call(createCheckpoint, { ...address, checkpointId: 'b' });
    await world.call(createCheckpoint, address);
    const { items } = await world.call(listCheckpoints, address);
    expect(items.map(({ id, sequence }) => [id, sequence])).toEqual([['b', 4], [expect.stringMatching(/^[0-9a-f-]{36}$/), 5]]);
  });

  test('K-052 A-061 A-084 a restore sets back what it can, and is shown first: what changes, what stays', async () => {
    await world.call(createCheckpoint, { ...address, checkpointId: 'cp-1' });
    const then = await state();
    await append(event('PhaseCompleted', { phase: 'PLAN' }), event('PhaseStarted', { phase: 'CODE' }), event('CommitCreated', { sha: 'b2', message: 'second' }));
    const head = await world.log.head();

    const shown = await world.call(restoreCheckpoint, { ...address, checkpointId: 'cp-1', dryRun: true });
    expect((await world.log.head()).position).toBe(head.position);
    expect(shown).toMatchObject({ dryRun: true, restoredSequence: 4, refused: null, event: null });
    expect(shown.changes).toContainEqual({ op: 'replace', path: '/currentPhase', before: 'CODE', after: 'PLAN' });
    expect(shown.stays).toContainEqual({ field: 'commits', count: 2 });
    expect(shown.stays.map(({ field }) => field)).not.toContain('phases');

    const made = await world.call(restoreCheckpoint, { ...address, checkpointId: 'cp-1', reason: 'wrong plan', actor });
    expect(made).toMatchObject({ dryRun: false, event: { revision: 8 } });
    // The very patches, but for the moment of the restore, which the preview could not know.
    const timeless = (patches: readonly { readonly path: string }[]): readonly unknown[] => patches.filter(({ path }) => !path.startsWith('/restores'));
    expect(timeless(made.changes)).toEqual(timeless(shown.changes));
    const now = await state();
    for (const part of ['status', 'currentPhase', 'phases', 'completedPhases', 'activeAgents']) expect([part, now[part]]).toEqual([part, then[part]]);
    expect(now).toMatchObject({ commits: [{ sha: 'a1' }, { sha: 'b2' }], restores: [{ checkpointId: 'cp-1', restoredSequence: 4 }] });
    expect(restoreCheckpoint.output.safeParse(made).error?.issues).toBeUndefined();
  });

  test('K-051 a replay behind a checkpoint knows the state it was taken on, and that of another fold says nothing', async () => {
    await world.call(createCheckpoint, { ...address, checkpointId: 'cp-1' });
    await append(event('PhaseCompleted', { phase: 'PLAN' }));
    const answerOf = async (fromSequence: number): Promise<unknown> => (await world.call(replayEvents, { issueKey: 'PROJ-1', fromSequence, preconditions: ['state_matches', 'checkpoint_exists'] })).preconditions;
    expect(await answerOf(5)).toEqual([{ name: 'state_matches', ok: true, detail: null }, { name: 'checkpoint_exists', ok: true, detail: null }]);
    // A hash of this very fold that is another one is told.
    await append({ ...event('CheckpointCreated', { checkpoint_id: 'cp-2', state_hash: '00' }), metadata: { foldVersion: world.log.fold.foldVersion('orchestration') } });
    await append(event('CheckpointCreated', { checkpoint_id: 'cp-3', state_hash: '00' }));
    expect(await answerOf(7)).toMatchObject([{ ok: false, detail: expect.stringContaining('recorded was 00') }, { ok: true }]);
    await append(event('PhaseStarted', { phase: 'CODE' }));
    expect(await answerOf(8)).toMatchObject([{ ok: true, detail: 'No state hash is recorded there.' }, { ok: true }]);
  });

  test('A-084 a run that has ended is set back in its last session, or in another', async () => {
    await world.call(createCheckpoint, { ...address, checkpointId: 'cp-1' });
    await append(event('OrchestrationFailed', { reason: 'disk full' }));
    expect(await world.call(restoreCheckpoint, { ...address, checkpointId: 'cp-1', dryRun: true })).toMatchObject({ refused: null });
    const { event: restored } = await world.call(restoreCheckpoint, { ...address, checkpointId: 'cp-1' });
    expect(await world.log.event(restored!.id)).toMatchObject({ issueKey: 'PROJ-1', sessionId: 's1' });
    expect(await state()).toMatchObject({ status: 'running' });
    await world.call(createCheckpoint, { ...address, checkpointId: 'cp-2', sessionId: 's2' });
    expect((await world.call(listCheckpoints, address)).items).toHaveLength(2);
  });

  test('what is not there is not found, and what has none is refused', async () => {
    await world.call(createCheckpoint, { ...address, checkpointId: 'cp-1' });
    await expect(world.call(restoreCheckpoint, { ...address, checkpointId: 'cp-2' })).rejects.toMatchObject({ code: 'NOT_FOUND', details: { reason: 'checkpoint', known: ['cp-1'] } });
    await expect(world.call(listCheckpoints, { ...address, streamId: 'PROJ-9' })).rejects.toMatchObject({ code: 'NOT_FOUND', details: { reason: 'stream' } });
    await expect(world.call(createCheckpoint, { streamType: 'store', streamId: '1' })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'no_checkpoints' } });
    await expect(world.call(createCheckpoint, { ...address, checkpointId: 'cp-1' })).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
  });

  test('looking at a restore needs less than making it', () => {
    expect([true, false].map((dryRun) => termsOf(restoreCheckpoint, parseInput(restoreCheckpoint, { ...address, checkpointId: 'x', dryRun }), {}))).toEqual([{ scope: 'read', kind: 'question' }, { scope: 'append', kind: 'write' }]);
  });
});

describe('Snapshots', () => {
  test('A-144 A-214 D-064 one that is asked for is kept, and the state from it is the full fold', async () => {
    const made = await world.call(createSnapshot, { ...address, revision: 2 });
    expect(made).toMatchObject({ stream: 'orchestration/PROJ-1', revision: 2, pinned: true });
    expect((await world.call(listSnapshots, address)).items).toEqual([made]);
    const [fast, whole] = [await world.call(stateAt, address), await world.call(stateAt, { ...address, useSnapshot: false })];
    expect([fast.fromSnapshot, fast.state]).toEqual([2, whole.state]);
  });

  test('A-217 A-216 verify finds the one that does not hold, and it is not used', async () => {
    await world.call(createSnapshot, address);
    expect(await world.call(verifySnapshots, {})).toEqual({ ok: true, streams: 1, checked: 1, faults: [], faultsTotal: 0 });
    const { driver } = world.log;
    const [{ key, rev, value }] = (await driver.kvList('snapshot/', undefined, 1)) as unknown as [{ key: string; rev: never; value?: Uint8Array }];
    const stored = value ?? (await driver.kvGet(key))!.value;
    const broken = Uint8Array.from(stored);
    broken[broken.length - 3]! ^= 1;
    await driver.kvPut(key, broken, (await driver.kvGet(key))?.rev ?? rev);
    expect(await world.call(verifySnapshots, { stream: 'orchestration/PROJ-1' })).toMatchObject({ ok: false, faults: [{ revision: 3, fault: 'checksum', pinned: true }], faultsTotal: 1 });
    expect((await world.call(stateAt, address)).fromSnapshot).toBeNull();
  });

  test('A-218 collecting keeps the newest and the pinned', async () => {
    await world.call(createSnapshot, { ...address, revision: 1 });
    const whole = await world.call(stateAt, { ...address, revision: 2 });
    await world.log.snapshots.save(whole.state);
    expect(await world.call(collectSnapshots, {})).toEqual({ streams: 1, removed: 0 });
    const few = await openWorld({ kinds, limits: { snapshotsKeptPerStream: 1, keyframesPerStreamMax: 0 } });
    await few.log.append({ events: [event('OrchestrationStarted', {}), event('PhaseStarted', { phase: 'A' }), event('PhaseCompleted', { phase: 'A' })] });
    await few.call(createSnapshot, { ...address, revision: 1 });
    for (const revision of [2, 3]) await few.log.snapshots.save((await few.call(stateAt, { ...address, revision })).state);
    expect(await few.call(collectSnapshots, { stream: 'orchestration/PROJ-1' })).toEqual({ streams: 1, removed: 1 });
    expect((await few.call(listSnapshots, address)).items.map(({ revision, pinned }) => [revision, pinned])).toEqual([[1, true], [3, false]]);
  });

  test('a stream that is not there is not found', async () => {
    await expect(world.call(collectSnapshots, { stream: 'job/9' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(world.call(verifySnapshots, { stream: 'job/9' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(world.call(listSnapshots, { streamType: 'job', streamId: '9' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
