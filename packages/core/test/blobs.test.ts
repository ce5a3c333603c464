/** Blobs: what is too large for an event, by its content. */
import { createRegistry, defineAggregate, openLog } from '@refold/core';
import type { EventInput, Log } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { createTestPorts } from '@refold/testing';
import { describe, expect, test } from 'vitest';

const note = defineAggregate<object>({ type: 'note', version: '1', initial: () => ({}), events: { 'note.written': {} } });

async function openNotes(): Promise<Log> {
  const ports = createTestPorts(1, { isSleepInstant: true });
  return await openLog({ open: (linker) => openMemoryLog({ linker, clock: ports.clock }), registry: createRegistry({ aggregates: [note] }), ports, limits: { blobBytesMax: 3_000_000 } });
}

const written = (data: EventInput['data']): EventInput => ({ type: 'note.written', streamType: 'note', streamId: 'n', actor: { type: 'system', id: 'test' }, data });
const large = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, index) => (index * 31) % 251);

describe('blobs', () => {
  test('content comes back byte for byte, whatever its size, and is stored once', async () => {
    const log = await openNotes();
    for (const bytes of [0, 1, 512 * 1024, 512 * 1024 + 1, 2_500_000]) {
      const { $blob } = await log.blobs.put(large(bytes), { mediaType: 'image/png' });
      expect($blob).toMatchObject({ bytes, mediaType: 'image/png', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
      expect(await log.blobs.put(large(bytes))).toMatchObject({ $blob: { sha256: $blob.sha256 } });
      expect(Buffer.compare((await log.blobs.get($blob.sha256))!.content, large(bytes))).toBe(0);
    }
    expect(await log.blobs.get('0'.repeat(64))).toBeNull();
  });

  test('bad-input A45: an event that refers to a blob nobody stored is refused; once it is there the event is taken', async () => {
    const log = await openNotes();
    const { $blob } = await (await openNotes()).blobs.put(large(10));
    const event = written({ picture: [{ $blob: { ...$blob } }] });
    await expect(log.append({ events: [event] })).rejects.toMatchObject({ code: 'PRECONDITION_FAILED', details: { reason: 'blob', sha256: $blob.sha256 } });
    expect((await log.head()).position).toBe(0);
    await log.blobs.put(large(10));
    expect(await log.append({ events: [event] })).toMatchObject({ first: 1 });
  });

  test('bad-input A45: content unlike its digest, and a blob one byte over the limit', async () => {
    const log = await openNotes();
    await expect(log.blobs.put(large(10), { sha256: 'a'.repeat(64) })).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'digest' } });
    await log.blobs.put(large(3_000_000));
    await expect(log.blobs.put(large(3_000_001))).rejects.toMatchObject({ code: 'TOO_LARGE', details: { reason: 'blob', limit: 3_000_000 } });
  });

  test('with spill the largest texts move to blobs until the event fits, and are found again', async () => {
    const log = await openNotes();
    const huge = 'x'.repeat(900_000);
    const event = written({ title: 'short', parts: [{ output: huge }, { output: `${huge}y` }] });
    await expect(log.append({ events: [event] })).rejects.toMatchObject({ code: 'TOO_LARGE', details: { reason: 'event' } });
    await log.append({ events: [event], spill: true });
    for await (const { events } of log.events({})) {
      const { parts, title } = events[0]!.data as { title: string; parts: { output: { $blob: { sha256: string; bytes: number } } }[] };
      expect(title).toBe('short');
      expect(parts.map(({ output }) => output.$blob.bytes)).toEqual([900_000, 900_001]);
      expect(new TextDecoder().decode((await log.blobs.get(parts[1]!.output.$blob.sha256))!.content)).toBe(`${huge}y`);
    }
  });

  test('an event that fits is appended as it is, spill or not', async () => {
    const log = await openNotes();
    await log.append({ events: [written({ text: 'x'.repeat(10_000) })], spill: true });
    for await (const { events } of log.events({})) expect(events[0]!.data).toEqual({ text: 'x'.repeat(10_000) });
  });
});
