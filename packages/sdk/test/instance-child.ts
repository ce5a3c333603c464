/**
 * One of several processes on one log that send what is noted, under a lease: `node instance-child.ts URL LEASE_MS`. Tells each position that it
 * worked on, in one write that nothing can hold back, until it is killed.
 */
import { writeSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { createConsumer, createLease } from '@refold/core';
import { openStore } from '@refold/sdk';

const [url = '', leaseMs = ''] = process.argv.slice(2);
const { log } = await openStore(url, { keepSnapshots: 'off' });
const lease = createLease(log.driver, { name: 'mail', holder: randomUUID(), leaseMs: Number(leaseMs), clock: log.ports.clock });
const consumer = createConsumer(log.driver, {
  name: 'mail',
  lease,
  async handle({ events }) {
    for (const { position, stream, id } of events.filter((event) => event.stream === 'custom/inbox')) {
      writeSync(1, `${position}\n`);
      await log.append({ commitId: `mail ${id}`, events: [{ type: 'custom.sent', streamType: 'custom', streamId: 'outbox', data: { position, stream }, actor: { type: 'system', id: 'mail' } }] });
    }
  },
});
writeSync(1, 'ready\n');
await consumer.run(new AbortController().signal);
