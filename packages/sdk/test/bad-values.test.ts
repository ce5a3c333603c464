/** What a program may hand to the SDK by mistake (bad-inputs A25, A26; A-097): refused before anything is written. */
import { EventStore } from '@refold/sdk';
import type { NewEvent } from '@refold/sdk';
import { createTestPorts } from '@refold/testing';
import { expect, onTestFinished, test } from 'vitest';

const ana = { type: 'user', id: 'ana' } as const;

function openStore(): EventStore {
  const store = new EventStore({ url: 'memory:', ports: createTestPorts(1) });
  onTestFinished(() => store.close());
  return store;
}

class Point {
  readonly x = 1;
}
const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;

test.each<readonly [row: string, what: string, value: unknown, code: string, reason: string]>([
  ['bad-input A25', 'NaN', Number.NaN, 'BAD_NUMBER', 'not_finite'],
  ['bad-input A25', 'Infinity', Infinity, 'BAD_NUMBER', 'not_finite'],
  ['bad-input A25', '10n', 10n, 'BAD_NUMBER', 'bigint'],
  ['bad-input A25', 'undefined', undefined, 'BAD_JSON', 'value'],
  ['bad-input A25', 'a function', () => 1, 'BAD_JSON', 'value'],
  ['bad-input A25', 'a symbol', Symbol('s'), 'BAD_JSON', 'value'],
  ['bad-input A26', 'a Date', new Date(0), 'BAD_JSON', 'not_plain'],
  ['bad-input A26', 'a Map', new Map(), 'BAD_JSON', 'not_plain'],
  ['bad-input A26', 'a Buffer', Buffer.from('x'), 'BAD_JSON', 'not_plain'],
  ['bad-input A26', 'an instance of a class', new Point(), 'BAD_JSON', 'not_plain'],
  ['bad-input A26', 'a cycle', cycle, 'BAD_JSON', 'cycle'],
  // oxlint-disable-next-line no-sparse-arrays
  ['bad-input A26', 'a sparse array', [1, , 2], 'BAD_JSON', 'sparse'],
  ['bad-input A26', 'a getter that throws', { get x(): never { throw new Error('no'); } }, 'BAD_JSON', 'not_plain'],
  ['bad-input A26', 'an object that writes itself', { toJSON: () => 'x' }, 'BAD_JSON', 'not_plain'],
])('%s: %s is refused and nothing is stored', async (_row, _what, value, code, reason) => {
  const store = openStore();
  const kept = await store.saveEvent({ type: 'custom.noted', streamType: 'custom', streamId: 'a', actor: ana, data: {} });
  const bad = { type: 'custom.noted', streamType: 'custom', streamId: 'a', actor: ana, data: { v: value } } as unknown as NewEvent;
  await expect(store.saveEvent(bad)).rejects.toMatchObject({ code, details: { reason, pointer: expect.stringMatching(/^\/v/) } });
  await expect(store.append('custom/a', [bad, bad])).rejects.toMatchObject({ code, details: { reason } });
  expect((await store.queryEvents()).items.map(({ id }) => id)).toEqual([kept]);
});

test.each([
  ['our own form', { type: 'custom.noted', streamType: 'custom', streamId: 'a', actor: ana, data: {}, occuredAt: '2026-01-01T00:00:00Z' }, '/occuredAt', ['occurredAt']],
  ['the words of the documents', { event_type: 'created', aggregate_type: 'agent', aggregate_id: 'a', user_id: 'ana', event_data: {}, sesion_id: 's' }, '/sesionId', ['sessionId']],
])('A-097: a misspelt field in %s is refused with the nearest name', async (_form, event, pointer, nearest) => {
  const store = openStore();
  await expect(store.saveEvent(event as unknown as NewEvent)).rejects.toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'unknown_field', pointer, nearest } });
  expect((await store.queryEvents()).items).toEqual([]);
});
