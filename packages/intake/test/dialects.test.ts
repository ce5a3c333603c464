/** Rows of the documents' own forms, CloudEvents, and the directory layout, into a real log (INTAKE.md sections 10 and 11). */
import { createDialects } from '@refold/catalog';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inSequence } from '../src/dialects/sequence-order.ts';
import type { Sequenced } from '../src/dialects/sequence-order.ts';
import { createDialectTranslator } from '../src/dialects/translate.ts';
import { examples, fileAt, fileOf, linesFile, translateAll } from './import-file.ts';
import { eventsOf, importFiles, openTestLog, registry, stateOf } from './open-log.ts';

const dialects = createDialects(registry);
const translate = createDialectTranslator(dialects);
const exampleFile = fileAt(`${examples}jira-orchestration/`, 'events/2025-12-22/PROJ-123/events.jsonl');

const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const jira = (sequence: number, extra: object = {}): Record<string, unknown> => ({
  event_id: uuid(sequence),
  event_type: 'GapIdentified',
  event_version: '1.0.0',
  timestamp: `2025-12-22T10:${String(sequence % 60).padStart(2, '0')}:00.000Z`,
  event_sequence: sequence,
  issue_key: 'PROJ-1',
  session_id: 'run-a',
  correlation_id: 'c1',
  causation_id: null,
  actor: { type: 'system', id: 'orchestrator' },
  metadata: { gap_id: `g${sequence}`, description: 'x' },
  ...extra,
});

describe('the failing orchestration of examples/jira-orchestration', () => {
  const imported = (async () => {
    const log = await openTestLog();
    return { log, result: await importFiles(log, translate, [exampleFile]) };
  })();

  test('73 lines are 73 events of one stream; again, none is new', async () => {
    const { log, result } = await imported;
    expect(result).toMatchObject({ new: 73, eventsWritten: 73, refused: [] });
    const events = await eventsOf(log, 'orchestration/PROJ-123');
    expect(events.map(({ metadata }) => (metadata.source as { nativeSeq: number }).nativeSeq)).toEqual(Array.from({ length: 73 }, (_, index) => index + 1));
    expect((await importFiles(log, translate, [exampleFile])).new).toBe(0);
  });

  test('no event of it is illegal, and every cause it names is there', async () => {
    const { log } = await imported;
    const events = await eventsOf(log);
    expect((await stateOf(log, 'orchestration/PROJ-123')).anomalies).toEqual([]);
    const ids = new Set(events.map(({ id }) => id));
    expect(events.filter((event) => event.causationId !== undefined && !ids.has(event.causationId))).toEqual([]);
    expect(events.filter((event) => event.metadata.violations !== undefined)).toEqual([]);
  });

  test('it fails in CODE just after 14:00, and at 14:00 it was still running', async () => {
    const { log } = await imported;
    const at = async (instant: string) => (await stateOf(log, 'orchestration/PROJ-123', instant)) as unknown as { status: string; currentPhase: string | null };
    expect(await at('2025-12-22T13:58:00Z')).toMatchObject({ status: 'running', currentPhase: 'CODE' });
    expect(await at('2025-12-22T14:01:00Z')).toMatchObject({ status: 'failed' });
  });

  test('priorities come from the catalogue, not from the form', async () => {
    const { log } = await imported;
    expect((await eventsOf(log)).at(-1)).toMatchObject({ type: 'orchestration.failed', priority: 'P0', severity: 'ERROR' });
  });

  test('what the story of its ORIGIN.md says is what the lines say', () => {
    const story = readFileSync(`${examples}jira-orchestration/ORIGIN.md`, 'utf8');
    const lines = readFileSync(`${examples}jira-orchestration/events/2025-12-22/PROJ-123/events.jsonl`, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { event_type: string; metadata: Record<string, unknown> });
    const at = (sequence: number) => lines[sequence - 1]!;
    expect([at(6), at(8), at(10), at(15), at(49), at(52), at(73)].map(({ event_type: type }) => type)).toEqual(['ErrorOccurred', 'RecoverySucceeded', 'AgentCompleted', 'CheckpointCreated', 'CheckpointCreated', 'TestRunFailed', 'OrchestrationFailed']);
    expect(at(10).metadata.result).toMatchObject({ contract: 'UserV1' });
    expect(story).toContain(`${lines.length} events`);
  });
});

describe('the directory layout', () => {
  test('days of one issue are joined in the order of their sequence, gaps are reported, derived files are passed over', async () => {
    const day = (date: string, sequences: readonly number[]) => linesFile(`sessions/events/${date}/PROJ-1/events.jsonl`, sequences.map((sequence) => jira(sequence)));
    const files = [
      day('2025-12-23', [5, 6, 9]),
      fileOf('sessions/events/2025-12-22/PROJ-1/snapshot-50.json', '{}'),
      fileOf('sessions/events/2025-12-22/PROJ-1/metadata.json', '{}'),
      fileOf('sessions/events/2025-12-22/index.json', '{}'),
      linesFile('sessions/events/global/events.jsonl', [1, 2, 4, 5].map((sequence) => jira(sequence))),
      day('2025-12-22', [2, 1, 4]),
    ];
    const { events, report } = await translateAll(translate, files);
    expect(events.map(({ data }) => data.gap_id)).toEqual(['g1', 'g2', 'g4', 'g5', 'g6', 'g9']);
    expect(report.sequenceGaps).toEqual([
      { stream: 'PROJ-1', after: 2, before: 4 },
      { stream: 'PROJ-1', after: 6, before: 9 },
    ]);
    expect(report.filesIgnored).toHaveLength(3);
    expect(report.repeats).toBe(4);
  });

  test('a session that counts from 1 again is not mixed into the one before', async () => {
    const rows = [jira(1), jira(2), jira(1, { event_id: uuid(901), session_id: 'run-b' }), jira(2, { event_id: uuid(902), session_id: 'run-b' })];
    const { commits, report } = await translateAll(translate, [linesFile('f.jsonl', rows)]);
    expect(commits.map(({ events }) => events[0]!.id)).toEqual([uuid(1), uuid(2), uuid(901), uuid(902)]);
    expect(report.sequenceGaps).toEqual([]);
  });

  test('rows that are out of order by less than a block are put in order, whatever else stands between them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 }), fc.array(fc.nat({ max: 9 }), { minLength: 60, maxLength: 60 }), async (streams, jitter) => {
        const counts = new Map<string, number>();
        const rows: (Sequenced & { key: number })[] = streams.map((stream, index) => {
          const sequence = (counts.get(stream) ?? 0) + 1;
          counts.set(stream, sequence);
          return { stream, sessionId: null, sequence, key: index + jitter[index]! };
        });
        const shuffled = rows.toSorted((a, b) => a.key - b.key);
        const sorted: Sequenced[] = [];
        for await (const row of inSequence((async function* () { yield* shuffled; })(), 40)) sorted.push(row);
        expect(sorted).toHaveLength(rows.length);
        for (const stream of counts.keys()) expect(sorted.filter((row) => row.stream === stream).map(({ sequence }) => sequence)).toEqual(Array.from({ length: counts.get(stream)! }, (_, index) => index + 1));
      }),
    );
  });
});

describe('rows', () => {
  test('of several forms may stand in one file', async () => {
    const rows = [
      jira(1),
      { event_id: uuid(11), aggregate_id: 'a1', aggregate_type: 'agent', event_type: 'created', event_data: { name: 'planner' }, timestamp: '2026-01-01T00:00:00Z', version: 1, correlation_id: 'c', metadata: {} },
      { id: uuid(12), event_type: 'orchestration.task.created', entity_type: 'task', entity_id: 'T-1', correlation_id: 'c', session_key: null, payload: { task_code: 'T-1' }, metadata: { actor: 'mara', timestamp: '2026-01-01T00:00:01Z', changes: {}, correlation_chain: ['c'] }, emitted_at: '2026-01-01T00:00:02Z', archived_at: null },
      { id: uuid(13), jobId: 'j1', eventType: 'JobCreated', eventData: { name: 'build' }, timestamp: '2026-01-01T00:00:03Z', sequence: 1, metadata: { version: '1.0.0', userId: 'mara' } },
      { specversion: '1.0', id: 'evt 5', source: 'https://ci.example.com/', type: 'com.example.Build Done', time: '2026-01-01T00:00:04Z', data: { ok: true } },
      { nobody: 'knows this form' },
    ];
    const { commits, report } = await translateAll(translate, [linesFile('mixed.jsonl', rows)]);
    expect(commits.map(({ stream, events }) => [stream, events[0]!.type])).toEqual([
      ['orchestration/PROJ-1', 'gap.identified'],
      ['agent/a1', 'agent.created'],
      ['task/T-1', 'task.created'],
      ['job/j1', 'job.created'],
      [expect.stringMatching(/^custom\//), expect.stringMatching(/^custom\./)],
      ['log/mixed', 'record.kept'],
    ]);
    expect(commits.map(({ key }) => key.split('|')[0])).toEqual(['jira', 'agent-lightning', 'orchestration', 'job', 'ce', 'rows']);
    expect(report.keptByType).toEqual({ 'row: unknown_type': 1 });
    const log = await openTestLog();
    expect(await importFiles(log, translate, [linesFile('mixed.jsonl', rows)])).toMatchObject({ new: 6, refused: [] });
  });

  test('with ids that are no UUIDs get ids made from their key, and so do their causes', async () => {
    const { events } = await translateAll(translate, [linesFile('f.jsonl', [jira(1, { event_id: 'evt-1' }), jira(2, { event_id: 'evt-2', causation_id: 'evt-1' })])]);
    expect(events[0]!.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8/);
    expect(events[1]!.causationId).toBe(events[0]!.id);
    expect(events[0]!.metadata!.source).toMatchObject({ nativeId: 'evt-1' });
  });

  test('with the same id and other content are both kept; the same row again is one', async () => {
    const { commits, report } = await translateAll(translate, [linesFile('f.jsonl', [jira(1), jira(1, { metadata: { gap_id: 'other', description: 'y' } }), jira(1)])]);
    expect(commits.map(({ key }) => key)).toEqual([`jira|PROJ-1|${uuid(1)}`, `jira|PROJ-1|${uuid(1)}~2`]);
    expect(new Set(commits.map(({ events }) => events[0]!.id)).size).toBe(2);
    expect(report.repeats).toBe(1);
  });

  test.each([
    ['no zone', '2025-12-22T10:00:00', '2025-12-22T10:00:00.000Z', { zoneAssumed: true }],
    ['microseconds and an offset', '2025-12-22T11:00:00.123456+01:00', '2025-12-22T10:00:00.123Z', { occurredNanos: 456_000 }],
    ['the year 1970', '1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z', { oddClock: true }],
    ['the year 2100', '2100-01-01T00:00:00Z', '2100-01-01T00:00:00.000Z', { oddClock: true }],
  ])('with %s keep their time (bad-input K8)', async (_, timestamp, at, flags) => {
    const { events } = await translateAll(translate, [linesFile('f.jsonl', [jira(1, { timestamp })])]);
    expect(events[0]!.occurredAt).toBe(at);
    expect(events[0]!.metadata).toMatchObject({ ...flags, source: { time: timestamp } });
  });

  test('without a time take the one of the row before; the first of all takes the time of import', async () => {
    const { events, report } = await translateAll(translate, [linesFile('f.jsonl', [jira(1, { timestamp: 'soon' }), jira(2), jira(3, { timestamp: undefined })])]);
    expect(events.map(({ metadata }) => [metadata!.timeUnknown, metadata!.timeInferred])).toEqual([[true, undefined], [undefined, undefined], [undefined, 'previous']]);
    expect(report.recordsWithoutTime).toBe(2);
  });

  test('more than a second behind their stream are flagged late, and stay where they are', async () => {
    const { events, report } = await translateAll(translate, [linesFile('f.jsonl', [jira(1, { timestamp: '2026-01-01T00:00:05Z' }), jira(2, { timestamp: '2026-01-01T00:00:03Z' }), jira(3, { timestamp: '2026-01-01T00:00:04.5Z' })])]);
    expect(events.map(({ metadata }) => metadata!.late)).toEqual([undefined, true, undefined]);
    expect([report.lateRecords, report.stepsBackInTime]).toEqual([1, 1]);
  });

  test('that their form cannot read are kept with the reason, not lost', async () => {
    const broken = jira(1, { metadata: 'not an object' });
    const { events } = await translateAll(translate, [linesFile('f.jsonl', [broken])]);
    expect(events[0]).toMatchObject({ type: 'record.kept', data: { source_type: 'jira', reason: 'unknown_type', raw: broken }, metadata: { problem: { pointer: expect.stringContaining('metadata') } } });
  });

  test('with a residue of ours are believed only when an admin imports (X-003)', async () => {
    const row = jira(1, { _refold: { type: 'orchestration.failed', streamType: 'orchestration', streamId: 'PROJ-9', priority: 'P0', occurredAt: '2020-01-01T00:00:00.000Z', correlationId: 'c1', correlationChain: ['c1'] } });
    const [stranger, admin] = [await translateAll(translate, [linesFile('f.jsonl', [row])]), await translateAll(translate, [linesFile('f.jsonl', [row])], { trustResidue: true })];
    expect([stranger.commits[0]!.stream, stranger.events[0]!.type]).toEqual(['orchestration/PROJ-1', 'gap.identified']);
    expect(stranger.events[0]!.metadata!.source).toMatchObject({ rest: { _refold: row._refold } });
    expect([admin.commits[0]!.stream, admin.events[0]!.type]).toEqual(['orchestration/PROJ-9', 'orchestration.failed']);
  });

  test('our own export comes back as it went out, through every form', async () => {
    const log = await openTestLog();
    await importFiles(log, translate, [exampleFile]);
    const events = await eventsOf(log);
    for (const name of ['jira', 'agentLightning', 'orchestration', 'cloudevents'] as const) {
      const exported = linesFile(`${name}.jsonl`, events.map((event) => dialects[name].toForeign(event)));
      const back = await translateAll(translate, [exported], { trustResidue: true });
      expect(back.events.map(({ id, type, data, streamId, occurredAt }) => ({ id, type, data, streamId, occurredAt }))).toEqual(events.map(({ id, type, data, streamId, occurredAt }) => ({ id, type, data, streamId, occurredAt })));
    }
  });
});
