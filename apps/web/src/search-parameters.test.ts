import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSearch, parseSearch } from './search-parameters.ts';

test('a parameter given several times is a list, and a number stays a text', () => {
  expect(parseSearch('?type=job.failed&type=gap.identified&at=48213')).toEqual({ type: ['job.failed', 'gap.identified'], at: '48213' });
});

test('what stands in an address stays readable', () => {
  expect(formatSearch({ at: '2025-12-22T10:00:00Z', chain: 'job/42', text: 'no such file', empty: '', none: undefined })).toBe('?at=2025-12-22T10:00:00Z&chain=job/42&text=no+such+file');
});

test('nothing to say is no query', () => {
  expect(formatSearch({})).toBe('');
});

test('hostile names are names', () => {
  expect(Object.keys(parseSearch('?__proto__=1&constructor=2'))).toEqual(['__proto__', 'constructor']);
});

test('whatever is put into an address is read from it again', () => {
  const value = fc.string({ unit: 'grapheme', minLength: 1 });
  fc.assert(
    fc.property(fc.dictionary(value, fc.oneof(value, fc.array(value, { minLength: 2 }))), (parameters) => {
      expect(parseSearch(formatSearch(parameters))).toEqual({ ...parameters });
    }),
  );
});
