import { describe, expect, it } from 'vitest';
import { LogError } from '../errors.ts';
import { assertCommit, refuseTooLarge } from './commit-limits.ts';
import type { Check, Commit, NewEvent } from './driver.ts';

const event = (parts: Partial<NewEvent> = {}): NewEvent => ({ id: '01980000-0000-7000-8000-000000000001', stream: 'job/1', type: 'job.queued', tags: [], body: new Uint8Array(10), ...parts });
const commit = (parts: Partial<Commit> = {}): Commit => ({ id: 'c-1', digest: new Uint8Array(32), events: [event()], ...parts });

function refusalOf(given: Commit): readonly [string, string | undefined] | null {
  try {
    assertCommit(given);
    return null;
  } catch (error) {
    if (error instanceof LogError) return [error.code, error.details.reason];
    throw error;
  }
}

describe('assertCommit', () => {
  it('looks at a commit every time, since whoever made it may have changed it', () => {
    const events: [NewEvent, ...NewEvent[]] = [event()];
    const given = commit({ events });
    expect(refusalOf(given)).toBeNull();
    events[0] = event({ type: 'not a type' });
    expect(refusalOf(given)).toEqual(['BAD_REQUEST', 'type']);
  });

  it('takes a commit at the very limits', () => {
    const tags = Array.from({ length: 32 }, (_, index) => `${String(index).padStart(2, '0')}${'é'.repeat(127)}`);
    const checks: readonly Check[] = [{ kind: 'stream', stream: 'ä'.repeat(256), expect: 'none' }, { kind: 'head', at: 0 }, { kind: 'query', query: { items: [] }, after: Number.MAX_SAFE_INTEGER }];
    expect(refusalOf(commit({ id: 'x'.repeat(256), events: [event({ stream: 'ä'.repeat(256), type: 'j'.repeat(128), tags })], checks }))).toBeNull();
  });

  it.each<readonly [string, Partial<Commit>, string, string]>([
    ['no events', { events: [] as unknown as Commit['events'] }, 'BAD_REQUEST', 'empty_commit'],
    ['an empty id', { id: '' }, 'BAD_REQUEST', 'commit_id'],
    ['an id of 257 bytes', { id: 'x'.repeat(257) }, 'BAD_REQUEST', 'commit_id'],
    ['an id with a lone surrogate', { id: 'c\ud800' }, 'BAD_REQUEST', 'commit_id'],
    ['a digest of 31 bytes', { digest: new Uint8Array(31) }, 'BAD_REQUEST', 'digest'],
    ['one event id twice', { events: [event(), event()] }, 'DUPLICATE_ID', 'twice_in_commit'],
    ['a negative revision', { checks: [{ kind: 'stream', stream: 'job/1', expect: -1 }] }, 'BAD_REQUEST', 'check'],
    ['half a position', { checks: [{ kind: 'head', at: 1.5 }] }, 'BAD_REQUEST', 'check'],
    ['a check on a stream without a name', { checks: [{ kind: 'stream', stream: '', expect: 'none' }] }, 'BAD_STREAM_ADDRESS', 'empty'],
  ])('refuses %s', (_what, parts, code, reason) => {
    expect(refusalOf(commit(parts))).toEqual([code, reason]);
  });

  it.each<readonly [string, Partial<NewEvent>, string, string]>([
    ['an id that is no UUID', { id: 'e-1' }, 'BAD_REQUEST', 'event_id'],
    ['an id in upper case', { id: '01980000-0000-7000-8000-00000000000A' }, 'BAD_REQUEST', 'event_id'],
    ['a type with a space', { type: 'job queued' }, 'BAD_REQUEST', 'type'],
    ['a type of 129 characters', { type: 'j'.repeat(129) }, 'BAD_REQUEST', 'type'],
    ['a stream of 513 bytes (bad-input A29)', { stream: `${'ä'.repeat(256)}b` }, 'BAD_STREAM_ADDRESS', 'too_long'],
    ['a NUL in a stream (bad-input A29)', { stream: 'job/\u0000' }, 'BAD_STREAM_ADDRESS', 'control_character'],
    ['a lone surrogate in a stream (bad-input A27)', { stream: 'job/\udfff' }, 'BAD_UTF8', 'lone_surrogate'],
    ['33 tags', { tags: Array.from({ length: 33 }, (_, index) => `t${index + 10}`) }, 'TOO_LARGE', 'tags'],
    ['a tag of 257 bytes', { tags: [`a${'é'.repeat(128)}`] }, 'TOO_LARGE', 'tag'],
    ['tags out of order', { tags: ['b', 'a'] }, 'BAD_REQUEST', 'tags_order'],
    ['a tag twice', { tags: ['a', 'a'] }, 'BAD_REQUEST', 'tags_order'],
    ['an empty tag', { tags: [''] }, 'BAD_REQUEST', 'tags_order'],
  ])('refuses %s', (_what, parts, code, reason) => {
    expect(refusalOf(commit({ events: [event(parts)] }))).toEqual([code, reason]);
  });
});

describe('refuseTooLarge', () => {
  const limits = { commitBytesMax: 20, commitEventsMax: 2 };

  it('lets a commit at the limits through', () => {
    expect(refuseTooLarge(commit({ events: [event(), event()] }), limits)).toBeNull();
  });

  it('answers with the size and the limit when there are too many events or bytes (bad-input A11)', () => {
    expect(refuseTooLarge(commit({ events: [event(), event(), event()] }), limits)).toEqual({ ok: false, reason: 'too-large', detail: '3 events; the limit is 2' });
    expect(refuseTooLarge(commit({ events: [event({ body: new Uint8Array(21) })] }), limits)).toEqual({ ok: false, reason: 'too-large', detail: '21 bytes of bodies; the limit is 20' });
  });
});
