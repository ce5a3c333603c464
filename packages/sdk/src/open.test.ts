import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EventStore } from './event-store.ts';
import { openStore } from './open.ts';
import { version } from './version.ts';

const event = { type: 'custom.processed', streamType: 'custom', streamId: 'c-1', data: {}, actor: { type: 'system', id: 'test' } } as const;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'refold-sdk-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('Opening a store', () => {
  test.each(['', 'log.db', 'oracle:x', 'toString:x'])('the URL "%s" names no engine, and the known ones are told', async (url) => {
    await expect(openStore(url)).rejects.toMatchObject({ code: 'BAD_CONFIG', details: { reason: 'scheme', known: ['memory', 'sqlite', 'jsonl', 'postgres', 'postgresql'] } });
  });

  test('what was appended is there when the file is opened again, below folders that were not there', async () => {
    const url = `sqlite:${join(temporaryFolder(), 'deep', 'er', 'log.db')}`;
    const first = new EventStore(url);
    const id = await first.saveEvent(event);
    await first.close();
    rmSync(url.slice('sqlite:'.length).replace('.db', '.search.db'), { force: true });
    const second = new EventStore({ url, readOnly: true });
    onTestFinished(() => second.close());
    expect(await second.getEvent(id)).toMatchObject({ type: 'custom.processed', revision: 1 });
    expect((await second.queryEvents({ text: 'c-1' })).items).toEqual([]);
    expect(existsSync(url.slice('sqlite:'.length).replace('.db', '.search.db'))).toBe(false);
    await expect(second.saveEvent(event)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'read_only' } });
  });

  test('a store that could not be opened is tried again by the next call', async () => {
    const file = join(temporaryFolder(), 'log.db');
    writeFileSync(file, 'this is no database, however long one looks at it. '.repeat(50));
    const store = new EventStore(`sqlite:${file}`);
    onTestFinished(() => store.close());
    await expect(store.saveEvent(event)).rejects.toMatchObject({ name: 'LogError' });
    rmSync(file);
    await expect(store.saveEvent(event)).resolves.toMatch(/^[0-9a-f-]{36}$/);
  });

  test('an index of words that belonged to another log is not believed', async () => {
    const file = join(temporaryFolder(), 'log.db');
    for (const word of ['alpha', 'bravo']) {
      const store = new EventStore(`sqlite:${file}`);
      await store.saveEvents([{ ...event, data: { result: word } }, { ...event, data: { result: 'other' } }]);
      expect((await store.queryEvents({ text: word })).items).toMatchObject([{ data: { result: word } }]);
      await store.close();
      rmSync(file);
    }
  });

  test('a closed store opens anew when it is used again', async () => {
    const store = new EventStore(`sqlite:${join(temporaryFolder(), 'log.db')}`);
    onTestFinished(() => store.close());
    await store.saveEvent(event);
    await store.close();
    await store.close();
    expect(await store.getAggregateVersion('c-1')).toBe(1);
  });

  test('version is that of the package', () => {
    expect(version).toBe(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
  });
});

describe('An append that is refused', () => {
  const refused = { type: 'job.completed', streamType: 'job', streamId: '42', data: { result: 'the payload' }, actor: { type: 'system', id: 'test' } } as const;
  const failures = (store: EventStore) => store.queryEvents({ types: ['validation.failed'] });

  test('leaves one validation.failed behind, without its payload (C-005)', async () => {
    const url = `sqlite:${join(temporaryFolder(), 'log.db')}`;
    const store = new EventStore(url);
    await store.saveEvent(event);
    await expect(store.saveEvent(refused)).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    // Closing waits until it is written.
    await store.close();
    onTestFinished(() => store.close());
    const { items } = await failures(store);
    expect(items).toMatchObject([{ streamType: 'store', streamId: 'log', position: 2, actor: { type: 'system', id: 'refold' }, data: { rejected_type: 'job.completed', rejected_stream: { type: 'job', id: '42' } } }]);
    expect(JSON.stringify(items)).not.toContain('the payload');
  });

  test.each<[what: string, options: object, call: (store: EventStore) => Promise<unknown>, code: string]>([
    ['emitValidationFailed is false', { emitValidationFailed: false }, (store) => store.saveEvent(refused), 'ILLEGAL_TRANSITION'],
    ['it was a conflict', {}, (store) => store.saveEvent(event, { expectedRevision: 9 }), 'REVISION_CONFLICT'],
  ])('leaves nothing behind when %s', async (_what, options, call, code) => {
    const store = new EventStore({ url: `sqlite:${join(temporaryFolder(), 'log.db')}`, ...options });
    onTestFinished(() => store.close());
    await store.saveEvent(event);
    await expect(call(store)).rejects.toMatchObject({ code });
    await store.close();
    expect((await failures(store)).items).toEqual([]);
    expect((await (await store.opened()).log.head()).position).toBe(1);
  });
});
