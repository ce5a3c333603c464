/** A log in memory cannot be reached from elsewhere or opened again, and its capabilities say so: it needs `open` alone. */
import type { LogDriver } from '@refold/core';
import type { openMemoryLog } from '@refold/driver-memory';
import type { Fixture, OpenOptions } from '@refold/testing';

export function memoryFixture(open: typeof openMemoryLog, wrap: (driver: LogDriver, options: OpenOptions) => LogDriver = (driver) => driver): Fixture {
  return {
    capabilities: {
      durability: 'memory',
      writers: 'one-process',
      commitBytesMax: 16 * 1_048_576,
      commitEventsMax: 10_000,
      query: 'scan',
      watch: 'push',
      forget: true,
      cluster: false,
    },
    open: async (_name, options = {}) => wrap(open(options), options),
  };
}
