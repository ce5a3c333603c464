/** A bit flipped in the file of a log while nobody looked: the event is not served, by any route (bad-input N15). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteLog } from '@refold/driver-sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const events = '/api/v1/events';
const note = (text: string): object => ({ type: 'custom.noted', streamType: 'custom', streamId: text, correlationId: 'c1', actor: { type: 'user', id: 'ada' }, data: { text } });

/** @param hit  What of the second event's payload the bit is flipped in. */
async function startDamaged(hit = 'approved'): Promise<{ readonly world: World; readonly ids: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'refold-damaged-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'log.db');
  const open = (seed: number): Promise<World> => startWorld({ seed, open: (linker, { clock }) => openSqliteLog({ path, linker, clock }) });

  const before = await open(1);
  const ids: string[] = [];
  for (const text of ['first', 'approved', 'third']) ids.push((await before.post(events, { ...note(text), ...(text === 'approved' ? { commitId: 'c2' } : {}) })).body.events[0].id as string);
  await before.server.close();
  await before.log.close();

  const file = readFileSync(path);
  const payload = '"payload":{"text":"approved"}';
  const at = file.indexOf(payload);
  expect(file.indexOf(payload, at + 1)).toBe(-1);
  // One bit: approved -> Approved, which is as good a text as any; { -> [, which is no JSON any more.
  file[at + payload.indexOf(hit)]! ^= 0x20;
  writeFileSync(path, file);
  return { world: await open(2), ids };
}

test('bad-input N15: every route that would show the event answers INTEGRITY_VIOLATION with its position; the rest of the log is served', async () => {
  const { world, ids } = await startDamaged();
  const showing = [`${events}/${ids[1]}`, events, `${events}?limit=1&offset=1`, `${events}?order=desc&limit=2`, `${events}/correlation/c1`, '/api/v1/streams/custom/approved/events', '/api/v1/commits/c2', `${events}/${ids[1]}/cause-tree`];
  for (const path of showing) {
    const { status, body, text } = await world.call(path);
    expect([path, status, body.code, body.details?.position]).toEqual([path, 422, 'INTEGRITY_VIOLATION', 2]);
    expect(body.hint).toContain('refold verify');
    expect(text).not.toMatch(/Approved|refold-damaged/);
  }
  for (const path of [`${events}/${ids[0]}`, `${events}?limit=1`, '/api/v1/streams/custom/third/events']) expect((await world.call(path)).status).toBe(200);
  expect((await world.call('/api/v1/health')).status).toBe(200);
  // Writing goes on.
  expect((await world.post(events, note('fourth'))).status).toBe(201);
});

test('bad-input N15: who follows the log is told, and does not get the event', async () => {
  const { world } = await startDamaged();
  const { text } = await world.call(`${events}/stream?fromStart=true`);
  expect(text).toContain('"text":"first"');
  expect(text).toContain('INTEGRITY_VIOLATION');
  expect(text).not.toMatch(/Approved|"third"/);
});

test('bad-input N15: verifying finds it with its place, and compares the states of the streams that can be read', async () => {
  const { world } = await startDamaged('{');
  const { status, body } = await world.call('/api/v1/integrity/verify?state=true');
  expect([status, body.ok, body.firstBadPosition, body.statesCompared]).toEqual([200, false, 2, 2]);
  expect(body.notChecked).toContainEqual({ kind: 'unreadable_state', count: 1 });
});
