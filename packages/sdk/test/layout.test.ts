/** The files of documents 000 and 001: literal paths, literal `ls` and `cat`, derived from the log and never trusted. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '@refold/sdk';
import type { OpenOptions, OpenedStore } from '@refold/sdk';
import { createSeededRandom, createTestPorts, faultCycles, nodeArguments } from '@refold/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { openCopied } from './copied-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'refold-layout-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const startMs = Date.UTC(2025, 11, 22, 10);
let stores = 0;

/** A store of its own, filled with 60 events of one issue over two days, one of another, and one of none. */
async function filled(engine: 'jsonl' | 'sqlite', options: OpenOptions = {}): Promise<{ readonly base: string; readonly url: string; readonly open: () => Promise<OpenedStore> }> {
  stores += 1;
  const root = join(folder, String(stores));
  const base = join(root, 'sessions', 'events');
  const url = engine === 'jsonl' ? `jsonl:${base}` : `sqlite:${join(root, 'log.db')}`;
  const ports = createTestPorts(stores, { startMs });
  const open = () => openStore(url, { ...options, ports, ...(engine === 'sqlite' && { layout: { folder: base, ...(options.layout === false ? {} : options.layout) } }) });
  const store = await open();
  const about = (issueKey: string) => ({ issueKey, sessionId: 'session-1', actor: { type: 'system' as const, id: 'orchestrator' } });
  await store.log.append({ events: [{ type: 'OrchestrationStarted', ...about('PROJ-123'), data: {} }] });
  for (let index = 1; index < 60; index += 1) {
    if (index === 55) ports.clock.advance(24 * 3_600_000);
    await store.log.append({ events: [{ type: 'CommitCreated', ...about('PROJ-123'), data: { sha: `a1b2c3${String(index).padStart(2, '0')}`, message: `ä ${index}` } }] });
  }
  await store.log.append({ events: [{ type: 'OrchestrationStarted', ...about('OTHER-1'), data: {} }] });
  await store.close();
  return { base, url, open };
}

/** Every derived file and its bytes. */
function filesOf(base: string): Readonly<Record<string, string>> {
  const names = readdirSync(base, { recursive: true, encoding: 'utf8' }).filter((name) => /^(\d{4}-|schemas)/.test(name) && statSync(join(base, name)).isFile());
  return Object.fromEntries(names.toSorted().map((name) => [name, readFileSync(join(base, name), name.endsWith('.gz') ? 'latin1' : 'utf8')]));
}

const shell = (command: string): string => execFileSync('sh', ['-c', command], { encoding: 'utf8' });
const parse = (text: string): Record<string, never> => JSON.parse(text) as Record<string, never>;

describe('the recipes of document 000', () => {
  it.each(['jsonl', 'sqlite'] as const)('A-088 A-112 A-113 A-114 A-117 K-085 ls, cat and du work literally over %s', async (engine) => {
    const { base } = await filled(engine);
    expect(shell(`ls -lh ${base}/2025-12-22/PROJ-123/`)).toMatch(/events\.jsonl/);
    const lines = shell(`cat ${base}/2025-12-22/PROJ-123/events.jsonl`).trim().split('\n').map(parse);
    expect(lines.map((line) => line['event_sequence'])).toEqual(Array.from({ length: 55 }, (_, index) => index + 1));
    expect(lines[0]).toMatchObject({ event_type: 'OrchestrationStarted', issue_key: 'PROJ-123', session_id: 'session-1', actor: { type: 'system', id: 'orchestrator' } });
    expect(shell(`ls -lh ${base}/2025-12-22/PROJ-123/snapshot-*.json`)).toMatch(/snapshot-50\.json\n$/);
    expect(Number.parseInt(shell(`du -s ${base}/`), 10)).toBeGreaterThan(0);
    if (engine === 'jsonl') {
      const log = shell(`cat ${base}/global/*.jsonl`).trim().split('\n').map((line) => JSON.parse(line) as { events: { type: string }[] });
      // A-159 K-075: every event is in the log, in order.
      expect(log.flatMap((line) => line.events.map((event) => event.type)).slice(0, 2)).toEqual(['orchestration.started', 'git.commit_created']);
      expect(log).toHaveLength(61);
    }
  });
});

describe('the tree of document 001', () => {
  it('A-089 A-153 A-154 A-155 A-156 A-157 A-158 A-160 A-161 K-076 has days, issues, metadata, indexes, snapshots and schemas', async () => {
    const { base, open } = await filled('jsonl');
    const files = filesOf(base);
    expect(Object.keys(files)).toEqual(
      ['2025-12-22/PROJ-123/events.jsonl', '2025-12-22/PROJ-123/metadata.json', '2025-12-22/PROJ-123/snapshot-50.json', '2025-12-22/index.json', '2025-12-23/OTHER-1/events.jsonl', '2025-12-23/OTHER-1/metadata.json', '2025-12-23/PROJ-123/events.jsonl', '2025-12-23/PROJ-123/metadata.json', '2025-12-23/index.json', 'schemas/orchestration-events.json', 'schemas/version-history.json'].toSorted(),
    );
    const text = files['2025-12-23/PROJ-123/events.jsonl']!;
    expect(parse(files['2025-12-23/PROJ-123/metadata.json']!)).toMatchObject({ events: 5, bytes: Buffer.byteLength(text), first_revision: 56, last_revision: 60, previous_day: '2025-12-22', sessions: ['session-1'], types: { 'git.commit_created': 5 } });
    expect(parse(files['2025-12-22/PROJ-123/metadata.json']!)).toMatchObject({ events: 55, snapshots: [50], previous_day: null });
    expect(parse(files['2025-12-23/index.json']!)).toMatchObject({ date: '2025-12-23', events: 6, issues: { 'PROJ-123': { events: 5 }, 'OTHER-1': { events: 1, types: { 'orchestration.started': 1 } } } });
    expect(parse(files['schemas/orchestration-events.json']!)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', $defs: { AgentSpawned: { type: 'object' } } });
    expect(parse(files['schemas/version-history.json']!)).toMatchObject({ types: { AgentSpawned: [{ version: '1.0.0' }] } });
    const store = await open();
    const { events } = (await store.log.events({ stream: 'orchestration/PROJ-123', upTo: 50 })[Symbol.asyncIterator]().next()).value!;
    const snapshot = parse(files['2025-12-22/PROJ-123/snapshot-50.json']!);
    // the snapshot at revision 50 is the fold of 50 events.
    expect(snapshot['state']).toEqual(JSON.parse(JSON.stringify(store.log.fold.foldAll(events, { from: store.log.fold.initial('orchestration', 'PROJ-123') }))));
    await store.close();
  });

  it('A-095 A-096 has a snapshot every so many events, and none when there are to be none', async () => {
    const [every, none] = [await filled('jsonl', { layout: { snapshotEvery: 20 } }), await filled('jsonl', { layout: { snapshotEvery: 0 } })];
    expect(Object.keys(filesOf(every.base)).filter((name) => name.includes('snapshot'))).toEqual(['2025-12-22/PROJ-123/snapshot-20.json', '2025-12-22/PROJ-123/snapshot-40.json', '2025-12-23/PROJ-123/snapshot-60.json']);
    expect(Object.keys(filesOf(none.base)).filter((name) => name.includes('snapshot'))).toEqual([]);
  });

  it('A-227 is derived again byte for byte, and in one go as event by event', async () => {
    const { base, open } = await filled('jsonl');
    const before = filesOf(base);
    const store = await open();
    await store.layout!.rebuild();
    await store.close();
    expect(filesOf(base)).toEqual(before);
  });
});

describe('a copy that does not fit', () => {
  it.each<[string, object, (base: string) => void]>([
    ['events.jsonl absent (bad-input D19)', { file: '2025-12-22/PROJ-123/events.jsonl', fault: 'absent' }, (base) => rmSync(join(base, '2025-12-22/PROJ-123/events.jsonl'))],
    ['events.jsonl cut (bad-input D19)', { file: '2025-12-22/PROJ-123/events.jsonl', fault: 'edited' }, (base) => writeFileSync(join(base, '2025-12-22/PROJ-123/events.jsonl'), '{}\n')],
    ['events.jsonl whose end did not come to the disk (F3, bad-input D19)', { file: '2025-12-22/PROJ-123/events.jsonl', fault: 'edited' }, (base) => writeFileSync(join(base, '2025-12-22/PROJ-123/events.jsonl'), Buffer.alloc(statSync(join(base, '2025-12-22/PROJ-123/events.jsonl')).size))],
    ['metadata.json garbage (bad-input D19)', { file: '2025-12-22/PROJ-123/metadata.json', fault: 'damaged' }, (base) => writeFileSync(join(base, '2025-12-22/PROJ-123/metadata.json'), 'garbage')],
    ['index.json absent (bad-input D19)', { file: '2025-12-22/index.json', fault: 'damaged' }, (base) => rmSync(join(base, '2025-12-22/index.json'))],
    ['a snapshot cut (bad-input D20)', { file: '2025-12-22/PROJ-123/snapshot-50.json', fault: 'damaged' }, (base) => writeFileSync(join(base, '2025-12-22/PROJ-123/snapshot-50.json'), '{"state":')],
    ['a snapshot newer than the log (bad-input D20)', { file: '2025-12-22/PROJ-123/snapshot-900.json', fault: 'ahead' }, (base) => writeFileSync(join(base, '2025-12-22/PROJ-123/snapshot-900.json'), '{}')],
    ['a day folder unlike its events (bad-input D21)', { file: '2025-12-20/PROJ-123', fault: 'misplaced' }, (base) => renameSync(join(base, '2025-12-22'), join(base, '2025-12-20'))],
    ['an issue in other case (bad-input D21)', { file: '2025-12-22/proj-123', fault: 'misplaced' }, (base) => renameSync(join(base, '2025-12-22/PROJ-123'), join(base, '2025-12-22/proj-123'))],
  ])('%s is told, and derived from the log again', async (_row, fault, harm) => {
    const { base, open } = await filled('jsonl');
    const before = filesOf(base);
    harm(base);
    const store = await open();
    expect(store.layout!.faults).toContainEqual(fault);
    await store.close();
    expect(filesOf(base)).toEqual(before);
  });

  it('an edited copy of the same length is found by a check, and never read by anybody (bad-input D19)', async () => {
    const { base, open } = await filled('jsonl');
    const file = join(base, '2025-12-22/PROJ-123/events.jsonl');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replace('OrchestrationStarted', 'OrchestrationStopped'));
    const store = await open();
    expect(store.layout!.check()).toEqual([{ file: '2025-12-22/PROJ-123/events.jsonl', fault: 'edited' }]);
    expect((await store.log.events({ limit: 1 })[Symbol.asyncIterator]().next()).value!.events[0]!.type).toBe('orchestration.started');
    await store.layout!.rebuild();
    await store.close();
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('F31 what a crash left behind the last counted byte is cut, and no line is doubled', async () => {
    const { base, open } = await filled('jsonl');
    const watermark = join(base, '.layout.json');
    const file = join(base, '2025-12-23/PROJ-123/events.jsonl');
    const { position, epoch } = parse(readFileSync(watermark, 'utf8'));
    const before = filesOf(base);
    // The lines and the metadata came to disk, the watermark did not; and half a line of the next.
    writeFileSync(watermark, JSON.stringify({ position: Number(position) - 3, epoch }));
    appendFileSync(file, '{"event_id":');
    const store = await open();
    await store.log.append({ events: [{ type: 'CommitCreated', issueKey: 'PROJ-123', sessionId: 'session-2', actor: { type: 'system', id: 'orchestrator' }, data: { sha: 'ffffff1', message: 'next' } }] });
    await store.close();
    const after = readFileSync(file, 'utf8');
    expect(after.startsWith(before['2025-12-23/PROJ-123/events.jsonl']!)).toBe(true);
    expect(after.trim().split('\n')).toHaveLength(6);
  });
});

describe('a copy that is compressed', () => {
  const packed = { compressClosed: true, layout: { snapshotEvery: 20 } } as const;

  it.each(['jsonl', 'sqlite'] as const)('A-118 A-215 A-235 K-045 packs days that are over and older snapshots over %s, and leaves the newest plain', async (engine) => {
    const { base, open } = await filled(engine, packed);
    const names = readdirSync(base, { recursive: true, encoding: 'utf8' }).filter((name) => /^\d{4}-.*(events|snapshot)/.test(name)).toSorted();
    expect(names).toEqual(['2025-12-22/PROJ-123/events.jsonl.gz', '2025-12-22/PROJ-123/snapshot-20.json.gz', '2025-12-22/PROJ-123/snapshot-40.json.gz', '2025-12-23/OTHER-1/events.jsonl', '2025-12-23/PROJ-123/events.jsonl', '2025-12-23/PROJ-123/snapshot-60.json']);
    const lines = shell(`zcat -f ${base}/2025-12-*/PROJ-123/events.jsonl*`).trim().split('\n').map(parse);
    expect(lines.map((line) => line['event_sequence'])).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    const store = await open();
    expect([store.layout!.faults, store.layout!.check()]).toEqual([[], []]);
    const before = filesOf(base);
    await store.layout!.rebuild();
    expect(filesOf(base)).toEqual(before);
    await store.close();
  });

  it('holds the same lines as one that is not, and keeps the newest snapshot of an issue plain in a day that is over', async () => {
    const { base, url, open } = await filled('jsonl', { compressClosed: true });
    const issue = '2025-12-22/PROJ-123';
    const lines = shell(`zcat ${base}/${issue}/events.jsonl.gz`);
    const plain = await openStore(url);
    await plain.layout!.rebuild();
    await plain.close();
    expect(readFileSync(join(base, issue, 'events.jsonl'), 'utf8')).toBe(lines);
    await (await open()).close();
    expect(readdirSync(join(base, issue)).toSorted()).toEqual(['events.jsonl.gz', 'metadata.json', 'snapshot-50.json']);
  });

  it.each<[string, string, (file: string) => void]>([
    ['is cut', 'edited', (file) => writeFileSync(file, readFileSync(file).subarray(0, 40))],
    ['is gone', 'absent', (file) => rmSync(file)],
  ])('a packed file that %s is told, and derived again (bad-input D19)', async (_harm, fault, harm) => {
    const { base, open } = await filled('jsonl', packed);
    const before = filesOf(base);
    harm(join(base, '2025-12-22/PROJ-123/events.jsonl.gz'));
    const store = await open();
    expect(store.layout!.faults).toContainEqual({ file: '2025-12-22/PROJ-123/events.jsonl', fault });
    await store.close();
    expect(filesOf(base)).toEqual(before);
  });
});

describe('a copy beside another engine', () => {
  it('K-085 is kept by one process at a time; the next goes on where it stopped', async () => {
    const { base, open } = await filled('sqlite');
    const [keeper, other] = [await open(), await open()];
    expect([keeper.layout === null, other.layout === null]).toEqual([false, true]);
    // What the other writes, the keeper sees.
    await other.log.append({ events: [{ type: 'OrchestrationStarted', issueKey: 'OTHER-2', sessionId: 's', actor: { type: 'system', id: 'x' }, data: {} }] });
    await keeper.layout!.catchUp();
    expect(readFileSync(join(base, '2025-12-23/OTHER-2/events.jsonl'), 'utf8')).toContain('OrchestrationStarted');
    await keeper.close();
    await other.log.append({ events: [{ type: 'OrchestrationStarted', issueKey: 'OTHER-3', sessionId: 's', actor: { type: 'system', id: 'x' }, data: {} }] });
    await other.close();
    const next = await open();
    await next.close();
    expect(readFileSync(join(base, '2025-12-23/OTHER-3/events.jsonl'), 'utf8')).toContain('OrchestrationStarted');
  });

  const { cycles, seed } = faultCycles('F31 copy', 8);
  it('F31 A-189 killed at any moment it heals: the files are those that the log gives, byte for byte', { timeout: 60_000 + cycles * 20_000 }, async () => {
    const random = createSeededRandom(seed);
    const root = join(folder, 'killed');
    for (let cycle = 1; cycle <= cycles; cycle += 1) {
      const child = spawn(process.execPath, [...nodeArguments(new URL('./killed-copy-child.ts', import.meta.url)), root, String(cycle)], { stdio: ['ignore', 'pipe', 'inherit'] });
      const closed = once(child, 'close');
      await once(child.stdout, 'data');
      await sleep(random.integer(1, 150));
      child.kill('SIGKILL');
      expect((await closed)[1]).toBe('SIGKILL');
      const store = await openCopied(root, createTestPorts(cycle, { startMs: startMs + cycle * 24 * 3_600_000 }));
      await store.layout!.catchUp();
      const healed = filesOf(join(root, 'files'));
      expect(store.layout!.check()).toEqual([]);
      await store.layout!.rebuild();
      expect(filesOf(join(root, 'files'))).toEqual(healed);
      await store.close();
    }
  });
});
