/** The log in front of a real memory engine: what an append keeps true, whoever calls and however often. */
import { compileFilter, openLog, stateHash } from '@refold/core';
import type { AppendRequest, EventEnvelope, Log, LogDriver, Recorded } from '@refold/core';
import { openMemoryLog } from '@refold/driver-memory';
import { createTestPorts, withFaults } from '@refold/testing';
import type { Loss } from '@refold/testing';
import { describe, expect, test } from 'vitest';
import { allEvents, event, openJobLog, planner, refusal, registry } from './job-log.ts';

const openTestLog = (seed = 1, wrap: (driver: LogDriver) => LogDriver = (driver) => driver, shared?: LogDriver): Promise<Log> => openJobLog({ seed, wrap, ...(shared === undefined ? {} : { shared }) });

describe('append', () => {
  test('fills what the caller leaves out and gives back what he said (A-163, A-166, B-014)', async () => {
    const log = await openTestLog();
    const receipt = await log.append({ events: [event('JobCreated', { occurredAt: '2026-01-01T01:00:00+01:00', correlationId: 'c-1' }), event('job.started')] });
    const [created, started] = await allEvents(log);
    expect(receipt).toMatchObject({ duplicate: false, first: 1, last: 2, events: [{ type: 'job.created', revision: 1, position: 1 }, { type: 'job.started', revision: 2, position: 2 }] });
    expect(created).toMatchObject({ type: 'job.created', schemaVersion: '1.0.0', occurredAt: '2026-01-01T00:00:00.000Z', entityType: 'job', entityId: '42', actor: planner, agent: 'planner', correlationId: 'c-1', correlationChain: ['c-1'], data: { name: 'build' }, priority: 'P2', severity: 'INFO' });
    expect(started).toMatchObject({ correlationId: 'c-1', revision: 2, prevHash: created!.hash });
    expect(created!.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('bad-input A42: an illegal transition is refused with what would be allowed, and nothing is written (D-081)', async () => {
    const log = await openTestLog();
    await log.append({ events: [event('job.created')] });
    const error = await refusal(log, { events: [event('job.completed')] });
    expect(error).toMatchObject({ code: 'ILLEGAL_TRANSITION', details: { stream: 'job/42', type: 'job.completed', from: 'pending', allowedFrom: ['running'], allowedEvents: ['job.started'], revision: 1 } });
    expect((await log.head()).position).toBe(1);
  });

  test('with transitions flagged an illegal event is written, marked, and told (3.3.2)', async () => {
    const log = await openTestLog();
    const receipt = await log.append({ events: [event('job.completed')], transitions: 'flag' });
    expect(receipt.warnings).toEqual([expect.stringContaining('ILLEGAL_TRANSITION')]);
    expect((await allEvents(log))[0]!.metadata).toEqual({ violations: ['ILLEGAL_TRANSITION'] });
  });

  test('bad-input A12: the third of three events is at fault, so none is written and the next append finds the right state', async () => {
    const log = await openTestLog();
    const error = await refusal(log, { events: [event('job.created'), event('job.started'), event('job.created')] });
    expect(error).toMatchObject({ code: 'ILLEGAL_TRANSITION', details: { index: 2 } });
    expect((await log.head()).position).toBe(0);
    await log.append({ events: [event('job.created')] });
    expect((await log.head()).position).toBe(1);
  });

  test('bad-input A13: an empty batch is refused', async () => {
    expect(await refusal(await openTestLog(), { events: [] })).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'empty_batch' } });
  });

  test('bad-input A11: 501 events are refused, 500 are one commit', async () => {
    const log = await openTestLog();
    const many = Array.from({ length: 501 }, () => event('job.noted'));
    expect(await refusal(log, { events: many })).toMatchObject({ code: 'TOO_LARGE', details: { reason: 'batch', limit: 500 } });
    expect((await log.append({ events: many.slice(1) })).last).toBe(500);
  });

  test('bad-input A11: a batch over 4 MiB is refused and nothing is stored', async () => {
    const log = await openTestLog();
    const large = Array.from({ length: 5 }, () => event('job.noted', { data: { text: 'x'.repeat(900_000) } }));
    expect(await refusal(log, { events: large })).toMatchObject({ code: 'TOO_LARGE', details: { reason: 'batch' } });
    expect((await log.head()).position).toBe(0);
  });

  test('bad-inputs A9 and A10: 1 MiB of canonical bytes is stored, one byte more is refused', async () => {
    const log = await openTestLog();
    await log.append({ events: [event('job.noted', { correlationId: 'c', data: { text: '' }, occurredAt: '2026-01-01T00:00:00.000Z' })] });
    const [small] = await allEvents(log);
    const payload = JSON.stringify(small!.data).length;
    // The metadata document of this event, in canonical JSON.
    const metadata = '{"agent":"planner","correlationId":"c","occurredAt":"2026-01-01T00:00:00.000Z","priority":"P2","severity":"INFO"}'.length;
    const room = 1_048_576 - payload - metadata;
    const sized = (length: number): AppendRequest => ({ events: [event('job.noted', { correlationId: 'c', data: { text: 'x'.repeat(length) }, occurredAt: '2026-01-01T00:00:00.000Z' })] });
    await log.append(sized(room));
    expect(await refusal(log, sized(room + 1))).toMatchObject({ code: 'TOO_LARGE', details: { reason: 'event', size: 1_048_577, limit: 1_048_576 } });
  });

  test.each([-1, 1.5, '3', 2 ** 53])('bad-input A30: %s is no expected revision', async (expectedRevision) => {
    expect(await refusal(await openTestLog(), { events: [event('job.created')], expectedRevision: expectedRevision as number })).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'expectedRevision' } });
  });

  test('bad-input A31: a wrong expected revision tells the actual one; nothing is stored (B-147)', async () => {
    const log = await openTestLog();
    await log.append({ events: [event('job.created')] });
    expect(await refusal(log, { events: [event('job.started')], expectedRevision: 7 })).toMatchObject({ code: 'REVISION_CONFLICT', details: { stream: 'job/42', expected: 7, actual: 1 } });
    expect(await refusal(log, { events: [event('job.started')], expectedRevision: 'none' })).toMatchObject({ code: 'REVISION_CONFLICT', retryable: true });
    expect((await log.head()).position).toBe(1);
  });

  test('bad-input A31: two failing expectations are both told', async () => {
    const log = await openTestLog();
    const error = await refusal(log, { events: [event('job.noted', { streamId: 'a' }), event('job.noted', { streamId: 'b' })], expectedRevisions: { 'job/a': 3, 'job/b': 'exists' } });
    expect(error.details['failed']).toEqual([
      { stream: 'job/a', expected: 3, actual: 0 },
      { stream: 'job/b', expected: 'exists', actual: 0 },
    ]);
  });

  test('a check may name a stream that is not written', async () => {
    const log = await openTestLog();
    await log.append({ events: [event('job.noted', { streamId: 'lease' })] });
    await log.append({ events: [event('job.noted')], expectedRevisions: { 'job/lease': 1 } });
    expect(await refusal(log, { events: [event('job.noted')], expectedRevisions: { 'job/lease': 5 } })).toMatchObject({ code: 'REVISION_CONFLICT', details: { actual: 1 } });
  });

  test('bad-input A34: what only the log may say is refused; a foreign actor is kept as claimed', async () => {
    const log = await openTestLog();
    for (const field of ['recordedAt', 'position', 'revision', 'hash'])
      expect(await refusal(log, { events: [{ ...event('job.noted'), [field]: 1 }] })).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'reserved_field', pointer: `/${field}` } });
    await log.append({ events: [event('job.noted')], principal: { type: 'user', id: 'ada' } });
    expect((await allEvents(log))[0]).toMatchObject({ actor: { type: 'user', id: 'ada' }, metadata: { claimedActor: { type: 'agent', id: 'planner' } } });
  });

  test('bad-input A39: somebody must have acted', async () => {
    const { actor: _actor, ...anonymous } = event('job.noted');
    expect(await refusal(await openTestLog(), { events: [anonymous] })).toMatchObject({ code: 'ACTOR_MISSING' });
  });

  test('bad-input A44: a secret is masked before it is stored, and it is on record that it was', async () => {
    const log = await openTestLog();
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    await log.append({ events: [event('job.noted', { data: { header: `token ${secret}` } })] });
    const [stored] = await allEvents(log);
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(stored!.metadata['redactions']).toMatchObject([{ pointer: expect.stringContaining('/data/header') }]);
  });

  test('bad-inputs A25 to A27: what is no JSON is refused before anything is written; with sanitize a lone surrogate is replaced and marked', async () => {
    const log = await openTestLog();
    const noted = (value: unknown): AppendRequest => ({ events: [event('job.noted', { data: { value } as never })] });
    expect(await refusal(log, noted(Number.NaN))).toMatchObject({ code: 'BAD_NUMBER' });
    expect(await refusal(log, noted(new Map()))).toMatchObject({ code: 'BAD_JSON', details: { reason: 'not_plain' } });
    expect(await refusal(log, noted('\ud800'))).toMatchObject({ code: 'BAD_UTF8', details: { reason: 'lone_surrogate' } });
    expect((await log.head()).position).toBe(0);
    await log.append({ ...noted('\ud800'), sanitize: true });
    expect((await allEvents(log))[0]).toMatchObject({ data: { value: '\ufffd' }, metadata: { sanitized: true } });
  });
});

describe('names of people', () => {
  test('stand as pseudonyms in what outlives erasure, in clear in what does not (TRUST.md 3)', async () => {
    const log = await openTestLog();
    const ada = { type: 'user', id: 'ada@example.com' } as const;
    await log.append({ events: [event('job.noted', { actor: ada })] });
    const records: Recorded[] = [];
    for await (const page of log.driver.read({})) records.push(...page.events);
    expect(records[0]!.tags).toContainEqual(expect.stringMatching(/^actor:user\/h\.[a-z2-7]{26}$/));
    expect(JSON.stringify(records[0]!.tags)).not.toContain('ada');
    expect((await allEvents(log))[0]).toMatchObject({ actor: ada });

    await log.driver.forget([1], 'test');
    expect((await allEvents(log))[0]!.actor).toEqual({ type: 'user', id: log.pseudonym(ada.id) });
  });

  test('are found by their clear form', async () => {
    const log = await openTestLog();
    await log.append({ events: [event('job.noted', { actor: { type: 'user', id: 'ada@example.com' } }), event('job.noted')] });
    const { request, residue } = compileFilter({ actorId: 'ada@example.com' }, registry, log);
    const found: EventEnvelope[] = [];
    for await (const page of log.events(request)) found.push(...page.events.filter(residue ?? (() => true)));
    expect(found.map(({ position }) => position)).toEqual([1]);
  });
});

describe('once, however often it is sent', () => {
  const created = { events: [event('job.created')], commitId: 'commit-1' };

  test('bad-input A32: the same commit again answers the first receipt, also when its transition would be illegal now', async () => {
    const log = await openTestLog();
    const first = await log.append(created);
    await log.append({ events: [event('job.started')] });
    expect(await log.append(created)).toEqual({ ...first, duplicate: true });
    expect((await log.head()).position).toBe(2);
  });

  test('bad-input A32: so does another process with other salts, and one that expects an old revision', async () => {
    const ports = createTestPorts(9, { isSleepInstant: true });
    let shared: LogDriver | null = null;
    const first = await openLog({ open: (linker) => (shared = openMemoryLog({ linker, clock: ports.clock })), registry, ports });
    await first.append(created);
    const second = await openTestLog(2, (driver) => driver, shared!);
    expect(await second.append(created)).toMatchObject({ duplicate: true, first: 1 });
    expect(await second.append({ ...created, expectedRevision: 0 })).toMatchObject({ duplicate: true });
    expect((await second.head()).position).toBe(1);
  });

  test('bad-input A32: after its body was forgotten it is still known', async () => {
    const log = await openTestLog();
    await log.append(created);
    await log.driver.forget([1], 'test');
    expect(await log.append(created)).toMatchObject({ duplicate: true, first: 1 });
    expect((await allEvents(log))[0]).toMatchObject({ erased: true, data: {}, type: 'job.created', actor: planner });
  });

  test('bad-input A33: the same commit id with other content is refused', async () => {
    const log = await openTestLog();
    await log.append(created);
    expect(await refusal(log, { ...created, events: [event('job.created', { data: { name: 'deploy' } })] })).toMatchObject({ code: 'DUPLICATE_ID', details: { reason: 'commit' } });
  });

  test('bad-input A33: an event id known from another commit is refused', async () => {
    const log = await openTestLog();
    const receipt = await log.append(created);
    expect(await refusal(log, { events: [event('job.noted', { id: receipt.events[0]!.id })], commitId: 'commit-2' })).toMatchObject({ code: 'DUPLICATE_ID', details: { reason: 'event' } });
  });

  test('events with ids of their own need no commit id to be written once', async () => {
    const log = await openTestLog();
    const request = { events: [event('job.noted', { id: '019352a0-0000-7000-8000-000000000001' })] };
    await log.append(request);
    expect(await log.append(request)).toMatchObject({ duplicate: true });
    expect((await log.head()).position).toBe(1);
  });

  test('bad-input N9: a lost answer is decided by sending the same commit again: one copy', async () => {
    const losses: Loss[] = ['reply', 'request', 'reply', 'none'];
    const log = await openTestLog(1, (driver) => withFaults(driver, { loss: () => losses.shift() ?? 'none' }));
    expect(await log.append(created)).toMatchObject({ duplicate: true, first: 1 });
    expect(losses).toEqual([]);
    expect((await log.head()).position).toBe(1);
  });

  test('bad-input N9: when every answer is lost the commit id is told, and asking for it decides', async () => {
    let isDown = true;
    const log = await openTestLog(1, (driver) => withFaults(driver, { loss: () => (isDown ? 'reply' : 'none') }));
    expect(await refusal(log, created)).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true, details: { commitId: 'commit-1' } });
    isDown = false;
    expect(await log.knownCommits(['commit-1'])).toEqual(new Set(['commit-1']));
    expect(await log.append(created)).toMatchObject({ duplicate: true });
    expect((await log.head()).position).toBe(1);
  });
});

describe('races', () => {
  test('32 writers who expect nothing all get in, in one order (S7)', async () => {
    const log = await openTestLog();
    await log.append({ events: [event('job.created'), event('job.started')] });
    await Promise.all(Array.from({ length: 32 }, () => log.append({ events: [event('job.stepped')] })));
    const events = await allEvents(log);
    expect(events.map(({ revision }) => revision)).toEqual(Array.from({ length: 34 }, (_, index) => index + 1));
    expect(log.fold.foldAll(events)).toMatchObject({ status: 'running', steps: 32, anomalies: [] });
  });

  test('of 32 writers with one expected revision exactly one wins (B-014)', async () => {
    const log = await openTestLog();
    await log.append({ events: [event('job.created')] });
    const answers = await Promise.allSettled(Array.from({ length: 32 }, () => log.append({ events: [event('job.started')], expectedRevision: 1 })));
    expect(answers.filter(({ status: outcome }) => outcome === 'fulfilled')).toHaveLength(1);
    expect((await log.head()).position).toBe(2);
  });

  test('two processes on one engine judge each other\'s events', async () => {
    const ports = createTestPorts(5, { isSleepInstant: true });
    let shared: LogDriver | null = null;
    const first = await openLog({ open: (linker) => (shared = openMemoryLog({ linker, clock: ports.clock })), registry, ports });
    const second = await openTestLog(6, (driver) => driver, shared!);
    await first.append({ events: [event('job.created')] });
    await second.append({ events: [event('job.started')] });
    await first.append({ events: [event('job.stepped')] });
    expect(await refusal(first, { events: [event('job.started')] })).toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    await second.append({ events: [event('job.completed')] });
    expect(await refusal(first, { events: [event('job.stepped')] })).toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    expect((await allEvents(first)).map(({ type }) => type)).toEqual(['job.created', 'job.started', 'job.stepped', 'job.completed']);
  });
});

describe('what is read back', () => {
  test('one event by id, one stream, known commits', async () => {
    const log = await openTestLog();
    const receipt = await log.append({ events: [event('job.created')], commitId: 'c-1' });
    expect(await log.event(receipt.events[0]!.id)).toMatchObject({ type: 'job.created' });
    expect(await log.event('019352a0-0000-7000-8000-00000000ffff')).toBeNull();
    expect(await log.stream('job/42')).toMatchObject({ revision: 1, first: 1 });
    expect(await log.stream('job/4')).toBeNull();
    expect(await log.knownCommits(['c-1', 'c-2'])).toEqual(new Set(['c-1']));
  });

  test('an event that follows is seen once, in order, whether it was there or comes later (C-028)', async () => {
    const log = await openTestLog();
    await log.append({ events: [event('job.created')] });
    const seen: number[] = [];
    const stop = new AbortController();
    const reading = (async () => {
      for await (const page of log.follow(0, stop.signal)) {
        seen.push(...page.events.map(({ position }) => position));
        if (seen.length >= 3) stop.abort();
      }
    })();
    await log.append({ events: [event('job.started'), event('job.stepped')] });
    await reading;
    expect(seen).toEqual([1, 2, 3]);
  });

  test('the fold of what is read is the state the next append is judged on', async () => {
    const log = await openTestLog();
    await log.append({ events: [event('job.created'), event('job.started'), event('job.stepped')] });
    const state = log.fold.foldAll(await allEvents(log))!;
    expect(state).toMatchObject({ status: 'running', steps: 1, revision: 3 });
    expect(stateHash(state, log.ports.hasher)).toMatch(/^[0-9a-f]{64}$/);
  });
});
