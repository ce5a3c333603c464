import { openMemoryLog } from '@refold/driver-memory';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeHasher } from '../../test/node-hasher.ts';
import { arbitraryHistory, event, registry, voyage, voyageId } from '../../test/voyage.ts';
import { encodeUtf8 } from '../log/bytes.ts';
import type { LogDriver } from '../log/driver.ts';
import type { EventEnvelope } from '../log/event.ts';
import { createRegistry } from '../schema/registry.ts';
import { reconstruct } from '../travel/reconstruct.ts';
import { readerOver } from '../travel/stream-reader.ts';
import type { State } from './aggregate.ts';
import { createFold } from './fold.ts';
import { createSnapshots } from './snapshot.ts';
import type { IgnoredSnapshot, Snapshots } from './snapshot.ts';

const fold = createFold(registry);
const address = { streamType: 'voyage', streamId: voyageId };
const stream = `voyage/${voyageId}`;
const stateAt = (events: readonly EventEnvelope[], count: number): State => fold.foldAll(events.slice(0, count), { from: fold.initial('voyage', voyageId) });
const notes = (count: number): readonly EventEnvelope[] => Array.from({ length: count }, (_, index) => event(index + 1, 'note.added', { text: `note ${index}` }));

/** A log in memory that holds the ids and places of these events; snapshots never read a body. */
async function logOf(events: readonly EventEnvelope[]): Promise<LogDriver> {
  const driver = openMemoryLog({
    linker: { link: ({ id }, previous) => nodeHasher.sha256(encodeUtf8(`${previous?.join() ?? ''}${id}`)), remainder: ({ body }) => body },
  });
  for (const { id, type, streamType, streamId } of events)
    await driver.append([{ id, digest: nodeHasher.sha256(encodeUtf8(id)), events: [{ id, type, stream: `${streamType}/${streamId}`, tags: [], body: new Uint8Array() }] }]);
  return driver;
}

async function snapshotsOf(events: readonly EventEnvelope[], limits: Parameters<typeof createSnapshots>[0]['limits'] = {}): Promise<{ readonly driver: LogDriver; readonly snapshots: Snapshots }> {
  const driver = await logOf(events);
  return { driver, snapshots: createSnapshots({ driver, fold, hasher: nodeHasher, limits }) };
}

async function keysOf(driver: LogDriver): Promise<readonly string[]> {
  return [...(await driver.kvList('snapshot/')), ...(await driver.kvList('keyframe/'))].map(({ key }) => key);
}

async function edit(driver: LogDriver, revision: number, change: (bytes: Uint8Array) => Uint8Array): Promise<void> {
  const key = (await keysOf(driver)).find((name) => name.endsWith(String(revision).padStart(16, '0')))!;
  const { value, rev } = (await driver.kvGet(key))!;
  expect(await driver.kvPut(key, change(value.slice()), rev)).not.toBe('conflict');
}

describe('a snapshot', () => {
  it('gives back the state that was saved, bound to its fold and its event', async () => {
    const events = notes(10);
    const { snapshots } = await snapshotsOf(events);
    const info = await snapshots.save(stateAt(events, 4));
    expect(info).toMatchObject({ stream, revision: 4, eventId: events[3]!.id, foldVersion: fold.foldVersion('voyage'), pinned: false });
    expect(info!.leaf).toMatch(/^[0-9a-f]{64}$/);
    const loaded = await snapshots.load(stream, 9);
    expect(loaded).toMatchObject(info!);
    expect(loaded!.state).toEqual(stateAt(events, 4));
    expect(await snapshots.load(stream, 3)).toBeNull();
    expect(await snapshots.list(stream)).toEqual([info]);
  });

  it('is the newest at or before the place that is asked for', async () => {
    const events = notes(30);
    const { snapshots } = await snapshotsOf(events);
    for (const revision of [9, 20, 10]) await snapshots.save(stateAt(events, revision));
    for (const [upTo, found] of [[8, undefined], [9, 9], [19, 10], [20, 20], [Number.MAX_SAFE_INTEGER, 20]] as const) expect((await snapshots.load(stream, upTo))?.revision).toBe(found);
  });

  it('plus the tail is the full fold, for any history and any set of snapshots (A-116)', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory(20), fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 4 }), fc.nat(20), async (events, saved, wanted) => {
        const { snapshots } = await snapshotsOf(events);
        for (const revision of saved.filter((count) => count <= events.length)) await snapshots.save(stateAt(events, revision));
        const revision = Math.min(wanted, events.length);
        const parts = { reader: readerOver(events, 4), fold, hasher: nodeHasher, snapshots };
        const answer = await reconstruct(parts, address, { kind: 'revision', revision });
        expect(answer.state).toEqual(stateAt(events, revision));
        const nearest = Math.max(0, ...saved.filter((count) => count <= revision));
        expect([answer.fromSnapshot ?? 0, answer.eventsFolded]).toEqual([nearest, revision - nearest]);
        expect((await reconstruct(parts, address, { kind: 'revision', revision }, { useSnapshots: false })).fromSnapshot).toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  it('is not kept when it is empty, too large, a cut by time, or not what the log holds', async () => {
    const events = notes(5);
    const { driver, snapshots } = await snapshotsOf(events, { snapshotBytesMax: 600 });
    expect(await snapshots.save(stateAt(events, 0))).toBeNull();
    expect(await snapshots.save({ ...stateAt(events, 2), ship: 'x'.repeat(600) })).toBeNull();
    expect(await snapshots.save(fold.foldAll([events[0]!, events[2]!], { from: fold.initial('voyage', voyageId), cut: true }))).toBeNull();
    expect(await snapshots.save(stateAt(notes(9), 9))).toBeNull();
    expect(await snapshots.save({ ...stateAt(events, 3), lastEventId: 'another' })).toBeNull();
    expect(await keysOf(driver)).toEqual([]);
  });

  it('of one stream is never taken for one of a stream with a longer name', async () => {
    const inner = notes(3).map((note) => ({ ...note, streamId: `${voyageId}/2`, id: note.id.replace('00000000', '00000001') }));
    const { snapshots } = await snapshotsOf([...notes(1), ...inner]);
    await snapshots.save(fold.foldAll(inner)!);
    expect(await snapshots.load(stream, 9)).toBeNull();
    expect(await snapshots.list(stream)).toEqual([]);
    expect((await snapshots.load(`${stream}/2`, 9))?.revision).toBe(3);
  });
});

describe('a snapshot that does not hold', () => {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const faults: readonly (readonly [string, IgnoredSnapshot['fault'], (bytes: Uint8Array) => Uint8Array])[] = [
    ['bytes that were cut', 'checksum', (bytes) => bytes.subarray(0, bytes.length - 3)],
    ['one flipped bit', 'checksum', (bytes) => bytes.with(bytes.length - 5, bytes.at(-5)! ^ 1)],
    ['no header', 'format', () => encodeUtf8('garbage')],
    ['no bytes at all', 'format', () => new Uint8Array()],
    ['a format of the future', 'format', (bytes) => encodeUtf8(text(bytes).replace('"format":1', '"format":2'))],
    ['another fold version', 'fold_version', (bytes) => encodeUtf8(text(bytes).replace('voyage@1.0.0', 'voyage@0.9.0'))],
    ['another revision in its header', 'format', (bytes) => encodeUtf8(text(bytes).replace('"revision":8', '"revision":7'))],
    ['another event', 'event', (bytes) => encodeUtf8(text(bytes).replace(/"eventId":"[^"]*"/, '"eventId":"other"'))],
    ['another leaf hash', 'leaf', (bytes) => encodeUtf8(text(bytes).replace(/"leaf":"[0-9a-f]/, '"leaf":"z'))],
  ];

  it.each(faults)('because of %s is told and ignored; the answer is the same (bad-input B15, A-217)', async (_name, fault, change) => {
    const events = notes(10);
    const { driver, snapshots } = await snapshotsOf(events);
    for (const revision of [4, 8]) await snapshots.save(stateAt(events, revision));
    await edit(driver, 8, change);
    const ignored: IgnoredSnapshot[] = [];
    expect((await snapshots.load(stream, 10, (one) => ignored.push(one)))?.revision).toBe(4);
    expect(ignored).toEqual([{ stream, revision: 8, fault }]);
    const answer = await reconstruct({ reader: readerOver(events), fold, hasher: nodeHasher, snapshots }, address, { kind: 'end' });
    expect(answer.state).toEqual(stateAt(events, 10));
    expect(answer).toMatchObject({ fromSnapshot: 4, warnings: [`The snapshot at revision 8 was ignored (${fault}).`] });
    expect(await snapshots.verify(stream)).toEqual([{ stream, revision: 4, ok: true, fault: null, pinned: false }, { stream, revision: 8, ok: false, fault, pinned: false }]);
  });

  it('because its state hash is wrong is found by verify', async () => {
    const events = notes(4);
    const { driver, snapshots } = await snapshotsOf(events);
    await snapshots.save(stateAt(events, 4));
    await edit(driver, 4, (bytes) => encodeUtf8(text(bytes).replace(/"stateHash":"[0-9a-f]/, '"stateHash":"z')));
    expect(await snapshots.verify(stream)).toMatchObject([{ ok: false, fault: 'state_hash' }]);
  });

  it('because the fold changed is ignored by the new fold (A-216)', async () => {
    const events = notes(4);
    const { driver, snapshots } = await snapshotsOf(events);
    await snapshots.save(stateAt(events, 4));
    const newer = createSnapshots({ driver, fold: createFold(createRegistry({ aggregates: [{ ...voyage, version: '2.0.0' }] })), hasher: nodeHasher });
    expect(await newer.load(stream, 9)).toBeNull();
    expect(await snapshots.load(stream, 9)).not.toBeNull();
  });
});

describe('collecting snapshots', () => {
  it('keeps the newest and the pinned ones (A-218, A-237)', async () => {
    const events = notes(12);
    const { driver, snapshots } = await snapshotsOf(events);
    for (let revision = 1; revision <= 12; revision++) await snapshots.save(stateAt(events, revision), { pinned: revision === 3 });
    expect(await snapshots.collect(stream, { newestKept: 2, keyframesMax: 0 })).toBe(9);
    expect((await snapshots.list(stream)).map(({ revision, pinned }) => [revision, pinned])).toEqual([[3, true], [11, false], [12, false]]);
    expect(await keysOf(driver)).toHaveLength(3);
    expect(await snapshots.collect(stream, { newestKept: 2, keyframesMax: 0 })).toBe(0);
  });

  it('leaves keyframes at growing distances, few enough and near every place', async () => {
    const events = notes(400);
    const { driver, snapshots } = await snapshotsOf(events, { snapshotEveryEvents: 5, snapshotsKeptPerStream: 2, keyframesPerStreamMax: 12 });
    let last = 0;
    for (let revision = 1; revision <= 400; revision++) {
      if (!snapshots.isDue(revision, last)) continue;
      await snapshots.save(stateAt(events, revision));
      last = revision;
      await snapshots.collect(stream);
      expect((await driver.kvList('keyframe/')).length).toBeLessThanOrEqual(12);
    }
    expect((await snapshots.list(stream)).map(({ revision }) => revision)).toEqual([395, 400]);
    const parts = { reader: readerOver(events), fold, hasher: nodeHasher, snapshots };
    for (let revision = 80; revision <= 400; revision += 37) {
      const answer = await reconstruct(parts, address, { kind: 'revision', revision });
      expect(answer.state).toEqual(stateAt(events, revision));
      expect(answer.eventsFolded).toBeLessThanOrEqual(80);
    }
    expect((await snapshots.verify(stream)).every(({ ok }) => ok)).toBe(true);
  });

  it('keeps fewer keyframes of large states, so that their bytes are bounded', async () => {
    const events = notes(60);
    const { driver, snapshots } = await snapshotsOf(events, { snapshotEveryEvents: 2, snapshotsKeptPerStream: 1, keyframeBytesPerStreamMax: 12_000 });
    for (let revision = 2; revision <= 60; revision += 2) {
      await snapshots.save(stateAt(events, revision));
      await snapshots.collect(stream);
    }
    const sizes = await Promise.all((await driver.kvList('keyframe/')).map(async ({ key }) => (await driver.kvGet(key))!.value.length));
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(12_000);
  });

  it('drops what may hold an erased payload: everything from its revision on', async () => {
    const events = notes(10);
    const { driver, snapshots } = await snapshotsOf(events, { snapshotEveryEvents: 1 });
    for (const revision of [2, 4, 6, 8]) await snapshots.save(stateAt(events, revision), { pinned: revision === 8 });
    await snapshots.collect(stream, { newestKept: 1 });
    expect(await snapshots.dropFrom(stream, 4)).toBe(3);
    expect((await keysOf(driver)).map((key) => key.slice(0, 8))).toEqual(['keyframe']);
    expect((await snapshots.load(stream, 10))?.revision).toBe(2);
  });
});
