import { expect, test } from 'vitest';
import { requestOf } from './request.ts';

test('fields go into the path first, then into the query or the body', () => {
  const get = { method: 'GET', path: '/streams/{streamType}/{streamId}/state' } as const;
  expect(requestOf(get, { streamType: 'job', streamId: 'a/b c', at: undefined, revision: 2 })).toEqual({ method: 'GET', path: '/streams/job/a%2Fb%20c/state?revision=2', headers: {} });
  expect(requestOf({ method: 'GET', path: '/events' }, { type: ['a', 'b'], limit: 5 }).path).toBe('/events?type=a&type=b&limit=5');
  expect(requestOf({ method: 'POST', path: '/events' }, { events: [] })).toEqual({ method: 'POST', path: '/events', body: '{"events":[]}', headers: { 'content-type': 'application/json' } });
});
