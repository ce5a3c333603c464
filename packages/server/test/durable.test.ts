/** The server over a real SQLite file: what was answered is there after a restart, once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteLog } from '@refold/driver-sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { startWorld } from './server-world.ts';
import type { World } from './server-world.ts';

const note = { id: '5f0c6a34-6f5e-4f2c-9d0a-0d8a3a6b1c20', type: 'custom.noted', streamType: 'custom', streamId: 'n1', actor: { type: 'user', id: 'ada' }, data: { text: 'hello' } };
const key = { 'idempotency-key': 'order-17' };

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'refold-server-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'log.db');
}

const startOver = (path: string, seed: number): Promise<World> => startWorld({ seed, open: (linker, { clock }) => openSqliteLog({ path, linker, clock }) });

test('bad-input A32: the same Idempotency-Key answers the first receipt after a restart', async () => {
  const path = temporaryFile();
  const before = await startOver(path, 1);
  const first = await before.post('/api/v1/events', note, key);
  await before.server.close();

  const after = await startOver(path, 2);
  const again = await after.post('/api/v1/events', note, key);
  expect([first.status, again.status, again.body]).toEqual([201, 200, { ...first.body, duplicate: true }]);
  expect((await after.call('/api/v1/events')).body.items).toHaveLength(1);
});

test('bad-input G13: a client that breaks off during its append finds the outcome by sending it again', async () => {
  const world = await startOver(temporaryFile(), 1);
  const body = JSON.stringify(note);
  const socket = connect(world.server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`POST /api/v1/events HTTP/1.1\r\nHost: localhost:${world.server.port}\r\nContent-Type: application/json\r\nIdempotency-Key: order-17\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  // Gone as soon as the bytes are out, without waiting for the answer.
  socket.end();
  socket.destroySoon();
  const { status, body: receipt } = await world.post('/api/v1/events', note, key);
  expect([200, 201]).toContain(status);
  expect(receipt.commitId).toBe('order-17');
  expect((await world.call('/api/v1/events')).body.items).toHaveLength(1);
});

test('events of many clients at once are all there, each once, in one order', async () => {
  const world = await startOver(temporaryFile(), 1);
  const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => world.post('/api/v1/events', { ...note, id: undefined, streamId: `n${index % 4}`, data: { index } })));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  expect(answers.map(({ body }) => body.first as number).toSorted((a, b) => a - b)).toEqual(answers.map((_, index) => index + 1));
});

test('of two writers with one expected revision exactly one wins', async () => {
  const world = await startOver(temporaryFile(), 1);
  const answers = await Promise.all([1, 2].map((writer) => world.post('/api/v1/events', { ...note, id: undefined, data: { writer } }, { 'if-match': '"0"' })));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 412]);
});
