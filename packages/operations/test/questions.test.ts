/** Questions over a history, asked again and again: what one of them read serves the next. */
import { flipsOf } from '@refold/operations';
import { wrapLog } from '@refold/testing';
import { describe, expect, test } from 'vitest';
import { noted, openWorld } from './world.ts';
import type { World } from './world.ts';

const key = { streamType: 'flight', streamId: '1' };

const told = (world: World, from: number, count: number): Promise<unknown> => world.append(...Array.from({ length: count }, (_, index) => noted('flight/1', { data: { tons: from + index } })));

describe('when did it become true', () => {
  test('asked of the same values again reads no event but the newest, and then what was appended since', async () => {
    const world = await openWorld();
    await told(world, 1, 200);
    await world.call(flipsOf, { ...key, expression: 'event.data.tons > 150' });
    world.asked.read = 0;
    const again = await world.call(flipsOf, { ...key, expression: 'event.data.tons > 120' });
    expect(again).toMatchObject({ items: [{ kind: 'first', revision: 1, to: false }, { kind: 'flip', revision: 121, to: true }], summary: { events: 200, flips: 1 }, truncated: false });
    expect(world.asked.read).toBe(1);

    await told(world, 1, 1);
    expect(await world.call(flipsOf, { ...key, expression: 'event.data.tons > 120' })).toMatchObject({ items: [{ revision: 1 }, { revision: 121 }, { revision: 201, to: false }], summary: { events: 201, flips: 2 } });
  });

  test('goes on where it was when the question before took too long', async () => {
    let isSlow = false;
    const world: World = await openWorld({
      limits: { queryTimeoutMs: 100 },
      pageEventsMax: 50,
      wrap: (driver) =>
        wrapLog(driver, {
          async *read(request, signal) {
            for await (const page of driver.read(request, signal)) {
              yield page;
              if (isSlow) world.clock.advance(10);
            }
          },
        }),
    });
    for (let commit = 0; commit < 30; commit++) await told(world, commit * 50, 50);
    isSlow = true;
    const ask = (): Promise<unknown> => world.call(flipsOf, { ...key, expression: 'event.data.tons >= 1400' });
    let refused = 0;
    for (; refused < 10; refused++) {
      try {
        expect(await ask()).toMatchObject({ items: [{ revision: 1 }, { revision: 1_401, to: true }], summary: { events: 1_500, flips: 1 } });
        break;
      } catch (error) {
        expect(error).toMatchObject({ code: 'QUERY_TIMEOUT' });
      }
    }
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(10);
  });
});
