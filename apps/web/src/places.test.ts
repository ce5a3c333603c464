import { expect, test } from 'vitest';
import { addressOf, placeHref, readPlace, streamHref } from './places.ts';

test('an id is encoded per segment, slashes too', () => {
  expect(streamHref({ streamType: 'session', streamId: 'a/b c?#é' })).toBe('/streams/session/a%2Fb%20c%3F%23%C3%A9/story');
});

test('a place is its stream with the cursor there', () => {
  expect(placeHref({ streamType: 'job', streamId: '42' }, 7)).toBe('/streams/job/42/debug?at=7');
});

test.each([
  ['job/42', null],
  ['job/42@7', '7'],
  ['job/42@~10', '~10'],
  ['job/42@first-bad', 'first-bad'],
  ['job/42@2025-12-22T10:00:00Z', '2025-12-22T10:00:00Z'],
])('%s is read as it is typed', (text, at) => {
  expect(readPlace(text)).toEqual({ streamType: 'job', streamId: '42', at });
});

test('what is no place is refused with its code', () => {
  expect(() => readPlace('job/42@later')).toThrow(expect.objectContaining({ code: 'BAD_TIMESTAMP' }));
  expect(() => readPlace('job')).toThrow(expect.objectContaining({ code: 'BAD_STREAM_ADDRESS' }));
});

test('an address that is copied is read back, @ in the id too', () => {
  const address = { streamType: 'agent', streamId: 'a@b%' };
  expect(readPlace(addressOf(address, '3'))).toEqual({ ...address, at: '3' });
  expect(readPlace(addressOf(address))).toEqual({ ...address, at: null });
});
