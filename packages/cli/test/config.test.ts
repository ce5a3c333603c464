/** The configuration: its defaults, its layers, and what a broken one is told (bad-inputs section E). */
import { chmodSync, mkdirSync, readFileSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Meter } from '@refold/core';
import { runOperation, stateAt } from '@refold/operations';
import { openStore } from '@refold/sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../src/config/schema.ts';
import { storeSettings } from '../src/config/store-settings.ts';
import { fixture, openConsole } from './console.ts';
import type { Console } from './console.ts';

let console: Console;
beforeEach(() => {
  console = openConsole();
});
afterEach(() => console.close());

const tree = (...lines: string[]): string => ['event_sourcing:', ...lines, ''].join('\n');

async function refused(text: string, flags = ''): Promise<{ code: string; detail: string; details: Record<string, unknown>; hint: string | null; exitCode: number }> {
  console.write('c.yaml', text);
  const ran = await console.run(`config check --config c.yaml --json ${flags}`);
  return { ...ran.error(), exitCode: ran.exitCode };
}

describe('The configuration of the documents', () => {
  const documented = tree(
    '  storage:',
    '    base_path: "sessions/events"',
    '    format: "jsonl"',
    '  snapshots:',
    '    enabled: true',
    '    frequency: 50  # Every 50 events',
    '  validation:',
    '    strict_mode: true',
    '    validate_on_write: true',
    '  cleanup:',
    '    archive_after_days: 90',
    '    delete_after_days: 365',
  );

  test('loads unchanged from config/event-sourcing.yaml (A-087, A-092 to A-100)', async () => {
    console.write('config/event-sourcing.yaml', documented);
    const { exitCode, stdout } = await console.run('config print --origin --plain');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('event_sourcing.storage.format\t"jsonl"\tconfig/event-sourcing.yaml\n');
    expect(stdout).toContain('event_sourcing.snapshots.frequency\t50\tconfig/event-sourcing.yaml\n');
    expect(stdout).toContain('event_sourcing.snapshots.retention\t5\tdefault\n');
  });

  test('names a log of lines in its base_path, whose cat recipe works (K-085, A-093, A-094, A-232)', async () => {
    console.write('config/event-sourcing.yaml', documented);
    mkdirSync(join(console.folder, 'sessions/events'), { recursive: true });
    const { exitCode, stderr } = await console.run("append job.created --stream job/1 --data '{}' --actor user:ana");
    expect(exitCode).toBe(0);
    expect(stderr).not.toContain('SQLite');
    expect(readFileSync(join(console.folder, 'sessions/events/global/events.jsonl'), 'utf8')).toContain('"type":"job.created"');
    expect((await console.run('query --count --store jsonl:sessions/events')).stdout).toBe('1\n');
  });

  test('A-118 A-119 A-232 A-235 with the lines for a growing log packs what is over, and says that nothing is archived yet', async () => {
    console.write('config/event-sourcing.yaml', documented.replace('    format: "jsonl"', '    format: "jsonl"\n    compression: true\n    max_segment_mb: 1').replace('archive_after_days: 90', 'archive_after_days: 30'));
    const line = (text: string): string => JSON.stringify({ type: 'job.created', streamType: 'job', streamId: text, actor: { type: 'user', id: 'ana' }, data: { name: text.repeat(1_000) } });
    for (const text of ['one', 'two']) {
      console.write('events.jsonl', Array.from({ length: 450 }, (_, index) => line(`${text}-${index}`)).join('\n'));
      const { exitCode, stderr } = await console.run('append --batch events.jsonl');
      expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    }
    expect(readdirSync(join(console.folder, 'sessions/events/global'))).toEqual(['events-000000000001.jsonl.gz', 'events.jsonl']);
    expect((await console.run('query --count')).stdout).toBe('900\n');
    expect((await console.run('verify --json')).exitCode).toBe(0);
    expect((await console.run('config check')).stderr).toContain('cleanup.archive_after_days (config/event-sourcing.yaml) has no effect in this release');
  });

  test('K-085 mirror_jsonl keeps the documents\' files beside SQLite, and their cat recipe works', async () => {
    console.write('config/event-sourcing.yaml', tree('  storage:', '    driver: sqlite', '    mirror_jsonl: true', '    sqlite: { path: data/log.db }'));
    const { exitCode } = await console.run("append OrchestrationStarted --stream orchestration/PROJ-123 --issue PROJ-123 --session s --data '{}' --actor user:ana");
    expect(exitCode).toBe(0);
    const [day] = readdirSync(join(console.folder, 'sessions/events')).filter((name) => /^\d{4}-/.test(name));
    expect(readFileSync(join(console.folder, 'sessions/events', day!, 'PROJ-123/events.jsonl'), 'utf8')).toContain('"event_type":"OrchestrationStarted"');
  });

  test('archive_after_days: 30 holds for P1 to P3 (000, growing log)', async () => {
    console.write('config/event-sourcing.yaml', tree('  storage:', '    compression: true', '  cleanup:', '    archive_after_days: 30'));
    const { event_sourcing: config } = (await console.run('config print --json')).json<{ event_sourcing: { cleanup: { retention: Record<string, { archive_after_days: number | null }> }; storage: { compression: boolean } } }>();
    expect(config.storage.compression).toBe(true);
    expect(Object.fromEntries(Object.entries(config.cleanup.retention).map(([name, { archive_after_days: age }]) => [name, age]))).toEqual({ P0: null, P1: 30, P2: 30, P3: 30 });
  });

  test('every key of the model is known, and its default is ours', () => {
    const model: unknown = parse(readFileSync(fixture('config.default.yaml'), 'utf8'));
    const ours = configSchema.parse({ event_sourcing: {} });
    const given = configSchema.parse(model);
    // Driver and format name the store; where a file leaves them out, none is named. The other two keys are our own.
    const { storage: { driver: _driver, format: _format, ...storage }, ...rest } = given.event_sourcing;
    expect({ ...rest, storage }).toEqual(ours.event_sourcing);
  });
});

describe('Layers', () => {
  test('the strongest wins, and each value says where it came from', async () => {
    console.write('.config/refold/config.yaml', tree('  server:', '    port: 1', '    base_path: /a'));
    console.write('config/event-sourcing.yaml', tree('  server:', '    port: 2'));
    console.write('.refold/config.yaml', tree('  server:', '    port: 3'));
    console.write('named.yaml', tree('  server:', '    port: 4'));
    const port = async (flags = '', env = {}): Promise<string> => {
      const { stdout } = await console.run(`config print --origin --plain ${flags}`, { env });
      return stdout.split('\n').find((line) => line.startsWith('event_sourcing.server.port'))!.split('\t').slice(1).join(' ');
    };
    expect(await port()).toBe('3 .refold/config.yaml');
    expect(await port('--config named.yaml')).toBe('4 named.yaml');
    expect(await port('', { REFOLD_CONFIG: 'named.yaml' })).toBe('4 named.yaml');
    expect((await console.run('config print --origin --plain')).stdout).toContain('event_sourcing.server.base_path\t"/a"\t.config/refold/config.yaml\n');
    expect((await console.run('config path')).stdout).toBe('.refold/config.yaml\nconfig/event-sourcing.yaml\n.config/refold/config.yaml\n');
    expect((await console.run('config print --origin --plain', { env: { REFOLD_SIGNING_KEY: 'k' } })).stdout).toContain('event_sourcing.integrity.signing_key\t"(set)"\tREFOLD_SIGNING_KEY\n');
  });

  test('validation off takes what validation on refuses, and validate finds it afterwards (A-098, K-042)', async () => {
    await console.run('init');
    const line = "append job.created --stream job/1 --data '{\"name\":7}' --actor user:ana";
    expect((await console.run(line)).exitCode).toBe(5);
    console.write('loose.yaml', tree('  validation:', '    validate_on_write: false'));
    expect((await console.run(`${line} --config loose.yaml`)).exitCode).toBe(0);
    const { exitCode, stdout } = await console.run('validate job/1');
    expect(exitCode).toBe(5);
    expect(stdout).toContain('job/1@1');
  });

  test('strict_mode: false takes and marks what strict_mode: true refuses; keys of a payload that nobody declared pass in both (A-241, A-097)', async () => {
    await console.run('init');
    console.write('loose.yaml', tree('  validation:', '    strict_mode: false'));
    const actor = '--actor user:ana';
    expect((await console.run(`append job.created --stream job/1 --data '{"name":"deploy","mine":1}' ${actor}`)).exitCode).toBe(0);
    const wrong = { 'an unknown type': `append job.vanished --stream job/1 ${actor}`, 'a missing field': `append job.step_completed --stream job/1 ${actor}`, 'a value of another shape': `append job.progress_updated --stream job/1 --data '{"progress":"half"}' ${actor}`, 'an illegal transition': `append job.resumed --stream job/1 ${actor}` };
    for (const [what, line] of Object.entries(wrong)) {
      expect([what, (await console.run(line)).exitCode]).toEqual([what, 5]);
      expect([what, (await console.run(`${line} --config loose.yaml`)).exitCode]).toEqual([what, 0]);
    }
    const marked = (await console.run('query --stream job/1 --jsonl')).stdout.trim().split('\n').map((line) => (JSON.parse(line) as { metadata: { violations?: readonly object[] } }).metadata.violations?.length ?? 0);
    expect([marked[0], marked.slice(1, 4).every((count) => count > 0), marked.length]).toEqual([0, true, 5]);
  });

  test('ids: v4 makes random ids, the default ids in the order of time, and an id of any version of RFC 9562 is kept (K-008)', async () => {
    const note = { type: 'custom.note', streamType: 'custom', streamId: '1', actor: { type: 'user', id: 'ana' }, data: {} } as const;
    const versions: (string | undefined)[] = [];
    for (const ids of ['v7', 'v4']) {
      const store = await openStore('memory:', storeSettings(configSchema.parse({ event_sourcing: { ids } })));
      const { events } = await store.log.append({ events: [note, { ...note, id: '6ba7b810-9dad-11d1-80b4-00c04fd430c8' }] });
      versions.push(...events.map(({ id }) => id[14]));
      await store.close();
    }
    expect(versions).toEqual(['7', '1', '4', '1']);
  });

  test('performance.cache.enabled: states are the same with it and without; only with it are they found in memory (A-244)', async () => {
    const found: { readonly hits: number; readonly misses: number; readonly hash: string }[] = [];
    for (const enabled of [true, false]) {
      const counts = new Map<string, number>();
      const meter: Meter = { add: (name, _labels, amount = 1) => void counts.set(name, (counts.get(name) ?? 0) + amount), observe: () => undefined, now: () => 0 };
      const store = await openStore('memory:', { ...storeSettings(configSchema.parse({ event_sourcing: { performance: { cache: { enabled } } } })), ports: { meter } });
      const of = { streamType: 'job', streamId: '1', actor: { type: 'user', id: 'ana' } } as const;
      for (const [index, type] of ['job.created', 'job.started', 'job.paused', 'job.resumed'].entries()) await store.log.append({ events: [{ ...of, id: `018f0000-0000-7000-8000-00000000000${index}`, occurredAt: '2026-01-02T03:04:05.000Z', correlationId: 'c', type, data: {} }] });
      const { stateHash } = await runOperation(stateAt, store, { streamType: 'job', streamId: '1' });
      found.push({ hits: counts.get('state_cache_hits_total') ?? 0, misses: counts.get('state_cache_misses_total') ?? 0, hash: stateHash });
      await store.close();
    }
    const [cached, without] = found;
    expect(cached!.hits).toBeGreaterThan(0);
    expect([without!.hits, without!.misses > cached!.misses]).toEqual([0, true]);
    expect(without!.hash).toBe(cached!.hash);
  });

  test('a variable is put in, and a whole one keeps its kind', async () => {
    console.write('c.yaml', tree('  server:', '    port: ${PORT}', '    host: "127.0.0.${LAST}"'));
    const { json } = await console.run('config print --config c.yaml --json', { env: { PORT: '9000', LAST: '1' } });
    expect(json()).toMatchObject({ event_sourcing: { server: { port: 9_000, host: '127.0.0.1' } } });
  });
});

describe('A broken configuration', () => {
  test('indented with a tab (bad-input E1)', async () => {
    expect(await refused('event_sourcing:\n\tserver:\n\t\tport: 1\n')).toMatchObject({ code: 'BAD_CONFIG', exitCode: 2, details: { file: 'c.yaml', line: 2 } });
  });

  test('with an unknown key names the nearest one, line and column (bad-input E2)', async () => {
    const error = await refused(tree('  server:', '    prot: 1'));
    expect(error).toMatchObject({ code: 'BAD_CONFIG', exitCode: 2, details: { reason: 'unknown_key', line: 3, column: 5 }, hint: 'Did you mean port?' });
    expect(error.detail).toBe('c.yaml:3:5: There is no key event_sourcing.server.prot.');
    expect(await refused('event_sourceing: {}\n')).toMatchObject({ details: { reason: 'unknown_key', line: 1 }, hint: 'Did you mean event_sourcing?' });
  });

  test('with aliases that multiply (bad-input E3)', async () => {
    const levels = ['a: &a [x, x, x, x, x, x, x, x, x]', ...'bcdefghi'.split('').map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`)];
    expect(await refused(levels.join('\n'))).toMatchObject({ code: 'BAD_CONFIG', exitCode: 2, details: { reason: 'alias' } });
  });

  test.each(['!!js/function "function () {}"', '!mine x', '!!binary aGk='])('with the tag %s (bad-input E4)', async (value) => {
    expect(await refused(tree('  server:', `    host: ${value}`))).toMatchObject({ code: 'BAD_CONFIG', exitCode: 2, details: { reason: 'tag', line: 3 } });
  });

  test('with a key twice (bad-input E5)', async () => {
    expect(await refused(tree('  server:', '    port: 1', '    port: 2'))).toMatchObject({ code: 'BAD_CONFIG', exitCode: 2, details: { reason: 'duplicate', line: 4 } });
  });

  test.each([['  cleanup:', '    retention: 90'], ['  cleanup:', '    retention: "90"'], ['  retention: 90', '  ids: v7']])('with an age that has no unit, %s %s (bad-input E6)', async (...lines) => {
    expect(await refused(tree(...lines))).toMatchObject({ code: 'BAD_CONFIG', exitCode: 2, details: { reason: 'unit' } });
  });

  test.each(['no', 'on', 'yes'])('where %s was meant as a flag (bad-input E7)', async (word) => {
    expect(await refused(tree('  snapshots:', `    enabled: ${word}`))).toMatchObject({ code: 'BAD_CONFIG', exitCode: 2, details: { reason: 'type', line: 3 } });
  });

  test('where 012 stands for a text; as a number it is 12 (bad-input E7)', async () => {
    expect(await refused(tree('  server:', '    host: 012'))).toMatchObject({ code: 'BAD_CONFIG', details: { reason: 'type' } });
    console.write('c.yaml', tree('  server:', '    port: 012'));
    expect((await console.run('config print --config c.yaml --json')).json()).toMatchObject({ event_sourcing: { server: { port: 12 } } });
  });

  test.each([
    ['p0_delete', ['  cleanup:', '    retention:', '      P0: { delete_after_days: 400 }']],
    ['below_legal_minimum', ['  cleanup:', '    eu_ai_act: high-risk', '    archive_after_days: 30', '    delete_after_days: 182']],
    ['order', ['  cleanup:', '    retention:', '      P2: { archive_after_days: 365, delete_after_days: 365 }']],
  ])('with ages that break the rule %s (bad-input E8)', async (reason, lines) => {
    expect(await refused(tree(...lines))).toMatchObject({ code: 'BAD_CONFIG', exitCode: 2, details: { reason } });
  });

  test('with a secret that others may read: a warning, with --strict an error (bad-input E9)', async () => {
    const text = tree('  notifications:', '    webhooks: [{ url: "https://example.org", secret: "hunter2", events: [] }]');
    chmodSync(console.write('c.yaml', text), 0o644);
    const warned = await console.run('config check --config c.yaml');
    expect(warned.exitCode).toBe(0);
    expect(warned.stderr).toContain('c.yaml holds a secret (event_sourcing.notifications.webhooks)');
    expect(warned.stderr).not.toContain('hunter2');
    expect(await refused(text, '--strict')).toMatchObject({ code: 'BAD_CONFIG', exitCode: 2, details: { reason: 'secret' } });
    chmodSync(join(console.folder, 'c.yaml'), 0o600);
    expect((await console.run('config check --strict --config c.yaml')).stderr).not.toContain('secret');
    for (const mode of ['', '--json', '--origin', '--origin --json']) expect((await console.run(`config print ${mode} --config c.yaml`)).stdout).not.toContain('hunter2');
  });

  test('that is not there, a folder, or 2 GB large (bad-input E10)', async () => {
    mkdirSync(join(console.folder, 'folder.yaml'));
    truncateSync(console.write('huge.yaml', ''), 2 * 1024 ** 3);
    for (const name of ['none.yaml', 'folder.yaml', 'huge.yaml']) {
      const { exitCode, error } = await console.run(`runs --config ${name} --json`);
      expect({ exitCode, ...error() }).toMatchObject({ exitCode: 2, code: 'BAD_CONFIG', details: { reason: 'file', file: name } });
    }
  });

  test('with a variable that the environment lacks (bad-input E11)', async () => {
    expect(await refused(tree('  server:', '    host: ${UNSET}'))).toMatchObject({ code: 'BAD_CONFIG', exitCode: 2, details: { reason: 'environment', line: 3 } });
  });

  test('that lets other machines in without sign-in (bad-input E12)', async () => {
    expect(await refused(tree('  server:', '    host: 0.0.0.0', '  auth:', '    mode: none'))).toMatchObject({ code: 'INSECURE_BIND', exitCode: 2 });
    const { exitCode, error } = await console.run('serve --host 0.0.0.0 --port 0 --json');
    expect({ exitCode, ...error() }).toMatchObject({ exitCode: 2, code: 'INSECURE_BIND' });
  });

  test('with an engine that loses acknowledged events (bad-input E13)', async () => {
    expect(await refused(tree('  storage:', '    durability: strict', '    sqlite: { synchronous: NORMAL }'))).toMatchObject({
      code: 'BAD_CONFIG',
      exitCode: 2,
      details: { reason: 'durability', setting: 'storage.sqlite.synchronous', found: 'NORMAL', needed: 'FULL' },
    });
    console.write('c.yaml', tree('  storage:', '    durability: relaxed', '    sqlite: { synchronous: NORMAL }'));
    expect((await console.run('config check --config c.yaml')).exitCode).toBe(0);
  });

  test('a broken one stops every command that reads it, and nothing is written', async () => {
    console.write('.refold/config.yaml', 'event_sourcing:\n  nothing: 1\n');
    expect((await console.run('query')).exitCode).toBe(2);
    expect((await console.run('serve --port 0')).exitCode).toBe(2);
  });

  test('an engine that this release does not have is refused by its scheme', async () => {
    console.write('.refold/config.yaml', tree('  storage:', '    driver: redis', '    redis: { url: "redis://localhost" }'));
    const { exitCode, error } = await console.run('query --json');
    expect({ exitCode, ...error() }).toMatchObject({ exitCode: 2, code: 'BAD_CONFIG', details: { reason: 'scheme' } });
  });
});
