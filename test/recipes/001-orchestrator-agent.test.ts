/** Document 001: the base schema, the quality gates, the immutable log, lookups. */
import { createRequire } from 'node:module';
import { EventStore } from '@refold/sdk';
import type { DocumentedEvent, EventPage } from '@refold/sdk';
import { defineAggregate } from '@refold/core';
import type { EventInput } from '@refold/core';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { engines, everything, fact, idsOf, logAll, openRecipeStore, orchestrator, proj123, refusalOf, typesOf } from './recipe-store.ts';

const started: EventInput = { type: 'orchestration.started', data: {}, actor: orchestrator, issueKey: 'PROJ-123', sessionId: 'session-1' };

describe.each(engines)('The base schema on %s', (engine) => {
  test('A-171 A-169 K-084 an event in the form of the document comes back in that form', async () => {
    const { store } = openRecipeStore(engine);
    const written: DocumentedEvent = {
      event_id: '018f0000-0000-7000-8000-000000000001', event_type: 'PhaseStarted', event_version: '1.0.0', timestamp: '2025-12-22T10:00:00.000Z', issue_key: 'PROJ-123', session_id: 'session-1',
      correlation_id: 'release-7', causation_id: null, actor: { type: 'agent', id: 'planner', model: 'sonnet' }, metadata: { phase: 'CODE' }, git_sha: 'a1b2c3d', branch: 'main', codebase_state: { dirty: true },
    };
    await store.logEvent(written);
    const { jira } = await store.dialects();
    expect(jira.toForeign((await everything(store))[0]!, { residue: false })).toEqual({ ...written, event_sequence: 1 });
  });

  test('A-190 A-191 an id and a time are added when they are left out', async () => {
    const { store } = openRecipeStore(engine);
    const id = await store.logEvent(started);
    const [event] = await everything(store);
    expect(event!.id).toBe(id);
    expect(event!.occurredAt).toBe('2025-12-22T18:00:00.000Z');
  });

  test('A-166 K-012 fifty writers at once leave every session strictly increasing', async () => {
    const { store } = openRecipeStore(engine);
    await store.logEvent(started);
    await Promise.all(Array.from({ length: 50 }, (_, writer) => store.logEvent(fact('12:00', 'CommentPosted', { comment_id: `c-${writer}`, body: 'x' }, { sessionId: `session-${writer % 3}` }))));
    for (const sessionId of ['session-0', 'session-1', 'session-2']) {
      const revisions = (await store.queryEvents({ sessionId })).items.map(({ revision }) => revision);
      expect(revisions.length).toBeGreaterThanOrEqual(16);
      expect(new Set(revisions).size).toBe(revisions.length);
      expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
    }
  });

  test('A-197 X-006 concurrent events: none is lost, revisions are dense, and the state is that of the order they got', async () => {
    const { store } = openRecipeStore(engine);
    await store.logEvent(started);
    await Promise.all(Array.from({ length: 40 }, (_, writer) => store.logEvent(fact('12:00', 'WorklogAdded', { time_spent_seconds: writer }))));
    const { events, state, revision } = await store.getEventStream('PROJ-123');
    expect(events.map((event) => event.revision)).toEqual(Array.from({ length: 41 }, (_, index) => index + 1));
    expect([revision, state]).toEqual([41, await store.foldEvents(events)]);
    expect(state).toMatchObject({ jira: { worklogSeconds: 780 } });
  });

  test('A-194 two versions of a payload live side by side, and the old one is read as the new', async () => {
    const parcel = defineAggregate<{ grams: number }>({
      type: 'parcel',
      version: '1',
      initial: () => ({ grams: 0 }),
      events: {
        'parcel.weighed': {
          schema: z.looseObject({ grams: z.number() }),
          schemaVersion: '2.0.0',
          upcasts: [{ from: '1.0.0', to: '2.0.0', step: ({ kilograms, ...rest }) => ({ ...rest, grams: Number(kilograms) * 1_000 }) }],
          evolve: (draft, { data }) => void (draft.grams = Number(data['grams'])),
        },
      },
    });
    const { store } = openRecipeStore(engine, { aggregates: [parcel] });
    const weighed = { type: 'parcel.weighed', actor: orchestrator };
    await store.append('parcel/1', [{ ...weighed, schemaVersion: '1.0.0', data: { kilograms: 2 } }]);
    await store.append('parcel/2', [{ ...weighed, data: { grams: 3_000 } }]);
    expect((await everything(store)).map(({ schemaVersion }) => schemaVersion)).toEqual(['1.0.0', '2.0.0']);
    expect((await store.reconstructState('parcel/1')).state).toMatchObject({ grams: 2_000 });
    expect((await store.reconstructState('parcel/2')).state).toMatchObject({ grams: 3_000 });
  });
});

describe.each(engines)('Quality gates on %s', (engine) => {
  const without = (field: string): object => Object.fromEntries(Object.entries({ ...started, type: 'phase.started', data: { phase: 'CODE' } }).filter(([name]) => name !== field));
  const refused: readonly [rows: string, what: string, event: object, answer: object][] = [
    ['A-163 A-248', 'an unknown type', { ...started, type: 'OrchestrationStared' }, { code: 'UNKNOWN_TYPE', details: { nearest: expect.arrayContaining(['OrchestrationStarted']) } }],
    ['A-188 A-249 A-172', 'a payload that breaks its schema', { ...started, data: { summary: 7 } }, { code: 'SCHEMA_VIOLATION', details: { pointer: '/data/summary' } }],
    ['A-164', 'a version that is no version', { ...started, schemaVersion: 'one' }, { code: 'SCHEMA_VIOLATION', details: { pointer: '/schemaVersion' } }],
    ['A-250 A-254', 'a payload without its phase', { ...started, type: 'phase.started' }, { code: 'MISSING_FIELD', details: { pointer: '/data/phase' } }],
    ['A-250', 'no type', without('type'), { code: 'MISSING_FIELD', details: { pointer: '/type' } }],
    ['A-250 A-254', 'no payload', without('data'), { code: 'MISSING_FIELD', details: { pointer: '/data/phase' } }],
    ['A-249', 'a list as payload', { ...started, data: [] }, { code: 'BAD_REQUEST', details: { pointer: '/data', reason: 'shape' } }],
    ['A-250', 'no stream and no issue key', without('issueKey'), { code: 'BAD_STREAM_ADDRESS' }],
    ['A-250 A-168', 'no session', without('sessionId'), { code: 'MISSING_FIELD', details: { pointer: '/sessionId' } }],
    ['A-250 A-253', 'no actor', without('actor'), { code: 'ACTOR_MISSING' }],
    ['A-165 A-251', 'a time that is none', { ...started, occurredAt: '22.12.2025' }, { code: 'BAD_TIMESTAMP', details: { pointer: '/occurredAt' } }],
    ['A-167 A-252', 'a bad issue key', { ...started, streamType: 'orchestration', streamId: 'x', issueKey: 'proj-123' }, { code: 'BAD_ISSUE_KEY' }],
    ['A-168 A-252', 'an empty session id', { ...started, sessionId: '' }, { code: 'BAD_SESSION_ID' }],
    ['A-253', 'an actor without an id', { ...started, actor: { type: 'user', id: '' } }, { code: 'ACTOR_MISSING' }],
  ];

  test.each(refused)('%s an event with %s is refused and nothing is written', async (_rows, _what, event, answer) => {
    const { store } = openRecipeStore(engine);
    expect(await refusalOf(store.saveEvent(event as EventInput))).toMatchObject(answer);
    expect(await everything(store)).toEqual([]);
  });

  test('B-133 events can be held against the gates before they are saved', async () => {
    const { store } = openRecipeStore(engine);
    expect(await store.validateEvents([started, { ...started, data: { summary: 7 } }])).toMatchObject({
      ok: false,
      // Each is held against what those before it would leave.
      results: [{ ok: true }, { ok: false, violations: [{ code: 'SCHEMA_VIOLATION', pointer: '/data/summary' }, { code: 'ILLEGAL_TRANSITION' }] }],
    });
    expect(await everything(store)).toEqual([]);
  });
});

describe('The immutable log', () => {
  test('A-107 A-137 B-002 B-121 D-051 the store offers no way to change or delete an event, and the database refuses one', async () => {
    const verbs = Object.getOwnPropertyNames(EventStore.prototype);
    expect(verbs).toContain('append');
    expect(verbs.filter((verb) => /^(?:update|delete|remove|edit|replace|truncate|put)/.test(verb))).toEqual([]);

    const { store, file } = openRecipeStore('sqlite');
    await logAll(store, proj123);
    await store.append('job/42', [{ type: 'JobCreated', data: {}, actor: orchestrator }]);
    const before = await everything(store);
    await store.close();
    // The very library the driver uses; it is a dependency of the driver alone.
    const Database = createRequire(new URL('../../drivers/sqlite/package.json', import.meta.url))('better-sqlite3') as new (path: string) => { prepare(sql: string): { run(): unknown; all(): { name: string }[] }; close(): void };
    const database = new Database(file!);
    const tables = database.prepare("select name from sqlite_master where type = 'table' and name like '%event%'").all();
    expect(tables.length).toBeGreaterThan(0);
    for (const { name } of tables) {
      const [column] = database.prepare(`select name from pragma_table_info('${name}') limit 1`).all();
      expect(() => database.prepare(`update ${name} set ${column!.name} = ${column!.name}`).run()).toThrow();
      expect(() => database.prepare(`delete from ${name}`).run()).toThrow();
    }
    database.close();
    expect(await everything(store)).toEqual(before);
    expect(await store.verifyIntegrity()).toMatchObject({ ok: true, checked: before.length });
  });
});

describe.each(engines)('Lookups on %s', (engine) => {
  test('A-210 an event by its id', async () => {
    const { store } = openRecipeStore(engine);
    const [first] = await logAll(store, proj123);
    expect(await store.getEvent(first!.id)).toEqual(first);
    expect(await store.getEvent(first!.id.toUpperCase())).toEqual(first);
    expect(await store.getEvent('018f0000-0000-7000-8000-000000000000')).toBeNull();
  });

  test('A-213 pages by cursor and by offset hold each event once while others are appended', async () => {
    const { store } = openRecipeStore(engine);
    const all = idsOf(await logAll(store, proj123));
    const byCursor: string[] = [];
    let cursor: string | null = null;
    while (byCursor.length < all.length) {
      const page: EventPage = await store.queryEvents({ issueKey: 'PROJ-123' }, { limit: 3, ...(cursor === null ? {} : { cursor }) });
      byCursor.push(...idsOf(page));
      await store.logEvent(fact('16:00', 'CommentPosted', { comment_id: `c-${byCursor.length}`, body: 'meanwhile' }));
      cursor = page.nextCursor;
    }
    expect(byCursor.slice(0, all.length)).toEqual(all);
    expect(new Set(byCursor).size).toBe(byCursor.length);
    const byOffset: string[] = [];
    for (let offset = 0; offset < all.length; offset += 4) {
      byOffset.push(...idsOf(await store.queryEvents({ issueKey: 'PROJ-123' }, { limit: 4, offset })));
      await store.logEvent(fact('16:01', 'CommentPosted', { comment_id: `d-${offset}`, body: 'meanwhile' }));
    }
    expect(byOffset.slice(0, all.length)).toEqual(all);
    expect(new Set(byOffset).size).toBe(byOffset.length);
  });

  test('B-128 a page has a hundred events unless asked otherwise, and never more than a thousand', async () => {
    const { store } = openRecipeStore(engine);
    await store.saveEvents([started, ...Array.from({ length: 120 }, (_, index): EventInput => ({ ...started, type: 'jira.comment_posted', data: { comment_id: `c-${index}`, body: 'x' } }))]);
    expect((await store.queryEvents({ issueKey: 'PROJ-123' })).items).toHaveLength(100);
    expect(await refusalOf(store.queryEvents({}, { limit: 1_001 }))).toMatchObject({ code: 'BAD_REQUEST', details: { reason: 'limit', limit: 1_000 } });
  });

  test('A-240 a word in a payload is found', async () => {
    const { store } = openRecipeStore(engine);
    await logAll(store, proj123);
    expect(typesOf(await store.queryEvents({ text: 'loginform component' }))).toEqual(['agent_run.spawned']);
    await store.logEvent(fact('16:00', 'CommentPosted', { comment_id: 'c-1', body: 'LoginForm component looks good' }));
    expect(typesOf(await store.queryEvents({ text: 'LoginForm component' }))).toEqual(['agent_run.spawned', 'jira.comment_posted']);
    expect(typesOf(await store.queryEvents({ text: 'LoginForm component', type: 'CommentPosted' }))).toEqual(['jira.comment_posted']);
  });

  test('A-200 how a state came about: one entry per event with what it changed', async () => {
    const { store } = openRecipeStore(engine);
    const all = await logAll(store, proj123);
    const { entries } = await store.stateHistory('PROJ-123');
    expect(entries.map(({ eventId }) => eventId)).toEqual(idsOf(all));
    expect(entries[3]!.changes).toMatchObject({ '/currentPhase': { before: null, after: 'CODE' } });
    const ofPhase = await store.stateHistory('PROJ-123', { path: '/currentPhase' });
    expect(ofPhase.entries.map(({ type }) => type)).toEqual(['phase.started', 'phase.completed', 'phase.started', 'phase.completed']);
    expect(await store.provenance('PROJ-123', '/gaps/gap-1/resolution')).toMatchObject([{ value: 'added', setBy: { type: 'gap.resolved', revision: 11 } }]);
    const { patches } = await store.diffState('PROJ-123', 9, 'end');
    expect(patches).toEqual(expect.arrayContaining([expect.objectContaining({ path: '/gaps/gap-1/status', before: 'open', after: 'resolved' })]));
  });
});
