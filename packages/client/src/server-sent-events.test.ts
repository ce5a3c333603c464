import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sentEvents } from './server-sent-events.ts';
import type { SentEvent } from './server-sent-events.ts';

/** The bytes in pieces of these sizes, in turn. */
function bodyOf(bytes: Uint8Array, sizes: readonly number[]): ReadableStream<Uint8Array> {
  let [at, piece] = [0, 0];
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, (at += sizes[piece++ % sizes.length]!)));
    },
  });
}

async function read(text: string, sizes: readonly number[] = [1_000]): Promise<SentEvent[]> {
  const events: SentEvent[] = [];
  for await (const event of sentEvents(bodyOf(new TextEncoder().encode(text), sizes))) events.push(event);
  return events;
}

test('events are read the same however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), async (sizes) => {
      expect(await read(': open\n\nid: 1\ndata: {"a":"ä"}\n\nevent: error\r\ndata: one\r\ndata: two\r\n\r\n: heartbeat\n\nid: 7\n\ndata: last\n\n', sizes)).toEqual([
        { name: 'message', data: '{"a":"ä"}', id: '1' },
        { name: 'error', data: 'one\ntwo', id: '1' },
        { name: 'message', data: '', id: '7' },
        { name: 'message', data: 'last', id: '7' },
      ]);
    }),
  );
});

test('an event that the connection cut off is none', async () => {
  expect(await read('id: 1\ndata: whole\n\nid: 2\ndata: torn')).toMatchObject([{ data: 'whole' }]);
  expect(await read('id: 1\ndata: no empty line\n')).toEqual([]);
});
