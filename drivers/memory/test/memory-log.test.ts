/** What is this driver's own: its options. The contract of the port is shown by conformance.test.ts. */
import { openMemoryLog } from '@refold/driver-memory';
import { accept, createManualClock, createTraffic, readAll, testLinker } from '@refold/testing';
import { describe, expect, it } from 'vitest';

describe('openMemoryLog', () => {
  it('keeps the epoch it is given, and makes a new one for each log otherwise', async () => {
    expect((await openMemoryLog({ epoch: 'e-1' }).head()).epoch).toBe('e-1');
    const epochs = [await openMemoryLog().head(), await openMemoryLog().head()].map((head) => head.epoch);
    expect(new Set(epochs).size).toBe(2);
  });

  it('bounds a page by the number of events and by their bytes, whichever comes first', async () => {
    const driver = openMemoryLog({ pageEventsMax: 3, pageBytesMax: 100 });
    const traffic = createTraffic(1);
    const sizes = [10, 10, 10, 10, 90, 20, 500, 1];
    await accept(driver, traffic.commit(sizes.map((size) => ({ body: new Uint8Array(size) }))));
    const { pages } = await readAll(driver);
    expect(pages.map((page) => page.events.map((event) => event.body.length))).toEqual([[10, 10, 10], [10, 90], [20], [500], [1]]);
    expect(pages.map((page) => page.next)).toEqual([3, 5, 6, 7, null]);
    const backward = await readAll(driver, { direction: 'backward' });
    expect(backward.pages.map((page) => page.next)).toEqual([7, 6, 5, 3, null]);
  });

  it('has the commit limits it is given and declares them', async () => {
    const driver = openMemoryLog({ commitEventsMax: 2, commitBytesMax: 10 });
    const traffic = createTraffic(1);
    expect(driver.capabilities).toMatchObject({ commitEventsMax: 2, commitBytesMax: 10 });
    const results = await driver.append([traffic.commit([{}, {}, {}]), traffic.commit([{ body: '12345678901' }]), traffic.commit([{ body: '12345' }, { body: '67890' }])]);
    expect(results.map((result) => (result.ok ? 'ok' : result.reason))).toEqual(['too-large', 'too-large', 'ok']);
  });

  it('stamps with the clock it is given, in whole milliseconds', async () => {
    const clock = createManualClock({ startMs: Date.UTC(2026, 4, 5, 6, 7, 8, 9) + 0.7 });
    const receipt = await accept(openMemoryLog({ clock }), createTraffic(1).commit());
    expect(receipt.recordedAt).toBe('2026-05-05T06:07:08.009Z');
  });

  it('writes nothing when the linker throws', async () => {
    let links = 0;
    const driver = openMemoryLog({
      linker: {
        ...testLinker,
        link: (event, previousLeaf) => {
          links += 1;
          if (links === 2) throw new Error('out of order');
          return testLinker.link(event, previousLeaf);
        },
      },
    });
    const traffic = createTraffic(1);
    const commit = traffic.commit([{}, {}]);
    await expect(driver.append([commit])).rejects.toThrow('out of order');
    expect((await driver.head()).position).toBe(0);
    expect((await accept(driver, commit)).last).toBe(2);
  });

  it('forgets a body while a reading rests between two pages', async () => {
    const driver = openMemoryLog({ pageEventsMax: 1 });
    await accept(driver, createTraffic(1).commit([{ body: 'one' }, { body: 'two' }]));
    const bodies: number[] = [];
    for await (const page of driver.read({})) {
      bodies.push(...page.events.map((event) => event.body.length));
      await driver.forget([2], 'test');
    }
    expect(bodies).toEqual([3, 0]);
  });

  it('refuses an instant that is none (bad-input B5)', async () => {
    await expect(readAll(openMemoryLog(), { upToTime: 'yesterday' })).rejects.toMatchObject({ code: 'BAD_TIMESTAMP' });
  });

  it('refuses every call after it was closed, and may be closed twice', async () => {
    const driver = openMemoryLog();
    await driver.close();
    await driver.close();
    const traffic = createTraffic(1);
    const calls = [driver.append([traffic.commit()]), driver.head(), driver.streams({}), driver.kvGet('k'), driver.kvPut('k', null, 'absent'), driver.kvList(''), driver.forget([1], 'test'), readAll(driver)];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'closed' } });
  });
});
