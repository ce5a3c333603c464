/** Appends over two days, the copy following, until it is killed; tells its first append. */
import { writeSync } from 'node:fs';
import { createTestPorts } from '@refold/testing';
import { openCopied } from './copied-log.ts';

const [root = '', cycle = ''] = process.argv.slice(2);
const ports = createTestPorts(1_000 + Number(cycle), { startMs: Date.UTC(2025, 11, 22, 10) + Number(cycle) * 24 * 3_600_000 });
const store = await openCopied(root, ports);
for (let index = 0; ; index += 1) {
  await store.log.append({ events: [{ type: 'CommitCreated', issueKey: `PROJ-${index % 3}`, sessionId: 'session', actor: { type: 'system', id: 'orchestrator' }, data: { sha: `a1b2c3${index}`, message: `cycle ${cycle}` } }] });
  if (index === 0) writeSync(1, '.');
  if (index === 20) ports.clock.advance(12 * 3_600_000);
}
