/** The directory of streams, in the order of their names' bytes. Where a stream stands is read off the sidecar, not kept. */
import type { StreamInfo, StreamsRequest } from '@refold/core';
import type { Connection } from './database.ts';
import { laterOf } from './kv.ts';

export function createStreamDirectory(db: Connection): (request: StreamsRequest) => readonly StreamInfo[] {
  const namesFrom = db.prepare<[string], [id: number, name: string]>('SELECT id, name FROM stream WHERE name >= ? ORDER BY name').raw();
  const firstOf = db.prepare<[number], number>('SELECT position FROM event WHERE stream = ? AND revision = 1').pluck();
  const lastOf = db.prepare<[number], [revision: number, position: number]>('SELECT revision, position FROM event WHERE stream = ? ORDER BY revision DESC LIMIT 1').raw();
  return ({ prefix = '', after, limit = Infinity }) => {
    const found: StreamInfo[] = [];
    for (const [id, stream] of namesFrom.iterate(laterOf(prefix, after))) {
      if (found.length >= limit || !stream.startsWith(prefix)) break;
      if (stream === after) continue;
      const [revision, last] = lastOf.get(id) ?? [0, 0];
      found.push({ stream, revision, first: firstOf.get(id) ?? 0, last });
    }
    return found;
  };
}
