/** The timeline of the shipped orchestration: what its agents' ends close, although they name no run. */
import { createDialects } from '@refold/catalog';
import { timelineOf } from '@refold/core';
import { expect, test } from 'vitest';
import { createDialectTranslator } from '../src/dialects/translate.ts';
import { examples, fileAt } from './import-file.ts';
import { eventsOf, importFiles, openTestLog, registry } from './open-log.ts';

test('every agent of examples/jira-orchestration has one span, closed by the end that says only its name', async () => {
  const log = await openTestLog();
  const file = fileAt(`${examples}jira-orchestration/`, 'events/2025-12-22/PROJ-123/events.jsonl');
  await importFiles(log, createDialectTranslator(createDialects(registry)), [file]);
  const events = await eventsOf(log, 'orchestration/PROJ-123');
  async function* pages() {
    yield events;
  }
  const { rows } = await timelineOf(pages(), registry, { lanes: ['agent_run'] });
  const spans = rows.filter(({ kind }) => kind === 'span');
  const spawned = events.filter(({ type }) => type === 'agent_run.spawned');
  expect(spans.map(({ eventId }) => eventId)).toEqual(spawned.map(({ id }) => id));
  expect(spans.filter(({ until }) => until === null)).toEqual([]);

  const nameOf = new Map(events.map(({ id, data }) => [id, data['agent_name']]));
  for (const { eventId, endEventId } of spans) expect(nameOf.get(endEventId!)).toBe(nameOf.get(eventId));
  expect(spans.map(({ status }) => status).filter((status) => status === 'failed')).toHaveLength(2);
});
