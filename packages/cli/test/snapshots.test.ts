/** What the configuration says about snapshots, and what a person is told of them. */
import { openStore, systemClock } from '@refold/sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openConsole } from './console.ts';
import type { Console } from './console.ts';
import { serve } from './serve.ts';

let console: Console;
beforeEach(() => {
  console = openConsole({ sleep: systemClock.sleep });
});
afterEach(() => console.close());

const log = Array.from({ length: 110 }, () => JSON.stringify({ type: 'custom.ticked', streamType: 'custom', streamId: '1', data: {} })).join('\n');

interface Listed {
  readonly items: readonly { readonly revision: number; readonly pinned: boolean }[];
}
const revisions = async (): Promise<readonly number[]> => (await console.run('snapshot list custom/1 --json --store sqlite:log.db')).json<Listed>().items.map(({ revision }) => revision);

async function configured(...lines: string[]): Promise<void> {
  console.write('config/event-sourcing.yaml', ['event_sourcing:', ...lines, ''].join('\n'));
  console.write('events.jsonl', log);
  expect((await console.run('init --store sqlite:log.db')).exitCode).toBe(0);
  expect((await console.run('append --batch events.jsonl --actor system:test --store sqlite:log.db')).exitCode).toBe(0);
}

describe('Snapshots by configuration', () => {
  test('A-095 A-096 A-226 A-236 while serve runs, a snapshot comes every snapshots.frequency events of a stream, whoever appends', async () => {
    await configured('  snapshots:', '    enabled: true', '    frequency: 25');
    expect(await revisions()).toEqual([]);
    const served = await serve(console, '--store sqlite:log.db');
    await expect.poll(revisions, { timeout: 10_000 }).toEqual([25, 50, 75, 100]);
    expect((await console.run(`call health --json --server ${served.url}`)).json()).toMatchObject({ snapshots: { keeping: 'all', failures: 0 } });
    await served.stop();
  });

  test('A-095 with snapshots.enabled: false none is written, neither by serve nor by a read; the one that is asked for is', async () => {
    await configured('  snapshots:', '    enabled: false');
    const served = await serve(console, '--store sqlite:log.db');
    expect((await console.run('state custom/1 --store sqlite:log.db')).exitCode).toBe(0);
    expect((await console.run(`state custom/1 --server ${served.url}`)).exitCode).toBe(0);
    expect((await console.run(`call health --json --server ${served.url}`)).json()).toMatchObject({ snapshots: { keeping: 'off', failures: 0 } });
    await served.stop();
    expect(await revisions()).toEqual([]);
    expect((await console.run('snapshot create custom/1 --store sqlite:log.db')).exitCode).toBe(0);
    expect(await revisions()).toEqual([110]);
  });

  test('B-148 doctor names long streams that lack one, and nothing when they have one, and says whether there is an index', async () => {
    await configured('  snapshots:', '    frequency: 50');
    expect((await console.run('doctor --plain --store sqlite:log.db')).stdout).toContain('warn\tsnapshots\t1 long streams have none: custom/1\t');
    await console.run('snapshot create custom/1 --store sqlite:log.db');
    const { stdout } = await console.run('doctor --plain --store sqlite:log.db');
    expect(stdout).toContain('ok\tsnapshots\tevery long stream has one\t');
    expect(stdout).toContain('ok\tindex\tqueries by type and tag are answered from an index\t');
  });

  test('B-141 doctor tells a failure that stands on record, whichever process met it', async () => {
    await configured('  snapshots:', '    frequency: 50');
    const store = await openStore(`sqlite:${console.folder}/log.db`, { keepSnapshots: 'off' });
    await store.log.append({ events: [{ type: 'store.snapshot_failed', streamType: 'store', streamId: 'log', actor: { type: 'system', id: 'refold' }, data: { stream: { type: 'custom', id: '1' }, revision: 50, error: { code: 'FOLD_FAILED', message: 'The stream could not be folded.' } } }] });
    await store.close();
    expect((await console.run('doctor --plain --store sqlite:log.db')).stdout).toContain('warn\tsnapshots\t1 could not be made\t');
  });

  test('A-109 K-042 validation that is switched off is told at start, by health and by doctor', async () => {
    await configured('  validation:', '    validate_on_write: false');
    const served = await serve(console, '--store sqlite:log.db');
    expect((await console.run(`call health --json --server ${served.url}`)).json()).toMatchObject({ validation: 'flag' });
    expect((await console.run(`doctor --plain --server ${served.url}`)).stdout).toContain('warn\tvalidation\t');
    expect((await served.stop()).stderr).toContain('warning: events that break their rules are taken and marked, not refused');
  });
});
