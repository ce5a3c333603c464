/** docs/reference/configuration.md is a promise to whoever configures Refold: it has every key, its default, and whether it acts. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { actingKeys } from '../src/config/acting-keys.ts';
import { leavesOf } from '../src/config/config-tree.ts';
import { configSchema } from '../src/config/schema.ts';
import { storeSettings } from '../src/config/store-settings.ts';
import { openConsole } from './console.ts';
import type { Console } from './console.ts';
import { serve } from './serve.ts';

const defaults = configSchema.parse({ event_sourcing: {} });
/** Keys without a default are absent from the tree. */
const optionalKeys = ['event_sourcing.storage.driver', 'event_sourcing.storage.format'];
const keys = new Map([...leavesOf(defaults).map(({ key, value }) => [key, JSON.stringify(value)] as const), ...optionalKeys.map((key) => [key, 'none'] as const)]);

const rows = readFileSync(new URL('../../../docs/reference/configuration.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const cells = /^\| `([\w.]+)` \| (.+?) \| (.+) \|$/.exec(line);
    return cells === null ? [] : [{ key: `event_sourcing.${cells[1]!}`, value: cells[2]!.replace(/^`(.*)`$/, '$1'), effect: cells[3]! }];
  });

describe('The reference of the configuration', () => {
  test('has every key of the schema once, and no other', () => {
    expect(rows.map(({ key }) => key).toSorted()).toEqual([...keys.keys()].toSorted());
  });

  test('has the defaults of the schema', () => {
    expect(Object.fromEntries(rows.map(({ key, value }) => [key, value]))).toEqual(Object.fromEntries(keys));
  });

  test('says "not yet" exactly of the keys that nothing acts on', () => {
    expect(rows.filter(({ effect }) => effect !== 'not yet').map(({ key }) => key).toSorted()).toEqual([...actingKeys].toSorted());
  });

  test('names among the acting keys everything that opening a store reads', () => {
    const read = new Set<string>();
    const watched = (value: unknown, path: string): unknown =>
      typeof value !== 'object' || value === null || Array.isArray(value)
        ? (read.add(path), value)
        : new Proxy(value, { get: (target, key) => watched((target as Record<PropertyKey, unknown>)[key], path === '' ? String(key) : `${path}.${String(key)}`) });
    storeSettings(watched(defaults, '') as typeof defaults);
    expect([...read].filter((key) => !actingKeys.has(key))).toEqual([]);
    // What else acts is read where the log is found, and where it is served.
    const elsewhere = /^event_sourcing\.(?:storage\.(?:base_path|driver|format|mirror_jsonl|sqlite\.path)|broadcasting\..*|server\..*|auth\..*|telemetry\..*|replay\.default_dry_run\.rest)$/;
    expect([...actingKeys].filter((key) => !read.has(key) && !elsewhere.test(key))).toEqual([]);
  });
});

describe('A key that does nothing yet', () => {
  let console: Console;
  beforeEach(() => {
    console = openConsole();
  });
  afterEach(() => console.close());

  test('is told by its name and where it stands; one that acts, and one that nobody set, are not', async () => {
    console.write('config/event-sourcing.yaml', ['event_sourcing:', '  snapshots:', '    frequency: 25', '  cleanup:', '    archive_after_days: 30', '  enrich: { git: false }', ''].join('\n'));
    const { stdout, stderr, exitCode } = await console.run('config check --json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, withoutEffect: ['event_sourcing.cleanup.archive_after_days', 'event_sourcing.enrich.git'] });
    expect(stderr.trim().split('\n')).toEqual(['archive_after_days', 'git'].map((key) => expect.stringMatching(new RegExp(`^warning: event_sourcing\\.\\w+\\.${key} \\(config/event-sourcing\\.yaml\\) has no effect in this release$`)) as string));
  });

  test('replay.default_dry_run is none of them: cli and rest decide what a call means that does not say (C-051)', async () => {
    console.write('config/event-sourcing.yaml', ['event_sourcing:', '  replay:', '    default_dry_run: { cli: false, rest: false }', ''].join('\n'));
    await console.run('init');
    await console.run("append job.created --stream job/1 --data '{}' --actor user:ana");
    // An execution has to be confirmed; a dry run has not.
    const [meant, dry] = [await console.run('replay job/1 --json'), await console.run('replay job/1 --dry-run --json')];
    expect([meant.error().code, dry.exitCode]).toEqual(['PRECONDITION_FAILED', 0]);
    const served = await serve(console);
    const ask = async (body: object): Promise<{ code?: string; mode?: string }> => (await (await fetch(`${served.url}/api/v1/events/replay`, { method: 'POST', headers: { ...served.headers, 'content-type': 'application/json' }, body: JSON.stringify({ streamType: 'job', streamId: '1', ...body }) })).json()) as never;
    expect([(await ask({})).code, (await ask({ dryRun: true })).mode]).toEqual(['PRECONDITION_FAILED', 'dry_run']);
    await served.stop();
  });
});
