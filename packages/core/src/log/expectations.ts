/**
 * What a caller expects of streams, and what the engine is asked to hold for it. A written stream is always held at the
 * revision that its events were judged on; the caller's own words decide what a failing check means: a conflict to tell
 * him, or a race that is nobody's business.
 */
import { LogError } from '../errors.ts';
import type { AppendRequest } from './append.ts';
import type { Check, FailedCheck, Revision } from './driver.ts';
import type { ExpectedRevision } from './event.ts';
import { parseStreamAddress } from './place.ts';

export interface Expectations {
  /** What the caller expects of a stream: "any" where he says nothing. */
  of(stream: string): ExpectedRevision;
  /** Streams of which he expects something. */
  readonly streams: readonly string[];
}

/** An expectation that does not hold. */
export interface Broken {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly actual: Revision;
}

const none: Expectations = { of: () => 'any', streams: [] };

/**
 * @param first  Address of the first event, which `expectedRevision` is about.
 * @throws LogError BAD_REQUEST `expectedRevision`; BAD_STREAM_ADDRESS.
 */
export function readExpectations({ expectedRevision, expectedRevisions }: Pick<AppendRequest, 'expectedRevision' | 'expectedRevisions'>, first: string): Expectations {
  if (expectedRevision === undefined && expectedRevisions === undefined) return none;
  const expected = new Map<string, ExpectedRevision>();
  for (const [stream, expectation] of [[first, expectedRevision] as const, ...Object.entries(expectedRevisions ?? {})]) {
    refuseExpectation(expectation);
    parseStreamAddress(stream);
    if (expectation !== undefined && expectation !== 'any') expected.set(stream, expectation);
  }
  return { of: (stream) => expected.get(stream) ?? 'any', streams: [...expected.keys()] };
}

function refuseExpectation(expected: unknown): void {
  if (expected === undefined || expected === 'any' || expected === 'none' || expected === 'exists') return;
  if (typeof expected === 'number' && Number.isSafeInteger(expected) && expected >= 0) return;
  throw new LogError('BAD_REQUEST', 'expectedRevision must be a whole number from 0 up, or any, none, exists.', {
    details: { reason: 'expectedRevision', pointer: '/expectedRevision' },
    hint: 'Give the revision you last saw.',
  });
}

export function holds(expected: ExpectedRevision, actual: Revision): boolean {
  if (expected === 'any') return true;
  if (expected === 'exists') return actual > 0;
  return actual === (expected === 'none' ? 0 : expected);
}

/** @param written  The written streams, at the revisions they are judged on. */
export function checksFor(expectations: Expectations, written: ReadonlyMap<string, Revision>): readonly Check[] {
  const checks: Check[] = [...written].map(([stream, revision]) => ({ kind: 'stream', stream, expect: revision }));
  for (const stream of expectations.streams) {
    const expected = expectations.of(stream);
    if (!written.has(stream) && expected !== 'any') checks.push({ kind: 'stream', stream, expect: expected });
  }
  return checks;
}

/** Of the checks that failed, those that the caller asked for. None = only our own hold on a stream was lost, in a race. */
export function brokenBy(failed: readonly FailedCheck[], checks: readonly Check[], expectations: Expectations): readonly Broken[] {
  return failed.flatMap(({ check: index, actual = 0 }) => {
    const check = checks[index];
    if (check?.kind !== 'stream') return [];
    const expected = expectations.of(check.stream);
    return holds(expected, actual) ? [] : [{ stream: check.stream, expected, actual }];
  });
}

export function conflict(broken: readonly [Broken, ...Broken[]]): LogError {
  const { stream, expected, actual } = broken[0];
  return new LogError('REVISION_CONFLICT', `${stream} is at ${actual}, expected ${expected}.`, {
    details: { stream, expected, actual, failed: broken },
    hint: 'Read again and retry, or append with expectedRevision "any".',
  });
}
