/** One stream that two opened logs of one file write as fast as they can. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@refold/sdk';
import type { OpenedStore } from '@refold/sdk';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'refold-hot-stream-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const event = (type: string, data: object = {}) => ({ type, streamType: 'job', streamId: 'hot', actor: { type: 'agent', id: 'planner' } as const, data: { ...data } });

test.each([
  ['one after the other', 1],
  ['48 at a time', 48],
])('appends of both, %s, are all taken, none has to be sent again, and each log keeps its order', async (_, atOnce) => {
  const url = `sqlite:${join(folder, `${atOnce}.db`)}`;
  const stores = [await openStore(url), await openStore(url)];
  await stores[0]!.log.append({ events: [event('job.created', { name: 'build' }), event('job.started')] });
  const each = 96;
  const writeAll = async ({ log }: OpenedStore, step: string): Promise<void> => {
    let next = 0;
    const writer = async (): Promise<void> => {
      while (next < each) await log.append({ events: [event('job.progress_updated', { after: next++ / each, step })] });
    };
    await Promise.all(Array.from({ length: atOnce }, writer));
  };
  await Promise.all(stores.map((store, index) => writeAll(store, `writer ${index}`)));

  const progress: { step: string; after: number }[][] = [[], []];
  for await (const { events } of stores[0]!.log.events({ after: 2 })) for (const { data } of events) progress[data['step'] === 'writer 0' ? 0 : 1]!.push(data as { step: string; after: number });
  for (const own of progress) expect(own.map(({ after }) => after)).toEqual(Array.from({ length: each }, (_unused, index) => index / each));
  for (const store of stores) await store.close();
});
