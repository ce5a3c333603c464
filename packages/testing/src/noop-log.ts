/** A log that agrees to everything and keeps nothing. Every case of the suite has to see through it. */
import type { Capabilities, LogDriver } from '@refold/core';

export const noopCapabilities: Capabilities = {
  durability: 'fsync',
  writers: 'many-hosts',
  commitBytesMax: 16 * 1_048_576,
  commitEventsMax: 10_000,
  query: 'indexed',
  watch: 'push',
  forget: true,
  cluster: true,
};

export function noopLog(capabilities: Capabilities = noopCapabilities): LogDriver {
  return {
    capabilities,
    async append(commits) {
      return commits.map((commit) => ({
        ok: true as const,
        duplicate: false,
        first: 1,
        last: commit.events.length,
        recordedAt: '2026-01-01T00:00:00.000Z',
        revisions: new Map(commit.events.map((event) => [event.stream, 1])),
      }));
    },
    async *read() {
      yield { events: [], next: null, head: 0 };
    },
    head: async () => ({ position: 0, recordedAt: null, epoch: '' }),
    streams: async () => [],
    async *watch(after) {
      yield after;
    },
    kvGet: async () => null,
    kvPut: async () => 1,
    kvList: async () => [],
    forget: async () => 0,
    close: async () => {},
  };
}

/** For the worker process (worker.ts). */
export const openForWorker = async (): Promise<LogDriver> => noopLog();
