/** A bit that flips in a stored body is found before the event is served (bad-input N15). */
import { openLog } from '@refold/core';
import type { Log, LogDriver, Recorded } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { createTestPorts, wrapLog } from '@refold/testing';
import { expect, test } from 'vitest';
import { event, registry } from './job-log.ts';
import { laterRefusalOf } from './refusal.ts';

type Damage = (record: Recorded) => Recorded;

/** A log of three events, of which the second may be read otherwise than it was written. */
async function openDamageable(): Promise<{ readonly log: Log; readonly ids: readonly string[]; damage(how: Damage): void }> {
  let damage: Damage = (record) => record;
  const ports = createTestPorts(1, { isSleepInstant: true });
  const open = (engine: LogDriver): LogDriver =>
    wrapLog(engine, {
      async *read(request, signal) {
        for await (const page of engine.read(request, signal)) yield { ...page, events: page.events.map((record) => (record.position === 2 && request.bodies !== false ? damage(record) : record)) };
      },
    });
  const log = await openLog({ open: (linker) => open(openMemoryLog({ linker, clock: ports.clock })), registry, ports });
  const { events } = await log.append({ events: [event('job.created'), event('job.noted', { data: { text: 'ünïcode', n: 1 } }), event('job.noted')], commitId: 'c1' });
  return { log, ids: events.map(({ id }) => id), damage: (how) => void (damage = how) };
}

const flipped = (body: Uint8Array, bit: number): Uint8Array => body.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

test('bad-input N15: whichever bit of a body flips, the event is INTEGRITY_VIOLATION with its position, and the others are served', async () => {
  const { log, ids, damage } = await openDamageable();
  let bits = 0;
  damage((record) => {
    bits = record.body.length * 8;
    return record;
  });
  expect(await log.event(ids[1]!)).toMatchObject({ position: 2, data: { n: 1 } });
  expect(bits).toBeGreaterThan(1_000);
  for (let bit = 0; bit < bits; bit++) {
    damage((record) => ({ ...record, body: flipped(record.body, bit) }));
    const { code, details } = await laterRefusalOf(log.event(ids[1]!));
    expect([bit, code, details['position'], details['stream'], details['revision']]).toEqual([bit, 'INTEGRITY_VIOLATION', 2, 'job/42', 2]);
  }
  expect(await log.event(ids[0]!)).toMatchObject({ position: 1 });
  expect(await log.event(ids[2]!)).toMatchObject({ position: 3 });
});

test('bad-input N15: so is a commit that holds it, and a record that somebody edited in any other place', async () => {
  const { log, ids, damage } = await openDamageable();
  const commit = async (): Promise<number> => {
    let count = 0;
    for await (const page of log.events({ commits: ['c1'] })) count += page.events.length;
    return count;
  };
  expect(await commit()).toBe(3);
  const edits: readonly Damage[] = [
    (record) => ({ ...record, type: 'job.stepped' }),
    (record) => ({ ...record, stream: 'job/43' }),
    (record) => ({ ...record, revision: 7 }),
    (record) => ({ ...record, recordedAt: '2020-01-01T00:00:00.000Z' }),
    (record) => ({ ...record, previousLeaf: new Uint8Array(32) }),
    (record) => ({ ...record, leaf: new Uint8Array(32) }),
    (record) => ({ ...record, body: new Uint8Array(0) }),
  ];
  for (const edit of edits) {
    damage(edit);
    expect(await laterRefusalOf(commit())).toMatchObject({ code: 'INTEGRITY_VIOLATION', details: { position: 2 } });
    expect(await laterRefusalOf(log.event(ids[1]!))).toMatchObject({ code: 'INTEGRITY_VIOLATION', details: { position: 2 } });
  }
});

test('bad-input N15: a body that is none stops every reading at its position, that of a fold too', async () => {
  const { log, damage } = await openDamageable();
  damage((record) => ({ ...record, body: record.body.subarray(1) }));
  const all = async (): Promise<void> => {
    for await (const _page of log.events({}));
  };
  expect(await laterRefusalOf(all())).toMatchObject({ code: 'INTEGRITY_VIOLATION', details: { reason: 'body', position: 2, stream: 'job/42', revision: 2 } });
});

test('what was forgotten is whole: its leaf is made of what is left', async () => {
  const { log, ids } = await openDamageable();
  await log.driver.forget([2], 'test');
  expect(await log.event(ids[1]!)).toMatchObject({ erased: true, data: {} });
});
