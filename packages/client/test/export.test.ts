/** The export by the client: every event once, in order, over transfers that break off. */
import { createClient } from '@refold/client';
import type { Client, FollowState } from '@refold/client';
import { describe, expect, test } from 'vitest';
import { note, startWorld } from './client-world.ts';
import type { World } from './client-world.ts';

const limits = { backoffMs: 5, backoffMsMax: 20 };

async function begin(count: number): Promise<{ readonly world: World; readonly client: Client }> {
  const world = await startWorld();
  const direct = createClient({ url: world.url });
  for (let from = 0; from < count; from += 100) await direct.appendEvents({ events: Array.from({ length: Math.min(100, count - from) }, (_, index) => note(`${from + index} ${'x'.repeat(2_000)}`)) });
  return { world, client: createClient({ url: world.wire.url, limits }) };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const given: T[] = [];
  for await (const item of items) given.push(item);
  return given;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('R55: exportEvents by the client', () => {
  test('X-019: every event once, then it ends', async () => {
    const { client } = await begin(250);
    const events = await all(client.exportEvents());
    expect(events.map(({ position }) => position)).toEqual(range(1, 250));
    expect(events[0]).toMatchObject({ type: 'custom.noted', streamId: 'n1', revision: 1 });
    expect(await all(client.exportEvents({ afterPosition: 248, streamType: 'custom' }))).toMatchObject([{ position: 249 }, { position: 250 }]);
  });

  test('a transfer that breaks off goes on after the last whole line: nothing is missed, nothing given twice', async () => {
    const { world, client } = await begin(3_000);
    const states: FollowState[] = [];
    const positions: number[] = [];
    for await (const { position } of client.exportEvents({}, { onState: (state) => void states.push(state) })) {
      positions.push(position);
      if (position === 500 || position === 2_000) world.wire.cut();
    }
    expect(positions).toEqual(range(1, 3_000));
    expect(states).toContain('reconnecting');
    expect(states.at(-1)).toBe('ended');
  });

  test('as CloudEvents it goes on, too; a form that does not say where it stands is given up, not begun again', async () => {
    const { world, client } = await begin(3_000);
    const broken = async (dialect: string): Promise<unknown[]> => {
      const items: unknown[] = [];
      for await (const item of client.exportEvents({}, { dialect })) {
        items.push(item);
        if (items.length === 300) world.wire.cut();
      }
      return items;
    };
    expect((await broken('cloudevents')).map((item) => (item as { refoldposition: string }).refoldposition)).toEqual(range(1, 3_000).map(String));
    await expect(broken('agentLightning')).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'not_resumable' } });
  });
});
