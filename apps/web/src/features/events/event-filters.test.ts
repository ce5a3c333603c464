import { describe, expect, test } from 'vitest';
import { activeFilters, filterOf, inWords, without, withFilter } from './event-filters.ts';

describe('filters of the event list', () => {
  const search = { type: ['job.failed', 'gap.identified'], agent: 'planner', where: 'event.data.n > 1', view: 'json', sel: 'x' };

  test('come from the address, and only they', () => {
    expect(activeFilters(search).map(inWords)).toEqual(['type job.failed', 'type gap.identified', 'agent planner', 'expression event.data.n > 1']);
    expect(filterOf(activeFilters(search))).toEqual({ type: ['job.failed', 'gap.identified'], agent: 'planner', expression: 'event.data.n > 1' });
    expect(filterOf(activeFilters({ agent: ['first', 'second'] }))).toEqual({ agent: 'first' });
  });

  test('are taken away one value at a time, and added once', () => {
    expect(without(search, { field: 'type', value: 'job.failed' })).toEqual({ type: ['gap.identified'] });
    expect(without(search, { field: 'agent', value: 'planner' })).toEqual({ agent: undefined });
    expect(withFilter(search, { field: 'type', value: 'job.failed' })).toEqual({ type: ['job.failed', 'gap.identified'] });
    expect(withFilter(search, { field: 'agent', value: 'coder' })).toEqual({ agent: 'coder' });
    expect(withFilter({}, { field: 'type', value: '__proto__' })).toEqual({ type: ['__proto__'] });
  });
});
