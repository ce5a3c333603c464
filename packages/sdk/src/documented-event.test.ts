import { describe, expect, test } from 'vitest';
import { readEvent, revisionsBefore } from './documented-event.ts';

const ana = { type: 'user', id: 'ana' } as const;

describe('Reading an event in the words of the documents', () => {
  test('our own input stays as it is', () => {
    const input = { type: 'phase.started', data: { phase: 'CODE' }, metadata: { note: 'extra' }, actor: ana };
    expect(readEvent(input)).toEqual({ input, version: null });
  });

  test('K-007 metadata is the payload in document 000 and extras in document 002', () => {
    expect(readEvent({ eventType: 'PhaseStarted', metadata: { phase: 'CODE' }, actor: ana }).input).toEqual({ type: 'PhaseStarted', data: { phase: 'CODE' }, actor: ana });
    expect(readEvent({ eventType: 'created', aggregateType: 'agent', aggregateId: 'a', eventData: { name: 'A' }, metadata: { region: 'eu' } }).input).toEqual({
      type: 'agent.created', streamType: 'agent', streamId: 'a', data: { name: 'A' }, metadata: { region: 'eu' },
    });
    expect(readEvent({ eventType: 'updated', aggregateType: 'agent', aggregateId: 'a', metadata: { region: 'eu' } }).input).toMatchObject({ data: {}, metadata: { region: 'eu' } });
    expect(readEvent({ eventType: 'PhaseStarted', data: { phase: 'CODE' }, metadata: { note: 'extra' } }).input).toMatchObject({ data: { phase: 'CODE' }, metadata: { note: 'extra' } });
  });

  test('keys may be written in snake_case; those of the payload are never touched', () => {
    expect(
      readEvent({ event_id: 'e', event_type: 'AgentSpawned', event_version: '1.0.0', metadata: { agent_name: 'coder' }, issue_key: 'PROJ-1', session_id: 's', git_sha: 'f00', branch: 'main', codebase_state: { is_dirty: true } }).input,
    ).toEqual({ id: 'e', type: 'AgentSpawned', schemaVersion: '1.0.0', data: { agent_name: 'coder' }, issueKey: 'PROJ-1', sessionId: 's', git: { sha: 'f00', branch: 'main', codebaseState: { is_dirty: true } } });
  });

  test.each([
    ['a verb', 'created', 'agent.created'],
    ['a dotted name', 'agent.created', 'agent.created'],
    ['a name of document 000', 'AgentSpawned', 'AgentSpawned'],
  ])('%s beside an aggregate type', (_what, eventType, type) => {
    expect(readEvent({ eventType, aggregateType: 'agent', aggregateId: 'a' }).input.type).toBe(type);
  });

  test('K-072 the user acted; without one the service; an actor that is named wins', () => {
    const actorOf = (more: object): unknown => readEvent({ eventType: 'PhaseStarted', ...more }).input.actor;
    expect(actorOf({ userId: 'ben', serviceName: 'runner' })).toEqual({ type: 'user', id: 'ben' });
    expect(actorOf({ userId: null, serviceName: 'runner' })).toEqual({ type: 'service', id: 'runner' });
    expect(actorOf({ userId: 'ben', actor: ana })).toEqual(ana);
    expect(actorOf({})).toBeUndefined();
  });

  test.each([0, -1, 1.5, Number.NaN, '2'])('%s is no version', (version) => {
    expect(() => readEvent({ eventType: 'updated', aggregateType: 'agent', aggregateId: 'a', version: version as number })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', details: { reason: 'version', pointer: '/version' } }));
  });
});

describe('Versions of a commit', () => {
  const updated = (aggregateId: string, version?: number) => readEvent({ eventType: 'updated', aggregateType: 'agent', aggregateId, ...(version === undefined ? {} : { version }) });

  test('K-015 each stream must stand one before its first event', () => {
    expect(revisionsBefore([updated('a', 5), updated('b', 1), updated('a', 6), updated('c')])).toEqual({ 'agent/a': 4, 'agent/b': 0 });
    expect(revisionsBefore([updated('a'), updated('a', 6)])).toEqual({ 'agent/a': 4 });
  });

  test('versions that do not count up by one, or belong to no stream, are refused', () => {
    expect(() => revisionsBefore([updated('a', 5), updated('a', 5)])).toThrow(expect.objectContaining({ code: 'BAD_REQUEST', details: expect.objectContaining({ reason: 'version', index: 1 }) }));
    expect(() => revisionsBefore([{ input: { type: 'agent.updated', data: {} }, version: 2 }])).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });
});
