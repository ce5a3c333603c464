import { expect, test } from 'vitest';
import { bestRemoval, facetCounts, matchingRuns } from './run-filter.ts';
import type { RunFilter } from './run-filter.ts';

const run = (streamType: string, streamId: string, status: string, title: string | null = null) => ({ streamType, streamId, status, title, lastFailure: null });
const runs = [run('job', '1', 'failed', 'nightly triage'), run('job', '2', 'completed', 'nightly triage'), run('session', '3', 'active', 'Fix the build'), run('orchestration', 'PROJ-1', 'failed')];
const all: RunFilter = { status: [], kind: [], text: '' };
const ids = (filter: Partial<RunFilter>): readonly string[] => matchingRuns(runs, { ...all, ...filter }).map(({ streamId }) => streamId);

test('no filter shows every run', () => {
  expect(ids({})).toEqual(['1', '2', '3', 'PROJ-1']);
});

test('several values of one facet add up, several facets narrow down', () => {
  expect(ids({ status: ['failed', 'active'] })).toEqual(['1', '3', 'PROJ-1']);
  expect(ids({ status: ['failed'], kind: ['job'] })).toEqual(['1']);
});

test('every word has to be there, wherever', () => {
  expect(ids({ text: 'triage NIGHTLY' })).toEqual(['1', '2']);
  expect(ids({ text: 'proj-1' })).toEqual(['PROJ-1']);
  expect(ids({ text: 'nightly build' })).toEqual([]);
});

test('a facet counts what it would show beside the other filters, and keeps what is chosen', () => {
  expect(facetCounts(runs, { ...all, kind: ['job'] }, 'status')).toEqual([['completed', 1], ['failed', 1]]);
  expect(facetCounts(runs, { ...all, kind: ['rollout'] }, 'kind')).toEqual([['job', 2], ['orchestration', 1], ['session', 1], ['rollout', 0]]);
});

test('of a filter that finds nothing, the removal that shows most is told', () => {
  expect(bestRemoval(runs, { status: ['completed'], kind: ['session'], text: '' })).toEqual({ without: 'status', count: 1 });
  expect(bestRemoval(runs, all)).toBeNull();
});
