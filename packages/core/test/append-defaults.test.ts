/** What an append fills in, what it masks, and what it calls the same. */
import type { EventInput } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { allEvents, event, openJobLog, refusal } from './job-log.ts';

const secret = `ghp_${'a1B2'.repeat(9)}`;
const id = (number: number): string => `019352a0-0000-7000-8000-${String(number).padStart(12, '0')}`;

describe('correlation', () => {
  test('a new stream that says what caused it begins a conversation below that of its cause; the next events go on in it (3.1.1)', async () => {
    const log = await openJobLog();
    await log.append({ events: [event('job.created', { id: id(1), correlationId: 'root' })] });
    await log.append({ events: [event('job.created', { id: id(2), streamId: 'child', causationId: id(1) })] });
    await log.append({ events: [event('job.started', { streamId: 'child', causationId: id(1) })] });
    const [, created, started] = await allEvents(log);
    expect(created).toMatchObject({ correlationId: id(2), correlationChain: ['root', id(2)] });
    expect(started).toMatchObject({ correlationId: id(2), correlationChain: ['root', id(2)] });
  });

  test('the cause may stand in the same commit, or nowhere', async () => {
    const log = await openJobLog();
    await log.append({ events: [event('job.created', { id: id(1), correlationId: 'root' }), event('job.created', { id: id(2), streamId: 'child', causationId: id(1) }), event('job.created', { id: id(3), streamId: 'stray', causationId: 'command-7' })] });
    expect((await allEvents(log)).map(({ correlationChain }) => correlationChain)).toEqual([['root'], ['root', id(2)], [id(3)]]);
  });

  test('the chain always ends in the correlation id; one that is the stream\'s own brings its chain along', async () => {
    const log = await openJobLog();
    await log.append({ events: [event('job.created', { correlationChain: ['root', 'own'] })] });
    await log.append({ events: [event('job.noted', { correlationId: 'own' }), event('job.noted', { correlationId: 'other' }), event('job.noted', { correlationChain: ['a', 'b'], correlationId: 'c' }), event('job.noted', { correlationChain: [] })] });
    expect((await allEvents(log)).map(({ correlationChain, correlationId }) => [...correlationChain, correlationId])).toEqual([
      ['root', 'own', 'own'],
      ['root', 'own', 'own'],
      ['other', 'other'],
      ['a', 'b', 'c', 'c'],
      ['root', 'own', 'own'],
    ]);
  });
});

describe('who acted', () => {
  test('K-072: what an actor tells about himself stays when he is the one who is signed in', async () => {
    const log = await openJobLog();
    await log.append({ events: [event('job.noted', { actor: { type: 'agent', id: 'planner', model: 'opus', name: 'The Planner' } })], principal: { type: 'agent', id: 'planner' } });
    const [stored] = await allEvents(log);
    expect(stored!.actor).toEqual({ type: 'agent', id: 'planner', model: 'opus', name: 'The Planner' });
    expect(stored!.metadata).toEqual({});
  });
});

describe('secrets', () => {
  test('bad-input A44: are masked in every field of free text, not only in payload and metadata (TRUST.md 9)', async () => {
    const log = await openJobLog();
    await log.append({
      events: [
        event('job.noted', {
          id: id(1),
          actor: { type: 'agent', id: 'planner', name: `planner ${secret}` },
          changes: { note: { before: null, after: `token ${secret}` }, password: { before: 'hunter2', after: 'hunter3' } },
          git: { branch: `fix/${secret}`, codebaseState: { remote: `https://ada:${secret}@example.com/x.git` } },
          refs: [{ type: 'task', id: secret, rel: 'uses' }],
          serviceName: secret,
          phase: secret,
          agent: `bot ${secret}`,
          trace: { traceId: 'a'.repeat(32), traceState: `k=${secret}` },
          ext: { jira: { original: secret } },
        }),
      ],
    });
    const bodies: string[] = [];
    for await (const page of log.driver.read({})) for (const record of page.events) bodies.push(new TextDecoder().decode(record.body) + record.tags.join(' '));
    expect(bodies.join()).not.toContain(secret);
    expect(bodies.join()).not.toMatch(/hunter[23]/);
    const [stored] = await allEvents(log);
    expect(stored).toMatchObject({ serviceName: expect.stringMatching(/^\[redacted github-token [0-9a-f]{8}\]$/), changes: { password: { before: expect.stringContaining('[redacted sensitive-key ') } } });
    expect(stored!.metadata['redactions']).toContainEqual({ rule: 'github-token', pointer: '/ext/jira/original', count: 1 });
    expect(stored!.metadata['redactions']).toContainEqual({ rule: 'sensitive-key', pointer: '/changes/password/after', count: 1 });
  });

  test('are masked before a large text moves to a blob, which nobody scans later', async () => {
    const log = await openJobLog();
    await log.append({ events: [event('job.noted', { data: { output: `${'x '.repeat(500_000)}${secret}` } })], spill: true });
    const [stored] = await allEvents(log);
    const blob = await log.blobs.get((stored!.data['output'] as { $blob: { sha256: string } }).$blob.sha256);
    const text = new TextDecoder().decode(blob!.content);
    expect(text).toMatch(/\[redacted github-token [0-9a-f]{8}\]$/);
    expect(text).not.toContain(secret);
    expect(stored!.metadata['redactions']).toEqual([{ rule: 'github-token', pointer: '/data/output', count: 1 }]);
  });

  test('redactions that an event brings along stay beside new ones', async () => {
    const log = await openJobLog();
    const old = { rule: 'npm-token', pointer: '/data/old', count: 1 };
    await log.append({ events: [event('job.noted', { data: { header: `token ${secret}` }, metadata: { redactions: [old] } })] });
    expect((await allEvents(log))[0]!.metadata['redactions']).toEqual([old, { rule: 'github-token', pointer: '/data/header', count: 1 }]);
  });
});

describe('the same commit again', () => {
  const noted = (more: Partial<EventInput>): EventInput => event('job.noted', { id: id(7), ...more });
  const same: readonly (readonly [what: string, first: Partial<EventInput>, again: Partial<EventInput>])[] = [
    ['a time that is spelt otherwise', { occurredAt: '2026-01-01T01:00:00+01:00' }, { occurredAt: '2026-01-01T00:00:00Z' }],
    ['an id in capitals', { id: '019352A0-0000-7000-8000-00000000000A' }, { id: '019352a0-0000-7000-8000-00000000000a' }],
    ['a secret that was masked', { serviceName: secret, changes: { a: { before: secret, after: null } } }, { serviceName: secret, changes: { a: { before: secret, after: null } } }],
    ['a chain and references', { correlationChain: ['a', 'b'], refs: [{ type: 'task', id: 't' }] }, { correlationChain: ['a', 'b'], refs: [{ type: 'task', id: 't' }] }],
  ];
  test.each(same)('bad-input A32: with %s is a duplicate', async (_what, first, again) => {
    const log = await openJobLog();
    await log.append({ events: [noted(first)] });
    expect(await log.append({ events: [noted(again)] })).toMatchObject({ duplicate: true, first: 1 });
  });

  test('bad-input A32: with a lone surrogate that was replaced is a duplicate', async () => {
    const log = await openJobLog();
    const request = { events: [noted({ data: { text: '\ud800' }, serviceName: '\udfff' })], sanitize: true };
    await log.append(request);
    expect(await log.append(request)).toMatchObject({ duplicate: true });
  });

  const other: readonly (readonly [what: string, more: Partial<EventInput>])[] = [
    ['another actor', { actor: { type: 'user', id: 'eve' } }],
    ['other references', { refs: [{ type: 'task', id: 'u' }] }],
    ['another chain', { correlationChain: ['x', 'y'] }],
    ['another schema version', { schemaVersion: '9.0.0' }],
    ['other changes', { changes: { a: { before: 1, after: 3 } } }],
  ];
  test.each(other)('bad-input A33: with %s is refused', async (_what, more) => {
    const log = await openJobLog();
    await log.append({ events: [noted({ refs: [{ type: 'task', id: 't' }], correlationChain: ['a', 'b'], changes: { a: { before: 1, after: 2 } } })], validation: 'flag' });
    expect(await refusal(log, { events: [noted({ refs: [{ type: 'task', id: 't' }], correlationChain: ['a', 'b'], changes: { a: { before: 1, after: 2 } }, ...more })], validation: 'flag' })).toMatchObject({ code: 'DUPLICATE_ID' });
  });
});

describe('values that are no JSON', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const deep = ((): unknown => {
    let value: unknown = 1;
    for (let depth = 0; depth < 50_000; depth++) value = { value };
    return value;
  })();
  const cases: readonly (readonly [what: string, data: unknown, code: string, reason: string])[] = [
    ['a cycle', cycle, 'BAD_JSON', 'cycle'],
    ['50,000 levels', deep, 'BAD_JSON', 'depth'],
    ['a getter that throws', { get value(): never { throw new Error('no'); } }, 'BAD_JSON', 'not_plain'],
    ['null', null, 'BAD_REQUEST', 'shape'],
    ['a list', [], 'BAD_REQUEST', 'shape'],
  ];
  for (const spill of [false, true])
    test.each(cases)(`bad-inputs A21 and A26: %s is refused before anything is written, ${spill ? 'with' : 'without'} spilling`, async (_what, data, code, reason) => {
      const log = await openJobLog();
      expect(await refusal(log, { events: [event('job.noted', { data: data as never })], spill })).toMatchObject({ code, details: { reason } });
      expect((await log.head()).position).toBe(0);
    });
});

test('bad-input A27: a replaced surrogate is marked wherever it stood', async () => {
  const log = await openJobLog();
  await log.append({ events: [event('job.noted', { serviceName: 'a\ud800' })], sanitize: true });
  expect((await allEvents(log))[0]).toMatchObject({ serviceName: 'a\ufffd', metadata: { sanitized: true } });
});
