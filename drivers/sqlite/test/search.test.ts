/** The search index: it may find too much, never too little, and may be lost at any time. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { openSqliteSearch } from '@refold/driver-sqlite';
import { temporaryFolder } from '@refold/testing';
import { describe, expect, it } from 'vitest';

const folder = temporaryFolder();
let files = 0;
const newPath = (): string => join(folder, `${(files += 1)}.search.db`);

const texts = ['Deploy "blue" NEAR(x, y) to PROJ-123', 'unbalanced " quote * AND more', 'ÄRGER mit İstanbul und ΟΔΟΣ', 'tool\u0000output', 'deploy green to PROJ-124'];

/** The port's meaning of "contains": literal, without regard to case. */
const contains = (text: string, wanted: string): boolean => plain(text).includes(plain(wanted));
const plain = (text: string): string => text.replaceAll('\u0000', '\ufffd').toLowerCase();

async function filled() {
  const search = openSqliteSearch({ path: newPath() });
  await search.add(texts.map((text, index) => ({ position: index + 1, text })), texts.length);
  return search;
}

describe('openSqliteSearch', () => {
  it.each([
    ['deploy', [1, 5]],
    ['PROJ-12', [1, 5]],
    ['proj-123', [1]],
    ['"blue" near(x', [1]],
    ['unbalanced "', [2]],
    ['quote * AND', [2]],
    ['deploy OR green', []],
    ['depl*', []],
    ['ärger', [3]],
    ['İstanbul', [3]],
    ['tool\u0000out', [4]],
    ['\ud800abc', []],
  ])('bad-input B8: takes %j as literal text', async (text, positions) => {
    const search = await filled();
    expect(await search.search(text)).toEqual(positions);
    await search.close();
  });

  it('pages in both directions', async () => {
    const search = openSqliteSearch({ path: newPath() });
    await search.add(Array.from({ length: 10 }, (_, index) => ({ position: 2 * (index + 1), text: 'same words' })), 20);
    expect(await search.search('words', { limit: 3 })).toEqual([2, 4, 6]);
    expect(await search.search('words', { limit: 3, after: 6 })).toEqual([8, 10, 12]);
    expect(await search.search('words', { limit: 3, direction: 'backward' })).toEqual([20, 18, 16]);
    expect(await search.search('words', { limit: 3, direction: 'backward', after: 16 })).toEqual([14, 12, 10]);
    await search.close();
  });

  it('never misses an entry that contains the text, whatever it is made of (property)', async () => {
    const search = openSqliteSearch({ path: newPath() });
    const letters = fc.string({ unit: fc.constantFrom('a', 'B', 'b', ' ', '"', '*', 'é', 'É', 'Σ', 'σ', 'İ', 'ß', '漢', '😀', '\n', '\u0000'), maxLength: 12 });
    const known: string[] = [];
    await fc.assert(
      fc.asyncProperty(letters, letters, async (text, wanted) => {
        known.push(text);
        await search.add([{ position: known.length, text }], known.length);
        const found = new Set(await search.search(wanted, { limit: known.length }));
        const missed = known.flatMap((other, index) => (contains(other, wanted) && !found.has(index + 1) ? [other] : []));
        expect(missed).toEqual([]);
      }),
      { numRuns: 300, endOnFailure: true },
    );
    await search.close();
  });

  it('a long text is asked for by what is rare in it, wherever that stands; nothing is missed (property)', async () => {
    const search = openSqliteSearch({ path: newPath() });
    const common = 'the same words as in every other line';
    await search.add(Array.from({ length: 300 }, (_, index) => ({ position: index + 1, text: `${common} ${index === 250 ? 'zebra' : 'horse'} ${common}` })), 300);
    expect(await search.search(`${common} zebra ${common}`)).toEqual([251]);

    const line = fc.array(fc.constantFrom('the ', 'same ', 'words ', 'zebra ', 'QUAGGA ', 'a', '"', 'İ', '漢'), { maxLength: 14 }).map((words) => words.join(''));
    const known: string[] = [];
    await search.reset();
    await fc.assert(
      fc.asyncProperty(line, line, fc.nat(20), async (text, other, start) => {
        known.push(text);
        await search.add([{ position: known.length, text }], known.length);
        for (const wanted of [other, text.slice(start), text]) {
          const found = new Set(await search.search(wanted, { limit: known.length }));
          expect(known.flatMap((entry, index) => (contains(entry, wanted) && !found.has(index + 1) ? [entry] : []))).toEqual([]);
        }
      }),
      { numRuns: 300, endOnFailure: true },
    );
    await search.close();
  });

  it('replaces an entry that is added again, and keeps the cursor with the entries', async () => {
    const path = newPath();
    const search = openSqliteSearch({ path });
    await search.add([{ position: 1, text: 'first words' }], 7);
    await search.add([{ position: 1, text: 'other letters' }], 9);
    expect([await search.search('words'), await search.search('letters'), await search.cursor()]).toEqual([[], [1], 9]);
    await search.close();
    const again = openSqliteSearch({ path });
    expect([await again.search('letters'), await again.cursor()]).toEqual([[1], 9]);
    await again.close();
  });

  it('is empty after a reset, and when the log it belongs to has another epoch', async () => {
    const path = newPath();
    const search = openSqliteSearch({ path, epoch: 'e-1' });
    await search.add([{ position: 1, text: 'first words' }], 1);
    await search.reset();
    expect([await search.search('words'), await search.cursor()]).toEqual([[], 0]);
    await search.add([{ position: 1, text: 'first words' }], 1);
    await search.close();
    const other = openSqliteSearch({ path, epoch: 'e-2' });
    expect([await other.search('words'), await other.cursor()]).toEqual([[], 0]);
    await other.close();
  });

  it('leaves a file alone that another process is making just now', async () => {
    const path = newPath();
    const other = new Database(path);
    other.pragma('journal_mode = WAL');
    other.exec('BEGIN IMMEDIATE; CREATE TABLE state (one INTEGER)');
    expect(() => openSqliteSearch({ path, busyTimeoutMs: 20 })).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE', details: expect.objectContaining({ reason: 'busy' }) }));
    other.exec('ROLLBACK');
    const search = openSqliteSearch({ path });
    await search.add([{ position: 1, text: 'deploy' }], 1);
    expect(other.prepare('SELECT cursor FROM state').pluck().get()).toBe(1);
    other.close();
    await search.close();
  });

  it('is begun anew when its file is damaged', async () => {
    const path = newPath();
    writeFileSync(path, 'this was a search index once '.repeat(500));
    const search = openSqliteSearch({ path });
    expect(await search.cursor()).toBe(0);
    await search.add([{ position: 1, text: 'first words' }], 1);
    expect(await search.search('words')).toEqual([1]);
    await search.close();
    await expect(search.cursor()).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', details: { reason: 'closed' } });
  });
});
