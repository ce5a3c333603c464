/** The payload types of the catalogue (document 004's types/events.ts): made from its schemas, and true of what is appended and read. */
import { readFileSync } from 'node:fs';
import { createCatalogRegistry, isEventOf } from '@refold/catalog';
import type { CatalogEvent, CatalogEventInput, CatalogEventType, EventPayloads } from '@refold/catalog';
import type { EventEnvelope, EventInput, Json, JsonObject } from '@refold/core';
import { openStore } from '@refold/sdk';
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest';
import { eventTypesFile, eventTypesText } from '../scripts/event-types.mjs';

describe('The types of events', () => {
  test('D-010, B-007: are what `npm run contract` writes, one for every event type of the catalogue', () => {
    const text = eventTypesText();
    expect(readFileSync(eventTypesFile, 'utf8') === text, 'stale: npm run contract').toBe(true);
    expect([...text.matchAll(/^ {2}readonly '([\w.]+)': /gm)].map(([, name]) => name)).toEqual(createCatalogRegistry().eventTypes().map(({ name }) => name));
  });

  test('D-010: the type of an event says what its payload holds', () => {
    expectTypeOf<EventPayloads['job.step_failed']['error']['message']>().toEqualTypeOf<string>();
    expectTypeOf<EventPayloads['job.created']['name']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<EventPayloads['job.created']['input']>().toEqualTypeOf<Json | undefined>();
    expectTypeOf<EventPayloads['task.priority_changed']['after']>().toEqualTypeOf<'P0' | 'P1' | 'P2' | 'P3'>();
    expectTypeOf<CatalogEvent['type']>().toEqualTypeOf<CatalogEventType>();
    expectTypeOf(reasonOf).returns.toEqualTypeOf<string | undefined>();
    // Whatever takes events takes these.
    expectTypeOf<CatalogEvent>().toExtend<EventEnvelope>();
    expectTypeOf<CatalogEventInput>().toExtend<EventInput>();
    expectTypeOf<EventPayloads[CatalogEventType]>().toExtend<JsonObject>();
  });

  test('D-010: what the compiler takes the log takes, and what one refuses the other refuses', async () => {
    const { log, close } = await openStore('memory:');
    onTestFinished(close);
    const of = { streamType: 'job', streamId: 'j1', actor: { type: 'user', id: 'ada' } } as const;
    const events: readonly CatalogEventInput[] = [
      { ...of, type: 'job.created', data: { name: 'deploy', steps: [{ name: 'build' }] } },
      { ...of, type: 'job.started', data: { worker_id: 'w1', host: 'a key of our own' } },
      { ...of, type: 'job.failed', data: { error: { message: 'disk full', code: 'ENOSPC' } } },
    ];
    await log.append({ events });
    // @ts-expect-error A step that failed says with what error.
    const incomplete: CatalogEventInput = { ...of, type: 'job.step_failed', data: { step: 'build' } };
    await expect(log.append({ events: [incomplete] })).rejects.toMatchObject({ code: 'MISSING_FIELD' });

    const read: EventEnvelope[] = [];
    for await (const page of log.events({ stream: 'job/j1' })) read.push(...page.events);
    expect(read.map((event) => (isEventOf(event, 'job.failed') ? reasonOf(event) : event.type))).toEqual(['job.created', 'job.started', 'disk full']);
    // Of the type by its name alone, as an imported fact may be.
    expect(isEventOf({ ...read[2]!, data: { error: 'disk full' } }, 'job.failed')).toBe(false);
  });
});

/** A union, told apart by `type`. */
function reasonOf(event: CatalogEvent): string | undefined {
  if (event.type === 'job.failed') return event.data.error.message;
  return event.type === 'job.cancelled' ? event.data.reason : undefined;
}
